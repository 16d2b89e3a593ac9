"""What the key after the prefix does: the dock of shells and the one in front."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from ecs_tui.files import write_private
from ecs_tui.model.words import counted
from ecs_tui.remembered import saved_file
from ecs_tui.ui.actions.base import Action

if TYPE_CHECKING:
    from ecs_tui.ui.screens.browser import Browser
    from ecs_tui.ui.widgets.pane import ShellPane


class DockAction(Action):
    """A deed on the shell in front. Its keys count after the prefix only."""

    group = "In a shell every key is the shell's, except {prefix} and then"
    stays: ClassVar[bool] = False
    """Whether the next key is a command again, as when scrolling."""

    def obstacle(self, browser: Browser) -> str:
        """It needs a shell."""
        return "" if browser.dock.current else "No shell is open; s opens one."

    async def run(self, browser: Browser) -> None:
        """Do it to the one in front."""
        pane = browser.dock.current
        if pane is not None:
            await self.do(browser, pane)

    async def do(self, browser: Browser, pane: ShellPane) -> None:
        """Do it to `pane`."""


class ToList(DockAction):
    """Back to the list; the shell lives on."""

    name, shown, title = "list", "l", "list"
    keys = ("l", "escape", "h", "up", "left")

    async def do(self, browser: Browser, pane: ShellPane) -> None:
        """Give the keys to the list."""
        browser.focus_list()


class NextShell(DockAction):
    """The next shell; a digit takes that one."""

    name, keys, shown, title = "next-shell", ("n", "tab"), "n", "next"

    async def do(self, browser: Browser, pane: ShellPane) -> None:
        """Bring it to the front."""
        browser.dock.cycle()


class PreviousShell(DockAction):
    """The previous shell."""

    name, keys, shown, title = "previous-shell", ("p",), "p", "previous"

    async def do(self, browser: Browser, pane: ShellPane) -> None:
        """Bring it to the front."""
        browser.dock.cycle(-1)


class Zoom(DockAction):
    """This shell alone over the whole screen, and back."""

    name, keys, shown, title = "zoom", ("z",), "z", "zoom"

    async def do(self, browser: Browser, pane: ShellPane) -> None:
        """The other way."""
        browser.dock.zoom(not browser.dock.zoomed)
        browser.dock.focus_current()


class TurnSplit(DockAction):
    """The dock beside the list, or below it."""

    name, keys, shown, title = "turn-split", ("v",), "v", "split"

    async def do(self, browser: Browser, pane: ShellPane) -> None:
        """The other way."""
        browser.dock.zoom(False)
        browser.shells.turn()
        browser.dock.focus_current()


class Arrange(DockAction):
    """Several shells at once: side by side, one over the other, in two columns; one alone again."""

    name, keys, shown, title = "arrange", ("s",), "s", "several"

    def obstacle(self, browser: Browser) -> str:
        """It needs two."""
        return "" if len(browser.dock.panes) > 1 else "Only one shell is open."

    async def do(self, browser: Browser, pane: ShellPane) -> None:
        """The next arrangement."""
        browser.note(f"Shells in {browser.dock.turn()}.")
        browser.dock.focus_current()


class Background(DockAction):
    """Send this shell out of sight; it lives on, and its tab says when it prints."""

    name, keys, shown, title = "background", ("m",), "m", "background"

    async def do(self, browser: Browser, pane: ShellPane) -> None:
        """Away, and the keys go to the list."""
        browser.dock.send_to_background(pane)
        browser.focus_list()


class Rename(DockAction):
    """Give this shell another name; an empty one restores its own."""

    name, keys, shown, title = "rename", ("R", "comma"), "R", "rename"

    async def do(self, browser: Browser, pane: ShellPane) -> None:
        """Ask for it."""
        pane.rename()


class Broadcast(DockAction):
    """Mark this shell: what you type in a marked one goes to all that are marked."""

    name, keys, shown, title = "broadcast", ("B",), "B", "type to marked"

    async def do(self, browser: Browser, pane: ShellPane) -> None:
        """Mark it, or not."""
        browser.shells.mark(pane, not pane.marked)
        pane.view.focus()


class CopyText(DockAction):
    """Copy mode: read back with vi's keys, v V ctrl+v select, y copies, / searches, q leaves."""

    name, keys, shown, title = "copy-mode", ("c", "left_square_bracket"), "c", "copy mode"

    async def do(self, browser: Browser, pane: ShellPane) -> None:
        """Enter it."""
        pane.enter_copy_mode()


class SearchText(DockAction):
    """Search the scrollback: every hit is marked, n and N go to the others."""

    name, keys, shown, title = "search", ("slash",), "/", "search"

    async def do(self, browser: Browser, pane: ShellPane) -> None:
        """Enter copy mode with the question."""
        pane.enter_copy_mode(search=True)


class Record(DockAction):
    """Record this session to a file that asciinema can play, or finish the recording."""

    name, keys, shown, title = "record", ("r",), "r", "record"

    async def do(self, browser: Browser, pane: ShellPane) -> None:
        """The other way."""
        pane.record(pane.session.recording is None)
        pane.view.focus()


class KeepAlive(DockAction):
    """Keep this session from ending as idle after 20 minutes, or let it end again."""

    name, keys, shown, title = "keep-alive", ("a",), "a", "keep alive"

    async def do(self, browser: Browser, pane: ShellPane) -> None:
        """The other way, for this session only."""
        session = pane.session
        session.keep_alive = not session.keep_alive
        if session.keep_alive:
            session.nudge()
        browser.note("Kept alive while it is open." if session.keep_alive else "It may end idle.")
        pane.show_state()
        pane.view.focus()


class Clipboard(DockAction):
    """Show what a program in this shell wants to put on your clipboard, and allow it or not."""

    name, keys, shown, title, asks = "clipboard", ("y",), "y", "its clipboard", True

    def obstacle(self, browser: Browser) -> str:
        """It must have asked."""
        pane = browser.dock.current
        return "" if pane is not None and pane.wanted_text else "No program asks for the clipboard."

    async def do(self, browser: Browser, pane: ShellPane) -> None:
        """Ask."""
        await browser.shells.ask_clipboard(pane)


class OpenSuccessor(DockAction):
    """Open the same container in the task that replaces this one."""

    name, keys, shown, title = "successor", ("o",), "o", "open replacement"

    def obstacle(self, browser: Browser) -> str:
        """There must be one."""
        pane = browser.dock.current
        if pane is not None and pane.successor is not None:
            return ""
        return "No task has replaced this one, or it cannot be exec'd into yet."

    async def do(self, browser: Browser, pane: ShellPane) -> None:
        """In another pane."""
        browser.shells.open_successor(pane)


class ScrollUp(DockAction):
    """Back in the scrollback, half a screen; typing returns to the end."""

    name, keys, shown, title, stays = "scroll-up", ("u", "pageup"), "u", "up", True

    async def do(self, browser: Browser, pane: ShellPane) -> None:
        """Half a screen."""
        pane.link.scroll(-max(1, pane.view.size.height // 2))


class ScrollDown(DockAction):
    """Forward in the scrollback, half a screen."""

    name, keys, shown, title, stays = "scroll-down", ("d", "pagedown"), "d", "down", True

    async def do(self, browser: Browser, pane: ShellPane) -> None:
        """Half a screen."""
        pane.link.scroll(max(1, pane.view.size.height // 2))


class SaveText(DockAction):
    """Save the scrollback as text to a file that only you can read."""

    name, keys, shown, title = "save-text", ("w",), "w", "save"

    async def do(self, browser: Browser, pane: ShellPane) -> None:
        """Write it and say where."""
        text = await pane.link.text()
        path = saved_file("txt", pane.target.words, datetime.now())
        try:
            write_private(path, text.encode() + b"\n")
        except OSError as error:
            browser.note(f"The text could not be saved to {path}: {error.strerror}.")
        else:
            lines = counted(text.count("\n") + 1, "line")
            browser.note(f"{lines} saved to {path}", 15)


class SaveLost(DockAction):
    """Save the bytes that a restart of the terminal left out, for a bug report."""

    name, keys, shown, title = "save-lost", ("b",), "b", "left out"

    def obstacle(self, browser: Browser) -> str:
        """Only where there are some."""
        pane = browser.dock.current
        return "" if pane is not None and pane.link.lost else "No output was left out here."

    async def do(self, browser: Browser, pane: ShellPane) -> None:
        """Write them and say where."""
        path = saved_file("bin", pane.target.words, datetime.now())
        try:
            write_private(path, bytes(pane.link.lost))
        except OSError as error:
            browser.note(f"The bytes could not be saved to {path}: {error.strerror}.")
        else:
            browser.note(f"{counted(len(pane.link.lost), 'byte')} saved to {path}", 15)


class Reopen(DockAction):
    """Open a shell that has ended again; in its pane enter alone does, x closes it, esc leaves it."""

    name, keys, shown, title = "reopen", ("enter",), "enter", "reopen"

    def obstacle(self, browser: Browser) -> str:
        """It must have ended."""
        pane = browser.dock.current
        return "" if pane is not None and not pane.alive else "This shell has not ended."

    async def do(self, browser: Browser, pane: ShellPane) -> None:
        """In the same place."""
        browser.shells.reopen(pane)


class CloseShell(DockAction):
    """Close this shell: its session is terminated, hung or not."""

    name, keys, shown, title = "close-shell", ("x",), "x", "close"

    async def do(self, browser: Browser, pane: ShellPane) -> None:
        """End it beside the keys."""
        browser.shells.close(pane)


DOCK: tuple[DockAction, ...] = (
    ToList(), NextShell(), PreviousShell(), Zoom(), TurnSplit(), Arrange(), Background(),
    Rename(), Broadcast(), CopyText(), SearchText(), ScrollUp(), ScrollDown(), SaveText(),
    Record(), KeepAlive(), Clipboard(), OpenSuccessor(), SaveLost(), Reopen(), CloseShell(),
)  # fmt: skip
