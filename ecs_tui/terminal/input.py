"""Splits the input from the operator's terminal into keys, pastes and reports; no byte is changed.

Sources: xterm's ctlseqs ("PC-Style Function Keys", "Bracketed Paste Mode", "Mouse Tracking"),
ECMA-48 5.4 (the form of control sequences),
https://sw.kovidgoyal.net/kitty/keyboard-protocol/#legacy-key-event-encoding.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from ecs_tui.record import dataclass

ESCAPE = 0x1B
ESCAPE_SECONDS = 0.025
"""Seconds to wait after ESC for the rest of a sequence; short, as `Esc :` is typed fast in vi."""
SEQUENCE_SECONDS = 0.25
"""Seconds to wait for the rest of a sequence after two bytes that can also be a key (Alt+[)."""
REPORT_SECONDS = 2.0
"""Seconds to wait for the rest of a sequence after more bytes, which nobody types by hand."""
PASTE_START, PASTE_END = b"\x1b[200~", b"\x1b[201~"
PASTE_SECONDS = 3.0
"""Seconds without input after which a paste ends without its end marker: keys work again, and the
operator is asked about the paste."""
PASTE_REST_SECONDS = 30.0
"""Seconds after that in which the rest of the paste is recognised: by its end marker, or by more
than `MAX_TYPED_KEYS` keys in one read."""
MAX_TYPED_KEYS = 3
"""Maximum keys in one read that count as typed by hand."""
MAX_PASTE_BYTES = 4 * 1024 * 1024
"""Maximum bytes of a paste; all text of a longer one is dropped."""
_MAX_REPLY_BYTES = 64 * 1024
"""Maximum bytes of a terminal's reply, such as its clipboard; a longer one is not recognised."""

_CSI = re.compile(rb"\x1b\[[\x30-\x3f]*[\x20-\x2f]*[\x40-\x7e]")
_CSI_PART = re.compile(rb"\x1b\[[\x30-\x3f]*[\x20-\x2f]*\Z")
_RXVT = re.compile(rb"\x1b\[[0-9]+\$")
"""Shift with an editing key in rxvt; not a control sequence by ECMA-48."""
_SS3 = re.compile(rb"\x1bO[0-9;]*[\x40-\x7e]")
_SS3_PART = re.compile(rb"\x1bO[0-9;]*\Z")
# Only the strings that a terminal sends as a reply: Alt+] and Alt+P are keys.
_STRING_START = re.compile(rb"\x1b(?:\][0-9]+;|P[01]?[$+]r|P>\||P!\||_G)")
_STRING_PART = re.compile(rb"\x1b(?:\][0-9]*|P[01]?[$+]?|P>|P!|_)\Z")
_STRING_END = re.compile(rb"\x07|\x1b\\")
_MOUSE = re.compile(rb"\x1b\[(?:<[-0-9;]*[Mm]|M...)", re.DOTALL)
_REPORT = re.compile(
    rb"\x1b\[(?:[IO]"  # focus
    rb"|[?>=][0-9;:]*[\x20-\x2f]*[\x40-\x7e]"  # DA, DECRPM, DECXCPR, kitty's flags
    rb"|[0-9;:]*[\x20-\x2f]+[\x40-\x7e]"  # DECRPM of ANSI modes and the like
    rb"|[0-9;:]*[cnt]"  # DA, DSR, window reports, in-band resize
    rb"|[0-9]+;[0-9]+R)"  # cursor position
)
_REPORT_PART = re.compile(rb"\x1b\[[?>=<][\x30-\x3f]+[\x20-\x2f]*\Z")
_LATE_REPORT = re.compile(
    rb"\x1b(?:\[(?:20[01]~|[<?>=][0-9;:]*[\x20-\x2f]*[\x40-\x7e]|[0-9:]+(?:;[0-9:]*)*u)"
    rb"|(?:\][0-9]+;|P[01]?[$+]r|P>\||P!\||_G)[^\x07\x1b]*(?:\x07|\x1b\\))"
)
"""Sequences that are recognised as a whole even if their first bytes were returned as keys already.
Otherwise the program would get the rest as text, and the lines of a paste would run."""
_F3 = re.compile(rb"\x1b\[1;(?:[2-9]|1[0-6])(?::[0-9])?R")
"""F3 with modifiers. It looks like a cursor position in row 1, which ecs-tui never requests."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key as the terminal sent it: a character, a control byte, or an escape sequence."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Paste:
    """Pasted text without its brackets.

    Attributes:
        data: The text; b"" if it was longer than `MAX_PASTE_BYTES`.
        part: Whether the end marker did not arrive in time, or this text arrived after that.
        dropped: The number of bytes that were dropped.
    """

    data: bytes
    part: bool = False
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class TerminalReport:
    """Input that is not typed: a mouse or focus report, or the terminal's reply to a query."""

    data: bytes

    @property
    def mouse(self) -> bool:
        """Whether it is a mouse report."""
        return _MOUSE.fullmatch(self.data) is not None


Token = Key | Paste | TerminalReport


class Tokenizer:
    """Splits input into tokens, regardless of how it is divided among reads.

    The bytes of the tokens, with the brackets of pastes, equal the input. Only the text of a paste
    that is too long is dropped.

    Args:
        escape_wait: Seconds to wait after ESC for the rest of a sequence.
        clock: Seconds, monotonic.
    """

    def __init__(
        self, escape_wait: float = ESCAPE_SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._escape_wait, self._clock = escape_wait, clock
        self._buffer = bytearray()
        self._paste: bytearray | None = None
        self._dropped = 0
        self._part = False
        self._rest_until = 0.0
        self._given_out = b""

    @property
    def wait(self) -> float | None:
        """Seconds without input after which to call `expire`; None if nothing is incomplete."""
        if self._paste is not None:
            return PASTE_SECONDS
        if not self._buffer:
            return None
        if self._buffer == b"\x1b":
            return self._escape_wait
        return SEQUENCE_SECONDS if len(self._buffer) < 3 else REPORT_SECONDS

    def feed(self, data: bytes) -> list[Token]:
        """Process `data`, the result of one read; returns the tokens that are now complete."""
        if self._given_out:
            late = self._given_out + data
            data = late if _LATE_REPORT.match(late) else data
            self._given_out = b""
        rest = self._paste is None and self._clock() < self._rest_until
        if rest and _goes_on(data):
            self._paste, self._part = bytearray(), True
        self._buffer += data
        return self._cut(final=False)

    def expire(self) -> list[Token]:
        """Return the incomplete input as tokens, because no more has arrived; ends a paste."""
        self._given_out = bytes(self._buffer)
        if self._paste is None:
            return self._cut(final=True)
        self._keep(self._given_out)
        self._buffer.clear()
        self._part, self._rest_until = True, self._clock() + PASTE_REST_SECONDS
        return [self._paste_is_over()]

    def _cut(self, *, final: bool) -> list[Token]:
        found: list[Token] = []
        buffer, at = bytes(self._buffer), 0
        while at < len(buffer):
            if self._paste is not None:
                at = self._pasted(buffer, at, found)
                if self._paste is not None:
                    break
                continue
            end = _end(buffer, at, final=final)
            if end is None:
                break
            data = buffer[at:end]
            at = end
            if data == PASTE_START:
                self._paste = bytearray()
            elif data == PASTE_END:  # of a paste that was returned already, or of none
                self._rest_until = 0.0
            else:
                found.append(TerminalReport(data) if _is_report(data) else Key(data))
        del self._buffer[:at]
        return found

    def _pasted(self, buffer: bytes, at: int, found: list[Token]) -> int:
        """Add what belongs to the paste; returns the position after it."""
        end = buffer.find(PASTE_END, at)
        if end >= 0:
            self._keep(buffer[at:end])
            found.append(self._paste_is_over())
            self._rest_until = 0.0
            return end + len(PASTE_END)
        # The last bytes may be the start of the end marker.
        kept = next(
            (n for n in range(len(PASTE_END) - 1, 0, -1) if buffer.endswith(PASTE_END[:n])), 0
        )
        end = max(at, len(buffer) - kept)
        self._keep(buffer[at:end])
        return end

    def _keep(self, data: bytes) -> None:
        assert self._paste is not None
        if not self._dropped and len(self._paste) + len(data) <= MAX_PASTE_BYTES:
            self._paste += data
        else:  # part of a paste is of no use
            self._dropped += len(self._paste) + len(data)
            self._paste.clear()

    def _paste_is_over(self) -> Paste:
        assert self._paste is not None
        paste = Paste(bytes(self._paste), self._part, self._dropped)
        self._paste, self._part, self._dropped = None, False, 0
        return paste


def _goes_on(data: bytes) -> bool:
    """Whether `data`, the result of one read, continues a paste that ended without its end marker.

    Typed keys arrive one by one, or a few at once: after the prefix, or if this process had to wait
    for the CPU. Everything else that a terminal sends is an escape sequence.
    """
    end = data.find(PASTE_END)
    if end >= 0:
        return end > 0 and not 0 <= data.find(PASTE_START) < end
    if data[:1] < b" " and data[:1] not in b"\x1b\r\n\t":
        return False
    at, count, plain = 0, 0, False
    while at < len(data):
        plain = plain or data[at] != ESCAPE
        at = _end(data, at, final=True) or len(data)
        count += 1
    return plain and count > MAX_TYPED_KEYS


def _is_report(data: bytes) -> bool:
    if data[:1] != b"\x1b" or len(data) < 3:
        return False
    if _STRING_START.match(data) or _MOUSE.fullmatch(data) or _REPORT_PART.match(data):
        return True
    return _REPORT.fullmatch(data) is not None and _F3.fullmatch(data) is None


def _end(buffer: bytes, at: int, *, final: bool) -> int | None:
    """The position after the token at `at`; None if it is incomplete (not if `final`)."""
    if buffer[at] != ESCAPE:
        return _end_of_character(buffer, at, final=final)
    if at + 1 == len(buffer):
        return at + 1 if final else None
    introducer = buffer[at + 1 : at + 2]
    if introducer == b"[":
        return _end_of_csi(buffer, at, final=final)
    if introducer == b"O":
        if (match := _SS3.match(buffer, at)) is not None:
            return match.end()
        if not final and _SS3_PART.match(buffer, at):
            return None
        return at + 2
    if introducer in b"]P_":
        return _end_of_string(buffer, at, final=final)
    if introducer == b"\x1b":
        return at + 1  # Esc; the second ESC starts another token
    return _end_of_character(buffer, at + 1, final=final)


def _end_of_csi(buffer: bytes, at: int, *, final: bool) -> int | None:
    if buffer.startswith(b"\x1b[M", at):  # the old mouse report: three more bytes of any value
        if at + 6 <= len(buffer):
            return at + 6
        return at + 3 if final else None
    if buffer.startswith(b"\x1b[[", at):  # the Linux console's F1 to F5
        if at + 4 <= len(buffer):
            return at + 4 if buffer[at + 3 : at + 4] in (b"A", b"B", b"C", b"D", b"E") else at + 2
        return at + 2 if final else None
    if (match := _RXVT.match(buffer, at) or _CSI.match(buffer, at)) is not None:
        return match.end()
    if _CSI_PART.match(buffer, at):
        if final and _REPORT_PART.match(buffer, at):
            return len(buffer)
        return at + 2 if final else None
    return at + 2  # Alt+[, followed by another token


def _end_of_string(buffer: bytes, at: int, *, final: bool) -> int | None:
    if (start := _STRING_START.match(buffer, at)) is not None:
        if (end := _STRING_END.search(buffer, start.end())) is not None:
            return end.end()
        if len(buffer) - at < _MAX_REPLY_BYTES:
            return len(buffer) if final else None
    elif not final and _STRING_PART.match(buffer, at):
        return None
    return at + 2


def _end_of_character(buffer: bytes, at: int, *, final: bool) -> int | None:
    """The position after a UTF-8 character; an invalid byte is a token by itself."""
    lead = buffer[at]
    size = 1 if lead < 0xC2 or lead > 0xF4 else 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    for step in range(1, size):
        if at + step == len(buffer):
            return at + 1 if final else None
        if buffer[at + step] & 0xC0 != 0x80:
            return at + 1
    return at + size
