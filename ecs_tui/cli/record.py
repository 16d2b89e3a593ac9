"""`ecs-tui record`: prints what AWS records of sessions in a cluster, and turns recording on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import click

from ecs_tui.cli.operate_options import OPERATE_PARAMETERS, OperateOptions
from ecs_tui.cli.subcommand import Invocation, Subcommand
from ecs_tui.errors import WrongUsage
from ecs_tui.model.reference import parse_target
from ecs_tui.model.text import clean
from ecs_tui.system.crash import run_job
from ecs_tui.system.echo import echo, echo_json
from ecs_tui.system.exit_status import ExitStatus

if TYPE_CHECKING:
    from ecs_tui.aws.account import Account
    from ecs_tui.model.cluster_record import RecordLine
    from ecs_tui.operations.recording import Destination


class GivenRecord(OperateOptions):
    """The options by name, as click has parsed them."""

    on: bool
    verify: bool
    log_group: str
    bucket: str
    prefix: str
    retention: int
    kms_key: str


def run(invocation: Invocation, cluster: str, **given: Unpack[GivenRecord]) -> int:
    """Print a record, or turn recording on; returns the exit status."""
    reference = parse_target(cluster, None)
    destination = _destination(given)
    account = invocation.account(reference)
    cache = invocation.settings.cache
    return run_job(record(account, reference.cluster, destination, given, cache=cache))


SUBCOMMAND = Subcommand(
    name="record",
    help="""Print what AWS records of sessions in CLUSTER, or turn it on.

    Exec logging, log group, bucket, keys and CloudTrail, each with what follows from it. --on shows
    a plan and asks: it takes or creates the destination, and sets the cluster's exec configuration.
    IAM is never changed: what task roles lack is printed.

    --verify opens a session in a running task, which prints one line and ends, and waits at most ten
    minutes until its transcript is where the record says. On a terminal, --on offers it.

    Exit status: 0 nothing is bad, or recording is on, or verified; 1 something is bad, no transcript
    came, it cannot be verified, or answered no; 3 a call to AWS failed, or something is not known.
    """,
    run=run,
    parameters=(
        click.Argument(["cluster"]),
        click.Option(["--on"], is_flag=True, help="Turn recording on."),
        click.Option(["--verify"], is_flag=True,
                     help="Verify it by a session of your own; with --on once recording is on."),
        click.Option(["--log-group"], default="", metavar="NAME",
                     help="Record there.  [default: /ecs/exec/CLUSTER]"),
        click.Option(["--bucket"], default="", metavar="NAME", help="Record there (too)."),
        click.Option(["--prefix"], default="", metavar="KEY", help="Beginning of the bucket's keys."),
        click.Option(["--retention"], type=click.IntRange(1), default=365, show_default=True,
                     metavar="DAYS", help="Days that a new log group keeps transcripts."),
        click.Option(["--kms-key"], default="", metavar="ARN",
                     help="Key of the session, and of a new log group."),
        *OPERATE_PARAMETERS,
    ),
)  # fmt: skip


def _destination(given: GivenRecord) -> Destination | None:
    if not given["on"]:
        for name in ("log_group", "bucket", "prefix", "kms_key"):
            if given.get(name):
                option = name.replace("_", "-")
                raise WrongUsage(f"--{option} is for --on.", "Add --on.")
        return None
    from ecs_tui.operations.recording import Destination

    return Destination(
        given["log_group"], given["bucket"], given["prefix"], given["retention"], given["kms_key"]
    )


async def record(
    account: Account,
    cluster: str,
    to: Destination | None,
    given: GivenRecord,
    *,
    cache: bool = True,
) -> int:
    """Print a record, or carry out the plan; returns the exit status.

    Raises:
        EcsTuiError: There is no such cluster, or a call to AWS failed.
    """
    try:
        if to is None and given["verify"]:
            return await _verify(account, cluster, given)
        if to is None:
            return await _print(account, cluster, given["form"], cache=cache)
        return await _turn_on(account, cluster, to, given)
    finally:
        await account.close()


async def _turn_on(account: Account, cluster: str, to: Destination, given: GivenRecord) -> int:
    from dataclasses import replace

    from ecs_tui.cli.operate import Choices, carry_out
    from ecs_tui.model.arn import short_name
    from ecs_tui.operations.recording import default_destination, read_recording_plan

    if not to.log_group and not to.bucket:
        to = replace(to, log_group=default_destination(short_name(cluster)).log_group)
    plan = await read_recording_plan(account, cluster, to)
    choices = Choices(
        given["yes"], given["confirm"], given["dry_run"], given["no_wait"], given["form"]
    )
    status = await carry_out(account, plan, choices)
    if status != ExitStatus.YES or choices.dry_run or choices.no_wait:
        return status
    if given["verify"]:
        return await _verify(account, cluster, {**given, "yes": True, "confirm": plan.typed})
    if choices.form == "text" and await _wanted(cluster):
        return await _verify(account, cluster, {**given, "yes": True, "confirm": plan.typed})
    return status


async def _wanted(cluster: str) -> bool:
    """Whether the operator wants to verify it now; no without a terminal."""
    from ecs_tui.cli.ask import ask_line

    answer = await ask_line("Verify it by a session of your own? [y/N] ")
    if answer is not None and answer.strip().casefold() in ("y", "yes"):
        return True
    echo(f"ecs-tui: Verify it with: ecs-tui record {clean(cluster)} --verify", err=True)
    return False


async def _verify(account: Account, cluster: str, given: GivenRecord) -> int:
    from ecs_tui.audit.verification import read_verification_plan
    from ecs_tui.cli.operate import Choices, carry_out

    plan = await read_verification_plan(account, cluster)
    choices = Choices(
        given["yes"], given["confirm"], given["dry_run"], given["no_wait"], given["form"]
    )
    return await carry_out(account, plan, choices)


async def _print(account: Account, cluster: str, form: str, *, cache: bool) -> ExitStatus:
    from ecs_tui.model.rules.cluster_record import lines_of_text, record_lines, worst_tone
    from ecs_tui.store.audit_feeds import AuditFeeds
    from ecs_tui.store.cluster_record import read_record

    feeds = AuditFeeds(account, cache=cache)
    try:
        lines = record_lines(await read_record(account, cluster, await feeds.known()))
    finally:
        await feeds.close()
    if form == "json":
        echo_json([_flat(line) for line in lines])
    else:
        for text in lines_of_text(lines):
            echo(clean(text))
    tone = worst_tone(lines)
    if tone == "bad":
        return ExitStatus.NO
    return ExitStatus.NOT_ASKED if tone == "unknown" else ExitStatus.YES


def _flat(line: RecordLine) -> dict[str, object]:
    return {
        "name": line.key,
        "value": line.value,
        "judgement": line.tone,
        "why": line.why or None,
    }
