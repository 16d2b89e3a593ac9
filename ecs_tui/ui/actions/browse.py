"""Moving about: rows, places, filter, sort."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ecs_tui.ui.actions.base import Action, needs_row
from ecs_tui.ui.views import Place

if TYPE_CHECKING:
    from ecs_tui.ui.screens.browser import Browser


class Down(Action):
    """Next row."""

    name, keys, shown, title = "down", ("j", "down"), "j", "down"

    async def run(self, browser: Browser) -> None:
        """One row down."""
        browser.table.move(1)


class Up(Action):
    """Previous row."""

    name, keys, shown, title = "up", ("k", "up"), "k", "up"

    async def run(self, browser: Browser) -> None:
        """One row up."""
        browser.table.move(-1)


class PageDown(Action):
    """One page down."""

    name, keys, shown, title = "page-down", ("ctrl+f", "pagedown"), "ctrl+f", "page down"

    async def run(self, browser: Browser) -> None:
        """One page down."""
        browser.table.move(browser.table.page)


class PageUp(Action):
    """One page up."""

    name, keys, shown, title = "page-up", ("ctrl+b", "pageup"), "ctrl+b", "page up"

    async def run(self, browser: Browser) -> None:
        """One page up."""
        browser.table.move(-browser.table.page)


class Top(Action):
    """First row."""

    name, keys, shown, title = "top", ("g", "home"), "g", "top"

    async def run(self, browser: Browser) -> None:
        """To the first row."""
        browser.table.move(-len(browser.table.order))


class Bottom(Action):
    """Last row."""

    name, keys, shown, title = "bottom", ("G", "end"), "G", "bottom"

    async def run(self, browser: Browser) -> None:
        """To the last row."""
        browser.table.move(len(browser.table.order))


class Open(Action):
    """Go into the selected row; on a container, open its details."""

    name, keys, shown, title, footer = "open", ("enter", "l", "right"), "enter", "open", True

    def obstacle(self, browser: Browser) -> str:
        """It needs a row."""
        return needs_row(browser)

    async def run(self, browser: Browser) -> None:
        """Go in."""
        place = browser.view.enter(browser.place, browser.table.current)
        if place is None:
            browser.toggle_details(True)
        else:
            browser.go(place, home=browser.current_home())


class Back(Action):
    """Clear the filter, close the details, else go back to where you came from."""

    name, keys, shown, title = "back", ("escape", "h", "left"), "esc", "back"

    async def run(self, browser: Browser) -> None:
        """One step back."""
        browser.back()


class Filter(Action):
    """Filter the list: words anywhere in a row, or column:value, for example shell:no."""

    name, keys, shown, title, footer = "filter", ("slash",), "/", "filter", True

    async def run(self, browser: Browser) -> None:
        """Open the filter line."""
        browser.open_prompt("/")


class GoTo(Action):
    """Go to a resource (cluster, service, task) or run an action, by name."""

    name, keys, shown, title, footer = "goto", ("colon",), ":", "go to", True

    async def run(self, browser: Browser) -> None:
        """Open the go-to line."""
        browser.open_prompt(":")


class Sort(Action):
    """Sort by the next column; a click on a title chooses one."""

    name, keys, shown, title = "sort", ("o",), "o", "sort"

    async def run(self, browser: Browser) -> None:
        """The next column."""
        columns = list(browser.view.columns)
        now = browser.table.sort_key or columns[0].key
        at = next((i for i, c in enumerate(columns) if c.key == now), 0)
        browser.table.sort_by(columns[(at + 1) % len(columns)].key)


class SortReverse(Action):
    """Turn the order of the sort round."""

    name, keys, shown, title = "reverse", ("O",), "O", "reverse"

    async def run(self, browser: Browser) -> None:
        """The same column, the other way."""
        browser.table.sort_by(browser.table.sort_key or browser.view.columns[0].key)


class Stopped(Action):
    """Show stopped tasks instead of running ones, and back."""

    name, keys, shown, title, footer = "stopped", ("x",), "x", "stopped", True

    def title_here(self, browser: Browser) -> str:
        """What the key leads to."""
        return "running" if browser.place.stopped else self.title

    def obstacle(self, browser: Browser) -> str:
        """Only where tasks are listed."""
        return "" if browser.place.view == "tasks" else "Only tasks can be stopped or running."

    async def run(self, browser: Browser) -> None:
        """The other ones."""
        browser.go(browser.place.with_stopped(not browser.place.stopped), replace=True)


class _Jump(Action):
    view: ClassVar[str] = ""

    def obstacle(self, browser: Browser) -> str:
        """It needs a cluster."""
        return "" if browser.current_cluster() else "Choose a cluster first."

    async def run(self, browser: Browser) -> None:
        """Go there."""
        browser.go(Place(self.view, cluster=browser.current_cluster()))


class AllTasks(_Jump):
    """All tasks of the cluster, also those without a service."""

    name, keys, shown, title, view = "tasks", ("N",), "N", "all tasks", "tasks"


class Instances(_Jump):
    """The container instances of the cluster."""

    name, keys, shown, title, view = "instances", ("n",), "n", "instances", "instances"


class Services(_Jump):
    """The services of the cluster."""

    name, title, view = "services", "services", "services"


class Clusters(Action):
    """All clusters."""

    name, title = "clusters", "clusters"

    async def run(self, browser: Browser) -> None:
        """Go there."""
        browser.go(Place())


class Refresh(Action):
    """Ask AWS again now."""

    name, keys, shown, title = "refresh", ("r",), "r", "refresh"

    async def run(self, browser: Browser) -> None:
        """Ask again."""
        browser.ask_again()


class Quit(Action):
    """Leave; open shells are asked about and ended."""

    name, keys, shown, title = "quit", ("q", "ctrl+c"), "q", "quit"

    async def run(self, browser: Browser) -> None:
        """Leave."""
        browser.leave()


class Suspend(Action):
    """Suspend ecs-tui to the terminal's shell; `fg` continues it."""

    name, keys, shown, title = "suspend", ("ctrl+z",), "ctrl+z", "suspend"

    async def run(self, browser: Browser) -> None:
        """Stop this job."""
        browser.app.action_suspend_process()


BROWSE: tuple[Action, ...] = (
    Down(), Up(), PageDown(), PageUp(), Top(), Bottom(), Open(), Back(), Filter(), GoTo(), Sort(),
    SortReverse(), Stopped(), Clusters(), Services(), AllTasks(), Instances(), Refresh(), Suspend(), Quit(),
)  # fmt: skip
