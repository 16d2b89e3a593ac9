"""AWS's names in the program, compared with botocore's models: operations, members, protocols."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import botocore.session
import pytest

from ecs_tui.aws.answers import REQUIRED_MEMBERS
from ecs_tui.aws.gate import BODIES
from ecs_tui.aws.parse import ecs as parse
from ecs_tui.aws.parse.capacity_provider import capacity_provider
from ecs_tui.aws.parse.service_deployment import service_deployment, service_revision
from ecs_tui.aws.parse.task_definition import task_definition
from ecs_tui.aws.read_only import ALLOWED

SESSION = botocore.session.get_session()
NOT_FROM_AWS = {"described", "gone", "known_from"}
KINDS = {
    "text": {"string"}, "bytes": {"blob"}, "thing": {"structure"},
    "things": {"list"}, "texts": {"list"},
}  # fmt: skip


def service(name: str) -> Any:
    """botocore's model of a service."""
    return SESSION.get_service_model(name)


@pytest.mark.parametrize("operation", sorted(REQUIRED_MEMBERS))
def test_what_an_answer_must_have_is_in_aws_s_own_model(operation: str) -> None:
    """A misspelt name would check nothing."""
    name, action = operation.split(":")
    output = service(name).operation_model(action).output_shape
    for required in REQUIRED_MEMBERS[operation]:
        shape = output
        for step in required.member.split("."):
            shape = shape.members[step]
        assert shape.type_name in KINDS[required.kind]
        if required.kind == "texts":
            assert shape.member.type_name == "string"
        if required.kind == "things" and required.key:
            assert shape.member.members[required.key].type_name == "string"


def test_read_only_allows_operations_that_exist_and_change_nothing() -> None:
    """A misspelt operation would be refused, and one that changes something must not be allowed."""
    for name, operations in ALLOWED.items():
        model = service(name)
        assert operations <= set(model.operation_names), name
        if name in {"ecs", "iam", "ec2", "kms"}:
            assert all(
                each.startswith(("Describe", "Get", "List", "Simulate")) for each in operations
            )


def test_the_kind_of_body_is_known_for_every_service_that_is_asked() -> None:
    """A member of another kind would be reported under the wrong name."""
    for name in {operation.split(":")[0] for operation in REQUIRED_MEMBERS}:
        protocol = service(name).resolved_protocol
        assert BODIES[protocol] == ("json" if protocol == "json" else "xml"), name


def filled(shape: Any, number: Iterator[int], truth: bool) -> Any:
    """An answer with every member that AWS's model has, no two the same."""
    if shape.type_name == "structure":
        return {key: filled(each, number, truth) for key, each in shape.members.items()}
    if shape.type_name == "list":
        return [filled(shape.member, number, truth)]
    if shape.type_name == "map":
        return {}
    if shape.type_name == "boolean":
        return truth
    count = next(number)
    if shape.type_name == "timestamp":
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=count)
    return f"arn:aws:ecs:eu-west-1:1:x/{count}" if shape.type_name == "string" else count


def leaves(item: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The fields of a model object and of the objects in it."""
    for field in dataclasses.fields(item):
        value = getattr(item, field.name)
        where = f"{path}{field.name}"
        if field.name in NOT_FROM_AWS:
            continue
        if isinstance(value, tuple) and value and dataclasses.is_dataclass(value[0]):
            yield from leaves(value[0], f"{where}.")
        elif dataclasses.is_dataclass(value):
            yield from leaves(value, f"{where}.")
        else:
            yield where, value


NIC = {
    "type": "ElasticNetworkInterface",
    "details": [
        {"name": "privateIPv4Address", "value": "10.0.0.7"},
        {"name": "subnetId", "value": "subnet-7"},
        {"name": "networkInterfaceId", "value": "eni-7"},
        {"name": "ipv6Address", "value": "2600::7"},
    ],
}
INSTANCE = {
    "containerInstanceArn": "arn:aws:ecs:eu-west-1:1:container-instance/prod/7",
    "attributes": [
        {"name": "ecs.instance-type", "value": "m7g.large"},
        {"name": "ecs.availability-zone", "value": "eu-west-1a"},
        {"name": "ecs.os-type", "value": "windows"},
    ],
    "remainingResources": [
        {"name": "CPU", "integerValue": 1}, {"name": "MEMORY", "integerValue": 2},
    ],
    "registeredResources": [
        {"name": "CPU", "integerValue": 3}, {"name": "MEMORY", "integerValue": 4},
    ],
}  # fmt: skip
TAGS = [{"key": "team", "value": "pay"}]
CASES: list[tuple[str, str, Callable[[Any], Any], Mapping[str, Any]]] = [
    ("DescribeClusters", "clusters", parse.cluster, {}),
    ("DescribeServices", "services", parse.service, {}),
    ("DescribeTasks", "tasks", parse.task, {"attachments": [{"type": "other"}, NIC]}),
    ("DescribeContainerInstances", "containerInstances", parse.instance, INSTANCE),
    ("DescribeCapacityProviders", "capacityProviders", capacity_provider, {}),
    (
        "DescribeTaskDefinition",
        "taskDefinition",
        lambda raw: task_definition(raw, TAGS),
        {},
    ),
    ("DescribeServiceDeployments", "serviceDeployments", service_deployment, {}),
    ("DescribeServiceRevisions", "serviceRevisions", service_revision, {}),
]


@pytest.mark.parametrize(("operation", "member", "make", "more"), CASES)
def test_each_field_is_filled_by_a_member_of_its_own(
    operation: str, member: str, make: Callable[[Any], Any], more: Mapping[str, Any]
) -> None:
    """With a complete answer no field has its default value, and no two have the same."""
    shape = service("ecs").operation_model(operation).output_shape.members[member]
    shape = shape.member if shape.type_name == "list" else shape
    full = [
        dict(leaves(make(filled(shape, itertools.count(1000), truth) | more)))
        for truth in (True, False)
    ]
    empty = {"", 0, None, (), "UNKNOWN", "REPLICA", "NONE", "DEFAULT", "tcp"}
    seen: dict[Any, str] = {}
    for name, first in full[0].items():
        if name.endswith("not_read"):
            continue  # of the call, not of the answer: tests/unit/aws/test_extras.py
        if name == "containers.logging.options":
            continue  # only those with a meaning here: tests/unit/model/test_log_sources.py
        value = first if first != () else full[1][name]  # () where a member must not be true
        if isinstance(value, bool):
            assert (value, full[1][name]) == (True, False), name
        elif isinstance(value, dict):
            assert value, name
        else:
            assert value not in empty, name
            if not name.endswith(("cluster_arn", "task_arn")):
                assert value not in seen, f"{name} shows what {seen[value]} shows"
            seen[value] = name
