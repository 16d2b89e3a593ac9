"""Scaling: what Application Auto Scaling did to the desired count, or could not do."""

from __future__ import annotations

from ecs_tui.activity.layers import SCALING
from ecs_tui.aws.api.autoscaling import scaling_activities
from ecs_tui.model.rules.health import Sign
from ecs_tui.model.scaling_activity import NotScaledReason, ScalingActivity, scaled_resource
from ecs_tui.resources.activity import ActivityEntry
from ecs_tui.resources.activity_source import ActivityAnswer, ActivityAsk, ActivitySource

MAX_PAGES = 10
"""Pages that are read of a whole account, which may scale thousands of services."""
_SIGNS = {
    "Failed": Sign.BAD,
    "Unfulfilled": Sign.BAD,
    "Overridden": Sign.WARNING,
    "Pending": Sign.MOVING,
    "InProgress": Sign.MOVING,
}
_REASONS = {
    "AlreadyAtMaxCapacity": "already at its maximum",
    "AlreadyAtMinCapacity": "already at its minimum",
    "AlreadyAtDesiredCapacity": "already at that count",
    "AutoScalingAnticipatedFlapping": "it would have scaled back at once",
    "TargetServicePutResourceAsUnscalable": "ECS does not let it scale now",
}
"""`NotScaledReason.Code` in words.

Source: "Scaling activities for Application Auto Scaling" in its user guide.
"""


async def _read(ask: ActivityAsk) -> ActivityAnswer:
    target = ask.target
    if target.task_arn and not target.service:
        return ActivityAnswer((), "a task that belongs to no service is not scaled")
    resource = scaled_resource(target.cluster, target.service) if target.service else ""
    start = scaled_resource(target.cluster, target.service)
    entries: list[ActivityEntry] = []
    pages = 0
    async for page in scaling_activities(ask.account, resource, not_scaled=True):
        pages += 1
        entries += [
            _entry(item)
            for item in page
            if item.resource.startswith(start) and ask.within(item.started_at)
        ]
        oldest = page[-1].started_at if page else None
        if oldest is not None and oldest < ask.since:
            break
        if pages == MAX_PAGES:
            return ActivityAnswer(entries, "older ones were not read: there are too many")
    return ActivityAnswer(entries)


def _entry(item: ScalingActivity) -> ActivityEntry:
    sign, words = _SIGNS.get(item.status, Sign.FINE), item.description.rstrip(".")
    if item.not_scaled:
        sign = Sign.WARNING if item.at_ceiling else Sign.OFF
        reasons = "; ".join(map(_reason, item.not_scaled))
        words = f"did not scale: {reasons}"
    elif item.failed:
        words = f"{words}: {item.message}" if item.message else f"{words}: {item.status.lower()}"
    return ActivityEntry(
        key=f"scaling {item.id}",
        layer=SCALING.name,
        at=item.started_at,
        who="auto scaling",
        what=words,
        sign=sign,
        service=item.resource.rsplit("/", 1)[-1],
        thing="",
        details=(("cause", item.cause), ("status", item.status), ("message", item.message)),
    )


def _reason(reason: NotScaledReason) -> str:
    words = _REASONS.get(reason.code, reason.code)
    if reason.code == "AlreadyAtMaxCapacity" and reason.most is not None:
        return f"{words} of {reason.most}"
    return f"{words} of {reason.least}" if "Min" in reason.code and reason.least else words


SOURCE = ActivitySource(
    SCALING.name, "scaling activities", _read, "Application Auto Scaling keeps six weeks"
)
