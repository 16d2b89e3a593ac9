"""Commands for navigation: rows, places, filter, sort order, marks, refresh, quit."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from ecs_tui.config.key_text import KeyText
from ecs_tui.resources import Place
from ecs_tui.resources.service_page import TABS, tab_places
from ecs_tui.ui.commands.base import Command
from ecs_tui.ui.context import Context, Workspace


class Down(Command):
    """Next row."""

    id, title = "down", "down"

    async def run(self, context: Context, workspace: Workspace) -> None:
        workspace.table.move(1)


class Up(Command):
    """Previous row."""

    id, title = "up", "up"

    async def run(self, context: Context, workspace: Workspace) -> None:
        workspace.table.move(-1)


class PageDown(Command):
    """One page down."""

    id, title = "page-down", "page down"

    async def run(self, context: Context, workspace: Workspace) -> None:
        workspace.table.move(workspace.table.page)


class PageUp(Command):
    """One page up."""

    id, title = "page-up", "page up"

    async def run(self, context: Context, workspace: Workspace) -> None:
        workspace.table.move(-workspace.table.page)


class HalfPageDown(Command):
    """Half a page down."""

    id, title = "half-page-down", "half down"

    async def run(self, context: Context, workspace: Workspace) -> None:
        workspace.table.move(max(1, workspace.table.page // 2))


class HalfPageUp(Command):
    """Half a page up."""

    id, title = "half-page-up", "half up"

    async def run(self, context: Context, workspace: Workspace) -> None:
        workspace.table.move(-max(1, workspace.table.page // 2))


class Top(Command):
    """First row."""

    id, title = "top", "top"

    async def run(self, context: Context, workspace: Workspace) -> None:
        workspace.table.move(-len(workspace.table.order))


class Bottom(Command):
    """Last row."""

    id, title = "bottom", "bottom"

    async def run(self, context: Context, workspace: Workspace) -> None:
        workspace.table.move(len(workspace.table.order))


class Open(Command):
    """Open the selected row (details, on a container)."""

    id, title, footer, needs_row = "open", "open", True, True

    def obstacle(self, context: Context) -> str:
        leads = context.resource.enter(context.place, context.row) is not None
        opens_details = context.listed and not context.details_pinned
        return "" if leads or opens_details else "There is nothing to open here."

    async def run(self, context: Context, workspace: Workspace) -> None:
        place = context.resource.enter(context.place, context.row)
        if place is None:
            workspace.toggle_details(True)
        else:
            workspace.go(place, connection=context.connection)


class Back(Command):
    """Clear the filter, clear the marks, close the details, or go back, past tabs that were turned."""

    id, title = "back", "back"

    async def run(self, context: Context, workspace: Workspace) -> None:
        workspace.go_back()


class PlaceBefore(Command):
    """Go to the place before this one."""

    id, title = "place-before", "before"

    async def run(self, context: Context, workspace: Workspace) -> None:
        workspace.step(-1)


class PlaceAfter(Command):
    """Go to the place after this one, from which you came back."""

    id, title = "place-after", "after"

    async def run(self, context: Context, workspace: Workspace) -> None:
        workspace.step(1)


class _Turn(Command):
    """A command that shows another tab of the page."""

    group = "Places"

    def obstacle(self, context: Context) -> str:
        return "" if tab_places(context.place) else "There are no tabs here: open a service first."

    def _go(self, context: Context, workspace: Workspace, number: int) -> None:
        """Go to the tab with this number, from 0; nothing if it is the one that is shown."""
        place = tab_places(context.place)[number]
        if place.view != context.place.view:
            workspace.turn(place)


class NextTab(_Turn):
    """Next tab of the service's page; after the last one the first."""

    id, title, footer = "next-tab", "next tab", True
    step: ClassVar[int] = 1

    async def run(self, context: Context, workspace: Workspace) -> None:
        self._go(context, workspace, (TABS.index(context.place.view) + self.step) % len(TABS))


class PreviousTab(NextTab):
    """Previous tab of the service's page."""

    id, title, footer, step = "previous-tab", "previous tab", False, -1


class TabNumber(_Turn):
    """That tab of the service's page, counted from the left."""

    id, title = "tab-number", "tab"

    def obstacle(self, context: Context) -> str:
        if context.settings.keymap.position(self.id, context.key) is None:
            return KeyText("Press the key of a tab: {next-tab} shows the next one.")
        return super().obstacle(context)

    async def run(self, context: Context, workspace: Workspace) -> None:
        """Its first key shows the first tab, and so on."""
        number = workspace.keymap.position(self.id, context.key) or 0
        if number < len(TABS):
            self._go(context, workspace, number)
        else:
            workspace.note(f"There are only {len(TABS)} tabs.")


class Filter(Command):
    """Filter rows: text, column:value, tag:key=value; ! inverts, ~ is a regular expression."""

    id, title, footer, in_lists = "filter", "filter", True, True

    async def run(self, context: Context, workspace: Workspace) -> None:
        workspace.open_prompt("/")


class GoTo(Command):
    """Go to a cluster, service or task, or run a command."""

    id, title, footer = "goto", "go to", True

    async def run(self, context: Context, workspace: Workspace) -> None:
        workspace.open_prompt(":")


class _Mark(Command):
    group, in_lists = "Lists", True
    needs_row = True


class Mark(_Mark):
    """Mark the row, or unmark it; commands then act on all marked rows."""

    id, title = "mark", "mark"

    async def run(self, context: Context, workspace: Workspace) -> None:
        workspace.table.mark()


class MarkRange(_Mark):
    """Mark the rows from the last marked one to here."""

    id, title = "mark-range", "mark to here"

    async def run(self, context: Context, workspace: Workspace) -> None:
        workspace.table.mark_range()


class MarkAll(_Mark):
    """Mark all rows shown, or unmark them."""

    id, title = "mark-all", "mark all"

    async def run(self, context: Context, workspace: Workspace) -> None:
        workspace.table.mark_all()


class Sort(Command):
    """Sort by the next column shown (or click a column title); after the last one, worst first."""

    id, title, group, in_lists = "sort", "sort", "Lists", True

    async def run(self, context: Context, workspace: Workspace) -> None:
        """Before the first column and after the last one is the resource's own order."""
        orders = ["", *workspace.table.shown_columns]
        now = workspace.table.sort_key
        at = orders.index(now) if now in orders else 0
        workspace.table.sort_by(orders[(at + 1) % len(orders)])


class SortReverse(Command):
    """Reverse the sort order."""

    id, title, group, in_lists = "reverse", "reverse", "Lists", True

    async def run(self, context: Context, workspace: Workspace) -> None:
        workspace.table.sort_by(workspace.table.sort_key)


class SortColumn(Command):
    """Sort by that column, counted from the left; again: reverse the order."""

    id, title, group, in_lists = "sort-column", "sort by column", "Lists", True

    def obstacle(self, context: Context) -> str:
        if context.settings.keymap.position(self.id, context.key) is None:
            return KeyText("Press the key of a column: {sort} sorts by the next one.")
        return ""

    async def run(self, context: Context, workspace: Workspace) -> None:
        """Its first key sorts by the first column, and so on."""
        columns = workspace.table.shown_columns
        number = workspace.keymap.position(self.id, context.key) or 0
        if number < len(columns):
            workspace.table.sort_by(columns[number])
        else:
            workspace.note(f"Only {len(columns)} columns are shown.")


class Wide(Command):
    """Show more columns, each narrower, or fewer again."""

    id, title, group, in_lists = "wide", "wide", "Lists", True

    async def run(self, context: Context, workspace: Workspace) -> None:
        wide = workspace.table.toggle_wide()
        workspace.note("As many columns as fit." if wide else "Columns as wide as their text.")


class Refresh(Command):
    """Refresh now."""

    id, title, group = "refresh", "refresh", "Lists"

    async def run(self, context: Context, workspace: Workspace) -> None:
        workspace.refresh_now()


class Stopped(Command):
    """Toggle stopped / running tasks."""

    id, title, footer, group = "stopped", "stopped", True, "Places"
    fits = ("tasks", "stopped-tasks")
    misfit = "Available in the task list only."

    def title_here(self, context: Context) -> str:
        """The tasks that the key switches to."""
        return "running" if self._stopped(context) else self.title

    async def run(self, context: Context, workspace: Workspace) -> None:
        place = replace(context.place, view="tasks", stopped=not self._stopped(context))
        workspace.toggle(place)

    @staticmethod
    def _stopped(context: Context) -> bool:
        return context.resource.name == "stopped-tasks"


class _Jump(Command):
    group = "Places"
    view: ClassVar[str] = ""

    def obstacle(self, context: Context) -> str:
        return "" if context.cluster else "Select a cluster first."

    async def run(self, context: Context, workspace: Workspace) -> None:
        workspace.go(Place(self.view, cluster=context.cluster), connection=context.connection)


class AllTasks(_Jump):
    """List all tasks in the cluster, including standalone tasks."""

    id, title, view = "tasks", "all tasks", "tasks"


class Instances(_Jump):
    """List container instances."""

    id, title, view = "instances", "instances", "instances"


class Services(_Jump):
    """List this cluster's services."""

    id, title, view = "services", "services", "services"


class Clusters(Command):
    """List clusters."""

    id, title, group = "clusters", "clusters", "Places"

    async def run(self, context: Context, workspace: Workspace) -> None:
        workspace.go(Place(), connection=context.connection)


class Help(Command):
    """Show the keys."""

    id, title, footer, group = "help", "help", True, "Screen"

    async def run(self, context: Context, workspace: Workspace) -> None:
        await workspace.show_help(context)


class Header(Command):
    """Change the header: a block (on a large screen), one line, nothing."""

    id, title, group = "header", "header", "Screen"

    async def run(self, context: Context, workspace: Workspace) -> None:
        workspace.toggle_header()


class Suspend(Command):
    """Suspend ecs-tui to the terminal's shell; `fg` continues it."""

    id, title, group = "suspend", "suspend", "Screen"

    async def run(self, context: Context, workspace: Workspace) -> None:
        workspace.suspend()


class Quit(Command):
    """Quit (asks if shells are open)."""

    id, title, group, footer = "quit", "quit", "Screen", True

    async def run(self, context: Context, workspace: Workspace) -> None:
        workspace.leave()


BROWSE: tuple[Command, ...] = (
    Down(), Up(), PageDown(), PageUp(), HalfPageDown(), HalfPageUp(), Top(), Bottom(), Open(), Back(),
    PlaceBefore(), PlaceAfter(), Filter(), GoTo(), Clusters(), Services(), AllTasks(), Instances(),
    Stopped(), NextTab(), PreviousTab(), TabNumber(), Mark(), MarkRange(), MarkAll(), Sort(), SortReverse(), SortColumn(), Wide(), Refresh(),
)  # fmt: skip
SCREEN: tuple[Command, ...] = (Help(), Header(), Suspend(), Quit())
