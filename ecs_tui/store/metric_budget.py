"""How many metrics were asked of CloudWatch today, what that costs, and whether more may be asked."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import date
from pathlib import Path

import msgspec

from ecs_tui.model.metric import price
from ecs_tui.system.atomic_file import read_regular, state_folder, write_private

MAX_FILE_BYTES = 4096
"""Maximum size of the file in bytes; a larger one counts as empty."""


class _Day(msgspec.Struct):
    """What the file says: a day, and the metrics asked on it by all runs."""

    day: str = ""
    asked: int = 0


class MetricBudget:
    """Counts the metrics that all runs of a day have asked, so that a restart does not spend more.

    Two programs that count at the same moment may lose a count of one of them; each still stops by
    what it has counted itself.

    Args:
        dollars: US dollars a day; 0 for none.
        path: The file with the count; None for the one in the state folder.
        today: The present day, in the local time zone.
        keep: Whether the file is read and written: not for the demo account, which costs nothing.
    """

    def __init__(
        self,
        dollars: float,
        path: Path | None = None,
        today: Callable[[], date] = date.today,
        *,
        keep: bool = True,
    ) -> None:
        self.dollars, self._path, self._today, self._keep = dollars, path, today, keep
        self._day, self._own, self._others = "", 0, 0

    @property
    def asked(self) -> int:
        """The metrics asked today, by all runs as far as they are known."""
        self._turn()
        return self._own + self._others

    @property
    def spent(self) -> float:
        """What they cost, in US dollars."""
        return price(self.asked)

    def allows(self, metrics: int) -> bool:
        """Whether so many more may be asked without a key press."""
        return self.dollars > 0 and price(self.asked + metrics) <= self.dollars

    def add(self, metrics: int) -> None:
        """Count metrics that were asked, and keep the count for later runs."""
        self._turn()
        self._own += metrics
        known = self._read()
        total = (known.asked if known.day == self._day else 0) + metrics
        self._others = max(self._others, total - self._own)
        if self._keep:
            with contextlib.suppress(OSError):  # then later runs do not know of this one
                write_private(self._file, msgspec.json.encode(_Day(self._day, total)))

    def _turn(self) -> None:
        """Begin a new day, if it is one."""
        day = self._today().isoformat()
        if day != self._day:
            self._day, self._own, self._others = day, 0, 0
            known = self._read()
            self._others = known.asked if known.day == day else 0

    @property
    def _file(self) -> Path:
        return self._path or state_folder() / "metrics-asked.json"

    def _read(self) -> _Day:
        if not self._keep:
            return _Day()
        try:
            found = msgspec.json.decode(read_regular(self._file, MAX_FILE_BYTES), type=_Day)
        except (OSError, msgspec.DecodeError):
            return _Day()
        return found if found.asked >= 0 else _Day()
