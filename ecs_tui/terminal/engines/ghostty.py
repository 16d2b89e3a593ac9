"""The engine based on libghostty-vt, through pyghostty. The dashboard's process never imports it.

For speed, only dirty rows are read, and the cells of a row as one array of numbers. Equal cells are
equal numbers, so the library is asked for the meaning of each number only once.
More than 400 lines, because every call of one C library stands here, behind one interface.
"""

from __future__ import annotations

from typing import Any

from pyghostty import Terminal, ffi, lib
from pyghostty.core import init_sized

from ecs_tui.terminal.engine import Cursor, Point, allowed_reply, clamp
from ecs_tui.terminal.engines.cells import stands_alone
from ecs_tui.terminal.protocol import NO_COLOUR, PLAIN, RGB, Attribute, Mode, Row, Run, Style
from ecs_tui.terminal.styles import StyleNumbers

_MODES = {
    1: Mode.CURSOR_KEYS,
    66: Mode.KEYPAD,
    2004: Mode.BRACKETED_PASTE,
    1004: Mode.FOCUS,
    9: Mode.MOUSE_CLICK,
    1000: Mode.MOUSE_CLICK,
    1002: Mode.MOUSE_DRAG,
    1003: Mode.MOUSE_ANY,
    1006: Mode.MOUSE_SGR,
}
_ATTRIBUTES = (
    ("bold", Attribute.BOLD),
    ("italic", Attribute.ITALIC),
    ("faint", Attribute.FAINT),
    ("blink", Attribute.BLINK),
    ("inverse", Attribute.INVERSE),
    ("invisible", Attribute.INVISIBLE),
    ("strikethrough", Attribute.STRIKE),
    ("overline", Attribute.OVERLINE),
)
_MAX_CACHED_CELLS = 50_000
"""Maximum cells whose text is cached, and maximum cached styles."""
_MAX_TITLE_CHARACTERS = 256
"""Maximum characters of a title; the title bar shows fewer."""
MAX_CLIPBOARD_BYTES = 128 * 1024
"""Maximum bytes of a request to set the clipboard; a longer one is ignored."""
_MAX_LINK_BYTES = 4096
"""Maximum bytes of a hyperlink's target; a cell with a longer one counts as having no link."""
_PAGE_LINES = 1200
"""The library drops whole pages of at most this many lines, so this many more lines are kept."""
_LINE_BYTES = 8 * 512
"""Bytes reserved per line of scrollback: 8 per cell for 512 columns; more columns are rare."""
_NARROW, _WIDE, _TAIL = 0, 1, 2
_CODEPOINT, _GRAPHEME, _BG_PALETTE, _BG_RGB = 0, 1, 2, 3
CValue = Any
"""A value of the C library (a struct, a pointer, a function): pyghostty has no types for them."""


class GhosttyEngine:
    """libghostty-vt as an `Engine`."""

    def __init__(self, columns: int, rows: int, scrollback: int) -> None:
        columns, rows = clamp(columns, rows)
        self._terminal = Terminal(columns, rows, scrollback + _PAGE_LINES)
        self._handle = self._terminal._t[0]
        # By default the library keeps only 10 kB, regardless of the number of lines.
        room = ffi.new("size_t*", (scrollback + _PAGE_LINES) * _LINE_BYTES)
        lib.ghostty_terminal_set(self._handle, lib.GHOSTTY_TERMINAL_OPT_SCROLLBACK_MAX_BYTES, room)
        self.replies: list[bytes] = []
        self.bell = False
        self.clipboard: str | None = None
        self._terminal.on_reply(self._reply)
        self._bell_fn = ffi.callback("GhosttyTerminalBellFn", self._rang)
        lib.ghostty_terminal_set(self._handle, lib.GHOSTTY_TERMINAL_OPT_BELL, self._bell_fn)
        self._clipboard_fn = ffi.callback("GhosttyTerminalClipboardWriteFn", self._clip)
        lib.ghostty_terminal_set(
            self._handle, lib.GHOSTTY_TERMINAL_OPT_CLIPBOARD_WRITE, self._clipboard_fn
        )
        most = ffi.new("size_t*", MAX_CLIPBOARD_BYTES)
        lib.ghostty_terminal_set(
            self._handle, lib.GHOSTTY_TERMINAL_OPT_CLIPBOARD_WRITE_MAX_BYTES, most
        )
        nothing = ffi.new("uint64_t*", 0)
        # Images are not stored: output of a container must not fill the memory.
        lib.ghostty_terminal_set(
            self._handle, lib.GHOSTTY_TERMINAL_OPT_KITTY_IMAGE_STORAGE_LIMIT, nothing
        )
        few = ffi.new("size_t*", 4096)
        lib.ghostty_terminal_set(self._handle, lib.GHOSTTY_TERMINAL_OPT_APC_MAX_BYTES, few)
        self._state = self._new("GhosttyRenderState", lib.ghostty_render_state_new)
        self._rows = self._new(
            "GhosttyRenderStateRowIterator", lib.ghostty_render_state_row_iterator_new
        )
        self._cells = self._new(
            "GhosttyRenderStateRowCells", lib.ghostty_render_state_row_cells_new
        )
        self._styles = StyleNumbers()
        self._known: dict[int, tuple[str | None, int, int, Style | None, bool]] = {}
        self._view = ffi.new("GhosttyCellsView*")
        self._style = ffi.new("GhosttyStyle*")
        self._style.size = ffi.sizeof("GhosttyStyle")
        self._by_struct: dict[bytes, int] = {}
        self._y = ffi.new("uint16_t*")
        self._first = True
        self._drawn_size = (0, 0)

    @staticmethod
    def _new(ctype: str, make: CValue) -> CValue:
        pointer = ffi.new(f"{ctype}*")
        if make(ffi.NULL, pointer):
            raise MemoryError(ctype)
        return pointer

    def feed(self, data: bytes) -> None:
        """Process output of the session."""
        lib.ghostty_terminal_vt_write(self._handle, data, len(data))

    def resize(self, columns: int, rows: int) -> None:
        """Change the size; the primary screen reflows."""
        columns, rows = clamp(columns, rows)
        if (columns, rows) != self.size:
            self._terminal.resize(columns, rows)
            self._first = True

    @property
    def size(self) -> tuple[int, int]:
        """(columns, rows)."""
        columns, rows = self._terminal.size
        return int(columns), int(rows)

    def scroll(self, lines: int) -> None:
        """Move the view over the scrollback."""
        behaviour = ffi.new("GhosttyTerminalScrollViewport*")
        if lines:
            behaviour.tag = lib.GHOSTTY_SCROLL_VIEWPORT_DELTA
            behaviour.value.delta = lines
        else:
            behaviour.tag = lib.GHOSTTY_SCROLL_VIEWPORT_BOTTOM
        _scroll(self._handle, behaviour)
        self._first = True

    def changed(self) -> list[Row]:
        """The dirty rows, as runs."""
        state = self._state[0]
        if lib.ghostty_render_state_update(state, self._handle):
            return []
        lib.ghostty_render_state_get(state, lib.GHOSTTY_RENDER_STATE_DATA_ROW_ITERATOR, self._rows)
        rows = self._rows[0]
        found: list[Row] = []
        if self._first or self.size != self._drawn_size:  # programs can resize too (mode 3)
            self._first = False
            self._drawn_size = self.size
            y = 0
            while lib.ghostty_render_state_row_iterator_next(rows):
                found.append(Row(y, self._runs(rows)))
                y += 1
        else:
            while lib.ghostty_render_state_row_iterator_next_dirty(rows, self._y):
                found.append(Row(int(self._y[0]), self._runs(rows)))
        lib.ghostty_render_state_clean(state)
        return found

    def _runs(self, rows: CValue) -> list[Run]:
        view = self._view
        lib.ghostty_render_state_row_get(rows, lib.GHOSTTY_RENDER_STATE_ROW_DATA_CELLS_RAW, view)
        cells = ffi.unpack(view.ptr, view.len)
        known = self._known
        runs: list[Run] = []
        text: list[str] = []
        width = 0
        style_now: int | None = None
        apart = False
        selected = False
        total = 0
        in_row: dict[int, int] = {}
        for x, cell in enumerate(cells):
            item = known.get(cell)
            if item is None:
                item = self._ask(cell)
            chars, cell_width, style_id, background, alone = item
            if cell_width == 0:
                continue
            if total + cell_width > len(cells):  # half a wide character at the edge
                chars, cell_width, alone = " ", len(cells) - total, False
                if cell_width <= 0:
                    break
            total += cell_width
            if background is not None:
                style = self._styles.number(background)
            elif style_id == 0:
                style = 0
            else:
                # A style ID is valid within one page of the grid, so it is cached for one row.
                number = in_row.get(style_id)
                if number is None:
                    if not selected:
                        self._select_row(rows)
                        selected = True
                    number = in_row[style_id] = self._style_at(x)
                style = number
            if chars is None:
                if not selected:
                    self._select_row(rows)
                    selected = True
                chars = self._grapheme_at(x)
                alone = stands_alone(chars, cell_width)
            if style != style_now or alone or apart:
                if text:
                    runs.append(Run("".join(text), width, style_now or 0))
                text, width, style_now, apart = [], 0, style, alone
            text.append(chars)
            width += cell_width
        if text:
            runs.append(Run("".join(text), width, style_now or 0))
        return runs

    def _ask(self, cell: int) -> tuple[str | None, int, int, Style | None, bool]:
        """(text or None for a cluster, width in cells, style id, background-only style, alone)."""
        out = ffi.new("uint32_t*")

        def get(key: int) -> int:
            out[0] = 0
            lib.ghostty_cell_get(cell, key, out)
            return int(out[0])

        tag = get(lib.GHOSTTY_CELL_DATA_CONTENT_TAG)
        wide = get(lib.GHOSTTY_CELL_DATA_WIDE)
        width = {_NARROW: 1, _WIDE: 2, _TAIL: 0}.get(wide, 1)
        style_id = get(lib.GHOSTTY_CELL_DATA_STYLE_ID) & 0xFFFF
        background = None
        chars: str | None = " "
        if tag == _CODEPOINT:
            point = get(lib.GHOSTTY_CELL_DATA_CODEPOINT)
            chars = chr(point) if 0x20 <= point < 0x110000 else " "
        elif tag == _GRAPHEME:
            chars = None
        elif tag == _BG_PALETTE:
            background = Style(bg=get(lib.GHOSTTY_CELL_DATA_COLOR_PALETTE) & 0xFF)
        elif tag == _BG_RGB:
            rgb = ffi.new("GhosttyColorRgb*")
            lib.ghostty_cell_get(cell, lib.GHOSTTY_CELL_DATA_COLOR_RGB, rgb)
            background = Style(bg=RGB | rgb.r << 16 | rgb.g << 8 | rgb.b)
        if len(self._known) >= _MAX_CACHED_CELLS:
            self._known.clear()
        alone = chars is not None and stands_alone(chars, width)
        item = self._known[cell] = (chars, width, style_id, background, alone)
        return item

    def _select_row(self, rows: CValue) -> None:
        lib.ghostty_render_state_row_get(rows, lib.GHOSTTY_RENDER_STATE_ROW_DATA_CELLS, self._cells)

    def _style_at(self, x: int) -> int:
        cells = self._cells[0]
        lib.ghostty_render_state_row_cells_select(cells, x)
        if lib.ghostty_render_state_row_cells_get(
            cells, lib.GHOSTTY_RENDER_STATE_ROW_CELLS_DATA_STYLE, self._style
        ):
            return 0
        key = bytes(ffi.buffer(self._style))
        number = self._by_struct.get(key)
        if number is None:
            number = self._styles.number(_style(self._style))
            if len(self._by_struct) < _MAX_CACHED_CELLS:
                self._by_struct[key] = number
        return number

    def _grapheme_at(self, x: int) -> str:
        cells = self._cells[0]
        lib.ghostty_render_state_row_cells_select(cells, x)
        length = ffi.new("uint32_t*")
        lib.ghostty_render_state_row_cells_get(
            cells, lib.GHOSTTY_RENDER_STATE_ROW_CELLS_DATA_GRAPHEMES_LEN, length
        )
        count = int(length[0])
        if not 0 < count <= 64:
            return "\ufffd"
        points = ffi.new("uint32_t[]", count)
        lib.ghostty_render_state_row_cells_get(
            cells, lib.GHOSTTY_RENDER_STATE_ROW_CELLS_DATA_GRAPHEMES_BUF, points
        )
        return "".join(chr(point) for point in points if 0x20 <= point < 0x110000) or " "

    def new_styles(self) -> list[tuple[int, Style]]:
        """Styles numbered since the last call."""
        return self._styles.take_new()

    def cursor(self) -> Cursor:
        """The cursor in the view, as of the last `changed`."""
        cursor = ffi.new("GhosttyRenderStateCursor*")
        cursor.size = ffi.sizeof("GhosttyRenderStateCursor")
        if lib.ghostty_render_state_get(
            self._state[0], lib.GHOSTTY_RENDER_STATE_DATA_CURSOR, cursor
        ):
            return Cursor(0, 0, False)
        return Cursor(
            int(cursor.viewport_x),
            int(cursor.viewport_y),
            bool(cursor.visible and cursor.viewport_has_value),
            int(cursor.visual_style),
        )

    def modes(self) -> int:
        """The `Mode` flags that are set."""
        flags = 0
        for number, flag in _MODES.items():
            if self._terminal.mode(number):
                flags |= flag
        if self._terminal.get("active_screen", "int") == 1:
            flags |= Mode.ALTERNATE
        return int(flags)

    def kitty(self) -> int:
        """The flags of the kitty keyboard protocol."""
        return int(self._terminal.get("kitty_keyboard_flags", "uint8_t"))

    def hyperlink(self, at: Point) -> str:
        """The target of the hyperlink at a cell."""
        size = ffi.new("size_t*")
        buffer = ffi.new("uint8_t[]", _MAX_LINK_BYTES)
        if lib.ghostty_grid_ref_hyperlink_uri(self._ref_pointer(at), buffer, _MAX_LINK_BYTES, size):
            return ""
        raw: bytes = ffi.buffer(buffer, min(int(size[0]), _MAX_LINK_BYTES))[:]
        return raw.decode("utf-8", "replace")

    def holding(self) -> bool:
        """Mode 2026, synchronised output."""
        return bool(self._terminal.mode(2026))

    def title(self) -> str:
        """The title, at most `_MAX_TITLE_CHARACTERS` long."""
        text = self._terminal.get("title", "GhosttyString")
        if not text.len:
            return ""
        raw: bytes = ffi.buffer(text.ptr, min(text.len, _MAX_TITLE_CHARACTERS * 4))[:]
        return raw.decode("utf-8", "replace")[:_MAX_TITLE_CHARACTERS]

    def history(self) -> tuple[int, int]:
        """(lines of scrollback, lines above the bottom)."""
        bar = self._terminal.get("scrollbar", "GhosttyTerminalScrollbar")
        hidden = int(bar.total) - int(bar.len)
        return max(0, hidden), max(0, hidden - int(bar.offset))

    def text(self, everything: bool) -> str:
        """Plain text of the screen, with the scrollback if `everything`."""
        found: str = self._terminal.contents() if everything else self._terminal.text()
        return found

    def lines(self) -> list[str]:
        """Each row as displayed."""
        columns, _ = self.size
        selection = self._selection((0, 0), (columns - 1, self._total() - 1))
        text: str = self._terminal._format_sel(selection)
        found = text.split("\n")
        return found + [""] * (self._total() - len(found))

    def range_text(self, start: Point, end: Point, block: bool) -> str:
        """Plain text between two cells."""
        found: str = self._terminal._format_sel(self._selection(start, end, block), unwrap=True)
        return found

    def span(self, at: Point, whole_line: bool) -> tuple[Point, Point] | None:
        """The word or the line at a cell."""
        kind = "Line" if whole_line else "Word"
        options = init_sized(f"GhosttyTerminalSelect{kind}Options")
        options.ref = self._ref(at)
        selection = init_sized("GhosttySelection")
        select = (
            lib.ghostty_terminal_select_line if whole_line else lib.ghostty_terminal_select_word
        )
        if select(self._handle, options, selection):
            return None
        start, end = self._point(selection.start), self._point(selection.end)
        return (start, end) if start is not None and end is not None else None

    def _total(self) -> int:
        return int(self._terminal.get("scrollbar", "GhosttyTerminalScrollbar").total)

    def _ref(self, at: Point) -> CValue:
        return self._ref_pointer(at)[0]

    def _ref_pointer(self, at: Point) -> CValue:
        columns, _ = self.size
        x, y = min(max(0, at[0]), columns - 1), min(max(0, at[1]), self._total() - 1)
        return self._terminal.ref(x, y, "screen")

    def _selection(self, start: Point, end: Point, block: bool = False) -> CValue:
        selection = init_sized("GhosttySelection")
        selection.start, selection.end = self._ref(start), self._ref(end)
        selection.rectangle = block
        return selection

    def _point(self, ref: CValue) -> Point | None:
        kept = init_sized("GhosttyGridRef")
        ffi.memmove(kept, ffi.addressof(ref), ffi.sizeof("GhosttyGridRef"))
        out = ffi.new("GhosttyPointCoordinate*")
        tag = lib.GHOSTTY_POINT_TAG_SCREEN
        if lib.ghostty_terminal_point_from_grid_ref(self._handle, kept, tag, out):
            return None
        return int(out.x), int(out.y)

    def _reply(self, data: bytes) -> None:
        if allowed_reply(data) and len(self.replies) < 64:
            self.replies.append(data)

    def _clip(self, _terminal: CValue, _data: CValue, write: CValue) -> None:
        """Keep a program's request to set the clipboard (OSC 52); it is not carried out here."""
        for number in range(min(int(write.contents_len), 8)):
            content = write.contents[number]
            if 0 < content.data.len <= MAX_CLIPBOARD_BYTES:
                raw: bytes = ffi.buffer(content.data.ptr, content.data.len)[:]
                self.clipboard = raw.decode("utf-8", "replace")

    def _rang(self, *_: object) -> None:
        self.bell = True


# cffi's ABI mode cannot pass the union by value, but it can pass a struct of the same layout.
ffi.cdef("typedef struct { int32_t tag; uint32_t pad; uint64_t value[2]; } EcsTuiScrollViewport;")
_scroll_fn = ffi.cast(
    "void(*)(GhosttyTerminal, EcsTuiScrollViewport)",
    ffi.addressof(lib, "ghostty_terminal_scroll_viewport"),
)


def _scroll(handle: CValue, behaviour: CValue) -> None:
    _scroll_fn(handle, ffi.cast("EcsTuiScrollViewport*", behaviour)[0])


def _colour(colour: CValue) -> int:
    if colour.tag == lib.GHOSTTY_STYLE_COLOR_PALETTE:
        return int(colour.value.palette)
    if colour.tag == lib.GHOSTTY_STYLE_COLOR_RGB:
        rgb = colour.value.rgb
        return RGB | int(rgb.r) << 16 | int(rgb.g) << 8 | int(rgb.b)
    return NO_COLOUR


def _style(raw: CValue) -> Style:
    attributes = 0
    for name, flag in _ATTRIBUTES:
        if getattr(raw, name):
            attributes |= flag
    style = Style(
        _colour(raw.fg_color),
        _colour(raw.bg_color),
        _colour(raw.underline_color),
        int(attributes),
        int(raw.underline),
    )
    return PLAIN if style == PLAIN else style
