"""A dialog that shows text: a raw description, events, deployments, help."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from itertools import accumulate
from typing import Any

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content, Span
from textual.widgets import Input, Static

from ecs_tui.config.state import saved_file
from ecs_tui.errors import EcsTuiError
from ecs_tui.model.text import clean
from ecs_tui.system.atomic_file import write_private
from ecs_tui.ui.dialogs.base import bind
from ecs_tui.ui.dialogs.text_search import TextSearch
from ecs_tui.ui.dialogs.viewer import Viewer


class TextScreen(Viewer):
    """Shows a text, or fetches an answer of AWS and shows it as JSON or YAML.

    Args:
        title: The title of the dialog.
        source: The text, or a function that fetches the answer.
        raw: Whether y switches between JSON and YAML.
    """

    DEFAULT_CSS = """
    TextScreen Input { display: none; }
    TextScreen.-typing Input { display: block; }
    TextScreen.-nowrap VerticalScroll { overflow-x: auto; }
    TextScreen.-nowrap #text { width: auto; text-wrap: nowrap; }
    """
    kind = "text"
    BINDINGS = [
        bind("raw-format", "turn", "JSON or YAML (of a raw description)"),
        bind("text-search", "search", "Search"),
        bind("text-next", "hit(1)", "Next hit"),
        bind("text-previous", "hit(-1)", "Previous hit"),
        bind("text-wrap", "wrap", "Wrap long lines, or not"),
        bind("text-save", "save", "Save the text to a file (mode 0600)"),
    ]

    def __init__(
        self, title: str, source: str | Callable[[], Awaitable[Any]], raw: bool = False
    ) -> None:
        super().__init__()
        self._title, self._source, self._raw = clean(title), source, raw
        self._answer: Any = None
        self._yaml = False
        self._text = source if isinstance(source, str) else "…"
        self._lines: list[str] = []
        self._search = TextSearch()
        self._head = Static("", classes="title", markup=False)
        self._body = Static("", id="text", markup=False)
        self._input = Input(placeholder="text; lower case ignores case", compact=True)

    def compose(self) -> ComposeResult:
        with Vertical(classes="box -tall"):
            yield self._head
            with VerticalScroll():
                yield self._body
            yield self._input
            turn = [("raw-format", "JSON/YAML")] if self._raw else []
            yield self.hint_line(
                ("dialog-down dialog-up", "move"),
                ("text-search", "search"),
                *turn,
                ("dialog-copy", "copy"),
                ("dialog-close", "close"),
            )

    @property
    def text(self) -> str:
        """The text as it is shown."""
        return self._text

    def on_mount(self) -> None:
        """Show the text, or fetch the answer."""
        self._scroller.focus()
        self._show()
        if not isinstance(self._source, str):
            self.run_worker(self._fetch(), exclusive=True)

    async def _fetch(self) -> None:
        assert not isinstance(self._source, str)
        try:
            self._answer = await self._source()
        except EcsTuiError as error:
            self._text = str(error)
        else:
            self._write()
        self._show()

    def _write(self) -> None:
        if self._yaml:
            self._text = to_yaml(self._answer)
        else:
            self._text = json.dumps(self._answer, indent=2, default=str, ensure_ascii=False)

    def _show(self) -> None:
        self._lines = [clean(line) for line in self._text.split("\n")]
        if self._search.text:
            self._search.search(self._search.text, self._lines, 0)
        self._draw()

    def _draw(self) -> None:
        """Show the lines, with the hits of the search."""
        starts = list(accumulate((len(line) + 1 for line in self._lines), initial=0))
        spans = [
            Span(starts[line] + first, starts[line] + last, _style(number == self._search.at))
            for number, (line, first, last) in enumerate(self._search.hits)
        ]
        self._body.update(Content("\n".join(self._lines), spans))
        self._head.update("   ".join(part for part in (self._title, self._search.words) if part))

    # -- searching

    def action_search(self) -> None:
        """Open the line of the search."""
        self.add_class("-typing")
        self._input.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Search from the first line on the screen."""
        event.stop()
        self._search.search(event.value, self._lines, self._line_at(round(self._scroller.scroll_y)))
        self._leave_input()
        self._to_hit()

    def on_key(self, event: events.Key) -> None:
        """Escape in the line of the search closes only that."""
        closes = event.key in self.keymap.names("dialog-close")
        if closes and self.has_class("-typing"):
            event.stop()
            event.prevent_default()
            self._leave_input()

    def _leave_input(self) -> None:
        self.remove_class("-typing")
        self._scroller.focus()

    def action_hit(self, direction: int) -> None:
        """Go to the next hit, or to the previous one."""
        self._search.step(direction)
        self._to_hit()

    def _to_hit(self) -> None:
        self._draw()
        line = self._search.line
        if line is not None:
            row = sum(map(self._rows_of, self._lines[:line]))
            top, page = round(self._scroller.scroll_y), max(1, self._scroller.size.height)
            if not top <= row < top + page:
                self._scroller.scroll_to(y=max(0, row - page // 2), animate=False)

    def _rows_of(self, line: str) -> int:
        """How many rows of the screen a line takes."""
        width = self._scroller.scrollable_content_region.width
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

    def action_wrap(self) -> None:
        """Wrap long lines, or scroll sideways."""
        self.toggle_class("-nowrap")

    def action_save(self) -> None:
        """Save the text to a file that only the operator can read."""
        path = saved_file("txt", self._title, datetime.now())
        try:
            write_private(path, self._text.encode() + b"\n")
        except OSError as error:
            self.notify(f"Could not save to {path}: {error.strerror}.")
        else:
            self.notify(f"Saved to {path}", timeout=15)

    def action_turn(self) -> None:
        """Switch between JSON and YAML."""
        if self._answer is not None:
            self._yaml = not self._yaml
            self._write()
            self._show()


def _style(current: bool) -> str:
    """The style of a hit; the one that is shown stands out."""
    return "reverse bold" if current else "underline bold"


def to_yaml(value: Any, indent: int = 0) -> str:
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


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        simple = value.replace("-", "").replace("_", "").replace("/", "").replace(".", "")
        words = {"true", "false", "null", "yes", "no", "on", "off"}
        if simple.isalnum() and not value[0].isdigit() and value.lower() not in words:
            return value
        return json.dumps(value, ensure_ascii=False)
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    return json.dumps(value)
