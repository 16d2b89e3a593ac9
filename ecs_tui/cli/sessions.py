"""`ecs-tui sessions`: lists the sessions that are open in containers, and ends them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Unpack

import click

from ecs_tui.cli.columns import RowFormat
from ecs_tui.cli.options import GivenOutput, OutputOptions, Printer, output_parameters
from ecs_tui.cli.subcommand import Invocation, Subcommand
from ecs_tui.errors import AwsError, NotFound, ResourceGone
from ecs_tui.model.address import Reference
from ecs_tui.model.text import clean, counted
from ecs_tui.system import wall_clock
from ecs_tui.system.crash import run_job
from ecs_tui.system.echo import echo
from ecs_tui.system.exit_status import ExitStatus

if TYPE_CHECKING:
    from datetime import datetime

    from ecs_tui.aws.account import Account
    from ecs_tui.model.active_session import ActiveSession
    from ecs_tui.model.audit_event import AuditEvent
    from ecs_tui.model.cluster import Cluster
    from ecs_tui.resources.sessions import SessionRow


class GivenSessions(GivenOutput):
    """The options by name, as click has parsed them."""

    end: tuple[str, ...]
    yes: bool
    confirm: str
    dry_run: bool


def run(
    invocation: Invocation,
    cluster: str | None,
    target: str | None,
    **given: Unpack[GivenSessions],
) -> int:
    """List sessions, or end some; returns the exit status."""
    from ecs_tui.model.reference import parse_target

    reference = parse_target(cluster, target) if cluster else Reference()
    return run_job(sessions(invocation.account(reference), reference, given))


SUBCOMMAND = Subcommand(
    name="sessions",
    help="""List or end the sessions that are open in containers.

    From Systems Manager; who opened each is read from CloudTrail, some minutes after the call.
    Sessions of the last day that only this computer's own log knows are shown as perhaps ended, and
    where Systems Manager lists none, so are those that CloudTrail knows and that have no known end.

    CLUSTER is a name, an ARN or a console URL; TARGET is SERVICE or TASK.

    Exit status: 0 listed, or ended; 1 none is listed as open, or answered no; 3 a call to AWS failed.
    """,
    run=run,
    parameters=(
        click.Argument(["cluster"], required=False),
        click.Argument(["target"], required=False),
        click.Option(["--end"], multiple=True, metavar="SESSION",
                     help="End the session with this ID; repeatable."),
        click.Option(["--yes", "-y"], is_flag=True, help="Don't ask (not enough for another's)."),
        click.Option(["--confirm"], default="", metavar="NAME",
                     help="Confirm the end of another's session by who opened it."),
        click.Option(["--dry-run"], is_flag=True, help="Show the plan only; end nothing."),
        *output_parameters("table"),
    ),
)  # fmt: skip


async def sessions(account: Account, reference: Reference, given: GivenSessions) -> int:
    """List sessions, or end some; returns the exit status.

    Raises:
        EcsTuiError: A session is not open, an option is wrong, or a call to AWS failed.
    """
    from ecs_tui.resources.session_listing import SESSION_TABLE, flat_keys, flat_session

    output = OutputOptions.of(
        form=given["form"],
        as_json=given["as_json"],
        columns=given["columns"],
        no_headers=given["no_headers"],
        sort=given["sort"],
        words=given["words"],
    )
    printer = Printer(RowFormat("sessions", flat_keys(), SESSION_TABLE), output)
    try:
        rows, problems = await read_rows(account)
        for problem in problems:
            echo(f"ecs-tui: {clean(problem)}", err=True)
        if given["end"]:
            return await _end(account, rows, given)
        shown = [row for row in rows if _at(row, reference)]
        printer.page([flat_session(row) for row in shown])
        printer.end(whole=True)
        if problems:
            return ExitStatus.NOT_ASKED
        _say_unlisted(shown)
        return ExitStatus.YES if any(row.listed for row in shown) else ExitStatus.NO
    finally:
        await account.close()


def _say_unlisted(shown: Sequence[SessionRow]) -> None:
    """Say what is not listed: that is known of others, and such a session has perhaps ended."""
    others = sum(not row.listed for row in shown)
    if len(shown) == others:
        echo("ecs-tui: Systems Manager lists no such session.", err=True)
    if others:
        known = sorted({row.known_from for row in shown if not row.listed})
        echo(
            f"ecs-tui: {counted(others, 'session')} known from {' and '.join(known)} "
            f"{'is' if others == 1 else 'are'} not listed there, and perhaps ended.",
            err=True,
        )


async def _end(account: Account, rows: Sequence[SessionRow], given: GivenSessions) -> int:
    from ecs_tui.cli.operate import Choices, carry_out
    from ecs_tui.operations.sessions import plan_end

    by_id = {row.session.id: row for row in rows}
    missing = [each for each in given["end"] if each not in by_id]
    if missing:
        raise NotFound(
            f"Session {clean(missing[0])} is not open in a container of {account.region}.",
            "List them with: ecs-tui sessions",
        )
    chosen = [by_id[each] for each in dict.fromkeys(given["end"])]
    form = "json" if given["as_json"] or given["form"] == "json" else "text"
    choices = Choices(given["yes"], given["confirm"], given["dry_run"], form=form)
    return await carry_out(account, plan_end(account, chosen), choices)


async def read_rows(account: Account) -> tuple[list[SessionRow], list[str]]:
    """The open sessions and those that are only known of, and what could not be read about them, in sentences.

    Raises:
        AwsError: The sessions themselves cannot be listed.
    """
    from ecs_tui.aws.api.ssm import active_sessions
    from ecs_tui.resources.sessions import row_of
    from ecs_tui.resources.unlisted_sessions import own_unlisted, told_by_events
    from ecs_tui.store.own_sessions import OwnSessions

    found = [each async for page in active_sessions(account) for each in page]
    problems: list[str] = []
    openers = dict(await _openers(account, found, problems))
    log, now = OwnSessions(), wall_clock.moment()
    own = log.known()
    unlisted = [
        session for session, _ in own_unlisted(log, account, {each.id for each in found}, now)
    ]
    if not found:
        for session, event in told_by_events(await _unended(account, now, problems), own):
            openers[session.id] = event
            unlisted.append(session)
    every = [*found, *unlisted]
    clusters = await _clusters(account, every, problems)
    named = await _tasks(account, every, problems)
    listed = {each.id for each in found}
    rows = []
    for each in every:
        service, session = named.get(each.id, (each.target.service, each))
        cluster, opener = clusters.get(each.target.cluster), openers.get(each.id)
        known = each.id in listed
        rows.append(row_of(session, opener, own.get(each.id), cluster, service, listed=known))
    return rows, problems


async def _unended(
    account: Account, now: datetime, problems: list[str]
) -> Mapping[str, AuditEvent]:
    """CloudTrail's sessions of the last day without a known end."""
    from ecs_tui.resources.unlisted_sessions import unended_lookup
    from ecs_tui.store.sessions_inside import read_unended

    try:
        return await read_unended(account, unended_lookup(now).thing, now)
    except AwsError as error:
        problems.append(f"What CloudTrail knows is not known: {error}")
        return {}


async def _openers(
    account: Account, found: Sequence[ActiveSession], problems: list[str]
) -> Mapping[str, AuditEvent]:
    from ecs_tui.resources.sessions import openers_lookup
    from ecs_tui.store.sessions_inside import read_openers

    lookup = openers_lookup(found)
    if lookup is None:
        return {}
    try:
        return await read_openers(account, lookup.thing, wall_clock.moment())
    except AwsError as error:
        problems.append(f"Who opened them is not known: {error}")
        return {}


async def _clusters(
    account: Account, found: Sequence[ActiveSession], problems: list[str]
) -> dict[str, Cluster]:
    from ecs_tui.aws.api import ecs

    names = sorted({each.target.cluster for each in found})
    try:
        known = await ecs.describe_clusters(account, names) if names else []
    except AwsError as error:
        problems.append(f"Whether they are recorded is not known: {error}")
        return {}
    return {each.name: each for each in known}


async def _tasks(
    account: Account, found: Sequence[ActiveSession], problems: list[str]
) -> dict[str, tuple[str, ActiveSession]]:
    """The service of each session's task, and the session with its container's name, by its ID."""
    from ecs_tui.aws.api import ecs
    from ecs_tui.resources.sessions import with_container

    named: dict[str, tuple[str, ActiveSession]] = {}
    for cluster in sorted({each.target.cluster for each in found}):
        ids = sorted({each.target.task for each in found if each.target.cluster == cluster})
        try:
            for start in range(0, len(ids), ecs.TASKS_PER_CALL):
                part = ids[start : start + ecs.TASKS_PER_CALL]
                for task in await ecs.describe_tasks(account, cluster, part):
                    for each in found:
                        if each.target.cluster == cluster and each.target.task == task.id:
                            named[each.id] = task.service, with_container(each, task)
        except (
            ResourceGone
        ):  # a session that is only remembered may be of a cluster that was deleted
            continue
        except AwsError as error:
            problems.append(f"The containers in {cluster} are not known: {error}")
    return named


def _at(row: SessionRow, reference: Reference) -> bool:
    target = row.session.target
    if reference.cluster and target.cluster != reference.cluster.rsplit("/", 1)[-1]:
        return False
    if reference.task and target.task != reference.task.rsplit("/", 1)[-1]:
        return False
    if reference.service and row.service != reference.service:
        return False
    named = reference.name
    return not named or row.service == named or target.task.startswith(named)
