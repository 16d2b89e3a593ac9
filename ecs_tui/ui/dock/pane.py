"""A shell in the dock: one session, one terminal, and a title line with their state."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from textual import events, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input

from ecs_tui.config.settings import Settings
from ecs_tui.config.state import saved_file
from ecs_tui.errors import TerminalError
from ecs_tui.model.arn import short_name
from ecs_tui.model.command import Command
from ecs_tui.model.text import clean, counted
from ecs_tui.session.escape import Escape, Tilde
from ecs_tui.session.plugin import PluginChoice
from ecs_tui.session.recording import Recording
from ecs_tui.session.session import Session, State, Target
from ecs_tui.store.connections import Connection
from ecs_tui.terminal.copymode import Copied, CopyMode, Leave, Search
from ecs_tui.terminal.input import Paste
from ecs_tui.terminal.link import Link
from ecs_tui.terminal.paste import Pasted
from ecs_tui.terminal.process import WarmWorker
from ecs_tui.terminal.recode import canonical, recode
from ecs_tui.terminal.selection import Selection
from ecs_tui.terminal.widget import TerminalView
from ecs_tui.ui.dock.pane_title import FrameLine, frame_words
from ecs_tui.ui.links import url_at

MAX_KEY_BYTES = 4
"""Maximum bytes of a key. More are a paste or a report, in which `~.` is not looked for."""


@dataclass(frozen=True, slots=True)
class PaneContext:
    """What a pane needs from the main screen.

    Attributes:
        connection: The connection its session runs through.
        warm_worker: Gives a terminal worker that has started already.
        note: Shows a note in the footer, in response to a key.
        news: Shows a note in the footer that no key caused.
        route: Passes a key, mouse report or focus report to every shell that receives it.
    """

    connection: Connection
    settings: Settings
    warm_worker: WarmWorker
    note: Callable[[str], None]
    news: Callable[[str], None]
    route: Callable[[ShellPane, bytes], None]


class ShellPane(Vertical):
    """Connects a session with a terminal by passing their bytes; neither knows the other.

    Attributes:
        nickname: The name that the operator gave it, or "".
        marked: Whether what is typed in one marked shell goes to it too.
        background: Whether it is hidden until it is selected.
        zoomed: Whether it fills the whole screen.
        unseen: Whether it has printed something since it was last visible.
        task_known: Whether the inventory has contained its task.
        notice: The last problem of its terminal worker, or "".
        task_notice: How its task or container is ending or has ended; "" while it runs.
        wanted_text: A text that a program wants on the clipboard, until the operator has answered.
        successor: The same container in the replacement task, once that is ready for a shell.
        missing: A sentence that the image lacks the program of its command, or "".
        offered: The shell that `enter` then opens instead; "" if none is left to try.
        proved: Whether its command is known to start.
    """

    DEFAULT_CSS = """
    ShellPane { height: 1fr; width: 1fr;
        & > .pane--frame { height: 1; background: $surface; color: $text-muted;
            text-wrap: nowrap; text-overflow: ellipsis; }
        &.-focused > .pane--frame { background: $primary; color: $text; text-style: bold; }
        &.-marked > .pane--frame { background: $error; color: $text; text-style: bold; }
        &:ansi.-focused > .pane--frame { background: $block-cursor-background;
            color: $block-cursor-foreground; }
        &:ansi.-marked > .pane--frame { background: $error; color: $block-cursor-foreground; }
        & > Input { display: none; height: 1; border: none; background: $surface; }
        & > Input.-open { display: block; }
    }
    """

    class Ended(Message):
        """The session has ended; the pane keeps its text."""

        def __init__(self, pane: ShellPane) -> None:
            super().__init__()
            self.pane = pane

    class KeyAfterEnd(Message):
        """A key, by Textual's name, was pressed in a pane whose session has ended."""

        def __init__(self, pane: ShellPane, key: str) -> None:
            super().__init__()
            self.pane, self.key = pane, key

    class TopLineClicked(Message):
        """The title line was clicked; `twice`: it was a double click."""

        def __init__(self, pane: ShellPane, twice: bool) -> None:
            super().__init__()
            self.pane, self.twice = pane, twice

    class PastedInto(Message):
        """Text was pasted into this shell; `paste` is what the terminal sent."""

        def __init__(self, pane: ShellPane, paste: Paste) -> None:
            super().__init__()
            self.pane, self.paste = pane, paste

    class LinkClicked(Message):
        """A link was clicked; `shown` is its text where that differs from the target."""

        def __init__(self, pane: ShellPane, url: str, shown: str) -> None:
            super().__init__()
            self.pane, self.url, self.shown = pane, url, shown

    def __init__(self, context: PaneContext, target: Target, command: Command) -> None:
        super().__init__()
        settings = context.settings
        self.context, self.target, self.command = context, target, command
        self.nickname = self.task_notice = self.warning = self.wanted_text = ""
        self.missing = self.offered = ""
        self.marked = self.background = self.unseen = self.task_known = self.proved = False
        self.successor: Target | None = None
        self.zoomed = False
        self.frame = FrameLine()
        self.link = Link(
            settings.engine,
            80,
            24,
            settings.scrollback,
            on_frame=self._draw,
            on_reply=lambda data: self.session.write(data),
            on_flow=lambda hold: self.session.pause() if hold else self.session.resume(),
            on_redraw=self._redraw,
            on_notice=self._notice,
            on_bell=lambda: self.app.bell(),
            on_clipboard=self._wants_clipboard,
            warm_worker=context.warm_worker,
        )
        self.session = Session(
            context.connection.account,
            target,
            command.line,
            self.link.feed,
            self._state_changed,
            plugin=PluginChoice(settings.plugin),
            plugin_path=settings.plugin_path,
        )
        self.view = TerminalView(
            lambda: self.link.picture,
            self._type,
            self.link.scroll,
            settings.prefix_keys.match,
            own_colours=settings.terminal.colors == "terminal",
        )
        self._line = Input(compact=True)
        self._line_is_for = ""
        self._search_back = True
        self._tilde = Tilde()
        self._job: asyncio.Task[None] | None = None
        self.notice = self._shown_words = ""
        self.first_output_at: float | None = None

    def compose(self) -> ComposeResult:
        """The title line, the terminal, and an input line for names and searches."""
        yield self.frame
        yield self.view
        yield self._line

    def on_mount(self) -> None:
        """Start the terminal worker and the session at the same time."""
        try:
            self.link.start()
        except TerminalError as error:
            self.warning = str(error)
        record = self.context.settings.record
        if "*" in record or short_name(self.target.cluster) in record:
            self.record(True)
        self._job = asyncio.ensure_future(self.session.start())
        self.show_state()

    def on_show(self) -> None:
        """Visible: receive every frame."""
        self.unseen = False
        self.link.watched(True)
        self.show_state()

    def on_hide(self) -> None:
        """Hidden: receive fewer frames."""
        self.link.watched(False)

    def on_descendant_focus(self) -> None:
        """Highlight the title line while the pane has the focus."""
        self.add_class("-focused")
        self.view.closed = not self.alive
        self.show_state()

    def on_descendant_blur(self) -> None:
        """Remove the highlight."""
        self.remove_class("-focused")
        self.view.closed = False
        self.show_state()

    async def on_unmount(self) -> None:
        """End session and worker together with the pane."""
        await self.end()

    async def end(self) -> None:
        """End session and worker."""
        if self._job is not None and not self._job.done():
            self._job.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._job
        await self.session.close()
        self.link.close()

    @property
    def words(self) -> str:
        """Its nickname, else container, service and task."""
        return self.nickname or self.target.words

    @property
    def alive(self) -> bool:
        """Whether the session has not ended."""
        return self.session.state is not State.CLOSED

    @property
    def replaced(self) -> bool:
        """Whether its task is stopping or gone and the replacement task is ready."""
        return bool(self.task_notice) and self.successor is not None

    @property
    def reopens(self) -> Target:
        """The container of the next session, in the replacement task if there is one."""
        successor = self.successor
        return successor if self.task_notice and successor is not None else self.target

    @property
    def line_keys(self) -> list[str]:
        """The footer's texts for the keys of the input line while it is open."""
        if self._line_is_for == "rename":
            return ["enter rename", "esc keep the name"]
        return ["SEARCH", "enter or esc back to text", "n N next"]

    def on_frame_line_pressed(self, event: FrameLine.Pressed) -> None:
        """Post the click as one on this pane."""
        event.stop()
        self.post_message(self.TopLineClicked(self, event.twice))

    def on_terminal_view_resized(self, event: TerminalView.Resized) -> None:
        """Pass the new size to the terminal and the session."""
        self.link.resize(event.columns, event.rows)
        self.session.resize(event.columns, event.rows)

    # -- typing

    def type_key(self, data: bytes) -> None:
        """Send a key to the program, recoded from what the terminal sent."""
        picture = self.link.picture
        if coded := recode(data, picture.modes, picture.kitty):
            self.session.write(coded)

    def paste(self, pasted: Pasted) -> None:
        """Send pasted text to the program, encoded for its modes."""
        self.view.to_end()
        self.session.write(pasted.encode(self.link.picture.modes))

    def _type(self, data: bytes) -> None:
        plain = canonical(data)
        if not plain or len(plain) > MAX_KEY_BYTES:
            self.context.route(self, data)
            return
        out, escape = self._tilde.feed(plain)
        if out:
            self.context.route(self, data if out == plain else out)
        if escape is Escape.END:
            self.run_worker(self.session.close(), group="end")
        elif escape is Escape.HELP:
            self.context.note("~. disconnects   ~~ sends a tilde")

    def on_terminal_view_closed_key(self, event: TerminalView.ClosedKey) -> None:
        """Post the key as one in this pane."""
        event.stop()
        self.post_message(self.KeyAfterEnd(self, event.key))

    def on_terminal_view_paste_into(self, event: TerminalView.PasteInto) -> None:
        """Post the paste as one into this pane."""
        event.stop()
        self.post_message(self.PastedInto(self, event.paste))

    # -- copying and searching

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
        """Post the link under the mouse, if there is one, with its real target."""
        column, line = event.at
        target = await self.link.hyperlink(column, line)
        columns = self.link.picture.columns
        text = await self.link.range_text((0, line), (columns - 1, line))
        shown = url_at(text, column)
        if target or shown:
            self.post_message(self.LinkClicked(self, target or shown, shown if target else ""))

    async def _copy(self, selection: Selection) -> None:
        text = await self.link.range_text(*selection.ordered, block=selection.block)
        if text:
            self.app.copy_to_clipboard(text)
            lines = text.count("\n") + 1
            what = counted(lines, "line") if lines > 1 else counted(len(text), "character")
            self.context.note(f"Copied {what}")

    @work(group="copy-mode", exclusive=True)
    async def enter_copy_mode(self, *, search: bool = False) -> None:
        """Start copy mode, or a search in it; output is held so that lines stay in place."""
        if self.view.copy_mode is None:
            lines = await self.link.hold()
            picture = self.link.picture
            if not lines:
                self.link.release()
                self.context.note("Terminal not responding.")
                return
            x, y = picture.cursor
            line = min(picture.top + y, len(lines) - 1)
            self.view.copy_mode = CopyMode(
                lines, picture.columns, picture.rows, picture.top, (x, line)
            )
        self.view.focus()
        if search:
            self._ask("search", "/", "")
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
            self._ask("search", "?" if outcome.back else "/", "")
        self.show_state()

    def rename(self) -> None:
        """Open the input line for another name."""
        self._ask("rename", "name", self.nickname)

    def _ask(self, what: str, placeholder: str, value: str) -> None:
        self._line_is_for = what
        self._line.placeholder = placeholder
        self._line.value = value
        self._line.add_class("-open")
        self._line.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search while typing."""
        event.stop()
        mode = self.view.copy_mode
        if self._line_is_for == "search" and mode is not None and self._line.has_class("-open"):
            mode.search(event.value, back=self._search_back)
            self.view.show_copy()
            self.show_state()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Apply and close the input line."""
        event.stop()
        if self._line_is_for == "rename":
            self.nickname = clean(event.value.strip())[:40]
        self._close_line()

    def on_key(self, event: events.Key) -> None:
        """Close the input line at escape."""
        if self._line.has_focus and event.key == "escape":
            event.stop()
            event.prevent_default()
            self._close_line()

    def _close_line(self) -> None:
        self._line.remove_class("-open")
        self.view.focus()
        self.show_state()

    # -- recording

    def record(self, on: bool) -> None:
        """Start a recording, or finish the current one; notes the path of the file."""
        session = self.session
        if not on:
            if session.recording is not None:
                self.context.note(f"Recording saved to {session.recording.path}")
            session.record(None)
            self.show_state()
            return
        target = self.target
        what = f"{short_name(target.cluster)} {target.task_id} {target.container}"
        path = saved_file("cast", what, datetime.now())
        try:
            recording = Recording(
                path,
                *session.size,
                what,
                with_input=self.context.settings.record_input,
            )
        except OSError as error:
            self.context.note(f"Could not start recording: {path} ({error.strerror}).")
            return
        session.record(recording)
        self.context.note(f"Recording to {path}")
        self.show_state()

    def _wants_clipboard(self, text: str) -> None:
        """Keep the request. A dialog that opens by itself would take keys meant for the shell."""
        if self.context.settings.clipboard == "ask":
            self.wanted_text = text
            self.show_state()

    # -- the title line

    def _draw(self, rows: list[int]) -> None:
        if self.first_output_at is None and self.session.bytes_out:
            self.first_output_at = time.monotonic()
        if not self.display or self.background:
            self.unseen = True
        self.view.rows_changed(rows)

    def _redraw(self) -> None:
        """Make the program redraw itself: change its size by one row, and back."""
        self.view.forget()
        size = self.view.size
        if size.height > 1 and self.alive:
            self.session.resize(size.width, size.height - 1)
            self.set_timer(0.05, lambda: self.session.resize(size.width, size.height))

    def _notice(self, words: str) -> None:
        self.notice = words
        if self.view.copy_mode is not None:
            self.leave_copy_mode()  # its lines belong to the previous worker
        self.context.news(f"{self.words}: {words}")
        self.show_state()

    def _state_changed(self) -> None:
        if self.session.plugin is not None and self.session.plugin.warning and not self.warning:
            self.warning = self.session.plugin.warning
            self.context.news(self.warning)
        if self.session.state is State.CLOSED:
            self._say_end()
            self.post_message(self.Ended(self))
        self.show_state()

    def _say_end(self) -> None:
        words = clean(self.session.reason)
        self.link.feed(f"\r\n\x1b[0;2m── {words} ──\x1b[0m\r\n".encode())

    def offer(self, missing: str, advice: str, offered: str) -> None:
        """Show that the image lacks the program of the command, and what `enter` opens instead.

        Args:
            missing: The sentence that says so.
            advice: What to do if nothing is offered.
            offered: A shell to try, or "".
        """
        self.missing, self.offered = missing, offered
        words = f"{missing} enter opens {offered} here." if offered else f"{missing} {advice}"
        self.link.feed(f"\x1b[0;1m{clean(words)}\x1b[0m\r\n".encode())
        self.show_state()

    def show_state(self) -> None:
        """Update the title line."""
        self.set_class(self.marked, "-marked")
        words = frame_words(self, time.monotonic())
        if words != self._shown_words and (self.display or not self._shown_words):
            self._shown_words = words
            self.frame.update(words)
