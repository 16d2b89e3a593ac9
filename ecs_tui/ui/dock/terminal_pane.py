"""A terminal in the dock: selecting, copying, searching, renaming and links; without a session."""

from __future__ import annotations

from textual import events, work
from textual.app import ComposeResult
from textual.containers import Vertical

from ecs_tui.model.text import counted
from ecs_tui.terminal.copymode import Copied, CopyMode, Leave, Search
from ecs_tui.terminal.link import Link
from ecs_tui.terminal.selection import Selection
from ecs_tui.terminal.typed import TypedKey
from ecs_tui.terminal.widget import TerminalView
from ecs_tui.ui.dock.pane_line import PaneLine
from ecs_tui.ui.dock.pane_title import FrameLine
from ecs_tui.ui.links import url_at


class TerminalPane(Vertical):
    """A title line, a terminal, and an input line for names and searches.

    A subclass sets `link` and `view`, and says what follows from a name and a clicked link.

    Attributes:
        frame: The title line.
        link: The terminal.
        view: The widget that draws it.
    """

    link: Link
    view: TerminalView

    def __init__(self) -> None:
        super().__init__()
        self.frame = FrameLine()
        self._line = PaneLine(self._search_for, self._line_closed, self._key_after_line)
        self._search_back = True

    def compose(self) -> ComposeResult:
        """The three lines and widgets, from top to bottom."""
        yield self.frame
        yield self.view
        yield self._line

    # -- what a subclass does

    @property
    def alive(self) -> bool:
        """Whether keys go to a program."""
        raise NotImplementedError

    def say(self, words: str) -> None:
        """Show a note, in response to a key or a click."""
        raise NotImplementedError

    def show_state(self) -> None:
        """Update the title line."""
        raise NotImplementedError

    def named(self, name: str) -> None:
        """Take the name that was entered; "" for the default one."""
        raise NotImplementedError

    def link_clicked(self, url: str, shown: str) -> None:
        """A link was clicked; `shown` is its text where that differs from the target."""
        raise NotImplementedError

    # -- selecting and copying

    @work(group="select", exclusive=True)
    async def on_terminal_view_selected(self, event: TerminalView.Selected) -> None:
        """Copy the text selected by mouse to the clipboard of the outer terminal."""
        await self._copy(event.selection)

    @work(group="select", exclusive=True)
    async def on_terminal_view_select_around(self, event: TerminalView.SelectAround) -> None:
        """Select and copy the word or the line under the mouse."""
        cells = await self.link.span(*event.at, whole_line=event.whole_line)
        if cells is not None:
            self.view.selection = Selection(*cells)
            await self._copy(self.view.selection)

    @work(group="link", exclusive=True)
    async def on_terminal_view_clicked(self, event: TerminalView.Clicked) -> None:
        """Pass on the link under the mouse, if there is one, with its real target."""
        column, line = event.at
        target = await self.link.hyperlink(column, line)
        columns = self.link.picture.columns
        text = await self.link.range_text((0, line), (columns - 1, line))
        shown = url_at(text, column)
        if target or shown:
            self.link_clicked(target or shown, shown if target else "")

    async def _copy(self, selection: Selection) -> None:
        text = await self.link.range_text(*selection.ordered, block=selection.block)
        if text:
            self.app.copy_to_clipboard(text)
            lines = text.count("\n") + 1
            what = counted(lines, "line") if lines > 1 else counted(len(text), "character")
            self.say(f"Copied {what}")

    @work(group="copy-mode", exclusive=True)
    async def enter_copy_mode(self, *, search: bool = False) -> None:
        """Start copy mode, or a search in it; output is held so that lines stay in place."""
        if self.view.copy_mode is None:
            lines = await self.link.hold()
            picture = self.link.picture
            if not lines:
                self.link.release()
                self.say("Terminal not responding.")
                return
            x, y = picture.cursor
            line = min(picture.top + y, len(lines) - 1)
            self.view.copy_mode = CopyMode(
                lines, picture.columns, picture.rows, picture.top, (x, line)
            )
        self.view.focus()
        if search:
            self._line.open("search", "/")
        self.show_state()

    def leave_copy_mode(self) -> None:
        """End copy mode and resume output."""
        self.view.copy_mode = None
        self.view.closed = not self.alive  # the session may have ended meanwhile
        self.link.scroll(0)
        self.link.release()
        self.show_state()

    async def on_terminal_view_copy_key(self, event: TerminalView.CopyKey) -> None:
        """Act on the outcome of a key in copy mode."""
        outcome = event.outcome
        if isinstance(outcome, Copied):
            await self._copy(outcome.selection)
            self.leave_copy_mode()
        elif isinstance(outcome, Leave):
            self.leave_copy_mode()
        elif isinstance(outcome, Search):
            self._search_back = outcome.back
            self._line.open("search", "?" if outcome.back else "/")
        self.show_state()

    def on_terminal_view_resized(self, event: TerminalView.Resized) -> None:
        """Keep copy mode's lines in view; the subclass has passed the size on before."""
        self.view.show_copy()

    # -- the input line

    @property
    def line_keys(self) -> list[str]:
        """The footer's texts for the keys of the input line while it is open."""
        return self._line.keys

    def ask_for_name(self, value: str) -> None:
        """Open the input line for a name; `value` is the present one."""
        self._line.open("rename", "name", value)

    def _search_for(self, text: str) -> None:
        """Search while typing."""
        mode = self.view.copy_mode
        if self._line.purpose == "search" and mode is not None:
            mode.search(text, back=self._search_back)
            self.view.show_copy()
            self.show_state()

    def _key_after_line(self, event: events.Key) -> None:
        again = event.copy() if isinstance(event, TypedKey) else None
        self.view.post_message(again or events.Key(event.key, event.character))

    def _line_closed(self, text: str | None) -> None:
        if self._line.purpose == "rename" and text is not None:
            self.named(text)
        self.view.focus()
        self.show_state()
