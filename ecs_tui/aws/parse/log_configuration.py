"""Makes the log configuration of a container definition."""

from __future__ import annotations

from ecs_tui.aws.parse.fields import Raw, part, parts, text
from ecs_tui.model.log_configuration import KEPT_OPTIONS, LogConfiguration


def log_configuration(raw: Raw) -> LogConfiguration:
    """`logConfiguration` and `firelensConfiguration` of a container definition."""
    found = part(raw, "logConfiguration")
    options = part(found, "options")
    return LogConfiguration(
        driver=text(found, "logDriver"),
        options={name: text(options, name) for name in options if name in KEPT_OPTIONS},
        hidden=tuple(text(item, "name") for item in parts(found, "secretOptions")),
        router=text(part(raw, "firelensConfiguration"), "type"),
    )
