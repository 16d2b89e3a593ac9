"""The messages between app and worker: a declared type for each.

A message is its length (4 bytes, big-endian) and a MessagePack body. Either end may be broken or
hostile (the worker processes container output), so lengths and types are checked on arrival.
"""

from __future__ import annotations

import struct
from enum import IntFlag

import msgspec

MAX_FRAME_BYTES = 16 << 20
"""Maximum bytes of a message."""
_LENGTH = struct.Struct(">I")

NO_COLOUR = -1
RGB = 1 << 24
"""A colour is NO_COLOUR, a palette index 0..255, or RGB | 0xRRGGBB."""


class Attribute(IntFlag):
    """Attributes of a style (SGR)."""

    BOLD = 1
    ITALIC = 2
    FAINT = 4
    BLINK = 8
    INVERSE = 16
    INVISIBLE = 32
    STRIKE = 64
    OVERLINE = 128


class Mode(IntFlag):
    """Modes that a program has set and that change how keys, mouse and pastes are encoded.

    Names and numbers: xterm's ctlseqs, "DEC Private Mode Set".
    """

    CURSOR_KEYS = 1
    KEYPAD = 2
    BRACKETED_PASTE = 4
    FOCUS = 8
    ALTERNATE = 16
    MOUSE_CLICK = 32
    MOUSE_DRAG = 64
    MOUSE_ANY = 128
    MOUSE_SGR = 256

    @property
    def mouse(self) -> bool:
        """Whether the program has enabled mouse reports."""
        return bool(self & (Mode.MOUSE_CLICK | Mode.MOUSE_DRAG | Mode.MOUSE_ANY))


class Style(msgspec.Struct, frozen=True, array_like=True):
    """How text looks. `underline`: 0 none, 1 single, 2 double, 3 curly, 4 dotted, 5 dashed."""

    fg: int = NO_COLOUR
    bg: int = NO_COLOUR
    underline_colour: int = NO_COLOUR
    attributes: int = 0
    underline: int = 0


PLAIN = Style()


class Run(msgspec.Struct, frozen=True, array_like=True):
    """Adjacent cells of one style: their text, its width in cells, and the style's number."""

    text: str
    width: int
    style: int = 0


class Row(msgspec.Struct, frozen=True, array_like=True):
    """One changed row of the screen, from the left."""

    y: int
    runs: list[Run]


# -- to the worker


class Feed(msgspec.Struct, tag=1, array_like=True):
    """Output to process. `replay`: it is from before a restart, and its queries get no replies."""

    data: bytes
    replay: bool = False


class Resize(msgspec.Struct, tag=2, array_like=True):
    """Set the screen's size, in cells."""

    columns: int
    rows: int


class Scroll(msgspec.Struct, tag=3, array_like=True):
    """Move the view over the scrollback by `lines` (negative: up); 0 goes to the bottom."""

    lines: int


class ScrollTo(msgspec.Struct, tag=17, array_like=True):
    """Move the view so that `top` is its first line, counted from the oldest one of the scrollback."""

    top: int


class AskText(msgspec.Struct, tag=4, array_like=True):
    """Request plain text: of scrollback and screen, or of the screen only."""

    request: int
    everything: bool = True


class AskLines(msgspec.Struct, tag=5, array_like=True):
    """Request the plain text of every row, from the oldest one of the scrollback."""

    request: int


class AskRange(msgspec.Struct, tag=6, array_like=True):
    """Request the plain text between two cells, both included; lines are counted from the oldest
    one of the scrollback. `block`: the rectangle between the cells."""

    request: int
    x1: int
    y1: int
    x2: int
    y2: int
    block: bool = False


class AskSpan(msgspec.Struct, tag=7, array_like=True):
    """Request the first and last cell of the word, or of the wrapped line, at a cell."""

    request: int
    x: int
    y: int
    whole_line: bool = False


class AskLink(msgspec.Struct, tag=9, array_like=True):
    """Request the target of the hyperlink (OSC 8) at a cell."""

    request: int
    x: int
    y: int


class Watched(msgspec.Struct, tag=8, array_like=True):
    """Set whether the screen is visible; if not, fewer frames are sent."""

    seen: bool


class Render(msgspec.Struct, tag=15, array_like=True):
    """Request the rows of recorded output, in a new terminal of a size; see `rendered.py`.

    `offsets`: bytes of the output, sorted, whose rows are wanted too."""

    request: int
    data: bytes
    columns: int
    rows: int
    offsets: list[int] = []


# -- from the worker


class RenderedRow(msgspec.Struct, frozen=True, array_like=True):
    """A row of recorded output. `cleared`: of a screen that was cleared later."""

    runs: list[Run]
    cleared: bool = False


class Rendered(msgspec.Struct, tag=16, array_like=True):
    """The reply to `Render`. `dropped`: there were too many rows, and the oldest are missing.
    `at`: for each of the offsets, the number of the row where the cursor was."""

    request: int
    rows: list[RenderedRow]
    styles: list[tuple[int, Style]]
    dropped: bool
    at: list[int] = []


class Done(msgspec.Struct, tag=10, array_like=True):
    """The number of `Feed` messages processed since the worker's start."""

    pieces: int


class Frame(msgspec.Struct, tag=11, array_like=True):
    """The changed rows and the state of the screen."""

    columns: int
    rows: int
    changed: list[Row]
    styles: list[tuple[int, Style]]
    cursor_x: int
    cursor_y: int
    cursor_visible: bool
    cursor_shape: int
    modes: int
    title: str
    bell: bool
    replies: list[bytes]
    history: int
    offset: int
    kitty: int = 0
    clipboard: str | None = None


class Text(msgspec.Struct, tag=12, array_like=True):
    """The reply to `AskText`, `AskRange`, `AskLines` and `AskLink`."""

    request: int
    text: str


class Span(msgspec.Struct, tag=14, array_like=True):
    """The reply to `AskSpan`: first and last cell; all -1 if there is no word or line."""

    request: int
    x1: int
    y1: int
    x2: int
    y2: int


ToWorker = (
    Feed
    | Resize
    | Scroll
    | ScrollTo
    | AskText
    | AskLines
    | AskRange
    | AskSpan
    | AskLink
    | Watched
    | Render
)
FromWorker = Done | Frame | Text | Span | Rendered
_encoder = msgspec.msgpack.Encoder()


class BrokenLink(ValueError):
    """The bytes received are not a message."""


def encode(message: ToWorker | FromWorker) -> bytes:
    """A message as bytes: its length and its body."""
    body = _encoder.encode(message)
    return _LENGTH.pack(len(body)) + body


class Reader:
    """Splits a stream of bytes into the bodies of messages."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def take(self, data: bytes) -> list[bytes]:
        """Process `data`; returns the bodies that are now complete.

        Raises:
            BrokenLink: A length is more than `MAX_FRAME_BYTES`.
        """
        buffer = self._buffer
        buffer += data
        bodies: list[bytes] = []
        at = 0
        while len(buffer) - at >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(buffer, at)
            if length > MAX_FRAME_BYTES:
                raise BrokenLink(f"a message of {length} bytes")
            end = at + _LENGTH.size + length
            if len(buffer) < end:
                break
            bodies.append(bytes(buffer[at + _LENGTH.size : end]))
            at = end
        del buffer[:at]
        return bodies


to_worker = msgspec.msgpack.Decoder(ToWorker)
from_worker = msgspec.msgpack.Decoder(FromWorker)
