"""The prompt: an input line for a filter (`/`) or a destination (`:`), with a list of matches."""

from __future__ import annotations

from collections.abc import Callable

from rich.cells import set_cell_size
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static
from textual.widgets.input import Selection

from ecs_tui.model.text import clean
from ecs_tui.ui.prompt.matcher import Match

Find = Callable[[str], list[Match]]
NOTHING = "No match. Resources appear here once their cluster has been opened."
_KIND_CELLS = 16
_NAME_CELLS = 44
"""Cells of the columns of kinds and names."""


class _Line(Input):
    """The input line. A key that arrives after the prompt was closed is passed on to the list."""

    async def _on_key(self, event: events.Key) -> None:
        prompt = self.parent
        if isinstance(prompt, Prompt) and not prompt.is_open:
            event.stop()
            event.prevent_default()
            prompt.post_message(Prompt.Late(event))  # handled after its earlier messages
            return
        await super()._on_key(event)


class Prompt(Vertical):
    """Posts the filter while it is typed, or the chosen match.

    It covers the last lines of the screen, so that nothing moves when it opens or closes.
    """

    DEFAULT_CSS = """
    Prompt { display: none; layer: above; dock: bottom; height: auto; offset-y: -1; background: $surface;
        & > #matches { height: auto; max-height: 10; padding: 0 1; border-top: solid $primary;
            text-wrap: nowrap; text-overflow: ellipsis; }
        & > #prompt { height: 1; border: none; padding: 0 1; background: $surface; }
        &.-open { display: block; }
    }
    """

    class Filtered(Message):
        """The text of the filter has changed."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Chosen(Message):
        """A match was chosen with enter; None if nothing matches `text`."""

        def __init__(self, match: Match | None, text: str) -> None:
            super().__init__()
            self.match, self.text = match, text

    class Closed(Message):
        """The prompt was closed; `dropped`: with escape."""

        def __init__(self, kind: str, dropped: bool) -> None:
            super().__init__()
            self.kind, self.dropped = kind, dropped

    class Late(Message):
        """A key arrived after the prompt was closed."""

        def __init__(self, key: events.Key) -> None:
            super().__init__()
            self.key = key

    def __init__(self) -> None:
        super().__init__()
        self.kind = ""
        self.unhandled = 0
        """Number of `Closed` and `Chosen` messages that the screen has not handled yet."""
        self.matches: list[Match] = []
        self.chosen = 0
        self._find: Find = lambda text: []
        self._list = Static("", id="matches", markup=False)
        # `open` sets the selection: the focus may come after the first fast keys.
        self._line = _Line(id="prompt", compact=True, select_on_focus=False)

    def compose(self) -> ComposeResult:
        """The matches above the input line."""
        yield self._list
        yield self._line

    @property
    def is_open(self) -> bool:
        """Whether it is open and takes the keys."""
        return self.has_class("-open")

    def open(self, kind: str, value: str = "", find: Find | None = None) -> None:
        """Open it.

        Args:
            kind: `/` for a filter or `:` for a destination.
            value: The text to begin with; it is selected.
            find: Finds the matches for `:`.
        """
        self.kind, self._find = kind, find or (lambda text: [])
        self.add_class("-open")
        self._line.placeholder = (
            "Filter: text, or column:value, e.g. exec:off"
            if kind == "/"
            else "Go to: cluster, service, task ID, container, image, IP, or action"
        )
        self._line.value = value
        self._line.selection = Selection(0, len(value))
        self._look(value)
        self.screen.set_focus(self._line)

    def close(self, *, dropped: bool) -> None:
        """Close it; `dropped`: with escape."""
        self.remove_class("-open")
        self.unhandled += 1
        self.post_message(self.Closed(self.kind, dropped))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter or search while typing."""
        event.stop()
        if not self.is_open:
            return
        if self.kind == "/":
            self.post_message(self.Filtered(event.value))
        else:
            self._look(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Submit the line at enter."""
        event.stop()
        if self.is_open:
            self.submit()
        else:  # a second enter, typed before the first one closed the prompt
            self.post_message(self.Late(events.Key("enter", "\r")))

    def submit(self) -> None:
        """Close it, and post the filter or the chosen match."""
        text = self._line.value.strip()
        if self.kind == "/":
            self.post_message(self.Filtered(self._line.value))  # Input.Changed may be late
        self.close(dropped=False)
        if self.kind == ":" and text:
            self._look(text)  # fast keys: Input.Changed may not be handled yet
            match = self.matches[min(self.chosen, len(self.matches) - 1)] if self.matches else None
            self.unhandled += 1
            self.post_message(self.Chosen(match, text))

    def take(self, event: events.Key) -> None:
        """Handle a key while the prompt is open, even before it has the focus.

        Keys that move or delete within the line are left to the input line's own bindings.
        """
        if event.key == "escape":
            self.close(dropped=True)
        elif event.key == "enter":
            self.submit()
        elif event.key in ("down", "ctrl+n", "tab"):
            self._choose(1)
        elif event.key in ("up", "ctrl+p", "shift+tab"):
            self._choose(-1)
        elif event.character and event.is_printable:
            # A key that the input line got does not come here: this one was sent to the list.
            self._line.replace(event.character, *self._line.selection)
        else:
            return
        event.stop()
        event.prevent_default()

    def on_key(self, event: events.Key) -> None:
        """Handle the keys that move among the matches or close; others are the input line's."""
        if event.key in ("down", "up", "ctrl+n", "ctrl+p", "tab", "shift+tab", "escape"):
            self.take(event)

    def _choose(self, step: int) -> None:
        if self.matches:
            self.chosen = (self.chosen + step) % len(self.matches)
            self._draw()

    def _look(self, text: str) -> None:
        self.matches = self._find(text) if self.kind == ":" else []
        self.chosen = 0
        self._draw()

    def _draw(self) -> None:
        lines = []
        for number, match in enumerate(self.matches):
            sign = "▸" if number == self.chosen else " "
            name = set_cell_size(clean(match.name), _NAME_CELLS)
            text = f"{sign} {match.kind:<{_KIND_CELLS}}{name}  {clean(match.where)}"
            lines.append(Content.styled(text, "bold" if number == self.chosen else ""))
        if not lines and self.kind == ":" and self._line.value.strip():
            lines.append(Content(NOTHING))
        self._list.update(Content("\n").join(lines) if lines else "")
        self._list.display = bool(lines)
