"""The input line at the foot of a pane: for the shell's name, or for a search in its text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from textual import events
from textual.widgets import Input

Purpose = Literal["rename", "search"]
_KEYS: dict[Purpose, tuple[tuple[str, str], ...]] = {
    "rename": (("enter", "rename"), ("esc", "keep the name")),
    "search": ((" or ".join(("enter", "esc")), "back to text"), ("n N", "next")),
}
"""For the footer: the keys of each purpose, and what they do. `n` and `N` work after the search."""


class PaneLine(Input):
    """An `Input` that is shown only while it is used. It gives its focus back when it closes.

    Args:
        on_text: Called with the text whenever it changes while the line is open.
        on_close: Called when it closes: with what was entered, or None if the operator cancelled.
        on_late: Called with each key that was typed after it closed and before the focus moved.

    Attributes:
        purpose: What it was opened for last.
    """

    DEFAULT_CSS = """
    PaneLine { display: none; height: 1; border: none; background: $surface;
        &.-open { display: block; } }
    """

    def __init__(
        self,
        on_text: Callable[[str], None],
        on_close: Callable[[str | None], None],
        on_late: Callable[[events.Key], None],
    ) -> None:
        super().__init__(compact=True)
        self.purpose: Purpose = "rename"
        self._pass_text, self._pass_result, self._pass_key = on_text, on_close, on_late
        self._passed = ""

    def open(self, purpose: Purpose, placeholder: str, value: str = "") -> None:
        """Show the line with `value` in it, and focus it."""
        self.purpose = purpose
        self.placeholder = placeholder
        self.value = self._passed = value
        self.add_class("-open")
        self.focus()

    @property
    def keys(self) -> list[str]:
        """The footer's texts while it is open."""
        first = ["SEARCH"] if self.purpose == "search" else []
        return first + [f"{key} {what}" for key, what in _KEYS[self.purpose]]

    def on_input_changed(self, event: Input.Changed) -> None:
        """Pass the text on."""
        event.stop()
        if self.has_class("-open"):
            self._passed = event.value
            self._pass_text(event.value)

    def on_key(self, event: events.Key) -> None:
        """Close at enter, and without a result at escape: at once, the next keys may be here."""
        is_open = self.has_class("-open")
        if is_open and event.key not in ("enter", "escape"):
            return
        event.stop()
        event.prevent_default()
        if not is_open:
            self._pass_key(event)
        else:
            self._finish(self.value if event.key == "enter" else None)

    def _finish(self, text: str | None) -> None:
        if text is not None and text != self._passed:
            self._pass_text(text)  # the news of its last characters is still under way
        self.remove_class("-open")
        self._pass_result(text)
