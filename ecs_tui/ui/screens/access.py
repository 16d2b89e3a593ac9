"""Who may exec where: each place of a cluster, and what IAM says for a principal."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from ecs_tui.aws.account import Account
from ecs_tui.aws.iam import principal_of
from ecs_tui.doctor.access import Access, AccessBook, full_principal, places, principal_words
from ecs_tui.errors import EcsTuiError
from ecs_tui.model.arn import partition_of
from ecs_tui.model.identity import Caller
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task
from ecs_tui.model.words import clean
from ecs_tui.ui.screens.modal import Box


class AccessScreen(Box[None]):
    """A matrix: service, container, tags, and the decision with the statement behind it.

    Args:
        book: Asks IAM and remembers.
        what: The service or cluster, for the title.
        tasks: The tasks that are looked at.
        service: Finds a service by cluster and name.
        caller: Who the caller is, if known.
        account: The account.
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
        book: AccessBook,
        what: str,
        tasks: Iterable[Task],
        service: Callable[[str, str], Service | None],
        caller: Caller | None,
        account: Account,
    ) -> None:
        super().__init__()
        self._book, self._what, self._service = book, clean(what), service
        self._caller, self._account = caller, account
        self._places = places(tasks)
        self.principal = ""
        self.answers: dict[int, Access] = {}
        self._error = ""
        self._head = Static("", classes="title", markup=False)
        self._list = OptionList()
        self._why = Static("", id="why", markup=False)
        self._input = Input(placeholder="role/name, user/name or an ARN", compact=True)

    def compose(self) -> ComposeResult:
        """Title, matrix, the reason, keys."""
        with Vertical(classes="box -tall"):
            yield self._head
            yield self._list
            yield self._why
            yield self._input
            yield Static(
                "j/k move   p another role or user   m me   esc close", classes="keys", markup=False
            )

    def on_mount(self) -> None:
        """Ask for the caller."""
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
            index = {place: number for number, place in enumerate(self._places)}
            async for access in self._book.ask(self.principal, self._places):
                self.answers[index[access.place]] = access
                self._draw()
        except EcsTuiError as error:
            self._error = clean(str(error))
        self._draw()

    def _draw(self) -> None:
        allowed = sum(
            1 for item in self.answers.values() if item.decision and item.decision.allowed
        )
        who = principal_words(self.principal) if self.principal else "…"
        asked = f"{len(self.answers)} of {len(self._places)} asked"
        self._head.update(f"Access · {self._what} · {clean(who)}   {allowed} allowed   {asked}")
        at = self._list.highlighted
        width = max([len(item.service) for item in self._places], default=8)
        names = max([len(item.container) for item in self._places], default=8)
        options = []
        for number, place in enumerate(self._places):
            sign, style, words = self._verdict(number)
            tags = clean(place.tags) or "▲ no tags: no policy by tag reaches it"
            options.append(
                Option(
                    Content.assemble(
                        (f"{sign} ", style),
                        f"{clean(place.service):<{width}}  {clean(place.container):<{names}}  ",
                        (f"{words:<8}", style),
                        f"  {place.tasks:>3} task{'s' if place.tasks > 1 else ' '}  ",
                        (tags, "$text-muted" if place.tags else "$text-warning"),
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
        if self._error or not self._places or at is None:
            self._why.update(self._error or "There is no running task here.")
            return
        place, access = self._places[at], self.answers.get(at)
        lines = []
        if access is not None:
            lines.append(str(access.decision or access.error))
        if place.untagged:
            service = self._service(place.cluster, place.service)
            if service is not None and service.propagate_tags == "NONE":
                lines.append(
                    f"{service.name} has propagateTags NONE: its tasks start without tags. "
                    "D on it offers the cure."
                )
        self._why.update("\n".join(clean(line) for line in lines))

    def on_option_list_option_highlighted(self) -> None:
        """The reason follows the cursor."""
        self._draw_why()

    def action_me(self) -> None:
        """For the caller."""
        self._ask("")

    def action_principal(self) -> None:
        """For another role or user."""
        self.add_class("-typing")
        self._input.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Ask for that one."""
        self.remove_class("-typing")
        self._list.focus()
        if event.value.strip():
            example = self._places[0].example if self._places else ""
            account = example.split(":")[4] if example else ""
            self._ask(full_principal(event.value, account, partition_of(example)))

    def action_leave(self) -> None:
        """Close the line, else the view."""
        if self.has_class("-typing"):
            self.remove_class("-typing")
            self._list.focus()
        else:
            self.dismiss(None)

    def action_down(self) -> None:
        """One down."""
        self._list.action_cursor_down()

    def action_up(self) -> None:
        """One up."""
        self._list.action_cursor_up()
