"""The operator's choices that are saved between runs, and paths for the operator's saved files."""

from __future__ import annotations

import contextlib
import re
from datetime import datetime
from pathlib import Path

import msgspec

from ecs_tui.system.atomic_file import read_regular, state_folder, write_private


class SavedChoices(msgspec.Struct):
    """Choices that are saved between runs. A damaged file counts as empty.

    Attributes:
        split: Where the shells are: "beside" or "below" the list; "" if not chosen.
        profiles, regions: The favourites.
        columns: The keys of tags that have a column, by the list's name.
        groups: The key of the tag by which a list is grouped, "" for none, by the list's name.
    """

    split: str = ""
    profiles: list[str] = []
    regions: list[str] = []
    columns: dict[str, list[str]] = {}
    groups: dict[str, str] = {}


MAX_FILE_BYTES = 1 << 20
"""Maximum size of the file in bytes; a larger one counts as empty."""


def _file() -> Path:
    return state_folder() / "remembered.json"


def load() -> SavedChoices:
    """The saved choices; empty ones if the file is missing or unreadable."""
    try:
        return msgspec.json.decode(read_regular(_file(), MAX_FILE_BYTES), type=SavedChoices)
    except (OSError, msgspec.DecodeError):
        return SavedChoices()  # only preferences, so the defaults will do


def save(remembered: SavedChoices) -> None:
    """Save the choices; if writing fails, they apply to this run only."""
    with contextlib.suppress(OSError):
        write_private(_file(), msgspec.json.encode(remembered))


def saved_folder() -> Path:
    """The folder with the files that the operator saves."""
    return state_folder() / "saved"


def saved_file(kind: str, what: str, now: datetime) -> Path:
    """The path for a file that the operator saves, with time and subject in its name.

    Args:
        kind: The file name's extension, such as `cast`.
        what: The subject, such as a container; characters unsuitable for file names are replaced.
        now: The time in the name.
    """
    name = re.sub(r"[^\w.-]+", "-", what).strip("-")[:80]
    return saved_folder() / f"{now:%Y%m%d-%H%M%S}-{name}.{kind}"
