"""What the program remembers of the operator's own choices, and where it saves files for them."""

from __future__ import annotations

import contextlib
import re
from datetime import datetime
from pathlib import Path

import msgspec

from ecs_tui.files import read_regular, state_folder, write_private


class Remembered(msgspec.Struct):
    """Choices that outlive the program. Unknown or damaged contents count as none.

    `profiles` and `regions` are the favourites.
    """

    split: str = ""
    profiles: list[str] = []
    regions: list[str] = []


LARGEST = 1 << 20


def _file() -> Path:
    return state_folder() / "remembered.json"


def load() -> Remembered:
    """What was remembered last."""
    try:
        return msgspec.json.decode(read_regular(_file(), LARGEST), type=Remembered)
    except (OSError, msgspec.DecodeError):
        return Remembered()  # choices, not data: nothing is lost


def save(remembered: Remembered) -> None:
    """Remember; where the disk says no, for this run only."""
    with contextlib.suppress(OSError):
        write_private(_file(), msgspec.json.encode(remembered))


def saved_file(kind: str, what: str, now: datetime) -> Path:
    """A path for a file that the operator asked for: kind, time and what it is about."""
    name = re.sub(r"[^\w.-]+", "-", what).strip("-")[:80]
    return state_folder() / "saved" / f"{now:%Y%m%d-%H%M%S}-{name}.{kind}"
