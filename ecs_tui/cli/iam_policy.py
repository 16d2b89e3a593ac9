"""`ecs-tui iam-policy`: prints the least IAM policy for a work, and says what the caller lacks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from ecs_tui.cli.subcommand import Invocation, Subcommand
from ecs_tui.errors import AwsError, WrongUsage
from ecs_tui.model.address import Reference
from ecs_tui.model.permission import Grant
from ecs_tui.model.rules.iam_policy import WORKS, PolicyScope, Work, least_policy
from ecs_tui.model.text import clean
from ecs_tui.system.crash import run_job
from ecs_tui.system.echo import echo
from ecs_tui.system.exit_status import ExitStatus

if TYPE_CHECKING:
    from ecs_tui.aws.account import Account


def run(
    invocation: Invocation, work: Work, *, tag: str, cluster: str, container: str, lacking: bool
) -> int:
    """Print a policy, or what the caller lacks of it; returns the exit status."""
    key, _, value = tag.partition("=")
    if tag and not (key and value):
        raise WrongUsage(f'--tag "{clean(tag)}" is not a tag.', "Use KEY=VALUE.")
    reference = Reference(cluster=cluster) if cluster else Reference()
    grant = Grant(key, value, cluster.rsplit("/", 1)[-1], container)
    return run_job(_print(invocation.account(reference), work, grant, lacking=lacking))


SUBCOMMAND = Subcommand(
    name="iam-policy",
    help="""Print the least IAM policy for WORK.

    view lists, details and logs; exec shells; audit timeline, transcripts and the access review;
    operate deploy, scale, stop and run tasks. Nothing is changed in IAM: give the policy to whoever
    may.

    Exit status: 0 printed, or nothing is lacking; 1 something is lacking; 3 what is lacking is not
    known.
    """,
    run=run,
    parameters=(
        click.Argument(["work"], type=click.Choice(WORKS)),
        click.Option(["--tag"], default="", metavar="KEY=VALUE",
                     help="Shells and changes only where the tasks or services have this tag."),
        click.Option(["--cluster"], default="", metavar="NAME", help="Only this cluster."),
        click.Option(["--container"], default="", metavar="NAME",
                     help="Shells only in containers with this name."),
        click.Option(["--lacking"], is_flag=True,
                     help="Say instead what you lack of it, by IAM's simulator."),
    ),
)  # fmt: skip


async def _print(account: Account, work: Work, grant: Grant, *, lacking: bool) -> ExitStatus:
    try:
        scope = await policy_scope(account, grant)
        if lacking:
            return await _print_lacking(account, work, scope)
        echo(json.dumps(least_policy(work, scope), indent=2))
        return ExitStatus.YES
    finally:
        await account.close()


async def policy_scope(account: Account, grant: Grant) -> PolicyScope:
    """The account and region of a policy, and the key of its cluster's sessions where it is readable.

    Raises:
        AwsError: The identity cannot be read.
    """
    from ecs_tui.aws.api import ecs
    from ecs_tui.model.arn import partition_of

    caller = await account.caller(alias=False)
    key = ""
    if grant.cluster:
        try:
            found = await ecs.describe_clusters(account, [grant.cluster])
        except AwsError as error:
            echo(f"ecs-tui: Whether sessions have a key is not known: {error}", err=True)
            found = []
        configuration = found[0].exec_configuration if found else None
        key = configuration.kms_key_id if configuration is not None else ""
    return PolicyScope(account.region, caller.account, partition_of(caller.arn), grant, key)


async def _print_lacking(account: Account, work: Work, scope: PolicyScope) -> ExitStatus:
    from ecs_tui.aws.api.iam import principal_of
    from ecs_tui.store.needs import lacks

    principal = await principal_of(account, await account.caller(alias=False))
    echo(f"{clean(principal)}: {work}")
    status = ExitStatus.YES
    async for answer in lacks(account, principal, work, scope):
        need = answer.need
        sign = "?" if answer.error is not None else "✖" if answer.lacking else "●"
        words = answer.words or "allowed"
        optional = " (optional)" if need.optional and answer.words else ""
        echo(f"{sign} {need.sid}, for {need.why}{optional}: {clean(words)}")
        if answer.error is not None:
            status = ExitStatus.NOT_ASKED
        elif answer.lacking and not need.optional and status is ExitStatus.YES:
            status = ExitStatus.NO
    return status
