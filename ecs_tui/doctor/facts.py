"""The facts about one task that the checks judge: one frozen dataclass each.

A fact that does not exist for the task (the service of a standalone task, the instance on Fargate) is
known to be None; a fact that could not be gathered is in `Facts.errors`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import ClassVar, TypeVar

from ecs_tui.errors import AwsError, EcsTuiError
from ecs_tui.model.arn import partition_of
from ecs_tui.model.cluster import Cluster, ExecConfiguration
from ecs_tui.model.container_instance import ContainerInstance
from ecs_tui.model.log_group import LogGroup
from ecs_tui.model.network_path import NetworkPath
from ecs_tui.model.permission import Rights
from ecs_tui.model.platform import runs_windows
from ecs_tui.model.rules.exec_readiness import added_by_aws, agent_runs, decides
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task
from ecs_tui.model.task_definition import TaskDefinition
from ecs_tui.record import dataclass
from ecs_tui.system import wall_clock

SSM_SESSION = "ssm:StartSession"
DATA_KEY = "kms:GenerateDataKey"


@dataclass(frozen=True, slots=True)
class Fact:
    """The base of all facts; `title` names one in a sentence."""

    title: ClassVar[str] = "fact"


@dataclass(frozen=True, slots=True)
class TaskFact(Fact):
    """The task."""

    title: ClassVar[str] = "task"
    task: Task


@dataclass(frozen=True, slots=True)
class ServiceFact(Fact):
    """The task's service; None for a standalone task."""

    title: ClassVar[str] = "service"
    service: Service | None


@dataclass(frozen=True, slots=True)
class ClusterFact(Fact):
    """The task's cluster."""

    title: ClassVar[str] = "cluster"
    cluster: Cluster


@dataclass(frozen=True, slots=True)
class ConfigurationFact(Fact):
    """The cluster's exec configuration; AWS's default if none is set.

    A separate fact: DescribeClusters may return a cluster but refuse its configuration.
    """

    title: ClassVar[str] = "exec configuration"
    configuration: ExecConfiguration


@dataclass(frozen=True, slots=True)
class KeyFact(Fact):
    """The ARN of the session KMS key; "" if the cluster sets none."""

    title: ClassVar[str] = "session key"
    arn: str


@dataclass(frozen=True, slots=True)
class DefinitionFact(Fact):
    """The task's definition."""

    title: ClassVar[str] = "definition"
    definition: TaskDefinition


@dataclass(frozen=True, slots=True)
class InstanceFact(Fact):
    """The task's container instance; None on Fargate."""

    title: ClassVar[str] = "instance"
    instance: ContainerInstance | None


@dataclass(frozen=True, slots=True)
class TaskRole(Fact):
    """The role of the exec agent: its ARN ("" for none) and where it is set."""

    title: ClassVar[str] = "role"
    arn: str
    source: str


@dataclass(frozen=True, slots=True)
class RoleRights(Fact):
    """What that role may do; None without a role."""

    title: ClassVar[str] = "role's rights"
    rights: Rights | None


@dataclass(frozen=True, slots=True)
class CallerRights(Fact):
    """What the caller may do, by container name."""

    title: ClassVar[str] = "caller's rights"
    rights: Mapping[str, Rights]


@dataclass(frozen=True, slots=True)
class NetworkFact(Fact):
    """How the task reaches AWS.

    Attributes:
        path: The VPC's endpoints and the subnet's default route; None if the subnet is unknown.
        services: Short names of the AWS services that a session needs.
        address: The task's public address, as text; "" if it has none, None if unknown.
        not_asked: Why its network interface could not be read; None if there was no error.
    """

    title: ClassVar[str] = "network"
    path: NetworkPath | None
    services: tuple[str, ...] = ()
    address: str | None = None
    not_asked: AwsError | None = None


@dataclass(frozen=True, slots=True)
class LogGroupFact(Fact):
    """The log group of sessions; None if it does not exist or need not be encrypted."""

    title: ClassVar[str] = "log group"
    group: LogGroup | None


@dataclass(frozen=True, slots=True)
class PluginFact(Fact):
    """The session client that a session would use."""

    title: ClassVar[str] = "session client"
    words: str
    builtin: bool
    warning: str = ""


F = TypeVar("F", bound=Fact)


@dataclass(slots=True)
class Facts:
    """The facts gathered so far, by their class; `errors` has the errors of those that failed.

    `container` is the container to check, "" for all; `last_exit_reason` is why the last session
    ended, without control codes, or "". A property of a fact that is not known raises KeyError.
    """

    region: str = ""
    errors: dict[type[Fact], EcsTuiError] = field(default_factory=dict)
    last_exit_reason: str = ""
    container: str = ""
    now: datetime = field(default_factory=wall_clock.moment)
    _found: dict[type[Fact], Fact] = field(default_factory=dict, init=False)

    def add(self, *facts: Fact) -> Facts:
        """Add facts, or replace those of the same class; returns itself."""
        self._found.update({type(fact): fact for fact in facts})
        return self

    def get(self, kind: type[F]) -> F | None:
        """The fact of this class, or None if it is not known."""
        found = self._found.get(kind)
        return found if isinstance(found, kind) else None

    def need(self, kind: type[F]) -> F:
        """The fact of this class.

        Raises:
            KeyError: It is not known.
        """
        found = self.get(kind)
        if found is None:
            raise KeyError(kind.title)
        return found

    def known(self, kind: type[Fact]) -> bool:
        """Whether the fact has been gathered, or has failed."""
        return kind in self._found or kind in self.errors

    @property
    def task(self) -> Task:
        """The task."""
        return self.need(TaskFact).task

    @property
    def service(self) -> Service | None:
        """Its service; None for a standalone task."""
        return self.need(ServiceFact).service

    @property
    def known_service(self) -> Service | None:
        """Its service; None also if it is not known."""
        found = self.get(ServiceFact)
        return found.service if found is not None else None

    @property
    def cluster(self) -> Cluster:
        """Its cluster."""
        return self.need(ClusterFact).cluster

    @property
    def configuration(self) -> ExecConfiguration:
        """The cluster's exec configuration; AWS's default if none is set."""
        return self.need(ConfigurationFact).configuration

    @property
    def key(self) -> str:
        """The ARN of the session KMS key; "" if the cluster sets none."""
        return self.need(KeyFact).arn

    @property
    def definition(self) -> TaskDefinition:
        """Its definition."""
        return self.need(DefinitionFact).definition

    @property
    def known_definition(self) -> TaskDefinition | None:
        """Its definition; None if it is not known."""
        found = self.get(DefinitionFact)
        return found.definition if found is not None else None

    @property
    def instance(self) -> ContainerInstance | None:
        """Its container instance; None on Fargate."""
        return self.need(InstanceFact).instance

    @property
    def role(self) -> TaskRole:
        """The role of the exec agent."""
        return self.need(TaskRole)

    @property
    def role_rights(self) -> Rights | None:
        """What that role may do; None without a role."""
        return self.need(RoleRights).rights

    @property
    def caller_rights(self) -> Mapping[str, Rights]:
        """What the caller may do, by container name."""
        return self.need(CallerRights).rights

    @property
    def log_group(self) -> LogGroup | None:
        """The log group of sessions; None if it does not exist or need not be encrypted."""
        return self.need(LogGroupFact).group

    @property
    def windows(self) -> bool:
        """Whether the task's containers are Windows containers; False if unknown."""
        found = self.get(InstanceFact)
        instance = found.instance if found is not None else None
        return bool(runs_windows(self.task, self.known_definition, instance))

    def agent_runs(self, container: str = "") -> bool:
        """Whether the exec agent has started in the container, or, for "", in any container."""
        return any(
            agent_runs(item) for item in self.task.containers if container in ("", item.name)
        )

    def why_no_matter(self, name: str) -> str:
        """Why the container does not count for the task's readiness, or ""."""
        container = self.task.container(name)
        if container is None or name == self.container:
            return ""
        definition = self.known_definition
        declared = None
        defined = definition is not None and bool(definition.containers)
        if definition is not None and defined:
            declared = definition.container(name)
        if added_by_aws(container) or (defined and declared is None):
            return "not in the task definition: AWS added it"
        if not decides(self.task, container) and not (declared and declared.essential):
            code = "" if container.exit_code is None else f" (exit {container.exit_code})"
            return f"finished{code}; not essential"
        return ""

    @property
    def account_id(self) -> str:
        """The ID of the task's AWS account."""
        return self.task.arn.split(":")[4]

    @property
    def partition(self) -> str:
        """The AWS partition of the task: `aws`, `aws-cn`, …"""
        return partition_of(self.task.arn)


def permission_of(error: EcsTuiError) -> str:
    """The IAM action of the call that failed, or ""."""
    return error.operation if isinstance(error, AwsError) else ""
