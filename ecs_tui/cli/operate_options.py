"""The options that the verbs share which change something, and how such a verb gets its account.

It imports nothing heavy: the command line reads it at every start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypedDict

import click

if TYPE_CHECKING:
    from ecs_tui.aws.account import Account
    from ecs_tui.config.settings import Settings
    from ecs_tui.model.reference import Reference

FORMS = ("text", "json")
STATUSES = """\b
Exit status: 0 done, or accepted with --no-wait; 1 refused, failed, answered no, or not found;
2 wrong usage, or not confirmed; 3 a call to AWS failed, or the outcome is unknown."""


class AccountSource(Protocol):
    """How the program was called: gives the account of an ARN or URL, or the default one."""

    @property
    def settings(self) -> Settings:
        """The settings, with all flags applied."""

    def account(self, reference: Reference | None = None) -> Account:
        """The account to call."""


OPERATE_PARAMETERS: tuple[click.Parameter, ...] = (
    click.Option(["--yes", "-y"], is_flag=True, help="Don't ask (not enough in production)."),
    click.Option(
        ["--confirm"], default="", metavar="NAME", help="Confirm a change in production by a name."
    ),
    click.Option(["--dry-run"], is_flag=True, help="Show the plan only; change nothing."),
    click.Option(["--no-wait"], is_flag=True, help="Don't wait until the change holds."),
    click.Option(
        ["--output", "form"], type=click.Choice(FORMS), default="text",
        help="Format of the result on stdout.  [default: text]",
    ),
)  # fmt: skip
"""For `operate.Choices`."""


class OperateOptions(TypedDict):
    """The values of `OPERATE_PARAMETERS`, by name."""

    yes: bool
    confirm: str
    dry_run: bool
    no_wait: bool
    form: str
