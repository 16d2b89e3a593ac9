"""The main screen: composes the page, the dock and the bars, and takes their messages."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import events, work
from textual.app import ComposeResult
from textual.containers import Container
from textual.screen import Screen
from textual.widgets import Input

from ecs_tui.aws.account import Account
from ecs_tui.config import state
from ecs_tui.config.settings import Settings
from ecs_tui.model.task import Task
from ecs_tui.resources import Place, Resource
from ecs_tui.session.state import END_SECONDS
from ecs_tui.store.connections import Connection, Connections
from ecs_tui.store.inventory import Inventory
from ecs_tui.store.refresher import Refresher
from ecs_tui.terminal.process import WarmWorker
from ecs_tui.ui.activity import Activity
from ecs_tui.ui.background import BackgroundReader
from ecs_tui.ui.commands import BY_ID, COMMANDS, Command
from ecs_tui.ui.commands.open_check import open_doctor
from ecs_tui.ui.detail_pane import Details
from ecs_tui.ui.dock.controller import Shells
from ecs_tui.ui.dock.dock import Dock, pane_of
from ecs_tui.ui.dock.menu import DockMenu
from ecs_tui.ui.first_contact import offer_once
from ecs_tui.ui.footer import FooterState, footer, possible
from ecs_tui.ui.list_views import ListViews
from ecs_tui.ui.navigation import Navigation
from ecs_tui.ui.page_host import Pages
from ecs_tui.ui.pages.base import PageTurned, PlaceOpened
from ecs_tui.ui.prefix_mode import PrefixMode
from ecs_tui.ui.problem_center import ProblemCenter
from ecs_tui.ui.prompt.prompt import Prompt
from ecs_tui.ui.prompt_control import PromptControl
from ecs_tui.ui.rows import RowUpdates
from ecs_tui.ui.runner import Runner
from ecs_tui.ui.screen_bars import ScreenBars
from ecs_tui.ui.start import StartPlace
from ecs_tui.ui.table.list_table import ListTable
from ecs_tui.ui.workspace import Callbacks, ScreenWorkspace

if TYPE_CHECKING:
    from ecs_tui.terminal.widget import TerminalView
    from ecs_tui.ui.dock.pane import ShellPane

SAVE_SECONDS = 60.0
"""Seconds between two snapshots."""
WARM_SECONDS = 0.04
"""Seconds between two portions of the names for `:`: other work runs in between."""


class Browser(Screen[None]):
    """The main screen: its lists refresh live, and keys run the matching `Command`."""

    DEFAULT_CSS = """
    Browser { layout: vertical; layers: base above; }
    Browser #work { height: 1fr; layout: vertical; }
    Browser #work.-beside { layout: horizontal; }
    Browser #main { height: 1fr; width: 1fr; }
    Browser.-zoom #main, Browser.-zoom .head { display: none; }
    """

    def __init__(self, account: Account, settings: Settings, start: StartPlace) -> None:
        super().__init__()
        self.settings, self.keymap, self._start = settings, settings.keymap, start
        self.connections = Connections(account, settings)
        self.choices = state.load()
        self.navigation = Navigation(self.connections, ListViews(settings.lists, self.choices))
        self.problems = ProblemCenter(
            self, self.connections, settings, lambda each: self.workspace.subscribe(each), self.draw
        )
        self.pages = Pages(self.navigation, self.keymap, self.problems, settings)
        self.dock = Dock()
        self.shells = Shells(self)
        self.prompt = Prompt(self.keymap)
        self.menu = DockMenu()
        self.bars = ScreenBars(
            self.navigation, self.pages, self.keymap, settings.refresh, self.problems
        )
        self.activity = Activity(self.connections)
        self._rows = RowUpdates(self, self.navigation, self.pages, self._rows_updated)
        background = BackgroundReader(
            self, self.navigation, settings.refresh,
            lambda words, seconds: self.note(words, seconds, news=True),
            self._identified, self._rows.update,
        )  # fmt: skip
        self.workspace = ScreenWorkspace(
            self, settings, self.navigation, self.pages, self.dock, self.shells,
            self.choices, self.bars, self._rows, background,
            Callbacks(self.draw, self._draw_foot, self._open_prompt, self.leave),
        )  # fmt: skip
        self._save, self._warmed = background.save, False
        self._runner = Runner(self, self.workspace, self.draw)
        self._prefix = PrefixMode(
            self, self.menu, self.keymap, self._runner, self.workspace.context, self.focus_list,
            self.note,
        )  # fmt: skip
        self._prompt = PromptControl(
            self.prompt, self.navigation, self.workspace, self.bars, self.perform
        )
        self.bars.on_click(self.go, lambda name: self.call_later(self.perform, BY_ID[name]))

    # -- where the operator is

    @property
    def place(self) -> Place:
        """The place shown."""
        return self.navigation.place

    @property
    def view(self) -> Resource:
        """The descriptor of the list shown."""
        return self.navigation.view

    @property
    def table(self) -> ListTable:
        """The rows of the place."""
        return self.pages.table

    @property
    def details(self) -> Details:
        """The details of the selected row."""
        return self.pages.details

    @property
    def account(self) -> Account:
        """The account of the current connection."""
        return self.navigation.account

    @property
    def inventory(self) -> Inventory:
        """The loaded data of the current connection."""
        return self.navigation.inventory

    @property
    def refresher(self) -> Refresher:
        """The refresher of the current connection."""
        return self.navigation.refresher

    @property
    def warm_worker(self) -> WarmWorker:
        """Keeps a terminal worker ready for the next pane."""
        return self.shells.warm_worker

    @property
    def focused_pane(self) -> ShellPane | None:
        """The shell whose terminal or input line has the keys, or None."""
        return pane_of(self.focused)

    # -- layout

    def compose(self) -> ComposeResult:
        yield self.bars.head
        yield self.bars.path
        with Container(id="work"):
            yield self.pages
            yield self.dock
        yield self.prompt
        yield self.menu
        yield self.bars.foot

    async def on_mount(self) -> None:
        """Open the configured connections and go to the first place."""
        self.set_interval(1.0, self._tick)
        self.set_interval(SAVE_SECONDS, self._save)
        if self._start.place is not None:
            await self.pages.make(self._start.place)
        self.connections.hold()
        self.workspace.start(self._start)
        self.pages.focus_page()
        self.call_after_refresh(self._rows.drawn)

    def _identified(self, connection: Connection) -> None:
        self.draw()
        offer_once(self, self.workspace, connection)

    # -- drawing

    def _rows_updated(self) -> None:
        self.draw()
        self.problems.visit(self.navigation.connection, self.place)
        if self.table.rows and not self._warmed and self._has_time():
            # Not before the first rows are drawn: they are more urgent than a shell.
            self._warmed = True
            self.call_after_refresh(self.warm_worker.warm)
            self.call_after_refresh(self.run_worker, self.problems.start, group="warm")

    def _tick(self) -> None:
        """Called once a second: update ages, and do background work."""
        self.activity.tick()
        self._warm_names()
        self.table.update_ages()
        self._rows.look_up()
        self.shells.tick()
        self.dock.draw_tabs()
        self.draw()

    def _has_time(self) -> bool:
        return self.activity.has_time(
            loading=any(each.loading for each in self.navigation.freshness())
        )

    def _warm_names(self) -> None:
        """Prepare the names for `:` in advance, in portions between keys."""
        if self._has_time() and self._prompt.warm():
            self.set_timer(WARM_SECONDS, self._warm_names)

    def draw(self) -> None:
        """Redraw the bars and the page until they are removed; who asks for it may live longer."""
        if self.bars.head.is_attached:
            self.bars.draw()
            self._draw_foot()
            self.pages.draw(self.shells.choice.remembered)

    def _draw_foot(self) -> None:
        note = self.bars.notes.at(time.monotonic())
        kind = self.prompt.kind if self.prompt.is_open else ""
        listed = not (note or kind or self.focused_pane)
        state = FooterState(
            keymap=self.keymap,
            commands=possible(COMMANDS, self.workspace.context(), self.keymap) if listed else (),
            armed=self._prefix.armed,
            note=note,
            in_front=self.is_active,
            prompt=kind,
            focused=self.focused,
            dock=self.dock,
        )
        self.bars.draw_foot(footer(state))

    # -- what the dock and the app call

    def go(self, place: Place, *, connection: Connection | None = None) -> None:
        """Go to a place."""
        self.workspace.go(place, connection=connection)

    def note(self, words: str, seconds: float = 8.0, *, news: bool = False) -> None:
        """Show a note in the footer, until the next key or for `seconds`."""
        self.workspace.note(words, seconds, news=news)

    def focus_list(self) -> None:
        """Give the keys to the list."""
        self.workspace.focus_list()

    @property
    def details_open(self) -> bool:
        """Whether the details of the selected row are shown."""
        return self.workspace.details_open

    async def explain(self, connection: Connection, task: Task, container: str, error: str) -> None:
        """Open the exec check for a shell that ECS refused, unless a dialog is open."""
        if self.app.screen is self:
            context = replace(self.workspace.context(), connection=connection)
            await open_doctor(context, self.workspace, task, container, error)

    @work(group="leave", exclusive=True)
    async def leave(self) -> None:
        """Quit; asks first if shells are open."""
        if await self.shells.may_leave():
            await self.end()
            self.app.exit()

    async def end(self, within: float = END_SECONDS) -> None:
        """End sessions, loads and clients; `within`: seconds that AWS has to end the sessions."""
        await self.shells.end(within)
        await self.problems.close()
        await self.connections.close()

    # -- keys

    async def perform(self, command: Command, key: str = "") -> None:
        """Run a command on what is selected now, or note why it is not possible."""
        await self._runner.perform(command, self.workspace.context(key))

    async def on_key(self, event: events.Key) -> None:
        """Run the command of a key, unless the prompt or an input line takes the key."""
        if self.prompt.is_open:
            # Keys that arrive before the focus has moved belong to the prompt too.
            self.prompt.take(event)
            return
        if self.prompt.unhandled:  # the key is for the place that the prompt goes to
            event.stop()
            event.prevent_default()
            self.prompt.post_message(Prompt.Late(event))
            return
        line = self.focused
        if isinstance(line, Input) and self.prompt not in line.ancestors:
            self.pages.take_late(line, event)
            return  # the input line of a shell's pane, or of a page
        if self.focused_pane is not None:
            # Typed so soon after the key that leads to the shells that the list still got it.
            self.focused_pane.view.on_key(event)
            return
        if self.pages.press(event):
            event.stop()
            event.prevent_default()
            return
        command = BY_ID.get(self.keymap.command("the list", event.key, event.character))
        if command is not None:
            event.stop()
            event.prevent_default()
            await self.perform(command, event.key)

    def answered(self) -> None:
        """Clear the note at a key, click or paste; news only after a moment."""
        if self.bars.notes.answered(time.monotonic()):
            self._draw_foot()

    async def on_resource_table_opened(self) -> None:
        await self.perform(BY_ID["open"])

    def on_page_turned(self, event: PageTurned) -> None:
        self.workspace.turn(event.place)

    def on_place_opened(self, event: PlaceOpened) -> None:
        self.workspace.go(event.place)

    def on_resource_table_scrolled(self) -> None:
        """Load the visible rows first."""
        self._rows.scrolled()

    def on_resource_table_moved(self) -> None:
        """Update the details; in large clusters, load the service's tasks once the cursor rests."""
        self._rows.moved()
        if self.details_open:
            self._rows.look_up()
            self.draw()

    def on_descendant_focus(self) -> None:
        """Show the keys of what has the focus in the footer: a widget, or a dialog from now on."""
        self._draw_foot()

    on_screen_suspend = on_screen_resume = on_descendant_focus

    def on_resize(self) -> None:
        """Place the dock beside or below the list, depending on the width."""
        self.shells.arrange()
        self.bars.draw()

    # -- the prompt

    def _open_prompt(self, kind: str) -> None:
        self._prompt.open(kind)

    def on_prompt_filtered(self, event: Prompt.Filtered) -> None:
        self._prompt.filtered(event.text)

    async def on_prompt_chosen(self, event: Prompt.Chosen) -> None:
        await self._prompt.chosen(event)

    def on_prompt_closed(self, event: Prompt.Closed) -> None:
        self._prompt.closed(event)
        self.draw()

    async def on_prompt_late(self, event: Prompt.Late) -> None:
        """Handle a key that arrived after the prompt was closed."""
        await self.on_key(event.key)

    # -- shells

    def on_terminal_view_prefix_pressed(self) -> None:
        """Show that the next key is a dock command, and after a delay the menu."""
        self._prefix.pressed()
        self._draw_foot()

    async def on_terminal_view_prefix_command(self, event: TerminalView.PrefixCommand) -> None:
        """Run the dock command of the key after the prefix."""
        await self._prefix.command(event)
        self._draw_foot()

    def on_dock_shells_changed(self) -> None:
        """Update the number of shells in the footer; hide the list while a shell is zoomed."""
        self.set_class(self.dock.zoomed, "-zoom")
        self._draw_foot()

    def on_shell_pane_top_line_clicked(self, event: ShellPane.TopLineClicked) -> None:
        """A click shows the shell and ends any zoom; a double click zooms it."""
        was_zoomed = self.dock.zoomed
        self.dock.show(event.pane)
        self.dock.zoom(event.twice and not was_zoomed)

    def on_shell_pane_key_after_end(self, event: ShellPane.KeyAfterEnd) -> None:
        self.shells.key_after_end(event.pane, event.key)

    def on_shell_pane_ended(self, event: ShellPane.Ended) -> None:
        self.shells.ended(event.pane)

    def on_shell_pane_link_clicked(self, event: ShellPane.LinkClicked) -> None:
        self.shells.link_clicked(event.url, event.shown)

    def on_shell_pane_pasted_into(self, event: ShellPane.PastedInto) -> None:
        self.shells.paste(event.pane, event.paste)
