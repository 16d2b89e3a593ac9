"""A dialog that shows text: a raw description, or a task definition."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from textual.app import ComposeResult
from textual.containers import Vertical

from ecs_tui.errors import EcsTuiError
from ecs_tui.model.text import clean
from ecs_tui.ui.dialogs.base import bind
from ecs_tui.ui.dialogs.text_body import TextBody
from ecs_tui.ui.dialogs.viewer import Viewer


class TextScreen(Viewer):
    """Shows a text, or fetches an answer of AWS and shows it as JSON or YAML.

    Args:
        title: The title of the dialog.
        source: The text, or a function that fetches the answer.
        raw: Whether a key switches between JSON and YAML.
    """

    kind = "text"
    BINDINGS = [
        bind("raw-format", "turn", "JSON or YAML (of a raw description)"),
        bind("text-search", "search", "Search"),
        bind("text-only", "only", "Only lines that match: words, ~pattern, !not"),
        bind("text-next", "hit(1)", "Next hit"),
        bind("text-previous", "hit(-1)", "Previous hit"),
        bind("text-wrap", "wrap", "Wrap long lines, or not"),
        bind("text-save", "save", "Save the text to a file (mode 0600)"),
        bind("text-editor", "edit", "Open the text in $EDITOR"),
    ]

    def __init__(
        self, title: str, source: str | Callable[[], Awaitable[object]], raw: bool = False
    ) -> None:
        super().__init__()
        self._source, self._raw = source, raw
        self._body = TextBody(clean(title))

    def compose(self) -> ComposeResult:
        with Vertical(classes="box -tall"):
            yield self._body
            turn = [("raw-format", "JSON/YAML")] if self._raw else []
            yield self.hint_line(
                ("dialog-down dialog-up", "move"),
                ("text-search", "search"),
                ("text-only", "only lines"),
                *turn,
                ("dialog-copy", "copy"),
                ("dialog-close", "close"),
            )

    @property
    def text(self) -> str:
        """The lines that are shown."""
        return self._body.shown

    def on_mount(self) -> None:
        """Show the text, or fetch the answer."""
        self._body.scroller.focus()
        if isinstance(self._source, str):
            self._body.show(self._source)
        else:
            self._body.show("…")
            self.run_worker(self._fetch(), exclusive=True)

    async def _fetch(self) -> None:
        assert not isinstance(self._source, str)
        try:
            self._body.show_answer(await self._source())
        except EcsTuiError as error:
            self._body.show(str(error))

    def action_search(self) -> None:
        """Open the line of the search."""
        self._body.search()

    def action_only(self) -> None:
        """Open the line of the filter."""
        self._body.choose_lines()

    def action_leave(self) -> None:
        """Show all lines again, else close."""
        if not self._body.show_all_lines():
            super().action_leave()

    def action_copy(self) -> None:
        """Copy the lines that are shown."""
        self._body.copy()

    def action_hit(self, direction: int) -> None:
        """Go to the next hit, or to the previous one."""
        self._body.hit(direction)

    def action_wrap(self) -> None:
        """Wrap long lines, or scroll sideways."""
        self._body.wrap()

    def action_save(self) -> None:
        """Save the text to a file that only the operator can read."""
        self._body.save()

    def action_edit(self) -> None:
        """Open the text in the operator's editor."""
        self._body.edit()

    def action_turn(self) -> None:
        """Switch between JSON and YAML."""
        self._body.turn()
