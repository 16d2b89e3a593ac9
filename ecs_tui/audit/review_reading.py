"""Reads what an access review needs: the events of the time, the tasks, and IAM's decisions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from ecs_tui.audit.flags import GRANT
from ecs_tui.audit.review import AccessNow, ReviewRow, granted_principals, review, uses
from ecs_tui.audit.timeline import TimelineSource
from ecs_tui.audit.timeline_reading import AuditReading, progress_words
from ecs_tui.aws.account import Account
from ecs_tui.aws.api import iam
from ecs_tui.errors import AccessDenied, EcsTuiError
from ecs_tui.model.arn import parse_arn
from ecs_tui.model.audit_event import AuditEvent
from ecs_tui.model.permission import request_context
from ecs_tui.model.task import Task
from ecs_tui.record import dataclass
from ecs_tui.store.access import AccessChecker, AccessTarget, access_targets
from ecs_tui.store.audit_feeds import AuditFeeds
from ecs_tui.store.inventory import Kind, Scope
from ecs_tui.store.reading import read

START = "ssm:StartSession"
MAX_PRINCIPALS = 200
"""Principals that are asked about: each takes a call or several of IAM's simulator."""


@dataclass(frozen=True, slots=True)
class ReviewAsked:
    """What is reviewed.

    Attributes:
        cluster: The cluster's name.
        since, now: The time; `now` is that of the call.
        principals: ARNs of users and roles that are asked about in any case.
    """

    cluster: str
    since: datetime
    now: datetime
    principals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A review that has been read.

    Attributes:
        rows: The principals.
        problems: What is missing in it, a sentence each.
    """

    rows: tuple[ReviewRow, ...]
    problems: tuple[str, ...] = ()


async def read_review(
    account: Account,
    feeds: AuditFeeds,
    asked: ReviewAsked,
    told: Callable[[str], None] = lambda _: None,
) -> Reviewed:
    """Read a review.

    Args:
        account: The account of the cluster.
        feeds: Its feeds.
        asked: What is reviewed.
        told: Gets what is being read, in a few words.

    Raises:
        AwsError: The tasks of the cluster cannot be read.
    """
    reading = AuditReading(
        feeds, TimelineSource(), lambda: told(progress_words([reading], asked.now))
    )
    await reading.run(asked.since, asked.now, ("sessions", "policies"))
    problems = list(reading.errors.values())
    rows = [row for row in reading.timeline.rows if _within(row.event, asked)]
    used = uses((row.event for row in rows), asked.cluster)
    granted = granted_principals(row.event for row in rows if GRANT in row.flags)
    principals = _asked_about((*asked.principals, *used, *granted))
    if len(principals) > MAX_PRINCIPALS:
        left = len(principals) - MAX_PRINCIPALS
        problems.append(f"{left} more principals were found, and not asked about.")
        principals = principals[:MAX_PRINCIPALS]
    targets = access_targets(await _tasks(account, asked.cluster))
    if not targets:
        problems.append(f"No task runs in {asked.cluster}: what anybody may do there is not known.")
    now = {}
    checker = AccessChecker(account)
    for number, principal in enumerate(principals, 1):
        told(f"asking IAM about {number} of {len(principals)} principals")
        now[principal] = await access_now(account, checker, principal, targets)
    return Reviewed(tuple(review(used, now, principals)), tuple(problems))


def _within(event: AuditEvent, asked: ReviewAsked) -> bool:
    return event.at is not None and asked.since <= event.at <= asked.now


def _asked_about(found: Iterable[str]) -> list[str]:
    """Users and roles: the simulator takes no root user, and there is nothing to ask without a name."""
    parsed = ((each, parse_arn(each)) for each in dict.fromkeys(found))
    kinds = ("user/", "role/")
    return [each for each, arn in parsed if arn is not None and arn.resource.startswith(kinds)]


async def _tasks(account: Account, cluster: str) -> list[Task]:
    return [task async for page in read(account, Scope(Kind.TASK, cluster)) for task in page]


async def access_now(
    account: Account, checker: AccessChecker, principal: str, targets: Sequence[AccessTarget]
) -> AccessNow:
    """What a principal may do with the containers of a cluster."""
    allowed, uncertain, error = 0, False, ""
    async for answer in checker.ask(principal, targets):
        if answer.error is not None:
            error = _words(answer.error)
        elif answer.decision is not None:
            allowed += answer.decision.allowed
            uncertain = uncertain or bool(answer.decision.uncertain)
    round_allowed = await _may_go_round(account, principal, targets) if not error else None
    return AccessNow(allowed, len(targets), uncertain, round_allowed, error)


async def _may_go_round(
    account: Account, principal: str, targets: Sequence[AccessTarget]
) -> bool | None:
    """Whether a principal may call ssm:StartSession at one of the tasks; None if it is not known."""
    if not targets:
        return None
    examples = sorted({target.example for target in targets})[:1]
    try:
        rights = await iam.simulate(
            account, principal, [START], examples, request_context(account.region)
        )
    except EcsTuiError:
        return None
    decision = rights.of(START, examples[0])
    return decision.allowed if decision is not None else None


def _words(error: EcsTuiError) -> str:
    if isinstance(error, AccessDenied):
        return f"not allowed to look ({error.operation or 'iam:SimulatePrincipalPolicy'})"
    return str(error)
