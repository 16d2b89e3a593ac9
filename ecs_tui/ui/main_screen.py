"""The main screen: a list of resources, the details of a row, and the dock of shells."""

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

from ecs_tui.aws.account import Account
from ecs_tui.config import state
from ecs_tui.config.settings import Settings
from ecs_tui.errors import EcsTuiError, MfaRequired
from ecs_tui.model.arn import short_name
from ecs_tui.model.identity import Caller
from ecs_tui.model.rules.exec_readiness import newest_ready_task
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task
from ecs_tui.model.text import clean
from ecs_tui.resources import RESOURCES, Place, Resource
from ecs_tui.resources.accounts import AccountClusterRow
from ecs_tui.store.connections import Connection, Connections
from ecs_tui.store.inventory import Changed, Freshness, Inventory, Kind, Scope
from ecs_tui.store.lookups import Lookup
from ecs_tui.store.refresher import Refresher
from ecs_tui.terminal.process import WarmWorker
from ecs_tui.terminal.widget import TerminalView
from ecs_tui.ui import status_bar as status
from ecs_tui.ui.bars import Bar
from ecs_tui.ui.commands import ACTIONS, DOCK, Action, DockAction
from ecs_tui.ui.commands.accounts import enter_code
from ecs_tui.ui.commands.base import help_text
from ecs_tui.ui.detail_pane import Details
from ecs_tui.ui.details import facts_about, lookups_for
from ecs_tui.ui.dock.controller import END_SECONDS, Shells
from ecs_tui.ui.dock.dock import Dock
from ecs_tui.ui.dock.menu import MENU_DELAY_SECONDS, DockMenu
from ecs_tui.ui.dock.pane import ShellPane
from ecs_tui.ui.footer import footer
from ecs_tui.ui.gc_tuning import GcTuning
from ecs_tui.ui.prompt.matcher import Finder
from ecs_tui.ui.prompt.prompt import Prompt
from ecs_tui.ui.table.table import ResourceTable

MANY_ROWS = 1000
"""Rows above which a list is redrawn less often while it loads."""
MANY_ROWS_SECONDS = 0.25
"""Seconds between two redraws of such a list while it loads."""
IDLE_SECONDS = 120.0
"""Seconds without a key or a mouse event after which AWS is called less often."""
NEWS_SECONDS = 2.0
"""Seconds for which a note that no key caused stays on the screen although keys are typed."""
SAVE_SECONDS = 60.0
"""Seconds between two snapshots."""
WARM_SECONDS = 0.04
"""Seconds between two portions of the names for `:`: other work runs in between."""
MAX_PAUSE_SECONDS = 60.0
"""Maximum seconds between two attempts to read the identity or a task definition."""
_KEYS: dict[str, Action] = {key: action for action in ACTIONS for key in action.keys}
_ACTIONS: dict[str, Action] = {action.name: action for action in ACTIONS}
_DOCK_KEYS: dict[str, DockAction] = {key: action for action in DOCK for key in action.keys}


class Browser(Screen[None]):
    """The main screen: its lists refresh live, and keys run the matching `Action`."""

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
        self.connections = Connections(account, settings)
        self.place = Place()
        self.table = ResourceTable(flash=settings.flash)
        self.dock = Dock()
        self.choices = state.load()
        self.shells = Shells(self)
        self.prompt = Prompt()
        self._history: list[tuple[Connection, Place, str, str]] = []
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
        self._gc_tuning = GcTuning(self._active_at)
        self._away = False
        self._rest: Timer | None = None
        self._menu_timer: Timer | None = None
        self.menu = DockMenu()
        self._head = Bar("head")
        self._path = Bar("head -quiet")
        self._foot = Bar()
        self._message = Static("", id="message", markup=False)
        self._details = Details()

    # -- the current connection

    @property
    def account(self) -> Account:
        """The account of the current connection."""
        return self.connections.current.account

    @property
    def inventory(self) -> Inventory:
        """The loaded data of the current connection."""
        return self.connections.current.inventory

    @property
    def refresher(self) -> Refresher:
        """The refresher of the current connection."""
        return self.connections.current.refresher

    @property
    def caller(self) -> Caller | None:
        """The identity at the current connection, None until AWS has answered."""
        return self.connections.current.caller

    @property
    def last_exit_reason(self) -> dict[str, str]:
        """How the last shell of a task ended, by the task's ARN."""
        return self.shells.last_exit_reason

    @property
    def warm_worker(self) -> WarmWorker:
        """Keeps a terminal worker ready for the next pane."""
        return self.shells.warm_worker

    # -- layout

    def compose(self) -> ComposeResult:
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
        """Open the configured connections and go to the first place."""
        self.set_interval(1.0, self._tick)
        self.set_interval(SAVE_SECONDS, self._save)
        start = Place()
        connection = self.connections.current
        self.subscribe(connection)
        for label in self.settings.accounts:
            self.subscribe(self.connections.open_label(label))
        if len(self.connections.all) > 1:
            start = Place("accounts")
        elif self.settings.cluster:
            cluster = short_name(self.settings.cluster)
            start = Place("services", cluster=cluster)
            self._history.append((connection, Place(), "", ""))
            if self.settings.service:
                self._history.append((connection, start, "", ""))
                start = Place("tasks", cluster=cluster, service=short_name(self.settings.service))
        self._arrive(start)
        self.table.focus()

    def subscribe(self, connection: Connection) -> None:
        """Listen to a new connection's changes and read its identity."""
        if connection.subscribed:
            return
        connection.subscribed = True
        connection.inventory.listen(self._changed)
        self._start_identifying(connection)

    def _start_identifying(self, connection: Connection) -> None:
        self.run_worker(
            self._identify(connection), group=f"identify {id(connection)}", exclusive=True
        )

    async def _identify(self, connection: Connection) -> None:
        """Read identity and account alias; retry until AWS has answered. `r` retries at once."""
        pause = self.settings.refresh
        known = False
        while True:
            if not known:
                await connection.identify()
                known = connection.error is None
                self.draw()
                self._ask_for_code(connection)
            if known and await connection.find_alias():
                self.draw()
                return
            await asyncio.sleep(pause)
            pause = min(MAX_PAUSE_SECONDS, 2 * pause)

    def _ask_for_code(self, connection: Connection) -> None:
        """Open the MFA dialog once for a connection, not over a focused shell; later `i` does."""
        error = connection.error
        if isinstance(error, MfaRequired) and not connection.asked_for_code and self.is_current:
            connection.asked_for_code = True
            if not isinstance(self.focused, TerminalView):
                self.run_worker(enter_code(self, connection, error.serial), group="action")

    def ask_again(self) -> None:
        """Refresh the shown lists now, and read missing identities again."""
        self.run_worker(self._renew_and_refresh(), group="keys", exclusive=True)

    async def _renew_and_refresh(self) -> None:
        """Use new credentials if another tool has changed the AWS files, then refresh."""
        merged = self.view.merged is not None
        for connection in self.connections.all if merged else [self.connections.current]:
            if await connection.account.renew_if_changed():
                self._start_identifying(connection)
            connection.inventory.lookups.retry()
            connection.refresher.refresh_now()
        for each in self.connections.all:
            if each.error is not None:
                self._start_identifying(each)

    @property
    def view(self) -> Resource:
        return RESOURCES[self.place.view]

    # -- places

    def go(
        self, place: Place, *, replace: bool = False, connection: Connection | None = None
    ) -> None:
        """Go to a place.

        Args:
            place: The place to show.
            replace: Whether the old place is left out of the history.
            connection: The connection to show it through; None for the current one.
        """
        if not replace:
            row = self.table.current
            key = self.view.key(row) if row is not None else ""
            self._history.append((self.connections.current, self.place, key, self.table.filter))
        self._enter(connection)
        self._arrive(place)

    def back(self) -> None:
        """Clear the filter, else close the details, else return to the previous place."""
        if self.table.filter:
            self.table.set_filter("")
        elif self.details_open:
            self.toggle_details(False)
        elif self._history:
            connection, place, key, text = self._history.pop()
            self._enter(connection)
            self._arrive(place)
            self.table.select_key(key)
            if text:
                self.table.set_filter(text)
        self.draw()

    def _enter(self, connection: Connection | None) -> None:
        """Switch to another connection; refreshes in flight for the old one are cancelled."""
        if connection is not None and connection is not self.connections.current:
            self.refresher.look_at()
            self.connections.current = connection
            self.subscribe(connection)

    def _arrive(self, place: Place) -> None:
        self.place = place
        self.table.show(self.view)
        for connection in self.connections.all:
            if self.view.merged is not None or connection is self.connections.current:
                connection.refresher.look_at(*self.view.scopes(place))
                self._restore(connection, place.cluster)
        if place.view == "containers":
            self._load_definition()
        self._update_rows()

    def _restore(self, connection: Connection, cluster: str) -> None:
        if connection.is_restored(cluster):
            return
        if not cluster:  # a short list, shown in the first frame
            self._note_problem(connection.restore())
        else:
            self.run_worker(self._restored(connection.restore_cluster(cluster)), group="restore")

    async def _restored(self, work: Awaitable[str]) -> None:
        self._note_problem(await work)

    def _note_problem(self, notice: str) -> None:
        if notice:
            self.note(notice, 12, news=True)

    @work(exclusive=True, group="definition")
    async def _load_definition(self) -> None:
        """Load the task definition; retry while the task's containers are shown."""
        inventory = self.inventory
        task = inventory.task(self.place.task_arn)
        if task is None or not task.task_definition:
            return
        pause, noted = self.settings.refresh, ""
        while True:
            try:
                await inventory.task_definition(task.task_definition)
            except EcsTuiError as error:
                if self.place.task_arn != task.arn:
                    return
                if str(error) != noted:
                    noted = str(error)
                    self.note(noted, 15, news=True)
            else:
                self._update_rows()
                return
            await asyncio.sleep(pause)
            pause = min(MAX_PAUSE_SECONDS, 2 * pause)
            if self.place.task_arn != task.arn:
                return

    def current_cluster(self) -> str:
        """The cluster of the place, else of the selected row of clusters, else ""."""
        if self.place.cluster:
            return self.place.cluster
        row = self.table.current
        of_clusters = self.place.view in ("clusters", "accounts")
        return row.name if row is not None and of_clusters else ""

    def current_service(self) -> Service | None:
        """The selected service, or the service whose tasks are shown, or None."""
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

    def current_connection(self) -> Connection:
        """The connection of the selected row in a merged list, else the current one."""
        row = self.table.current
        if isinstance(row, AccountClusterRow):
            return next(
                connection
                for connection in self.connections.all
                if connection.inventory is row.inventory
            )
        return self.connections.current

    def freshness(self) -> list[Freshness]:
        """The freshness of each scope of the place; in a merged list, for every connection."""
        connections = (
            self.connections.all if self.view.merged is not None else [self.connections.current]
        )
        scopes = self.view.scopes(self.place)
        return [
            connection.inventory.freshness(scope) for connection in connections for scope in scopes
        ]

    # -- drawing

    def _changed(self, changed: Changed) -> None:
        """Schedule one redraw for all changes that arrive together."""
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
            self._later = self.set_timer(MANY_ROWS_SECONDS, self._update_rows)

    def _complete(self, changed: Changed) -> bool:
        """Whether a List call of the shown list is complete and its rows are not drawn yet."""
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
            rows = self.view.merged(
                [(connection.label, connection.inventory) for connection in self.connections.all]
            )
        else:
            rows = self.view.rows(self.inventory, self.place)
        self.table.update_rows(rows)
        self._look_up()
        self.draw()
        if self.table.rows and not self._warmed:
            # Not before the first rows are drawn: they are more urgent than a shell.
            self._warmed = True
            self.call_after_refresh(self.warm_worker.warm)

    def _look_up(self) -> None:
        """Request the additional lookups that the visible rows and the details need."""
        wanted = {connection: list[Lookup]() for connection in self.connections.all}
        row = self.table.current
        if self.details_open and row is not None:
            connection = self.current_connection()
            wanted[connection] += lookups_for(row, connection.inventory)
        if self.view.merged is None:
            connection = self.connections.current
            seen = self.table.rows_in_view
            wanted[connection] += self.view.lookups(connection.inventory, self.place, seen)
        for connection, lookups in wanted.items():
            connection.inventory.lookups.look_up(lookups)

    def _tick(self) -> None:
        """Called once a second: update ages, slow down refreshes while idle, do background work."""
        idle = self._away or time.monotonic() - self._active_at > IDLE_SECONDS
        for connection in self.connections.all:
            connection.refresher.idle(idle)
        self._warm_finder()
        self._gc_tuning.on_object_count(
            sum(connection.inventory.size for connection in self.connections.all)
        )
        self._gc_tuning.collect_when_quiet(time.monotonic(), self._active_at)
        self.table.update_ages()
        self._look_up()
        self.shells.tick()
        self.dock.draw_tabs()
        self.draw()

    def _warm_finder(self) -> None:
        """Prepare the names for `:` in advance, in portions between keys."""
        changes = sum(connection.inventory.changes for connection in self.connections.all)
        if self._warming is None and changes != self._warmed_at and not self.prompt.is_open:
            self._warmed_at = changes
            self._warming = self._finder()
        if self._warming is not None:
            if self._warming.warm():
                self.set_timer(WARM_SECONDS, self._warm_finder)
            else:
                self._warming = None

    def _finder(self) -> Finder:
        connections = [self.connections.current] + [
            h for h in self.connections.all if h is not self.connections.current
        ]
        return Finder(
            [(connection.label, connection.inventory) for connection in connections],
            self.place.cluster,
            [action.name for action in ACTIONS],
        )

    @work(exclusive=True, group="save")
    async def _save(self) -> None:
        await self.connections.save()

    def draw(self) -> None:
        """Redraw the bars, the message and the details."""
        self._head.write(*status.head(self))
        self._path.write(*status.path(self))
        self._draw_message()
        self._draw_foot()
        if self.details_open:
            row, inventory = self.table.current, self.current_connection().inventory
            more = self.shells.choice.remembered(self.current_definition(), row)
            about = facts_about(row, inventory, datetime.now(UTC), more)
            self._details.show(self.view.key(row) if row is not None else "", about)

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
        """Show a note in the footer, until the next key or for `seconds`.

        Args:
            words: The note.
            seconds: The longest time that it is shown.
            news: Whether no key caused it: keys then clear it only after `NEWS_SECONDS`.
        """
        now = time.monotonic()
        self._note, self._note_until = words, now + seconds
        self._note_held = now + NEWS_SECONDS if news else now
        self._draw_foot()

    def answered(self) -> None:
        """Clear the note at a key, click or paste; news only after `NEWS_SECONDS`."""
        if self._note and time.monotonic() >= self._note_held:
            self._note = ""
            self._draw_foot()
        self._note_until = min(self._note_until, self._note_held)

    def toggle_details(self, show: bool | None = None) -> None:
        """Show or hide the details of the selected row; None toggles them."""
        self._details.set_class(not self.details_open if show is None else show, "-open")
        self._look_up()
        self.draw()

    @property
    def details_open(self) -> bool:
        """Whether the details of the selected row are shown."""
        return self._details.has_class("-open")

    def scroll_details(self, direction: int) -> None:
        """Scroll the details half a page, down (1) or up (-1)."""
        self._details.move(direction)

    # -- keys

    def obstacle(self, action: Action) -> str:
        """Why an action is not possible here and now, in a sentence, or ""."""
        if action.mutates and self.account.read_only:
            return f"Read-only mode: {action.title} is disabled."
        return action.obstacle(self)

    async def perform(self, action: Action) -> None:
        """Run an action, or note why it is not possible; actions with dialogs run in a worker."""
        obstacle = self.obstacle(action)
        if obstacle:
            self.note(obstacle)
        elif action.asks:
            self._run_in_worker(action)
        else:
            await self._run(action)

    @work(group="action")
    async def _run_in_worker(self, action: Action) -> None:
        await self._run(action)

    async def _run(self, action: Action) -> None:
        try:
            await action.run(self)
        except EcsTuiError as error:
            self.note(str(error), 15)
        self.draw()

    async def on_key(self, event: events.Key) -> None:
        """Run the action of a key, unless the prompt or an input line takes the key."""
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
            return  # the input line of a shell's pane
        action = _KEYS.get(event.key) or _KEYS.get(event.character or "")
        if event.key in self._prefix.names:
            action = _ACTIONS["dock"]
        if action is not None:
            event.stop()
            event.prevent_default()
            await self.perform(action)

    def active(self) -> None:
        """Called at input, or when the terminal gets the focus: refresh at the normal rate."""
        self._active_at = time.monotonic()
        if self._away or self.refresher.slowed:
            self._away = False
            for connection in self.connections.all:
                connection.refresher.idle(False)

    def away(self) -> None:
        """Called when the outer terminal has lost the focus: refresh less often."""
        self._away = True

    async def on_resource_table_opened(self) -> None:
        await self.perform(_KEYS["enter"])

    def on_resource_table_scrolled(self) -> None:
        """Load the visible rows first."""
        if self.place.view == "containers":
            self.refresher.see([self.place.task_arn])
        elif self.view.merged is None:
            self.refresher.see(*self.table.in_view)

    def _look(self) -> None:
        """Refresh the lists of the place, and the tasks of the service under the cursor."""
        scopes = self.view.scopes(self.place)
        service = self.current_service() if self.place.view == "services" else None
        if service is not None:
            scopes = (*scopes, Scope(Kind.TASK, self.place.cluster, service.name))
        self.refresher.look_at(*scopes)
        self.on_resource_table_scrolled()

    def on_resource_table_moved(self) -> None:
        """Update the details; in large clusters, load the service's tasks once the cursor rests."""
        if self.place.view == "services" and self.refresher.large(self.place.cluster):
            if self._rest is not None:
                self._rest.stop()
            self._rest = self.set_timer(0.4, self._look)
        if self.details_open:
            self._look_up()
            self.draw()

    def on_descendant_focus(self) -> None:
        """Show the keys of the focused widget in the footer."""
        self._draw_foot()

    def on_screen_suspend(self) -> None:
        """Update the footer: a dialog takes the keys now."""
        self._draw_foot()

    def on_screen_resume(self) -> None:
        """Update the footer: the dialog is closed."""
        self._draw_foot()

    # -- the prompt

    def open_prompt(self, kind: str) -> None:
        """Open the prompt for a filter (`/`) or a destination (`:`)."""
        if kind == "/":
            self.prompt.open("/", self.table.filter)
            return
        self.prompt.open(":", find=self._finder().find)

    def on_prompt_filtered(self, event: Prompt.Filtered) -> None:
        self.table.set_filter(event.text)
        self._path.write(*status.path(self))
        self._draw_message()

    async def on_prompt_chosen(self, event: Prompt.Chosen) -> None:
        """Go to the chosen place, or run the chosen action."""
        self.prompt.unhandled -= 1
        match = event.match
        if match is None:
            self.note(f'No cluster, service, task or action matches "{clean(event.text)}".')
        elif match.place is None:
            await self.perform(next(item for item in ACTIONS if item.name == match.name))
        else:
            self.go(match.place, connection=self.connections.of(match.label))
            if match.select:
                self.table.select_key(match.select)
            self._update_rows()

    def on_prompt_closed(self, event: Prompt.Closed) -> None:
        """Return the focus to the list."""
        self.prompt.unhandled -= 1
        if event.kind == "/" and event.dropped:
            self.table.set_filter("")
        self.table.focus()
        self.draw()

    async def on_prompt_late(self, event: Prompt.Late) -> None:
        """Handle a key that arrived after the prompt was closed."""
        await self.on_key(event.key)

    # -- shells

    async def shell_task(self) -> tuple[Task | None, str]:
        """The task to open a shell in, or None; and the container, "" if it has to be chosen."""
        row = self.table.current
        if self.place.view == "containers" and row is not None:
            return row.task, row.container.name
        if self.place.view == "tasks":
            return row, ""
        service = self.current_service()
        if service is None:
            return None, ""
        inventory, cluster = self.inventory, self.place.cluster  # they may change during the await
        tasks = inventory.service_tasks(cluster, service.name)
        if not tasks:
            await inventory.load(Scope(Kind.TASK, cluster, service.name))
            tasks = inventory.tasks(cluster, service.name)
        return newest_ready_task(tasks), ""

    async def tasks_in_view(self) -> list[Task]:
        """The running tasks of the place: of its service, else of the whole cluster."""
        inventory = self.current_connection().inventory
        cluster, service = self.current_cluster(), self.place.service
        if inventory.freshness(Scope(Kind.TASK, cluster)).fetched_at is None:
            await inventory.load(Scope(Kind.TASK, cluster, service))
        return inventory.tasks(cluster, service)

    def on_resize(self) -> None:
        """Place the dock beside or below the list, depending on the width."""
        self.shells.arrange()

    def on_terminal_view_prefix_pressed(self) -> None:
        """Show that the next key is a dock command, and after a delay the menu."""
        self._prefix_armed = True
        self._menu_timer = self.set_timer(MENU_DELAY_SECONDS, self._show_menu)
        self._draw_foot()

    def _show_menu(self) -> None:
        items = [(item.shown, item.title) for item in DOCK if not item.obstacle(self)]
        prefix = self._prefix.shown
        self.menu.open([*items, ("1-9", "shell N"), (prefix, f"send {prefix}")])

    async def on_terminal_view_prefix_command(self, event: TerminalView.PrefixCommand) -> None:
        """Run the dock command of the key after the prefix, or show the shell with that number."""
        self._prefix_armed = False
        if self._menu_timer is not None:
            self._menu_timer.stop()
        self.menu.close()
        try:
            await self._command(event.key)
        finally:
            # Queued behind the change of the focus, for which Textual uses `call_later` too.
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
        """Return the focus to the list."""
        self.dock.zoom(False)
        self.table.focus()

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

    # -- leaving

    @work(group="leave", exclusive=True)
    async def leave(self) -> None:
        """Quit; asks first if shells are open."""
        if await self.shells.may_leave():
            await self.end()
            self.app.exit()

    async def end(self, within: float = END_SECONDS) -> None:
        """End sessions, loads and clients; `within`: seconds that AWS has to end the sessions."""
        await self.shells.end(within)
        await self.connections.close()

    def help_text(self) -> str:
        return help_text((*ACTIONS, *DOCK), self._prefix.both)
