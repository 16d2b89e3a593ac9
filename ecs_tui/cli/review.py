"""`ecs-tui review`: prints who may open a session in a cluster, beside who did."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Unpack

import click

from ecs_tui.cli.columns import RowFormat
from ecs_tui.cli.options import GivenOutput, OutputOptions, Printer, output_parameters
from ecs_tui.cli.output import Row, TableColumn
from ecs_tui.cli.status_line import StatusLine
from ecs_tui.cli.subcommand import Invocation, Subcommand
from ecs_tui.errors import WrongUsage
from ecs_tui.logs.times import parse_moment
from ecs_tui.model.arn import partition_of, short_name
from ecs_tui.model.log_event import as_milliseconds
from ecs_tui.model.reference import parse_target
from ecs_tui.model.text import clean
from ecs_tui.resources.flat import value_of
from ecs_tui.system import wall_clock
from ecs_tui.system.crash import run_job
from ecs_tui.system.echo import echo
from ecs_tui.system.exit_status import ExitStatus

if TYPE_CHECKING:
    from ecs_tui.aws.account import Account

_NOT_EVERYBODY = (
    "Listed are principals that were given, that tried, or that a policy of the time let in; others may "
    "be allowed too."
)


class GivenReview(GivenOutput):
    """The options by name, as click has parsed them."""

    since: str
    principals: tuple[str, ...]


def run(invocation: Invocation, cluster: str, **given: Unpack[GivenReview]) -> int:
    """Print a review; returns the exit status."""
    reference = parse_target(cluster, None)
    now = wall_clock.moment()
    try:
        moment = parse_moment(given["since"], as_milliseconds(now))
    except ValueError:
        words = f'--since "{clean(given["since"])}" is not a time.'
        raise WrongUsage(words, "Use 90d, 12h or ISO 8601.") from None
    since = datetime.fromtimestamp(moment / 1000, UTC)
    account = invocation.account(reference)
    name = short_name(reference.cluster)
    return run_job(
        print_review(account, name, (since, now), given, cache=invocation.settings.cache)
    )


SUBCOMMAND = Subcommand(
    name="review",
    help="""Print who may open a session in CLUSTER, beside who did.

    Who may: by IAM's simulator, for each kind of container. Who did: by CloudTrail. Principals are
    those of --principal, those that tried, and those that a policy of the time let in.

    Exit status: 0 read, 1 nobody is listed, 3 something is missing because a call to AWS failed.
    """,
    run=run,
    parameters=(
        click.Argument(["cluster"]),
        click.Option(["--since"], metavar="TIME", default="90d", show_default=True,
                     help="What was done from this time on; CloudTrail has 90 days."),
        click.Option(["--principal", "principals"], multiple=True, metavar="NAME",
                     help="An ARN, role/NAME or user/NAME to ask about in any case; repeatable."),
        *output_parameters("table"),
    ),
)  # fmt: skip


async def print_review(
    account: Account,
    cluster: str,
    span: tuple[datetime, datetime],
    given: GivenReview,
    *,
    cache: bool,
) -> ExitStatus:
    """Read a review and print it; returns the exit status.

    Raises:
        EcsTuiError: An option is wrong, or the tasks of the cluster cannot be read.
    """
    from ecs_tui.audit.review import REVIEW_KEYS, flat_review
    from ecs_tui.audit.review_reading import ReviewAsked, read_review
    from ecs_tui.store.access import full_principal
    from ecs_tui.store.audit_feeds import AuditFeeds

    output = OutputOptions.of(
        form=given["form"], as_json=given["as_json"], columns=given["columns"],
        no_headers=given["no_headers"], sort=given["sort"], words=given["words"],
    )  # fmt: skip
    printer = Printer(RowFormat("principals", REVIEW_KEYS, TABLE), output)
    feeds = AuditFeeds(account, cache=cache)
    line = StatusLine()
    try:
        caller = await account.caller(alias=False)
        principals = tuple(
            full_principal(each, caller.account, partition_of(caller.arn))
            for each in given["principals"]
        )
        found = await read_review(
            account, feeds, ReviewAsked(cluster, *span, principals), line.show
        )
    finally:
        line.erase()
        await feeds.close()
        await account.close()
    printer.page([flat_review(row) for row in found.rows])
    printer.end(whole=not found.problems)
    for problem in found.problems:
        echo(f"ecs-tui: {clean(problem)}", err=True)
    echo(f"ecs-tui: {_NOT_EVERYBODY}", err=True)
    if found.problems:
        return ExitStatus.NOT_ASKED
    return ExitStatus.YES if found.rows else ExitStatus.NO


def _who(row: Row) -> object:
    name = str(row["principal"] or "unknown")
    return name.rpartition(":")[2]


def _may(row: Row) -> object:
    if row["notKnown"]:
        return "unknown"
    return f"{row['may']} ({row['allowedContainers']}/{row['askedContainers']})"


def _round(row: Row) -> object:
    return {True: "yes", False: "no", None: "unknown"}[row["mayGoRound"]]


def _people(row: Row) -> object:
    return ", ".join(row["people"])


TABLE = (
    TableColumn("PRINCIPAL", _who, shrinks=True, key="principal"),
    TableColumn("VERDICT", value_of("verdict"), key="verdict"),
    TableColumn("MAY_EXEC", _may, key="may"),
    TableColumn("MAY_GO_ROUND", _round, priority=1, key="mayGoRound"),
    TableColumn("SESSIONS", value_of("sessions"), key="sessions"),
    TableColumn("ROUND", value_of("directSessions"), priority=1, key="directSessions"),
    TableColumn("DENIED", value_of("denied"), priority=1, key="denied"),
    TableColumn("LAST", value_of("lastEventTime"), priority=2, key="lastEventTime"),
    TableColumn("PEOPLE", _people, shrinks=True, priority=3, key="people"),
)
"""The columns of `ecs-tui review`."""
