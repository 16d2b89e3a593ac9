"""A text that scrolls, is searched and filtered with less' and vi's keys: in a dialog, or on a page."""

from __future__ import annotations

import json
import os
from datetime import datetime
from itertools import accumulate
from typing import Literal

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult, SuspendNotSupported
from textual.containers import Vertical, VerticalScroll
from textual.content import Content, Span
from textual.widgets import Input, Static

from ecs_tui.config.keymap import Keymap, default_keymap
from ecs_tui.config.state import saved_file
from ecs_tui.model.text import clean, counted
from ecs_tui.system.atomic_file import write_private
from ecs_tui.system.editor import edit_text
from ecs_tui.ui.dialogs.text_colours import COLOURED_LINES, colours
from ecs_tui.ui.dialogs.text_filter import LineFilter
from ecs_tui.ui.dialogs.text_search import TextSearch

_HINTS = {
    "search": "text; lower case ignores case",
    "only": "words, ~pattern, !not; empty shows all lines",
}


def closes_line(event: events.Key, keymap: Keymap) -> bool:
    """Whether a key closes a line of input; stops that key, and tab, which would leave the line."""
    closes = event.key in keymap.names("dialog-close")
    if closes or event.key in ("tab", "shift+tab"):
        event.stop()
        event.prevent_default()
    return closes


class TextBody(Vertical):
    """A title, a text, and the line in which a search or a filter is typed.

    Attributes:
        text: The whole text.
        scroller: What scrolls; it has the focus.
    """

    DEFAULT_CSS = """
    TextBody { height: 1fr; width: 1fr; }
    TextBody > .title { text-style: bold; height: auto; }
    TextBody > Input { display: none; }
    TextBody.-typing > Input { display: block; }
    TextBody.-nowrap > VerticalScroll { overflow-x: auto; }
    TextBody.-nowrap #text { width: auto; text-wrap: nowrap; }
    """

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title
        self.text = "…"
        self._answer: object = None
        self._yaml = False
        self._lines: list[str] = []
        self._all_lines = 0
        self._search, self._filter = TextSearch(), LineFilter()
        self._typed: Literal["search", "only"] = "search"
        self._head = Static("", classes="title", markup=False)
        self._body = Static("", id="text", markup=False)
        self.scroller = VerticalScroll(self._body)
        self._input = Input(compact=True)

    def compose(self) -> ComposeResult:
        yield self._head
        yield self.scroller
        yield self._input

    def on_mount(self) -> None:
        self._draw()

    @property
    def _keymap(self) -> Keymap:
        found = getattr(self.app, "command_keys", None)
        return found if isinstance(found, Keymap) else default_keymap()

    # -- the text

    @property
    def shown(self) -> str:
        """The text, or the lines of it that the filter leaves."""
        return "\n".join(filter(self._fits, self.text.split("\n")))

    def _fits(self, line: str) -> bool:
        return self._filter.fits(clean(line))

    def entitle(self, title: str) -> None:
        """Show another title."""
        if title != self._title:
            self._title = title
            self._draw_head()

    def show(self, text: str) -> None:
        """Show a text; the place in it, the search and the filter stay."""
        self.text, self._answer = text, None
        self._lay_out()

    def show_answer(self, answer: object) -> None:
        """Show an answer of AWS as JSON, or as YAML if the one before was shown so."""
        self._answer = answer
        self._write()

    def turn(self) -> None:
        """Switch an answer between JSON and YAML."""
        if self._answer is not None:
            self._yaml = not self._yaml
            self._write()

    def _write(self) -> None:
        if self._yaml:
            self.text = to_yaml(self._answer)
        else:
            self.text = json.dumps(self._answer, indent=2, default=str, ensure_ascii=False)
        self._lay_out()

    def _lay_out(self) -> None:
        every = [clean(line) for line in self.text.split("\n")]
        self._all_lines = len(every)
        self._lines = [line for line in every if self._filter.fits(line)]
        if self._search.text:
            self._search.search(self._search.text, self._lines, 0)
        self._draw()

    def _draw(self) -> None:
        """Show the lines, an answer of AWS in colours, with the hits of the search."""
        starts = list(accumulate((len(line) + 1 for line in self._lines), initial=0))
        coloured = self._lines[:COLOURED_LINES] if self._answer is not None else ()
        spans = [
            Span(starts[number] + first, starts[number] + last, style)
            for number, line in enumerate(coloured)
            for first, last, style in colours(line)
        ]
        spans += [
            Span(starts[line] + first, starts[line] + last, _style(number == self._search.at))
            for number, (line, first, last) in enumerate(self._search.hits)
        ]
        self._body.update(Content("\n".join(self._lines), spans))
        self._draw_head()

    def _draw_head(self) -> None:
        filtered = self._filter.says(len(self._lines), self._all_lines)
        parts = (self._title, filtered, self._search.words)
        self._head.update("   ".join(part for part in parts if part))

    # -- moving

    def move(self, lines: int) -> None:
        """Scroll by lines."""
        self.scroller.scroll_relative(y=lines, animate=False)

    def page(self, direction: int) -> None:
        """Scroll by a page; one line stays."""
        self.move(direction * max(1, self.scroller.size.height - 1))

    def half(self, direction: int) -> None:
        """Scroll by half a page."""
        self.move(direction * max(1, self.scroller.size.height // 2))

    def top(self) -> None:
        """Scroll to the beginning."""
        self.scroller.scroll_to(y=0, animate=False)

    def bottom(self) -> None:
        """Scroll to the end."""
        self.scroller.scroll_to(y=self.scroller.max_scroll_y, animate=False)

    # -- searching and filtering

    @property
    def typing(self) -> bool:
        """Whether a search or a filter is being typed."""
        return self.has_class("-typing")

    def search(self) -> None:
        """Open the line of the search."""
        self._open("search", self._search.text)

    def choose_lines(self) -> None:
        """Open the line of the filter."""
        self._open("only", self._filter.words)

    def _open(self, kind: Literal["search", "only"], text: str) -> None:
        self._typed = kind
        self._input.placeholder = _HINTS[kind]
        self._input.value = text
        self.add_class("-typing")
        self._input.focus()

    def show_all_lines(self) -> bool:
        """Drop the filter; returns whether there was one."""
        if not self._filter.words:
            return False
        self._show_only("")
        return True

    def _show_only(self, words: str) -> None:
        self._filter = LineFilter.parse(words)
        self._lay_out()
        self.top()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Search from the first line on the screen, or show only some lines."""
        event.stop()
        self._leave_input()
        if self._typed == "only":
            self._show_only(event.value)
            return
        self._search.search(event.value, self._lines, self._line_at(round(self.scroller.scroll_y)))
        self._to_hit()

    def on_key(self, event: events.Key) -> None:
        """Escape in the line that is typed closes only that; tab does not leave it."""
        if not self.typing:
            return
        if closes_line(event, self._keymap):
            self._leave_input()

    def _leave_input(self) -> None:
        self.remove_class("-typing")
        self.scroller.focus()

    def hit(self, direction: int) -> None:
        """Go to the next hit, or to the previous one."""
        self._search.step(direction)
        self._to_hit()

    def _to_hit(self) -> None:
        self._draw()
        line = self._search.line
        if line is not None:
            row = sum(map(self._rows_of, self._lines[:line]))
            top, page = round(self.scroller.scroll_y), max(1, self.scroller.size.height)
            if not top <= row < top + page:
                self.scroller.scroll_to(y=max(0, row - page // 2), animate=False)

    def _rows_of(self, line: str) -> int:
        """How many rows of the screen a line takes."""
        width = self.scroller.scrollable_content_region.width
        if self.has_class("-nowrap") or cell_len(line) <= width or width < 1:
            return 1
        return len(Content(line).wrap(width))

    def _line_at(self, row: int) -> int:
        """The line that has a row of the screen."""
        for number, line in enumerate(self._lines):
            row -= self._rows_of(line)
            if row < 0:
                return number
        return 0

    # -- the text as a whole

    def wrap(self) -> None:
        """Wrap long lines, or scroll sideways."""
        self.toggle_class("-nowrap")

    def copy(self) -> None:
        """Copy the lines that are shown."""
        self.app.copy_to_clipboard(self.shown)
        self.notify(f"Copied {counted(self.shown.count(chr(10)) + 1, 'line')}.")

    def save(self) -> None:
        """Save the lines that are shown to a file that only the operator can read."""
        path = saved_file("txt", self._title, datetime.now())
        try:
            write_private(path, self.shown.encode() + b"\n")
        except OSError as error:
            self.notify(f"Could not save to {path}: {error.strerror}.")
        else:
            self.notify(f"Saved to {path}", timeout=15)

    def edit(self) -> None:
        """Open the lines that are shown in the operator's editor; changes there are not kept."""
        self.run_worker(self._edit(self.shown), group="edit", exclusive=True)

    async def _edit(self, text: str) -> None:
        ending = "txt" if self._answer is None else "yaml" if self._yaml else "json"
        try:
            problem = await edit_text(
                lambda: [f"{text}\n".encode("utf-8", "replace")],
                f"text.{ending}",
                os.environ,
                self.app.suspend,
            )
        except SuspendNotSupported:
            problem = "This terminal cannot be given to an editor."
        except OSError as error:
            problem = f"The text could not be written to a file: {error.strerror}."
        if problem:
            self.notify(problem)


def _style(current: bool) -> str:
    """The style of a hit; the one that is shown stands out."""
    return "reverse bold" if current else "underline bold"


def to_yaml(value: object, indent: int = 0) -> str:
    """`value` (JSON's types and dates) as YAML; strings are quoted as in JSON if in doubt."""
    pad = "  " * indent
    if isinstance(value, dict) and value:
        lines = []
        for key, item in value.items():
            nested = isinstance(item, (dict, list)) and item
            body = "\n" + to_yaml(item, indent + 1) if nested else " " + to_yaml(item)
            lines.append(f"{pad}{_scalar(str(key))}:{body}")
        return "\n".join(lines)
    if isinstance(value, list) and value:
        return "\n".join(f"{pad}- {to_yaml(item, indent + 1).lstrip()}" for item in value)
    return _scalar(value)


def _scalar(value: object) -> str:
    if isinstance(value, str):
        simple = value.replace("-", "").replace("_", "").replace("/", "").replace(".", "")
        words = {"true", "false", "null", "yes", "no", "on", "off"}
        if simple.isalnum() and not value[0].isdigit() and value.lower() not in words:
            return value
        return json.dumps(value, ensure_ascii=False)
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    return json.dumps(value)
