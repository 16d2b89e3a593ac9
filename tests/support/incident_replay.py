"""Replays an incident: the stub of AWS answers with its file, by what each call asks for."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from tests.support.incidents import Incident, Json, content_at
from tests.support.stub_aws import ANSWERS, MORE, Reply, StubAws, error_reply, is_json

NOTHING: dict[str, Json] = {
    "ecs:ListServices": {"serviceArns": []},
    "ecs:ListContainerInstances": {"containerInstanceArns": []},
    "ecs:DescribeCapacityProviders": {"capacityProviders": [], "failures": []},
    "ecs:ListServiceDeployments": {"serviceDeployments": []},
    "ecs:DescribeServiceDeployments": {"serviceDeployments": [], "failures": []},
    "ecs:DescribeServiceRevisions": {"serviceRevisions": [], "failures": []},
    "ecs:DescribeTaskSets": {"taskSets": [], "failures": []},
    "ecs:GetTaskProtection": {"protectedTasks": [], "failures": []},
    "ecs:ListDaemons": {"daemonSummariesList": []},
    "elbv2:DescribeTargetHealth": {"TargetHealthDescriptions": []},
    "elbv2:DescribeTargetGroups": {"TargetGroups": []},
    "elbv2:DescribeTargetGroupAttributes": {"Attributes": []},
    "application-autoscaling:DescribeScalableTargets": {"ScalableTargets": []},
    "application-autoscaling:DescribeScalingActivities": {"ScalingActivities": []},
    "application-autoscaling:DescribeScalingPolicies": {"ScalingPolicies": []},
    "application-autoscaling:DescribeScheduledActions": {"ScheduledActions": []},
    "autoscaling:DescribeAutoScalingGroups": {"AutoScalingGroups": []},
    "cloudwatch:DescribeAlarms": {"MetricAlarms": [], "CompositeAlarms": []},
    "cloudwatch:GetMetricData": {"MetricDataResults": []},
    "logs:FilterLogEvents": {"events": [], "searchedLogStreams": []},
    "health:DescribeEvents": {"events": []},
    "health:DescribeAffectedEntities": {"entities": []},
    "health:DescribeEventDetails": {"successfulSet": [], "failedSet": []},
    "cloudtrail:LookupEvents": {"Events": []},
}
"""The answers of an account that has none of these things."""
_IDENTITY = ("sts:GetCallerIdentity", "iam:ListAccountAliases")
"""Operations whose answer is the stub's own."""


@dataclass(frozen=True, slots=True)
class _Named:
    """How a Describe call names what it wants.

    Attributes:
        asked: The member of the request.
        found: The member of the answer.
        key: The member of an object by which it is named.
        most: How many a call may name. Source: the API references.
    """

    asked: str
    found: str
    key: str
    most: int


_NAMED = {
    "ecs:DescribeClusters": _Named("clusters", "clusters", "clusterArn", 100),
    "ecs:DescribeServices": _Named("services", "services", "serviceArn", 10),
    "ecs:DescribeTasks": _Named("tasks", "tasks", "taskArn", 100),
    "ecs:DescribeContainerInstances": _Named(
        "containerInstances", "containerInstances", "containerInstanceArn", 100
    ),
    "ecs:DescribeServiceDeployments": _Named(
        "serviceDeploymentArns", "serviceDeployments", "serviceDeploymentArn", 20
    ),
    "ecs:DescribeServiceRevisions": _Named(
        "serviceRevisionArns", "serviceRevisions", "serviceRevisionArn", 20
    ),
    "ecs:DescribeCapacityProviders": _Named("capacityProviders", "capacityProviders", "name", 100),
    "application-autoscaling:DescribeScalableTargets": _Named(
        "ResourceIds", "ScalableTargets", "ResourceId", 50
    ),
    "cloudwatch:DescribeAlarms": _Named("AlarmNames", "MetricAlarms", "AlarmName", 100),
}


class Replay:
    """An incident that a stub answers with, until the stub is reset.

    Attributes:
        refused: The operations that the incident cannot answer, each as often as it was called.
    """

    def __init__(self, stub: StubAws, incident: Incident, moment: datetime | None = None) -> None:
        self.refused: list[str] = []
        self._known = [
            (each, content_at(each, moment or incident.moment)) for each in incident.answers
        ]
        operations = {each.operation for each in incident.answers} | NOTHING.keys()
        stub.answers = {
            name: self._answering(name) for name in (ANSWERS | MORE).keys() | operations
        }
        stub.answers["logs:GetLogEvents"] = self._answering("logs:GetLogEvents")
        for name in _IDENTITY:
            stub.answers[name] = ANSWERS[name]

    def _answering(self, operation: str) -> Callable[[str], Json | Reply]:
        return lambda body: self.answer(operation, request_of(operation, body))

    def answer(self, operation: str, request: Json) -> Json | Reply:
        """What AWS would answer to a request."""
        if operation == "logs:GetLogEvents":
            return _of_stream(self._found("logs:FilterLogEvents", request) or {}, request)
        found = self._found(operation, request)
        if found is None:
            self.refused.append(operation)
            return error_reply(operation, "UnknownOperationException", f"{operation}: {request}")
        named = _NAMED.get(operation)
        if named is not None and named.asked in request:
            return _only(operation, named, found, request[named.asked])
        if operation == "ecs:ListTasks":
            return self._tasks(found, request)
        if operation == "application-autoscaling:DescribeScalingActivities":
            return _activities(found, request)
        if operation == "logs:FilterLogEvents":
            return {**found, "events": _within(found["events"], request)}
        return found

    def _found(self, operation: str, request: Json) -> Json | None:
        """The content of the answer that fits best, or that there is nothing; None if unknown."""
        fitting = [
            (len(each.asked), content)
            for each, content in self._known
            if each.operation == operation and _fits(each.asked, request)
        ]
        if not fitting:
            return NOTHING.get(operation)
        return max(fitting, key=lambda pair: pair[0])[1]

    def _tasks(self, found: Json, request: Json) -> Json | Reply:
        """The tasks of a service, a family or an instance, as ListTasks filters them."""
        described = {
            task["taskArn"]: task
            for each, content in self._known
            if each.operation == "ecs:DescribeTasks" and _fits(each.asked, request)
            for task in content["tasks"]
        }
        arns = found["taskArns"]
        if "serviceName" in request:
            group = f"service:{_short(request['serviceName'])}"
            services = self._found("ecs:ListServices", request) or {"serviceArns": []}
            if group[8:] not in map(_short, services["serviceArns"]):
                return error_reply(
                    "ecs:ListTasks", "ServiceNotFoundException", "Service not found."
                )
            arns = [arn for arn in arns if described[arn]["group"] == group]
        if "family" in request:
            prefix = f"{request['family']}:"
            arns = [
                arn
                for arn in arns
                if _short(described[arn]["taskDefinitionArn"]).startswith(prefix)
            ]
        if "containerInstance" in request:
            wanted = _short(request["containerInstance"])
            arns = [
                a for a in arns if _short(described[a].get("containerInstanceArn", "")) == wanted
            ]
        return {"taskArns": arns}


def request_of(operation: str, body: str) -> Json:
    """The members of a request. Of a form, `Names.member.1` and so on become a list."""
    if is_json(operation):
        made: Json = json.loads(body)
    else:
        made = {}
        for key, values in parse_qs(body).items():
            name, _, number = key.partition(".member.")
            if number:
                made.setdefault(name, []).append(values[0])
            else:
                made[name] = values[0]
    if operation == "ecs:ListTasks":
        made.setdefault("desiredStatus", "RUNNING")
    if "logGroupIdentifier" in made:
        group = made["logGroupIdentifier"].rpartition(":log-group:")[2]
        made["logGroupName"] = group.removesuffix(":*")
    return made


def _fits(asked: Any, request: Any) -> bool:
    """Whether a request asks for what an answer is the answer to; see `README.md`."""
    if isinstance(asked, Mapping):
        return isinstance(request, Mapping) and all(
            name in request and _fits(value, request[name]) for name, value in asked.items()
        )
    if isinstance(asked, list):
        return isinstance(request, list) and {*map(_short, request)} <= {*map(_short, asked)}
    if isinstance(asked, str) and isinstance(request, str):
        return _short(asked) == _short(request)
    return bool(asked == request)


def _short(name: str) -> str:
    return name.rsplit("/", 1)[-1]


def _only(operation: str, named: _Named, found: Json, wanted: list[str]) -> Json | Reply:
    """The objects that a call names, and which are missing."""
    if len(wanted) > named.most:
        words = f"{named.asked} may have at most {named.most} items."
        return error_reply(operation, "InvalidParameterException", words)
    names = {_short(each) for each in wanted}
    kept = [each for each in found[named.found] if _short(each[named.key]) in names]
    answer = {**found, named.found: kept}
    if "failures" in found:
        there = {_short(each[named.key]) for each in kept}
        answer["failures"] = [
            {"arn": each, "reason": "MISSING"} for each in wanted if _short(each) not in there
        ]
    return answer


def _activities(found: Json, request: Json) -> Json:
    """Those of the resource; what did not scale only if it is asked for (API reference)."""
    wanted = request.get("ResourceId")
    return {
        "ScalingActivities": [
            each
            for each in found["ScalingActivities"]
            if wanted in (None, each["ResourceId"])
            and ("NotScaledReasons" not in each or request.get("IncludeNotScaledActivities"))
        ]
    }


def _within(events: list[Json], request: Json) -> list[Json]:
    """Events of the streams and the time of a request, the oldest first."""
    names, prefix = request.get("logStreamNames"), request.get("logStreamNamePrefix", "")
    start, end = request.get("startTime", 0), request.get("endTime")
    kept = [
        each
        for each in sorted(events, key=lambda event: event["timestamp"])
        if (names is None or each["logStreamName"] in names)
        and each["logStreamName"].startswith(prefix)
        and each["timestamp"] >= start
        and (end is None or each["timestamp"] <= end)
    ]
    return kept if request.get("startFromHead", True) else kept[::-1]


def _of_stream(found: Json, request: Json) -> Json:
    """What GetLogEvents answers: one stream, without its name; the latest page unless from its head."""
    stream = {**request, "logStreamNames": [request["logStreamName"]], "startFromHead": True}
    events = _within(found.get("events", []), stream)
    limit = request.get("limit", 10_000)
    events = events[:limit] if request.get("startFromHead") else events[-limit:]
    members = ("timestamp", "message", "ingestionTime")
    return {
        "events": [{name: each[name] for name in members} for each in events],
        "nextForwardToken": "f/1",
        "nextBackwardToken": "b/1",
    }
