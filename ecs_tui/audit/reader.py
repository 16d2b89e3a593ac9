"""Reads CloudTrail's events into the feeds: in the order of their weight, only what is missing."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import iam
from ecs_tui.aws.api.cloudtrail import DAYS_BACK, EventLookup, lookup_pages
from ecs_tui.errors import AccessDenied, AwsError, ResourceGone
from ecs_tui.model.audit_event import AuditEvent
from ecs_tui.model.policy_today import PolicyToday
from ecs_tui.model.rules.audit_events import BY_ARN_ONLY, LAYERS, AuditLayer
from ecs_tui.model.rules.session_grants import session_grants
from ecs_tui.record import dataclass
from ecs_tui.store.audit_feed import SECOND, AuditFeed, ReadSpan
from ecs_tui.store.audit_feeds import AuditFeeds

MAX_POLICIES = 300
"""Managed policies that are read; IAM's calls are throttled for the whole account."""
ALL_LAYERS: tuple[AuditLayer, ...] = tuple(LAYERS)


@dataclass(frozen=True, slots=True)
class ReadProgress:
    """How far reading has come, after each page.

    Attributes:
        name: The name of the events that are read.
        number, names: Which of how many names it is, from 1.
        reached: Events with this name have been read back to this time.
        since: How far back they are read.
        new: The new events of the page, the newest first.
        pages: Pages so far.
    """

    name: str
    number: int
    names: int
    reached: datetime
    since: datetime
    new: tuple[AuditEvent, ...]
    pages: int


@dataclass(frozen=True, slots=True)
class AuditLane:
    """What is read one after another: names of events in one region of one account.

    Attributes:
        feed: Where the events go.
        account: The account in that region, with a budget of its own.
        names: The names of events, in order.
    """

    feed: AuditFeed
    account: Account
    names: tuple[str, ...]


async def lanes(
    feeds: AuditFeeds, layers: Collection[AuditLayer] = ALL_LAYERS
) -> tuple[AuditLane, ...]:
    """The lanes of a connection: its own region, and the region of IAM's events if it is another one.

    Raises:
        AwsError: The identity cannot be read.
    """
    here, of_iam = await feeds.regions()
    own = [name for layer in ALL_LAYERS if layer in layers for name in LAYERS[layer]]
    policies = [name for name in own if name in LAYERS["policies"]]
    if of_iam != here:
        own = [name for name in own if name not in policies]
    found = []
    if own:
        found.append(AuditLane(await feeds.of(here), feeds.account_in(here), tuple(own)))
    if policies and of_iam != here:
        found.append(AuditLane(await feeds.of(of_iam), feeds.account_in(of_iam), tuple(policies)))
    return tuple(found)


def earliest(now: datetime) -> datetime:
    """The time before which LookupEvents has nothing."""
    return now - timedelta(days=DAYS_BACK)


async def read_lane(
    lane: AuditLane, since: datetime, now: datetime
) -> AsyncGenerator[ReadProgress, None]:
    """Read what a lane lacks, name after name, the newest events first.

    What has been read stays read if it is cancelled: the next time goes on from there.

    Args:
        lane: The lane.
        since: How far back.
        now: The time, which stays the same for all pages.

    Raises:
        AwsError: A call failed; what was read before is kept.
    """
    since, pages, feed = max(since, earliest(now)), 0, lane.feed
    for number, name in enumerate(lane.names, 1):
        for span in feed.missing(name, since, now):
            reading = lookup_pages(lane.account, EventLookup(name, span.since, span.until))
            async with aclosing(reading) as found:
                async for page in found:
                    pages += 1
                    new = feed.add(page.events)
                    reached = _reached(span, page.oldest, more=bool(page.token))
                    feed.cover(name, reached, span.until, now)
                    yield ReadProgress(
                        name, number, len(lane.names), reached, since, tuple(new), pages
                    )


def _reached(span: ReadSpan, oldest: datetime | None, *, more: bool) -> datetime:
    """How far back a span has been read. Of the second of the oldest event, more may follow."""
    if not more or oldest is None:
        return span.since if not more else span.until
    return max(span.since, oldest + SECOND)


class PoliciesToday:
    """Reads managed policies as they are today, each once.

    Args:
        account: The account to call; IAM is the same in all regions.

    Attributes:
        found: What is known, by ARN.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self.found: dict[str, PolicyToday] = {}

    async def read(self, events: Sequence[AuditEvent]) -> bool:
        """Read the policies that events name without their document; returns whether any was new."""
        wanted = dict.fromkeys(
            event.policy for event in events if event.name in BY_ARN_ONLY and event.policy
        )
        new = [arn for arn in wanted if arn not in self.found]
        for arn in new:
            if len(self.found) >= MAX_POLICIES:
                self.found[arn] = PolicyToday(problem=f"only {MAX_POLICIES} policies are read.")
            else:
                self.found[arn] = await self._one(arn)
        return bool(new)

    async def _one(self, arn: str) -> PolicyToday:
        try:
            document = await iam.policy_document(self._account, arn)
        except ResourceGone:
            return PolicyToday(problem="it no longer exists.")
        except AccessDenied as error:
            return PolicyToday(problem=f"not allowed to look ({error.operation}).")
        except AwsError as error:
            return PolicyToday(problem=str(error))
        return PolicyToday(session_grants(document))
