"""A dialog that shows text: a raw description, events, deployments, help."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from ecs_tui.errors import EcsTuiError
from ecs_tui.model.text import clean
from ecs_tui.ui.dialogs.base import Dialog


class TextScreen(Dialog[None]):
    """Shows a text, or fetches an answer of AWS and shows it as JSON or YAML.

    Args:
        title: The title of the dialog.
        source: The text, or a function that fetches the answer.
        raw: Whether y switches between JSON and YAML.
    """

    BINDINGS = [
        ("q", "leave", "close"),
        ("j", "move(1)", "down"),
        ("k", "move(-1)", "up"),
        ("y", "turn", "JSON or YAML"),
        ("c", "copy", "copy"),
    ]

    def __init__(
        self, title: str, source: str | Callable[[], Awaitable[Any]], raw: bool = False
    ) -> None:
        super().__init__()
        self._title, self._source, self._raw = title, source, raw
        self._answer: Any = None
        self._yaml = False
        self._text = source if isinstance(source, str) else "…"
        self._body = Static("", markup=False)

    def compose(self) -> ComposeResult:
        with Vertical(classes="box -tall"):
            yield Static(clean(self._title), classes="title", markup=False)
            with VerticalScroll():
                yield self._body
            keys = "y JSON/YAML   " if self._raw else ""
            yield Static(f"j/k move   {keys}c copy   esc close", classes="keys", markup=False)

    def on_mount(self) -> None:
        """Show the text, or fetch the answer."""
        self.query_one(VerticalScroll).focus()
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
        self._body.update("\n".join(clean(line) for line in self._text.split("\n")))

    def action_turn(self) -> None:
        """Switch between JSON and YAML."""
        if self._answer is not None:
            self._yaml = not self._yaml
            self._write()
            self._show()

    def action_move(self, lines: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

    def action_copy(self) -> None:
        """Copy the whole text."""
        self.app.copy_to_clipboard(self._text)


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
