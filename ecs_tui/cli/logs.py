"""`ecs-tui logs`: prints what containers said, merged by time, and follows it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Unpack

import click

from ecs_tui.cli.log_printer import LogPrinter
from ecs_tui.cli.options import GivenOutput, OutputOptions, output_parameters
from ecs_tui.cli.subcommand import Invocation, Subcommand
from ecs_tui.errors import AwsError, EcsTuiError, NotFound, ResourceGone, WrongUsage
from ecs_tui.logs.filters import LogFilter, LogTerm, text_filter
from ecs_tui.logs.levels import Level
from ecs_tui.logs.line import LineKind, LogLine
from ecs_tui.logs.reader import LogBatch, LogReader
from ecs_tui.logs.targets import TargetTasks, TargetWatch, insights_sources
from ecs_tui.logs.times import parse_moment
from ecs_tui.model.rules.log_sources import whole_group
from ecs_tui.model.text import clean, counted
from ecs_tui.system import wall_clock
from ecs_tui.system.crash import run_job
from ecs_tui.system.echo import echo
from ecs_tui.system.exit_status import ExitStatus

if TYPE_CHECKING:
    from ecs_tui.aws.account import Account
    from ecs_tui.model.reference import Reference

DEFAULT_LINES = 100
"""Lines that are printed without `--since`."""
MAX_SEARCHED = 100_000
"""Lines that are searched for those that a filter wants, without `--since`."""
WATCH_SECONDS = 10.0
"""Seconds between two looks at the target's tasks while they are followed."""
LAST_LINES_SECONDS = 15.0
"""Seconds for which a task is followed after it has stopped: its last lines come later."""
LEVELS = tuple(each.name.lower() for each in Level if each)


class GivenLogs(GivenOutput):
    """The options by name, as click has parsed them."""

    since: str | None
    until: str | None
    lines: int | None
    follow: bool
    grep: tuple[str, ...]
    exclude: tuple[str, ...]
    level: str | None
    previous: bool
    group: str | None
    no_live_tail: bool
    utc: bool


def run(
    invocation: Invocation,
    cluster: str,
    target: str | None,
    container: str | None,
    **given: Unpack[GivenLogs],
) -> int:
    """Print lines; returns the exit status."""
    from ecs_tui.model.reference import parse_target

    reference = parse_target(cluster, target, container or "")
    request = _Request(reference, given)
    return run_job(print_logs(invocation.account(reference), request))


SUBCOMMAND = Subcommand(
    name="logs",
    help="""Print what containers said, merged by time.

    TARGET is SERVICE[/CONTAINER] (all its tasks, also those that stopped within the last hour) or
    TASK[/CONTAINER]; without it, all tasks of the cluster. An ARN or console URL replaces CLUSTER
    TARGET. Without --since, the last lines are printed.

    Times: 15m, 2h, 1d (that long ago), 14:03, 14:03:21, ISO 8601.

    Exit status: 0 the lines were read, 1 nothing matches, or the lines are not in CloudWatch Logs,
    3 a call to AWS failed.
    """,
    run=run,
    parameters=(
        click.Argument(["cluster"]),
        click.Argument(["target"], required=False),
        click.Argument(["container"], required=False),
        click.Option(["--since"], metavar="TIME", help="Lines from this time on."),
        click.Option(["--until"], metavar="TIME", help="Lines up to this time."),
        click.Option(
            ["-n", "--lines"], type=click.IntRange(1, 1_000_000),
            help=f"Print at most the last N lines.  [default: {DEFAULT_LINES} without --since]",
        ),
        click.Option(["-f", "--follow"], is_flag=True, help="Print new lines until Ctrl+C."),
        click.Option(
            ["--grep"], multiple=True, metavar="PATTERN",
            help="Print lines that match this regular expression, in any case; repeatable.",
        ),
        click.Option(
            ["--exclude"], multiple=True, metavar="PATTERN", help="Print no lines that match it."
        ),
        click.Option(["--level"], type=click.Choice(LEVELS), help="This level and above."),
        click.Option(["--previous"], is_flag=True, help="The task that ran before."),
        click.Option(["--group"], metavar="NAME", help="Another log group, all its streams; "
                     "insights for Container Insights' own."),
        click.Option(["--no-live-tail"], is_flag=True, help="Follow by polling; it is not billed."),
        click.Option(["--utc"], is_flag=True, help="Print times in UTC."),
        *output_parameters("text"),
    ),
)  # fmt: skip


class _Request:
    """What was asked on the command line, checked.

    Raises:
        WrongUsage: A time or a pattern is not valid.
    """

    def __init__(self, reference: Reference, given: GivenLogs) -> None:
        self.reference = reference
        self.output = OutputOptions.of(
            form=given["form"],
            as_json=given["as_json"],
            columns=given["columns"],
            no_headers=given["no_headers"],
            sort=given["sort"],
            words=given["words"],
        )
        self.follow, self.previous = given["follow"], given["previous"]
        self.group, self.utc = given["group"] or "", given["utc"]
        self.live = not given["no_live_tail"]
        self.since = _moment("--since", given["since"])
        self.until = _moment("--until", given["until"])
        if self.follow and self.until is not None:
            raise WrongUsage("--follow and --until contradict each other.", "Leave one out.")
        if self.since is not None and self.until is not None and self.since > self.until:
            raise WrongUsage("--since is later than --until.", "Swap them.")
        self.count = given["lines"] or (None if self.since is not None else DEFAULT_LINES)
        terms = _terms("--grep", given["grep"])
        terms += _terms("--exclude", given["exclude"], inverted=True)
        if given["level"]:
            terms.append(LogTerm("level", level=Level[given["level"].upper()]))
        self.filter = LogFilter(tuple(terms))

    def wants(self, line: LogLine) -> bool:
        """Whether a line is printed; among filtered lines there are no separators."""
        return (line.kind is LineKind.EVENT or not self.filter) and self.filter.matches(line)


def _moment(option: str, text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return parse_moment(text, wall_clock.milliseconds())
    except ValueError:
        raise WrongUsage(
            f'{option} "{clean(text)}" is not a time.', "Use 15m, 2h, 1d, 14:03 or ISO 8601."
        ) from None


def _terms(option: str, patterns: tuple[str, ...], *, inverted: bool = False) -> list[LogTerm]:
    found = []
    for pattern in patterns:
        for term in text_filter(f"~{pattern}").terms:
            if term.problem:
                raise WrongUsage(f"{option}: {clean(term.problem)}.", "Correct the pattern.")
            found.append(LogTerm(term.kind, pattern=term.pattern, inverted=inverted))
    return found


async def print_logs(account: Account, request: _Request) -> ExitStatus:
    """Print the lines; returns the exit status.

    Raises:
        EcsTuiError: Nothing matches, or no call succeeded.
    """
    from ecs_tui.store.log_access import LogAccounts

    accounts = LogAccounts(account)
    out = LogPrinter(request.output, utc=request.utc)
    try:
        watch, known = await _target(account, request)
        reader = LogReader(accounts.of, known.sources, live=request.live)
        reader.add_ends(known.ends)
        for words in reader.unreadable:
            echo(f"ecs-tui: {clean(words)}", err=True)
        if known.left_out:
            echo(f"ecs-tui: {counted(known.left_out, 'older task')} left out.", err=True)
        if not any(each.readable for each in reader.sources):
            return ExitStatus.NO
        await _past(reader, request, out)
        if request.follow:
            await _follow(reader, request, out, watch)
        for name, error in reader.errors.items():
            echo(f"ecs-tui: {clean(name)} was not read: {error}", err=True)
        return ExitStatus.NOT_ASKED if reader.errors else ExitStatus.YES
    finally:
        out.end()
        await accounts.close()
        await account.close()


async def _target(account: Account, request: _Request) -> tuple[TargetWatch, TargetTasks]:
    """The target's tasks, and how to read them again."""
    from ecs_tui.cli.find import check_account, cluster_of, find_target

    reference = request.reference
    await check_account(account, reference)
    cluster = reference.cluster or await cluster_of(account, reference)
    if request.group:
        return await _other_groups(account, cluster, request.group)
    service = reference.service_arn or reference.service
    container = reference.container
    tasks: tuple[str, ...] = ()
    missing: NotFound | None = None
    if not (service or reference.whole_cluster):
        try:
            found = await find_target(account, reference)
        except NotFound as error:
            # A service may have stopped tasks only.
            if not reference.name or reference.may_be_task:
                raise
            service, missing = reference.name, error
        else:
            if found.note:
                echo(f"ecs-tui: {found.note}", err=True)
            container = found.container
            if found.chosen:
                service = reference.name or reference.task
            else:
                tasks = (found.task.arn,)
    watch = TargetWatch(account, cluster, service, tasks, container)
    try:
        known = await (watch.previous() if request.previous else watch.read())
    except ResourceGone:
        raise missing or NotFound(f"Service {clean(service)} not found.") from None
    if missing is not None and not known.tasks:
        raise missing
    if not known.sources:
        what = "There was no task before" if request.previous else "It has no tasks"
        if container and known.tasks:
            what = f'No container "{clean(container)}"'
        raise NotFound(
            f"{what} in cluster {clean(cluster)}.", "ECS forgets stopped tasks after an hour."
        )
    return watch, known


async def _other_groups(
    account: Account, cluster: str, name: str
) -> tuple[TargetWatch, TargetTasks]:
    """A log group that belongs to no task."""
    if name == "insights":
        sources = await insights_sources(account, cluster)
    else:
        caller = await account.caller(alias=False)
        sources = [whole_group(name, caller.arn, account.region, caller.account)]
    return TargetWatch(account, cluster), TargetTasks((), tuple(sources), ())


async def _past(reader: LogReader, request: _Request, out: LogPrinter) -> None:
    if request.count is not None:
        out.lines(await _last(reader, request, request.count))
    elif not request.follow:
        async for lines in reader.between(request.since, request.until):
            out.lines(filter(request.wants, lines))


async def _last(reader: LogReader, request: _Request, count: int) -> list[LogLine]:
    """The last lines that are wanted, and the separators among them."""
    portion = max(1000, count) if request.filter else count
    lines = await reader.newest(portion, request.since, request.until)
    searched, found = len(lines), [*filter(request.wants, lines)]
    while lines and not reader.all_read and _events(found) < count:
        if searched >= MAX_SEARCHED and request.since is None:
            echo(f"ecs-tui: Searched the last {searched:,} lines; --since goes further.", err=True)
            break
        lines = await reader.older(portion)
        searched += len(lines)
        found = [*filter(request.wants, lines), *found]
    events = [each for each in found if each.kind is LineKind.EVENT]
    return found if len(events) <= count else found[found.index(events[-count]) :]


def _events(lines: list[LogLine]) -> int:
    return sum(each.kind is LineKind.EVENT for each in lines)


async def _follow(
    reader: LogReader, request: _Request, out: LogPrinter, watch: TargetWatch
) -> None:
    """Print new lines; returns when a single task has stopped."""
    since = request.since if request.count is None else None
    async with reader.following(since) as batches:
        watching = asyncio.create_task(_watch(reader, request, watch))
        printing = asyncio.create_task(_print(batches, request, out))
        try:
            await asyncio.wait({watching, printing}, return_when=asyncio.FIRST_COMPLETED)
            for each in (watching, printing):
                if each.done():
                    each.result()
        finally:
            for each in (watching, printing):
                each.cancel()
            await asyncio.gather(watching, printing, return_exceptions=True)
    out.lines(filter(request.wants, reader.flush()))


async def _print(batches: AsyncIterator[LogBatch], request: _Request, out: LogPrinter) -> None:
    async for batch in batches:
        out.batch(batch, request.wants)


async def _watch(reader: LogReader, request: _Request, watch: TargetWatch) -> None:
    """Tell the reader of new tasks and of ends; returns when a single task has stopped."""
    single = bool(request.reference.task) or request.previous
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        if request.group:
            continue
        try:
            known = await watch.read()
        except EcsTuiError as error:
            if not isinstance(error, AwsError):
                raise
            echo(f"ecs-tui: {error} Trying again.", err=True)
            continue
        if known.tasks and not request.previous:
            reader.set_sources(known.sources)
            reader.add_ends(known.ends)
        if single and known.ended:
            await asyncio.sleep(LAST_LINES_SECONDS)
            return
