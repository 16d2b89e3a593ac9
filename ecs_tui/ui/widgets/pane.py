"""A shell in the dock: one session, one terminal, and the frame that tells how both fare."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable

from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static

from ecs_tui.aws.account import Account
from ecs_tui.errors import TerminalError
from ecs_tui.model.words import clean, clock
from ecs_tui.session.plugin import PluginChoice
from ecs_tui.session.session import Session, State, Target
from ecs_tui.settings import Settings
from ecs_tui.terminal.keys import encode_key
from ecs_tui.terminal.link import Link
from ecs_tui.terminal.process import Spare
from ecs_tui.terminal.selection import Selection
from ecs_tui.terminal.widget import TerminalView

SLOW_OPENING = 3.0


class ShellPane(Vertical):
    """Session and terminal side by side: neither knows the other, the pane carries the bytes."""

    DEFAULT_CSS = """
    ShellPane { height: 1fr; width: 1fr;
        & > .pane--frame { height: 1; background: $surface; color: $text-muted; }
        &.-focused > .pane--frame { background: $primary; color: $text; text-style: bold; }
    }
    """

    class Ended(Message):
        """The session has ended; the pane keeps its text."""

        def __init__(self, pane: ShellPane) -> None:
            super().__init__()
            self.pane = pane

    def __init__(
        self,
        account: Account,
        settings: Settings,
        target: Target,
        spare: Spare,
        note: Callable[[str], None],
    ) -> None:
        super().__init__()
        self.target = target
        self._note = note
        self.warning = ""
        self.frame = Static("", classes="pane--frame", markup=False)
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
            spare=spare,
        )
        self.session = Session(
            account,
            target,
            settings.shell,
            self.link.feed,
            self._state_changed,
            plugin=PluginChoice(settings.plugin),
            plugin_path=settings.plugin_path,
        )
        self.view = TerminalView(
            lambda: self.link.picture, self._type, self.link.scroll, settings.prefix
        )
        self._prefix = settings.prefix
        self._job: asyncio.Task[None] | None = None
        self._notices = ""
        self.first_output_at: float | None = None

    def compose(self) -> ComposeResult:
        """The frame's line above the terminal."""
        yield self.frame
        yield self.view

    def on_mount(self) -> None:
        """Start the terminal's worker and the session, both at once."""
        try:
            self.link.start()
        except TerminalError as error:
            self.warning = str(error)
        self._job = asyncio.ensure_future(self.session.start())
        self.set_interval(1.0, self.show_state)
        self.show_state()

    def on_show(self) -> None:
        """It is in front: frames as fast as they come."""
        self.link.watched(True)

    def on_hide(self) -> None:
        """It is behind another one."""
        self.link.watched(False)

    def on_descendant_focus(self) -> None:
        """The frame of the shell that takes the keys stands out."""
        self.add_class("-focused")

    def on_descendant_blur(self) -> None:
        """It no longer does."""
        self.remove_class("-focused")

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
    def alive(self) -> bool:
        """Whether the session has not ended."""
        return self.session.state is not State.CLOSED

    def on_terminal_view_resized(self, event: TerminalView.Resized) -> None:
        """The pane has another size: tell terminal and session."""
        self.link.resize(event.columns, event.rows)
        self.session.resize(event.columns, event.rows)

    def type_prefix(self) -> None:
        """Type the prefix key itself."""
        self._type(encode_key(self._prefix, None, self.link.picture.modes))

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

    async def _copy(self, selection: Selection) -> None:
        text = await self.link.range_text(*selection.ordered, block=selection.block)
        if text:
            self.app.copy_to_clipboard(text)
            lines = text.count("\n") + 1
            self._note(f"copied {lines} lines" if lines > 1 else f"copied {len(text)} characters")

    def paste(self, data: bytes) -> None:
        """Type what the operator agreed to paste."""
        self._type(data)

    def _type(self, data: bytes) -> None:
        self.session.write(data)

    def _draw(self, rows: list[int]) -> None:
        if self.first_output_at is None and self.session.bytes_out:
            self.first_output_at = time.monotonic()
        self.view.rows_changed(rows)

    def _redraw(self) -> None:
        """Have the program inside draw itself again: another size, and back."""
        self.view.forget()
        size = self.view.size
        if size.height > 1 and self.alive:
            self.session.resize(size.width, size.height - 1)
            self.set_timer(0.05, lambda: self.session.resize(size.width, size.height))

    def _notice(self, words: str) -> None:
        self._notices = words
        self._note(f"{self.target.words}: {words}")
        self.show_state()

    def _state_changed(self) -> None:
        if self.session.plugin is not None and self.session.plugin.warning and not self.warning:
            self.warning = self.session.plugin.warning
            self._note(self.warning)
        if self.session.state is State.CLOSED:
            self._say_end()
            self.post_message(self.Ended(self))
        self.show_state()

    def _say_end(self) -> None:
        session = self.session
        words = clean(session.reason)
        self.link.feed(f"\r\n\x1b[0;2m── {words} ──\x1b[0m\r\n".encode())

    def show_state(self) -> None:
        """Write the frame's line."""
        session = self.session
        parts = [self.target.words]
        now = time.monotonic()
        if session.state is State.OPENING:
            waited = now - session.started_at
            parts.append(f"◐ opening {clock(waited)}")
            if waited > SLOW_OPENING:
                waits = "the first prompt" if session.session_id else "ECS to answer"
                parts.append(f"waiting for {waits} · ctrl+] x cancels")
        elif session.state is State.OPEN:
            parts.append(f"● open {clock(now - (session.opened_at or now))}")
        else:
            parts.append(f"○ closed: {clean(session.reason)}")
        if self._notices:
            parts.append(f"▲ {self._notices}")
        if self.link.picture.offset:
            parts.append(f"↑ {self.link.picture.offset} lines")
        title = clean(self.link.picture.title)
        if title:
            parts.append(title[:40])
        self.frame.update(" " + " · ".join(parts))
