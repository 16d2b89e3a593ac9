"""Looking closer: details, raw description, events, deployments, definition, help, copy."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ecs_tui.ui.actions.base import Action, needs_row
from ecs_tui.ui.screens.help import HelpScreen
from ecs_tui.ui.screens.text import TextScreen
from ecs_tui.ui.texts import definition_source, deployments_text, events_text, raw_source

if TYPE_CHECKING:
    from ecs_tui.ui.screens.browser import Browser


class _OnRow(Action):
    group = "Look"

    def obstacle(self, browser: Browser) -> str:
        """It needs a row."""
        return needs_row(browser)


class Describe(_OnRow):
    """Show or hide every fact about the selected row."""

    name, keys, shown, title, footer = "describe", ("d",), "d", "details", True

    async def run(self, browser: Browser) -> None:
        """The other way round."""
        browser.toggle_details()


class _Scroll(Action):
    group = "Look"
    direction: ClassVar[int] = 1

    def obstacle(self, browser: Browser) -> str:
        """They must be shown."""
        return "" if browser.details_open else "The details are closed; d opens them."

    async def run(self, browser: Browser) -> None:
        """Half a page."""
        browser.scroll_details(self.direction)


class DetailsDown(_Scroll):
    """Scroll the details down."""

    name, keys, shown, title = "details-down", ("J",), "J", "scroll"
    footer = True


class DetailsUp(_Scroll):
    """Scroll the details up."""

    name, keys, shown, title, direction = "details-up", ("K",), "K", "scroll up", -1


class Raw(_OnRow):
    """AWS's own description as JSON; y again turns it to YAML."""

    name, keys, shown, title, footer = "raw", ("y",), "y", "raw", True

    async def run(self, browser: Browser) -> None:
        """Fetch and show it."""
        title, fetch = raw_source(browser)
        await browser.app.push_screen(TextScreen(title, fetch, raw=True))


class _OnService(Action):
    group = "Look"

    def obstacle(self, browser: Browser) -> str:
        """It needs a service."""
        return "" if browser.current_service() else "Choose a service first."


class Events(_OnService):
    """The service's last events."""

    name, keys, shown, title, footer = "events", ("w",), "w", "events", True

    async def run(self, browser: Browser) -> None:
        """Show them."""
        service = browser.current_service()
        if service is not None:
            text = events_text(service)
            await browser.app.push_screen(TextScreen(f"Events of {service.name}", text))


class Deployments(_OnService):
    """The service's deployments."""

    name, keys, shown, title = "deployments", ("p",), "p", "deployments"

    async def run(self, browser: Browser) -> None:
        """Show them."""
        service = browser.current_service()
        if service is not None:
            text = deployments_text(service)
            await browser.app.push_screen(TextScreen(f"Deployments of {service.name}", text))


class Definition(_OnRow):
    """The task definition of the selected row as JSON."""

    name, keys, shown, title = "definition", ("t",), "t", "definition"

    def obstacle(self, browser: Browser) -> str:
        """It needs a row with a task definition."""
        return "" if browser.current_definition() else "This row has no task definition."

    async def run(self, browser: Browser) -> None:
        """Fetch and show it."""
        title, fetch = definition_source(browser)
        await browser.app.push_screen(TextScreen(title, fetch, raw=True))


class Copy(_OnRow):
    """Copy the ARN of the selected row to the clipboard."""

    name, keys, shown, title = "copy", ("c",), "c", "copy"

    async def run(self, browser: Browser) -> None:
        """By OSC 52 of the outer terminal."""
        arn = browser.view.key(browser.table.current)
        browser.app.copy_to_clipboard(arn)
        browser.note(f"Copied {arn}")


class Help(Action):
    """All keys and what they do."""

    name, keys, shown, title, footer, group = "help", ("question_mark",), "?", "help", True, "Look"

    async def run(self, browser: Browser) -> None:
        """Show the page."""
        await browser.app.push_screen(HelpScreen(browser.help_text()))


LOOK: tuple[Action, ...] = (
    Describe(), DetailsDown(), DetailsUp(), Raw(), Events(), Deployments(), Definition(), Copy(), Help(),
)  # fmt: skip
