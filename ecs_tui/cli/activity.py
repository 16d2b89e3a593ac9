"""`ecs-tui activity`: prints what happened around a moment, as one timeline."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Unpack

import click

from ecs_tui.activity.layers import LAYER_NAMES
from ecs_tui.cli.options import GivenOutput, OutputOptions, output_parameters
from ecs_tui.cli.subcommand import Invocation, Subcommand
from ecs_tui.errors import NotFound, ResourceGone, WrongUsage
from ecs_tui.model.arn import short_name
from ecs_tui.model.log_event import as_time
from ecs_tui.model.text import clean
from ecs_tui.system.crash import run_job
from ecs_tui.system.echo import echo
from ecs_tui.system.exit_status import ExitStatus
from ecs_tui.system.wall_clock import milliseconds, moment

if TYPE_CHECKING:
    from ecs_tui.aws.account import Account
    from ecs_tui.model.reference import Reference
    from ecs_tui.resources.activity import ActivityEntry
    from ecs_tui.resources.activity_source import ActivityTarget

DEFAULT_SECONDS = 3600
"""Seconds that are read without `--since`: ECS forgets stopped tasks after an hour."""


class GivenActivity(GivenOutput):
    """The options by name, as click has parsed them."""

    since: str | None
    until: str | None
    around: str | None
    layer: tuple[str, ...]


def run(
    invocation: Invocation, cluster: str, target: str | None, **given: Unpack[GivenActivity]
) -> int:
    """Print the timeline; returns the exit status."""
    from ecs_tui.model.reference import parse_target

    reference = parse_target(cluster, target)
    wanted = _Wanted(given, cache=invocation.settings.cache)
    return run_job(print_activity(invocation.account(reference), reference, wanted))


SUBCOMMAND = Subcommand(
    name="activity",
    help="""Print what happened around a moment, as one timeline.

    TARGET is a SERVICE or a TASK (of a task of a service, the service's timeline); without it, the
    whole cluster. An ARN or console URL replaces CLUSTER TARGET. Deployments with what they change,
    scaling, events, exits, alarms, health checks, sessions and changes, the oldest first.

    Times: 15m, 2h, 1d (that long ago), 14:03, 14:03:21, ISO 8601.

    Exit status: 0 all was read, 1 there is no such target, 3 a layer could not be read.
    """,
    run=run,
    parameters=(
        click.Argument(["cluster"]),
        click.Argument(["target"], required=False),
        click.Option(["--since"], metavar="TIME", help="From this time on.  [default: 1h]"),
        click.Option(["--until"], metavar="TIME", help="Up to this time."),
        click.Option(["--around"], metavar="TIME", help="Half an hour before and after this time."),
        click.Option(
            ["--layer"], multiple=True, type=click.Choice(LAYER_NAMES),
            help="Only this layer; repeatable.",
        ),
        *output_parameters("text"),
    ),
)  # fmt: skip


class _Wanted:
    """What was asked on the command line, checked.

    Raises:
        WrongUsage: A time is not valid, or they contradict each other.
    """

    def __init__(self, given: GivenActivity, *, cache: bool = False) -> None:
        self.cache = cache
        self.output = OutputOptions.of(
            form=given["form"],
            as_json=given["as_json"],
            columns=given["columns"],
            no_headers=given["no_headers"],
            sort=given["sort"],
            words=given["words"],
        )
        self.layers = given["layer"] or LAYER_NAMES
        self.now = moment()
        since, until = _moment("--since", given["since"]), _moment("--until", given["until"])
        around = _moment("--around", given["around"])
        half = timedelta(seconds=DEFAULT_SECONDS / 2)
        if around is not None and (since is not None or until is not None):
            raise WrongUsage("--around contradicts --since and --until.", "Leave them out.")
        if around is not None:
            since, until = around - half, around + half
        self.until = until or self.now
        self.since = since or self.until - 2 * half
        if self.since > self.until:
            raise WrongUsage("--since is later than --until.", "Swap them.")


def _moment(option: str, text: str | None) -> datetime | None:
    from ecs_tui.logs.times import parse_moment

    if text is None:
        return None
    try:
        return as_time(parse_moment(text, milliseconds()))
    except ValueError:
        raise WrongUsage(
            f'{option} "{clean(text)}" is not a time.', "Use 15m, 2h, 1d, 14:03 or ISO 8601."
        ) from None


async def print_activity(account: Account, reference: Reference, wanted: _Wanted) -> ExitStatus:
    """Print the timeline; returns the exit status.

    Raises:
        EcsTuiError: There is no such target, or no layer could be read.
    """
    from ecs_tui.activity.registry import SOURCES
    from ecs_tui.activity.timeline import Timeline
    from ecs_tui.resources.activity_source import ActivityAsk
    from ecs_tui.store.audit_feeds import AuditFeeds

    feeds = AuditFeeds.shared(account, cache=wanted.cache)
    try:
        target = await _target(account, reference)
        sources = [source for source in SOURCES if source.layer in wanted.layers]
        timeline = Timeline(sources)
        ask = ActivityAsk(account, target, wanted.since, wanted.until, wanted.now)
        await timeline.read(ask)
        failed = list(timeline.failed())
        if gone := next((each for _, each in failed if isinstance(each, ResourceGone)), None):
            raise gone
        if len(failed) == len(sources):
            raise failed[0][1]
        entries = timeline.shown(wanted.layers, wanted.since, wanted.until)
        _print(entries[::-1], wanted.output)
        for layer in wanted.layers:
            if said := timeline.words(layer):
                echo(f"ecs-tui: {layer}: {clean(said)}", err=True)
        return ExitStatus.NOT_ASKED if failed else ExitStatus.YES
    finally:
        await feeds.close()
        await account.close()


async def _target(account: Account, reference: Reference) -> ActivityTarget:
    """The service, the task without a service, or the cluster that is meant."""
    from ecs_tui.cli.find import check_account, cluster_of, find_target
    from ecs_tui.resources.activity_source import ActivityTarget

    await check_account(account, reference)
    cluster = short_name(reference.cluster or await cluster_of(account, reference))
    service = short_name(reference.service_arn or reference.service)
    if service or reference.whole_cluster:
        return ActivityTarget(cluster, service)
    try:
        found = await find_target(account, reference)
    except NotFound:
        if not reference.name or reference.may_be_task:
            raise
        return ActivityTarget(cluster, reference.name)  # a service without tasks
    if found.note:
        echo(f"ecs-tui: {found.note}", err=True)
    task = found.task
    return ActivityTarget(cluster, task.service, "" if task.service else task.arn)


def _print(entries: list[ActivityEntry], output: OutputOptions) -> None:
    """Print entries: rows if a format was asked for, else a line each."""
    from ecs_tui.cli.columns import RowFormat
    from ecs_tui.cli.options import Printer
    from ecs_tui.resources.activity import ACTIVITY_TABLE, ActivityEntry, flat_entry

    if output.form:
        blank = ActivityEntry("", "", None, "", "")
        printer = Printer(RowFormat("entries", tuple(flat_entry(blank)), ACTIVITY_TABLE), output)
        printer.page([flat_entry(entry) for entry in entries])
        printer.end(whole=True)
        return
    width = max((len(entry.layer) for entry in entries), default=0)
    for entry in entries:
        echo(_line(entry, width))


def _line(entry: ActivityEntry, width: int) -> str:
    at = f"{entry.at.astimezone():%Y-%m-%d %H:%M:%S}" if entry.at else f"{'unknown':19}"
    who = f"{clean(entry.who)}: " if entry.who != "ECS" else ""
    service = f"{clean(entry.service)}  " if entry.service else ""
    return f"{at}  {entry.layer:{width}}  {entry.sign} {service}{who}{clean(entry.words)}"
