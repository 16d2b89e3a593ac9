"""The texts that can be copied from a row: ARN, name, addresses and an AWS CLI command."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import Any

from ecs_tui.aws.account import ENVIRONMENT_KEYS, Account
from ecs_tui.model.arn import short_name
from ecs_tui.model.container_instance import ContainerInstance
from ecs_tui.model.task import Task
from ecs_tui.resources.accounts import AccountClusterRow
from ecs_tui.resources.clusters import ClusterRow
from ecs_tui.resources.containers import ContainerRow
from ecs_tui.resources.services import ServiceRow


@dataclass(frozen=True, slots=True)
class Copyable:
    """A text to copy, and its label."""

    name: str
    text: str


def copyable(row: Any, account: Account) -> list[Copyable]:
    """The texts that can be copied from a row, the ARN first; empty if it is not a resource.

    Args:
        row: A row of any view.
        account: The row's account; the command names its profile and region.
    """
    if isinstance(row, AccountClusterRow):
        return copyable(row.row, account) if row.row is not None else []
    found: list[tuple[str, str]] = []
    if isinstance(row, ClusterRow):
        found = [("ARN", row.arn), ("name", row.name)]
        words = ["describe-clusters", "--clusters", row.arn]
    elif isinstance(row, ServiceRow):
        cluster = row.service.cluster_arn
        found = [("ARN", row.arn), ("name", row.name)]
        words = ["describe-services", "--cluster", cluster, "--services", row.arn]
    elif isinstance(row, Task):
        found = [("ARN", row.arn), ("id", row.id), ("IP", row.private_ip), ("IPv6", row.ipv6)]
        words = _describe_task(row)
    elif isinstance(row, ContainerRow):
        item = row.container
        found = [("ARN", item.arn), ("name", item.name), ("task ARN", row.task.arn)]
        found += [("IPv6" if ":" in each else "IP", each) for each in item.addresses]
        found += [("runtime id", item.runtime_id), ("image", item.image)]
        words = _describe_task(row.task)
    elif isinstance(row, ContainerInstance):
        found = [("ARN", row.arn), ("id", row.id), ("EC2 instance", row.ec2_id)]
        words = ["describe-container-instances", "--cluster", row.cluster_arn]
        words += ["--container-instances", row.id]
    else:
        return []
    found.append(("command", shlex.join(["aws", "ecs", *words, *_connection(account)])))
    return [Copyable(name, text) for name, text in found if text]


def _describe_task(task: Task) -> list[str]:
    return ["describe-tasks", "--cluster", short_name(task.cluster_arn), "--tasks", task.id]


def _connection(account: Account) -> list[str]:
    """The AWS CLI options for the account's profile, region and endpoint."""
    found = ["--region", account.region] if account.region else []
    if not account.is_demo and account.name != ENVIRONMENT_KEYS:
        found += ["--profile", account.name]
    if account.endpoint_url:
        found += ["--endpoint-url", account.endpoint_url]
    return found
