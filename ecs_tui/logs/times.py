"""Times of log lines: how they are shown, and how an operator writes them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from enum import Enum

from ecs_tui.model.log_event import as_milliseconds, as_time
from ecs_tui.model.text import age

RANGES = (60, 300, 900, 3600, 6 * 3600, 86_400, 7 * 86_400)
"""Seconds of the ranges that a page steps through."""
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|sec|m|min|h|hours?|d|days?|w)")
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_CLOCK = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,3}))?)?(Z)?", re.IGNORECASE)


class TimeStyle(Enum):
    """How the time of a line is shown."""

    LOCAL = "local"
    UTC = "UTC"
    RELATIVE = "relative"

    @property
    def next(self) -> TimeStyle:
        """The style after this one."""
        styles = list(TimeStyle)
        return styles[(styles.index(self) + 1) % len(styles)]


def shown_time(at: int, style: TimeStyle, now: int, zone: tzinfo | None = None) -> str:
    """The time of a line: `14:03:21.007`, with the date if it is another day; or its age.

    Args:
        at, now: Milliseconds since 1970.
        zone: The local time zone; None for the system's.
    """
    moment = as_time(at)
    if moment is None:
        return "-"
    if style is TimeStyle.RELATIVE:
        return f"{age((now - at) / 1000)} ago" if now >= at else f"in {age((at - now) / 1000)}"
    today = as_time(now) or moment
    if style is TimeStyle.LOCAL:
        moment, today = moment.astimezone(zone), today.astimezone(zone)
    clock = f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03}"
    suffix = "Z" if style is TimeStyle.UTC else ""
    return clock + suffix if moment.date() == today.date() else f"{moment:%Y-%m-%d} {clock}{suffix}"


def shorter(seconds: int) -> int:
    """The next shorter range."""
    return next((each for each in reversed(RANGES) if each < seconds), RANGES[0])


def longer(seconds: int) -> int:
    """The next longer range."""
    return next((each for each in RANGES if each > seconds), RANGES[-1])


def range_words(seconds: int) -> str:
    """A range in one unit: `15m`, `7d`."""
    return age(seconds)


def parse_moment(text: str, now: int, zone: tzinfo | None = None) -> int:
    """The time that an operator wrote, in milliseconds since 1970.

    `15m`, `2h`, `1d` (that long ago) · `now` · `14:03`, `14:03:21.5` (the last time that it was that
    late, local; UTC with `Z`) · ISO 8601 with or without an offset · seconds or milliseconds since 1970.

    Args:
        now: Milliseconds since 1970.
        zone: The local time zone; None for the system's.

    Raises:
        ValueError: It is none of these.
    """
    word = text.strip()
    if word.casefold() == "now":
        return now
    if found := _SPAN.fullmatch(word.casefold().removesuffix("ago").strip()):
        unit = found[2] if found[2] == "ms" else found[2][0]
        return max(0, now - round(float(found[1]) * _UNITS[unit] * 1000))
    if re.fullmatch(r"\d{9,13}", word):
        return int(word) if len(word) > 10 else int(word) * 1000
    if found := _CLOCK.fullmatch(word):
        return _last_time(found, now, UTC if found[5] else zone)
    try:
        moment = datetime.fromisoformat(word.replace(" ", "T", 1))
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone) if zone is not None else moment.astimezone()
        return max(0, as_milliseconds(moment))
    except (ValueError, OverflowError, OSError):
        raise ValueError(text) from None


def _last_time(found: re.Match[str], now: int, zone: tzinfo | None) -> int:
    here = (as_time(now) or datetime.fromtimestamp(0, UTC)).astimezone(zone)
    micro = int((found[4] or "0").ljust(3, "0")) * 1000
    moment = here.replace(
        hour=int(found[1]), minute=int(found[2]), second=int(found[3] or 0), microsecond=micro
    )
    if moment > here:
        moment -= timedelta(days=1)
    return as_milliseconds(moment)
