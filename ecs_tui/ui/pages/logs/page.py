"""The page of logs: the lines of a target, with keys of its own."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from functools import partial

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget
from textual.worker import Worker

from ecs_tui.config.keymap import Keymap
from ecs_tui.logs.follow import TailGap
from ecs_tui.logs.line import LogLine, note_line
from ecs_tui.logs.targets import TargetTasks, insights_sources
from ecs_tui.logs.times import RANGES, longer, shorter
from ecs_tui.logs.view import LineOptions
from ecs_tui.model.log_target import LogTarget
from ecs_tui.model.task import Task
from ecs_tui.resources import Place
from ecs_tui.resources.logs import LOGS, exit_time, same_logs, time_of
from ecs_tui.resources.service_page import has_tabs, shown_scope
from ecs_tui.store.connections import Connection
from ecs_tui.store.inventory import Scope
from ecs_tui.store.log_access import LogAccounts
from ecs_tui.system import wall_clock
from ecs_tui.ui.context import ListPart
from ecs_tui.ui.list_pane import ListPane
from ecs_tui.ui.log_lines.shown import order_of
from ecs_tui.ui.log_lines.widget import LogLines
from ecs_tui.ui.pages.base import Visiting
from ecs_tui.ui.pages.logs import words
from ecs_tui.ui.pages.logs.export import LinesOut
from ecs_tui.ui.pages.logs.frame import LogFrame
from ecs_tui.ui.pages.logs.line_input import LogInput
from ecs_tui.ui.pages.logs.previous import newest, previous_tasks
from ecs_tui.ui.pages.logs.search import LineSearch
from ecs_tui.ui.pages.logs.session import LogSession

FIRST_RANGE = RANGES[2]
"""Seconds that are read at first: 15 minutes."""
BEFORE_MS = 10_000
"""Milliseconds before an exit, or before a time that is gone to, from which lines are shown."""


class LogsPage(Vertical):
    """Shows the lines of tasks. Its row is the task of the line under the cursor.

    What was read stays while another page is shown, so that one comes back to the same line; unless
    it followed: then it begins at the end again. Nothing is read meanwhile: live tails are billed.
    """

    DEFAULT_CSS = "LogsPage > ListPane { display: none; }"

    def __init__(self, keymap: Keymap, *, flash: bool) -> None:
        super().__init__(id="logs-page")
        self._keymap = keymap
        self.lines = lines = LogLines("log-lines")
        self.search = search = LineSearch(lines, self._searched)
        self._frame = LogFrame(keymap, lines, search)
        self._pane = ListPane(LOGS, keymap, flash=flash, id="log-tasks")
        self._at: Visiting | None = None
        self._accounts: dict[Connection, LogAccounts] = {}
        self.session: LogSession | None = None
        self._instead: TargetTasks | None = None  # the task before, shown in place of the target
        self._time = 0  # the time around which lines are shown; 0 for the newest
        self._waits_for_time = False
        self._gaps: dict[int, LogLine] = {}
        out, line_input = LinesOut(lines), self._frame.input
        self._actions: dict[str, Callable[[], object]] = {
            "log-follow": self._follow, "log-all": self._all, "log-previous": self._previous,
            "log-shorter": self._shorter, "log-longer": self._longer,
            "log-mark": lines.turn_mark, "log-unfold": lines.unfold,
            "log-only": lambda: line_input.open("filter", search.filter),
            "text-search": lambda: line_input.open("search", ""),
            "text-next": lambda: search.hit(1), "text-previous": lambda: search.hit(-1),
            "log-times": lines.turn_times, "text-wrap": lines.turn_wrap,
            "dialog-copy": out.copy, "log-editor": out.edit,
            "text-save": lambda: out.save(f"logs-{words.about(self._place)}"),
            "viewer-page-down": lambda: lines.move_page(1),
            "viewer-page-up": lambda: lines.move_page(-1),
            "viewer-half-down": lambda: lines.move_page(0.5),
            "viewer-half-up": lambda: lines.move_page(-0.5),
            "viewer-top": lambda: lines.move(-len(lines.order)),
        }  # fmt: skip

    def compose(self) -> ComposeResult:
        frame = self._frame
        yield from (frame.tabs, frame.title, frame.legend, frame.message)
        yield from (self.lines, frame.input, self._pane)

    # -- what every page has

    def scopes(self, place: Place) -> tuple[Scope, ...]:
        """Nothing but the tasks; the service for its tabs."""
        return (shown_scope(place),) if has_tabs(place) else ()

    def open(self, at: Visiting) -> None:
        """Show the lines of a target; those of the same one stay, maybe at another time."""
        before, self._at = self._at, at
        self._pane.table.show(at.view)
        here = before is not None and before.connection is at.connection
        if before is None or not here or not same_logs(before.place, at.place):
            self._instead = None
            self.search.reset()
            self._begin(time_of(at.place))
        elif time_of(before.place) != time_of(at.place):
            self._begin(time_of(at.place))

    def take(self, rows: list[object]) -> None:
        """Take the target's tasks from the store."""
        if self.session is not None and self._instead is None:
            self.session.set_tasks(row for row in rows if isinstance(row, Task))
        self._select()

    def say(self, words: str) -> None:
        """Say what is wrong with the list of tasks, with what is wrong with the lines."""
        self._frame.said = words
        self._frame.draw_message(self.session)

    def draw(self) -> None:
        """Draw ages, rates and the ends of containers."""
        if self.session is not None:
            now, before = wall_clock.milliseconds(), self.lines.options.lines
            containers = {each.container for each in self.session.sources if each.container}
            options = LineOptions(before.times, now, before.zone)
            self.lines.look(options, containers)
            self._add_ends(now)
            self._draw()

    def refresh_now(self) -> None:
        """Read everything again."""
        self._begin(self._time)

    @property
    def rows(self) -> ListPane:
        """The hidden list, whose one row is the task of the line under the cursor."""
        return self._pane

    @property
    def part(self) -> ListPart:
        """The lines."""
        return self.lines

    @property
    def target(self) -> Widget:
        """The lines have the focus."""
        return self.lines

    @property
    def own_keys(self) -> str:
        """The keys of logs."""
        return "logs"

    def press(self, command: str, key: str = "") -> None:
        """Do what one of its keys does."""
        if command == "log-task":
            self._one_task(self._keymap.position(command, key))
        else:
            self._actions[command]()
        self._draw()

    # -- reading

    def _begin(self, moment: int = 0, *, seconds: int = FIRST_RANGE) -> None:
        """Read the lines of the place from the start.

        Args:
            moment: The time to show, in milliseconds since 1970; 0 for the newest lines.
            seconds: How far back to read.
        """
        assert self._at is not None
        place, connection = self._at.place, self._at.connection
        target = place.logs or LogTarget()
        self._time, self._waits_for_time = moment, moment > 0
        self._frame.new, self._frame.paused = 0, False
        self._gaps = {}
        if connection not in self._accounts:
            self._accounts[connection] = LogAccounts(connection.account)
        self.lines.start_again()
        self.session = session = LogSession(
            connection.account,
            self._accounts[connection].of,
            connection.inventory.task_definition,
            target.containers,
            self,
            seconds=seconds,
            service=place.service,
            shown_from=max(1, moment - BEFORE_MS) if moment else 0,
            groups=partial(insights_sources, connection.account, place.cluster)
            if target.insights
            else None,
        )
        if self._instead is None:
            session.set_tasks(LOGS.rows(connection.inventory, place))
        else:
            session.set_tasks(self._instead.tasks)
            session.set_sources(() if self._instead.tasks else self._instead.sources)
        self._work(session.run, "logs")
        self._draw()

    def on_hide(self) -> None:
        """Stop reading while another page or a shell is shown."""
        if self.session is not None:
            self._frame.paused = True
            self.workers.cancel_group(self, "logs")

    def on_show(self) -> None:
        """Go on at the end, if one followed."""
        session = self.session
        followed = self._frame.paused and self.lines.window.following
        if session is not None and followed and not session.until:
            self._begin(seconds=session.seconds or RANGES[-1])

    async def on_unmount(self) -> None:
        """Close the clients for other regions."""
        for each in self._accounts.values():
            await each.close()

    # -- what the session tells

    def lines_arrived(self, lines: Sequence[LogLine], *, older: bool) -> None:
        """Show lines that have arrived."""
        shown = self.lines.arrived(lines, older=older)
        if not self.lines.window.following and not older:
            self._frame.new += shown
        self._add_ends(wall_clock.milliseconds())
        if self._waits_for_time and not older:
            self._waits_for_time = False
            # What led to an exit stands above it; after another time one reads on.
            exited = self._instead is not None or bool(self._at and self._at.place.task_arn)
            self.lines.go_to_time(self._time, 0.75 if exited else 0.25)
            self._frame.new = 0
        self._select()
        self._draw()

    def gaps_found(self, gaps: Sequence[TailGap]) -> None:
        """Say where a live tail has left lines out, and when they have been read."""
        now = wall_clock.milliseconds()
        for gap in gaps:
            said, known = words.gap_words(gap, now), self._gaps.get(gap.start)
            if known is None:
                self._gaps[gap.start] = known = note_line(gap.start, said)
                self.lines.arrived([known])
            known.text = said
            self.lines.changed(known)

    def session_changed(self) -> None:
        """Draw what is loading or wrong."""
        self._draw()

    def _add_ends(self, now: int) -> None:
        """Show the ends of containers among the lines that are there."""
        session = self.session
        if session is not None and session.first_read:
            every = self.lines.shown.buffer.lines
            oldest = every[0].at if every else now - session.seconds * 1000
            if ends := session.due_ends(oldest, now):
                self.lines.arrived(sorted(ends, key=order_of))

    # -- the row

    def on_log_lines_moved(self) -> None:
        """Select the task of the line; at the top, load older lines."""
        window = self.lines.window
        if window.following:
            self._frame.new = 0
            if self._frame.paused:
                self._follow()
        elif window.at_top:
            self._older()
        self._select()
        self._draw()

    def _work(self, job: Callable[[], Coroutine[None, None, None]], group: str) -> None:
        """Run a job in place of the last one of its group."""
        worker: Worker[None] = self.run_worker(job, group=group, exclusive=True)
        del worker

    def _older(self) -> None:
        session = self.session
        if session is not None and not session.loading and not session.at_start:
            self._work(session.older, "older logs")

    def _select(self) -> None:
        """Make the task of the line under the cursor the selected row; of a single task, always."""
        session, line = self.session, self.lines.current
        task = session.task(line.task) if session is not None and line is not None else None
        if session is not None and task is None and len(session.tasks) == 1:
            task = session.tasks[0]
        self._pane.take([] if task is None else [task])

    # -- keys

    def _follow(self) -> None:
        """Go to the end. What was paused is read again; a second time leaves a time gone to."""
        session = self.session
        if session is None:
            return
        at_end = self.lines.window.following and not self._frame.paused
        single = self._instead is not None or bool(self._at and self._at.place.task_arn)
        if session.until and at_end and not single:
            self._begin()
        elif self._frame.paused and not session.until:
            self._begin(seconds=session.seconds or RANGES[-1])
        self._frame.new = 0
        self.lines.window.follow()
        self.lines.refresh()
        self._select()

    def _one_task(self, position: int | None) -> None:
        task = self.lines.names.numbered(position + 1) if position is not None else None
        if task is not None:
            self.search.task = task
            self.search.apply()
            self._select()

    def _all(self) -> None:
        """Show all tasks, and the target itself again after the task before it."""
        self.search.task = ""
        self.search.apply()
        if self._instead is not None:
            self._instead = None
            assert self._at is not None
            self._begin(time_of(self._at.place))
        self._select()

    def _shorter(self) -> None:
        session = self.session
        if session is None:
            return
        seconds = shorter(session.seconds) if session.seconds else RANGES[-1]
        if seconds != session.seconds:
            self.lines.keep_from(session.shorten(seconds))
            session.forget_ends()
            self._select()

    def _longer(self) -> None:
        session = self.session
        if session is None or not session.seconds:
            return
        if self.lines.window.at_top:
            self._older()
        else:
            session.seconds = 0 if session.seconds >= RANGES[-1] else longer(session.seconds)

    def on_log_input_typed(self, event: LogInput.Typed) -> None:
        """Prepare for a filter or a search."""
        event.stop()
        self.search.expect(event.text, event.kind)

    def on_log_input_given(self, event: LogInput.Given) -> None:
        """Take a filter or a search."""
        event.stop()
        if event.kind == "filter":
            self.search.filter = event.text.strip()
            self.search.apply()
        else:
            self.search.text = event.text.strip()
            self.search.apply(0)
        self._select()
        self._draw()

    def _searched(self) -> None:
        """All lines have been searched, after a while."""
        self._select()
        self._draw()

    # -- the task before

    def _previous(self) -> None:
        if self.session is not None:
            line = self.lines.current
            task = self.session.task(line.task) if line is not None else None
            found = self._find_previous(task or newest(self.session.tasks))
            self.run_worker(found, group="previous logs", exclusive=True)

    async def _find_previous(self, task: Task | None) -> None:
        assert self._at is not None
        at = self._at
        found = await previous_tasks(at.connection.account, at.place, task)
        if isinstance(found, str):
            self.notify(found)
        elif at is self._at:
            self._instead, self.search.task = found, ""
            self.search.apply()
            ended = max((exit_time(each) for each in found.tasks), default=0)
            self._begin(ended, seconds=FIRST_RANGE if ended else RANGES[-1])

    @property
    def _place(self) -> Place:
        return self._at.place if self._at is not None else Place()

    def _draw(self) -> None:
        if self.session is not None and self._at is not None and self.is_attached:
            self._frame.draw(self._at, self.session, self._instead)
