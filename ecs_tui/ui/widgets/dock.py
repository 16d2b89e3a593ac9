"""The dock: all open shells, of which one or all are seen."""

from __future__ import annotations

from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Static

from ecs_tui.session.session import State
from ecs_tui.ui.widgets.pane import ShellPane

SIGNS = {State.OPENING: "◐", State.OPEN: "●", State.CLOSED: "○"}


class Dock(Vertical):
    """Shows the current shell under a line of tabs."""

    DEFAULT_CSS = """
    Dock { display: none; height: 1fr; width: 1fr; }
    Dock.-open { display: block; }
    Dock > .dock--tabs { height: 1; background: $surface; color: $text-muted; display: none; }
    Dock > .dock--tabs.-many { display: block; }
    Dock > Horizontal { height: 1fr; }
    """

    class Changed(Message):
        """A shell was opened, closed or chosen."""

    def __init__(self) -> None:
        super().__init__()
        self.panes: list[ShellPane] = []
        self.current: ShellPane | None = None
        self._tabs = Static("", classes="dock--tabs", markup=False)
        self._row = Horizontal()

    def compose(self):  # type: ignore[no-untyped-def]
        """Tabs above the shells."""
        yield self._tabs
        yield self._row

    async def add(self, pane: ShellPane) -> None:
        """Put a shell in front and focus it."""
        self.panes.append(pane)
        self.add_class("-open")
        await self._row.mount(pane)
        self.show(pane)

    def show(self, pane: ShellPane, *, focus: bool = True) -> None:
        """Bring one to the front."""
        self.current = pane
        for item in self.panes:
            item.display = item is pane
        if focus:
            pane.view.focus()
        self.draw_tabs()
        self.post_message(self.Changed())

    def cycle(self, step: int = 1) -> None:
        """The next one."""
        if self.panes and self.current is not None:
            at = self.panes.index(self.current)
            self.show(self.panes[(at + step) % len(self.panes)])

    def focus_current(self) -> None:
        """Type into the one in front."""
        if self.current is not None:
            self.current.view.focus()

    async def close(self, pane: ShellPane) -> None:
        """End one and take it away."""
        at = self.panes.index(pane)
        self.panes.remove(pane)
        await pane.remove()
        if self.panes:
            self.show(self.panes[max(0, at - 1)])
        else:
            self.current = None
            self.remove_class("-open")
            self.post_message(self.Changed())

    @property
    def live(self) -> list[ShellPane]:
        """Those whose session has not ended."""
        return [pane for pane in self.panes if pane.alive]

    def draw_tabs(self) -> None:
        """One tab for each, the front one marked."""
        self._tabs.set_class(len(self.panes) > 1, "-many")
        words = []
        for number, pane in enumerate(self.panes, 1):
            text = f"{number} {SIGNS[pane.session.state]} {pane.target.words}"
            words.append(f"[{text}]" if pane is self.current else f" {text} ")
        self._tabs.update(" ".join(words))
