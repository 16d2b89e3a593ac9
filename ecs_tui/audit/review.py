"""The access review of a cluster: who may open a session in it, beside who did."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import Literal

from ecs_tui.model.arn import partition_of
from ecs_tui.model.audit_event import AuditEvent
from ecs_tui.model.csv_text import csv_cell
from ecs_tui.model.rules.audit_events import is_direct, made_by_ecs
from ecs_tui.model.rules.principals import principal_of_event
from ecs_tui.model.rules.who import name_of
from ecs_tui.model.text import iso
from ecs_tui.record import dataclass

May = Literal["all", "some", "none", "unknown"]
"""In how much of a cluster a principal may open a session."""
ReviewVerdict = Literal[
    "used", "may no longer", "only round the record", "denied", "never used", "no access", "unknown"
]
VERDICTS: dict[ReviewVerdict, str] = {
    "only round the record": "Opened sessions by ssm:StartSession only: ECS has no record of them.",
    "may no longer": "Opened sessions, and IAM does not allow it now.",
    "denied": "Tried, and was refused each time.",
    "never used": "May open sessions, and opened none in the time of the review.",
    "used": "May open sessions, and did.",
    "unknown": "IAM's simulator did not answer, and no session was opened.",
    "no access": "May not open sessions, and did not try.",
}
"""What each verdict means. What deserves a look comes first."""


@dataclass(frozen=True, slots=True)
class AccessNow:
    """What IAM's simulator says about a principal in a cluster.

    Attributes:
        allowed, asked: Kinds of containers it may enter by ECS Exec, of how many.
        uncertain: Whether conditions that are not known may allow more.
        round_allowed: Whether it may call ssm:StartSession at the tasks; None if it is not known.
        error: Why it is not known, in a sentence; "" if it is.
    """

    allowed: int = 0
    asked: int = 0
    uncertain: bool = False
    round_allowed: bool | None = None
    error: str = ""

    @property
    def may(self) -> May:
        """In how much of the cluster it may open a session."""
        if self.error or not self.asked:
            return "unknown"
        if self.allowed == self.asked:
            return "all"
        if self.allowed:
            return "some"
        return "unknown" if self.uncertain else "none"


@dataclass(frozen=True, slots=True)
class Use:
    """What a principal did in the cluster in the time of the review.

    Attributes:
        opened: Sessions opened by ecs:ExecuteCommand.
        direct: Sessions opened by ssm:StartSession.
        denied: Attempts that were not allowed.
        failed: Attempts that failed for another reason.
        people: Names of role sessions and users, sorted.
        last: The last attempt.
    """

    opened: int = 0
    direct: int = 0
    denied: int = 0
    failed: int = 0
    people: tuple[str, ...] = ()
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A principal of a review.

    Attributes:
        principal: The ARN of its user or role.
        now: What it may.
        use: What it did.
    """

    principal: str
    now: AccessNow = field(default_factory=AccessNow)
    use: Use = field(default_factory=Use)

    @property
    def verdict(self) -> ReviewVerdict:
        """How both go together."""
        may, use = self.now.may, self.use
        if use.direct and not use.opened:
            return "only round the record"
        if use.opened:
            return "may no longer" if may == "none" else "used"
        if use.denied:
            return "denied"
        if may in ("all", "some"):
            return "never used"
        return "no access" if may == "none" else "unknown"


def opens_session(event: AuditEvent) -> bool:
    """Whether an event is an attempt of somebody to open a session in a container."""
    if event.service == "ecs":
        return event.name == "ExecuteCommand"
    # The StartSession that ECS makes for an ExecuteCommand is no second attempt.
    return (
        event.name == "StartSession" and bool(event.target.cluster) and not made_by_ecs(event.who)
    )


def granted_principals(events: Iterable[AuditEvent]) -> list[str]:
    """Users and roles that events of the time gave sessions, by their ARNs.

    Args:
        events: Events of IAM whose policy lets somebody open sessions.

    `subject` is "role NAME" or "user NAME", without the path: IAM's simulator finds those without one.
    """
    found: dict[str, None] = {}
    for event in events:
        kind, _, name = event.subject.partition(" ")
        if not event.failed and kind in ("role", "user") and name and event.account:
            found[f"arn:{partition_of(event.who.arn)}:iam::{event.account}:{kind}/{name}"] = None
    return list(found)


def uses(events: Iterable[AuditEvent], cluster: str) -> dict[str, Use]:
    """What each principal did in a cluster, by its ARN; "" is for those that are not known.

    Args:
        events: Events of any kind.
        cluster: The cluster's name.
    """
    by: dict[str, list[AuditEvent]] = {}
    for event in events:
        if opens_session(event) and event.target.cluster == cluster:
            by.setdefault(principal_of_event(event), []).append(event)
    return {principal: _use(found) for principal, found in by.items()}


def _use(events: Sequence[AuditEvent]) -> Use:
    done = [event for event in events if not event.failed]
    direct = sum(is_direct(event) for event in done)
    denied = sum(event.denied for event in events)
    times = [event.at for event in events if event.at is not None]
    return Use(
        len(done) - direct,
        direct,
        denied,
        len(events) - len(done) - denied,
        tuple(sorted({name_of(event.who) for event in events})),
        max(times, default=None),
    )


def review(
    used: Mapping[str, Use], now: Mapping[str, AccessNow], given: Iterable[str] = ()
) -> list[ReviewRow]:
    """The rows of a review: what deserves a look first.

    Args:
        used: What principals did, by ARN.
        now: What principals may, by ARN.
        given: Principals that have a row in any case.
    """
    unasked = AccessNow(error="It was not asked.")
    rows = [
        ReviewRow(principal, now.get(principal, unasked), used.get(principal, Use()))
        for principal in dict.fromkeys((*given, *used, *now))
    ]
    order = list(VERDICTS)
    return sorted(rows, key=lambda row: (order.index(row.verdict), row.principal))


REVIEW_KEYS = (
    "principal", "people", "verdict", "may", "allowedContainers", "askedContainers", "mayGoRound",
    "notKnown", "sessions", "directSessions", "denied", "failed", "lastEventTime",
)  # fmt: skip
"""The keys of flat rows, in order."""


def flat_review(row: ReviewRow) -> dict[str, object]:
    """The row for programs."""
    now, use = row.now, row.use
    return {
        "principal": row.principal or None,
        "people": list(use.people),
        "verdict": row.verdict,
        "may": now.may,
        "allowedContainers": now.allowed if not now.error else None,
        "askedContainers": now.asked if not now.error else None,
        "mayGoRound": now.round_allowed,
        "notKnown": now.error or None,
        "sessions": use.opened,
        "directSessions": use.direct,
        "denied": use.denied,
        "failed": use.failed,
        "lastEventTime": iso(use.last),
    }


def csv_of(rows: Iterable[ReviewRow]) -> str:
    """Rows as CSV with a line of headings; hostile names do not become formulas."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(REVIEW_KEYS)
    writer.writerows([csv_cell(each) for each in flat_review(row).values()] for row in rows)
    return text.getvalue()
