"""Opens the prompt, and does what was typed: filters, goes to a place, runs a command.

The search behind `:` is imported at its first use: the first rows need none of it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import TYPE_CHECKING

from ecs_tui.errors import EcsTuiError
from ecs_tui.model.text import clean
from ecs_tui.ui.commands import BY_ID, COMMANDS, Command
from ecs_tui.ui.navigation import Navigation
from ecs_tui.ui.prompt.prompt import Prompt
from ecs_tui.ui.screen_bars import ScreenBars
from ecs_tui.ui.workspace import ScreenWorkspace

if TYPE_CHECKING:
    from ecs_tui.model.address import Reference
    from ecs_tui.ui.destinations import Destinations

_ERROR_SECONDS = 15.0
_MAX_SHOWN_CHARACTERS = 60
"""Characters of a text without a match that a note repeats."""


class PromptControl:
    """What the main screen does with the prompt's messages.

    Args:
        prompt: The prompt.
        at: The connections and the place shown.
        workspace: Goes to places.
        bars: Path and message show the filter.
        perform: Runs a command.
    """

    def __init__(
        self,
        prompt: Prompt,
        at: Navigation,
        workspace: ScreenWorkspace,
        bars: ScreenBars,
        perform: Callable[[Command], Awaitable[None]],
    ) -> None:
        self._prompt, self._navigation, self._workspace = prompt, at, workspace
        self._bars, self._perform = bars, perform
        self._pages = workspace.pages

    @cached_property
    def _destinations(self) -> Destinations:
        """What `:` offers."""
        from ecs_tui.ui.destinations import Destinations

        # To move is easier by its keys.
        offered = sorted(COMMANDS, key=lambda each: each.group == "Navigation")
        return Destinations(self._navigation, self._workspace.keymap, offered)

    def warm(self) -> bool:
        """Prepare a portion of the names in advance; returns whether more are to be prepared."""
        return self._destinations.warm(busy=self._prompt.is_open)

    def open(self, kind: str) -> None:
        """Open the prompt for a filter (`/`) or a destination (`:`)."""
        if kind == "/":
            self._prompt.open("/", self._pages.table.filter)
            self._count()
        else:
            destinations = self._destinations
            self._prompt.open(":", find=destinations.find(), explain=destinations.explain)

    def _count(self) -> None:
        table = self._pages.table
        self._prompt.show_count(f"{len(table.order)}/{len(table.rows)}")

    def filtered(self, text: str) -> None:
        """Filter while it is typed."""
        self._pages.table.set_filter(text)
        self._count()
        self._bars.draw_path()
        self._bars.draw_message()

    async def chosen(self, event: Prompt.Chosen) -> None:
        """Go to the chosen place, or run the chosen command."""
        self._prompt.unhandled -= 1
        match = event.match
        if match is None:
            text = clean(event.text)
            if len(text) > _MAX_SHOWN_CHARACTERS:
                text = f"{text[:_MAX_SHOWN_CHARACTERS]}…"
            why = self._destinations.explain(event.text)
            words = why or f'No cluster, service, task or command matches "{text}".'
            self._workspace.note(words)
        elif match.reference is not None:
            # A worker: it may wait for AWS, or for the operator.
            self._prompt.screen.run_worker(self._land(match.reference), group="action")
        elif match.place is None:
            await self._perform(BY_ID[match.command])
        else:
            connection = self._workspace.connections.of(match.label)
            self._workspace.go(match.place, connection=connection, select=match.select)

    async def _land(self, reference: Reference) -> None:
        """Go to what a pasted address names, or note why not."""
        from ecs_tui.ui.landing import land

        try:
            await land(self._workspace, reference, self._workspace.context().cluster)
        except EcsTuiError as error:
            self._workspace.note(str(error), _ERROR_SECONDS)

    def closed(self, event: Prompt.Closed) -> None:
        """Return the focus to the page."""
        self._prompt.unhandled -= 1
        if event.kind == "/" and event.dropped:
            self._pages.table.set_filter("")
        self._pages.focus_page()
