"""The operator's terminal: entering and leaving the screen, suspending, detecting its loss.

Textual's own driver is not used as it is: it waits for the terminal in the event loop's thread (a
full queue blocks the app), continues to read after end-of-file, and enters the screen again on each
SIGCONT, which the kernel also sends with SIGHUP when a terminal is lost.
"""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import sys
import termios
import threading
import time
import tty
from collections.abc import Iterator
from types import FrameType
from typing import TYPE_CHECKING, Any, Protocol, cast

from textual import constants, events
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size

from ecs_tui.system.terminal_type import TerminalType
from ecs_tui.terminal.background import BackgroundQuery, BackgroundReport
from ecs_tui.terminal.input import Tokenizer
from ecs_tui.terminal.output import OutputQueue
from ecs_tui.terminal.typed import KeyNames

if TYPE_CHECKING:
    from textual.app import App

KITTY_FLAGS = 0b101
"""Disambiguate escape codes (1), report alternate keys (4). Text is still sent as text.

https://sw.kovidgoyal.net/kitty/keyboard-protocol/#progressive-enhancement
"""
_TICK_SECONDS = 0.1
"""Maximum seconds until the input thread notices that it must end."""
_READ_BYTES = 4096
"""Maximum bytes of input per read."""
_DRAIN_SECONDS = 1.0
"""Maximum seconds to wait until the terminal has accepted the last output."""

_RESIZE_SECONDS = 1.0
"""Seconds after a resize for which what is drawn for the old size is dropped."""
_POSITION = re.compile(r"\x1b\[([0-9]+);[0-9]+H")
"""Cursor Position (CUP, xterm's ctlseqs), which every drawn frame contains."""


class OnTerminal(Protocol):
    """An app that knows the type of its terminal and is notified of its loss.

    Attributes:
        terminal_type: What the terminal supports; nothing else is sent to it.
        follows_background: Whether to ask the terminal for its background; the app then gets a
            `BackgroundReport`.
    """

    terminal_type: TerminalType
    follows_background: bool

    def terminal_lost(self) -> None:
        """Called once, in any thread, when the terminal is gone."""


class TerminalDriver(LinuxDriver):
    """Reads stdin and writes stdout; never blocks the event loop, and handles a lost terminal.

    To process input differently, override `run_input_thread` and read from `input_bytes`.
    """

    def __init__(
        self,
        app: App[Any],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        on_terminal = cast(OnTerminal, app)
        self._terminal = on_terminal.terminal_type
        # tmux answers also if it calls itself "screen"; GNU screen would pass the question on.
        answers = self._terminal.modes == "all" or bool(os.environ.get("TMUX"))
        self._background = BackgroundQuery(on_terminal.follows_background and answers)
        mouse = mouse and self._terminal.mouse
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        assert sys.__stdout__ is not None
        self._output_fd = sys.__stdout__.fileno()
        self._output: OutputQueue | None = None
        self._lost = threading.Event()
        self._wait = _TICK_SECONDS
        self._resized_until = 0.0
        self._titled = self._stopped = False
        self._listen()

    @property
    def lost(self) -> bool:
        """Whether the terminal is gone."""
        return self._lost.is_set()

    def lose(self) -> None:
        """Stop reading and writing because the terminal is gone. Can be called in any thread."""
        if not self._lost.is_set():
            self._lost.set()
            cast(OnTerminal, self._app).terminal_lost()

    # -- entering and leaving

    def start_application_mode(self) -> None:
        """Enter the screen; if it is entered already, set its modes and draw it again.

        In the background (after `bg` or `&`), tcflow stops the process until it is in the
        foreground. It comes first, so that nothing is written in the background and the modes that
        are read are not those of a shell's line editor.
        """
        if self.lost:
            return
        try:
            termios.tcflow(self.fileno, termios.TCOON)
            before = termios.tcgetattr(self.fileno)
            self._set_modes(before)
        except termios.error:
            self.lose()
            return
        self._stopped = False
        self._loop.add_signal_handler(signal.SIGWINCH, self._resized)
        if self._output is None:
            self.attrs_before = before
            self._output = OutputQueue(self._output_fd, self.lose, self._caught_up)
            self._output.start()
            self.exit_event.clear()
            self._key_thread = threading.Thread(
                target=self._run_input_thread, name="terminal-input", daemon=True
            )
            self._key_thread.start()
            kitty = f"\x1b[>{KITTY_FLAGS}u"  # pushed; `_leaving` pops it
        else:
            kitty = f"\x1b[={KITTY_FLAGS}u"
        self._set_screen_modes(kitty)
        self._draw_all()

    def _set_screen_modes(self, kitty: str) -> None:
        """Set those modes that the terminal supports; `_leaving` resets them."""
        terminal = self._terminal
        if terminal.has_screen:
            self.write("\x1b[?1049h\x1b[?25l\x1b[?1004h")
        elif terminal.modes == "cursor":
            self.write("\x1b[?25l")
        self.write("\x1b[?1l\x1b>")  # cursor keys, keypad: an earlier program may have set them
        if terminal.modes == "all":
            if not constants.DISABLE_KITTY_KEY:
                self.write(kitty)
            self._request_terminal_sync_mode_support()
            self._query_in_band_window_resize()
        if terminal.has_screen:
            self._enable_bracketed_paste()
            if question := self._background.ask():
                self.write(question)
        self._disable_line_wrap()
        self._enable_mouse_support()

    def stop_application_mode(self) -> None:
        """Leave the screen; waits at most 1 s for a terminal that accepts no output."""
        self.disable_input()
        output, self._output = self._output, None
        if output is None:
            return
        if not self.lost:
            output.write(self._leaving(), always=True)
        output.close(0.0 if self.lost else _DRAIN_SECONDS)
        self._restore_modes()
        # Queried again on entering the screen: it may be another terminal by then (tmux).
        self._in_band_window_resize = self._mouse_pixels = False

    def disable_input(self) -> None:
        """Stop reading input, and switch mouse reports off."""
        if self.exit_event.is_set() or self._key_thread is None:
            return
        if not self.lost and self._key_thread is not threading.current_thread():
            self._background.settle()
        self._loop.remove_signal_handler(signal.SIGWINCH)
        self._disable_mouse_support()
        self.exit_event.set()
        if self._key_thread is not threading.current_thread():
            self._key_thread.join(5 * _TICK_SECONDS)
        self._key_thread = None
        self._flush_input()

    def restore_at_once(self) -> None:
        """Restore the terminal without waiting for any thread, before a forced exit."""
        if self._output is None or self.lost:
            return
        self._restore_modes()
        # A new open file description, so that the shell's does not become non-blocking.
        flags = os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY
        with contextlib.suppress(OSError):  # it accepts no output, so it stays as it is
            os.write(os.open(os.ttyname(self._output_fd), flags), self._leaving())

    def _leaving(self) -> bytes:
        """The bytes that reset what entering the screen has set."""
        terminal = self._terminal
        if not terminal.has_screen:
            shown = "\x1b[?25h" if terminal.modes == "cursor" else ""
            return f"\x1b[?7h\x1b[m\x1b[2J\x1b[H{shown}".encode()
        parts = ["\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l", "\x1b[?2004l\x1b[?7h"]
        if self._mouse_pixels:
            parts.append("\x1b[?1016l")
        if self._in_band_window_resize:
            parts.append("\x1b[?2048l")
        if terminal.modes != "all":
            # GNU screen has an alternate screen only if `altscreen` is set.
            parts.append("\x1b[m\x1b[2J\x1b[H")
        elif not constants.DISABLE_KITTY_KEY:  # before the alternate screen is left
            parts.append("\x1b[<u")
        parts.append("\x1b[?1049l\x1b[?25h\x1b[?1004l")
        if self._titled:
            parts.append("\x1b[23;2t")
        return "".join(parts).encode()

    def title(self, words: str) -> None:
        """Set the title of the terminal's window; `_leaving` restores the one from before.

        XTWINOPS 22 and 23 keep titles on a stack, OSC 2 sets one (xterm's ctlseqs).

        Args:
            words: The title, printable characters only.
        """
        if self._terminal.modes != "all" or not self._terminal.commands:
            return
        if not self._titled:
            self._titled = True
            self.write("\x1b[22;2t")
        self.write(f"\x1b]2;{words}\x07")

    def close(self) -> None:
        """Does nothing: `stop_application_mode` has closed the output already."""

    def write(self, data: str) -> None:
        """Queue `data` for the terminal.

        Drops it if the screen is not entered or not entered again, the terminal is gone, or it would
        print this OSC.
        """
        if (
            self._output is None
            or self._stopped
            or (data.startswith("\x1b]") and not self._terminal.commands)
        ):
            return
        if self._resized_until and self._for_the_old_size(data):
            return
        encoding = "ascii" if self._terminal.characters == "ascii" else "utf-8"
        self._output.write(data.encode(encoding, "replace"))

    def _set_modes(self, before: list[Any]) -> None:
        modes = list(before)
        modes[tty.LFLAG] = self._patch_lflag(modes[tty.LFLAG])
        modes[tty.IFLAG] = self._patch_iflag(modes[tty.IFLAG])
        modes[tty.CC] = list(modes[tty.CC])
        modes[tty.CC][termios.VMIN] = 1
        termios.tcsetattr(self.fileno, termios.TCSANOW, modes)

    def _restore_modes(self) -> None:
        if self.attrs_before is None or self.lost:
            return
        try:
            termios.tcsetattr(self.fileno, termios.TCSANOW, self.attrs_before)
        except termios.error:
            self.lose()

    def _flush_input(self) -> None:
        """Discard input that was not read: it is not meant for the next program."""
        if not self.lost:
            try:
                termios.tcflush(self.fileno, termios.TCIFLUSH)
            except termios.error:
                self.lose()

    # -- suspending

    def _listen(self) -> None:
        """Handle signals in the event loop: handlers can interrupt code that holds locks."""
        self._loop.add_signal_handler(signal.SIGTSTP, self.suspend)
        # This one at once: whatever the loop does first could draw on the shell's screen.
        signal.signal(signal.SIGCONT, self._was_stopped)
        # `signal` has switched this off: termios calls that wait in the background would fail.
        signal.siginterrupt(signal.SIGCONT, False)

    def suspend(self, *, group: bool = False) -> None:
        """Leave the screen, stop the process, and enter the screen again when continued.

        Args:
            group: Stop the whole process group, as the terminal's own ctrl+z does, so that a
                program that waits for this one (make, a script) stops too.
        """
        if not self._auto_restart or self.lost:
            return
        self.suspend_application_mode()
        # The default action; the kernel skips it if no shell could continue the process.
        self._loop.remove_signal_handler(signal.SIGTSTP)
        os.kill(0 if group else os.getpid(), signal.SIGTSTP)
        self._listen()
        self.resume_application_mode()

    def _was_stopped(self, _: int, __: FrameType | None) -> None:
        """Draw nothing until the screen is set up. Takes no lock: it interrupts any code."""
        if self._auto_restart and not self.lost and not self._loop.is_closed():
            self._stopped = True
            if (output := self._output) is not None:
                output.drop_old()
            self._loop.call_soon_threadsafe(self._continued)

    def _continued(self) -> None:
        """Set up the screen after SIGCONT, also after a SIGSTOP, before which it was not left."""
        if self._auto_restart and not self.lost:
            self.start_application_mode()

    # -- size and drawing

    def _resized(self) -> None:
        if not self._in_band_window_resize:
            self._tell_size()

    def _tell_size(self) -> None:
        size = self._size_now()
        self.send_message(events.Resize(size, size))

    def _size_now(self) -> Size:
        return Size(*self._get_terminal_size())

    def _draw_all(self) -> None:
        """Draw the whole screen again, in the terminal's current size."""
        changed = self._size_now() != self._app.size
        self._tell_size()
        if changed:  # it is drawn anyway
            self._resized_until = time.monotonic() + _RESIZE_SECONDS
        else:
            self._app.call_later(self._app.refresh, layout=True)

    def _for_the_old_size(self, data: str) -> bool:
        """Whether text was drawn for the size before a resize that the app has not handled yet."""
        if time.monotonic() > self._resized_until:
            self._resized_until = 0.0
            return False
        now, screens = self._size_now(), self._app.screen_stack
        rows = [int(row) for row in _POSITION.findall(data)]
        laid_out = bool(screens) and now == self._app.size == screens[-1].size
        return bool(rows) and (not laid_out or max(rows) > now.height)

    def _caught_up(self) -> None:
        self._loop.call_soon_threadsafe(self._draw_all)

    # -- input

    def input_bytes(self) -> Iterator[bytes]:
        """The terminal's input, in the input thread; b"" after `_wait` seconds without input.

        Ends when input is disabled or the terminal is gone.
        """
        while not self.exit_event.is_set() and not self.lost:
            ready, _, _ = select.select([self.fileno], [], [], self._wait)
            if not ready:
                yield b""
                continue
            try:
                data = os.read(self.fileno, _READ_BYTES)
            except BlockingIOError:
                continue
            except OSError:  # EIO
                data = b""
            if not data:
                self.lose()
                return
            yield data

    def run_input_thread(self) -> None:
        """Read input and process it as events that contain the original bytes."""
        tokenizer, names = Tokenizer(constants.ESCAPE_DELAY), KeyNames()
        ends = 0.0
        for data in self.input_bytes():
            tokens = tokenizer.feed(data) if data else []
            if not data and tokenizer.wait is not None and time.monotonic() >= ends:
                tokens = tokenizer.expire()
            if (data or tokens) and tokenizer.wait is not None:
                ends = time.monotonic() + tokenizer.wait
            left = _TICK_SECONDS if tokenizer.wait is None else ends - time.monotonic()
            self._wait = min(_TICK_SECONDS, max(0.0, left))
            for token in tokens:
                for message in names.messages(token):
                    if not isinstance(message, BackgroundReport) or self._background.take():
                        self.process_message(message)
