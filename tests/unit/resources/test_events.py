"""Events of a service: the task that a message names, and how the list shows it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ecs_tui.aws.account import Account
from ecs_tui.aws.parse import ecs as parse
from ecs_tui.model.rules.waiting import tells_failure
from ecs_tui.model.service import EventOfService
from ecs_tui.resources import Place
from ecs_tui.resources.events import EVENTS, RepeatedEvent, folded, task_in
from ecs_tui.store.inventory import Inventory
from ecs_tui.ui.details import facts_about

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)
ID = "0123456789abcdef0123456789abcdef"
SERVICE_ARN = "arn:aws:ecs:eu-west-1:1:service/prod/web"
STARTED = f"(service web) has started 1 tasks: (task {ID})."
FAILED = "(service web) was unable to place a task. Reason: Capacity is unavailable at this time."


def event(message: str, arn: str = SERVICE_ARN, at: datetime | None = NOW) -> EventOfService:
    return EventOfService("e1", at, message, arn)


def cells(row: EventOfService, now: datetime = NOW) -> dict[str, tuple[str, str]]:
    made = {column.key: column.cell(row, now) for column in EVENTS.columns}
    return {key: (cell.text, cell.tone) for key, cell in made.items()}


@pytest.mark.parametrize(
    ("message", "task"),
    [
        (STARTED, ID),
        (f"(service web) has stopped 2 running tasks: (task {ID}) (task {'f' * 32}).", ID),
        ("(service web, taskSet ecs-svc/1) has started 1 tasks: "
         "(task 12345678-1234-1234-1234-123456789abc).", "12345678-1234-1234-1234-123456789abc"),
        ("(service web) has reached a steady state.", ""),
        ("(task )", ""),
    ],
)  # fmt: skip
def test_the_task_that_a_message_names(message: str, task: str) -> None:
    assert task_in(message) == task


def test_a_target_group_is_named_by_its_name_not_by_an_arn_that_fills_the_line() -> None:
    arn = (
        "arn:aws-us-gov:elasticloadbalancing:us-gov-west-1:123456789012:targetgroup/web-1/0a7e35e0"
    )
    row = event(f"(service web) (port 80) is unhealthy in (target-group {arn}) due to (reason X).")
    assert (
        cells(row)["event"][0]
        == "(port 80) is unhealthy in (target-group web-1) due to (reason X)."
    )
    about = dict(facts_about(row, Inventory(Account(None, "eu-west-1")), NOW))
    assert arn in about["event"], "the details have all of it"


def test_enter_leads_to_the_task() -> None:
    place = Place("events", cluster="prod", service="web")
    found = EVENTS.enter(place, event(STARTED))
    arn = f"arn:aws:ecs:eu-west-1:1:task/prod/{ID}"
    assert found == Place("containers", cluster="prod", service="web", task_arn=arn)
    old = EVENTS.enter(place, event(STARTED, "arn:aws:ecs:eu-west-1:1:service/web"))
    assert old is not None and old.task_arn == f"arn:aws:ecs:eu-west-1:1:task/{ID}"
    assert EVENTS.enter(place, event(FAILED)) is None


def test_what_the_list_shows() -> None:
    found = cells(event(STARTED, at=NOW - timedelta(minutes=3)))
    assert found["age"] == ("3m", "")
    assert found["event"] == (f"has started 1 tasks: (task {ID}).", "")
    failed = cells(event(FAILED))
    assert failed["event"][1] == "bad" and tells_failure(event(FAILED))
    assert len(cells(event(STARTED))["time"][0]) == len("12:00:00")
    yesterday = cells(event(STARTED, at=NOW - timedelta(days=2)))["time"][0]
    assert yesterday.startswith(f"{(NOW - timedelta(days=2)).astimezone():%Y-%m-%d} ")
    assert cells(event("\x1b[31mred", at=None))["event"][0] == "�[31mred"
    assert cells(event(STARTED, at=None))["time"] == ("", "")


def at(number: int, message: str) -> EventOfService:
    """An event with an ID, as many minutes ago."""
    return EventOfService(f"e{number}", NOW - timedelta(minutes=number), message, SERVICE_ARN)


STEADY = "(service web) has reached a steady state."


def test_events_that_say_the_same_are_one_row() -> None:
    events = [
        at(1, STEADY), at(2, STEADY), at(3, STEADY), at(4, STARTED), at(5, STARTED), at(6, FAILED),
        at(7, STEADY),
        at(8, "(service web) (port 8080) is unhealthy in (target-group x) due to (reason 502)"),
        at(9, "(service web) (port 8080) is unhealthy in (target-group x) due to (reason 504)"),
    ]  # fmt: skip
    rows = folded(events)
    assert [row.id for row in rows] == ["e1", "e4", "e5", "e6", "e7", "e8"]
    first, last = rows[0], rows[-1]
    assert isinstance(first, RepeatedEvent) and isinstance(last, RepeatedEvent)
    assert cells(first)["event"] == ("×3 has reached a steady state.", "off")
    assert (cells(first)["age"][0], cells(first)["since"][0]) == ("1m", "3m")
    assert cells(last)["event"][0].startswith("×2 ") and cells(last)["event"][1] == "bad"
    assert EVENTS.key(first) == "e3", "the row stays the same one while more come"
    assert EVENTS.key(folded([at(0, STEADY), *events])[0]) == "e3"
    facts = facts_about(first, Inventory(Account()), NOW)
    assert dict(facts)["times"].startswith("3 since ")
    assert [name for name, _ in facts].count("earlier") == 2
    assert folded([]) == []


def test_all_tasks_of_a_message_are_facts() -> None:
    both = event(f"(service web) has started 2 tasks: (task {ID}) (task {'f' * 32}).")
    facts = facts_about(both, Inventory(Account()), NOW)
    assert [value for name, value in facts if name == "task"] == [ID, "f" * 32]


def test_the_details_have_the_whole_message() -> None:
    facts = dict(facts_about(event(STARTED), Inventory(Account()), NOW))
    assert facts["event"] == STARTED
    assert (facts["task"], facts["service"]) == (ID, "web")


def test_all_events_are_read_up_to_the_newest_known_one() -> None:
    raw: dict[str, Any] = {
        "serviceArn": SERVICE_ARN,
        "events": [{"id": str(number), "createdAt": NOW, "message": "m"} for number in range(100)],
    }
    every = parse.service_events(raw)
    assert [item.id for item in every] == [str(number) for number in range(100)]
    assert every[0] == EventOfService("0", NOW, "m", SERVICE_ARN)
    assert [item.id for item in parse.service_events(raw, "3")] == ["0", "1", "2"]
    assert len(parse.service_events(raw, "unknown")) == 100
    assert parse.service_events({}) == []
