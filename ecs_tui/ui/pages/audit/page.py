"""The page of the audit: the timeline as a list, with keys of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cached_property, partial
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.timer import Timer
from textual.widget import Widget
from textual.worker import Worker

from ecs_tui.config.keymap import Keymap
from ecs_tui.config.sections import TranscriptSettings
from ecs_tui.errors import EcsTuiError
from ecs_tui.model.text import clean, counted
from ecs_tui.resources import Place
from ecs_tui.resources.audit import AUDIT
from ecs_tui.store.connections import Connection
from ecs_tui.store.inventory import Scope
from ecs_tui.system import wall_clock
from ecs_tui.ui.context import ListPart
from ecs_tui.ui.list_pane import ListPane, PageMessage
from ecs_tui.ui.pages.audit.head import AuditHead
from ecs_tui.ui.pages.base import Visiting

if TYPE_CHECKING:
    from ecs_tui.ui.pages.audit.shown import ShownAudit

ROWS_SECONDS = 0.4
"""Seconds between two updates of many rows while events arrive."""
FEW_ROWS = 500
"""Up to this many rows, each page of events is shown at once."""
NOTE_SECONDS = 15.0
OLDER = "older audit"
"""The group of the worker that searches older events."""
FORMS = [("jsonl", "JSON lines, with the whole events"), ("csv", "CSV, for spreadsheets")]
"""The forms in which rows are saved."""


class AuditPage(Vertical):
    """Shows who was in which container, and what let them in.

    What was read stays while another page is shown, and reading goes on until it is stopped.
    """

    def __init__(self, keymap: Keymap, *, flash: bool, marks: TranscriptSettings) -> None:
        super().__init__(id="audit-page")
        self._keymap, self._marks = keymap, marks
        self._title, self._legend = AuditHead("-title"), AuditHead()
        self._message = PageMessage()
        self._pane = ListPane(AUDIT, keymap, flash=flash, id="audit-rows")
        self._at: Visiting | None = None
        self._said = self._search = ""
        self._drawn: object = None
        self._later: Timer | None = None
        self._actions: dict[str, Callable[[], object]] = {
            "audit-shorter": lambda: self._range(-1), "audit-longer": lambda: self._range(1),
            "audit-flagged": self._only_flagged, "audit-group": self._next_group,
            "audit-stop": self._stop_or_go_on, "audit-save": self._ask_form,
        }  # fmt: skip

    def compose(self) -> ComposeResult:
        yield self._title
        yield self._legend
        yield self._message
        yield self._pane

    @cached_property
    def shown(self) -> ShownAudit:
        """What is read and shown."""
        from ecs_tui.ui.pages.audit.shown import ShownAudit

        return ShownAudit(self._soon, self._marks)

    # -- what every page has

    def scopes(self, place: Place) -> tuple[Scope, ...]:
        """Nothing but the tasks, for the names of their services."""
        return ()

    def open(self, at: Visiting) -> None:
        """Show the timeline of a place; what was read of the same connection is kept."""
        self._at, self._drawn = at, None
        new = self.shown.open(at)
        self._pane.table.show(self.shown.view(at.view))
        for connection in new:
            self._read(connection)
        self._update()

    def take(self, rows: list[object]) -> None:
        """The tasks have changed: maybe the service of one is known now."""
        self.shown.named()
        self._soon()

    def say(self, words: str) -> None:
        """Say what is wrong with the tasks, with what is wrong with the events."""
        # Why there are no events, the page itself knows better.
        self._said = "" if words == AUDIT.empty else words
        self._draw_message()

    def draw(self) -> None:
        """Draw the lines above the rows; read again if that is due."""
        if self._at is None or not self.is_attached:
            return
        for connection in self.shown.due():
            self._read(connection)
        self._title.write(self.shown.title(), self.shown.progress())
        self._legend.write(*self.shown.legend())
        self._draw_message()

    def refresh_now(self) -> None:
        """Ask for what is new."""
        self.shown.stopped = False
        for connection in self.shown.connections:
            self._read(connection)

    @property
    def rows(self) -> ListPane:
        """The timeline."""
        return self._pane

    @property
    def part(self) -> ListPart:
        """The rows."""
        return self._pane.table

    @property
    def target(self) -> Widget:
        """The rows have the focus."""
        return self._pane.table

    @property
    def own_keys(self) -> str:
        """Those of the audit."""
        return "audit"

    def press(self, command: str, key: str = "") -> None:
        """Do what one of its keys does."""
        if command == "audit-layer":
            self._turn_layer(self._keymap.position(command, key))
        else:
            self._actions[command]()
        self.draw()

    # -- reading

    def _read(self, connection: Connection) -> None:
        work = partial(self.shown.read, connection)
        # A function: a coroutine whose worker is replaced before it starts would never be awaited.
        group = f"audit {id(connection)}"
        _: Worker[None] = self.run_worker(work, group=group, exclusive=True)

    def _soon(self) -> None:
        """Show new rows: at once while there are few, else with others that arrive meanwhile."""
        if not self.is_attached:
            return
        if len(self._pane.table.rows) <= FEW_ROWS:
            self.call_later(self._update)
        elif self._later is None:
            self._later = self.set_timer(ROWS_SECONDS, self._update)

    def _update(self) -> None:
        """Show the rows that are chosen, if any has changed."""
        if self._later is not None:
            self._later.stop()
            self._later = None
        if self._at is None or not self.is_attached:
            return
        state = self.shown.state()
        if state != self._drawn:
            self._drawn = state
            self._pane.take(self.shown.rows())
        self.draw()

    def _draw_message(self) -> None:
        if self._at is None:
            return
        told = [self.shown.problems(self._said), clean(self._search)]
        problems = "\n".join(each for each in told if each)
        table = self._pane.table
        if not table.order and not problems and not table.filter:
            problems = self._keymap.fill(self.shown.nothing())
        self._pane.say(problems, self._message)

    # -- keys

    def _range(self, step: int) -> None:
        if self.shown.step_range(step):
            if step > 0:
                self.refresh_now()
            if step > 0 and self.shown.beyond:
                self.run_worker(self._older(), group=OLDER, exclusive=True)
            self._update()

    async def _older(self) -> None:
        """Search what LookupEvents no longer has, if the operator wants that: AWS bills it."""
        from ecs_tui.ui.dialogs.choose import ChooseScreen
        from ecs_tui.ui.dialogs.confirm import ConfirmScreen

        title = "CloudTrail keeps 90 days. Search older events by"
        where = await self.app.push_screen_wait(ChooseScreen(title, self.shown.places(), "trail"))
        if where is None:
            return
        try:
            search = self.shown.search(where)
            cost = await search.estimate(wall_clock.moment())
            asked = ConfirmScreen("Search older events?", cost, "Search")
            if not await self.app.push_screen_wait(asked):
                return
            async for progress in search.run():
                self._search = f"◐ {progress.words}"
                if progress.ended:
                    self._search = progress.words
                    self.shown.found(progress.events)
                self._draw_message()
        except EcsTuiError as error:
            self._search = f"Older events were not searched: {error}"
            self._draw_message()

    def _turn_layer(self, position: int | None) -> None:
        if position is not None:
            if self.shown.turn_layer(position) and not self.shown.stopped:
                self.refresh_now()
            self._update()

    def _only_flagged(self) -> None:
        self.shown.flagged = not self.shown.flagged
        self._update()

    def _next_group(self) -> None:
        assert self._at is not None, "keys come after the page was opened"
        self.shown.next_group()
        self._pane.table.change_columns(self.shown.view(self._at.view))
        self._update()

    def _stop_or_go_on(self) -> None:
        self.workers.cancel_group(self, OLDER)
        if self.shown.running:
            self.shown.stopped = True
            for connection in self.shown.connections:
                self.workers.cancel_group(self, f"audit {id(connection)}")
        else:
            self.refresh_now()

    @property
    def _chosen(self) -> list[object]:
        """The marked rows, else all that are shown, in their order."""
        table = self._pane.table
        return table.marked or [table.rows[index] for index in table.order]

    def _ask_form(self) -> None:
        from ecs_tui.ui.dialogs.choose import ChooseScreen

        rows = self._chosen
        if not rows:
            self.notify("There are no rows to save.", markup=False)
            return

        def save(form: str | None) -> None:
            if form is not None:
                self.run_worker(self._write(rows, form), group="save audit")

        title = f"Save {counted(len(rows), 'row')} as"
        self.app.push_screen(ChooseScreen(title, FORMS, "jsonl"), save)

    async def _write(self, rows: list[object], form: str) -> None:
        try:
            path = await asyncio.to_thread(self.shown.save, rows, form)
        except OSError as error:
            words = f"The rows could not be saved: {error.strerror}."
            self.notify(words, markup=False)
        else:
            words = f"Saved {counted(len(rows), 'row')} to {clean(path)}"
            self.notify(words, timeout=NOTE_SECONDS, markup=False)
