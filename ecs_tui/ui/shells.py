"""The shells of the dashboard: opening, typing into several, ending, and what follows."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from ecs_tui import remembered
from ecs_tui.aws import ecs
from ecs_tui.errors import AccessDenied, EcsTuiError, ExecFailed
from ecs_tui.inventory.inventory import Kind, Scope
from ecs_tui.model.arn import short_name
from ecs_tui.model.exec_status import Verdict, container_readiness
from ecs_tui.model.task import Task
from ecs_tui.model.words import counted
from ecs_tui.session.remote import all_told
from ecs_tui.session.session import Target
from ecs_tui.terminal.input import Paste
from ecs_tui.terminal.paste import Pasted, too_long
from ecs_tui.terminal.process import Spare
from ecs_tui.ui.actions.doctor import examine
from ecs_tui.ui.footer import focused_pane
from ecs_tui.ui.home import Home
from ecs_tui.ui.links import may_open
from ecs_tui.ui.screens.confirm import ConfirmScreen
from ecs_tui.ui.screens.link import LinkScreen
from ecs_tui.ui.screens.paste import PasteScreen
from ecs_tui.ui.widgets.pane import ShellPane, Surroundings

if TYPE_CHECKING:
    from ecs_tui.ui.screens.browser import Browser

WIDE = 140
"""Columns from which the dock stands beside the list unless the operator chose otherwise."""
SUCCESSORS_EVERY = 3.0
"""Seconds between looks for a task that replaces one with a shell in it."""
AFTERMATH = 60.0
"""Seconds for which the task of a shell that has ended is still looked at: it may tell why."""
LATE = 1.5
"""Seconds from `q` in which ECS may open a session that is to be ended at once, and AWS may answer
calls of closed panes: without them shells would go on in containers."""
_SHOWN = 300
"""Characters of a text for the clipboard that are shown."""


class Shells:
    """What the browser does with the panes of its dock.

    Attributes:
        said: How the last shell of a task ended, by the task's ARN.
        spare: The worker that waits for the next pane.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        settings = browser.settings
        self.said: dict[str, str] = {}
        self.spare = Spare(settings.engine, settings.scrollback)
        self._stop_after: set[str] = set()
        self._looked_at = 0.0
        self._asking = False
        self._split = settings.split if settings.split != "auto" else browser.remembered.split

    # -- opening

    def open(self, target: Target, *, home: Home | None = None, stop_after: bool = False) -> None:
        """Open a session in the dock; `stop_after`: its task is stopped when it ends."""
        browser = self._browser
        home = home or browser.homes.current
        if self._refused(home):
            return
        if stop_after:
            self._stop_after.add(target.task_arn)
        self.arrange()
        around = Surroundings(
            home,
            browser.settings,
            self.spare,
            lambda words: browser.note(words, 12),
            lambda words: browser.note(words, 12, news=True),
            self.route,
        )
        browser.call_later(browser.dock.add, ShellPane(around, target))

    def open_successor(self, pane: ShellPane) -> None:
        """The same container in the task that has replaced this one."""
        if pane.successor is not None:
            self.open(pane.successor, home=pane.around.home)

    def reopen(self, pane: ShellPane) -> None:
        """A new session in the place of one that has ended."""
        browser = self._browser
        if not self._refused(pane.around.home):
            new = ShellPane(pane.around, pane.reopens)
            new.nickname = pane.nickname
            browser.call_later(browser.dock.replace, pane, new)

    def _refused(self, home: Home) -> bool:
        if home.account.read_only:
            self._browser.note("Read-only mode: shell is refused.")
        return home.account.read_only

    def closed_key(self, pane: ShellPane, key: str) -> None:
        """A key in a pane whose session has ended."""
        if key == "enter":
            self.reopen(pane)
        elif key in ("x", "q"):
            self.close(pane)
        elif key == "escape":
            self._browser.focus_list()
        else:
            self._browser.note("This shell has ended: enter reopens it, x closes it, esc: list.")

    # -- typing

    def _typed_into(self, pane: ShellPane) -> list[ShellPane]:
        """Where what is typed in a pane goes: there, or to all marked ones."""
        return self._browser.dock.marked if pane.marked else [pane]

    def route(self, pane: ShellPane, data: bytes) -> None:
        """A key typed in a pane, as the terminal sent it."""
        for each in self._typed_into(pane):
            each.type_key(data)

    def mark(self, pane: ShellPane, on: bool) -> None:
        """Type into this one together with the others that are marked, or alone again."""
        pane.marked = on
        pane.show_state()
        self._browser.dock.draw_tabs()
        count = len(self._browser.dock.marked)
        if count > 1:
            words = f"What you type in a marked shell goes to {counted(count, 'shell')}."
        elif on:
            words = "Marked. Mark another shell, and what you type in one goes to both."
        else:
            words = "Each shell is typed into alone again."
        self._browser.note(words)

    # -- what the inventory knows of their tasks

    def tick(self) -> None:
        """Once a second: see whether tasks with shells in them are on their way out."""
        watched: dict[int, list[str]] = {}
        for pane in self._browser.dock.panes:
            home = pane.around.home
            task = home.inventory.task(pane.target.task_arn)
            pane.task_known = pane.task_known or task is not None
            fate = _fate(task, pane.target.container, known=pane.task_known)
            if task is None and pane.fate:
                fate = pane.fate  # a list of running tasks has dropped it: that is no news
            if fate and fate != pane.fate:
                self._browser.note(f"{pane.words}: {fate}.", 12, news=True)
            pane.fate = fate
            pane.session.look(time.monotonic())
            pane.show_state()
            ended = time.monotonic() - (pane.session.closed_at or time.monotonic())
            if pane.alive or ended < AFTERMATH or (pane.fate and pane.successor is None):
                watched.setdefault(id(home), []).append(pane.target.task_arn)
        for home in self._browser.homes.all:
            home.refresher.watch(watched.get(id(home), []))
        self._look_for_successors()

    def _look_for_successors(self) -> None:
        now = time.monotonic()
        wanting = [
            pane
            for pane in self._browser.dock.panes
            if pane.fate and pane.successor is None and pane.target.service
        ]
        if wanting and not self._asking and now - self._looked_at > SUCCESSORS_EVERY:
            self._looked_at, self._asking = now, True
            self._browser.run_worker(self._find_successors(wanting), group="successors")

    async def _find_successors(self, panes: list[ShellPane]) -> None:
        try:
            for pane in panes:
                target, inventory = pane.target, pane.around.home.inventory
                cluster = short_name(target.cluster)
                scope = Scope(Kind.TASK, cluster, target.service)
                await inventory.list_names(scope)
                names = [task.arn for task in inventory.tasks(cluster, target.service)]
                if names:
                    await inventory.describe(scope, names[:100])
                found = successor(target, inventory.tasks(cluster, target.service))
                if found is not None and pane.successor is None:
                    prefix = self._browser.settings.prefix_keys.shown
                    pane.successor = found
                    self._browser.note(
                        f"{pane.words} has a successor: {prefix} o opens {found.task_id[:7]}.",
                        12,
                        news=True,
                    )
                    pane.show_state()
        finally:
            self._asking = False

    # -- what programs inside ask for

    async def ask_clipboard(self, pane: ShellPane) -> None:
        """A program in a container wants a text on the operator's clipboard: show it and ask."""
        text, pane.wanted_text = pane.wanted_text, ""
        lines = text.count("\n") + 1
        shown = text[:_SHOWN].replace("\n", "⏎")
        yes = await self._browser.app.push_screen_wait(
            ConfirmScreen(
                f"A program in {pane.words} wants to put {counted(len(text), 'character')} "
                f"({counted(lines, 'line')}) on your clipboard.",
                shown,
                "Allow",
            )
        )
        if yes:
            self._browser.app.copy_to_clipboard(text)
            self._browser.note("It is on your clipboard.")
        self._focus_shell()

    def link_clicked(self, url: str, shown: str) -> None:
        """A link was clicked: show its real target and ask."""
        self._browser.run_worker(self._ask_link(url, shown), group="link", exclusive=True)

    async def _ask_link(self, url: str, shown: str) -> None:
        app = self._browser.app
        wish = await app.push_screen_wait(LinkScreen(url, shown, may_open(url)))
        if wish == "open":
            app.open_url(url)
        elif wish == "copy":
            app.copy_to_clipboard(url)
            self._browser.note("Copied the address.")
        self._focus_shell()

    def _focus_shell(self) -> None:
        """After a dialog the keys are the shell's again, unless it has ended meanwhile."""
        current = self._browser.dock.current
        if current is not None and current.alive:
            self._browser.dock.focus_current()
        else:
            self._browser.focus_list()

    # -- where they stand

    def turn(self) -> None:
        """Dock beside the list, or below it; the choice is remembered."""
        beside = self._browser.query_one("#work").has_class("-beside")
        self._split = self._browser.remembered.split = "below" if beside else "beside"
        remembered.save(self._browser.remembered)
        self.arrange()

    def arrange(self) -> None:
        """Beside where it was chosen so or the terminal is wide, else below."""
        wide = self._browser.size.width >= WIDE
        beside = self._split == "beside" or (self._split != "below" and wide)
        self._browser.query_one("#work").set_class(beside, "-beside")

    # -- ending

    def close(self, pane: ShellPane) -> None:
        """End a shell beside the keys and take it out of the dock."""
        self._browser.run_worker(self._close(pane), group="close")

    async def _close(self, pane: ShellPane) -> None:
        await self._browser.dock.close(pane)
        current = self._browser.dock.current
        if current is None or not current.alive:
            self._browser.focus_list()
        self._browser.draw()
        error = await pane.session.left()
        if error is not None:
            words = f"AWS was not told to end the session of {pane.words}: {error}"
            self._browser.note(words, 20, news=True)

    def ended(self, pane: ShellPane) -> None:
        """Say why; the operator's keys go back to the list if they were going to that shell."""
        browser, session = self._browser, pane.session
        self.said[pane.target.task_arn] = session.reason
        if session.error is None and pane in browser.dock.panes:  # not one that is being closed
            prefix = browser.settings.prefix_keys.shown
            offer = f"{prefix} enter reopens it, {prefix} x closes it"
            browser.note(f"{pane.words}: {session.reason}. {offer}.", 12, news=True)
        elif session.error is not None:
            browser.note(str(session.error), 20, news=True)
            browser.run_worker(self._explain(pane), group="explain", exclusive=True)
        if pane.target.task_arn in self._stop_after:
            browser.run_worker(self._stop_task(pane), group="stop")
        # Behind a focus that is on its way to the pane just now.
        browser.app.call_later(self._give_keys_back, pane)
        browser.draw()

    def _give_keys_back(self, pane: ShellPane) -> None:
        """From a shell that has ended to the list; in copy mode one goes on reading."""
        if focused_pane(self._browser) is pane and pane.view.copy_mode is None:
            self._browser.focus_list()

    async def _explain(self, pane: ShellPane) -> None:
        """A shell that ECS refused: the doctor, with what AWS said on top."""
        browser, error = self._browser, pane.session.error
        task = browser.inventory.task(pane.target.task_arn)
        if task is None or not isinstance(error, (AccessDenied, ExecFailed)):
            return
        if browser.app.screen is browser:
            await examine(browser, task, pane.target.container, str(error))

    async def _stop_task(self, pane: ShellPane) -> None:
        """The one-off's shell has ended: so does the one-off, as was asked for."""
        target, note = pane.target, self._browser.note
        self._stop_after.discard(target.task_arn)
        try:
            cluster = short_name(target.cluster)
            account = pane.session.account
            await ecs.stop_task(account, cluster, target.task_arn, "its shell ended (ecs-tui)")
            note(f"The one-off task {target.task_id[:12]} is being stopped.", news=True)
        except EcsTuiError as error:
            note(
                f"The one-off task {target.task_id[:12]} could not be stopped: {error}",
                20,
                news=True,
            )

    def paste(self, pane: ShellPane, paste: Paste) -> None:
        """Paste what the terminal sent, after asking where a program would act on it at once."""
        if paste.dropped:
            self._browser.note(too_long(paste.dropped), 20)
            return
        pasted = Pasted.of(paste.data, part=paste.part)
        if not pane.alive:
            self._browser.note("This shell has ended: nothing was pasted.")
        elif any(pasted.asks(each.link.picture.modes) for each in self._typed_into(pane)):
            self._browser.run_worker(self._ask_paste(pane, pasted), group="paste")
        else:
            self._paste(pane, pasted)

    def _paste(self, pane: ShellPane, pasted: Pasted) -> None:
        for each in self._typed_into(pane):
            each.paste(pasted)

    async def _ask_paste(self, pane: ShellPane, pasted: Pasted) -> None:
        """Ask; once more if by then another program would take it in another way."""
        agreed = ""
        while (effect := self._effect(pane, pasted)) and effect != agreed:
            screen = PasteScreen(pane.words, pasted, lambda text: self._effect(pane, text))
            if not await self._browser.app.push_screen_wait(screen):
                break
            pasted = screen.pasted
            agreed = screen.effect
        else:
            self._paste(pane, pasted)
        self._focus_shell()

    def _effect(self, pane: ShellPane, pasted: Pasted) -> str:
        """The worst that pasting does in one of the shells it goes to, or ""."""
        effects = (pasted.effect(each.link.picture.modes) for each in self._typed_into(pane))
        return max(effects, key=len, default="")

    async def may_leave(self) -> bool:
        """Ask about open shells; whether the operator agrees that they end."""
        live = self._browser.dock.live
        if not live:
            return True
        names = ", ".join(pane.words for pane in live[:3])
        yes = await self._browser.app.push_screen_wait(
            ConfirmScreen(
                f"Quit and end {counted(len(live), 'open shell')}?",
                f"{names}: their sessions are terminated, what runs in them gets a hang-up.",
                "Quit",
            )
        )
        return bool(yes)

    async def end(self, within: float = LATE) -> None:
        """End every session and the spare worker; AWS has so many seconds to confirm."""
        began = time.monotonic()
        await asyncio.gather(*(pane.end() for pane in self._browser.dock.panes))
        self.spare.close()
        await all_told(max(0.0, within - (time.monotonic() - began)))


def _fate(task: Task | None, container: str, *, known: bool) -> str:
    """What is happening to a task with a shell in it, or ""."""
    if task is None:
        return "its task is gone" if known else ""
    if task.last_status == "STOPPED":
        return "its task has stopped"
    if task.stopping:
        return "its task is being stopped"
    inside = task.container(container)
    if inside is not None and inside.last_status == "STOPPED":
        return "its container has stopped"
    return ""


def successor(target: Target, tasks: list[Task]) -> Target | None:
    """The same container in the newest other task of the service that can be exec'd into."""
    ready = []
    for task in tasks:
        container = task.container(target.container)
        if task.arn == target.task_arn or container is None or task.stopping or task.gone:
            continue
        if container_readiness(task, container).verdict is Verdict.READY:
            ready.append((task.created_at.timestamp() if task.created_at else 0.0, task, container))
    if not ready:
        return None
    _, task, container = max(ready, key=lambda item: item[0])
    return Target.of(task, container)
