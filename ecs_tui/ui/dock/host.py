"""What the parts of the dock need from the screen around them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from textual.app import App
from textual.geometry import Size
from textual.widget import Widget

from ecs_tui.config.keymap import Keymap
from ecs_tui.config.settings import Settings
from ecs_tui.config.state import SavedChoices
from ecs_tui.model.task import Task
from ecs_tui.store.connections import Connection, Connections
from ecs_tui.ui.dock.dock import Dock
from ecs_tui.ui.dock.pane import ShellPane


class DockHost(Protocol):
    """The screen that shows the dock. Most of it is Textual's `Screen`."""

    @property
    def app(self) -> App[object]:
        """The app, for dialogs and the clipboard."""

    @property
    def size(self) -> Size:
        """Its size in cells."""

    @property
    def focused_pane(self) -> ShellPane | None:
        """The shell whose terminal or input line has the keys, or None."""

    @property
    def settings(self) -> Settings:
        """The settings."""

    @property
    def keymap(self) -> Keymap:
        """The keys of all commands."""

    @property
    def choices(self) -> SavedChoices:
        """Choices that are kept between runs."""

    @property
    def connections(self) -> Connections:
        """The open connections."""

    @property
    def dock(self) -> Dock:
        """The dock."""

    def note(self, words: str, seconds: float = 8.0, *, news: bool = False) -> None:
        """Show a note in the footer."""

    def draw(self) -> None:
        """Redraw the bars."""

    def focus_list(self) -> None:
        """Give the keys to the list."""

    def run_worker(self, work: Awaitable[Any], *, group: str, exclusive: bool = False) -> object:
        """Run a job that the screen owns."""

    def call_later(self, callback: Callable[..., Any], *args: Any) -> object:
        """Call it after the messages that are queued."""

    def query_one(self, selector: str) -> Widget:
        """The only widget of a selector."""

    async def explain(self, connection: Connection, task: Task, container: str, error: str) -> None:
        """Open the exec check for a shell that ECS refused."""
