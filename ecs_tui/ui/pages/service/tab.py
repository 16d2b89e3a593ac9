"""What a tab of a service's page has that is no list. `ui/pages/service/page.py` shows it."""

from __future__ import annotations

from typing import Protocol

from textual.containers import VerticalScroll

from ecs_tui.model.service import Service
from ecs_tui.ui.pages.base import Visiting


class ServiceTab(Protocol):
    """A tab, which is a widget besides: one with its own text or drawing about the service."""

    @property
    def own_keys(self) -> str:
        """The name of its own keys in `PAGE_KEYS` of config/keymap.py; they come first. "" for none."""

    @property
    def scroller(self) -> VerticalScroll:
        """What scrolls, and has the focus while the tab is shown."""

    def show(self, at: Visiting, service: Service | None) -> None:
        """Show the service as it is now.

        Called when the tab is opened, and at least once a second while it is shown.

        Args:
            at: The connection and the place.
            service: The service, None while it is not loaded.
        """

    def refresh_now(self) -> None:
        """Read again at the next `show` what the tab reads itself; called too when it is opened."""

    def forget(self) -> None:
        """Another service is shown from now on: forget what was read, and scroll to the top."""

    def press(self, command: str, key: str = "") -> None:
        """Do what one of its own keys does.

        Args:
            command: The id of the key.
            key: Textual's name of it, for ids whose keys mean different things.
        """
