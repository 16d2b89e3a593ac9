"""The prompt: an input line for a filter (`/`) or a destination (`:`), with the matches below it.

Matching and what is pasted are imported at their first use: the first rows need neither.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from rich.cells import cell_len, set_cell_size
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Input, Static
from textual.widgets.input import Selection

from ecs_tui.config.keymap import Keymap
from ecs_tui.model.text import clean

if TYPE_CHECKING:
    from ecs_tui.ui.prompt.matcher import Match

Find: TypeAlias = "Callable[[str], list[Match]]"
Explain = Callable[[str], str]
"""Why a text has no match; "" for the usual reason."""
NOTHING = "No match. Resources appear here once their cluster has been opened."
MAX_LINES = 10
"""Lines of matches."""
MAX_FOUND = 30
"""Matches that are looked for: those beyond the lines are only counted."""
CONTEXT = "the prompt"
"""The keymap's name of its keys."""
_KIND_CELLS = 16
_NAME_CELLS = 44
"""Cells of the columns of kinds and names."""
_MIN_NAME_CELLS = 20
"""Cells of names on a narrow screen."""


class _Line(Input):
    """The input line. A key that arrives after the prompt was closed is passed on to the list."""

    virtual_size = reactive(Size(0, 0))
    """The size of its text. Textual's lays out the screen when it changes, so at every key; the size
    of the line itself does not depend on it."""

    def _on_paste(self, event: events.Paste) -> None:
        """Insert the whole text as one line; Textual's own handler inserts its first line only."""
        event.stop()
        event.prevent_default()
        self.take_in(event.text)

    def take_in(self, text: str) -> None:
        """Insert a pasted text, as far as there is room."""
        from ecs_tui.model.pasted import MAX_CHARACTERS, one_line

        room = MAX_CHARACTERS - len(self.value)
        self.replace(one_line(text)[: max(0, room)], *self.selection)

    async def _on_key(self, event: events.Key) -> None:
        prompt = next((each for each in self.ancestors if isinstance(each, Prompt)), None)
        if prompt is not None and not prompt.is_open:
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
        & > #line { height: 1; padding: 0 1; }
        & > #line > #sign { width: 2; color: $text-accent; text-style: bold; }
        & > #line > #prompt { width: 1fr; height: 1; border: none; padding: 0; background: $surface; }
        & > #line > #count { width: auto; color: $text-muted; }
        & > #matches { display: none; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
        &.-open { display: block; }
        &.-goto { border-top: solid $primary; }
        &.-goto > #matches { display: block; }
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

    def __init__(self, keymap: Keymap) -> None:
        super().__init__()
        self.kind = ""
        self.unhandled = 0
        """Number of `Closed` and `Chosen` messages that the screen has not handled yet."""
        self.matches: list[Match] = []
        self.chosen = -1
        """The chosen match; -1 before a key, when none is."""
        self._keymap = keymap
        self._find: Find = lambda text: []
        self._explain: Explain = lambda text: ""
        self._looked_for = ""
        self._first = self._lines_of_matches = 0
        self._list = Static("", id="matches", markup=False)
        self._sign = Static("", id="sign", markup=False)
        self._count = Static("", id="count", markup=False)
        self._count_cells = 0
        # `open` sets the selection: the focus may come after the first fast keys.
        self._line = _Line(id="prompt", compact=True, select_on_focus=False)

    def compose(self) -> ComposeResult:
        """The input line above the matches, so that the best one is next to it."""
        with Horizontal(id="line"):
            yield self._sign
            yield self._line
            yield self._count
        yield self._list

    @property
    def is_open(self) -> bool:
        """Whether it is open and takes the keys."""
        return self.has_class("-open")

    def open(
        self, kind: str, value: str = "", find: Find | None = None, explain: Explain | None = None
    ) -> None:
        """Open it.

        Args:
            kind: `/` for a filter or `:` for a destination.
            value: The text to begin with; it is selected.
            find: Finds the matches for `:`; for "" it returns what is offered before a key.
            explain: Says why there are none.
        """
        self.kind, self._find = kind, find or (lambda text: [])
        self._explain = explain or (lambda text: "")
        self.add_class("-open")
        self.set_class(kind == ":", "-goto")
        self._sign.update(kind)
        self.show_count("")
        # As high as it may get, so that the line stays where it is.
        self._list.styles.height = min(MAX_LINES + 1, max(1, self.screen.size.height // 2))
        self._line.placeholder = (
            "Filter: text, column:value, tag:key=value; ! inverts, ~ pattern"
            if kind == "/"
            else "Go to: name, task ID, image, IP, command; or paste an ARN, a URL, an alarm"
        )
        self._line.value = value
        self._line.selection = Selection(0, len(value))
        self._look(value)
        self.screen.set_focus(self._line)

    def show_count(self, words: str) -> None:
        """Show at the end of the line how much was found."""
        self._count.update(words, layout=cell_len(words) != self._count_cells)
        self._count_cells = cell_len(words)

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
        elif event.value.strip() != self._looked_for:
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
        if self.kind != ":":
            return
        if text != self._looked_for:
            self._look(text)  # fast keys: Input.Changed may not be handled yet
        match = self.matches[self.chosen] if 0 <= self.chosen < len(self.matches) else None
        if text or match is not None:
            self.unhandled += 1
            self.post_message(self.Chosen(match, text))

    def take(self, event: events.Key) -> None:
        """Handle a key while the prompt is open, even before it has the focus.

        Keys that move or delete within the line are left to the input line's own bindings.
        """
        command = self._keymap.command(CONTEXT, event.key)
        if command == "prompt-leave":
            self.close(dropped=True)
        elif command == "prompt-accept":
            self.submit()
        elif command == "prompt-next":
            self._choose(1)
        elif command == "prompt-previous":
            self._choose(-1)
        elif event.character and event.is_printable:
            # A key that the input line got does not come here: this one was sent to the list.
            self._line.replace(event.character, *self._line.selection)
        else:
            return
        event.stop()
        event.prevent_default()

    def take_paste(self, text: str) -> None:
        """Insert a text that was pasted while the prompt is open, before it had the focus."""
        self._line.take_in(text)

    def on_key(self, event: events.Key) -> None:
        """Handle the keys that move among the matches or close; others are the input line's."""
        if self._keymap.command(CONTEXT, event.key).startswith("prompt-"):
            self.take(event)

    def _choose(self, step: int) -> None:
        if self.matches:
            start = self.chosen if self.chosen >= 0 or step > 0 else 0
            self.chosen = (start + step) % len(self.matches)
            self._draw()

    def on_click(self, event: events.Click) -> None:
        """A click on a match chooses it, as enter does."""
        area = self._list.content_region
        line = event.screen_offset.y - area.y
        if area.contains_point(event.screen_offset) and line < self._lines_of_matches:
            event.stop()
            self.chosen = self._first + line
            self.submit()

    def _look(self, text: str) -> None:
        self._looked_for = text.strip()
        self.matches = self._find(text) if self.kind == ":" else []
        self.chosen = 0 if self._looked_for else -1
        self._draw()

    def _draw(self) -> None:
        if self.kind != ":":
            return
        height = self._list.styles.height
        room = int(height.value) if height is not None else MAX_LINES + 1
        shown = self.matches if len(self.matches) <= room else self.matches[: room - 1]
        first = self._first = max(0, self.chosen - len(shown) + 1)
        self._lines_of_matches = len(shown)
        lines = []
        cells = min(_NAME_CELLS, max(_MIN_NAME_CELLS, self.screen.size.width // 2 - _KIND_CELLS))
        for number, match in enumerate(self.matches[first : first + len(shown)], first):
            sign = "▸" if number == self.chosen else " "
            text = f"{sign} {_in_columns(match, cells)}"
            lines.append(Content.styled(text, "bold" if number == self.chosen else ""))
        more = len(self.matches) - len(shown)
        if more:
            least = "at least " if len(self.matches) >= MAX_FOUND else ""
            lines.append(Content.styled(f"  … {least}{more} more", "$foreground-muted"))
        if not lines and self._line.value.strip():
            lines.append(Content(clean(self._explain(self._line.value)) or NOTHING))
        self._list.update(Content("\n").join(lines) if lines else "")


def _in_columns(match: Match, cells: int) -> str:
    """A match as its line shows it: kind, name and place in columns; an address as one sentence.

    Args:
        cells: Cells of the column of names; a longer name is cut at its end.
    """
    name = clean(match.name)
    if match.reference is not None and not match.hint:
        return name
    if cell_len(name) > cells:
        name = f"{set_cell_size(name, cells - 1)}…"
    return f"{match.kind:<{_KIND_CELLS}}{set_cell_size(name, cells)}  {clean(match.where)}"
