"""The subcommands that change something, as click runs them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

import click

from ecs_tui.cli import deploy, run_task, scale, stop

if TYPE_CHECKING:
    from ecs_tui.aws.account import Account
    from ecs_tui.config.settings import Settings
    from ecs_tui.model.reference import Reference

AccountOf = Callable[..., "Account"]
"""Takes the settings, what asks for an MFA code, and a reference or None."""


@dataclass(frozen=True, slots=True)
class _Source:
    """`AccountSource` of one call of the program."""

    settings: Settings
    account_of: AccountOf

    def account(self, reference: Reference | None = None) -> Account:
        from ecs_tui.cli.ask import ask_code

        return self.account_of(self.settings, ask_code, reference)


def add_verbs(group: click.Group, account_of: AccountOf) -> None:
    """Add them to the command line; the process ends with the exit status of each."""
    for verb in (deploy, scale, stop, run_task):
        group.add_command(_command(verb.NAME, verb.HELP, verb.PARAMETERS, verb.run, account_of))


def _command(
    name: str,
    words: str,
    parameters: tuple[click.Parameter, ...],
    run: Callable[..., int],
    account_of: AccountOf,
) -> click.Command:
    def call(**options: Any) -> NoReturn:
        sys.exit(run(_Source(click.get_current_context().obj, account_of), **options))

    return click.Command(name, params=list(parameters), callback=call, help=words)
