"""What many objects of AWS's answers have in common is kept once in memory."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from botocore.model import Shape

from ecs_tui.aws.parse import ecs as parse
from ecs_tui.aws.tolerant import TolerantParser
from ecs_tui.model.nothing import NOTHING
from ecs_tui.model.rules.waiting import failing_event
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task

TAGS = [{"key": "team", "value": "web"}]


def answer(number: int, **more: object) -> Task:
    """A task of an answer of its own, as JSON's parser makes it: every string is a new one."""
    raw = {
        "taskArn": f"arn:aws:ecs:eu-west-1:1:task/prod/{number}", "lastStatus": "RUNNING ",
        "clusterArn": "arn:aws:ecs:eu-west-1:1:cluster/prod", "tags": TAGS,
        "containers": [{"name": "the app", "image": "registry/the app:1"}],
    }  # fmt: skip
    return parse.task(json.loads(json.dumps(raw | more)))


def test_strings_and_tags_of_two_answers_are_the_same_objects() -> None:
    one, two = answer(1), answer(2)
    assert one.cluster_arn is two.cluster_arn
    assert one.last_status is two.last_status
    assert one.tags is two.tags
    assert one.containers[0].image is two.containers[0].image
    assert one.arn is answer(1).arn
    assert answer(3, tags=[]).tags is NOTHING is Task("", "", "").tags is Service("", "", "").tags


def test_times_share_their_zone() -> None:
    parser = TolerantParser()
    shape = Shape("Timestamp", {"type": "timestamp"})
    first, second = (parser._handle_timestamp(shape, value) for value in (1767312000.5, 1767312001))
    assert isinstance(first, datetime)
    assert isinstance(second, datetime)
    assert first == datetime(2026, 1, 2, 0, 0, 0, 500_000, UTC)
    assert first.utcoffset() == datetime.fromtimestamp(1767312000).astimezone().utcoffset()
    assert first.tzinfo is second.tzinfo
    assert parser._handle_timestamp(shape, 1e300) is None
    assert parser._handle_timestamp(shape, "2026-01-02T00:00:00Z") == datetime(
        2026, 1, 2, tzinfo=UTC
    )


def test_of_a_service_s_events_those_are_kept_that_tell_whether_it_fails() -> None:
    def events(*messages: str) -> Service:
        raw = {"serviceArn": "arn", "events": [{"id": m, "message": m} for m in messages]}
        return parse.service(raw)  # type: ignore[arg-type]

    words = ("has started 1 tasks", "was unable to place a task", "has reached a steady state.")
    assert [event.id for event in events(*words).events] == list(words[:2])
    failing = failing_event(events(*words))
    assert failing is not None
    assert failing.id == words[1]
    assert len(events(words[2], *words).events) == 1
    assert failing_event(events(words[2], *words)) is None
    assert len(events(*[words[0]] * 100).events) == 25
