"""Problems over time: since when, new or known, hidden with a note, flapping; kept over restarts."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from ecs_tui.model.problem import Problem, SeenProblem
from ecs_tui.system.atomic_file import read_regular, state_folder, write_private

log = logging.getLogger("ecs_tui.problems.history")
FLAPPING = timedelta(minutes=30)
"""A problem that is back within this time is the same one: its beginning and its note stay."""
MAX_ENTRIES = 2_000
"""Problems that are remembered, the ones seen last."""
KEPT = timedelta(days=14)
"""For how long a problem that is over is remembered."""
MAX_FILE_BYTES = 4 << 20
"""Maximum size of the file in bytes; a larger one is ignored."""
MAX_NOTE = 200
"""Characters of a note."""


class Remembered(msgspec.Struct):
    """What is remembered of one problem. Times are seconds since 1970.

    Attributes:
        label, cluster: `profile@region` of its connection, and the cluster's name.
        since: When it began, by AWS's time if that is known; else when it was first seen.
        seen: When it was last seen.
        times: How often it has begun.
        ended: When it was first not seen any more; 0.0 while it lasts.
        hidden: Its severity and state when it was hidden; "" if it is not.
        note: The operator's note.
        announced: Whether it has announced itself since it began.
    """

    label: str
    cluster: str
    since: float
    seen: float
    times: int = 1
    ended: float = 0.0
    hidden: str = ""
    note: str = ""
    announced: bool = False


class ProblemHistory:
    """The history of the problems of all connections.

    Args:
        path: The file (mode 0600); None for the one in the state folder.
        keep: Whether it is kept over restarts.
    """

    def __init__(self, path: Path | None = None, *, keep: bool = True) -> None:
        self._path = path or state_folder() / "problems.json"
        self._keep = keep
        self._entries: dict[str, Remembered] = {}
        self._changed = False

    def load(self) -> None:
        """Read the file; a damaged one counts as empty."""
        if not self._keep:
            return
        try:
            data = read_regular(self._path, MAX_FILE_BYTES)
            self._entries = msgspec.json.decode(data, type=dict[str, Remembered])
        except FileNotFoundError:
            return
        except (OSError, msgspec.DecodeError) as error:
            log.warning("cannot read the history of problems: %s", error)

    def save(self) -> None:
        """Write the file if something has changed; if that fails, this run goes on without."""
        if not (self._keep and self._changed):
            return
        self._changed = False
        try:
            write_private(self._path, msgspec.json.encode(self._entries))
        except OSError as error:
            log.warning("cannot write the history of problems: %s", error)

    def update(
        self, label: str, clusters: Iterable[str], found: Sequence[Problem], now: datetime
    ) -> list[SeenProblem]:
        """Take what was found now; returns it with its history, in the same order.

        Args:
            label: `profile@region` of the connection.
            clusters: The clusters that were looked at: problems of others are left as they are.
            found: Their problems.
            now: The time.
        """
        at = now.timestamp()
        seen = [self._seen(label, problem, at) for problem in found]
        present = {each.key for each in seen}
        looked_at = set(clusters)
        for key, entry in self._entries.items():
            over = key not in present and not entry.ended
            if over and entry.label == label and entry.cluster in looked_at:
                entry.ended, self._changed = at, True
        self._forget(at)
        return seen

    def _seen(self, label: str, problem: Problem, at: float) -> SeenProblem:
        key = f"{label}|{problem.key}"
        began = problem.since.timestamp() if problem.since is not None else 0.0
        entry = self._entries.pop(key, None)
        if entry is None:
            entry = Remembered(label, problem.thing.cluster, began or at, at)
            self._changed = True
        elif entry.ended:
            back = at - entry.ended > FLAPPING.total_seconds()
            entry.times += 1
            entry.ended, self._changed = 0.0, True
            if back:
                entry.since, entry.hidden, entry.announced = began or at, "", False
        elif began and began < entry.since:
            entry.since, self._changed = began, True
        entry.seen = at
        if entry.hidden and entry.hidden != _look(problem):
            entry.hidden, entry.announced, self._changed = "", False, True
        self._entries[key] = entry
        return SeenProblem(
            label,
            problem,
            datetime.fromtimestamp(entry.since, UTC),
            bool(began),
            entry.times,
            bool(entry.hidden),
            entry.note,
        )

    def hide(self, seen: SeenProblem, note: str = "") -> None:
        """Hide a problem until it changes.

        Args:
            seen: The problem.
            note: Why, in the operator's words.
        """
        entry = self._entries[seen.key]
        entry.hidden, entry.note, self._changed = _look(seen.problem), note[:MAX_NOTE], True

    def show(self, seen: SeenProblem) -> None:
        """Show a hidden problem again; the note stays."""
        self._entries[seen.key].hidden, self._changed = "", True

    def new(self, seen: Sequence[SeenProblem]) -> list[SeenProblem]:
        """Those that have not been announced yet; they count as announced from now on."""
        found = []
        for each in seen:
            entry = self._entries.get(each.key)
            if entry is not None and not entry.announced and not each.hidden:
                entry.announced, self._changed = True, True
                found.append(each)
        return found

    def _forget(self, at: float) -> None:
        old = [
            key
            for key, entry in self._entries.items()
            if entry.ended and at - entry.seen > KEPT.total_seconds()
        ]
        for key in [*old, *list(self._entries)[:-MAX_ENTRIES]]:
            if self._entries.pop(key, None) is not None:
                self._changed = True


def _look(problem: Problem) -> str:
    """What must be the same for a hidden problem to stay hidden."""
    return f"{problem.severity.word} {problem.state}"
