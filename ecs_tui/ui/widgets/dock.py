"""The dock: all open shells, of which one or several are seen under a line of tabs."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from ecs_tui.session.session import State
from ecs_tui.ui.drawn import forget_removed_widgets
from ecs_tui.ui.widgets.pane import ShellPane

SIGNS = {State.OPENING: "◐", State.OPEN: "●", State.STALLED: "▲", State.CLOSED: "○"}
LAYOUTS = ("tabs", "columns", "rows", "grid")
"""One shell at a time, or all side by side, one over the other, or in two columns."""


class Tabs(Static):
    """One tab for each shell; a click takes it to the front."""

    class Chosen(Message):
        """The tab of this number (from 0) was clicked."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self) -> None:
        super().__init__("", classes="dock--tabs", markup=False)
        self._ends: list[int] = []
        self._shown: tuple[list[tuple[str, bool]], int] = ([], 0)

    def show(self, tabs: list[tuple[str, bool]]) -> None:
        """Write these (text, whether it is in front)."""
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
        self.update(Content.assemble(*parts))

    def on_click(self, event: events.Click) -> None:
        """Take that one."""
        number = next((i for i, end in enumerate(self._ends) if event.x < end), None)
        if number is not None:
            self.post_message(self.Chosen(number))


class Dock(Vertical):
    """Opens, shows, arranges and closes shells. Each lives on whether it is seen or not."""

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
        border-left: solid $surface; }
    """

    class Changed(Message):
        """A shell was opened, closed, chosen or put elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.panes: list[ShellPane] = []
        self.current: ShellPane | None = None
        self.arrangement = "tabs"
        self.zoomed = False
        """Whether the shell in front takes the whole screen."""
        self._tabs = Tabs()
        self._row = Container(id="panes")

    def compose(self) -> ComposeResult:
        """Tabs above the shells."""
        yield self._tabs
        yield self._row

    async def add(self, pane: ShellPane) -> None:
        """Put a shell in front and focus it."""
        self.panes.append(pane)
        self.add_class("-open")
        await self._row.mount(pane)
        self.show(pane, focus=pane.alive)

    async def replace(self, old: ShellPane, new: ShellPane) -> None:
        """Put a shell in the place of one that has ended."""
        if old not in self.panes:
            return
        self.panes[self.panes.index(old)] = new
        await self._row.mount(new, before=old)
        self.show(new, focus=new.alive)
        await old.remove()

    def show(self, pane: ShellPane, *, focus: bool = True) -> None:
        """Bring one to the front, out of the background if need be."""
        self.current = pane
        pane.background = False
        self._arrange()
        if focus:
            pane.view.focus()
        self.draw_tabs()
        self.post_message(self.Changed())

    def _arrange(self) -> None:
        """Which shells are seen, and how they lie."""
        for name in LAYOUTS:
            self._row.set_class(self.arrangement == name, f"-{name}")
        for item in self.panes:
            item.zoomed = self.zoomed and item is self.current
            seen = item is self.current or (self.arrangement != "tabs" and not self.zoomed)
            item.display = seen and not item.background
        self.set_class(any(item.display for item in self.panes), "-open")

    def zoom(self, on: bool) -> None:
        """The shell in front over the whole screen, or all of them as they were."""
        if on != self.zoomed:
            self.zoomed = on
            self._arrange()
            self.draw_tabs()
            for pane in self.panes:
                pane.show_state()
            self.post_message(self.Changed())

    def turn(self) -> str:
        """The next arrangement; returns its name."""
        self.zoom(False)
        at = LAYOUTS.index(self.arrangement)
        self.arrangement = LAYOUTS[(at + 1) % len(LAYOUTS)]
        self._arrange()
        self.draw_tabs()
        return self.arrangement

    def cycle(self, step: int = 1) -> None:
        """The next one."""
        if self.panes and self.current is not None:
            at = self.panes.index(self.current)
            self.show(self.panes[(at + step) % len(self.panes)])

    def send_to_background(self, pane: ShellPane) -> None:
        """Out of sight; the next one that is seen comes to the front."""
        pane.background = True
        self.zoom(False)
        others = [item for item in self.panes if not item.background]
        if others and pane is self.current:
            self.show(others[-1], focus=False)
        else:
            self._arrange()
            self.draw_tabs()
            self.post_message(self.Changed())

    def focus_current(self) -> None:
        """Type into the one in front."""
        if self.current is not None:
            self.show(self.current)

    async def close(self, pane: ShellPane) -> None:
        """End one and take it away."""
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
            return  # it has told of the change
        else:
            self._arrange()
            self.draw_tabs()
        self.post_message(self.Changed())

    @property
    def live(self) -> list[ShellPane]:
        """Those whose session has not ended."""
        return [pane for pane in self.panes if pane.alive]

    @property
    def marked(self) -> list[ShellPane]:
        """Those that are typed into together."""
        return [pane for pane in self.panes if pane.marked and pane.alive]

    def on_tabs_chosen(self, event: Tabs.Chosen) -> None:
        """A click on a tab."""
        event.stop()
        if event.number < len(self.panes):
            self.show(self.panes[event.number])

    def draw_tabs(self) -> None:
        """One tab for each: number, state, name, and what one should know."""
        self._tabs.set_class(len(self.panes) > 1 and not self.zoomed, "-many")
        tabs = []
        for number, pane in enumerate(self.panes, 1):
            signs = SIGNS[pane.session.state]
            if pane.fate and pane.alive:
                signs += "▲"
            more = "+" if pane.unseen else ""
            aside = " (bg)" if pane.background else ""
            mark = "⇉" if pane.marked else ""
            tabs.append((f"{number} {signs}{mark} {pane.words}{more}{aside}", pane is self.current))
        self._tabs.show(tabs)
