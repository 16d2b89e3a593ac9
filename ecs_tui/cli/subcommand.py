"""A subcommand as data, and how the program was called. It imports nothing but click.

Each subcommand has a file that defines `SUBCOMMAND`; `main.py` has the list of them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

import click

from ecs_tui.errors import WrongUsage
from ecs_tui.record import dataclass

if TYPE_CHECKING:
    from ecs_tui.aws.account import Account
    from ecs_tui.config.settings import Settings
    from ecs_tui.model.reference import Reference


def _profile_and_region() -> list[click.Parameter]:
    return [
        click.Option(["--profile"], help="AWS profile."),
        click.Option(["--region"], help="AWS region."),
    ]


@dataclass(frozen=True, slots=True)
class Invocation:
    """How the program was called, besides the subcommand's own options.

    Attributes:
        settings: The settings, with all flags applied.
        config: `--config`; None for the default path.
        profile: `--profile` as given on the command line; None if it was not given.
        region: `--region`, likewise.
    """

    settings: Settings
    config: str | None = None
    profile: str | None = None
    region: str | None = None

    def account(
        self,
        reference: Reference | None = None,
        *,
        interactive: bool = True,
        profile: str | None = None,
    ) -> Account:
        """The account to call, in the region of the ARN or URL if there is one.

        Args:
            reference: What an ARN or URL on the command line refers to.
            interactive: Whether MFA codes are asked for on the terminal.
            profile: A profile other than that of the settings.

        Raises:
            WrongUsage: `--region` is another region.
        """
        from ecs_tui.aws.account import Account
        from ecs_tui.aws.pace import Pace
        from ecs_tui.cli.ask import ask_code

        settings, region = self.settings, self.settings.region
        if reference is not None and reference.region:
            if self.region and self.region != reference.region:
                raise WrongUsage(
                    f"--region is {self.region}, but the target is in {reference.region}.",
                    "Leave --region out.",
                )
            region = reference.region
        return Account(
            profile or settings.profile,
            region,
            settings.endpoint_url,
            policy=settings.policy,
            pace=Pace(settings.burst, settings.rate),
            ask_code=ask_code if interactive else None,
        )


@dataclass(frozen=True, slots=True)
class Subcommand:
    """A subcommand.

    Attributes:
        name: Its name on the command line.
        help: Its help text. The first paragraph is the summary in `main.py`.
        run: Runs it with an `Invocation` and its options by name; returns the exit status.
        parameters: Its arguments and options.
        command_class: click's class for it.
        calls_aws: Whether it takes `--profile` and `--region` after its name too.
        epilog: What follows the options in its help.
    """

    name: str
    help: str
    run: Callable[..., int]
    parameters: tuple[click.Parameter, ...] = ()
    command_class: type[click.Command] = click.Command
    calls_aws: bool = True
    epilog: str = ""

    def command(self) -> click.Command:
        """The subcommand as click runs it; the process ends with its exit status."""

        def call(**options: Any) -> NoReturn:
            profile, region = options.pop("profile", None), options.pop("region", None)
            sys.exit(self.run(_invocation(profile, region), **options))

        params = [*self.parameters, *(_profile_and_region() if self.calls_aws else ())]
        return self.command_class(
            self.name, params=params, callback=call, help=self.help, epilog=self.epilog or None
        )


def _invocation(profile: str | None, region: str | None) -> Invocation:
    """The invocation: a `--profile` or `--region` after the subcommand wins over one before it."""
    root = click.get_current_context().find_root()
    settings: Settings = root.obj
    if profile or region:
        settings = settings.but(
            profile=profile or settings.profile, region=region or settings.region
        )
    return Invocation(
        settings,
        root.params.get("config"),
        profile or root.params.get("profile"),
        region or root.params.get("region"),
    )
