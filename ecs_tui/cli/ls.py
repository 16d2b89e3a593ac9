"""`ecs-tui ls`: lists the resources of one kind and prints each page when it arrives."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import replace
from typing import TypeGuard, Unpack

import click

from ecs_tui.aws.account import Account
from ecs_tui.cli.find import check_account, cluster_arns
from ecs_tui.cli.options import GivenOutput, OutputOptions, Printer, output_parameters
from ecs_tui.cli.parallel import in_order
from ecs_tui.cli.progress import DELAY_SECONDS, ProgressLine
from ecs_tui.cli.rows import FORMATS, ListQuery
from ecs_tui.cli.subcommand import Invocation, Subcommand
from ecs_tui.config.settings import Settings
from ecs_tui.errors import (
    AwsError,
    EcsTuiError,
    ExpiredCredentials,
    NoCredentials,
    NoNetwork,
    NoRegion,
    NotFound,
    ResourceGone,
    WrongUsage,
)
from ecs_tui.model.arn import short_name
from ecs_tui.model.reference import Reference, parse_place, parse_resource
from ecs_tui.model.text import clean
from ecs_tui.record import dataclass
from ecs_tui.resources import LISTINGS
from ecs_tui.resources.flat import Row
from ecs_tui.system.crash import run_job
from ecs_tui.system.echo import echo
from ecs_tui.system.exit_status import ExitStatus
from ecs_tui.system.streams import OutputFailed

_EVERYWHERE = (NoCredentials, ExpiredCredentials, NoRegion, NoNetwork)
"""Errors that every other cluster would have too."""
Refused = Callable[[str, AwsError], None]


def run(
    invocation: Invocation,
    *,
    kind: str,
    place: str | None,
    cluster: str,
    service: str,
    **output: Unpack[GivenOutput],
) -> int:
    """List and print; returns the exit status.

    Raises:
        EcsTuiError: Nothing has that name, or a call to AWS failed.
    """
    options = OutputOptions.of(**output)
    if place is not None:
        cluster, service = _placed(place, cluster, service)
    listing, rows = LISTINGS[kind], FORMATS[kind]
    if service and listing.by == "cluster":
        raise click.UsageError(f"{rows.name.capitalize()} belong to a cluster, not to a --service.")
    reference = _reference(invocation.settings, cluster, service)
    if listing.by != "service":
        reference = replace(reference, service="", service_arn="")
    if not listing.whole and not (reference.cluster and reference.service):
        raise WrongUsage(
            f"{rows.name.capitalize()} are those of one service.",
            f"Name it: ecs-tui ls {kind} CLUSTER --service SERVICE",
        )
    printer = Printer(rows, options)
    return run_job(print_listing(invocation.account(reference), kind, reference, printer))


def _placed(place: str, cluster: str, service: str) -> tuple[str, str]:
    """`--cluster` and `--service` with CLUSTER, the ARN or URL of either, in one's place."""
    found = parse_resource(place)
    if found is not None and found.service:
        if service:
            raise click.UsageError("Give a service as an argument or with --service, not both.")
        return cluster, place
    if cluster:
        raise click.UsageError("Give a cluster as an argument or with --cluster, not both.")
    return place, service


def _reference(settings: Settings, cluster: str, service: str) -> Reference:
    place = parse_place(cluster, service)
    if place.region:  # the defaults are not for an ARN or URL, which is complete
        return place
    return parse_place(cluster or settings.cluster, service or settings.service)


SUBCOMMAND = Subcommand(
    name="ls",
    help="""List clusters, services, tasks and other resources.

    CLUSTER is a name, an ARN or a console URL; without it, all clusters are listed, several at the
    same time. Each page is printed when AWS returns it. JSON and CSV use the names of the ECS API.

    A column is named by its heading or by its name in JSON. A filter has the syntax of / in the
    dashboard.

    Exit status: 0 listed, 1 not found, 3 rows are missing because a call to AWS failed.
    """,
    run=run,
    parameters=(
        click.Argument(["kind"], type=click.Choice(tuple(LISTINGS)), metavar="RESOURCE"),
        click.Argument(["place"], required=False, metavar="[CLUSTER]"),
        click.Option(
            ["--cluster"], default="", help="Name, ARN or console URL.  [default: all]"
        ),
        click.Option(["--service"], default="", help="Name, ARN or console URL of a service."),
        *output_parameters("table"),
    ),
    epilog="""\b
RESOURCE is one of:
  """
    + ", ".join(LISTINGS)
    + """

\b
Examples:
  ecs-tui ls services --sort=-runningCount
  ecs-tui ls services --columns cluster,service,tag:team --filter tag:env=production
  ecs-tui ls tasks prod --output jsonl
  ecs-tui ls instances prod --filter agent:disconnected
""",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A cluster whose rows are missing, and the error."""

    cluster: str
    error: AwsError


async def print_listing(
    account: Account, kind: str, reference: Reference, printer: Printer
) -> ExitStatus:
    """Write the list to stdout; returns the exit status.

    Args:
        kind: A key of `LISTINGS`.
        reference: The cluster and service to list; an empty one for all clusters.
        printer: Prints the rows.

    Raises:
        EcsTuiError: Nothing has that name, or a call to AWS failed. Earlier rows have been written.
    """
    left_out: list[LeftOut] = []
    service = reference.service_arn or reference.service
    query = ListQuery(account, LISTINGS[kind], service, printer.needs_tags)
    if not printer.needs_tags:
        account.extras.omit("TAGS")
    failure: EcsTuiError | None = None
    whole = False
    try:
        await check_account(account, reference)
        found = listed(
            query, FORMATS[kind].name, reference.cluster,
            lambda name, error: left_out.append(LeftOut(name, error)),
        )  # fmt: skip
        async with contextlib.aclosing(found):
            async for page in found:
                printer.page(page)
        whole = True
    except EcsTuiError as error:
        failure = error
    finally:
        await account.close()
        if not isinstance(sys.exc_info()[1], OutputFailed):
            printer.end(whole=whole)
    sentences = _sentences(left_out)
    sentences += [
        f"Tags could not be read: {clean(each).rstrip('.')}." for each in sorted(query.untagged)
    ]
    for sentence in sentences:
        echo(f"ecs-tui: {sentence}", err=True)
    if failure is not None:
        if not left_out:
            raise failure
        echo(f"ecs-tui: {failure}", err=True)
    return ExitStatus.NOT_ASKED if sentences else ExitStatus.YES


def _sentences(left_out: Sequence[LeftOut]) -> list[str]:
    """One message for each reason: thirty clusters with denied access have one message."""
    reasons: dict[tuple[type, str], list[LeftOut]] = {}
    for item in left_out:
        reasons.setdefault((type(item.error), item.error.operation), []).append(item)
    sentences = []
    for items in reasons.values():
        names = [clean(short_name(item.cluster)) for item in items]
        some = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
        noun = "cluster" if len(names) == 1 else "clusters"
        sentences.append(f"Rows are missing for {noun} {some}. {items[0].error}")
    return sentences


async def listed(
    query: ListQuery, words: str, cluster: str, refused: Refused | None = None
) -> AsyncGenerator[list[Row], None]:
    """Yield pages of rows, for one cluster or all of them, in AWS's order.

    Args:
        query: What is asked for; clusters without its service are skipped.
        words: What the rows are, for the progress line.
        cluster: Name or ARN; "" for all.
        refused: Called for each cluster that could not be read, if all clusters are listed.
            Without it the error is raised.

    Raises:
        NotFound: There is no such cluster, or no cluster has the service.
        AwsError: A call to AWS failed.
    """
    if not query.listing.by:
        async for rows in query.pages(cluster):
            yield rows
        return
    clusters = [cluster] if cluster else [arn async for arn in cluster_arns(query.account)]
    progress = ProgressLine(words, len(clusters))
    due = asyncio.get_running_loop().call_later(DELAY_SECONDS, progress.draw)
    found = False
    pages = in_order(clusters, query.pages, progress.advance)
    try:
        async for name, page in pages:
            if not isinstance(page, Exception):
                found = True
                progress.erase()
                yield page
                progress.draw()
            elif isinstance(page, ResourceGone) and not cluster:
                pass  # the cluster has just been deleted, or has no such service
            elif cluster or refused is None or not _of_one_cluster(page):
                raise page
            else:
                refused(name, page)
    finally:
        due.cancel()
        progress.erase()
        await pages.aclose()
    if query.service and not found:
        where = f"Cluster {clean(short_name(cluster))} has no" if cluster else "No cluster has a"
        raise NotFound(
            f"{where} service {clean(short_name(query.service))!r}.",
            "List them with: ecs-tui ls services",
        )


def _of_one_cluster(error: Exception) -> TypeGuard[AwsError]:
    """Whether other clusters may be readable all the same."""
    return isinstance(error, AwsError) and not isinstance(error, _EVERYWHERE)
