"""What the operator's terminal sends, cut into keys, pastes and reports; the bytes stay as they are.

Sources: xterm's ctlseqs ("PC-Style Function Keys", "Bracketed Paste Mode", "Mouse Tracking"),
ECMA-48 5.4 (the form of control sequences),
https://sw.kovidgoyal.net/kitty/keyboard-protocol/#legacy-key-event-encoding.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass

ESCAPE = 0x1B
ESCAPE_WAIT = 0.025
"""Seconds for which an ESC may be the beginning of a sequence: in vi `Esc :` is typed fast."""
SEQUENCE_WAIT = 0.25
"""Seconds for which two bytes that may be a key (Alt+[) may be the beginning of a sequence."""
REPORT_WAIT = 2.0
"""Seconds for which a longer sequence may stay incomplete: nobody types such a thing."""
PASTE_START, PASTE_END = b"\x1b[200~", b"\x1b[201~"
PASTE_WAIT = 3.0
"""Seconds without input after which a paste has no end: keys work again, and it is asked about."""
REST_WAIT = 30.0
"""Seconds after that for which its rest is known: by its end, or by more than TYPED keys at once."""
TYPED = 3
"""Keys that may be read at once though a person types them one by one."""
PASTE_LIMIT = 4 * 1024 * 1024
"""Bytes of one paste that are kept."""
_LONGEST_REPLY = 64 * 1024

_CSI = re.compile(rb"\x1b\[[\x30-\x3f]*[\x20-\x2f]*[\x40-\x7e]")
_CSI_PART = re.compile(rb"\x1b\[[\x30-\x3f]*[\x20-\x2f]*\Z")
_RXVT = re.compile(rb"\x1b\[[0-9]+\$")
"""Shift with an editing key in rxvt: no control sequence by the standard."""
_SS3 = re.compile(rb"\x1bO[0-9;]*[\x40-\x7e]")
_SS3_PART = re.compile(rb"\x1bO[0-9;]*\Z")
# Only the strings that a terminal sends as an answer: Alt+] and Alt+P are keys.
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
_LATE = re.compile(
    rb"\x1b(?:\[(?:20[01]~|[<?>=][0-9;:]*[\x20-\x2f]*[\x40-\x7e]|[0-9:]+(?:;[0-9:]*)*u)"
    rb"|(?:\][0-9]+;|P[01]?[$+]r|P>\||P!\||_G)[^\x07\x1b]*(?:\x07|\x1b\\))"
)
"""What is taken as a whole even when its first bytes have been given out as keys already: typed as
text it would be junk in the program, and the lines of a paste would run."""
_F3 = re.compile(rb"\x1b\[1;(?:[2-9]|1[0-6])(?::[0-9])?R")
"""F3 with modifiers, which looks like a cursor in row 1; nobody here asks where the cursor is."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key as the terminal sent it: a character, a control byte, or an escape sequence."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Paste:
    """What was pasted, without its brackets.

    Attributes:
        data: The text; empty where the paste was longer than PASTE_LIMIT.
        part: Whether the end did not come in time, or this came after that.
        dropped: How many bytes were not kept.
    """

    data: bytes
    part: bool = False
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """Not typed: the mouse, the focus, or the terminal's answer to a question."""

    data: bytes

    @property
    def mouse(self) -> bool:
        """Whether it is the mouse's."""
        return _MOUSE.fullmatch(self.data) is not None


Token = Key | Paste | Report


class Tokenizer:
    """Cuts bytes into tokens, however they are split on their way.

    The tokens' bytes, with the brackets of pastes, are the input: none is changed, and none dropped
    but those of a paste that is too long.
    """

    def __init__(
        self, escape_wait: float = ESCAPE_WAIT, clock: Callable[[], float] = time.monotonic
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
        """Seconds after which `expire` should be called if nothing comes; None: not at all."""
        if self._paste is not None:
            return PASTE_WAIT
        if not self._buffer:
            return None
        if self._buffer == b"\x1b":
            return self._escape_wait
        return SEQUENCE_WAIT if len(self._buffer) < 3 else REPORT_WAIT

    def feed(self, data: bytes) -> list[Token]:
        """The tokens that are complete with `data`: what was read at once."""
        if self._given_out:
            late = self._given_out + data
            data = late if _LATE.match(late) else data
            self._given_out = b""
        rest = self._paste is None and self._clock() < self._rest_until
        if rest and _goes_on(data):
            self._paste, self._part = bytearray(), True
        self._buffer += data
        return self._cut(final=False)

    def expire(self) -> list[Token]:
        """Nothing has followed: what has begun is a key of its own, a paste is over."""
        self._given_out = bytes(self._buffer)
        if self._paste is None:
            return self._cut(final=True)
        self._keep(self._given_out)
        self._buffer.clear()
        self._part, self._rest_until = True, self._clock() + REST_WAIT
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
            elif data == PASTE_END:  # of a paste that was given out, or nobody's
                self._rest_until = 0.0
            else:
                found.append(Report(data) if _is_report(data) else Key(data))
        del self._buffer[:at]
        return found

    def _pasted(self, buffer: bytes, at: int, found: list[Token]) -> int:
        """Take in what belongs to the paste; returns where it goes on."""
        end = buffer.find(PASTE_END, at)
        if end >= 0:
            self._keep(buffer[at:end])
            found.append(self._paste_is_over())
            self._rest_until = 0.0
            return end + len(PASTE_END)
        # The last bytes may be the beginning of the end.
        kept = next(
            (n for n in range(len(PASTE_END) - 1, 0, -1) if buffer.endswith(PASTE_END[:n])), 0
        )
        end = max(at, len(buffer) - kept)
        self._keep(buffer[at:end])
        return end

    def _keep(self, data: bytes) -> None:
        assert self._paste is not None
        if not self._dropped and len(self._paste) + len(data) <= PASTE_LIMIT:
            self._paste += data
        else:  # half of a paste is of no use
            self._dropped += len(self._paste) + len(data)
            self._paste.clear()

    def _paste_is_over(self) -> Paste:
        assert self._paste is not None
        paste = Paste(bytes(self._paste), self._part, self._dropped)
        self._paste, self._part, self._dropped = None, False, 0
        return paste


def _goes_on(data: bytes) -> bool:
    """Whether what was read at once belongs to a paste whose end was not waited for.

    A person's keys come one by one, or at once where they follow the prefix or this program had to
    wait for the processor; what else the terminal sends are escape sequences.
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
    return plain and count > TYPED


def _is_report(data: bytes) -> bool:
    if data[:1] != b"\x1b" or len(data) < 3:
        return False
    if _STRING_START.match(data) or _MOUSE.fullmatch(data) or _REPORT_PART.match(data):
        return True
    return _REPORT.fullmatch(data) is not None and _F3.fullmatch(data) is None


def _end(buffer: bytes, at: int, *, final: bool) -> int | None:
    """Where the token that begins at `at` ends; None: more is needed to tell, unless `final`."""
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
        return at + 1  # Esc; what follows is a sequence of its own
    return _end_of_character(buffer, at + 1, final=final)


def _end_of_csi(buffer: bytes, at: int, *, final: bool) -> int | None:
    if buffer.startswith(b"\x1b[M", at):  # the old report of the mouse: three bytes of any value
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
    return at + 2  # Alt+[, and then something else


def _end_of_string(buffer: bytes, at: int, *, final: bool) -> int | None:
    if (start := _STRING_START.match(buffer, at)) is not None:
        if (end := _STRING_END.search(buffer, start.end())) is not None:
            return end.end()
        if len(buffer) - at < _LONGEST_REPLY:
            return len(buffer) if final else None
    elif not final and _STRING_PART.match(buffer, at):
        return None
    return at + 2


def _end_of_character(buffer: bytes, at: int, *, final: bool) -> int | None:
    """The end of a UTF-8 character; a byte that begins none stands alone."""
    lead = buffer[at]
    size = 1 if lead < 0xC2 or lead > 0xF4 else 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    for step in range(1, size):
        if at + step == len(buffer):
            return at + 1 if final else None
        if buffer[at + step] & 0xC0 != 0x80:
            return at + 1
    return at + size
