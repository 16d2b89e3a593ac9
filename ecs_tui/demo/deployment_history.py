"""The service deployments that services of the demo account have behind them when it starts."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

from moto.ecs.models import Service, TaskDefinition

from ecs_tui.demo.deployment_records import DeploymentRecord, RevisionRecord, image_digest
from ecs_tui.demo.deployments import CIRCUIT_BREAKER
from ecs_tui.demo.recording import KEPT_SECONDS, begin_record, follow, revision_of
from ecs_tui.demo.state import ServiceState

_DAY = 24 * 3600.0
_TOOK_SECONDS = 50.0
_APART_SECONDS = 2.2 * _DAY


def image_of(image: str, back: int) -> str:
    """The image of a container so many revisions before the present one: each has its month's tag."""
    name, _, tag = image.rpartition(":")
    year, _, month = tag.partition(".")
    if back <= 0 or not (year.isdigit() and month.isdigit() and int(month) > back):
        return image
    return f"{name}:{year}.{int(month) - back:02}"


def past_deployments(
    service: Service, state: ServiceState, definition: TaskDefinition, earlier: list[str]
) -> None:
    """Record a service's present deployment and those before it.

    Args:
        definition: The present task definition.
        earlier: The ARNs of earlier ones, the oldest first; each was deployed once.
    """
    primary = state.primary
    revision = revision_of(service, state, primary, definition)
    before = [
        _earlier(revision, definition, arn, number)
        for number, arn in enumerate(reversed(earlier), 1)
    ]
    begin_record(service, state, revision, primary.created_at)
    record = state.record
    if record is None:
        return
    record.sources = tuple(before[:1])
    primary.updated_at = primary.created_at + _TOOK_SECONDS
    follow(service, state, primary.updated_at)
    primary.updated_at = primary.created_at
    for target, source in zip(before, [*before, None][1:], strict=True):
        if primary.created_at - target.created_at < KEPT_SECONDS - _DAY:
            state.records.append(_ended(service, record, target, source))


def _earlier(
    revision: RevisionRecord, definition: TaskDefinition, arn: str, back: int
) -> RevisionRecord:
    digest = hashlib.sha256(f"{revision.number}-{back}".encode()).hexdigest()
    images = tuple(
        (name, known := image_of(image, back), image_digest(known))
        for name, image, _ in revision.images
    )
    return replace(
        revision,
        number=f"{int(digest[:16], 16) % 10**19:019}",
        task_definition=arn,
        created_at=revision.created_at - back * _APART_SECONDS,
        images=images,
    )


def _ended(
    service: Service,
    like: DeploymentRecord,
    target: RevisionRecord,
    source: RevisionRecord | None,
) -> DeploymentRecord:
    """A deployment that has ended: most were successful, one in five was rolled back."""
    configuration: dict[str, Any] = like.configuration
    ended = DeploymentRecord(
        id=hashlib.sha256(target.number.encode()).hexdigest()[:21],
        target=target,
        sources=(source,) if source is not None else (),
        configuration=configuration,
        created_at=target.created_at,
        updated_at=target.created_at,
    )
    if source is not None and int(target.number) % 5 == 0:
        ended.roll_back(target.created_at + 3 * _TOOK_SECONDS, CIRCUIT_BREAKER)
        ended.failed = 3
    ended.succeed(target.created_at + 4 * _TOOK_SECONDS, service.desired_count)
    return ended
