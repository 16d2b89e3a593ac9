"""Opens the prompt, and does what was typed: filters, goes to a place, runs a command."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ecs_tui.model.text import clean
from ecs_tui.ui.commands import BY_ID, Command
from ecs_tui.ui.destinations import Destinations
from ecs_tui.ui.prompt.prompt import Prompt
from ecs_tui.ui.rows import RowUpdates
from ecs_tui.ui.screen_bars import ScreenBars
from ecs_tui.ui.workspace import ScreenWorkspace


class PromptControl:
    """What the main screen does with the prompt's messages.

    Args:
        prompt: The prompt.
        destinations: What `:` offers.
        workspace: Goes to places.
        bars: Path and message show the filter.
        rows: Updates the rows at the new place.
        perform: Runs a command.
    """

    def __init__(
        self,
        prompt: Prompt,
        destinations: Destinations,
        workspace: ScreenWorkspace,
        bars: ScreenBars,
        rows: RowUpdates,
        perform: Callable[[Command], Awaitable[None]],
    ) -> None:
        self._prompt, self._destinations, self._workspace = prompt, destinations, workspace
        self._bars, self._rows, self._perform = bars, rows, perform
        self._table = workspace.table

    def open(self, kind: str) -> None:
        """Open the prompt for a filter (`/`) or a destination (`:`)."""
        if kind == "/":
            self._prompt.open("/", self._table.filter)
            self._count()
        else:
            self._prompt.open(":", find=self._destinations.find())

    def _count(self) -> None:
        self._prompt.show_count(f"{len(self._table.order)}/{len(self._table.rows)}")

    def filtered(self, text: str) -> None:
        """Filter while it is typed."""
        self._table.set_filter(text)
        self._count()
        self._bars.draw_path()
        self._bars.draw_message()

    async def chosen(self, event: Prompt.Chosen) -> None:
        """Go to the chosen place, or run the chosen command."""
        self._prompt.unhandled -= 1
        match = event.match
        if match is None:
            words = f'No cluster, service, task or command matches "{clean(event.text)}".'
            self._workspace.note(words)
        elif match.place is None:
            await self._perform(BY_ID[match.command])
        else:
            connection = self._workspace.connections.of(match.label)
            self._workspace.go(match.place, connection=connection)
            if match.select:
                self._table.select_key(match.select)
            self._rows.update()

    def closed(self, event: Prompt.Closed) -> None:
        """Return the focus to the list."""
        self._prompt.unhandled -= 1
        if event.kind == "/" and event.dropped:
            self._table.set_filter("")
        self._table.focus()
