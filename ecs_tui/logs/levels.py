"""Detects the level of a line: in JSON, in logfmt, and in plain text as many loggers write it."""

from __future__ import annotations

import re
from enum import IntEnum

_HEAD = 400
"""Characters at the start of a plain line that are searched. Levels stand before the message."""
_JSON_HEAD = 16_384


class Level(IntEnum):
    """How serious a line is. Filters compare them."""

    NONE = 0
    TRACE = 1
    DEBUG = 2
    INFO = 3
    WARN = 4
    ERROR = 5
    FATAL = 6


NAMES: dict[str, Level] = {
    "trace": Level.TRACE, "finest": Level.TRACE, "finer": Level.TRACE, "verbose": Level.TRACE,
    "debug": Level.DEBUG, "dbg": Level.DEBUG, "fine": Level.DEBUG,
    "info": Level.INFO, "information": Level.INFO, "inf": Level.INFO, "notice": Level.INFO,
    "warn": Level.WARN, "warning": Level.WARN, "wrn": Level.WARN,
    "error": Level.ERROR, "err": Level.ERROR, "severe": Level.ERROR,
    "fatal": Level.FATAL, "critical": Level.FATAL, "crit": Level.FATAL, "panic": Level.FATAL,
    "emerg": Level.FATAL, "emergency": Level.FATAL, "alert": Level.FATAL, "ftl": Level.FATAL,
}  # fmt: skip
"""The words of the usual loggers: syslog (RFC 5424), log4j, java.util.logging, Python, zap, Serilog."""
_GLOG = {"I": Level.INFO, "W": Level.WARN, "E": Level.ERROR, "F": Level.FATAL}
_WORDS = "|".join(sorted(NAMES, key=len, reverse=True))
_IN_JSON = re.compile(
    r'"(?:level|severity|lvl|loglevel|log_level|log\.level|levelname|severityText|severity_text)"'
    r'\s*:\s*(?:"(?P<word>[A-Za-z]{3,12})"|(?P<number>\d{1,2})\b)',
    re.IGNORECASE,
)
_LOGFMT = re.compile(
    r'(?:^|\s)(?:level|lvl|severity|loglevel)=["\[]?([A-Za-z]{3,12})\b', re.IGNORECASE
)
_UPPER = re.compile(rf"(?<![\w/.-])({_WORDS.upper()})(?![\w/.=-]|\s*=)")
_MARKED = re.compile(
    rf"(?:[\[<|(]\s*({_WORDS})\s*[\]>|)])|(?:^\W{{0,4}}({_WORDS})\s*:)", re.IGNORECASE
)
_GLOG_LINE = re.compile(r"([IWEF])\d{4} \d\d:\d\d:\d\d")
_SYSLOG = re.compile(r"<(\d{1,3})>")
_FAILED = re.compile(
    r"Traceback \(most recent call last\)|Exception in thread|Unhandled exception|panic: "
    r"|(?:[a-z][\w$]*\.)+[A-Z]\w*(?:Exception|Error)\b"
)
_ESCAPE = re.compile(r"\x1b\[[0-9;:]*m")


def level_named(name: str) -> Level | None:
    """The level of a word, in any case; None if it is none."""
    return NAMES.get(name.casefold())


def level_of(text: str) -> Level:
    """The level of a message; NONE if it has none."""
    if text[:1] == "{" or text.lstrip()[:1] == "{":
        return _of_json(text[:_JSON_HEAD])
    head = text[:_HEAD]
    if "\x1b" in head:
        head = _ESCAPE.sub("", head)
    if found := _LOGFMT.search(head):
        return NAMES.get(found[1].casefold(), Level.NONE)
    if found := _UPPER.search(head):
        return NAMES[found[1].casefold()]
    if found := _MARKED.search(head):
        return NAMES[(found[1] or found[2]).casefold()]
    if found := _GLOG_LINE.match(head):
        return _GLOG[found[1]]
    if found := _SYSLOG.match(head):
        return _of_priority(int(found[1]) % 8)
    return Level.ERROR if _FAILED.search(head) else Level.NONE


def _of_json(head: str) -> Level:
    found = _IN_JSON.search(head)
    if found is None:
        return Level.NONE
    if word := found["word"]:
        return NAMES.get(word.casefold(), Level.NONE)
    number = int(found["number"])
    if number >= 10:  # bunyan and pino: 10 trace … 60 fatal
        return Level(min(6, max(1, number // 10)))
    return _of_priority(number)


def _of_priority(number: int) -> Level:
    """Syslog's severities: 0 emergency … 7 debug (RFC 5424, section 6.2.1)."""
    if number <= 2:
        return Level.FATAL
    return (Level.ERROR, Level.WARN, Level.INFO, Level.INFO, Level.DEBUG)[min(number, 7) - 3]
