"""Deployments: when they began and ended, and what each changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from ecs_tui.activity.layers import DEPLOYMENTS
from ecs_tui.aws.api.service_deployments import (
    DEPLOYMENTS_PER_CALL,
    describe_service_deployments,
    describe_service_revisions,
    list_service_deployments,
)
from ecs_tui.errors import AwsError
from ecs_tui.model.arn import short_name
from ecs_tui.model.rules.deployment_words import reason_words, source_of, status_words
from ecs_tui.model.rules.health import Sign
from ecs_tui.model.rules.revision_changes import RevisionChange, changes
from ecs_tui.model.service import Deployment, Service
from ecs_tui.model.service_deployment import ServiceDeployment
from ecs_tui.model.service_revision import ServiceRevision
from ecs_tui.model.task_definition import TaskDefinition
from ecs_tui.model.text import counted, span
from ecs_tui.resources.activity import ActivityEntry
from ecs_tui.resources.activity_source import ActivityAnswer, ActivityAsk, ActivitySource
from ecs_tui.resources.base import Place

MAX_SHOWN_CHANGES = 3
"""Differences in the line of a deployment; all are in its details."""
_STATES = {
    "COMPLETED": (Sign.FINE, "completed"),
    "IN_PROGRESS": (Sign.MOVING, "in progress"),
    "FAILED": (Sign.BAD, "failed"),
}
"""`rolloutState` of a deployment in DescribeServices."""


async def _read(ask: ActivityAsk) -> ActivityAnswer:
    entries: list[ActivityEntry] = []
    services = await ask.services()
    alone = len(services) == 1 and bool(ask.target.service)
    for service in services:
        if alone and service.controller == "ECS":
            entries += await _of_service(ask, service)
        else:
            entries += _brief(ask, service)
    note = ""
    if ask.left_out:
        note = f"of the {len(services)} services that changed last; {ask.left_out} left out"
    elif not services:
        note = "a task that belongs to no service has none"
    return ActivityAnswer(entries, note)


def _brief(ask: ActivityAsk, service: Service) -> list[ActivityEntry]:
    """What DescribeServices tells: the deployments that still have tasks, without differences."""
    return [_entry_of(service, item) for item in service.deployments if ask.within(item.created_at)]


def _entry_of(service: Service, item: Deployment) -> ActivityEntry:
    sign, words = _STATES.get(item.rollout_state, (Sign.OFF, item.rollout_state.lower()))
    if item.failed and sign is Sign.MOVING:
        sign = Sign.BAD
    failed = f", {counted(item.failed, 'failed task')}" if item.failed else ""
    return ActivityEntry(
        key=f"deployment {item.id}",
        layer=DEPLOYMENTS.name,
        at=item.created_at,
        who="ECS",
        what=f"deployment of {short_name(item.task_definition)} {words}{failed}",
        sign=sign,
        service=service.name,
        thing=item.id,
        details=(("reason", item.rollout_reason),),
        place=_place(service),
    )


def _place(service: Service) -> Place:
    return Place("deployments", cluster=short_name(service.cluster_arn), service=service.name)


async def _of_service(ask: ActivityAsk, service: Service) -> list[ActivityEntry]:
    """The service deployments in the range, those with the revision that they replace."""
    arns: list[str] = []
    pages = list_service_deployments(ask.account, ask.target.cluster, service.name)
    async for page in pages:
        arns += [item.arn for item in page if not _over_before(item, ask.since)]
    found: list[ServiceDeployment] = []
    for start in range(0, len(arns), DEPLOYMENTS_PER_CALL):
        some = arns[start : start + DEPLOYMENTS_PER_CALL]
        found += await describe_service_deployments(ask.account, ask.target.cluster, some)
    begun = [item for item in found if ask.within(item.started_at or item.created_at)]
    differences = await _differences(ask, begun)
    entries = [_begin(ask, service, item, differences.get(item.arn)) for item in begun]
    return entries + [
        _end(ask, service, item) for item in found if item.over and ask.within(item.ended_at)
    ]


def _over_before(item: ServiceDeployment, since: datetime) -> bool:
    """Whether a deployment ended before the range."""
    end = item.ended_at
    return end is not None and end < since


def _begin(
    ask: ActivityAsk,
    service: Service,
    item: ServiceDeployment,
    found: Sequence[RevisionChange] | str | None,
) -> ActivityEntry:
    sign, state = status_words(item)
    shown = found if isinstance(found, str) else _changed(found)
    return ActivityEntry(
        key=f"{item.arn} began",
        layer=DEPLOYMENTS.name,
        at=item.started_at or item.created_at,
        who="ECS",
        what=f"deployment began: {shown}" if shown else "deployment began",
        sign=Sign.FINE if item.over else sign,
        service=service.name,
        thing=item.id,
        details=(
            ("status", state),
            ("reason", reason_words(item, ask.now)),
            *_details(found),
        ),
    )


def _changed(found: Sequence[RevisionChange] | None) -> str:
    if not found:
        return "nothing differs" if found is not None else ""
    more = len(found) - MAX_SHOWN_CHANGES
    words = [str(each) for each in found[:MAX_SHOWN_CHANGES]]
    return "; ".join([*words, f"{more} more"] if more > 0 else words)


def _details(found: Sequence[RevisionChange] | str | None) -> list[tuple[str, str]]:
    if isinstance(found, str) or found is None:
        return [("difference", found or "")]
    return [(f"{each.thing} {each.name}", f"{each.before} → {each.after}") for each in found]


def _end(ask: ActivityAsk, service: Service, item: ServiceDeployment) -> ActivityEntry:
    sign, state = status_words(item)
    start, end = item.started_at or item.created_at, item.ended_at
    took = f" after {span((end - start).total_seconds())}" if start and end else ""
    why = reason_words(item, ask.now)
    return ActivityEntry(
        key=f"{item.arn} ended",
        layer=DEPLOYMENTS.name,
        at=end,
        who="ECS",
        what=f"deployment {state}{took}" + (f": {why}" if why and sign is not Sign.FINE else ""),
        sign=sign,
        service=service.name,
        thing=item.id,
        details=(("reason", why),),
        place=_place(service),
    )


async def _differences(
    ask: ActivityAsk, deployments: Sequence[ServiceDeployment]
) -> Mapping[str, Sequence[RevisionChange] | str]:
    """What each deployment changes, by its ARN; in place of that why it could not be read."""
    pairs = {item.arn: (source_of(item), item.target.arn) for item in deployments if item.target}
    wanted = sorted({arn for pair in pairs.values() for arn in pair if arn})
    if not wanted:
        return {}
    try:
        revisions = {
            item.arn: item for item in await describe_service_revisions(ask.account, wanted)
        }
    except AwsError as error:
        return dict.fromkeys(pairs, f"not read: {error}")
    found: dict[str, Sequence[RevisionChange] | str] = {}
    for arn, (before, after) in pairs.items():
        old, new = revisions.get(before), revisions.get(after)
        if new is None:
            found[arn] = "its revision is no longer known to ECS"
        elif old is None:
            found[arn] = f"{new.revision}, the first deployment" if not before else new.revision
        else:
            found[arn] = await _compared(ask, old, new)
    return found


async def _compared(
    ask: ActivityAsk, old: ServiceRevision, new: ServiceRevision
) -> Sequence[RevisionChange] | str:
    definitions: list[TaskDefinition | None] = []
    for revision in (old, new):
        try:
            definitions.append(await ask.definition(revision.task_definition))
        except AwsError:  # without it, what the revisions themselves tell is compared
            definitions.append(None)
    return changes(old, new, *definitions)


SOURCE = ActivitySource(
    DEPLOYMENTS.name, "service deployments", _read, "ECS keeps service deployments for 90 days"
)
