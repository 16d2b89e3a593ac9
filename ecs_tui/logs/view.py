"""How a line is shown: folded to one row, and unfolded. Widgets and the command line draw this."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import field
from datetime import tzinfo

from ecs_tui.logs.ansi import StyledSpan, StyledText, harmless
from ecs_tui.logs.levels import Level
from ecs_tui.logs.line import LineKind, LogLine
from ecs_tui.logs.messages import parse_message
from ecs_tui.logs.times import TimeStyle, shown_time
from ecs_tui.record import dataclass

MAX_FOLDED = 4_096
"""Characters of the one row of a folded line."""
MAX_UNFOLDED_LINES = 2_000
MAX_UNFOLDED_CHARACTERS = 262_144
TASK_CHARACTERS = 4
"""Characters of a task's ID beside its lines; more if two tasks have the same (`TaskNames`)."""
_CUT = " …"


@dataclass(frozen=True, slots=True)
class LineOptions:
    """How lines are shown.

    Attributes:
        times: How times are shown.
        now: The present, in milliseconds since 1970, for relative times and dates.
        zone: The local time zone; None for the system's.
    """

    times: TimeStyle = TimeStyle.LOCAL
    now: int = 0
    zone: tzinfo | None = None


@dataclass(frozen=True, slots=True)
class LineView:
    """A line, folded to one row.

    Attributes:
        kind: What it is: a separator or a note has only `time`, `task` and `body`.
        time: When it was written.
        task: The short name of its task.
        colour: The number of its task's colour, from 0; -1 without a task.
        level: Its level.
        body: The row: printable, without line ends.
        hidden: What unfolding shows besides: fields, lines, and the rest of a long one.
        late: Whether it came late.
        continued: Whether it continues the line before it.
    """

    kind: LineKind
    time: str
    task: str
    colour: int
    level: Level
    body: StyledText
    hidden: str = ""
    late: bool = False
    continued: bool = False


@dataclass(slots=True)
class TaskNames:
    """Short names and colours of tasks, in the order in which they appear; they never change colour."""

    _numbers: dict[str, int] = field(default_factory=dict)
    _width: int = TASK_CHARACTERS

    def add(self, task: str) -> bool:
        """Take up a task. Whether names have become longer, so that rows must be drawn again."""
        if not task or task in self._numbers:
            return False
        self._numbers[task] = len(self._numbers)
        before = self._width
        while len({each[: self._width] for each in self._numbers}) < len(self._numbers):
            if self._width >= max(map(len, self._numbers)):
                break
            self._width += 1
        return self._width != before

    def name(self, task: str) -> str:
        """The short name of a task; "" for none."""
        return harmless(task[: self._width]).text

    @property
    def width(self) -> int:
        """Characters of the names, at most."""
        return self._width

    def colour(self, task: str) -> int:
        """The number of a task's colour; -1 for none."""
        return self._numbers.get(task, -1)

    def numbered(self, number: int) -> str | None:
        """The task that appeared as the n-th, from 1; None if there are fewer."""
        tasks = list(self._numbers)
        return tasks[number - 1] if 0 < number <= len(tasks) else None


def folded(line: LogLine, names: TaskNames, options: LineOptions) -> LineView:
    """A line in one row: the message of JSON and logfmt, the first line of others."""
    names.add(line.task)
    body, hidden = _body(line)
    return LineView(
        line.kind,
        shown_time(line.at, options.times, options.now, options.zone),
        names.name(line.task),
        names.colour(line.task),
        line.level,
        body,
        hidden,
        line.late,
        line.head is not None,
    )


def _body(line: LogLine) -> tuple[StyledText, str]:
    if line.kind is LineKind.END:
        name = f"{line.container} " if line.container else ""
        return harmless(f"{name}stopped: {line.text}" if line.text else f"{name}stopped"), ""
    parsed = parse_message(line.text)
    first, *others = parsed.message.split("\n", 1)
    rest = others[0].strip("\r\n") if others else ""
    cut = len(first) > MAX_FOLDED
    styled = harmless(first[:MAX_FOLDED].rstrip("\r"))
    if cut:
        styled = StyledText(styled.text + _CUT, styled.spans)
    hidden = []
    if parsed.others and parsed.field:
        hidden.append(f"{len(parsed.others)} fields" if len(parsed.others) > 1 else "1 field")
    if rest:
        count = rest.count("\n") + 1
        hidden.append(f"{count} lines" if count > 1 else "1 line")
    if cut:
        hidden.append(f"{len(first) - MAX_FOLDED} characters")
    return styled, ", ".join(hidden)


def unfolded(line: LogLine) -> list[StyledText]:
    """A line in full, row by row: JSON indented, fields of logfmt one a row, all lines of a text."""
    parsed = parse_message(line.text)
    if parsed.form == "json":
        rows = json.dumps(json.loads(line.text), indent=2, ensure_ascii=False).split("\n")
    elif parsed.form == "logfmt":
        width = min(24, max(len(name) for name, _ in parsed.fields))
        rows = [f"{name:<{width}}  {value}" for name, value in parsed.fields]
    else:
        return _rows(harmless(line.text[:MAX_UNFOLDED_CHARACTERS]))
    return [harmless(row) for row in rows[:MAX_UNFOLDED_LINES]]


def _rows(styled: StyledText) -> list[StyledText]:
    """A styled text, row by row."""
    rows, at = [], 0
    for row in styled.text.split("\n")[:MAX_UNFOLDED_LINES]:
        end = at + len(row)
        spans = tuple(
            StyledSpan(max(0, each.start - at), min(end, each.end) - at, each.style)
            for each in styled.spans
            if each.start < end and each.end > at
        )
        rows.append(StyledText(row, spans))
        at = end + 1
    return rows


def copied(lines: Sequence[LogLine]) -> str:
    """Lines as text to copy, to save and for an editor: time in UTC, task, container, message."""
    rows = []
    for line in lines:
        time = shown_time(line.at, TimeStyle.UTC, 0)
        who = "/".join(each for each in (line.task[:8], line.container) if each)
        body = _body(line)[0].text if line.kind is LineKind.END else harmless(line.text).text
        rows.append(" ".join(each for each in (time, who, body) if each))
    return "".join(f"{row}\n" for row in rows)
