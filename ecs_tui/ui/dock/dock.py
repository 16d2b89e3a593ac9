"""The dock: all open shells, one or several of them visible, below a line of tabs.

Sessions, panes and terminals are imported for the first shell: the first rows need none of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual import events
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from ecs_tui.session.state import State
from ecs_tui.ui.drawn import forget_removed_widgets

if TYPE_CHECKING:
    from ecs_tui.ui.dock.pane import ShellPane

SIGNS = {State.OPENING: "◐", State.OPEN: "●", State.STALLED: "▲", State.CLOSED: "○"}
LAYOUTS = ("tabs", "columns", "rows", "grid")
"""One shell at a time; or all side by side, one above the other, or in two columns."""
MIN_COLUMNS, MIN_ROWS = 60, 6
"""The cells that a shell needs to be read: with fewer, a layout comes after those that have them."""


def layouts(shells: int, columns: int, rows: int) -> list[str]:
    """The layouts in the order in which they are gone through: those with enough room first.

    Args:
        shells: How many shells there are.
        columns: The width of the dock in cells.
        rows: Its height.
    """
    sizes: dict[str, tuple[int, int]] = {
        "columns": (columns // shells, rows),
        "rows": (columns, rows // shells),
        "grid": (columns // 2, rows // -(-shells // 2)),
    }
    if shells < 3:
        del sizes["grid"]  # the same as columns
    several = sorted(
        sizes, key=lambda name: sizes[name][0] < MIN_COLUMNS or sizes[name][1] < MIN_ROWS
    )
    return ["tabs", *several]


def pane_of(widget: Widget | None) -> ShellPane | None:
    """The shell that a widget is part of, or None."""
    if widget is None:
        return None
    inside = (node for node in widget.ancestors if isinstance(node.parent, _Shells))
    return cast("ShellPane | None", next(inside, None))


def is_beyond(here: Region, there: Region, side: str) -> bool:
    """Whether a region lies on a side of another one, next to it rather than diagonally.

    Args:
        side: `left`, `right`, `above` or `below`.
    """
    if side in ("left", "right"):
        beside = there.y < here.bottom and here.y < there.bottom
        return beside and (there.right <= here.x if side == "left" else here.right <= there.x)
    beside = there.x < here.right and here.x < there.right
    return beside and (there.bottom <= here.y if side == "above" else here.bottom <= there.y)


class _Shells(Container):
    """The part of the dock below the tabs: all its children are shells."""


class Tabs(Static):
    """One tab for each shell; a click shows that shell."""

    class TabChosen(Message):
        """The tab with this number (from 0) was clicked."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self) -> None:
        super().__init__("", classes="dock--tabs", markup=False)
        self._ends: list[int] = []
        self._shown: tuple[list[tuple[str, bool]], int] = ([], 0)

    def show(self, tabs: list[tuple[str, bool]]) -> None:
        """Draw the tabs, as (text, whether the shell is the current one)."""
        if (tabs, self.size.width) == self._shown:
            return
        self._shown = (tabs, self.size.width)
        room = max(8, (self.size.width or 80) // max(1, len(tabs)) - 1)
        parts: list[tuple[str, str]] = []
        self._ends, end = [], 0
        for text, front in tabs:
            word = Content(f" {text} ").truncate(room, ellipsis=True)
            parts.append((word.plain, "reverse bold" if front else ""))
            parts.append((" ", ""))
            end += word.cell_length + 1
            self._ends.append(end)
        self.update(Content.assemble(*parts), layout=False)

    def on_click(self, event: events.Click) -> None:
        number = next((i for i, end in enumerate(self._ends) if event.x < end), None)
        if number is not None:
            self.post_message(self.TabChosen(number))


class Dock(Vertical):
    """Shows, arranges and closes shells. A hidden shell keeps running.

    Attributes:
        panes: All shells, in the order of the tabs.
        current: The shell in front, None without shells.
        arrangement: One of `LAYOUTS`.
    """

    DEFAULT_CSS = """
    Dock { display: none; height: 1fr; width: 1fr; }
    Dock.-open { display: block; }
    Dock > .dock--tabs { height: 1; background: $surface; color: $text-muted; display: none;
        text-wrap: nowrap; }
    Dock > .dock--tabs.-many { display: block; }
    Dock > #panes { height: 1fr; layout: horizontal; }
    Dock > #panes.-rows { layout: vertical; }
    Dock > #panes.-grid { layout: grid; grid-size: 2; }
    Dock > #panes.-columns > ShellPane, Dock > #panes.-grid > ShellPane {
        border-left: solid $surface;
        &:ansi { border-left: solid $border; }
    }
    """

    class ShellsChanged(Message):
        """A shell was opened, closed, selected, zoomed or sent to the background."""

    def __init__(self) -> None:
        super().__init__()
        self.panes: list[ShellPane] = []
        self.current: ShellPane | None = None
        self.arrangement = "tabs"
        self.zoomed = False
        """Whether the current shell fills the whole screen."""
        self._tabs = Tabs()
        self._row = _Shells(id="panes")

    def compose(self) -> ComposeResult:
        yield self._tabs
        yield self._row

    async def add(self, pane: ShellPane) -> None:
        """Add a shell, bring it to the front and start it; focus it unless it has ended already."""
        self.panes.append(pane)
        self.add_class("-open")
        await self._row.mount(pane)
        self._begin(pane)

    async def replace(self, old: ShellPane, new: ShellPane) -> None:
        """Replace a shell that has ended; focus the new one unless it has ended too."""
        self.panes[self.panes.index(old)] = new
        await self._row.mount(new, before=old)
        self._begin(new)
        await old.remove()

    def _begin(self, pane: ShellPane) -> None:
        # It gets the keys before AWS is asked, and at once: a key that leaves it comes later.
        self.show(pane, focus=False)
        if pane.alive:
            pane.take_keys()
        pane.begin()

    def show(self, pane: ShellPane, *, focus: bool = True) -> None:
        """Bring a shell to the front, even if it was in the background."""
        self.current = pane
        pane.background = False
        self._arrange()
        if focus:
            pane.view.focus()
        self.draw_tabs()
        self.post_message(self.ShellsChanged())

    def _arrange(self) -> None:
        """Show or hide the shells, by arrangement, zoom and background."""
        for name in LAYOUTS:
            self._row.set_class(self.arrangement == name, f"-{name}")
        for item in self.panes:
            item.zoomed = self.zoomed and item is self.current
            seen = item is self.current or (self.arrangement != "tabs" and not self.zoomed)
            item.display = seen and not item.background
        self.set_class(any(item.display for item in self.panes), "-open")

    def zoom(self, on: bool) -> None:
        """Show only the current shell, over the whole screen; or return to the arrangement."""
        if on != self.zoomed:
            self.zoomed = on
            self._arrange()
            self.draw_tabs()
            for pane in self.panes:
                pane.show_state()
            self.post_message(self.ShellsChanged())

    def turn(self) -> str:
        """Switch to the next layout; returns its name."""
        self.zoom(False)
        room = self._row.size
        order = layouts(max(1, len(self.panes)), room.width, room.height)
        at = order.index(self.arrangement) if self.arrangement in order else 0
        self.lay_out(order[(at + 1) % len(order)])
        return self.arrangement

    def lay_out(self, layout: str) -> None:
        """Show the shells in this layout."""
        self.zoom(False)
        self.arrangement = layout
        self._arrange()
        self.draw_tabs()

    def neighbour(self, direction: str) -> ShellPane | None:
        """The nearest visible shell on one side of the current one, or None.

        Args:
            direction: `left`, `right`, `above` or `below`.
        """
        if self.current is None:
            return None
        here = self.current.region
        found = [
            pane
            for pane in self.panes
            if pane is not self.current and pane.region and is_beyond(here, pane.region, direction)
        ]
        upright = direction in ("above", "below")

        def distance(pane: ShellPane) -> tuple[int, int]:
            across, down = abs(pane.region.x - here.x), abs(pane.region.y - here.y)
            return (down, across) if upright else (across, down)

        return min(found, key=distance, default=None)

    @property
    def focused(self) -> ShellPane | None:
        """The shell whose terminal or input line has the focus, or None."""
        return pane_of(self.screen.focused)

    def cycle(self, step: int = 1) -> None:
        """Bring the next shell to the front; `step` -1: the previous one."""
        if self.panes and self.current is not None:
            at = self.panes.index(self.current)
            self.show(self.panes[(at + step) % len(self.panes)])

    def send_to_background(self, pane: ShellPane) -> None:
        """Hide a shell. If it was current, the last one outside the background takes its place."""
        pane.background = True
        self.zoom(False)
        others = [item for item in self.panes if not item.background]
        if others and pane is self.current:
            self.show(others[-1], focus=False)
        else:
            self._arrange()
            self.draw_tabs()
            self.post_message(self.ShellsChanged())

    def focus_current(self) -> None:
        """Bring the current shell to the front and focus it."""
        if self.current is not None:
            self.show(self.current, focus=False)
            self.current.take_keys()

    async def close(self, pane: ShellPane) -> None:
        """Remove a shell from the dock."""
        if pane not in self.panes:
            return
        at = self.panes.index(pane)
        if pane is self.current:
            self.zoom(False)
        self.panes.remove(pane)
        await pane.remove()
        forget_removed_widgets()
        if not self.panes:
            self.current = None
            self.remove_class("-open")
        elif pane is self.current:
            following = self.panes[max(0, at - 1)]
            self.show(following, focus=following.alive)
            return  # `show` has posted the message
        else:
            self._arrange()
            self.draw_tabs()
        self.post_message(self.ShellsChanged())

    @property
    def live(self) -> list[ShellPane]:
        """The shells whose session has not ended."""
        return [pane for pane in self.panes if pane.alive]

    @property
    def marked(self) -> list[ShellPane]:
        """The marked shells that have not ended: what is typed in one goes to all of them."""
        return [pane for pane in self.panes if pane.marked and pane.alive]

    def on_tabs_tab_chosen(self, event: Tabs.TabChosen) -> None:
        event.stop()
        if event.number < len(self.panes):
            self.show(self.panes[event.number])

    def draw_tabs(self) -> None:
        """Draw one tab for each shell: number, state, name and marks."""
        self._tabs.set_class(len(self.panes) > 1 and not self.zoomed, "-many")
        tabs = []
        for number, pane in enumerate(self.panes, 1):
            signs = SIGNS[pane.session.state]
            if pane.shell.task_notice and pane.alive:
                signs += "▲"
            more = "+" if pane.unseen else ""
            aside = " (bg)" if pane.background else ""
            mark = "⇉" if pane.marked else ""
            tabs.append((f"{number} {signs}{mark} {pane.words}{more}{aside}", pane is self.current))
        self._tabs.show(tabs)
