"""What an action is: its keys, its words, whether it is possible here, and what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from ecs_tui.ui.screens.browser import Browser


class Action:
    """One deed. The class's docstring is its help text.

    Attributes:
        name: As `:` knows it.
        keys: Textual's names of its keys; the first is shown.
        shown: How the first key is written; `{prefix}` stands for the prefix.
        title: One or two words for the footer.
        group: Under which heading the help page lists it.
        mutates: Whether it changes something at AWS.
        footer: Whether the footer shows it.
        asks: Whether it may wait for an answer of the operator.
    """

    name: ClassVar[str] = ""
    keys: ClassVar[tuple[str, ...]] = ()
    shown: ClassVar[str] = ""
    title: ClassVar[str] = ""
    group: ClassVar[str] = "Move"
    mutates: ClassVar[bool] = False
    footer: ClassVar[bool] = False
    asks: ClassVar[bool] = False

    @property
    def help(self) -> str:
        """What it does, in a sentence."""
        return (self.__doc__ or "").strip()

    def title_here(self, browser: Browser) -> str:
        """Its title in the footer, at the place where one is."""
        return self.title

    def obstacle(self, browser: Browser) -> str:
        """Why it is not possible here and now, or ""."""
        return ""

    async def run(self, browser: Browser) -> None:
        """Do it."""


def needs_row(browser: Browser) -> str:
    """The obstacle of actions that work on the selected row."""
    return "" if browser.table.current is not None else "Nothing is selected."
