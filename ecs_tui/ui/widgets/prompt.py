"""The line at the bottom for a filter (`/`) or a destination (`:`), and what a destination finds."""

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

from ecs_tui.model.words import clean
from ecs_tui.ui.finder import Hit

Find = Callable[[str], list[Hit]]
NOTHING = "Nothing known is called so. What is in a cluster is known once it was looked at."
_KIND = 16
_NAME = 44


class Prompt(Vertical):
    """Open it with what it is for; it posts what was typed and what was chosen.

    It lies over the last lines of the screen: nothing else moves when it comes or goes.
    """

    DEFAULT_CSS = """
    Prompt { display: none; layer: above; dock: bottom; height: auto; offset-y: -1; background: $surface;
        & > #hits { height: auto; max-height: 10; padding: 0 1; border-top: solid $primary;
            text-wrap: nowrap; text-overflow: ellipsis; }
        & > #prompt { height: 1; border: none; padding: 0 1; background: $surface; }
        &.-open { display: block; }
    }
    """

    class Filtered(Message):
        """The filter has another text."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Chosen(Message):
        """Enter: a hit, or None and the text that found nothing."""

        def __init__(self, hit: Hit | None, text: str) -> None:
            super().__init__()
            self.hit, self.text = hit, text

    class Closed(Message):
        """The line is gone; `dropped`: with escape."""

        def __init__(self, kind: str, dropped: bool) -> None:
            super().__init__()
            self.kind, self.dropped = kind, dropped

    def __init__(self) -> None:
        super().__init__()
        self.kind = ""
        self.hits: list[Hit] = []
        self.chosen = 0
        self._find: Find = lambda text: []
        self._list = Static("", id="hits", markup=False)
        # What is selected is said in `open`: the focus comes late, after the first fast keys.
        self._line = Input(id="prompt", compact=True, select_on_focus=False)

    def compose(self) -> ComposeResult:
        """What was found above the line."""
        yield self._list
        yield self._line

    @property
    def is_open(self) -> bool:
        """Whether it takes the keys."""
        return self.has_class("-open")

    def open(self, kind: str, value: str = "", find: Find | None = None) -> None:
        """Open it: `/` over the filter `value`, or `:` over what `find` finds."""
        self.kind, self._find = kind, find or (lambda text: [])
        self.add_class("-open")
        self._line.placeholder = (
            "filter: words, or column:value such as shell:no"
            if kind == "/"
            else "cluster, service, task id, container, image, IP, or an action"
        )
        self._line.value = value
        self._line.selection = Selection(0, len(value))
        self._look(value)
        self.screen.set_focus(self._line)

    def close(self, *, dropped: bool) -> None:
        """Close it."""
        self.remove_class("-open")
        self.post_message(self.Closed(self.kind, dropped))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter or find while typing."""
        event.stop()
        if not self.is_open:
            return
        if self.kind == "/":
            self.post_message(self.Filtered(event.value))
        else:
            self._look(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the line."""
        event.stop()
        self.submit()

    def submit(self) -> None:
        """What enter does."""
        text = self._line.value.strip()
        self.close(dropped=False)
        if self.kind == ":" and text:
            self._look(text)  # keys typed faster than the line told of them
            hit = self.hits[min(self.chosen, len(self.hits) - 1)] if self.hits else None
            self.post_message(self.Chosen(hit, text))

    def take(self, event: events.Key) -> None:
        """A key that came while it is open: also one that was faster than the focus.

        What moves or deletes within the line goes on to the line's own bindings.
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
            # The line keeps what it takes: this one was on its way to the list.
            self._line.replace(event.character, *self._line.selection)
        else:
            return
        event.stop()
        event.prevent_default()

    def on_key(self, event: events.Key) -> None:
        """Moving among what was found; the rest is the line's own."""
        if event.key in ("down", "up", "ctrl+n", "ctrl+p", "tab", "shift+tab", "escape"):
            self.take(event)

    def _choose(self, step: int) -> None:
        if self.hits:
            self.chosen = (self.chosen + step) % len(self.hits)
            self._draw()

    def _look(self, text: str) -> None:
        self.hits = self._find(text) if self.kind == ":" else []
        self.chosen = 0
        self._draw()

    def _draw(self) -> None:
        lines = []
        for number, hit in enumerate(self.hits):
            sign = "▸" if number == self.chosen else " "
            name = set_cell_size(clean(hit.name), _NAME)
            text = f"{sign} {hit.kind:<{_KIND}}{name}  {clean(hit.where)}"
            lines.append(Content.styled(text, "bold" if number == self.chosen else ""))
        if not lines and self.kind == ":" and self._line.value.strip():
            lines.append(Content(NOTHING))
        self._list.update(Content("\n").join(lines) if lines else "")
        self._list.display = bool(lines)
