"""Alarms: the changes of state of the CloudWatch alarms about a service."""

from __future__ import annotations

from ecs_tui.activity.layers import ALARMS
from ecs_tui.aws.api.cloudwatch import alarm_history
from ecs_tui.model.alarm import Alarm, AlarmChange
from ecs_tui.model.rules.health import Sign
from ecs_tui.resources.activity import ActivityEntry
from ecs_tui.resources.activity_source import ActivityAnswer, ActivityAsk, ActivitySource

MAX_ALARMS = 10
"""Alarms whose history is read, one call each; of more the history of the whole account is read."""
MAX_PAGES = 5
"""Pages of the account's history that are read: 500 changes."""


async def _read(ask: ActivityAsk) -> ActivityAnswer:
    index = await ask.alarms()
    about: dict[str, tuple[Alarm, str]] = {}
    for service in await ask.services():
        settings = service.deployment_settings
        named = settings.alarms if settings is not None else ()
        found = index.of(ask.target.cluster, service.name, service.every_target_group, named)
        about |= {alarm.name: (alarm, service.name) for alarm in found}
    if not about:
        return ActivityAnswer((), "no alarm is about it")
    if len(about) > MAX_ALARMS:
        return await _of_account(ask, about)
    entries: list[ActivityEntry] = []
    for name, (alarm, service_name) in about.items():
        async for page in alarm_history(ask.account, ask.since, ask.until, name):
            entries += [_entry(change, alarm, service_name) for change in page]
            break  # the newest hundred changes of one alarm are enough for any range
    return ActivityAnswer(entries, "" if entries else "no alarm has changed")


async def _of_account(ask: ActivityAsk, about: dict[str, tuple[Alarm, str]]) -> ActivityAnswer:
    entries: list[ActivityEntry] = []
    pages = 0
    async for page in alarm_history(ask.account, ask.since, ask.until):
        entries += [_entry(item, *about[item.alarm]) for item in page if item.alarm in about]
        pages += 1
        if pages == MAX_PAGES:
            return ActivityAnswer(entries, "older changes were not read: there are too many")
    return ActivityAnswer(entries, "" if entries else "no alarm has changed")


def _entry(change: AlarmChange, alarm: Alarm, service: str) -> ActivityEntry:
    states = f"{change.old} → {change.new}" if change.old and change.new else change.summary
    sign = {"ALARM": Sign.BAD, "OK": Sign.FINE}.get(change.new, Sign.OFF)
    condition = f" ({alarm.metric} {alarm.condition})" if alarm.metric and alarm.condition else ""
    return ActivityEntry(
        key=f"alarm {change.alarm} {change.at}",
        layer=ALARMS.name,
        at=change.at,
        who="CloudWatch",
        what=f"{change.alarm} {states}{condition}",
        sign=sign,
        service=service,
        thing=change.alarm,
        details=(
            ("reason", change.reason),
            ("description", alarm.description),
            ("state now", alarm.state),
            ("alarm", alarm.arn),
        ),
    )


SOURCE = ActivitySource(ALARMS.name, "alarms", _read, "CloudWatch keeps 30 days")
