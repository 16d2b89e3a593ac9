"""A shell in the dock: one session, one terminal, and the frame that tells how both fare."""

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

from ecs_tui.errors import TerminalError
from ecs_tui.model.arn import short_name
from ecs_tui.model.words import clean, counted
from ecs_tui.remembered import saved_file
from ecs_tui.session.plugin import PluginChoice
from ecs_tui.session.recording import Recording
from ecs_tui.session.session import Session, State, Target
from ecs_tui.session.tilde import Escape, Tilde
from ecs_tui.settings import Settings
from ecs_tui.terminal.copymode import Copied, CopyMode, Leave, Search
from ecs_tui.terminal.input import Paste
from ecs_tui.terminal.link import Link
from ecs_tui.terminal.paste import Pasted
from ecs_tui.terminal.process import Spare
from ecs_tui.terminal.recode import canonical, recode
from ecs_tui.terminal.selection import Selection
from ecs_tui.terminal.widget import TerminalView
from ecs_tui.ui.home import Home
from ecs_tui.ui.links import url_at
from ecs_tui.ui.widgets.frame import FrameLine, frame_words

KEY_BYTES = 4
"""More bytes at once than a key types are a paste or a report: no tilde is looked for in them."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a pane needs of the dashboard around it.

    Attributes:
        home: The account its session runs in.
        spare: Where a warm terminal worker may be taken.
        note: Says something in the footer, in answer to a key.
        news: Says something there that no key has asked for.
        route: Takes a key, mouse report or focus report to every shell it is for.
    """

    home: Home
    settings: Settings
    spare: Spare
    note: Callable[[str], None]
    news: Callable[[str], None]
    route: Callable[[ShellPane, bytes], None]


class ShellPane(Vertical):
    """Session and terminal side by side: neither knows the other, the pane carries the bytes.

    Attributes:
        nickname: What the operator calls it, or "".
        marked: Whether what is typed in one marked shell goes to all of them.
        background: Whether it is out of sight until it is asked for.
        zoomed: Whether it takes the whole screen.
        unseen: Whether it has printed something since it was seen.
        task_known: Whether the inventory has known its task.
        notice: What happened to its terminal last, or "".
        fate: What the inventory says of its task when that is on its way out.
        wanted_text: What a program inside wants on the clipboard, until that is answered.
        successor: The same container in the task that replaces it, once that can be exec'd into.
    """

    DEFAULT_CSS = """
    ShellPane { height: 1fr; width: 1fr;
        & > .pane--frame { height: 1; background: $surface; color: $text-muted;
            text-wrap: nowrap; text-overflow: ellipsis; }
        &.-focused > .pane--frame { background: $primary; color: $text; text-style: bold; }
        &.-marked > .pane--frame { background: $error; color: $text; text-style: bold; }
        & > Input { display: none; height: 1; border: none; background: $surface; }
        & > Input.-open { display: block; }
    }
    """

    class Ended(Message):
        """The session has ended; the pane keeps its text."""

        def __init__(self, pane: ShellPane) -> None:
            super().__init__()
            self.pane = pane

    class ClosedKey(Message):
        """A key was pressed in a pane whose session has ended, by Textual's name."""

        def __init__(self, pane: ShellPane, key: str) -> None:
            super().__init__()
            self.pane, self.key = pane, key

    class TopLineClicked(Message):
        """The line above the terminal was clicked, `twice` where it was a double click."""

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

    def __init__(self, around: Surroundings, target: Target) -> None:
        super().__init__()
        settings = around.settings
        self.around, self.target = around, target
        self.nickname = self.fate = self.warning = self.wanted_text = ""
        self.marked = self.background = self.unseen = self.task_known = False
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
            spare=around.spare,
        )
        self.session = Session(
            around.home.account,
            target,
            target.command(settings.shell),
            self.link.feed,
            self._state_changed,
            plugin=PluginChoice(settings.plugin),
            plugin_path=settings.plugin_path,
        )
        self.view = TerminalView(
            lambda: self.link.picture,
            self._type,
            self.link.scroll,
            settings.prefix_keys,
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
        """The frame's line above the terminal, a line to type in below it."""
        yield self.frame
        yield self.view
        yield self._line

    def on_mount(self) -> None:
        """Start the terminal's worker and the session, both at once."""
        try:
            self.link.start()
        except TerminalError as error:
            self.warning = str(error)
        record = self.around.settings.record
        if "*" in record or short_name(self.target.cluster) in record:
            self.record(True)
        self._job = asyncio.ensure_future(self.session.start())
        self.show_state()

    def on_show(self) -> None:
        """It is in front: frames as fast as they come."""
        self.unseen = False
        self.link.watched(True)
        self.show_state()

    def on_hide(self) -> None:
        """It is behind another one."""
        self.link.watched(False)

    def on_descendant_focus(self) -> None:
        """The frame of the shell that takes the keys stands out."""
        self.add_class("-focused")
        self.view.closed = not self.alive
        self.show_state()

    def on_descendant_blur(self) -> None:
        """It no longer does."""
        self.remove_class("-focused")
        self.view.closed = False
        self.show_state()

    async def on_unmount(self) -> None:
        """Nothing of the pane outlives it."""
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
        """What the operator calls it, else container, service and task."""
        return self.nickname or self.target.words

    @property
    def alive(self) -> bool:
        """Whether the session has not ended."""
        return self.session.state is not State.CLOSED

    @property
    def replaced(self) -> bool:
        """Whether its task is ending and another one has taken its place."""
        return bool(self.fate) and self.successor is not None

    @property
    def reopens(self) -> Target:
        """Where a new session leads once this one has ended."""
        successor = self.successor
        return successor if self.fate and successor is not None else self.target

    @property
    def line_keys(self) -> list[str]:
        """What the keys of the line below the terminal do while it is open."""
        if self._line_is_for == "rename":
            return ["enter rename", "esc keep the name"]
        return ["SEARCH", "enter or esc to the lines", "n N next"]

    def on_frame_line_clicked(self, event: FrameLine.Clicked) -> None:
        """Say that it was this shell's."""
        event.stop()
        self.post_message(self.TopLineClicked(self, event.twice))

    def on_terminal_view_resized(self, event: TerminalView.Resized) -> None:
        """The pane has another size: tell terminal and session."""
        self.link.resize(event.columns, event.rows)
        self.session.resize(event.columns, event.rows)

    # -- typing

    def type_key(self, data: bytes) -> None:
        """Type a key, given as the terminal sent it, into the program here."""
        picture = self.link.picture
        if coded := recode(data, picture.modes, picture.kitty):
            self.session.write(coded)

    def paste(self, pasted: Pasted) -> None:
        """Type what was pasted, as the program here takes it."""
        self.view.to_end()
        self.session.write(pasted.encode(self.link.picture.modes))

    def _type(self, data: bytes) -> None:
        plain = canonical(data)
        if not plain or len(plain) > KEY_BYTES:
            self.around.route(self, data)
            return
        out, escape = self._tilde.feed(plain)
        if out:
            self.around.route(self, data if out == plain else out)
        if escape is Escape.END:
            self.run_worker(self.session.close(), group="end")
        elif escape is Escape.HELP:
            self.around.note("~. ends this session from here   ~~ types a tilde")

    def on_terminal_view_closed_key(self, event: TerminalView.ClosedKey) -> None:
        """Say that it was this shell."""
        event.stop()
        self.post_message(self.ClosedKey(self, event.key))

    def on_terminal_view_paste_into(self, event: TerminalView.PasteInto) -> None:
        """Say that it was this shell."""
        event.stop()
        self.post_message(self.PastedInto(self, event.paste))

    # -- copying and searching

    @work(group="select", exclusive=True)
    async def on_terminal_view_selected(self, event: TerminalView.Selected) -> None:
        """Copy what the mouse selected to the clipboard of the outer terminal."""
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
        """A link under the mouse is offered, with its real target."""
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
            self.around.note(f"copied {what}")

    @work(group="copy-mode", exclusive=True)
    async def enter_copy_mode(self, *, search: bool = False) -> None:
        """Read back by keyboard: output waits meanwhile, so that lines stay where they are."""
        if self.view.copy_mode is None:
            lines = await self.link.hold()
            picture = self.link.picture
            if not lines:
                self.link.go_on()
                self.around.note("The terminal does not answer just now.")
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
        """Output goes on."""
        self.view.copy_mode = None
        self.view.closed = not self.alive  # it may have ended meanwhile
        self.link.scroll(0)
        self.link.go_on()
        self.show_state()

    async def on_terminal_view_copy_key(self, event: TerminalView.CopyKey) -> None:
        """What came of a key in copy mode."""
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
        """Ask for another name."""
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
            mode.look_for(event.value, back=self._search_back)
            self.view.show_copy()
            self.show_state()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the line."""
        event.stop()
        if self._line_is_for == "rename":
            self.nickname = clean(event.value.strip())[:40]
        self._close_line()

    def on_key(self, event: events.Key) -> None:
        """Escape leaves the line."""
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
        """Begin a recording, or finish the one that runs; says where it lies."""
        session = self.session
        if not on:
            if session.recording is not None:
                self.around.note(f"Recorded to {session.recording.path}")
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
                with_input=self.around.settings.record_input,
            )
        except OSError as error:
            self.around.note(f"No recording: {path} cannot be made ({error.strerror}).")
            return
        session.record(recording)
        self.around.note(f"Recording to {path}")
        self.show_state()

    def _wants_clipboard(self, text: str) -> None:
        """Never a question by itself: it would take the keys that are being typed."""
        if self.around.settings.clipboard == "ask":
            self.wanted_text = text
            self.show_state()

    # -- the frame

    def _draw(self, rows: list[int]) -> None:
        if self.first_output_at is None and self.session.bytes_out:
            self.first_output_at = time.monotonic()
        if not self.display or self.background:
            self.unseen = True
        self.view.rows_changed(rows)

    def _redraw(self) -> None:
        """Have the program inside draw itself again: another size, and back."""
        self.view.forget()
        size = self.view.size
        if size.height > 1 and self.alive:
            self.session.resize(size.width, size.height - 1)
            self.set_timer(0.05, lambda: self.session.resize(size.width, size.height))

    def _notice(self, words: str) -> None:
        self.notice = words
        if self.view.copy_mode is not None:
            self.leave_copy_mode()  # the lines it knew are another worker's
        self.around.news(f"{self.words}: {words}")
        self.show_state()

    def _state_changed(self) -> None:
        if self.session.plugin is not None and self.session.plugin.warning and not self.warning:
            self.warning = self.session.plugin.warning
            self.around.news(self.warning)
        if self.session.state is State.CLOSED:
            self._say_end()
            self.post_message(self.Ended(self))
        self.show_state()

    def _say_end(self) -> None:
        words = clean(self.session.reason)
        self.link.feed(f"\r\n\x1b[0;2m── {words} ──\x1b[0m\r\n".encode())

    def show_state(self) -> None:
        """Write the frame's line."""
        self.set_class(self.marked, "-marked")
        words = frame_words(self, time.monotonic())
        if words != self._shown_words and (self.display or not self._shown_words):
            self._shown_words = words
            self.frame.update(words)
