"""Commands of the dock: what the key after the prefix does."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from ecs_tui.config.key_text import KeyText
from ecs_tui.config.state import saved_file
from ecs_tui.model.arn import short_name
from ecs_tui.model.text import counted
from ecs_tui.resources import Place
from ecs_tui.system.atomic_file import write_private
from ecs_tui.ui.commands.base import Command
from ecs_tui.ui.context import Context, Workspace

if TYPE_CHECKING:
    from ecs_tui.ui.dock.pane import ShellPane


class DockCommand(Command):
    """A command for the current shell. Its keys work only after the prefix."""

    group = "In a shell, after {prefix}"
    stays: ClassVar[bool] = False
    """Whether the next key is a dock command too, without the prefix, as when scrolling."""

    def obstacle(self, context: Context) -> str:
        return "" if context.pane else KeyText("No open shells. Press {shell} to open one.")

    async def run(self, context: Context, workspace: Workspace) -> None:
        if context.pane is not None:
            await self.act(context.pane, context, workspace)

    async def act(self, pane: ShellPane, context: Context, workspace: Workspace) -> None:
        """Run the command on a shell."""


class ToList(DockCommand):
    """Back to the list (the shell keeps running)."""

    id, title = "list", "list"

    async def act(self, pane: ShellPane, context: Context, workspace: Workspace) -> None:
        workspace.focus_list()


class NextShell(DockCommand):
    """Next shell."""

    id, title = "next-shell", "next"

    async def act(self, pane: ShellPane, context: Context, workspace: Workspace) -> None:
        workspace.dock.cycle()


class PreviousShell(DockCommand):
    """Previous shell."""

    id, title = "previous-shell", "previous"

    async def act(self, pane: ShellPane, context: Context, workspace: Workspace) -> None:
        workspace.dock.cycle(-1)


class ShellNumber(DockCommand):
    """The shell with that number."""

    id, title = "shell-number", "shell N"

    async def act(self, pane: ShellPane, context: Context, workspace: Workspace) -> None:
        """Its first key shows the first shell, and so on."""
        number = workspace.keymap.position(self.id, context.key) or 0
        if number < len(workspace.dock.panes):
            workspace.dock.show(workspace.dock.panes[number])
        else:
            workspace.note(f"There is no shell {number + 1}.")


class _Neighbour(DockCommand):
    direction: ClassVar[str] = ""

    async def act(self, pane: ShellPane, context: Context, workspace: Workspace) -> None:
        found = workspace.dock.neighbour(self.direction)
        if found is not None:
            workspace.dock.show(found)
        elif self.direction in ("left", "above"):
            workspace.focus_list()
        else:
            workspace.note("No shell on that side.")


class ShellLeft(_Neighbour):
    """The shell to the left, else the list."""

    id, title, direction = "shell-left", "left", "left"


class ShellRight(_Neighbour):
    """The shell to the right."""

    id, title, direction = "shell-right", "right", "right"


class ShellAbove(_Neighbour):
    """The shell above, else the list."""

    id, title, direction = "shell-above", "above", "above"


class ShellBelow(_Neighbour):
    """The shell below."""

    id, title, direction = "shell-below", "below", "below"


class Zoom(DockCommand):
    """Toggle full screen."""

    id, title = "zoom", "zoom"

    async def act(self, pane: ShellPane, context: Context, workspace: Workspace) -> None:
        workspace.dock.zoom(not workspace.dock.zoomed)
        workspace.dock.focus_current()


class TurnSplit(DockCommand):
    """Move the shell panel beside / below the list."""

    id, title = "turn-split", "split"

    async def act(self, pane: ShellPane, context: Context, workspace: Workspace) -> None:
        workspace.dock.zoom(False)
        workspace.shells.turn()
        workspace.dock.focus_current()


class Arrange(DockCommand):
    """Cycle layouts: columns, rows, grid, tabs; those with room for each shell first."""

    id, title = "arrange", "layout"

    def obstacle(self, context: Context) -> str:
        return "" if context.shells > 1 else "Needs at least two open shells."

    async def act(self, pane: ShellPane, context: Context, workspace: Workspace) -> None:
        workspace.note(f"Layout: {workspace.dock.turn()}")
        workspace.dock.focus_current()


class _Layout(DockCommand):
    def obstacle(self, context: Context) -> str:
        return "" if context.shells > 1 else "Needs at least two open shells."

    async def act(self, pane: ShellPane, context: Context, workspace: Workspace) -> None:
        workspace.dock.lay_out(self.id)
        workspace.note(f"Layout: {self.id}")
        workspace.dock.focus_current()


class Columns(_Layout):
    """All shells side by side."""

    id, title = "columns", "columns"


class Rows(_Layout):
    """All shells one above the other."""

    id, title = "rows", "rows"


class Background(DockCommand):
    """Send to background (the tab shows + for new output)."""

    id, title = "background", "background"

    async def act(self, pane: ShellPane, context: Context, workspace: Workspace) -> None:
        workspace.dock.send_to_background(pane)
        workspace.focus_list()


class Rename(DockCommand):
    """Rename (empty: default name)."""

    id, title = "rename", "rename"

    async def act(self, pane: ShellPane, context: Context, workspace: Workspace) -> None:
        pane.rename()


class Broadcast(DockCommand):
    """Mark for broadcast: typing goes to every marked shell."""

    id, title = "broadcast", "broadcast"

    async def act(self, pane: ShellPane, context: Context, workspace: Workspace) -> None:
        workspace.shells.mark(pane, not pane.marked)
        pane.view.focus()


class CopyText(DockCommand):
    """Copy mode (vi keys: v V ctrl+v select, y copy, / search, q quit)."""

    id, title = "copy-mode", "copy mode"

    async def act(self, pane: ShellPane, context: Context, workspace: Workspace) -> None:
        pane.enter_copy_mode()


class SearchText(DockCommand):
    """Search the scrollback (n/N: next/previous match)."""

    id, title = "search", "search"

    async def act(self, pane: ShellPane, context: Context, workspace: Workspace) -> None:
        pane.enter_copy_mode(search=True)


class Record(DockCommand):
    """Start/stop recording (asciicast)."""

    id, title = "record", "record"

    async def act(self, pane: ShellPane, context: Context, workspace: Workspace) -> None:
        pane.record(pane.session.recording is None)
        pane.view.focus()


class KeepAlive(DockCommand):
    """Toggle keep-alive (ECS ends idle sessions after 20 minutes)."""

    id, title = "keep-alive", "keep alive"

    async def act(self, pane: ShellPane, context: Context, workspace: Workspace) -> None:
        """Toggle it for this session only."""
        session = pane.session
        session.keep_alive = not session.keep_alive
        if session.keep_alive:
            session.send_keep_alive()
        workspace.note(
            "Keep-alive on."
            if session.keep_alive
            else "Keep-alive off: ECS ends idle sessions after 20 minutes."
        )
        pane.show_state()
        pane.view.focus()


class Clipboard(DockCommand):
    """Review a clipboard request."""

    id, title, waits = "clipboard", "clipboard", True

    def obstacle(self, context: Context) -> str:
        pane = context.pane
        return (
            ""
            if pane is not None and pane.wanted_text
            else "No program has asked to use the clipboard."
        )

    async def act(self, pane: ShellPane, context: Context, workspace: Workspace) -> None:
        await workspace.shells.ask_clipboard(pane)


class OpenSuccessor(DockCommand):
    """Open a shell in the replacement task."""

    id, title = "successor", "replacement"

    def obstacle(self, context: Context) -> str:
        pane = context.pane
        if pane is not None and pane.successor is not None:
            return ""
        return "No replacement task is ready for a shell yet."

    async def act(self, pane: ShellPane, context: Context, workspace: Workspace) -> None:
        workspace.shells.open_successor(pane)


class ScrollUp(DockCommand):
    """Scroll up half a page (typing returns to the end)."""

    id, title, stays = "scroll-up", "up", True

    async def act(self, pane: ShellPane, context: Context, workspace: Workspace) -> None:
        pane.link.scroll(-max(1, pane.view.size.height // 2))


class ScrollDown(DockCommand):
    """Scroll down half a page."""

    id, title, stays = "scroll-down", "down", True

    async def act(self, pane: ShellPane, context: Context, workspace: Workspace) -> None:
        pane.link.scroll(max(1, pane.view.size.height // 2))


class SaveText(DockCommand):
    """Save the scrollback to a file (mode 0600)."""

    id, title = "save-text", "save"

    async def act(self, pane: ShellPane, context: Context, workspace: Workspace) -> None:
        text = await pane.link.text()
        path = saved_file("txt", pane.target.words, datetime.now())
        try:
            write_private(path, text.encode() + b"\n")
        except OSError as error:
            workspace.note(f"Could not save to {path}: {error.strerror}.")
        else:
            lines = counted(text.count("\n") + 1, "line")
            workspace.note(f"Saved {lines} to {path}", 15)


class SaveLost(DockCommand):
    """Save output lost in a terminal restart (for bug reports)."""

    id, title = "save-lost", "lost output"

    def obstacle(self, context: Context) -> str:
        pane = context.pane
        return "" if pane is not None and pane.link.lost else "No output was lost."

    async def act(self, pane: ShellPane, context: Context, workspace: Workspace) -> None:
        path = saved_file("bin", pane.target.words, datetime.now())
        try:
            write_private(path, bytes(pane.link.lost))
        except OSError as error:
            workspace.note(f"Could not save to {path}: {error.strerror}.")
        else:
            workspace.note(f"Saved {counted(len(pane.link.lost), 'byte')} to {path}", 15)


class Reopen(DockCommand):
    """Reopen a shell that has ended."""

    id, title = "reopen", "reopen"

    def obstacle(self, context: Context) -> str:
        pane = context.pane
        return "" if pane is not None and not pane.alive else "This shell has not ended."

    async def act(self, pane: ShellPane, context: Context, workspace: Workspace) -> None:
        workspace.shells.reopen(pane)


class OtherCommand(DockCommand):
    """Run another command in this container (in a new pane while this shell is open)."""

    id, title, waits = "other-command", "command", True

    async def act(self, pane: ShellPane, context: Context, workspace: Workspace) -> None:
        workspace.shells.ask_command(pane)


class CloseShell(DockCommand):
    """Close this shell and terminate its session."""

    id, title = "close-shell", "close"

    async def act(self, pane: ShellPane, context: Context, workspace: Workspace) -> None:
        workspace.shells.close(pane)


class GoToTask(DockCommand):
    """Go to this shell's task in the list."""

    id, title = "go-to-task", "task"

    async def act(self, pane: ShellPane, context: Context, workspace: Workspace) -> None:
        """Show the tasks of its service, else of its cluster, with the cursor on the task."""
        target, connection = pane.target, pane.context.connection
        place = Place("tasks", cluster=short_name(target.cluster), service=target.service)
        if (context.place, workspace.connections.current) == (place, connection):
            workspace.table.select_key(target.task_arn)
        else:
            workspace.go(place, connection=connection, select=target.task_arn)
        workspace.focus_list()


class ShellKeys(DockCommand):
    """Show these keys."""

    id, title = "shell-keys", "all keys"

    async def act(self, pane: ShellPane, context: Context, workspace: Workspace) -> None:
        await workspace.show_help(context, shell=True)


DOCK: tuple[DockCommand, ...] = (
    ToList(), NextShell(), PreviousShell(), ShellNumber(), ShellLeft(), ShellRight(), ShellAbove(),
    ShellBelow(), Zoom(), TurnSplit(), Arrange(), Columns(), Rows(), Background(), Rename(),
    Broadcast(), CopyText(), SearchText(), ScrollUp(), ScrollDown(), SaveText(), Record(), KeepAlive(),
    Clipboard(), OpenSuccessor(), SaveLost(), Reopen(), OtherCommand(), CloseShell(), GoToTask(),
    ShellKeys(),
)  # fmt: skip
