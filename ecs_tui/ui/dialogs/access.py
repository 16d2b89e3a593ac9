"""The access dialog: in which containers a principal can exec, according to IAM."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from ecs_tui.aws.account import Account
from ecs_tui.aws.api.iam import principal_of
from ecs_tui.doctor.access import (
    AccessAnswer,
    AccessChecker,
    access_targets,
    full_principal,
    principal_words,
)
from ecs_tui.errors import EcsTuiError
from ecs_tui.model.arn import partition_of
from ecs_tui.model.identity import Caller
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task
from ecs_tui.model.text import clean
from ecs_tui.ui.dialogs.base import Dialog


class AccessScreen(Dialog[None]):
    """One line for each service, container and tags, with IAM's decision on a principal.

    Below them is the statement that decides the selected line.

    Args:
        checker: Asks IAM and keeps the answers.
        what: The service or cluster, for the title.
        tasks: The tasks to check.
        service: Finds a service by cluster and name.
        caller: The caller's identity, if known.
        account: The account to call.
    """

    DEFAULT_CSS = """
    AccessScreen OptionList { height: 1fr; border: none; padding: 0; background: $surface;
        text-wrap: nowrap; text-overflow: ellipsis;
        &:focus { border: none; }
    }
    AccessScreen #why { height: auto; max-height: 6; border-top: solid $primary; }
    AccessScreen Input { display: none; }
    AccessScreen.-typing Input { display: block; }
    """
    BINDINGS = [
        ("q", "leave", "close"),
        ("j", "down", "down"),
        ("k", "up", "up"),
        ("p", "principal", "another principal"),
        ("m", "me", "me"),
    ]

    def __init__(
        self,
        checker: AccessChecker,
        what: str,
        tasks: Iterable[Task],
        service: Callable[[str, str], Service | None],
        caller: Caller | None,
        account: Account,
    ) -> None:
        super().__init__()
        self._checker, self._what, self._service = checker, clean(what), service
        self._caller, self._account = caller, account
        self._targets = access_targets(tasks)
        self.principal = ""
        self.answers: dict[int, AccessAnswer] = {}
        self._error = ""
        self._head = Static("", classes="title", markup=False)
        self._list = OptionList()
        self._why = Static("", id="why", markup=False)
        self._input = Input(placeholder="role/name, user/name or an ARN", compact=True)

    def compose(self) -> ComposeResult:
        with Vertical(classes="box -tall"):
            yield self._head
            yield self._list
            yield self._why
            yield self._input
            yield Static(
                "j/k move   p check another role or user   m check myself   esc close",
                classes="keys",
                markup=False,
            )

    def on_mount(self) -> None:
        """Check the caller."""
        self._list.focus()
        self._draw()
        self.action_me()

    @work(exclusive=True, group="access")
    async def _ask(self, principal: str) -> None:
        self.answers.clear()
        self._error = ""
        self.principal = principal
        try:
            if not principal:
                caller = self._caller or await self._account.caller(alias=False)
                self.principal = await principal_of(self._account, caller)
            index = {target: number for number, target in enumerate(self._targets)}
            async for access in self._checker.ask(self.principal, self._targets):
                self.answers[index[access.target]] = access
                self._draw()
        except EcsTuiError as error:
            self._error = clean(str(error))
        self._draw()

    def _draw(self) -> None:
        allowed = sum(
            1 for item in self.answers.values() if item.decision and item.decision.allowed
        )
        who = principal_words(self.principal) if self.principal else "…"
        denied = sum(
            1 for item in self.answers.values() if item.decision and not item.decision.allowed
        )
        checked = f"checked {len(self.answers)} of {len(self._targets)}"
        words = f"{allowed} allowed · {denied} denied · {checked}"
        self._head.update(f"Access · {self._what} · {clean(who)}   {words}")
        at = self._list.highlighted
        width = max([len(item.service) for item in self._targets], default=8)
        names = max([len(item.container) for item in self._targets], default=8)
        options = []
        for number, target in enumerate(self._targets):
            sign, style, words = self._verdict(number)
            tags = clean(target.tags) or "▲ untagged: tag-based policies don't match"
            options.append(
                Option(
                    Content.assemble(
                        (f"{sign} ", style),
                        f"{clean(target.service):<{width}}  {clean(target.container):<{names}}  ",
                        (f"{words:<8}", style),
                        f"  {target.tasks:>3} task{'s' if target.tasks > 1 else ' '}  ",
                        (tags, "$text-muted" if target.tags else "$text-warning"),
                    )
                )
            )
        self._list.set_options(options)
        if options:
            self._list.highlighted = min(at or 0, len(options) - 1)
        self._draw_why()

    def _verdict(self, number: int) -> tuple[str, str, str]:
        access = self.answers.get(number)
        if access is None:
            return "◐", "$text-muted", "…"
        if access.decision is None:
            return "?", "$text-warning", "unknown"
        if access.decision.allowed:
            return "●", "$text-success", "allowed"
        return "✖", "$text-error", "denied"

    def _draw_why(self) -> None:
        at = self._list.highlighted
        if self._error or not self._targets or at is None:
            self._why.update(self._error or "No running tasks.")
            return
        target, access = self._targets[at], self.answers.get(at)
        lines = []
        if access is not None:
            lines.append(str(access.decision or access.error))
        if target.untagged:
            service = self._service(target.cluster, target.service)
            if service is not None and service.propagate_tags == "NONE":
                lines.append(
                    f"{service.name} has propagateTags=NONE, so its tasks are untagged. "
                    "Press D on the service for the fix."
                )
        self._why.update("\n".join(clean(line) for line in lines))

    def on_option_list_option_highlighted(self) -> None:
        """Show the reason for the selected line."""
        self._draw_why()

    def action_me(self) -> None:
        """Check the caller."""
        self._ask("")

    def action_principal(self) -> None:
        """Ask for another role or user to check."""
        self.add_class("-typing")
        self._input.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Check the role or user that was typed."""
        self.remove_class("-typing")
        self._list.focus()
        if event.value.strip():
            example = self._targets[0].example if self._targets else ""
            account = example.split(":")[4] if example else ""
            self._ask(full_principal(event.value, account, partition_of(example)))

    def action_leave(self) -> None:
        """Close the input line, else the dialog."""
        if self.has_class("-typing"):
            self.remove_class("-typing")
            self._list.focus()
        else:
            self.dismiss(None)

    def action_down(self) -> None:
        self._list.action_cursor_down()

    def action_up(self) -> None:
        self._list.action_cursor_up()
