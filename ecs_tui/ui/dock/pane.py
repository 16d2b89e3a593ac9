"""A shell in the dock: one session, one terminal, and a title line with their state."""

from __future__ import annotations

import time
from collections.abc import Callable

from textual.message import Message

from ecs_tui.config.keymap import Keymap
from ecs_tui.config.settings import Settings
from ecs_tui.errors import TerminalError
from ecs_tui.model.command import ShellCommand
from ecs_tui.model.text import clean
from ecs_tui.record import dataclass
from ecs_tui.session.command_choice import MissingProgram
from ecs_tui.session.escape import Escape, Tilde
from ecs_tui.session.session import Session
from ecs_tui.session.shell_session import Notice, ShellSession
from ecs_tui.session.target import Target
from ecs_tui.store.connections import Connection
from ecs_tui.terminal.input import Paste
from ecs_tui.terminal.link import Link
from ecs_tui.terminal.paste import Pasted
from ecs_tui.terminal.process import WarmWorker
from ecs_tui.terminal.recode import canonical, recode
from ecs_tui.terminal.widget import TerminalView
from ecs_tui.ui.dock.pane_title import FrameLine, PaneState, frame_words
from ecs_tui.ui.dock.running import running_words
from ecs_tui.ui.dock.terminal_pane import TerminalPane

MAX_KEY_BYTES = 4
"""Maximum bytes of a key. More are a paste or a report, in which `~.` is not looked for."""


@dataclass(frozen=True, slots=True)
class PaneContext:
    """What a pane needs besides its session.

    Attributes:
        connection: The connection its session runs through.
        warm_worker: Gives a terminal worker that has started already.
        note: Shows a note in the footer, in response to a key.
        news: Shows a note in the footer that no key caused.
        route: Passes a key, mouse report or focus report to every shell that receives it.
        keys: The keys of the commands in a shell.
    """

    connection: Connection
    settings: Settings
    warm_worker: WarmWorker
    note: Callable[[str], None]
    news: Callable[[str], None]
    route: Callable[[ShellPane, bytes], None]
    keys: Keymap


class ShellPane(TerminalPane):
    """Draws a session: passes its output to a terminal, and what is typed there to the session.

    The session neither knows the pane nor ends with it: `SessionManager` ends it.

    Attributes:
        shell: The session, and what is known of its task.
        marked: Whether what is typed in one marked shell goes to it too.
        background: Whether it is hidden until it is selected.
        zoomed: Whether it fills the whole screen.
        unseen: Whether it has printed something since it was last visible.
        notice: The last problem of its terminal worker, or "".
        wanted_text: A text that a program wants on the clipboard, until the operator has answered.
        first_output_at: When it drew its first output, in monotonic seconds.
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

    def __init__(self, context: PaneContext, shell: ShellSession) -> None:
        super().__init__()
        self.context, self.shell, settings = context, shell, context.settings
        self.wanted_text = self.notice = self._shown_words = ""
        self.marked = self.background = self.unseen = self.zoomed = False
        self.first_output_at: float | None = None
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
        self.view = TerminalView(
            lambda: self.link.picture,
            self._type,
            self.link.scroll,
            settings.prefix_keys.match,
            own_colours=settings.terminal.colors == "terminal",
            on_scroll_to=self.link.scroll_to,
        )
        self._tilde = Tilde()
        self._stop_listening = shell.listen(self)

    def on_mount(self) -> None:
        """Start the terminal worker."""
        try:
            self.link.start()
        except TerminalError as error:
            self._notice(str(error))
        self.show_state()

    def begin(self) -> None:
        """Start the session. The pane is in its place, and has the keys if it is to have them."""
        self.shell.start()
        self.show_state()

    def on_unmount(self) -> None:
        """End the terminal worker. The session goes on, unless the manager has ended it."""
        self._stop_listening()
        self.session.resume()  # nobody is left to wait for
        self.link.close()

    def on_show(self) -> None:
        """Visible: receive every frame."""
        self.unseen = False
        self.link.watched(True)
        self.show_state()

    def on_hide(self) -> None:
        """Hidden: receive fewer frames."""
        self.link.watched(False)

    def take_keys(self) -> None:
        """Focus its terminal at once: `focus` and the event of the focus come after the next key."""
        self.view.closed = not self.alive
        self.screen.set_focus(self.view)

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

    # -- its session

    @property
    def session(self) -> Session:
        """The client's process, and the session at AWS."""
        return self.shell.session

    @property
    def target(self) -> Target:
        """The container."""
        return self.shell.target

    @property
    def command(self) -> ShellCommand:
        """What runs in it."""
        return self.shell.command

    @property
    def words(self) -> str:
        """Its nickname, else container, service and task."""
        return self.shell.words

    @property
    def nickname(self) -> str:
        """The name that the operator gave it, or ""."""
        return self.shell.nickname

    @property
    def alive(self) -> bool:
        """Whether the session has not ended."""
        return self.shell.alive

    @property
    def successor(self) -> Target | None:
        """The same container in the replacement task, once that is ready for a shell."""
        return self.shell.successor

    @property
    def replaced(self) -> bool:
        """Whether its task is stopping or gone and the replacement task is ready."""
        return self.shell.replaced

    @property
    def reopens(self) -> Target:
        """The container of the next session, in the replacement task if there is one."""
        return self.shell.reopens

    @property
    def offered(self) -> str:
        """The shell to open instead of one that the image lacks, or ""."""
        return self.shell.offered

    def session_output(self, shell: ShellSession, data: bytes) -> None:
        """Draw output."""
        self.link.feed(data)

    def session_changed(self, shell: ShellSession) -> None:
        """Update the title line."""
        self.show_state()

    def session_noticed(self, shell: ShellSession, notice: Notice) -> None:
        """Nothing: the controller shows it, also for a pane that is not visible."""

    def session_ended(self, shell: ShellSession) -> None:
        """Write below the output why it ended."""
        words = clean(self.session.reason)
        self.link.feed(f"\r\n\x1b[0;2m── {words} ──\x1b[0m\r\n".encode())
        self.post_message(self.Ended(self))

    @property
    def running_program(self) -> str:
        """Why a program other than the shell may be running, as a sentence, or ""."""
        session = self.session
        if not session.live:
            return ""
        opened = session.opened_at or session.started_at
        return running_words(self.link.picture, session.activity, opened, time.monotonic())

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

    # -- name, recording, clipboard

    def rename(self) -> None:
        """Open the input line for another name."""
        self.ask_for_name(self.nickname)

    def named(self, name: str) -> None:
        """Take another name."""
        self.shell.nickname = clean(name.strip())[:40]

    def say(self, words: str) -> None:
        """Show a note, in response to a key or a click."""
        self.context.note(words)

    def link_clicked(self, url: str, shown: str) -> None:
        """Post the link."""
        self.post_message(self.LinkClicked(self, url, shown))

    def record(self, on: bool) -> None:
        """Start a recording, or finish the current one."""
        self.shell.record(on)

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

    def offer(self, missing: MissingProgram) -> None:
        """Show that the image lacks the program of the command, and what is opened instead."""
        opens = f"{self.context.keys.first('closed-reopen')} opens {self.offered} here."
        words = f"{missing.what} {opens if self.offered else missing.advice}"
        self.link.feed(f"\x1b[0;1m{clean(words)}\x1b[0m\r\n".encode())
        self.show_state()

    def show_state(self) -> None:
        """Update the title line."""
        self.set_class(self.marked, "-marked")
        mode, picture = self.view.copy_mode, self.link.picture
        state = PaneState(
            self.context.keys,
            marked=self.marked,
            zoomed=self.zoomed,
            in_front=self.view.closed,
            copying=mode.words if mode is not None else "",
            waiting=self.link.waiting,
            clipboard=bool(self.wanted_text),
            notice=self.notice,
            scrolled=picture.offset,
            title=picture.title,
        )
        words = frame_words(self.shell, state, time.monotonic())
        if words != self._shown_words and (self.display or not self._shown_words):
            self._shown_words = words
            self.frame.update(words, layout=False)
