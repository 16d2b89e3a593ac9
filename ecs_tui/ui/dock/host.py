"""What the dock needs from the screen that it is on."""

from __future__ import annotations

from typing import Protocol

from ecs_tui.config.keymap import Keymap
from ecs_tui.config.settings import Settings
from ecs_tui.config.state import SavedChoices
from ecs_tui.model.task import Task
from ecs_tui.store.connections import Connection, Connections
from ecs_tui.ui.dock.dock import Dock


class DockHost(Protocol):
    """The main screen, as far as shells are concerned. Workers and sizes are those of `dock.screen`."""

    @property
    def settings(self) -> Settings:
        """The settings."""

    @property
    def keymap(self) -> Keymap:
        """The keys of all commands."""

    @property
    def choices(self) -> SavedChoices:
        """The operator's saved choices."""

    @property
    def connections(self) -> Connections:
        """The open connections."""

    @property
    def dock(self) -> Dock:
        """The dock on the screen."""

    def note(self, words: str, seconds: float = 8.0, *, news: bool = False) -> None:
        """Show a note in the footer; in a `KeyText`, ids of commands become their keys.

        Args:
            words: The note.
            seconds: The longest time that it is shown.
            news: Whether no key caused it.
        """

    def focus_list(self) -> None:
        """Give the focus to the list."""

    def draw(self) -> None:
        """Redraw what shows the number of shells."""

    async def explain(self, connection: Connection, task: Task, container: str, error: str) -> None:
        """Open the exec check for a shell that ECS refused, unless a dialog is open.

        Args:
            connection: The connection of the task.
            task: The task.
            container: The container.
            error: AWS's error.
        """
