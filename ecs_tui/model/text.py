"""How times, ages and untrusted strings are shown."""

from __future__ import annotations

from datetime import datetime


def age(seconds: float) -> str:
    """`seconds` in one unit: 45s, 12m, 2h, 3d."""
    if seconds < 0:
        return "0s"
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= size:
            return f"{int(seconds // size)}{unit}"
    return f"{int(seconds)}s"


def span(seconds: float) -> str:
    """A length of time as in a sentence, in at most two units: 45 s, 12 min, 2 h 3 min, 3 d 4 h."""
    seconds = int(max(0.0, seconds))
    if seconds < 60:
        return f"{seconds} s"
    minutes = seconds // 60
    units = [("d", minutes // 1440), ("h", minutes // 60 % 24), ("min", minutes % 60)]
    while not units[0][1]:
        units = units[1:]
    return " ".join(f"{count} {unit}" for unit, count in units[:2] if count)


def age_of(then: datetime | None, now: datetime) -> str:
    """The age of `then` at `now`, or "" if unknown."""
    return "" if then is None else age((now - then).total_seconds())


def clock(seconds: float) -> str:
    """Elapsed time as mm:ss, or h:mm:ss from one hour on."""
    minutes, secs = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{secs:02}" if hours else f"{minutes:02}:{secs:02}"


def counted(count: int, noun: str) -> str:
    """`count` and its noun in the right number: 1 shell, 2 shells."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def local(then: datetime) -> str:
    """`then` for a sentence, in this computer's zone: `2026-11-30 06:14:05`."""
    return f"{then.astimezone():%Y-%m-%d %H:%M:%S}"


def iso(then: datetime | None) -> str | None:
    """`then` as ISO 8601 with its offset, or None."""
    return None if then is None else then.isoformat()


def clean(text: str) -> str:
    """`text` fit for one line of a screen: control, format and bidi characters become `�`.

    Names, tags, reasons and log lines are untrusted and may contain escape sequences.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else "�" for char in text)
