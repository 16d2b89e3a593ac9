"""The one big screen: a list of resources, its details, and the dock of shells."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime

from textual import events, work
from textual.app import ComposeResult
from textual.containers import Container, Vertical, VerticalScroll
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Input, Static

from ecs_tui import remembered
from ecs_tui.aws import ecs
from ecs_tui.aws.account import Account
from ecs_tui.doctor.access import AccessBook
from ecs_tui.errors import AccessDenied, EcsTuiError, ExecFailed
from ecs_tui.inventory.inventory import Changed, Inventory, Kind, Scope
from ecs_tui.inventory.refresher import Refresher
from ecs_tui.model.arn import short_name
from ecs_tui.model.exec_status import newest_ready_task
from ecs_tui.model.identity import Caller
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task
from ecs_tui.model.words import age, clean
from ecs_tui.session.session import Target
from ecs_tui.settings import Settings
from ecs_tui.terminal.process import Spare
from ecs_tui.terminal.widget import TerminalView
from ecs_tui.ui.actions import ACTIONS, DOCK, Action, DockAction
from ecs_tui.ui.actions.doctor import examine
from ecs_tui.ui.details import details
from ecs_tui.ui.goto import goto
from ecs_tui.ui.screens.confirm import ConfirmScreen
from ecs_tui.ui.texts import help_text
from ecs_tui.ui.views import VIEWS, Place, View
from ecs_tui.ui.widgets.bars import Bar
from ecs_tui.ui.widgets.dock import Dock
from ecs_tui.ui.widgets.pane import ShellPane
from ecs_tui.ui.widgets.table import ResourceTable

OLD_AFTER = 3.0
"""Data older than this many refreshes is marked as old."""
WIDE = 140
MANY_ROWS = 1000
MANY_EVERY = 0.25
"""Seconds between two drawings of a list of many rows while it is being filled."""
_KEYS: dict[str, Action] = {key: action for action in ACTIONS for key in action.keys}
_DOCK_KEYS: dict[str, DockAction] = {key: action for action in DOCK for key in action.keys}


class Browser(Screen[None]):
    """Lists with live refresh; keys are looked up among the actions."""

    DEFAULT_CSS = """
    Browser { layout: vertical; }
    Browser #work { height: 1fr; layout: vertical; }
    Browser #work.-beside { layout: horizontal; }
    Browser #main { height: 1fr; width: 1fr; }
    Browser #details { display: none; height: 40%; border-top: solid $primary; padding: 0 1; }
    Browser #details.-open { display: block; }
    Browser #message { display: none; height: auto; padding: 0 1; color: $text-muted; }
    Browser #prompt { display: none; height: 1; border: none; padding: 0 1; background: $surface; }
    Browser #prompt.-open { display: block; }
    Browser.-zoom #main { display: none; }
    """

    def __init__(self, account: Account, settings: Settings) -> None:
        super().__init__()
        self.account, self.settings = account, settings
        self.inventory = Inventory(account)
        self.refresher = Refresher(self.inventory, settings.refresh)
        self.place = Place()
        self.caller: Caller | None = None
        self.table = ResourceTable(flash=settings.flash)
        self.dock = Dock()
        self._history: list[tuple[Place, str, str]] = []
        self._note = ""
        self._note_until = 0.0
        self._pending_rows = False
        self._prefix_armed = False
        self._warmed = False
        self._rest: Timer | None = None
        self._stop_after: set[str] = set()
        self.said: dict[str, str] = {}
        self.access = AccessBook(account)
        self._remembered = remembered.load()
        self._split = settings.split if settings.split != "auto" else self._remembered.split
        self.spare = Spare(settings.engine, settings.scrollback)
        self._head = Bar()
        self._path = Bar("-quiet")
        self._foot = Bar()
        self._message = Static("", id="message", markup=False)
        self._details = VerticalScroll(Static("", id="facts", markup=False), id="details")
        self._prompt = Input(id="prompt", compact=True)

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
        yield self._prompt
        yield self._foot

    def on_mount(self) -> None:
        """Start looking."""
        self.inventory.listen(self._changed)
        self.set_interval(1.0, self._tick)
        start = Place()
        if self.settings.cluster:
            cluster = short_name(self.settings.cluster)
            start = Place("services", cluster=cluster)
            self._history.append((Place(), "", ""))
            if self.settings.service:
                self._history.append((start, "", ""))
                start = Place("tasks", cluster=cluster, service=short_name(self.settings.service))
        self._arrive(start)
        self.table.focus()
        self._identify()

    @work(exclusive=True, group="identify")
    async def _identify(self) -> None:
        try:
            self.caller = await self.account.caller()
        except EcsTuiError as error:
            self.note(str(error))
        self._draw_head()

    @property
    def view(self) -> View:
        """The view of the place."""
        return VIEWS[self.place.view]

    # -- places

    def go(self, place: Place, *, replace: bool = False) -> None:
        """Go to a place; `replace` does not remember the old one."""
        if not replace:
            row = self.table.current
            key = self.view.key(row) if row is not None else ""
            self._history.append((self.place, key, self.table.filter))
        self._arrive(place)

    def back(self) -> None:
        """Clear the filter, close the details, or return to the place before."""
        if self.table.filter:
            self.table.set_filter("")
        elif self._details.has_class("-open"):
            self.toggle_details(False)
        elif self._history:
            place, key, text = self._history.pop()
            self._arrive(place)
            self.table.select_key(key)
            if text:
                self.table.set_filter(text)
        self._draw()

    def _arrive(self, place: Place) -> None:
        self.place = place
        self.table.show(self.view)
        self.refresher.look_at(*self.view.scopes(place))
        if place.view == "containers":
            self._load_definition()
        self._update_rows()

    @work(exclusive=True, group="definition")
    async def _load_definition(self) -> None:
        task = self.inventory.task(self.place.task_arn)
        if task is None or not task.task_definition:
            return
        try:
            await self.inventory.task_definition(task.task_definition)
        except EcsTuiError as error:
            self.note(str(error))
        self._update_rows()

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

    # -- drawing

    def _changed(self, changed: Changed) -> None:
        """Something is new: draw once for all that arrives together."""
        if not self._pending_rows and self.is_attached:
            self._pending_rows = True
            if len(self.table.rows) > MANY_ROWS:
                self.set_timer(MANY_EVERY, self._update_rows)
            else:
                self.call_later(self._update_rows)

    def _update_rows(self) -> None:
        self._pending_rows = False
        self.table.update_rows(self.view.rows(self.inventory, self.place))
        self._draw()
        if self.table.rows and not self._warmed:
            # Not before the first rows are seen: they come first, a shell comes later.
            self._warmed = True
            self.call_after_refresh(self.spare.warm)

    def _tick(self) -> None:
        """Ages grow also when nothing changes."""
        self.table.grow_older()
        self.dock.draw_tabs()
        self._draw()

    def _draw(self) -> None:
        self._draw_head()
        self._draw_path()
        self._draw_message()
        self._draw_foot()
        if self._details.has_class("-open"):
            row = self.table.current
            text = details(row, self.inventory, datetime.now(UTC)) if row is not None else ""
            self.query_one("#facts", Static).update(text)

    def _draw_head(self) -> None:
        account = self.account
        who = "…"
        if self.caller is not None:
            alias = f"{clean(self.caller.alias)} " if self.caller.alias else ""
            who = f"{alias}({self.caller.account})  {clean(self.caller.who)}"
        parts = ["ecs-tui", who, f"{account.profile or 'default'} · {account.region or '…'}"]
        if account.endpoint_url:
            parts.append(account.endpoint_url)
        if account.read_only:
            parts.append("READ-ONLY")
        self._head.write("  ".join(parts), f"{self._age()}  {account.pace.calls_per_minute()}/min")

    def _age(self) -> str:
        every = [self.inventory.freshness(scope) for scope in self.view.scopes(self.place)]
        fresh, failed = every[0], any(item.error for item in every)
        if fresh.fetched_at is None:
            return "✖ no data" if failed else "◐ loading"
        seconds = time.monotonic() - fresh.fetched_at
        old = seconds > OLD_AFTER * self.settings.refresh or failed
        return f"{'▲ old: ' if old else '● '}{age(seconds)} ago"

    def _draw_path(self) -> None:
        place = self.place
        parts = ["clusters"]
        if place.cluster:
            parts.append(clean(place.cluster))
        if place.service:
            parts.append(clean(place.service))
        if place.task_arn:
            parts.append(short_name(place.task_arn)[:12])
        parts.append(place.view if place.view != "clusters" else "")
        if place.stopped:
            parts.append("stopped")
        shown, total = len(self.table.order), len(self.table.rows)
        count = f"{shown} of {total}" if self.table.filter else str(total)
        filtered = f"/ {self.table.filter}   " if self.table.filter else ""
        self._path.write(" › ".join(part for part in parts if part), f"{filtered}{count}")

    def _draw_message(self) -> None:
        words = ""
        scopes = self.view.scopes(self.place)
        error = next((e for s in scopes if (e := self.inventory.freshness(s).error)), None)
        if error is not None:
            words = f"✖ {error}   r retry"
        elif not self.table.rows:
            fresh = self.inventory.freshness(scopes[0])
            words = "◐ loading …" if fresh.fetched_at is None else self.view.empty
        elif not self.table.order:
            words = f"Nothing matches {self.table.filter!r}. esc clears the filter."
        self._message.display = bool(words)
        self._message.update(clean(words))

    def _draw_foot(self) -> None:
        if self._prefix_armed:
            menu = [f"{item.shown} {item.title}" for item in DOCK if not item.obstacle(self)]
            self._foot.write("  ".join([*menu, "ctrl+] sends it"]))
            return
        if self._note and time.monotonic() < self._note_until:
            self._foot.write(clean(self._note))
            return
        if isinstance(self.focused, TerminalView):
            self._foot.write(
                "every key goes to the shell", "ctrl+] then a key: list, next, close …"
            )
            return
        keys = [
            f"{action.shown} {action.title}"
            for action in ACTIONS
            if action.footer and not self._obstacle(action)
        ]
        right = f"ctrl+] dock ({len(self.dock.panes)})" if self.dock.panes else ""
        self._foot.write("  ".join(keys), right)

    def note(self, words: str, seconds: float = 8.0) -> None:
        """Say something in the footer for a while."""
        self._note, self._note_until = words, time.monotonic() + seconds
        self._draw_foot()

    def toggle_details(self, show: bool | None = None) -> None:
        """Show or hide the details of the selected row."""
        self._details.set_class(
            not self._details.has_class("-open") if show is None else show, "-open"
        )
        self._draw()

    # -- keys

    def _obstacle(self, action: Action) -> str:
        if action.mutates and self.account.read_only:
            return f"Read-only mode: {action.title} is refused."
        return action.obstacle(self)

    async def perform(self, action: Action) -> None:
        """Run an action, or say why not; those that ask something run beside the keys."""
        obstacle = self._obstacle(action)
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
        self._draw()

    async def on_key(self, event: events.Key) -> None:
        """Keys of the list are the actions'."""
        if self._prompt.has_class("-open"):
            # Also keys that were typed faster than the focus moved belong to the prompt.
            event.stop()
            event.prevent_default()
            if event.key == "escape":
                self._close_prompt()
            elif event.key == "enter":
                await self._prompt.action_submit()
            elif event.character and event.is_printable:
                self._prompt.insert_text_at_cursor(event.character)
            return
        action = _KEYS.get(event.key) or _KEYS.get(event.character or "")
        if action is not None:
            event.stop()
            event.prevent_default()
            await self.perform(action)

    async def on_resource_table_opened(self) -> None:
        """A double click opens."""
        await self.perform(_KEYS["enter"])

    def on_resource_table_scrolled(self) -> None:
        """What is seen comes first when AWS is asked."""
        if self.place.view == "containers":
            self.refresher.see([self.place.task_arn])
        else:
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
        if self._details.has_class("-open"):
            self._draw()

    def on_descendant_focus(self) -> None:
        """The footer tells whose the keys are."""
        self._draw_foot()

    # -- the prompt

    def open_prompt(self, kind: str) -> None:
        """Open the line for a filter (`/`) or a destination (`:`)."""
        self._prompt.add_class("-open")
        self._prompt.border_title = kind
        self._prompt.placeholder = (
            "filter: words, or column:value such as exec:no"
            if kind == "/"
            else "cluster, service, task id, or an action"
        )
        self._prompt.value = self.table.filter if kind == "/" else ""
        self.set_focus(self._prompt)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while typing."""
        if self._prompt.border_title == "/" and self._prompt.has_class("-open"):
            self.table.set_filter(event.value)
            self._draw_path()
            self._draw_message()

    async def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the line."""
        kind, text = self._prompt.border_title, event.value.strip()
        self._prompt.remove_class("-open")
        self.table.focus()
        if kind == ":" and text:
            action = next((item for item in ACTIONS if item.name == text), None)
            place = None if action else goto(self.inventory, self.place.cluster, text)
            if action is not None:
                await self.perform(action)
            elif place is not None:
                self.go(place[0])
                self.table.select_key(place[1])
                self._update_rows()
            else:
                self.note(f"Nothing known is called {text!r}: no cluster, service, task or action.")

    def _close_prompt(self) -> None:
        if self._prompt.border_title == "/":
            self.table.set_filter("")
        self._prompt.remove_class("-open")
        self.table.focus()
        self._draw()

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
        tasks = self.inventory.tasks(self.place.cluster, service.name)
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

    def open_shell(self, target: Target, *, stop_after: bool = False) -> None:
        """Open a session in the dock; `stop_after`: its task is stopped when it ends."""
        if stop_after:
            self._stop_after.add(target.task_arn)
        self._arrange_split()
        pane = ShellPane(self.account, self.settings, target, self.spare, self._say)
        self.call_later(self.dock.add, pane)

    def _say(self, words: str) -> None:
        self.note(words, 12)

    def turn_split(self) -> None:
        """Dock beside the list, or below it."""
        beside = self.query_one("#work").has_class("-beside")
        self._split = self._remembered.split = "below" if beside else "beside"
        remembered.save(self._remembered)
        self._arrange_split()

    def _arrange_split(self) -> None:
        beside = self._split == "beside" or (self._split != "below" and self.size.width >= WIDE)
        self.query_one("#work").set_class(beside, "-beside")

    def on_resize(self) -> None:
        """A narrow terminal puts the dock below, a tiny one shows one thing at a time."""
        self._arrange_split()

    def on_terminal_view_prefix(self) -> None:
        """The next key is for the dock: show what it can be."""
        self._prefix_armed = True
        self._draw_foot()

    async def on_terminal_view_command(self, event: TerminalView.Command) -> None:
        """The key after the prefix: the dock's, a shell's number, or the prefix itself."""
        self._prefix_armed = False
        pane = self.dock.current
        key = event.key
        action = _DOCK_KEYS.get(key)
        if pane is None:
            self.focus_list()
        elif action is not None:
            await self.perform(action)
            if action.stays:
                pane.view.arm()
        elif key.isdigit() and 0 < int(key) <= len(self.dock.panes):
            self.dock.show(self.dock.panes[int(key) - 1])
        elif key == self.settings.prefix:
            pane.type_prefix()
        self._draw_foot()

    def focus_list(self) -> None:
        """The keys are the list's again."""
        self.remove_class("-zoom")
        self.table.focus()

    @work(group="close")
    async def close_shell(self, pane: ShellPane) -> None:
        """End a shell and take it out of the dock."""
        await self.dock.close(pane)
        if not self.dock.panes:
            self.focus_list()
        self._draw()

    def on_dock_changed(self) -> None:
        """The footer counts shells."""
        self._draw_foot()

    def on_shell_pane_ended(self, event: ShellPane.Ended) -> None:
        """Say why; the operator's keys go back to the list if they were going to that shell."""
        session = event.pane.session
        self.said[event.pane.target.task_arn] = session.reason
        if session.error is not None:
            self.note(str(session.error), 20)
            self._explain(event.pane)
        if event.pane.target.task_arn in self._stop_after:
            self._stop_task(event.pane.target)
        if event.pane.view.has_focus:
            self.focus_list()
        self._draw()

    @work(group="explain", exclusive=True)
    async def _explain(self, pane: ShellPane) -> None:
        """A shell that ECS refused: the doctor, with what AWS said on top."""
        error = pane.session.error
        task = self.inventory.task(pane.target.task_arn)
        if task is None or not isinstance(error, (AccessDenied, ExecFailed)):
            return
        if self.app.screen is self:
            await examine(self, task, pane.target.container, str(error))

    @work(group="stop")
    async def _stop_task(self, target: Target) -> None:
        """The one-off's shell has ended: so does the one-off, as was asked for."""
        self._stop_after.discard(target.task_arn)
        try:
            cluster = short_name(target.cluster)
            await ecs.stop_task(self.account, cluster, target.task_arn, "its shell ended (ecs-tui)")
            self.note(f"The one-off task {target.task_id[:12]} is being stopped.")
        except EcsTuiError as error:
            self.note(f"The one-off task {target.task_id[:12]} could not be stopped: {error}", 20)

    @work(group="paste")
    async def on_terminal_view_ask_paste(self, event: TerminalView.AskPaste) -> None:
        """Several lines into a shell that would run them at once: ask."""
        pane = self.dock.current
        yes = await self.app.push_screen_wait(
            ConfirmScreen(
                f"Paste {event.lines} lines into {pane.target.words if pane else 'the shell'}?",
                "The program there does not ask for bracketed paste: each line runs at once.",
                "Paste",
            )
        )
        if yes and pane is not None:
            pane.paste(event.data)
        self.dock.focus_current()

    # -- leaving

    @work(group="leave", exclusive=True)
    async def leave(self) -> None:
        """Ask about open shells, end them, go."""
        live = self.dock.live
        if live:
            names = ", ".join(pane.target.words for pane in live[:3])
            yes = await self.app.push_screen_wait(
                ConfirmScreen(
                    f"Quit and end {len(live)} open shell{'s' if len(live) > 1 else ''}?",
                    f"{names}: their sessions are terminated, what runs in them gets a hang-up.",
                    "Quit",
                )
            )
            if not yes:
                return
        await self.end()
        self.app.exit()

    async def end(self) -> None:
        """End sessions, loads and clients."""
        await asyncio.gather(*(pane.end() for pane in self.dock.panes))
        self.spare.close()
        await self.refresher.close()
        await self.account.close()

    def help_text(self) -> str:
        """All keys, from the actions."""
        return help_text((*ACTIONS, *DOCK))
