"""The texts that can be copied from a row: ARN, name, addresses, links and an AWS CLI command."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from ecs_tui.aws.account import Account
from ecs_tui.model.arn import short_name
from ecs_tui.model.container_instance import ContainerInstance
from ecs_tui.model.platform import runs_windows
from ecs_tui.model.rules.exec_readiness import likely_container
from ecs_tui.model.task import Task
from ecs_tui.operations.aws_command import connection_options
from ecs_tui.record import dataclass
from ecs_tui.resources.accounts import AccountClusterRow
from ecs_tui.resources.all_services import AllServicesRow
from ecs_tui.resources.base import Place
from ecs_tui.resources.clusters import ClusterRow
from ecs_tui.resources.console_links import console_link, definition_link
from ecs_tui.resources.containers import ContainerRow
from ecs_tui.resources.services import ServiceRow


@dataclass(frozen=True, slots=True)
class Copyable:
    """A text to copy, and its label."""

    name: str
    text: str


def copyable(row: object, account: Account, place: Place | None = None) -> list[Copyable]:
    """The texts that can be copied from a row, the ARN first; empty if it is not a resource.

    Args:
        row: A row of any view.
        account: The row's account; the command names its profile and region.
        place: The place shown, for the link of a row without a page of its own.
    """
    if isinstance(row, AccountClusterRow | AllServicesRow):
        return copyable(row.row, account, place) if row.row is not None else []
    found: list[tuple[str, str]] = []
    link = ("console link", console_link(account.region, row, place or Place()))
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
        named = ("ARN", "arn"), ("name", "name"), ("message", "message")
        found = [(name, str(getattr(row, attribute, ""))) for name, attribute in named]
        found = [(name, text) for name, text in found if text]
        return [Copyable(name, text) for name, text in (*found, link) if found and text]
    found.append(link)
    if definition := _definition_of(row):
        found.append(("definition link", definition_link(account.region, definition)))
    found.append(("command", _aws(words, account)))
    if shell := _execute_command(row):
        found.append(("exec command", _aws(shell, account)))
    return [Copyable(name, text) for name, text in found if text]


def _definition_of(row: object) -> str:
    """The task definition of a row, or ""."""
    if isinstance(row, ServiceRow):
        return row.service.task_definition
    task = row.task if isinstance(row, ContainerRow) else row
    return task.task_definition if isinstance(task, Task) else ""


def _aws(words: Sequence[str], account: Account) -> str:
    return shlex.join(["aws", "ecs", *words, *connection_options(account)])


def _execute_command(row: object) -> list[str]:
    """A shell in the container, or in the task's most likely one; [] if ECS would refuse it."""
    task = row.task if isinstance(row, ContainerRow) else row
    if not isinstance(task, Task) or not task.exec_enabled or task.last_status != "RUNNING":
        return []
    container = row.container if isinstance(row, ContainerRow) else likely_container(task)
    if container is None:
        return []
    words = ["execute-command", "--cluster", short_name(task.cluster_arn), "--task", task.id]
    shell = "cmd.exe" if runs_windows(task) else "/bin/sh"
    return [*words, "--container", container.name, "--interactive", "--command", shell]


def _describe_task(task: Task) -> list[str]:
    return ["describe-tasks", "--cluster", short_name(task.cluster_arn), "--tasks", task.id]
