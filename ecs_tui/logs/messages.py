"""Finds the message and the fields in a line: JSON and logfmt."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Literal

from ecs_tui.record import dataclass

MAX_FIELDS = 200
"""Fields of one line."""
MAX_DEPTH = 6
"""Depth to which nested JSON becomes fields `a.b`; deeper structures stay JSON."""
MAX_PARSED = 2**20
"""Characters of a line that is parsed; CloudWatch Logs takes at most 1 MB."""
MESSAGE_FIELDS = (
    "message", "msg", "@message", "event", "short_message", "body", "text", "log", "error",
)  # fmt: skip
"""Names of the field with the message, by preference: zap, logrus, pino, Serilog, structlog, GELF, OpenTelemetry."""
_PAIR = re.compile(r'\s*([A-Za-z_@][\w.@/-]*)=(?:"((?:[^"\\]|\\.)*)"|([^\s"]*))(?=\s|$)')
_STARTS = re.compile(r"\s*[A-Za-z_@][\w.@/-]*=")

Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ParsedMessage:
    """What a line says.

    Attributes:
        form: How it is written.
        message: The message; for plain text, and without a message field, the whole line.
        fields: All fields by name, nested ones as `a.b`, in order; () for plain text.
        field: The name of the field that is the message, "" for none.
    """

    form: Literal["plain", "json", "logfmt"]
    message: str
    fields: Fields = ()
    field: str = ""

    @property
    def others(self) -> Fields:
        """The fields besides the message."""
        return tuple(each for each in self.fields if each[0] != self.field)


def parse_message(text: str) -> ParsedMessage:
    """The parts of a line; a line that is neither JSON nor logfmt is plain."""
    start = text.lstrip()[:1]
    if start == "{" and len(text) <= MAX_PARSED:
        fields = _json(text)
        if fields:
            return _of_fields("json", text, fields)
    elif len(text) <= MAX_PARSED and "=" in text and _STARTS.match(text):
        fields = _logfmt(text)
        if len(fields) > 1:
            return _of_fields("logfmt", text, fields)
    return ParsedMessage("plain", text)


def field_values(text: str, name: str) -> list[str]:
    """The values of the fields of this name, or whose last part has it; case is ignored."""
    wanted = name.casefold()
    return [
        value
        for key, value in parse_message(text).fields
        if key.casefold() == wanted or key.casefold().endswith("." + wanted)
    ]


def _of_fields(form: Literal["json", "logfmt"], text: str, fields: Fields) -> ParsedMessage:
    by_name = {name.casefold(): (name, value) for name, value in reversed(fields)}
    for wanted in MESSAGE_FIELDS:
        if wanted in by_name and by_name[wanted][1].strip():
            name, value = by_name[wanted]
            return ParsedMessage(form, value, fields, name)
    return ParsedMessage(form, text.strip(), fields)


def _json(text: str) -> Fields:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return ()
    if not isinstance(value, dict):
        return ()
    found = []
    for pair in _flat(value, "", 0):
        found.append(pair)
        if len(found) >= MAX_FIELDS:
            break
    return tuple(found)


def _flat(value: dict[str, object], prefix: str, depth: int) -> Iterator[tuple[str, str]]:
    for name, item in value.items():
        if isinstance(item, dict) and item and depth < MAX_DEPTH:
            yield from _flat(item, f"{prefix}{name}.", depth + 1)
        else:
            yield f"{prefix}{name}", _words(item)


def _words(value: object) -> str:
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False)
    except (ValueError, RecursionError):
        return "…"


def _logfmt(text: str) -> Fields:
    found: list[tuple[str, str]] = []
    at = 0
    while found_pair := _PAIR.match(text, at):
        name, quoted, plain = found_pair.groups()
        value = plain if quoted is None else _unquoted(quoted)
        found.append((name, value))
        at = found_pair.end()
        if len(found) >= MAX_FIELDS:
            return tuple(found)
    return tuple(found) if not text[at:].strip() else ()


def _unquoted(text: str) -> str:
    return re.sub(
        r"\\(.)", lambda each: {"n": "\n", "t": "\t"}.get(each[1], each[1]), text, flags=re.DOTALL
    )
