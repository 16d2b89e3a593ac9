"""The demo's log events in this process: pages of any size, tokens, retention, log options."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.eventstream import EventStreamBuffer
from hypothesis import given, settings
from hypothesis import strategies as st
from moto.logs.exceptions import InvalidParameterException
from moto.logs.models import logs_backends

from ecs_tui.demo.account import CLUSTERS
from ecs_tui.demo.logs_access import group_resource, refusal
from ecs_tui.demo.logs_lines import ContainerEnd, ContainerLog, PastSpan, Rate
from ecs_tui.demo.logs_queries import record_at, row_of
from ecs_tui.demo.logs_reading import TOKEN_MS, filter_events, get_events
from ecs_tui.demo.logs_seed import FORBIDDEN_GROUP, PLANS, busy_rate, log_configuration
from ecs_tui.demo.logs_store import LogStore, LogStores
from ecs_tui.demo.logs_tail import message
from ecs_tui.demo.logs_text import FORMATS, Program
from ecs_tui.demo.server import ACCOUNT

NOW = 1_795_000_000_000
MINUTE = 60_000
DAY = 24 * 60 * MINUTE
GROUP = "/pages"
STREAMS = ("app/a", "app/b", "web/c")


@pytest.fixture(scope="module")
def store() -> Iterator[LogStore]:
    """Three streams of ten minutes, and one into which events were put."""
    backend = logs_backends[ACCOUNT]["eu-central-1"]
    backend.create_log_group(GROUP, {})
    backend.create_log_stream(GROUP, "put")
    made = LogStores(ACCOUNT, Rate([(0, 1.0)], adjustable=True), 1)["eu-central-1"]
    for index, name in enumerate(STREAMS):
        program = Program("orders", "app", f"{index:032}", "7", 8080)
        span = PastSpan(NOW - (11 + index) * MINUTE, ContainerEnd(NOW - index * 20_000, 143))
        made.add(GROUP, ContainerLog(name, program, FORMATS["java"], Rate([(0, 0.4)]), span))
    stored = [{"timestamp": NOW - each * MINUTE, "message": f"put {each}"} for each in range(1, 9)]
    backend.groups[GROUP].streams["put"].put_log_events(stored)
    for event in backend.groups[GROUP].streams["put"].events:
        event.ingestion_time = event.timestamp
    yield made
    backend.delete_log_group(GROUP)


def walked(store: LogStore, params: dict[str, Any], limits: list[int]) -> list[dict[str, Any]]:
    """The events of all pages, with these limits in turn."""
    found: list[dict[str, Any]] = []
    token: dict[str, str] = {}
    for number in range(10_000):
        limit = limits[number % len(limits)]
        page = filter_events(store, {**params, **token, "limit": limit}, NOW)
        assert len(page["events"]) <= limit
        found += page["events"]
        if "nextToken" not in page:
            return found
        token = {"nextToken": page["nextToken"]}
    raise AssertionError("the pages do not end")


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.integers(1, 90), min_size=1, max_size=4),
    st.booleans(),
    st.sampled_from(["", "failed", "-placed", '"put "', "?at ?Caused"]),
    st.sampled_from([{}, {"logStreamNames": ["put", "app/b"]}, {"logStreamNamePrefix": "app/"}]),
    st.tuples(st.integers(0, 700), st.integers(0, 700)).map(sorted),
)
def test_pages_of_any_size_have_the_events_of_the_whole(
    store: LogStore, limits: list[int], head: bool, pattern: str, streams: dict[str, Any],
    ago: list[int],
) -> None:  # fmt: skip
    params = {
        "logGroupName": GROUP, "filterPattern": pattern, "startFromHead": head, **streams,
        "startTime": NOW - ago[1] * 1000, "endTime": NOW - ago[0] * 1000,
    }  # fmt: skip
    whole = filter_events(store, params, NOW)
    assert "nextToken" not in whole
    assert walked(store, params, limits) == whole["events"]
    ids = [event["eventId"] for event in whole["events"]]
    assert ids == sorted(set(ids), reverse=not head)


@settings(deadline=None, max_examples=25)
@given(st.sampled_from([*STREAMS, "put"]), st.lists(st.integers(1, 60), min_size=1, max_size=3))
def test_a_stream_is_the_same_forwards_and_backwards(
    store: LogStore, stream: str, limits: list[int]
) -> None:
    params = {"logGroupName": GROUP, "logStreamName": stream}

    def walk(token_name: str, **more: Any) -> list[list[dict[str, Any]]]:
        found: list[list[dict[str, Any]]] = []
        token: dict[str, str] = {}
        for number in range(10_000):
            limit = limits[number % len(limits)]
            page = get_events(store, {**params, **more, **token, "limit": limit}, NOW)
            if token and page[token_name] == token["nextToken"]:
                return found
            found.append(page["events"])
            token = {"nextToken": page[token_name]}
        raise AssertionError("the tokens do not end")

    forwards = walk("nextForwardToken", startFromHead=True)
    backwards = walk("nextBackwardToken")
    assert [e for page in forwards for e in page] == [e for page in backwards[::-1] for e in page]
    assert sum(map(len, forwards)) >= 8


def test_a_token_ends_after_a_day(store: LogStore) -> None:
    token = filter_events(store, {"logGroupName": GROUP, "limit": 1}, NOW)["nextToken"]
    again = {"logGroupName": GROUP, "limit": 1, "nextToken": token}
    assert filter_events(store, again, NOW + TOKEN_MS)["events"]
    with pytest.raises(InvalidParameterException):
        filter_events(store, again, NOW + TOKEN_MS + 1)


def test_retention_is_the_floor_and_what_is_not_ingested_is_not_there(store: LogStore) -> None:
    group = store.group(GROUP)
    try:
        group.retention_in_days = 1
        seen = filter_events(store, {"logGroupName": GROUP}, NOW + DAY - 5 * MINUTE)["events"]
    finally:
        group.retention_in_days = None
    assert seen and min(event["timestamp"] for event in seen) >= NOW - 5 * MINUTE
    early = filter_events(store, {"logGroupName": GROUP}, NOW - 5 * MINUTE)["events"]
    assert early and max(event["ingestionTime"] for event in early) <= NOW - 5 * MINUTE


def test_a_pointer_leads_back_to_its_event(store: LogStore) -> None:
    group = store.group(GROUP)
    streams = store.streams(group, NOW).values()
    records = list(store.read(group, streams, 0, NOW, NOW))
    for record in records[::50]:
        assert record_at_now(store, row_of(store, GROUP, record)["@ptr"]) == record.message
    with pytest.raises(InvalidParameterException):
        record_at(store, "nothing")


def record_at_now(store: LogStore, pointer: str) -> str:
    return record_at(store, pointer)["@message"]


def test_a_message_is_read_by_botocore() -> None:
    buffer = EventStreamBuffer()
    buffer.add_data(message("event", "sessionUpdate", {"a": "ü\n"}))
    buffer.add_data(message("exception", "SessionTimeoutException", {"message": "late"}))
    first, second = list(buffer)
    assert first.headers == {
        ":event-type": "sessionUpdate",
        ":content-type": "application/json",
        ":message-type": "event",
    }
    assert first.payload == b'{"a": "\\u00fc\\n"}'
    assert second.headers[":exception-type"] == "SessionTimeoutException"


def test_each_plan_is_of_a_container_and_a_known_format() -> None:
    containers = {
        f"{cluster.name}/{service.name}/{container.name}"
        for cluster in CLUSTERS
        for service in cluster.services
        for container in service.containers
    }
    assert set(PLANS) <= containers
    assert {plan.format for plan in PLANS.values()} <= set(FORMATS)
    assert busy_rate(CLUSTERS)[1] == 8


def test_log_options_are_those_of_the_plan() -> None:
    usual = log_configuration("prod", "web", "app", "us-east-1")["logConfiguration"]
    assert usual == {
        "logDriver": "awslogs",
        "options": {
            "awslogs-group": "/ecs/prod/web",
            "awslogs-region": "us-east-1",
            "awslogs-stream-prefix": "ecs",
        },
    }
    assert log_configuration("prod", "mailer", "app", "us-east-1") == {}
    no_prefix = log_configuration("batch", "legacy-batch", "app", "us-east-1")
    assert "awslogs-stream-prefix" not in no_prefix["logConfiguration"]["options"]
    edge = log_configuration("prod", "edge", "nginx", "eu-west-1")["logConfiguration"]
    assert edge["options"]["region"] == "eu-west-1"


def test_a_refusal_names_the_group(keys: tuple[str, str]) -> None:
    forbidden = group_resource(ACCOUNT, "us-east-1", FORBIDDEN_GROUP)
    assert forbidden in refusal(ACCOUNT, keys[0], "GetLogEvents", forbidden)
    allowed = group_resource(ACCOUNT, "us-east-1", "/ecs/prod/web")
    assert refusal(ACCOUNT, keys[0], "GetLogEvents", allowed) == ""
    assert refusal(ACCOUNT, "AKIAUNKNOWN", "GetLogEvents", forbidden) == ""


def test_a_rate_is_not_negative() -> None:
    stores = LogStores(ACCOUNT, Rate([(0, 4.0)], adjustable=True), 8)
    stores.set_rate(800, NOW)
    assert stores.busy.at(NOW) == 100
    with pytest.raises(ValueError, match="negative"):
        stores.set_rate(-1, NOW)
