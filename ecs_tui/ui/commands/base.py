"""The base class of commands, obstacles that several share, and the text of the help page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from ecs_tui.ui.main_screen import Browser


class Action:
    """One command. The class's docstring is its help text.

    Attributes:
        name: Its name in the go-to line (`:`).
        keys: Textual's names of its keys; the first one is shown.
        shown: The first key as shown; `{prefix}` is replaced with the prefix key.
        title: One or two words for the footer.
        group: Its heading on the help page.
        mutates: Whether it changes something at AWS; read-only mode disables it then.
        footer: Whether the footer shows it.
        asks: Whether it may wait for the operator's answer; it then runs in a worker.
    """

    name: ClassVar[str] = ""
    keys: ClassVar[tuple[str, ...]] = ()
    shown: ClassVar[str] = ""
    title: ClassVar[str] = ""
    group: ClassVar[str] = "Navigation"
    mutates: ClassVar[bool] = False
    footer: ClassVar[bool] = False
    asks: ClassVar[bool] = False

    @property
    def help(self) -> str:
        """The help text: what it does, in a sentence."""
        return (self.__doc__ or "").strip()

    def title_here(self, browser: Browser) -> str:
        """Its title in the footer at the current place."""
        return self.title

    def obstacle(self, browser: Browser) -> str:
        """Why it is not possible here and now, in a sentence, or ""."""
        return ""

    async def run(self, browser: Browser) -> None:
        """Run the command; called only if there is no obstacle."""


def needs_resource(browser: Browser) -> str:
    """The obstacle for a row of a merged list that shows a message instead of a cluster."""
    no_resource = browser.view.merged is not None and not browser.current_cluster()
    return "This row is not an AWS resource." if no_resource else ""


def needs_row(browser: Browser) -> str:
    """The obstacle if no row is selected."""
    return "" if browser.table.current is not None else "No row selected."


def help_text(actions: Iterable[Action], prefix: str) -> str:
    """The text of the help page: all keys by group. `prefix`: the prefix key as shown."""
    actions = list(actions)
    lines: list[str] = []
    for group in dict.fromkeys(action.group for action in actions):
        lines.append(group)
        for action in actions:
            if action.group == group:
                lines.append(f"  {action.shown or ':' + action.name:<12} {action.help}")
        lines.append("")
    return "\n".join(lines).replace("{prefix}", prefix)
