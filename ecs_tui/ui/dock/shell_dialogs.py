"""What is asked about shells: risky pastes, requests of programs, links, closing and quitting.

The dialogs are imported where they open, and the rest for the first shell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import App
from textual.screen import Screen

from ecs_tui.model.command import is_shell
from ecs_tui.model.text import clean, counted
from ecs_tui.ui.dock.dock import Dock
from ecs_tui.ui.dock.host import DockHost

if TYPE_CHECKING:
    from ecs_tui.terminal.input import Paste
    from ecs_tui.terminal.paste import Pasted
    from ecs_tui.ui.dock.pane import ShellPane

_MAX_SHOWN_CHARACTERS = 300
"""Maximum characters shown of a text for the clipboard, and of a command."""


class ShellDialogs:
    """Asks before something happens to a shell or comes out of one."""

    def __init__(self, host: DockHost) -> None:
        self._host = host

    @property
    def _dock(self) -> Dock:
        return self._host.dock

    @property
    def _screen(self) -> Screen[object]:
        return self._host.dock.screen

    @property
    def _app(self) -> App[object]:
        return self._host.dock.app

    def _typed_into(self, pane: ShellPane) -> list[ShellPane]:
        """The panes that receive what is typed in `pane`: that one, or all marked ones."""
        return self._dock.marked if pane.marked else [pane]

    def paste(self, pane: ShellPane, paste: Paste) -> None:
        """Paste a text into a pane; asks first if that is risky (`Pasted.asks`)."""
        from ecs_tui.terminal.paste import Pasted, too_long

        if paste.dropped:
            self._host.note(too_long(paste.dropped), 20)
            return
        pasted = Pasted.of(paste.data, part=paste.part)
        if not pane.alive:
            self._host.note("This shell has ended: nothing was pasted.")
        elif any(pasted.asks(each.link.picture.modes) for each in self._typed_into(pane)):
            self._screen.run_worker(self._ask_paste(pane, pasted), group="paste")
        else:
            self._paste(pane, pasted)

    def _paste(self, pane: ShellPane, pasted: Pasted) -> None:
        for each in self._typed_into(pane):
            each.paste(pasted)

    async def _ask_paste(self, pane: ShellPane, pasted: Pasted) -> None:
        """Ask before a paste; ask again if its effect has changed by then."""
        from ecs_tui.ui.dialogs.paste import PasteScreen

        agreed = ""
        while (effect := self._effect(pane, pasted)) and effect != agreed:
            screen = PasteScreen(pane.words, pasted, lambda text: self._effect(pane, text))
            if not await self._app.push_screen_wait(screen):
                break
            pasted = screen.pasted
            agreed = screen.effect
        else:
            self._paste(pane, pasted)
        self._focus_shell()

    def _effect(self, pane: ShellPane, pasted: Pasted) -> str:
        """The longest warning about a paste for a shell that receives it, or ""."""
        effects = (pasted.effect(each.link.picture.modes) for each in self._typed_into(pane))
        return max(effects, key=len, default="")

    async def may_leave(self) -> bool:
        """Whether to quit: no shell is open, or the operator agrees that they end."""
        live = self._dock.live
        if not live:
            return True
        from ecs_tui.ui.dialogs.confirm import ConfirmScreen

        names = ", ".join(pane.words for pane in live[:3])
        what = ("their sessions", "them") if len(live) > 1 else ("its session", "it")
        yes = await self._app.push_screen_wait(
            ConfirmScreen(
                f"Quit and close {counted(len(live), 'open shell')}?",
                f"{names}: {what[0]} will be terminated and programs in {what[1]} will receive "
                "SIGHUP.",
                "Quit",
            )
        )
        return bool(yes)

    # -- requests of programs in containers

    async def ask_clipboard(self, pane: ShellPane) -> None:
        """Ask whether a program in a container may copy a text to the operator's clipboard."""
        from ecs_tui.ui.dialogs.confirm import ConfirmScreen

        text, pane.wanted_text = pane.wanted_text, ""
        lines = text.count("\n") + 1
        shown = text[:_MAX_SHOWN_CHARACTERS].replace("\n", "⏎")
        yes = await self._app.push_screen_wait(
            ConfirmScreen(
                f"A program in {pane.words} wants to copy {counted(len(text), 'character')} "
                f"({counted(lines, 'line')}) to your clipboard.",
                shown,
                "Allow",
            )
        )
        if yes:
            self._app.copy_to_clipboard(text)
            self._host.note("Copied to clipboard.")
        self._focus_shell()

    def link_clicked(self, url: str, shown: str) -> None:
        """Show the real target of a clicked link, and ask what to do with it."""
        self._screen.run_worker(self._ask_link(url, shown), group="link", exclusive=True)

    async def _ask_link(self, url: str, shown: str) -> None:
        from ecs_tui.system.browser import open_browser
        from ecs_tui.ui.dialogs.link import LinkScreen
        from ecs_tui.ui.links import may_open

        app = self._app
        choice = await app.push_screen_wait(LinkScreen(url, shown, may_open(url)))
        if choice == "open" and not await open_browser(url):
            app.copy_to_clipboard(url)
            self._host.note("No browser can be opened from here. The link is copied.")
        elif choice == "copy":
            app.copy_to_clipboard(url)
            self._host.note("Link copied.")
        self._focus_shell()

    def _focus_shell(self) -> None:
        """Focus the current shell after a dialog, or the list if that shell has ended."""
        current = self._dock.current
        if current is not None and current.alive:
            self._dock.focus_current()
        else:
            self._host.focus_list()

    async def _may_close(self, pane: ShellPane) -> bool:
        """Whether nothing but a shell's prompt is known to be lost, or the operator agrees."""
        why = pane.running_program
        if pane.session.live and not is_shell(pane.command.line):
            why = why or f"It runs {clean(pane.command.line)[:_MAX_SHOWN_CHARACTERS]}."
        if not why:
            return True
        from ecs_tui.ui.dialogs.confirm import ConfirmScreen

        yes = await self._app.push_screen_wait(
            ConfirmScreen(
                f"Close the shell {pane.words}?",
                f"{why} The session will be terminated and programs in it will receive SIGHUP.",
                "Close",
            )
        )
        if not yes:
            self._focus_shell()
        return bool(yes)
