"""`ecs-tui audit`: prints who was in which container, from where, and what let them in."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Unpack

import click

from ecs_tui.cli.columns import RowFormat
from ecs_tui.cli.options import GivenOutput, OutputOptions, Printer, output_parameters
from ecs_tui.cli.status_line import StatusLine
from ecs_tui.cli.subcommand import Invocation, Subcommand
from ecs_tui.config.sections import TranscriptSettings
from ecs_tui.errors import AwsError, WrongUsage
from ecs_tui.logs.times import parse_moment
from ecs_tui.model.address import Reference
from ecs_tui.model.log_event import as_milliseconds
from ecs_tui.model.rules.audit_events import LAYERS
from ecs_tui.model.text import clean, counted
from ecs_tui.system import wall_clock
from ecs_tui.system.crash import run_job
from ecs_tui.system.echo import echo
from ecs_tui.system.exit_status import ExitStatus

if TYPE_CHECKING:
    from ecs_tui.audit.marks import MarkRules
    from ecs_tui.audit.selection import AuditChoice
    from ecs_tui.audit.timeline_reading import AuditReading
    from ecs_tui.aws.account import Account
    from ecs_tui.resources.audit import AuditRow
    from ecs_tui.store.audit_feeds import AuditFeeds

DEFAULT_SINCE = "7d"
MAX_TRANSCRIPTS = 50
"""Transcripts that `--flagged` reads unless more are asked for: each takes three to six calls."""
LATE = "CloudTrail has an event some minutes after the call: the last ones may be missing."


class GivenAudit(GivenOutput):
    """The options by name, as click has parsed them."""

    since: str
    until: str | None
    who: str
    flagged: bool
    layers: tuple[str, ...]
    transcripts: int
    older: str | None


def run(
    invocation: Invocation,
    cluster: str | None,
    target: str | None,
    container: str | None,
    **given: Unpack[GivenAudit],
) -> int:
    """Print rows; returns the exit status."""
    from ecs_tui.model.reference import parse_target

    reference = parse_target(cluster, target, container or "") if cluster else Reference()
    settings = invocation.settings
    asked = AuditRequest(reference, given, settings.audit.athena, cache=settings.cache)
    asked.marks = settings.transcript
    return run_job(print_audit(invocation.account(reference), asked))


SUBCOMMAND = Subcommand(
    name="audit",
    help="""Print who was in which container, and what let them in.

    From CloudTrail, which has the last 90 days: ecs:ExecuteCommand; sessions that ssm:StartSession
    opened round it; changes that switched exec on or changed the exec logging; policies that let
    somebody in. What was read is kept, so that only new events are asked for the next time.

    CLUSTER is a name, an ARN or a console URL; without it, all clusters of the region. TARGET is
    SERVICE[/CONTAINER] or TASK[/CONTAINER].

    --flagged also reads transcripts, each once, and says how many. AWS does not bill that in CloudWatch
    Logs; in S3 each is a GET request.

    Times: 15m, 2h, 7d (that long ago), 14:03, ISO 8601.

    Exit status: 0 read, 1 nothing matches, 3 events are missing because a call to AWS failed.
    """,
    run=run,
    parameters=(
        click.Argument(["cluster"], required=False),
        click.Argument(["target"], required=False),
        click.Argument(["container"], required=False),
        click.Option(["--since"], metavar="TIME", default=DEFAULT_SINCE, show_default=True,
                     help="Events from this time on."),
        click.Option(["--until"], metavar="TIME", help="Events up to this time."),
        click.Option(["--who"], metavar="NAME", default="",
                     help="Only of people, roles or identities whose name contains this."),
        click.Option(["--flagged"], is_flag=True,
                     help="Only events with a mark, and sessions with a mark in their transcript."),
        click.Option(["--transcripts"], type=click.IntRange(0, 10_000), default=MAX_TRANSCRIPTS,
                     show_default=True, metavar="N",
                     help="With --flagged: read at most so many transcripts that have not been "
                     "read yet, the newest first; 0 for none."),
        click.Option(["--layer", "layers"], type=click.Choice(tuple(LAYERS)), multiple=True,
                     help="Only these; repeatable.  [default: all]"),
        click.Option(["--older"], type=click.Choice(("trail", "athena")),
                     help="Search the trail's log group (Logs Insights) or the table of "
                     "[audit] athena instead, also before the last 90 days. AWS bills what is "
                     "scanned."),
        *output_parameters("table"),
    ),
)  # fmt: skip


class AuditRequest:
    """What was asked on the command line, checked.

    Raises:
        WrongUsage: A time is not valid.
    """

    def __init__(
        self, reference: Reference, given: GivenAudit, athena: str = "", *, cache: bool = True
    ) -> None:
        self.reference, self.cache, self.athena = reference, cache, athena
        self.now = wall_clock.moment()
        self.since = _moment("--since", given["since"], self.now)
        until = given["until"]
        self.until = self.now if until is None else _moment("--until", until, self.now)
        if self.since >= self.until:
            raise WrongUsage("--since is not before --until.", "Swap them.")
        self.older = given["older"] or ""
        if self.older == "athena" and not athena:
            raise WrongUsage(
                "No table is named for --older athena.",
                'Set athena = "WORKGROUP/DATABASE.TABLE" in [audit] of the config file.',
            )
        self._who, self.flagged = given["who"], given["flagged"]
        self.transcripts = given["transcripts"]
        self.marks = TranscriptSettings()
        self.layers = tuple(
            layer for layer in LAYERS if layer in given["layers"] or not given["layers"]
        )
        self.output = OutputOptions.of(
            form=given["form"],
            as_json=given["as_json"],
            columns=given["columns"],
            no_headers=given["no_headers"],
            sort=given["sort"],
            words=given["words"],
        )

    def choice(self, *, flagged: bool | None = None) -> AuditChoice:
        """What is printed of the timeline.

        Args:
            flagged: Whether only rows with marks are; None as asked.
        """
        from ecs_tui.audit.selection import AuditChoice

        named = self.reference
        return AuditChoice(
            since=self.since,
            cluster=named.cluster,
            service=named.service or named.service_arn,
            task=named.task,
            named=named.name,
            container=named.container,
            layers=frozenset(self.layers),
            person=self._who,
            flagged=self.flagged if flagged is None else flagged,
        )

    def before_end(self, row: AuditRow) -> bool:
        """Whether a row is not after `--until`."""
        return row.event.at is None or row.event.at <= self.until


def _moment(option: str, text: str, now: datetime) -> datetime:
    try:
        found = parse_moment(text, as_milliseconds(now))
    except ValueError:
        raise WrongUsage(
            f'{option} "{clean(text)}" is not a time.', "Use 15m, 2h, 7d, 14:03 or ISO 8601."
        ) from None
    return datetime.fromtimestamp(found / 1000, UTC)


async def print_audit(account: Account, asked: AuditRequest) -> ExitStatus:
    """Read events and print rows; returns the exit status.

    Raises:
        EcsTuiError: An option names a column that the rows do not have, or no call succeeded.
    """
    from ecs_tui.audit.marks import chosen_marks
    from ecs_tui.audit.timeline import TimelineSource
    from ecs_tui.audit.timeline_reading import AuditReading
    from ecs_tui.resources.audit import AUDIT_TABLE, blank_keys
    from ecs_tui.store.audit_feeds import AuditFeeds

    printer = Printer(RowFormat("events", blank_keys(), AUDIT_TABLE), asked.output)
    feeds = AuditFeeds(account, cache=asked.cache)
    line = StatusLine()
    services: dict[str, str] = {}
    try:
        label = f"{account.name}@{account.region}"
        source = TimelineSource(label, lambda task: services.get(task, ""))
        rules = chosen_marks(asked.marks.marks, declared=asked.marks.declared)
        reading = AuditReading(
            feeds, source, lambda: line.show(_progress(reading, asked.now)), rules
        )
        try:
            await _read(account, reading, asked, services, line)
            if asked.flagged:
                await _read_marks(feeds, account, reading, asked, rules, line)
        except asyncio.CancelledError:
            line.erase()
            _print(reading, asked, printer)
            echo("ecs-tui: Stopped: older events are missing.", err=True)
            raise
        line.erase()
        return _print(reading, asked, printer)
    finally:
        line.erase()
        await feeds.close()
        await account.close()


async def _read(
    account: Account,
    reading: AuditReading,
    asked: AuditRequest,
    services: dict[str, str],
    line: StatusLine,
) -> None:
    if asked.choice().service or asked.choice().named:
        services |= await _services(account, asked.reference.cluster)
        reading.timeline.named()
    if not asked.older:
        await reading.run(asked.since, asked.now, asked.layers)
        return
    from ecs_tui.audit.history import AthenaSearch, HistoryRequest, HistorySearch, TrailSearch

    request = HistoryRequest(asked.since, asked.until, asked.layers)
    search: HistorySearch
    if asked.older == "trail":
        search = TrailSearch(account, request)
    else:
        search = AthenaSearch(account, asked.athena, request)
    echo(f"ecs-tui: {clean(await search.estimate(asked.now))}", err=True)
    async for progress in search.run():
        line.show(progress.words)
        if progress.ended:
            reading.timeline.add(progress.events)
            line.erase()
            echo(f"ecs-tui: {clean(progress.words)}", err=True)


async def _read_marks(
    feeds: AuditFeeds,
    account: Account,
    reading: AuditReading,
    asked: AuditRequest,
    rules: MarkRules,
    line: StatusLine,
) -> None:
    """Look for marks in the transcripts of the chosen sessions, and say in how many."""
    from ecs_tui.audit.marked_sessions import read_marks, unread_sessions
    from ecs_tui.audit.selection import chosen

    feed = await feeds.of(account.region)
    rows = chosen(reading.timeline.rows, asked.choice(flagged=False))
    unread = unread_sessions((row for row in rows if asked.before_end(row)), feed, rules)
    wanted = unread[: asked.transcripts]
    line.erase()
    if len(wanted) < len(unread):
        echo(
            f"ecs-tui: {counted(len(unread) - len(wanted), 'transcript')} not looked at: at most "
            f"{asked.transcripts} are read at once (--transcripts).",
            err=True,
        )
    if not wanted:
        return
    echo(f"ecs-tui: Looking for marks in {counted(len(wanted), 'transcript')}…", err=True)
    own = {"", account.region}
    async with aclosing(
        read_marks(wanted, feed, rules, lambda at: account if at in own else feeds.account_in(at))
    ) as progress:
        async for each in progress:
            line.show(each.words)
            reading.mark()
            if each.ended:
                line.erase()
                echo(f"ecs-tui: {clean(each.words)}", err=True)
                reading.errors |= {f"transcript {words}": words for words in each.errors}


async def _services(account: Account, cluster: str) -> dict[str, str]:
    """The services of the cluster's tasks, running and stopped: events name the task only."""
    from ecs_tui.store.inventory import Kind, Scope
    from ecs_tui.store.reading import read

    found: dict[str, str] = {}
    try:
        for stopped in (False, True):
            async for page in read(account, Scope(Kind.TASK, cluster, stopped=stopped)):
                found |= {task.id: task.service for task in page if task.service}
    except AwsError as error:
        echo(f"ecs-tui: The services of tasks are not known: {error}", err=True)
    return found


def _progress(reading: AuditReading, now: datetime) -> str:
    from ecs_tui.audit.timeline_reading import progress_words

    return progress_words([reading], now)


def _print(reading: AuditReading, asked: AuditRequest, printer: Printer) -> ExitStatus:
    from ecs_tui.audit.selection import chosen
    from ecs_tui.resources.audit import flat_row

    rows = [row for row in chosen(reading.timeline.rows, asked.choice()) if asked.before_end(row)]
    printer.page([flat_row(row) for row in rows])
    printer.end(whole=not reading.errors)
    for error in reading.errors.values():
        echo(f"ecs-tui: {clean(error)}", err=True)
    if counts := reading.automatic:
        named = ", ".join(f"{count:,} by {caller}" for caller, count in sorted(counts.items()))
        echo(f"ecs-tui: Left out: calls that no person made ({named}).", err=True)
    if reading.errors:
        return ExitStatus.NOT_ASKED
    if not rows:
        echo(f"ecs-tui: No event matches. {LATE}", err=True)
        return ExitStatus.NO
    return ExitStatus.YES
