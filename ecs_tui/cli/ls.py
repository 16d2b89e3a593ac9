"""`ecs-tui ls`: lists the resources of one kind and writes each page when it arrives."""

from __future__ import annotations

import shutil
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

from ecs_tui.aws.account import Account
from ecs_tui.cli.find import check_account, cluster_arns
from ecs_tui.cli.output import CsvWriter, JsonWriter, TableWriter, Writer
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
from ecs_tui.model.reference import Reference
from ecs_tui.model.text import clean
from ecs_tui.resources import LISTINGS
from ecs_tui.resources.flat import Row
from ecs_tui.system.echo import echo
from ecs_tui.system.exit_status import ExitStatus
from ecs_tui.system.streams import OutputFailed

__all__ = ["KEYS", "LISTINGS", "print_listing", "rows"]

_EVERYWHERE = (NoCredentials, ExpiredCredentials, NoRegion, NoNetwork)
"""Errors that every other cluster would have too."""
Refused = Callable[[str, AwsError], None]
KEYS: dict[str, tuple[str, ...]] = {name: listing.keys for name, listing in LISTINGS.items()}
"""The keys of each kind's rows, in order."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A cluster whose rows are missing, and the error."""

    cluster: str
    error: AwsError


async def print_listing(
    account: Account, kind: str, reference: Reference, output: str
) -> ExitStatus:
    """Write the list to stdout; returns the exit status.

    Args:
        kind: A key of `KEYS`.
        reference: The cluster and service to list; an empty one for all clusters.
        output: table, json or csv.

    Raises:
        EcsTuiError: Nothing has that name, or a call to AWS failed. Earlier rows have been written.
    """
    service = reference.service_arn or reference.service
    if not LISTINGS[kind].whole and not (reference.cluster and service):
        raise WrongUsage(f"The {kind} are those of one service.", "Give --cluster and --service.")
    writer = _writer(kind, output)
    left_out: list[LeftOut] = []
    failure: EcsTuiError | None = None
    whole = False
    try:
        await check_account(account, reference)
        async for page in rows(
            account, kind, reference.cluster, service,
            lambda name, error: left_out.append(LeftOut(name, error)),
        ):  # fmt: skip
            writer.page(page)
        whole = True
    except EcsTuiError as error:
        failure = error
    finally:
        await account.close()
        if not isinstance(sys.exc_info()[1], OutputFailed):
            writer.end(whole=whole)
    for sentence in _sentences(left_out):
        echo(f"ecs-tui: {sentence}", err=True)
    if failure is not None:
        if not left_out:
            raise failure
        echo(f"ecs-tui: {failure}", err=True)
    return ExitStatus.NOT_ASKED if left_out else ExitStatus.YES


def _writer(kind: str, output: str) -> Writer:
    if output == "json":
        return JsonWriter()
    if output == "csv":
        return CsvWriter(KEYS[kind])
    terminal = sys.stdout is not None and sys.stdout.isatty()
    return TableWriter(
        LISTINGS[kind].columns, shutil.get_terminal_size().columns if terminal else 0
    )


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


async def rows(
    account: Account, kind: str, cluster: str, service: str, refused: Refused | None = None
) -> AsyncIterator[list[Row]]:
    """Yield pages of rows of `kind`, for one cluster or all of them, in AWS's order.

    Args:
        cluster: Name or ARN; "" for all.
        service: Name or ARN; "" for all. Clusters without it are skipped.
        refused: Called for each cluster that could not be read, if all clusters are listed.
            Without it the error is raised.

    Raises:
        NotFound: There is no such cluster, or no cluster has the service.
        AwsError: A call to AWS failed.
    """
    listing = LISTINGS[kind]
    if not listing.by:
        async for page in listing.pages(account, cluster, ""):
            yield [listing.flat(item) for item in page]
        return
    clusters = [cluster] if cluster else [arn async for arn in cluster_arns(account)]
    found = False
    for name in clusters:
        try:
            async for page in listing.pages(account, name, service):
                found = True
                yield [listing.flat(item) for item in page]
        except ResourceGone:
            if cluster:
                raise
            # The cluster has just been deleted, or has no such service.
        except AwsError as error:
            if cluster or refused is None or isinstance(error, _EVERYWHERE):
                raise
            refused(name, error)
    if service and not found:
        where = f"Cluster {clean(short_name(cluster))} has no" if cluster else "No cluster has a"
        raise NotFound(
            f"{where} service {clean(short_name(service))!r}.",
            "List them with: ecs-tui ls services",
        )
