"""Prints log lines: as text for people, or as rows in the formats of `--output`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable

from ecs_tui.cli.columns import RowFormat
from ecs_tui.cli.options import OutputOptions, Printer
from ecs_tui.cli.output import Row, TableColumn
from ecs_tui.logs.ansi import harmless
from ecs_tui.logs.line import LineKind, LogLine
from ecs_tui.logs.reader import LogBatch
from ecs_tui.logs.times import TimeStyle, shown_time
from ecs_tui.logs.view import LineOptions, TaskNames, folded
from ecs_tui.model.log_event import as_time
from ecs_tui.model.text import clean, iso
from ecs_tui.system import wall_clock
from ecs_tui.system.echo import echo
from ecs_tui.system.streams import written


def _flat(line: LogLine) -> Row:
    return {
        "timestamp": iso(as_time(line.at)),
        "ingestionTime": iso(as_time(line.ingested)),
        "taskId": line.task or None,
        "containerName": line.container or None,
        "level": line.level.name.lower() if line.level else None,
        "message": line.text,
        "kind": line.kind.value,
        "late": line.late,
        "logGroupName": line.group or None,
        "logStreamName": line.stream or None,
    }


LINES = RowFormat(
    "lines",
    tuple(_flat(LogLine(0, ""))),
    (
        TableColumn("TIME", lambda row: row["timestamp"], key="timestamp"),
        TableColumn("TASK", lambda row: (row["taskId"] or "")[:8], key="taskId"),
        TableColumn("CONTAINER", lambda row: row["containerName"], priority=1, key="containerName"),
        TableColumn("LEVEL", lambda row: row["level"], key="level"),
        TableColumn("MESSAGE", lambda row: harmless(row["message"]).text, shrinks=True, key="message"),
    ),
)  # fmt: skip


class LogPrinter:
    """Prints lines, as rows or as text; what is not a line goes to stderr.

    Args:
        output: The format; text without one.
        utc: Whether times are in UTC.
    """

    def __init__(self, output: OutputOptions, *, utc: bool) -> None:
        self._printer = Printer(LINES, output) if output.form else None
        self._names = TaskNames()
        self._style = TimeStyle.UTC if utc else TimeStyle.LOCAL
        self._whole = True
        self._said: dict[str, str] = {}

    def lines(self, lines: Iterable[LogLine]) -> None:
        """Print lines."""
        found = list(lines)
        if self._printer is not None:
            self._printer.page([_flat(each) for each in found])
            return
        options = LineOptions(self._style, wall_clock.milliseconds())
        if found:
            echo("\n".join(self._text(each, options) for each in found))
            _flush()

    def batch(self, batch: LogBatch, wants: Callable[[LogLine], bool]) -> None:
        """Print what is new."""
        for state in batch.states:
            words = str(state.error) if state.error else state.why
            if words and self._said.get(state.group) != words:
                self._said[state.group] = words
                by = "" if state.error else "followed by polling: "
                echo(f"ecs-tui: {clean(state.group)}: {by}{clean(words)}", err=True)
        for gap in batch.gaps:
            if gap.sampled and gap.refilled:
                start, end = (
                    shown_time(each, self._style, gap.end) for each in (gap.start, gap.end)
                )
                words = (
                    f"AWS sent a sample of the lines from {start} to {end}; the others followed."
                )
                echo(f"ecs-tui: {words}", err=True)
        self.lines(filter(wants, batch.lines))

    def end(self) -> None:
        """Finish the output."""
        if self._printer is not None:
            self._printer.end(whole=self._whole)

    def _text(self, line: LogLine, options: LineOptions) -> str:
        view = folded(line, self._names, options)
        if line.kind is LineKind.END:
            return f"{view.time} {view.task} --- {view.body.text} ---"
        body = harmless(line.text).text.rstrip("\n")
        level = f"{view.level.name:<5} " if view.level else ""
        late = "(late) " if view.late else ""
        who = " ".join(each for each in (view.task, clean(line.container)) if each)
        return f"{view.time} {who} {level}{late}{body}"


def _flush() -> None:
    if sys.stdout is not None:
        with written():
            sys.stdout.flush()
