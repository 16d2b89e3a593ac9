"""The tab with the task definition of a service, as AWS describes it."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import ecs
from ecs_tui.errors import EcsTuiError
from ecs_tui.model.arn import short_name
from ecs_tui.model.service import Service
from ecs_tui.model.text import clean
from ecs_tui.ui.dialogs.text_body import TextBody
from ecs_tui.ui.pages.base import Visiting

_WAITING = "◐ Loading…"


class DefinitionTab(Vertical):
    """Shows one revision. A revision never changes, so it is read once.

    Another one is shown when the tab is opened again or refreshed, never under the reader's eyes.
    """

    DEFAULT_CSS = "DefinitionTab { padding: 0 1; }"
    own_keys = "text"

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self.body = TextBody("task definition")
        self._shown = ""
        self._failed = False
        self._again = False
        body = self.body
        self._actions: dict[str, Callable[[], None]] = {
            "dialog-down": lambda: body.move(1),
            "dialog-up": lambda: body.move(-1),
            "viewer-page-down": lambda: body.page(1),
            "viewer-page-up": lambda: body.page(-1),
            "viewer-half-down": lambda: body.half(1),
            "viewer-half-up": lambda: body.half(-1),
            "viewer-top": body.top,
            "viewer-bottom": body.bottom,
            "dialog-copy": body.copy,
            "raw-format": body.turn,
            "text-search": body.search,
            "text-only": body.choose_lines,
            "text-next": lambda: body.hit(1),
            "text-previous": lambda: body.hit(-1),
            "text-wrap": body.wrap,
            "text-save": body.save,
            "text-editor": body.edit,
        }

    def compose(self) -> ComposeResult:
        yield self.body

    @property
    def scroller(self) -> VerticalScroll:
        """The text."""
        return self.body.scroller

    def press(self, command: str, key: str = "") -> None:
        """Do what one of the keys of a text does."""
        self._actions[command]()

    def forget(self) -> None:
        """Another service is shown: forget the revision."""
        self._shown, self._failed = "", False
        self.workers.cancel_node(self)
        self.body.entitle("task definition")
        self.body.show("")
        self.body.top()

    def show(self, at: Visiting, service: Service | None) -> None:
        """Show the revision that the service has now, or name it if another one is being read."""
        if service is not None:
            again, self._again = self._again, False
            self.show_revision(at.connection.account, service.task_definition, again=again)

    def refresh_now(self) -> None:
        """Show the revision that the service has then."""
        self._again = True

    def show_revision(self, account: Account, arn: str, *, again: bool = False) -> None:
        """Show a revision, unless one of this service is shown already.

        Args:
            account: The account that has it.
            arn: The task definition that the service has now.
            again: Whether to show it in place of another one, or of an error.
        """
        if arn and arn != self._shown and (again or not self._shown):
            if not self._shown:
                self.body.show(_WAITING)
            self._shown = arn
            self.body.entitle(f"task definition {clean(short_name(arn))}")
            self.run_worker(self._fetch(account, arn), group="definition", exclusive=True)
        elif arn and again and self._failed:
            self.run_worker(self._fetch(account, arn), group="definition", exclusive=True)
        elif arn and arn != self._shown:
            now = f"the service has {clean(short_name(arn))} now"
            self.body.entitle(f"task definition {clean(short_name(self._shown))}   {now}")

    async def _fetch(self, account: Account, arn: str) -> None:
        self._failed = False
        try:
            answer = await ecs.raw_description(account, "task-definition", "", arn)
        except EcsTuiError as error:
            self._failed = True
            self.body.show(f"✖ {error}")
        else:
            self.body.show_answer(answer)
