"""The page of activity: the timeline of a cluster, a service or a task, in layers that are switched."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import Static

from ecs_tui.config.keymap import Keymap
from ecs_tui.resources import Place
from ecs_tui.resources.activity import ACTIVITY, ActivityEntry, details_text
from ecs_tui.store.connections import Connection
from ecs_tui.store.inventory import Scope
from ecs_tui.system.wall_clock import moment
from ecs_tui.ui.context import ListPart
from ecs_tui.ui.list_pane import ListPane, PageMessage
from ecs_tui.ui.pages.activity import words
from ecs_tui.ui.pages.activity.words import FIRST_RANGE, RANGES, Window, window
from ecs_tui.ui.pages.base import PlaceOpened, Visiting

if TYPE_CHECKING:
    from ecs_tui.activity.timeline import Timeline
    from ecs_tui.resources.activity_source import ActivityAsk

AGAIN_SECONDS = 30.0
"""Seconds after which the sources are read again while the page is shown."""
MAX_NOTES = 2
"""Lines of notes about layers: the list needs the room."""
_About = tuple[Connection, str, str, str]
"""The connection, the cluster, the service and the task of a timeline."""


class ActivityPage(Vertical):
    """Shows a timeline. What was read stays for as long as it is about the same thing.

    Layers and range stay from one thing to the next: who switched events off wants them off.
    """

    DEFAULT_CSS = """
    ActivityPage > .head { height: auto; width: 1fr; padding: 0 1; color: $text-muted; }
    ActivityPage > .title { color: $foreground; text-style: bold; }
    """

    def __init__(self, keymap: Keymap, *, flash: bool) -> None:
        super().__init__(id="activity-page")
        self._keymap = keymap
        self._title = Static("", classes="head title", markup=False)
        self._layers = Static("", classes="head", markup=False)
        self._notes = Static("", classes="head", markup=False)
        self._message = PageMessage()
        self._pane = ListPane(ACTIVITY, keymap, flash=flash, id="activity-rows")
        self._at: Visiting | None = None
        self._about: _About | None = None
        self._timeline: Timeline | None = None
        self._seconds = FIRST_RANGE
        self._off: set[str] = set()
        self._reading, self._turn = False, 0
        self._read_at = 0.0
        self._said = ""
        self._drawn: tuple[str, str, str] = ("", "", "")

    def compose(self) -> ComposeResult:
        yield self._title
        yield self._layers
        yield self._notes
        yield self._message
        yield self._pane

    # -- what every page has

    def scopes(self, place: Place) -> tuple[Scope, ...]:
        """Nothing but the tasks."""
        return ()

    def open(self, at: Visiting) -> None:
        """Show a timeline; of the same thing what was read is shown at once."""
        from ecs_tui.activity.registry import SOURCES
        from ecs_tui.activity.timeline import Timeline

        place = at.place
        about = (at.connection, place.cluster, place.service, place.task_arn)
        self._at = at
        self._pane.table.show(at.view)
        if about != self._about or self._timeline is None:
            self._about, self._timeline = about, Timeline(SOURCES)
        self._read_now()

    def take(self, rows: list[object]) -> None:
        """Nothing of the store: the rows are the timeline's."""
        self._show()

    def say(self, words: str) -> None:
        """Show what is wrong with the list of tasks, else why there are no rows."""
        self._said = words
        self._say()

    def draw(self) -> None:
        """Draw the head; read again if that is due."""
        if self._at is None:
            return
        factor = self._at.connection.refresher.idle_factor
        if not self._reading and time.monotonic() - self._read_at > AGAIN_SECONDS * factor:
            self._read_now()
        self._show()

    def refresh_now(self) -> None:
        """Read all sources again."""
        self._read_now()

    @property
    def rows(self) -> ListPane:
        """The list."""
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
        """The keys of activity."""
        return "activity"

    def press(self, command: str, key: str = "") -> None:
        """Do what one of its keys does."""
        if command == "activity-layer":
            self._switch(self._keymap.position(command, key))
        elif command == "activity-open":
            self._open_entry()
        else:
            self._step(1 if command == "activity-longer" else -1)
        self._show()

    # -- reading

    def _read_now(self) -> None:
        self._reading = True
        self._turn += 1
        self.run_worker(self._read(), group="activity", exclusive=True)

    async def _read(self) -> None:
        timeline, ask, turn = self._timeline, self._ask(), self._turn
        if timeline is None or ask is None:
            return
        try:
            await timeline.read(ask, self._show)
        finally:
            if turn == self._turn:  # not if a newer reading has taken its place
                self._reading, self._read_at = False, time.monotonic()
        self._show()
        self._place_cursor()

    def _ask(self) -> ActivityAsk | None:
        from ecs_tui.resources.activity_source import ActivityAsk, ActivityTarget

        if self._at is None:
            return None
        place, connection = self._at.place, self._at.connection
        _ = connection.audit  # the layers of CloudTrail share its feeds, and keep them as it says
        target = ActivityTarget(place.cluster, place.service, place.task_arn)
        shown, inventory = self._window(), connection.inventory
        services = [item for item in inventory.services(place.cluster) if item.described]
        return ActivityAsk(
            connection.account,
            target,
            shown.since,
            shown.until,
            moment(),
            inventory.task_definition,
            services if not place.service else (),
            inventory.stopped_tasks(place.cluster, place.service),
        )

    def _window(self) -> Window:
        around = self._at.place.around if self._at is not None else 0
        at = datetime.fromtimestamp(around / 1000, UTC) if around else None
        return window(self._seconds, at, moment())

    # -- drawing

    @property
    def _on(self) -> list[str]:
        from ecs_tui.activity.layers import LAYER_NAMES

        return [name for name in LAYER_NAMES if name not in self._off]

    def _show(self) -> None:
        """Show rows, head and notes."""
        from ecs_tui.activity.layers import LAYER_NAMES

        timeline = self._timeline
        if timeline is None or self._at is None or not self.is_attached:
            return
        shown, on = self._window(), self._on
        self._pane.take(list(timeline.shown(on, shown.since, shown.until)))
        counts = timeline.counts(shown.since, shown.until)
        width = max(20, self.size.width - 2)
        said = {name: timeline.words(name) for name in LAYER_NAMES}
        lines = words.notes(LAYER_NAMES, on, counts, said, width)[:MAX_NOTES]
        texts = (
            words.title(self._at.place, shown, self._seconds),
            words.layer_line(LAYER_NAMES, on, counts, width),
            "\n".join(lines),
        )
        if texts != self._drawn:
            self._drawn = texts
            for widget, text in zip((self._title, self._layers, self._notes), texts, strict=True):
                widget.update(text)
            self._notes.display = bool(lines)
        self._say()

    def _say(self) -> None:
        loading = self._timeline is not None and self._timeline.loading
        said = "" if self._said == ACTIVITY.empty else self._said
        if not said and not self._pane.table.rows:
            said = "◐ Reading…" if loading else ACTIVITY.empty
        self._pane.say(said, self._message)

    def _place_cursor(self) -> None:
        """Put the cursor on the entry nearest to the time that was asked for, unless it was put on another."""
        around = self._at.place.around if self._at is not None else 0
        if self._pane.table.chosen:
            return
        entries: list[ActivityEntry] = self._pane.table.rows
        dated = [entry for entry in entries if entry.at is not None]
        if not dated:
            return
        at = around / 1000 if around else dated[0].at.timestamp() if dated[0].at else 0.0
        nearest = min(dated, key=lambda each: abs(each.at.timestamp() - at) if each.at else 0.0)
        self._pane.table.select_key(nearest.key)

    # -- keys

    def _switch(self, position: int | None) -> None:
        from ecs_tui.activity.layers import LAYER_NAMES

        if position is not None and position < len(LAYER_NAMES):
            self._off ^= {LAYER_NAMES[position]}

    def _step(self, by: int) -> None:
        number = max(0, min(len(RANGES) - 1, RANGES.index(self._seconds) + by))
        longer = RANGES[number] > self._seconds
        self._seconds = RANGES[number]
        if longer:
            self._read_now()

    def _open_entry(self) -> None:
        """Go where the entry leads; else show all of it."""
        entry = self._pane.table.current
        if not isinstance(entry, ActivityEntry):
            return
        if entry.place is not None:
            self.post_message(PlaceOpened(entry.place))
            return
        from ecs_tui.ui.dialogs.text import TextScreen

        text = details_text(entry, moment())
        self.app.push_screen(TextScreen(f"{entry.layer}: {entry.thing or entry.service}", text))
