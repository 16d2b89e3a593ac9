"""Commands of the dock: what the key after the prefix does."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from ecs_tui.config.state import saved_file
from ecs_tui.model.text import counted
from ecs_tui.system.atomic_file import write_private
from ecs_tui.ui.commands.base import Action

if TYPE_CHECKING:
    from ecs_tui.ui.dock.pane import ShellPane
    from ecs_tui.ui.main_screen import Browser


class DockAction(Action):
    """A command for the current shell. Its keys work only after the prefix."""

    group = "In a shell, press {prefix} and then"
    stays: ClassVar[bool] = False
    """Whether the next key is a dock command too, without the prefix, as when scrolling."""

    def obstacle(self, browser: Browser) -> str:
        return "" if browser.dock.current else "No open shells. Press s to open one."

    async def run(self, browser: Browser) -> None:
        pane = browser.dock.current
        if pane is not None:
            await self.do(browser, pane)

    async def do(self, browser: Browser, pane: ShellPane) -> None:
        """Run the command on `pane`."""


class ToList(DockAction):
    """Back to the list (the shell keeps running)."""

    name, shown, title = "list", "l", "list"
    keys = ("l", "escape", "h", "up", "left")

    async def do(self, browser: Browser, pane: ShellPane) -> None:
        browser.focus_list()


class NextShell(DockAction):
    """Next shell (1–9: shell by number)."""

    name, keys, shown, title = "next-shell", ("n", "tab"), "n", "next"

    async def do(self, browser: Browser, pane: ShellPane) -> None:
        browser.dock.cycle()


class PreviousShell(DockAction):
    """Previous shell."""

    name, keys, shown, title = "previous-shell", ("p",), "p", "previous"

    async def do(self, browser: Browser, pane: ShellPane) -> None:
        browser.dock.cycle(-1)


class Zoom(DockAction):
    """Toggle full screen."""

    name, keys, shown, title = "zoom", ("z",), "z", "zoom"

    async def do(self, browser: Browser, pane: ShellPane) -> None:
        browser.dock.zoom(not browser.dock.zoomed)
        browser.dock.focus_current()


class TurnSplit(DockAction):
    """Move the shell panel beside / below the list."""

    name, keys, shown, title = "turn-split", ("v",), "v", "split"

    async def do(self, browser: Browser, pane: ShellPane) -> None:
        browser.dock.zoom(False)
        browser.shells.turn()
        browser.dock.focus_current()


class Arrange(DockAction):
    """Cycle layouts: columns, rows, grid, tabs."""

    name, keys, shown, title = "arrange", ("s",), "s", "layout"

    def obstacle(self, browser: Browser) -> str:
        return "" if len(browser.dock.panes) > 1 else "Needs at least two open shells."

    async def do(self, browser: Browser, pane: ShellPane) -> None:
        browser.note(f"Layout: {browser.dock.turn()}")
        browser.dock.focus_current()


class Background(DockAction):
    """Send to background (the tab shows + for new output)."""

    name, keys, shown, title = "background", ("m",), "m", "background"

    async def do(self, browser: Browser, pane: ShellPane) -> None:
        browser.dock.send_to_background(pane)
        browser.focus_list()


class Rename(DockAction):
    """Rename (empty: default name)."""

    name, keys, shown, title = "rename", ("R", "comma"), "R", "rename"

    async def do(self, browser: Browser, pane: ShellPane) -> None:
        pane.rename()


class Broadcast(DockAction):
    """Mark for broadcast: typing goes to every marked shell."""

    name, keys, shown, title = "broadcast", ("B",), "B", "broadcast"

    async def do(self, browser: Browser, pane: ShellPane) -> None:
        browser.shells.mark(pane, not pane.marked)
        pane.view.focus()


class CopyText(DockAction):
    """Copy mode (vi keys: v V ctrl+v select, y copy, / search, q quit)."""

    name, keys, shown, title = "copy-mode", ("c", "left_square_bracket"), "c", "copy mode"

    async def do(self, browser: Browser, pane: ShellPane) -> None:
        pane.enter_copy_mode()


class SearchText(DockAction):
    """Search the scrollback (n/N: next/previous match)."""

    name, keys, shown, title = "search", ("slash",), "/", "search"

    async def do(self, browser: Browser, pane: ShellPane) -> None:
        pane.enter_copy_mode(search=True)


class Record(DockAction):
    """Start/stop recording (asciicast)."""

    name, keys, shown, title = "record", ("r",), "r", "record"

    async def do(self, browser: Browser, pane: ShellPane) -> None:
        pane.record(pane.session.recording is None)
        pane.view.focus()


class KeepAlive(DockAction):
    """Toggle keep-alive (ECS ends idle sessions after 20 minutes)."""

    name, keys, shown, title = "keep-alive", ("a",), "a", "keep alive"

    async def do(self, browser: Browser, pane: ShellPane) -> None:
        """Toggle it for this session only."""
        session = pane.session
        session.keep_alive = not session.keep_alive
        if session.keep_alive:
            session.send_keep_alive()
        browser.note(
            "Keep-alive on."
            if session.keep_alive
            else "Keep-alive off: ECS ends idle sessions after 20 minutes."
        )
        pane.show_state()
        pane.view.focus()


class Clipboard(DockAction):
    """Review a clipboard request."""

    name, keys, shown, title, asks = "clipboard", ("y",), "y", "clipboard", True

    def obstacle(self, browser: Browser) -> str:
        pane = browser.dock.current
        return (
            ""
            if pane is not None and pane.wanted_text
            else "No program has asked to use the clipboard."
        )

    async def do(self, browser: Browser, pane: ShellPane) -> None:
        await browser.shells.ask_clipboard(pane)


class OpenSuccessor(DockAction):
    """Open a shell in the replacement task."""

    name, keys, shown, title = "successor", ("o",), "o", "replacement"

    def obstacle(self, browser: Browser) -> str:
        pane = browser.dock.current
        if pane is not None and pane.successor is not None:
            return ""
        return "No replacement task is ready for a shell yet."

    async def do(self, browser: Browser, pane: ShellPane) -> None:
        browser.shells.open_successor(pane)


class ScrollUp(DockAction):
    """Scroll up half a page (typing returns to the end)."""

    name, keys, shown, title, stays = "scroll-up", ("u", "pageup"), "u", "up", True

    async def do(self, browser: Browser, pane: ShellPane) -> None:
        pane.link.scroll(-max(1, pane.view.size.height // 2))


class ScrollDown(DockAction):
    """Scroll down half a page."""

    name, keys, shown, title, stays = "scroll-down", ("d", "pagedown"), "d", "down", True

    async def do(self, browser: Browser, pane: ShellPane) -> None:
        pane.link.scroll(max(1, pane.view.size.height // 2))


class SaveText(DockAction):
    """Save the scrollback to a file (mode 0600)."""

    name, keys, shown, title = "save-text", ("w",), "w", "save"

    async def do(self, browser: Browser, pane: ShellPane) -> None:
        text = await pane.link.text()
        path = saved_file("txt", pane.target.words, datetime.now())
        try:
            write_private(path, text.encode() + b"\n")
        except OSError as error:
            browser.note(f"Could not save to {path}: {error.strerror}.")
        else:
            lines = counted(text.count("\n") + 1, "line")
            browser.note(f"Saved {lines} to {path}", 15)


class SaveLost(DockAction):
    """Save output lost in a terminal restart (for bug reports)."""

    name, keys, shown, title = "save-lost", ("b",), "b", "lost output"

    def obstacle(self, browser: Browser) -> str:
        pane = browser.dock.current
        return "" if pane is not None and pane.link.lost else "No output was lost."

    async def do(self, browser: Browser, pane: ShellPane) -> None:
        path = saved_file("bin", pane.target.words, datetime.now())
        try:
            write_private(path, bytes(pane.link.lost))
        except OSError as error:
            browser.note(f"Could not save to {path}: {error.strerror}.")
        else:
            browser.note(f"Saved {counted(len(pane.link.lost), 'byte')} to {path}", 15)


class Reopen(DockAction):
    """Reopen a shell that has ended (in its own pane: enter reopens, x closes, esc leaves)."""

    name, keys, shown, title = "reopen", ("enter",), "enter", "reopen"

    def obstacle(self, browser: Browser) -> str:
        pane = browser.dock.current
        return "" if pane is not None and not pane.alive else "This shell has not ended."

    async def do(self, browser: Browser, pane: ShellPane) -> None:
        browser.shells.reopen(pane)


class OtherCommand(DockAction):
    """Run another command in this container (in a new pane while this shell is open)."""

    name, keys, shown, title, asks = "other-command", ("e",), "e", "command", True

    async def do(self, browser: Browser, pane: ShellPane) -> None:
        browser.shells.ask_command(pane)


class CloseShell(DockAction):
    """Close this shell and terminate its session."""

    name, keys, shown, title = "close-shell", ("x",), "x", "close"

    async def do(self, browser: Browser, pane: ShellPane) -> None:
        browser.shells.close(pane)


DOCK: tuple[DockAction, ...] = (
    ToList(), NextShell(), PreviousShell(), Zoom(), TurnSplit(), Arrange(), Background(),
    Rename(), Broadcast(), CopyText(), SearchText(), ScrollUp(), ScrollDown(), SaveText(),
    Record(), KeepAlive(), Clipboard(), OpenSuccessor(), SaveLost(), Reopen(), OtherCommand(), CloseShell(),
)  # fmt: skip
