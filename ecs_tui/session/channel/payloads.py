"""The only parser for JSON from the data channel, sent by the agent or the gateway."""

from __future__ import annotations

import re
from typing import TypeVar

import msgspec

from ecs_tui.model.text import clean

T = TypeVar("T")
_TITLE = re.compile(r"-+ERROR-+")


class PayloadError(ValueError):
    """The JSON is invalid, too deeply nested, or has members of wrong types."""


def read(payload: bytes, kind: type[T]) -> T:
    """`payload` as a `kind` (a `msgspec.Struct`); unknown members are ignored.

    Raises:
        PayloadError: It cannot be read as `kind`.
    """
    try:
        return msgspec.json.decode(payload, type=kind)
    except RecursionError:
        raise PayloadError("it is nested too deeply") from None
    except (msgspec.MsgspecError, ValueError) as error:
        raise PayloadError(str(error)[:200]) from None


def agent_words(text: str) -> str:
    """An agent's message of several lines as one line, without its title.

    If it cannot start a command, it sends `\\n----------ERROR-------\\nUnable to start …\\n`
    (amazon-ssm-agent, `agent/framework/processor/executer/iohandler/iohandler.go`).
    """
    lines = (clean(line).strip() for line in text.splitlines())
    return " ".join(line for line in lines if line and not _TITLE.fullmatch(line))
