"""Commands for navigation: rows, places, filter, sort order, refresh, quit."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ecs_tui.resources import Place
from ecs_tui.ui.commands.base import Action, needs_row

if TYPE_CHECKING:
    from ecs_tui.ui.main_screen import Browser


class Down(Action):
    """Next row."""

    name, keys, shown, title = "down", ("j", "down"), "j", "down"

    async def run(self, browser: Browser) -> None:
        browser.table.move(1)


class Up(Action):
    """Previous row."""

    name, keys, shown, title = "up", ("k", "up"), "k", "up"

    async def run(self, browser: Browser) -> None:
        browser.table.move(-1)


class PageDown(Action):
    """One page down."""

    name, keys, shown, title = "page-down", ("ctrl+f", "pagedown"), "ctrl+f", "page down"

    async def run(self, browser: Browser) -> None:
        browser.table.move(browser.table.page)


class PageUp(Action):
    """One page up."""

    name, keys, shown, title = "page-up", ("ctrl+b", "pageup"), "ctrl+b", "page up"

    async def run(self, browser: Browser) -> None:
        browser.table.move(-browser.table.page)


class Top(Action):
    """First row."""

    name, keys, shown, title = "top", ("g", "home"), "g", "top"

    async def run(self, browser: Browser) -> None:
        browser.table.move(-len(browser.table.order))


class Bottom(Action):
    """Last row."""

    name, keys, shown, title = "bottom", ("G", "end"), "G", "bottom"

    async def run(self, browser: Browser) -> None:
        browser.table.move(len(browser.table.order))


class Open(Action):
    """Open the selected row (details, on a container)."""

    name, keys, shown, title, footer = "open", ("enter", "l", "right"), "enter", "open", True

    def obstacle(self, browser: Browser) -> str:
        return needs_row(browser)

    async def run(self, browser: Browser) -> None:
        place = browser.view.enter(browser.place, browser.table.current)
        if place is None:
            browser.toggle_details(True)
        else:
            browser.go(place, connection=browser.current_connection())


class Back(Action):
    """Clear the filter, close the details, or go back."""

    name, keys, shown, title = "back", ("escape", "h", "left"), "esc", "back"

    async def run(self, browser: Browser) -> None:
        browser.back()


class Filter(Action):
    """Filter rows by text or column:value (e.g. exec:off)."""

    name, keys, shown, title, footer = "filter", ("slash",), "/", "filter", True

    async def run(self, browser: Browser) -> None:
        browser.open_prompt("/")


class GoTo(Action):
    """Go to a cluster, service or task, or run a command."""

    name, keys, shown, title, footer = "goto", ("colon",), ":", "go to", True

    async def run(self, browser: Browser) -> None:
        browser.open_prompt(":")


class Sort(Action):
    """Sort by the next column (or click a column title)."""

    name, keys, shown, title = "sort", ("o",), "o", "sort"

    async def run(self, browser: Browser) -> None:
        columns = list(browser.view.columns)
        now = browser.table.sort_key or columns[0].key
        at = next((i for i, c in enumerate(columns) if c.key == now), 0)
        browser.table.sort_by(columns[(at + 1) % len(columns)].key)


class SortReverse(Action):
    """Reverse the sort order."""

    name, keys, shown, title = "reverse", ("O",), "O", "reverse"

    async def run(self, browser: Browser) -> None:
        browser.table.sort_by(browser.table.sort_key or browser.view.columns[0].key)


class Stopped(Action):
    """Toggle stopped / running tasks."""

    name, keys, shown, title, footer = "stopped", ("x",), "x", "stopped", True

    def title_here(self, browser: Browser) -> str:
        """The tasks that the key switches to."""
        return "running" if browser.place.stopped else self.title

    def obstacle(self, browser: Browser) -> str:
        return "" if browser.place.view == "tasks" else "Available in the task list only."

    async def run(self, browser: Browser) -> None:
        browser.go(browser.place.with_stopped(not browser.place.stopped), replace=True)


class _Jump(Action):
    view: ClassVar[str] = ""

    def obstacle(self, browser: Browser) -> str:
        return "" if browser.current_cluster() else "Select a cluster first."

    async def run(self, browser: Browser) -> None:
        browser.go(
            Place(self.view, cluster=browser.current_cluster()),
            connection=browser.current_connection(),
        )


class AllTasks(_Jump):
    """List all tasks in the cluster, including standalone tasks."""

    name, keys, shown, title, view = "tasks", ("N",), "N", "all tasks", "tasks"


class Instances(_Jump):
    """List container instances."""

    name, keys, shown, title, view = "instances", ("n",), "n", "instances", "instances"


class Services(_Jump):
    """List this cluster's services."""

    name, title, view = "services", "services", "services"


class Clusters(Action):
    """List clusters."""

    name, title = "clusters", "clusters"

    async def run(self, browser: Browser) -> None:
        browser.go(Place(), connection=browser.current_connection())


class Refresh(Action):
    """Refresh now."""

    name, keys, shown, title = "refresh", ("r",), "r", "refresh"

    async def run(self, browser: Browser) -> None:
        browser.ask_again()


class Quit(Action):
    """Quit (asks if shells are open)."""

    name, keys, shown, title = "quit", ("q", "ctrl+c"), "q", "quit"

    async def run(self, browser: Browser) -> None:
        browser.leave()


class Suspend(Action):
    """Suspend ecs-tui to the terminal's shell; `fg` continues it."""

    name, keys, shown, title = "suspend", ("ctrl+z",), "ctrl+z", "suspend"

    async def run(self, browser: Browser) -> None:
        browser.app.action_suspend_process()


BROWSE: tuple[Action, ...] = (
    Down(), Up(), PageDown(), PageUp(), Top(), Bottom(), Open(), Back(), Filter(), GoTo(), Sort(),
    SortReverse(), Stopped(), Clusters(), Services(), AllTasks(), Instances(), Refresh(), Suspend(), Quit(),
)  # fmt: skip
