"""Changes: task definitions that were registered, by whom."""

from __future__ import annotations

from ecs_tui.activity.layers import CHANGES
from ecs_tui.errors import AwsError
from ecs_tui.model.arn import short_name
from ecs_tui.model.task_definition import TaskDefinition
from ecs_tui.resources.activity import ActivityEntry
from ecs_tui.resources.activity_source import ActivityAnswer, ActivityAsk, ActivitySource
from ecs_tui.store.surroundings import why_unknown

MAX_DEFINITIONS = 20
"""Task definitions that are read: those of deployments that still have tasks."""


async def _read(ask: ActivityAsk) -> ActivityAnswer:
    """The revisions of the deployments that DescribeServices returns."""
    arns: dict[str, str] = {}
    for service in await ask.services():
        every = (service.task_definition, *(item.task_definition for item in service.deployments))
        arns |= {arn: service.name for arn in every if arn}
    entries: list[ActivityEntry] = []
    note = ""
    for arn, service_name in list(arns.items())[:MAX_DEFINITIONS]:
        try:
            found = await ask.definition(arn)
        except AwsError as error:
            note = f"{short_name(arn)}: {why_unknown(error)}"
            continue
        if ask.within(found.registered_at):
            entries.append(_entry(found, service_name))
    return ActivityAnswer(entries, note)


def _entry(found: TaskDefinition, service: str) -> ActivityEntry:
    name = short_name(found.arn)
    return ActivityEntry(
        key=f"registered {found.arn}",
        layer=CHANGES.name,
        at=found.registered_at,
        who=short_name(found.registered_by) or "unknown",
        what=f"registered task definition {name}",
        service=service,
        thing=name,
        details=(("by", found.registered_by), ("task definition", found.arn)),
    )


SOURCE = ActivitySource(CHANGES.name, "registered task definitions", _read)
