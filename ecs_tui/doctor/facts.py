"""Facts about one task for the checks, gathered in parallel; each may fail separately."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import ec2, ecs, iam, kms, logs
from ecs_tui.errors import AwsError, EcsTuiError, NotFound
from ecs_tui.model.arn import partition_of, short_name
from ecs_tui.model.cluster import Cluster, ExecConfiguration
from ecs_tui.model.container_instance import ContainerInstance
from ecs_tui.model.identity import Caller
from ecs_tui.model.log_group import LogGroup
from ecs_tui.model.network_path import Ec2Instance, NetworkPath
from ecs_tui.model.permission import (
    EXECUTE,
    Rights,
    exec_context,
    key_arn,
    request_context,
    role_needs,
)
from ecs_tui.model.platform import runs_windows
from ecs_tui.model.rules.exec_readiness import added_by_aws, agent_runs, decides
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task
from ecs_tui.model.task_definition import TaskDefinition

SSM_SESSION = "ssm:StartSession"
DATA_KEY = "kms:GenerateDataKey"


class Fact(StrEnum):
    """The names of the facts."""

    TASK = "task"
    SERVICE = "service"
    CLUSTER = "cluster"
    CONFIGURATION = "exec configuration"
    KEY = "session key"
    DEFINITION = "definition"
    INSTANCE = "instance"
    ROLE = "role"
    ROLE_RIGHTS = "role rights"
    NETWORK = "network"
    CALLER_RIGHTS = "caller rights"
    LOG_GROUP = "log group"
    PLUGIN = "plugin"


@dataclass(frozen=True, slots=True)
class TaskRole:
    """The role of the exec agent: its ARN ("" for none) and where it is set."""

    arn: str
    source: str


@dataclass(frozen=True, slots=True)
class PluginFact:
    """The session client that a session would use."""

    words: str
    builtin: bool
    warning: str = ""


@dataclass(frozen=True, slots=True)
class NetworkFact:
    """How the task reaches AWS.

    Attributes:
        path: The VPC's endpoints and the subnet's default route.
        services: Short names of the AWS services that a session needs.
        address: The task's public address, as text; "" if it has none, None if unknown.
        not_asked: Why its network interface could not be read; None if there was no error.
    """

    path: NetworkPath
    services: tuple[str, ...]
    address: str | None = None
    not_asked: AwsError | None = None


def services_of_sessions(configuration: ExecConfiguration) -> tuple[str, ...]:
    """Short names of the AWS services that the exec agent connects to; ssmmessages is first."""
    services = ["ssmmessages"]
    if configuration.kms_key_id:
        services.append("kms")
    if configuration.logging == "OVERRIDE" and configuration.log_group:
        services.append("logs")
    return tuple(services)


@dataclass(slots=True)
class Facts:
    """The facts gathered so far; `errors` has the errors of those that failed.

    A fact that does not exist for this task (the service of a standalone task, the instance on
    Fargate) is None. `container` is the container to check, "" for all; `last_exit_reason` is why
    the last session ended, without control codes, or "".
    """

    region: str = ""
    values: dict[Fact, Any] = field(default_factory=dict)
    errors: dict[Fact, EcsTuiError] = field(default_factory=dict)
    last_exit_reason: str = ""
    container: str = ""
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def known(self, fact: Fact) -> bool:
        """Whether the fact has been gathered, or has failed."""
        return fact in self.values or fact in self.errors

    @property
    def task(self) -> Task:
        task: Task = self.values[Fact.TASK]
        return task

    @property
    def service(self) -> Service | None:
        """Its service; None for a standalone task."""
        service: Service | None = self.values[Fact.SERVICE]
        return service

    @property
    def configuration(self) -> ExecConfiguration:
        """The cluster's exec configuration; AWS's default if none is set.

        A separate fact: DescribeClusters may return a cluster but refuse its configuration.
        """
        configuration: ExecConfiguration = self.values[Fact.CONFIGURATION]
        return configuration

    @property
    def key(self) -> str:
        """The ARN of the session KMS key; "" if the cluster sets none."""
        key: str = self.values[Fact.KEY]
        return key

    @property
    def definition(self) -> TaskDefinition:
        definition: TaskDefinition = self.values[Fact.DEFINITION]
        return definition

    @property
    def instance(self) -> ContainerInstance | None:
        """Its container instance; None on Fargate."""
        instance: ContainerInstance | None = self.values[Fact.INSTANCE]
        return instance

    @property
    def role(self) -> TaskRole:
        """The role of the exec agent."""
        role: TaskRole = self.values[Fact.ROLE]
        return role

    @property
    def role_rights(self) -> Rights | None:
        """What that role may do; None without a role."""
        rights: Rights | None = self.values[Fact.ROLE_RIGHTS]
        return rights

    @property
    def caller_rights(self) -> dict[str, Rights]:
        """What the caller may do, by container name."""
        rights: dict[str, Rights] = self.values[Fact.CALLER_RIGHTS]
        return rights

    @property
    def network(self) -> NetworkFact | None:
        """How the task reaches AWS; None if its subnet is unknown."""
        network: NetworkFact | None = self.values[Fact.NETWORK]
        return network

    @property
    def log_group(self) -> LogGroup | None:
        """The log group of sessions; None if it does not exist or need not be encrypted."""
        group: LogGroup | None = self.values[Fact.LOG_GROUP]
        return group

    @property
    def windows(self) -> bool:
        """Whether the task's containers are Windows containers; False if unknown."""
        definition, instance = self.values.get(Fact.DEFINITION), self.values.get(Fact.INSTANCE)
        return bool(
            runs_windows(
                self.task,
                definition if isinstance(definition, TaskDefinition) else None,
                instance if isinstance(instance, ContainerInstance) else None,
            )
        )

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
        definition = self.values.get(Fact.DEFINITION)
        defined = isinstance(definition, TaskDefinition) and bool(definition.containers)
        if added_by_aws(container) or (defined and self.definition.container(name) is None):
            return "not in the task definition: AWS added it"
        declared = self.definition.container(name) if defined else None
        if not decides(self.task, container) and not (declared and declared.essential):
            code = "" if container.exit_code is None else f" (exit {container.exit_code})"
            return f"finished{code}; not essential"
        return ""

    @property
    def plugin(self) -> PluginFact:
        plugin: PluginFact = self.values[Fact.PLUGIN]
        return plugin

    @property
    def account_id(self) -> str:
        """The ID of the task's AWS account."""
        return self.task.arn.split(":")[4]

    @property
    def partition(self) -> str:
        """The AWS partition of the task: `aws`, `aws-cn`, …"""
        return partition_of(self.task.arn)


class Gatherer:
    """Gathers the facts about one task.

    Args:
        account: The account to call.
        cluster: Name or ARN.
        task_arn: The task.
        containers: The containers to simulate exec permissions for; empty: all of the task's.
        caller: The caller's identity, if it is already known.
        plugin: Finds the session client; without it there is no `Fact.PLUGIN`.
    """

    def __init__(
        self,
        account: Account,
        cluster: str,
        task_arn: str,
        *,
        containers: tuple[str, ...] = (),
        caller: Caller | None = None,
        plugin: Callable[[], Awaitable[PluginFact]] | None = None,
    ) -> None:
        self._account, self._cluster, self._task_arn = account, cluster, task_arn
        self._containers, self._caller, self._plugin = containers, caller, plugin
        self.facts = Facts(account.region)
        self._ec2_instance_job: asyncio.Task[Ec2Instance] | None = None
        self._jobs: dict[Fact, asyncio.Task[Any]] = {}

    async def run(self) -> AsyncIterator[Fact]:
        """Gather all facts; yields each one's name when it is known or has failed.

        A fact's `EcsTuiError` is put into `facts.errors`; other exceptions are raised.
        """
        makers: dict[Fact, Callable[[], Awaitable[Any]]] = {
            Fact.TASK: self._task,
            Fact.SERVICE: self._service,
            Fact.CLUSTER: self._describe_cluster,
            Fact.CONFIGURATION: self._configuration,
            Fact.KEY: self._key,
            Fact.DEFINITION: self._definition,
            Fact.INSTANCE: self._instance,
            Fact.ROLE: self._role,
            Fact.ROLE_RIGHTS: self._role_rights,
            Fact.NETWORK: self._network,
            Fact.CALLER_RIGHTS: self._caller_rights,
            Fact.LOG_GROUP: self._log_group,
        }
        if self._plugin is not None:
            makers[Fact.PLUGIN] = self._plugin
        self._jobs = {fact: asyncio.ensure_future(make()) for fact, make in makers.items()}
        names = {job: fact for fact, job in self._jobs.items()}
        waiting = set(names)
        try:
            while waiting:
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                for job in done:
                    fact = names[job]
                    error = job.exception()
                    if error is None:
                        self.facts.values[fact] = job.result()
                    elif isinstance(error, EcsTuiError):
                        self.facts.errors[fact] = error
                    else:
                        raise error
                    yield fact
        finally:
            for job in self._jobs.values():
                job.cancel()
            if self._ec2_instance_job is not None:
                self._ec2_instance_job.cancel()

    async def _get(self, fact: Fact) -> Any:
        return await asyncio.shield(self._jobs[fact])

    async def _task(self) -> Task:
        found = await ecs.describe_tasks(self._account, self._cluster, [self._task_arn])
        if not found:
            raise NotFound(
                f"Task {short_name(self._task_arn)[:12]} not found.",
                "ECS drops stopped tasks after about an hour; pick a running one.",
            )
        return found[0]

    async def _service(self) -> Service | None:
        task: Task = await self._get(Fact.TASK)
        if not task.service:
            return None
        found = await ecs.describe_services(self._account, self._cluster, [task.service])
        return found[0] if found else None

    async def _describe_cluster(self) -> Cluster:
        found = await ecs.describe_clusters(self._account, [self._cluster])
        if not found:
            raise NotFound(f"There is no cluster {short_name(self._cluster)} in this region.")
        return found[0]

    async def _configuration(self) -> ExecConfiguration:
        cluster: Cluster = await self._get(Fact.CLUSTER)
        if not cluster.configuration_known:
            raise AwsError(
                "The cluster's exec configuration is not readable: "
                f"{cluster.not_read['CONFIGURATIONS']}"
            )
        return cluster.exec_configuration or ExecConfiguration()

    async def _known_configuration(self) -> ExecConfiguration:
        """The configuration with the key's ARN; a part that cannot be read counts as not set.

        For facts that choose further calls by it. The checks on unreadable parts need
        `Fact.CONFIGURATION` or `Fact.KEY` themselves, and are therefore unknown.
        """
        cluster: Cluster = await self._get(Fact.CLUSTER)
        configuration = cluster.exec_configuration or ExecConfiguration()
        try:
            return replace(configuration, kms_key_id=await self._get(Fact.KEY))
        except EcsTuiError:
            return replace(configuration, kms_key_id="")

    async def _key(self) -> str:
        configuration: ExecConfiguration = await self._get(Fact.CONFIGURATION)
        if not configuration.kms_key_id:
            return ""
        cluster: Cluster = await self._get(Fact.CLUSTER)
        account_id, partition = cluster.arn.split(":")[4], partition_of(cluster.arn)
        arn = key_arn(configuration.kms_key_id, self._account.region, account_id, partition)
        return await kms.key_of_alias(self._account, arn) if ":alias/" in arn else arn

    async def _definition(self) -> TaskDefinition:
        task: Task = await self._get(Fact.TASK)
        return await ecs.describe_task_definition(self._account, task.task_definition)

    async def _instance(self) -> ContainerInstance | None:
        task: Task = await self._get(Fact.TASK)
        if not task.container_instance_arn:
            return None
        arns = [task.container_instance_arn]
        found = await ecs.describe_instances(self._account, self._cluster, arns)
        return found[0] if found else None

    async def _ec2_instance(self) -> Ec2Instance | None:
        instance: ContainerInstance | None = await self._get(Fact.INSTANCE)
        if instance is None or not instance.ec2_id.startswith("i-"):
            return None  # mi-…: an ECS Anywhere instance, which EC2 does not list
        if self._ec2_instance_job is None:
            self._ec2_instance_job = asyncio.ensure_future(
                ec2.ec2_instance(self._account, instance.ec2_id)
            )
        return await asyncio.shield(self._ec2_instance_job)

    async def _role(self) -> TaskRole:
        task: Task = await self._get(Fact.TASK)
        if task.role_override:
            return TaskRole(task.role_override, "the task's overrides")
        definition: TaskDefinition = await self._get(Fact.DEFINITION)
        if definition.task_role_arn:
            return TaskRole(definition.task_role_arn, f"task definition {task.revision}")
        ec2_instance = await self._ec2_instance()
        if ec2_instance is None or not ec2_instance.profile:
            return TaskRole("", f"task definition {task.revision}")
        role = await iam.instance_profile_role(self._account, ec2_instance.profile)
        return TaskRole(role, f"the instance profile of {ec2_instance.id}")

    async def _role_rights(self) -> Rights | None:
        role, cluster = await asyncio.gather(self._get(Fact.ROLE), self._get(Fact.CLUSTER))
        if not role.arn:
            return None
        needs = role_needs(
            await self._known_configuration(),
            self._account.region,
            cluster.arn.split(":")[4],
            partition_of(cluster.arn),
        )
        actions = [action for group, _ in needs for action in group]
        resources = list(dict.fromkeys(resource for _, resource in needs))
        context = request_context(self._account.region)
        return await iam.simulate(self._account, role.arn, actions, resources, context)

    async def _network(self) -> NetworkFact | None:
        task: Task = await self._get(Fact.TASK)
        subnet, ec2_instance = task.subnet, None
        if not subnet:
            ec2_instance = await self._ec2_instance()
            subnet = ec2_instance.subnet if ec2_instance is not None else ""
        if not subnet:
            return None
        services = services_of_sessions(await self._known_configuration())
        path = await ec2.network_path(self._account, subnet, services)
        if not path.needs_public_ip:
            return NetworkFact(path, services)
        if ec2_instance is not None:  # network mode host or bridge: the instance's network
            return NetworkFact(path, services, ec2_instance.public_ip)
        if not task.interface:
            return NetworkFact(path, services)
        try:
            address = await ec2.public_address(self._account, task.interface)
        except AwsError as error:
            return NetworkFact(path, services, await self._promised_address(), error)
        return NetworkFact(path, services, address)

    async def _promised_address(self) -> str | None:
        """The public address by the service's assignPublicIp: text or ""; None if not set."""
        try:
            service: Service | None = await self._get(Fact.SERVICE)
        except AwsError:
            return None
        network = service.network if service is not None else None
        if network is None or not network.public_ip:
            return None
        return "one by assignPublicIp" if network.public_ip == "ENABLED" else ""

    async def _log_group(self) -> LogGroup | None:
        configuration = await self._known_configuration()
        if configuration.logging != "OVERRIDE" or not configuration.log_encryption:
            return None
        if not configuration.log_group:
            return None
        return await logs.log_group(self._account, configuration.log_group)

    async def _principal(self) -> str:
        caller = self._caller or await self._account.caller(alias=False)
        return await iam.principal_of(self._account, caller)

    async def _caller_rights(self) -> dict[str, Rights]:
        task, configuration, principal = await asyncio.gather(
            self._get(Fact.TASK), self._known_configuration(), self._principal()
        )
        names = self._containers or tuple(item.name for item in task.containers)
        actions, resources = [EXECUTE, SSM_SESSION], [task.arn]
        if configuration.kms_key_id:
            actions.append(DATA_KEY)
            resources.append(configuration.kms_key_id)
        every = await asyncio.gather(
            *(
                iam.simulate(self._account, principal, actions, resources, exec_context(task, name))
                for name in names
            )
        )
        return dict(zip(names, every, strict=True))


def permission_of(error: EcsTuiError) -> str:
    """The IAM action of the call that failed, or ""."""
    return error.operation if isinstance(error, AwsError) else ""
