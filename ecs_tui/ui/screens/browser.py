"""The one big screen: a list of resources, its details, and the dock of shells."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from datetime import UTC, datetime

from textual import events, work
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Input, Static

from ecs_tui import remembered
from ecs_tui.aws.account import Account
from ecs_tui.doctor.access import AccessBook
from ecs_tui.errors import EcsTuiError, MfaRequired
from ecs_tui.inventory.inventory import Changed, Freshness, Inventory, Kind, Scope
from ecs_tui.inventory.refresher import Refresher
from ecs_tui.model.arn import short_name
from ecs_tui.model.exec_status import newest_ready_task
from ecs_tui.model.identity import Caller
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task
from ecs_tui.model.words import clean
from ecs_tui.settings import Settings
from ecs_tui.terminal.process import Spare
from ecs_tui.terminal.widget import TerminalView
from ecs_tui.ui import status
from ecs_tui.ui.actions import ACTIONS, DOCK, Action, DockAction
from ecs_tui.ui.actions.accounts import enter_code
from ecs_tui.ui.details import details
from ecs_tui.ui.finder import Finder
from ecs_tui.ui.footer import footer
from ecs_tui.ui.home import Home, Homes
from ecs_tui.ui.pauses import Pauses
from ecs_tui.ui.shells import LATE, Shells
from ecs_tui.ui.texts import help_text
from ecs_tui.ui.views import VIEWS, Place, View
from ecs_tui.ui.widgets.bars import Bar
from ecs_tui.ui.widgets.detail_pane import Details
from ecs_tui.ui.widgets.dock import Dock
from ecs_tui.ui.widgets.menu import HESITATION, DockMenu
from ecs_tui.ui.widgets.pane import ShellPane
from ecs_tui.ui.widgets.prompt import Prompt
from ecs_tui.ui.widgets.table import ResourceTable

MANY_ROWS = 1000
MANY_EVERY = 0.25
"""Seconds between two drawings of a list of many rows while it is being filled."""
IDLE_AFTER = 120.0
"""Seconds without a key or a mouse event after which AWS is asked less often."""
NEWS_HOLDS = 2.0
"""Seconds for which what is typed leaves a note that no key has asked for."""
SAVE_EVERY = 60.0
WARM_EVERY = 0.04
LONGEST_PAUSE = 60.0
"""Seconds between two tries to learn who we are, or to read a task definition."""
_KEYS: dict[str, Action] = {key: action for action in ACTIONS for key in action.keys}
_ACTIONS: dict[str, Action] = {action.name: action for action in ACTIONS}
_DOCK_KEYS: dict[str, DockAction] = {key: action for action in DOCK for key in action.keys}


class Browser(Screen[None]):
    """Lists with live refresh; keys are looked up among the actions."""

    DEFAULT_CSS = """
    Browser { layout: vertical; layers: base above; }
    Browser #work { height: 1fr; layout: vertical; }
    Browser #work.-beside { layout: horizontal; }
    Browser #main { height: 1fr; width: 1fr; }
    Browser #message { display: none; height: auto; padding: 0 1; color: $text-muted; }
    Browser.-zoom #main, Browser.-zoom .head { display: none; }
    """

    def __init__(self, account: Account, settings: Settings) -> None:
        super().__init__()
        self.settings = settings
        self.homes = Homes(account, settings)
        self.place = Place()
        self.table = ResourceTable(flash=settings.flash)
        self.dock = Dock()
        self.remembered = remembered.load()
        self.shells = Shells(self)
        self.prompt = Prompt()
        self._history: list[tuple[Home, Place, str, str]] = []
        self._note = self._message_words = ""
        self._note_until = self._note_held = 0.0
        self._pending_rows = False
        self._later: Timer | None = None
        self._prefix = settings.prefix_keys
        self._prefix_armed = False
        self._warmed = False
        self._warming: Finder | None = None
        self._warmed_at = 0
        self._active_at = time.monotonic()
        self._pauses = Pauses(self._active_at)
        self._away = False
        self._rest: Timer | None = None
        self._hesitation: Timer | None = None
        self.menu = DockMenu()
        self._head = Bar("head")
        self._path = Bar("head -quiet")
        self._foot = Bar()
        self._message = Static("", id="message", markup=False)
        self._details = Details()

    # -- the way into AWS that is looked through

    @property
    def account(self) -> Account:
        """The current one's account."""
        return self.homes.current.account

    @property
    def inventory(self) -> Inventory:
        """What is known through it."""
        return self.homes.current.inventory

    @property
    def refresher(self) -> Refresher:
        """Who keeps that fresh."""
        return self.homes.current.refresher

    @property
    def access(self) -> AccessBook:
        """What IAM said there."""
        return self.homes.current.access

    @property
    def caller(self) -> Caller | None:
        """Who we are there, None while AWS has not said."""
        return self.homes.current.caller

    @property
    def said(self) -> dict[str, str]:
        """How the last shell of a task ended."""
        return self.shells.said

    @property
    def spare(self) -> Spare:
        """The worker that waits for the next pane."""
        return self.shells.spare

    # -- layout

    def compose(self) -> ComposeResult:
        """Header, path, list with details, dock, prompt, footer."""
        yield self._head
        yield self._path
        with Container(id="work"):
            with Vertical(id="main"):
                yield self._message
                yield self.table
                yield self._details
            yield self.dock
        yield self.prompt
        yield self.menu
        yield self._foot

    def on_mount(self) -> None:
        """Start looking."""
        self.set_interval(1.0, self._tick)
        self.set_interval(SAVE_EVERY, self._save)
        start = Place()
        home = self.homes.current
        self.welcome(home)
        for pair in self.settings.accounts:
            self.welcome(self.homes.open_pair(pair))
        if len(self.homes.all) > 1:
            start = Place("accounts")
        elif self.settings.cluster:
            cluster = short_name(self.settings.cluster)
            start = Place("services", cluster=cluster)
            self._history.append((home, Place(), "", ""))
            if self.settings.service:
                self._history.append((home, start, "", ""))
                start = Place("tasks", cluster=cluster, service=short_name(self.settings.service))
        self._arrive(start)
        self.table.focus()

    def welcome(self, home: Home) -> None:
        """Listen to a way into AWS that is new, and ask who we are there."""
        if home.greeted:
            return
        home.greeted = True
        home.inventory.listen(self._changed)
        self._begin_to_identify(home)

    def _begin_to_identify(self, home: Home) -> None:
        self.run_worker(self._identify(home), group=f"identify {id(home)}", exclusive=True)

    async def _identify(self, home: Home) -> None:
        """Until AWS has said who we are; r asks again at once."""
        pause = self.settings.refresh
        known = False
        while True:
            if not known:
                await home.identify()
                known = home.error is None
                self.draw()
                self._ask_for_code(home)
            if known and await home.find_alias():
                self.draw()
                return
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE, 2 * pause)

    def _ask_for_code(self, home: Home) -> None:
        """Once, at the start; later `i` does: nothing may come between somebody and a shell."""
        error = home.error
        if isinstance(error, MfaRequired) and not home.asked_for_code and self.is_current:
            home.asked_for_code = True
            if not isinstance(self.focused, TerminalView):
                self.run_worker(enter_code(self, home, error.serial), group="action")

    def ask_again(self) -> None:
        """Ask AWS now for what is shown, and who we are where that is not known."""
        self.run_worker(self._read_keys_again(), group="keys", exclusive=True)

    async def _read_keys_again(self) -> None:
        """Other tools renew keys in the AWS files."""
        home = self.homes.current
        if await home.account.renew_if_changed():
            self._begin_to_identify(home)
        home.refresher.refresh_now()
        for each in self.homes.all:
            if each.error is not None:
                self._begin_to_identify(each)

    @property
    def view(self) -> View:
        """The view of the place."""
        return VIEWS[self.place.view]

    # -- places

    def go(self, place: Place, *, replace: bool = False, home: Home | None = None) -> None:
        """Go to a place; `replace` does not remember the old one; `home`: through another account."""
        if not replace:
            row = self.table.current
            key = self.view.key(row) if row is not None else ""
            self._history.append((self.homes.current, self.place, key, self.table.filter))
        self._enter(home)
        self._arrive(place)

    def back(self) -> None:
        """Clear the filter, close the details, or return to the place before."""
        if self.table.filter:
            self.table.set_filter("")
        elif self.details_open:
            self.toggle_details(False)
        elif self._history:
            home, place, key, text = self._history.pop()
            self._enter(home)
            self._arrive(place)
            self.table.select_key(key)
            if text:
                self.table.set_filter(text)
        self.draw()

    def _enter(self, home: Home | None) -> None:
        """Look through another account; what is under way for the old one is cancelled."""
        if home is not None and home is not self.homes.current:
            self.refresher.look_at()
            self.homes.current = home
            self.welcome(home)

    def _arrive(self, place: Place) -> None:
        self.place = place
        self.table.show(self.view)
        for home in self.homes.all:
            if self.view.merged is not None or home is self.homes.current:
                home.refresher.look_at(*self.view.scopes(place))
                self._restore(home, place.cluster)
        if place.view == "containers":
            self._load_definition()
        self._update_rows()

    def _restore(self, home: Home, cluster: str) -> None:
        if home.remembers(cluster):
            return
        if not cluster:  # a short list, and the first paint waits for it
            self._say_of(home.restore())
        else:
            self.run_worker(self._restored(home.restore_cluster(cluster)), group="restore")

    async def _restored(self, work: Awaitable[str]) -> None:
        self._say_of(await work)

    def _say_of(self, notice: str) -> None:
        if notice:
            self.note(notice, 12, news=True)

    @work(exclusive=True, group="definition")
    async def _load_definition(self) -> None:
        """Until AWS has answered, as long as the task's containers are shown."""
        task = self.inventory.task(self.place.task_arn)
        if task is None or not task.task_definition:
            return
        pause, said = self.settings.refresh, ""
        while True:
            try:
                await self.inventory.task_definition(task.task_definition)
            except EcsTuiError as error:
                if str(error) != said:
                    said = str(error)
                    self.note(said, 15, news=True)
            else:
                self._update_rows()
                return
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE, 2 * pause)
            if self.place.task_arn != task.arn:
                return

    def current_cluster(self) -> str:
        """The cluster of the place, or of the selected row of clusters."""
        if self.place.cluster:
            return self.place.cluster
        row = self.table.current
        return row.name if row is not None and self.place.view == "clusters" else ""

    def current_service(self) -> Service | None:
        """The selected service, or the service whose tasks are shown."""
        row = self.table.current
        if self.place.view == "services" and row is not None:
            service: Service = row.service
            return service
        return self.inventory.service(self.place.cluster, self.place.service)

    def current_definition(self) -> str:
        """The task definition of the selected row, or ""."""
        row = self.table.current
        if row is None:
            return ""
        if self.place.view == "services":
            return str(row.service.task_definition)
        if self.place.view == "tasks":
            return str(row.task_definition)
        if self.place.view == "containers":
            return str(row.task.task_definition)
        return ""

    def current_home(self) -> Home:
        """The account of the selected row where several are shown, else the current one."""
        row = self.table.current
        if self.view.merged is not None and row is not None:
            return self.homes.of(row.pair) or self.homes.current
        return self.homes.current

    def freshness(self) -> list[Freshness]:
        """How fresh each scope of the place is, in a merged list of each connection."""
        homes = self.homes.all if self.view.merged is not None else [self.homes.current]
        scopes = self.view.scopes(self.place)
        return [home.inventory.freshness(scope) for home in homes for scope in scopes]

    # -- drawing

    def _changed(self, changed: Changed) -> None:
        """Something is new: draw once for all that arrives together."""
        if not self.is_attached:
            return
        if len(self.table.rows) <= MANY_ROWS or self._complete(changed):
            if self._later is not None:
                self._later.stop()
                self._later = None
                self._pending_rows = False
            if not self._pending_rows:
                self._pending_rows = True
                self.call_later(self._update_rows)
        elif not self._pending_rows:
            self._pending_rows = True
            self._later = self.set_timer(MANY_EVERY, self._update_rows)

    def _complete(self, changed: Changed) -> bool:
        """Whether the last name of what is shown has just arrived."""
        return (
            not changed.keys
            and changed.scope in self.view.scopes(self.place)
            and not self.inventory.freshness(changed.scope).loading
            and len(self.inventory.of(changed.scope)) != len(self.table.rows)
        )

    def _update_rows(self) -> None:
        self._pending_rows = False
        self._later = None
        if self.view.merged is not None:
            rows = self.view.merged([(home.pair, home.inventory) for home in self.homes.all])
        else:
            rows = self.view.rows(self.inventory, self.place)
        self.table.update_rows(rows)
        self.draw()
        if self.table.rows and not self._warmed:
            # Not before the first rows are seen: they come first, a shell comes later.
            self._warmed = True
            self.call_after_refresh(self.spare.warm)

    def _tick(self) -> None:
        """Ages grow also when nothing changes; who is away is not worth many calls."""
        idle = self._away or time.monotonic() - self._active_at > IDLE_AFTER
        for home in self.homes.all:
            home.refresher.idle(idle)
        self._warm_finder()
        self._pauses.known(sum(home.inventory.size for home in self.homes.all))
        self._pauses.rest(time.monotonic(), self._active_at)
        self.table.grow_older()
        self.shells.tick()
        self.dock.draw_tabs()
        self.draw()

    def _warm_finder(self) -> None:
        """Have the names ready before somebody asks for them, in portions between the keys."""
        changes = sum(home.inventory.changes for home in self.homes.all)
        if self._warming is None and changes != self._warmed_at and not self.prompt.is_open:
            self._warmed_at = changes
            self._warming = self._finder()
        if self._warming is not None:
            if self._warming.warm():
                self.set_timer(WARM_EVERY, self._warm_finder)
            else:
                self._warming = None

    def _finder(self) -> Finder:
        homes = [self.homes.current] + [h for h in self.homes.all if h is not self.homes.current]
        return Finder(
            [(home.pair, home.inventory) for home in homes],
            self.place.cluster,
            [action.name for action in ACTIONS],
        )

    @work(exclusive=True, group="save")
    async def _save(self) -> None:
        await self.homes.save()

    def draw(self) -> None:
        """Write all lines around the list anew."""
        self._head.write(*status.head(self))
        self._path.write(*status.path(self))
        self._draw_message()
        self._draw_foot()
        if self.details_open:
            row = self.table.current
            text = details(row, self.inventory, datetime.now(UTC)) if row is not None else ""
            self._details.show(self.view.key(row) if row is not None else "", text)

    def _draw_message(self) -> None:
        words = clean(status.message(self))
        if words != self._message_words:
            self._message_words = words
            self._message.display = bool(words)
            self._message.update(words)

    def _draw_foot(self) -> None:
        note = self._note if time.monotonic() < self._note_until else ""
        found = footer(self, ACTIONS, armed=self._prefix_armed, note=note)
        self._foot.write(found.left, found.right, fixed=found.fixed)

    def note(self, words: str, seconds: float = 8.0, *, news: bool = False) -> None:
        """Say something in the footer, until the next key or for so many seconds.

        `news` is what no key has asked for: keys that were being typed just then leave it a moment.
        """
        now = time.monotonic()
        self._note, self._note_until = words, now + seconds
        self._note_held = now + NEWS_HOLDS if news else now
        self._draw_foot()

    def answered(self) -> None:
        """Another key, click or paste: the note about the one before goes."""
        if self._note and time.monotonic() >= self._note_held:
            self._note = ""
            self._draw_foot()

    def toggle_details(self, show: bool | None = None) -> None:
        """Show or hide the details of the selected row."""
        self._details.set_class(not self.details_open if show is None else show, "-open")
        self.draw()

    @property
    def details_open(self) -> bool:
        """Whether the details of the selected row are shown."""
        return self._details.has_class("-open")

    def scroll_details(self, direction: int) -> None:
        """Half a page of the details down (1) or up (-1)."""
        self._details.move(direction)

    # -- keys

    def obstacle(self, action: Action) -> str:
        """Why an action is not possible here and now, or ""."""
        if action.mutates and self.account.read_only:
            return f"Read-only mode: {action.title} is refused."
        return action.obstacle(self)

    async def perform(self, action: Action) -> None:
        """Run an action, or say why not; those that ask something run beside the keys."""
        obstacle = self.obstacle(action)
        if obstacle:
            self.note(obstacle)
        elif action.asks:
            self._run_beside(action)
        else:
            await self._run(action)

    @work(group="action")
    async def _run_beside(self, action: Action) -> None:
        await self._run(action)

    async def _run(self, action: Action) -> None:
        try:
            await action.run(self)
        except EcsTuiError as error:
            self.note(str(error), 15)
        self.draw()

    async def on_key(self, event: events.Key) -> None:
        """Keys of the list are the actions'."""
        if self.prompt.is_open:
            # Also keys that were typed faster than the focus moved belong to the prompt.
            self.prompt.take(event)
            return
        if isinstance(self.focused, Input):
            return  # a line in a shell's pane
        action = _KEYS.get(event.key) or _KEYS.get(event.character or "")
        if event.key in self._prefix.names:
            action = _ACTIONS["dock"]
        if action is not None:
            event.stop()
            event.prevent_default()
            await self.perform(action)

    def active(self) -> None:
        """Somebody is there: a key, the mouse, or the focus of the terminal."""
        self._active_at = time.monotonic()
        if self._away or self.refresher.slowed:
            self._away = False
            for home in self.homes.all:
                home.refresher.idle(False)

    def away(self) -> None:
        """The outer terminal has lost the focus."""
        self._away = True

    async def on_resource_table_opened(self) -> None:
        """A double click opens."""
        await self.perform(_KEYS["enter"])

    def on_resource_table_scrolled(self) -> None:
        """What is seen comes first when AWS is asked."""
        if self.place.view == "containers":
            self.refresher.see([self.place.task_arn])
        elif self.view.merged is None:
            self.refresher.see(*self.table.in_view)

    def _look(self) -> None:
        """Keep fresh what the place shows, and the tasks of the service under the cursor."""
        scopes = self.view.scopes(self.place)
        service = self.current_service() if self.place.view == "services" else None
        if service is not None:
            scopes = (*scopes, Scope(Kind.TASK, self.place.cluster, service.name))
        self.refresher.look_at(*scopes)
        self.on_resource_table_scrolled()

    def on_resource_table_moved(self) -> None:
        """The details follow the cursor; so does, once it rests, what is asked for."""
        if self.place.view == "services" and self.refresher.large(self.place.cluster):
            if self._rest is not None:
                self._rest.stop()
            self._rest = self.set_timer(0.4, self._look)
        if self.details_open:
            self.draw()

    def on_descendant_focus(self) -> None:
        """The footer tells whose the keys are."""
        self._draw_foot()

    def on_screen_suspend(self) -> None:
        """A dialog has come: the keys are its own."""
        self._draw_foot()

    def on_screen_resume(self) -> None:
        """It has gone."""
        self._draw_foot()

    # -- the prompt

    def open_prompt(self, kind: str) -> None:
        """Open the line for a filter (`/`) or a destination (`:`)."""
        if kind == "/":
            self.prompt.open("/", self.table.filter)
            return
        self.prompt.open(":", find=self._finder().find)

    def on_prompt_filtered(self, event: Prompt.Filtered) -> None:
        """Filter while typing."""
        self.table.set_filter(event.text)
        self._path.write(*status.path(self))
        self._draw_message()

    async def on_prompt_chosen(self, event: Prompt.Chosen) -> None:
        """Go there, or do it."""
        hit = event.hit
        if hit is None:
            self.note(
                f"Nothing known is called {event.text!r}: no cluster, service, task or action."
            )
        elif hit.place is None:
            await self.perform(next(item for item in ACTIONS if item.name == hit.name))
        else:
            self.go(hit.place, home=self.homes.of(hit.pair))
            if hit.select:
                self.table.select_key(hit.select)
            self._update_rows()

    def on_prompt_closed(self, event: Prompt.Closed) -> None:
        """The keys are the list's again."""
        if event.kind == "/" and event.dropped:
            self.table.set_filter("")
        self.table.focus()
        self.draw()

    # -- shells

    async def shell_task(self) -> tuple[Task | None, str]:
        """The task to open a shell in, and the container if it is clear."""
        row = self.table.current
        if self.place.view == "containers" and row is not None:
            return row.task, row.container.name
        if self.place.view == "tasks":
            return row, ""
        service = self.current_service()
        if service is None:
            return None, ""
        tasks = self.inventory.service_tasks(self.place.cluster, service.name)
        if not tasks:
            await self.inventory.load(Scope(Kind.TASK, self.place.cluster, service.name))
            tasks = self.inventory.tasks(self.place.cluster, service.name)
        return newest_ready_task(tasks), ""

    async def tasks_in_view(self) -> list[Task]:
        """The running tasks of the place: of the service, else of the whole cluster."""
        cluster, service = self.current_cluster(), self.place.service
        if self.inventory.freshness(Scope(Kind.TASK, cluster)).fetched_at is None:
            await self.inventory.load(Scope(Kind.TASK, cluster, service))
        return self.inventory.tasks(cluster, service)

    def on_resize(self) -> None:
        """A narrow terminal puts the dock below, a tiny one shows one thing at a time."""
        self.shells.arrange()

    def on_terminal_view_prefix_pressed(self) -> None:
        """The next key is for the dock: show what it can be."""
        self._prefix_armed = True
        self._hesitation = self.set_timer(HESITATION, self._show_menu)
        self._draw_foot()

    def _show_menu(self) -> None:
        items = [(item.shown, item.title) for item in DOCK if not item.obstacle(self)]
        prefix = self._prefix.shown
        self.menu.open([*items, ("1-9", "that shell"), (prefix, f"send {prefix}")])

    async def on_terminal_view_command(self, event: TerminalView.Command) -> None:
        """The key after the prefix: the dock's, or a shell's number."""
        self._prefix_armed = False
        if self._hesitation is not None:
            self._hesitation.stop()
        self.menu.close()
        try:
            await self._command(event.key)
        finally:
            # Behind the focus, which Textual moves by such a call too.
            self.app.call_later(event.view.command_done)
        self._draw_foot()

    async def _command(self, key: str) -> None:
        pane, action = self.dock.current, _DOCK_KEYS.get(key)
        if pane is None:
            self.focus_list()
        elif action is not None:
            await self.perform(action)
            if action.stays:
                pane.view.arm()
        elif key.isdigit() and 0 < int(key) <= len(self.dock.panes):
            self.dock.show(self.dock.panes[int(key) - 1])

    def focus_list(self) -> None:
        """The keys are the list's again."""
        self.dock.zoom(False)
        self.table.focus()

    def on_dock_changed(self) -> None:
        """The footer counts shells; a zoomed one hides the rest."""
        self.set_class(self.dock.zoomed, "-zoom")
        self._draw_foot()

    def on_shell_pane_top_line_clicked(self, event: ShellPane.TopLineClicked) -> None:
        """A click takes that shell or ends its zoom, a double click zooms it."""
        was_zoomed = self.dock.zoomed
        self.dock.show(event.pane)
        self.dock.zoom(event.twice and not was_zoomed)

    def on_shell_pane_closed_key(self, event: ShellPane.ClosedKey) -> None:
        """A key where a shell has ended."""
        self.shells.closed_key(event.pane, event.key)

    def on_shell_pane_ended(self, event: ShellPane.Ended) -> None:
        """What follows when a shell ends."""
        self.shells.ended(event.pane)

    def on_shell_pane_link_clicked(self, event: ShellPane.LinkClicked) -> None:
        """A link was clicked."""
        self.shells.link_clicked(event.url, event.shown)

    def on_shell_pane_pasted_into(self, event: ShellPane.PastedInto) -> None:
        """Text was pasted into a shell."""
        self.shells.paste(event.pane, event.paste)

    # -- leaving

    @work(group="leave", exclusive=True)
    async def leave(self) -> None:
        """Ask about open shells, end them, go."""
        if await self.shells.may_leave():
            await self.end()
            self.app.exit()

    async def end(self, within: float = LATE) -> None:
        """End sessions, loads and clients; AWS has so many seconds to confirm the sessions' end."""
        await self.shells.end(within)
        await self.homes.close()

    def help_text(self) -> str:
        """All keys, from the actions."""
        return help_text((*ACTIONS, *DOCK), self._prefix.both)
