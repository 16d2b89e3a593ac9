"""The operator's terminal: entering and leaving the screen, suspending, and noticing that it is gone.

Textual's own driver waits for the terminal in the event loop's thread (a full queue blocks the
app), reads on after end-of-file, and enters the screen again on each SIGCONT, which the kernel
also sends with the SIGHUP of a terminal that is gone.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import termios
import threading
import time
import tty
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol, cast

from textual import constants, events
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size

from ecs_tui.terminal.input import Tokenizer
from ecs_tui.terminal.output import Output
from ecs_tui.terminal.typed import Names

if TYPE_CHECKING:
    from textual.app import App

KITTY_FLAGS = 0b101
"""Disambiguate escape codes, report alternate keys: text stays text, whatever the layout.

https://sw.kovidgoyal.net/kitty/keyboard-protocol/#progressive-enhancement
"""
_TICK = 0.1
"""Seconds after which the input thread looks whether it is to end."""
_READ = 4096
_DRAIN = 1.0
"""Seconds that the terminal has to take the last output before it is left."""


class OnTerminal(Protocol):
    """An app that wants to know that its terminal is gone."""

    def terminal_lost(self) -> None:
        """The terminal is gone: called once, from any thread."""


class TerminalDriver(LinuxDriver):
    """Reads stdin, writes stdout; never blocks the event loop, and survives a lost terminal.

    To read input in another way override `run_input_thread` and take bytes from `input_bytes`.
    """

    def __init__(
        self,
        app: App[Any],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        assert sys.__stdout__ is not None
        self._output_fd = sys.__stdout__.fileno()
        self._output: Output | None = None
        self._lost = threading.Event()
        self._wait = _TICK
        self._listen()

    @property
    def lost(self) -> bool:
        """Whether the terminal is gone."""
        return self._lost.is_set()

    def lose(self) -> None:
        """The terminal is gone: nothing is read from it or written to it any more. Any thread."""
        if not self._lost.is_set():
            self._lost.set()
            cast(OnTerminal, self._app).terminal_lost()

    # -- entering and leaving

    def start_application_mode(self) -> None:
        """Enter the screen; where it is entered already, set it up and draw it again.

        In the background (after `bg`, `&`) tcflow stops the process until it is in the foreground;
        so nothing is written before it, and the modes that are read are not those of a shell that
        edits its command line.
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
        self._loop.add_signal_handler(signal.SIGWINCH, self._resized)
        if self._output is None:
            self.attrs_before = before
            self._output = Output(self._output_fd, self.lose, self._caught_up)
            self._output.start()
            self.exit_event.clear()
            self._key_thread = threading.Thread(
                target=self._run_input_thread, name="terminal-input", daemon=True
            )
            self._key_thread.start()
            kitty = f"\x1b[>{KITTY_FLAGS}u"  # on the terminal's stack: taken off when left
        else:
            kitty = f"\x1b[={KITTY_FLAGS}u"
        self.write("\x1b[?1049h\x1b[?25l\x1b[?1004h")
        self.write("\x1b[?1l\x1b>")  # cursor keys and keypad as a program before may have left them
        if not constants.DISABLE_KITTY_KEY:
            self.write(kitty)
        self._request_terminal_sync_mode_support()
        self._query_in_band_window_resize()
        self._enable_bracketed_paste()
        self._disable_line_wrap()
        self._enable_mouse_support()
        self._draw_all()

    def stop_application_mode(self) -> None:
        """Leave the screen; waits at most a second for a terminal that takes no output."""
        self.disable_input()
        output, self._output = self._output, None
        if output is None:
            return
        if not self.lost:
            output.write(self._leaving(), always=True)
        output.close(0.0 if self.lost else _DRAIN)
        self._restore_modes()
        # Asked for anew when the screen is entered again: by then it may be another terminal (tmux).
        self._in_band_window_resize = self._mouse_pixels = False

    def disable_input(self) -> None:
        """Read no more; mouse events end."""
        if self.exit_event.is_set() or self._key_thread is None:
            return
        self._loop.remove_signal_handler(signal.SIGWINCH)
        self._disable_mouse_support()
        self.exit_event.set()
        if self._key_thread is not threading.current_thread():
            self._key_thread.join(5 * _TICK)
        self._key_thread = None
        self._flush_input()

    def abandon(self) -> None:
        """Give the terminal back without waiting for any thread. For the end by force."""
        if self._output is None or self.lost:
            return
        self._restore_modes()
        # A description of its own can be non-blocking without making the shell's so.
        flags = os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY
        with contextlib.suppress(OSError):  # it takes nothing: nothing more can be done for it
            os.write(os.open(os.ttyname(self._output_fd), flags), self._leaving())

    def _leaving(self) -> bytes:
        """What undoes all that was written on entering."""
        parts = ["\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l", "\x1b[?2004l\x1b[?7h"]
        if self._mouse_pixels:
            parts.append("\x1b[?1016l")
        if self._in_band_window_resize:
            parts.append("\x1b[?2048l")
        if not constants.DISABLE_KITTY_KEY:  # before the alternate screen is left
            parts.append("\x1b[<u")
        parts.append("\x1b[?1049l\x1b[?25h\x1b[?1004l")
        return "".join(parts).encode()

    def close(self) -> None:
        """Nothing is left to close: `stop_application_mode` has ended the output too."""

    def write(self, data: str) -> None:
        """Write to the terminal soon; dropped where it is gone or not entered."""
        if self._output is not None:
            self._output.write(data.encode("utf-8", "replace"))

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
        """Forget what was typed and not read: it is not for the program that comes next."""
        if not self.lost:
            try:
                termios.tcflush(self.fileno, termios.TCIFLUSH)
            except termios.error:
                self.lose()

    # -- suspending

    def _listen(self) -> None:
        """In the loop, not in a signal handler: those interrupt whatever holds a lock."""
        self._loop.add_signal_handler(signal.SIGTSTP, self.suspend)
        self._loop.add_signal_handler(signal.SIGCONT, self._continued)

    def suspend(self, *, group: bool = False) -> None:
        """Leave the screen, stop, and enter it again when continued.

        Args:
            group: Stop the whole process group, as the terminal's own ctrl+z does, so that a
                program that waits for this one (make, a script) stops too.
        """
        if not self._auto_restart or self.lost:
            return
        self.suspend_application_mode()
        # With the default action, which the kernel leaves out where nobody could continue it.
        self._loop.remove_signal_handler(signal.SIGTSTP)
        os.kill(0 if group else os.getpid(), signal.SIGTSTP)
        self._listen()
        self.resume_application_mode()

    def _continued(self) -> None:
        """SIGCONT: also after a SIGSTOP, with which the screen was not left."""
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
        """Whatever the terminal shows: draw the whole screen, in the size that it has now."""
        changed = self._size_now() != self._app.size
        self._tell_size()
        if not changed:  # a new size is drawn anyway, and before it nothing in the old one
            self._app.call_later(self._app.refresh, layout=True)

    def _caught_up(self) -> None:
        self._loop.call_soon_threadsafe(self._draw_all)

    # -- input

    def input_bytes(self) -> Iterator[bytes]:
        """What the terminal sends, in the input thread; b"" after `_wait` seconds without input.

        Ends when input is disabled, and when the terminal is gone.
        """
        while not self.exit_event.is_set() and not self.lost:
            ready, _, _ = select.select([self.fileno], [], [], self._wait)
            if not ready:
                yield b""
                continue
            try:
                data = os.read(self.fileno, _READ)
            except BlockingIOError:
                continue
            except OSError:  # EIO
                data = b""
            if not data:
                self.lose()
                return
            yield data

    def run_input_thread(self) -> None:
        """Turn bytes into events that keep their bytes."""
        tokenizer, names = Tokenizer(constants.ESCAPE_DELAY), Names()
        ends = 0.0
        for data in self.input_bytes():
            tokens = tokenizer.feed(data) if data else []
            if not data and tokenizer.wait is not None and time.monotonic() >= ends:
                tokens = tokenizer.expire()
            if (data or tokens) and tokenizer.wait is not None:
                ends = time.monotonic() + tokenizer.wait
            left = _TICK if tokenizer.wait is None else ends - time.monotonic()
            self._wait = min(_TICK, max(0.0, left))
            for token in tokens:
                for message in names.messages(token):
                    self.process_message(message)
