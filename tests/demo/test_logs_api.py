"""CloudWatch Logs of the demo account: its answers, pages, tokens, errors and permissions."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from botocore import xform_name
from botocore.model import OperationModel

from tests.support.demo import Demo
from tests.support.demo_logs import (
    ORDERS,
    WEB,
    WORKER,
    boto_client,
    code_of,
    events,
    now_ms,
    pages,
    task_ids,
    wait_for,
)
from tests.support.members import unknown_members

# -- AWS's shapes


def raw(logs: Any, operation: str, **params: Any) -> dict[str, Any]:
    """The answer as sent, before botocore drops members that it does not know."""
    bodies: list[bytes] = []
    name = f"after-call.cloudwatch-logs.{operation}"
    logs.meta.events.register(name, lambda http_response, **_: bodies.append(http_response.content))
    getattr(logs, xform_name(operation))(**params)
    answer: dict[str, Any] = json.loads(bodies[0])
    return answer


def test_answers_have_only_members_that_the_model_names(demo: Demo, logs: Any) -> None:
    stream = f"ecs/app/{task_ids(demo, 'web')[0]}"
    query = logs.start_query(
        logGroupName=ORDERS, startTime=int(time.time()) - 60, endTime=int(time.time()),
        queryString="fields @timestamp, @message | limit 5",
    )["queryId"]  # fmt: skip
    wait_for(lambda: logs.get_query_results(queryId=query)["status"] == "Complete")
    row = logs.get_query_results(queryId=query)["results"][0]
    calls: list[tuple[str, dict[str, Any]]] = [
        ("DescribeLogGroups", {"logGroupNamePrefix": "/ecs/"}),
        ("DescribeLogStreams", {"logGroupName": WEB, "descending": True}),
        ("FilterLogEvents", {"logGroupName": WEB, "limit": 20}),
        ("GetLogEvents", {"logGroupName": WEB, "logStreamName": stream, "limit": 20}),
        ("GetQueryResults", {"queryId": query}),
        ("DescribeQueries", {}),
        ("GetLogRecord", {"logRecordPointer": row[-1]["value"]}),
    ]
    for operation, params in calls:
        model: OperationModel = logs.meta.service_model.operation_model(operation)
        answer = raw(logs, operation, **params)
        assert operation == "FilterLogEvents" or all(answer.values()), operation
        assert model.output_shape is not None
        assert list(unknown_members(model.output_shape, answer)) == [], operation


def test_streams_are_named_after_the_definition(demo: Demo, logs: Any) -> None:
    ecs = boto_client(demo, "ecs")
    for service in ("web", "search", "worker"):
        tasks = ecs.list_tasks(cluster="prod", serviceName=service)["taskArns"]
        (task,) = ecs.describe_tasks(cluster="prod", tasks=tasks[:1])["tasks"]
        definition = ecs.describe_task_definition(taskDefinition=task["taskDefinitionArn"])
        for container in definition["taskDefinition"]["containerDefinitions"]:
            options = container["logConfiguration"]["options"]
            prefix, task_id = options["awslogs-stream-prefix"], task["taskArn"].rpartition("/")[2]
            name = f"{prefix}/{container['name']}/{task_id}"
            group = options["awslogs-group"]

            def written(group: str = group, name: str = name) -> list[Any]:
                found: list[Any] = logs.describe_log_streams(
                    logGroupName=group, logStreamNamePrefix=name
                )["logStreams"]
                return found

            (stream,) = wait_for(written)
            assert stream["arn"].endswith(f":log-group:{group}:log-stream:{name}")


def test_a_stream_without_a_prefix_has_the_containers_id(demo: Demo, logs: Any) -> None:
    ecs = boto_client(demo, "ecs")
    tasks = ecs.list_tasks(cluster="batch", serviceName="legacy-batch")["taskArns"]
    (task,) = ecs.describe_tasks(cluster="batch", tasks=tasks[:1])["tasks"]
    found = events(
        logs,
        logGroupName="/ecs/batch/legacy-batch",
        logStreamNames=[task["containers"][0]["runtimeId"]],
        startTime=now_ms() - 60_000,
    )
    assert found


def test_log_drivers_are_of_several_kinds(demo: Demo) -> None:
    ecs = boto_client(demo, "ecs")

    def configuration(family: str, container: str) -> dict[str, Any] | None:
        answer = ecs.describe_task_definition(taskDefinition=family)["taskDefinition"]
        return next(
            (item.get("logConfiguration") for item in answer["containerDefinitions"]
             if item["name"] == container), None,
        )  # fmt: skip

    assert configuration("mailer", "app") is None
    edge = configuration("edge", "nginx")
    assert edge is not None and (edge["logDriver"], edge["options"]["Name"]) == (
        "awsfirelens",
        "firehose",
    )
    routers = ecs.describe_task_definition(taskDefinition="edge")["taskDefinition"]
    assert [item["firelensConfiguration"]["type"] for item in routers["containerDefinitions"]
            if "firelensConfiguration" in item] == ["fluentbit"]  # fmt: skip
    splunk = configuration("batch-export", "export")
    assert splunk is not None and splunk["secretOptions"][0]["name"] == "splunk-token"
    resolver = configuration("resolver", "app")
    assert resolver is not None and resolver["options"]["awslogs-region"] == "eu-west-1"
    assert events(
        boto_client(demo, "logs", region_name="eu-west-1"),
        logGroupName="/ecs/prod/resolver",
        startTime=now_ms() - 120_000,
    )


# -- FilterLogEvents


def test_pages_have_the_events_of_the_whole_each_once(demo: Demo, logs: Any) -> None:
    end = now_ms() - 40_000  # so that all of them are ingested
    span = {"logGroupName": WEB, "startTime": end - 120_000, "endTime": end}
    whole = events(logs, **span)
    assert len(whole) > 1000
    order = [(event["timestamp"], event["eventId"]) for event in whole]
    assert order == sorted(order) and len(set(order)) == len(order)
    assert len({event["logStreamName"] for event in whole}) >= 16, "streams are interleaved"
    assert events(logs, **span, limit=177) == whole
    assert events(logs, **span, startFromHead=False, limit=301) == whole[::-1]
    assert all(span["startTime"] <= event["timestamp"] <= end for event in whole)
    one = whole[0]["logStreamName"]
    of_one = [event for event in whole if event["logStreamName"] == one]
    assert events(logs, **span, logStreamNames=[one]) == of_one
    assert events(logs, **span, logStreamNamePrefix=one[:20]) == of_one
    arn = f"arn:aws:logs:us-east-1:123456789012:log-group:{WEB}"
    by_arn = {"logGroupIdentifier": arn, "startTime": span["startTime"], "endTime": end}
    assert events(logs, **by_arn) == whole


def test_a_pattern_selects_and_pages_may_be_empty(logs: Any) -> None:
    end = now_ms() - 40_000
    span = {"logGroupName": WEB, "startTime": end - 1_200_000, "endTime": end}
    pattern = "{ $.status = 503 && $.duration_ms > 2990 }"
    found = list(pages(logs, **span, filterPattern=pattern))
    assert len(found) > 1, "one call does not examine everything"
    assert any(not page["events"] for page in found[:-1]) or len(found) > 2
    selected = [event for page in found for event in page["events"]]
    for event in selected:
        line = json.loads(event["message"])
        assert line["status"] == 503 and line["duration_ms"] > 2990
    assert all(page["searchedLogStreams"] == [] for page in found)


def test_a_page_has_at_most_a_mebibyte(logs: Any) -> None:
    first, *_ = pages(logs, logGroupName="/ecs/staging/sandbox", startTime=now_ms() - 1_800_000)
    sizes = [len(event["message"].encode()) for event in first["events"]]
    assert "nextToken" in first
    assert sum(sizes) < 1 << 20


def test_events_come_late(logs: Any) -> None:
    found = events(logs, logGroupName=WEB, startTime=now_ms() - 5000)
    assert found and all(event["ingestionTime"] <= now_ms() for event in found)
    assert now_ms() - found[-1]["timestamp"] >= 500


def test_what_was_put_stands_between_what_is_written(logs: Any) -> None:
    logs.create_log_stream(logGroupName=ORDERS, logStreamName="by-hand")
    at = now_ms() - 60_000
    logs.put_log_events(
        logGroupName=ORDERS, logStreamName="by-hand",
        logEvents=[{"timestamp": at, "message": "one"}, {"timestamp": at, "message": "two"}],
    )  # fmt: skip
    found = events(logs, logGroupName=ORDERS, startTime=at - 30_000, endTime=at + 20_000)
    at_hand = [n for n, event in enumerate(found) if event["logStreamName"] == "by-hand"]
    assert [found[n]["message"] for n in at_hand] == ["one", "two"]
    assert at_hand[0] > 0 and at_hand[1] < len(found) - 1
    order = [event["timestamp"] for event in found]
    assert order == sorted(order)


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"logGroupName": "/nothing"}, ("ResourceNotFoundException", "log group does not exist")),
        ({"logGroupName": WEB, "logStreamNames": ["x"]},
         ("ResourceNotFoundException", "log stream does not exist")),
        ({"logGroupName": WEB, "logStreamNames": ["x"], "logStreamNamePrefix": "x"},
         ("InvalidParameterException", "Only one of")),
        ({}, ("InvalidParameterException", "Exactly one of")),
        ({"logGroupName": WEB, "logGroupIdentifier": WEB},
         ("InvalidParameterException", "Exactly one of")),
        ({"logGroupName": WEB, "nextToken": "x"},
         ("InvalidParameterException", "nextToken is invalid")),
        ({"logGroupName": WEB, "filterPattern": "{ x }"},
         ("InvalidParameterException", "Invalid filter pattern")),
    ],
)  # fmt: skip
def test_errors_are_awss(logs: Any, params: dict[str, Any], error: tuple[str, str]) -> None:
    code, message = code_of(lambda: logs.filter_log_events(**params))
    assert code == error[0]
    assert error[1] in message


def test_a_token_is_for_its_own_call(logs: Any) -> None:
    token = logs.filter_log_events(logGroupName=WEB, limit=1)["nextToken"]
    other = {"logGroupName": ORDERS, "nextToken": token}
    assert code_of(lambda: logs.filter_log_events(**other))[0] == "InvalidParameterException"


# -- GetLogEvents


def test_a_stream_is_read_from_its_end_and_from_its_beginning(demo: Demo, logs: Any) -> None:
    end = now_ms() - 40_000
    stream = {"logGroupName": ORDERS, "logStreamName": f"ecs/app/{task_ids(demo, 'orders')[0]}"}
    span = {"startTime": end - 300_000, "endTime": end}
    whole = [event["message"] for event in events(
        logs, logGroupName=ORDERS, logStreamNames=[stream["logStreamName"]],
        startTime=span["startTime"], endTime=end - 1)]  # fmt: skip
    assert len(whole) > 100

    def walk(direction: str, **more: Any) -> list[list[str]]:
        found: list[list[str]] = []
        token: dict[str, str] = {}
        while True:
            page = logs.get_log_events(**stream, **span, **more, limit=90, **token)
            if token and page[direction] == token["nextToken"]:
                assert not page["events"], "the token repeats only at the end"
                return found
            found.append([event["message"] for event in page["events"]])
            token = {"nextToken": page[direction]}

    forwards = walk("nextForwardToken", startFromHead=True)
    assert [text for page in forwards for text in page] == whole
    backwards = walk("nextBackwardToken")
    assert [text for page in reversed(backwards) for text in page] == whole
    latest = logs.get_log_events(**stream, **span, limit=10)
    assert [event["message"] for event in latest["events"]] == whole[-10:]


def test_a_forward_token_finds_what_is_written_later(demo: Demo, logs: Any) -> None:
    stream = {"logGroupName": WEB, "logStreamName": f"ecs/app/{task_ids(demo, 'web')[1]}"}
    token = logs.get_log_events(**stream)["nextForwardToken"]

    def later() -> list[Any]:
        page = logs.get_log_events(**stream, nextToken=token, startFromHead=True)
        found: list[Any] = page["events"]
        return found

    assert wait_for(later)


def test_an_empty_span_has_tokens_too(demo: Demo, logs: Any) -> None:
    stream = {"logGroupName": WEB, "logStreamName": f"ecs/app/{task_ids(demo, 'web')[1]}"}
    page = logs.get_log_events(**stream, startTime=1000, endTime=2000)
    assert page["events"] == []
    again = logs.get_log_events(
        **stream, startTime=1000, endTime=2000, nextToken=page["nextForwardToken"],
        startFromHead=True,
    )  # fmt: skip
    assert again["nextForwardToken"] == page["nextForwardToken"]
    code, _ = code_of(lambda: logs.get_log_events(**stream, nextToken="f/x"))
    assert code == "InvalidParameterException"


# -- groups and streams


def test_groups_are_listed_in_pages(logs: Any) -> None:
    found = [
        group for page in logs.get_paginator("describe_log_groups").paginate(limit=7)
        for group in page["logGroups"]
    ]  # fmt: skip
    names = [group["logGroupName"] for group in found]
    assert names == sorted(set(names)) and len(names) > 30
    web = found[names.index(WEB)]
    assert web["retentionInDays"] == 3
    assert web["storedBytes"] > 100_000
    assert web["creationTime"] < now_ms() - 3_600_000, "it is older than its lines"
    assert web["arn"] == web["logGroupArn"] + ":*"
    by_part = logs.describe_log_groups(logGroupNamePattern="containerinsights")["logGroups"]
    assert "/aws/ecs/containerinsights/prod/performance" in [g["logGroupName"] for g in by_part]


def test_streams_are_ordered_by_name_or_last_event(logs: Any) -> None:
    paginator = logs.get_paginator("describe_log_streams")
    found = [
        stream
        for page in paginator.paginate(
            logGroupName=WORKER, orderBy="LastEventTime", descending=True, limit=13
        )
        for stream in page["logStreams"]
    ]
    assert len(found) >= 40, "earlier crashes have left their streams"
    last = [stream.get("lastEventTimestamp", 0) for stream in found]
    assert last == sorted(last, reverse=True)
    names = [s["logStreamName"] for p in paginator.paginate(logGroupName=WORKER, limit=50)
             for s in p["logStreams"]]  # fmt: skip
    assert names == sorted(names)
    wrong = {"logGroupName": WEB, "orderBy": "LastEventTime", "logStreamNamePrefix": "ecs"}
    code, message = code_of(lambda: logs.describe_log_streams(**wrong))
    assert (code, "LastEventTime" in message) == ("InvalidParameterException", True)


def test_retention_forgets(logs: Any) -> None:
    group = "/ecs/prod/legacy-api"
    day = 86_400_000
    floor = now_ms() - day
    first = logs.filter_log_events(logGroupName=group, limit=1)["events"][0]
    assert floor - 1000 <= first["timestamp"] < floor + 60_000
    stream = logs.describe_log_streams(logGroupName=group, limit=1)["logStreams"][0]
    assert stream["creationTime"] < floor - 10 * day, "the stream is older than its events"
    assert not events(logs, logGroupName=group, endTime=floor - 1000)
    logs.put_retention_policy(logGroupName=group, retentionInDays=3)
    first = logs.filter_log_events(logGroupName=group, limit=1)["events"][0]
    assert first["timestamp"] < floor - day


# -- what happens to tasks is in their logs


def test_a_crash_is_announced_in_the_log(demo: Demo, logs: Any) -> None:
    ecs = boto_client(demo, "ecs")

    def crashed() -> list[Any]:
        arns = ecs.list_tasks(cluster="prod", desiredStatus="STOPPED", family="worker")["taskArns"]
        found = ecs.describe_tasks(cluster="prod", tasks=arns)["tasks"] if arns else []
        return [task for task in found if task["lastStatus"] == "STOPPED"]

    task = wait_for(crashed, 60)[0]
    assert task["containers"][0]["exitCode"] == 137
    stream = f"ecs/app/{task['taskArn'].rpartition('/')[2]}"
    stopped = int(task["stoppingAt"].timestamp() * 1000)

    def last_line() -> bool:
        found = events(logs, logGroupName=WORKER, logStreamNames=[stream])
        texts = [event["message"] for event in found]
        if "Terminating due to java.lang.OutOfMemoryError" not in texts:
            return False
        assert "starting worker" in texts[0]
        assert "java.lang.OutOfMemoryError: Java heap space" in texts
        assert stopped - 1000 < found[-1]["timestamp"] <= stopped
        return True

    assert wait_for(last_line)


def test_a_new_deployment_writes_that_it_starts(demo: Demo, logs: Any) -> None:
    ecs = boto_client(demo, "ecs")
    before = set(task_ids(demo, "invoices"))
    begin = now_ms()
    ecs.update_service(cluster="prod", service="invoices", forceNewDeployment=True)

    def started() -> list[Any]:
        return events(
            logs, logGroupName="/ecs/prod/invoices", startTime=begin,
            filterPattern='"starting invoices"',
        )  # fmt: skip

    stream = wait_for(started, 60)[0]["logStreamName"]
    assert stream.rpartition("/")[2] not in before
    wait_for(lambda: events(logs, logGroupName="/ecs/prod/invoices", startTime=begin,
                            filterPattern="SIGTERM"), 60)  # fmt: skip
