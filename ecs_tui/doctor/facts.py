"""What the checks look at: facts about one task, gathered at the same time, each able to fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ecs_tui.aws import ec2, ecs, iam, logs
from ecs_tui.aws.account import Account
from ecs_tui.errors import AwsError, EcsTuiError, NotFound
from ecs_tui.model.arn import partition_of, short_name
from ecs_tui.model.cluster import Cluster, ExecConfiguration
from ecs_tui.model.exec_status import added_by_aws, agent_runs, decides
from ecs_tui.model.identity import Caller
from ecs_tui.model.instance import ContainerInstance
from ecs_tui.model.log_group import LogGroup
from ecs_tui.model.permission import (
    EXECUTE,
    Rights,
    exec_context,
    key_arn,
    request_context,
    role_needs,
)
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task
from ecs_tui.model.task_definition import TaskDefinition
from ecs_tui.model.way import Machine, Way

SSM_SESSION = "ssm:StartSession"
DATA_KEY = "kms:GenerateDataKey"


class Fact(StrEnum):
    """The facts there are."""

    TASK = "task"
    SERVICE = "service"
    CLUSTER = "cluster"
    DEFINITION = "definition"
    INSTANCE = "instance"
    ROLE = "role"
    ROLE_RIGHTS = "role rights"
    WAY = "way"
    CALLER_RIGHTS = "caller rights"
    LOG_GROUP = "log group"
    PLUGIN = "plugin"


@dataclass(frozen=True, slots=True)
class TaskRole:
    """The role that the exec agent acts as: its ARN ("" for none) and where that was found."""

    arn: str
    source: str


@dataclass(frozen=True, slots=True)
class PluginFact:
    """The session client that would be used."""

    words: str
    builtin: bool
    warning: str = ""


@dataclass(frozen=True, slots=True)
class NetworkFact:
    """How the task reaches AWS.

    Attributes:
        way: Endpoints and the route out.
        services: The short names of the services that a session needs.
        address: Its public address, "" without one, None where that is not known.
    """

    way: Way
    services: tuple[str, ...]
    address: str | None = None


def services_of_sessions(configuration: ExecConfiguration) -> tuple[str, ...]:
    """What the exec agent talks to, by the services' short names, the channels first."""
    services = ["ssmmessages"]
    if configuration.kms_key_id:
        services.append("kms")
    if configuration.logging == "OVERRIDE" and configuration.log_group:
        services.append("logs")
    return tuple(services)


@dataclass(slots=True)
class Facts:
    """What is known so far; a failed fact holds its error.

    A fact that does not exist for this task (the service of a one-off, the instance on Fargate) is
    None. `asked` is the container that was asked about, "" for all; `said` what a failed session
    has said.
    """

    region: str = ""
    values: dict[Fact, Any] = field(default_factory=dict)
    errors: dict[Fact, EcsTuiError] = field(default_factory=dict)
    said: str = ""
    asked: str = ""

    def known(self, fact: Fact) -> bool:
        """Whether the fact has been gathered, or has failed."""
        return fact in self.values or fact in self.errors

    @property
    def task(self) -> Task:
        """The task."""
        task: Task = self.values[Fact.TASK]
        return task

    @property
    def service(self) -> Service | None:
        """Its service, None for a task of its own."""
        service: Service | None = self.values[Fact.SERVICE]
        return service

    @property
    def configuration(self) -> ExecConfiguration:
        """The cluster's exec configuration; AWS's default where nothing is set."""
        cluster: Cluster = self.values[Fact.CLUSTER]
        return cluster.exec_configuration or ExecConfiguration()

    @property
    def definition(self) -> TaskDefinition:
        """Its task definition."""
        definition: TaskDefinition = self.values[Fact.DEFINITION]
        return definition

    @property
    def instance(self) -> ContainerInstance | None:
        """Its container instance, None on Fargate."""
        instance: ContainerInstance | None = self.values[Fact.INSTANCE]
        return instance

    @property
    def role(self) -> TaskRole:
        """The role of the exec agent."""
        role: TaskRole = self.values[Fact.ROLE]
        return role

    @property
    def role_rights(self) -> Rights | None:
        """What that role may do, None without a role."""
        rights: Rights | None = self.values[Fact.ROLE_RIGHTS]
        return rights

    @property
    def caller_rights(self) -> dict[str, Rights]:
        """What the caller may do, for each container."""
        rights: dict[str, Rights] = self.values[Fact.CALLER_RIGHTS]
        return rights

    @property
    def network(self) -> NetworkFact | None:
        """The way to AWS, None where the subnet is not known."""
        network: NetworkFact | None = self.values[Fact.WAY]
        return network

    @property
    def log_group(self) -> LogGroup | None:
        """The log group of sessions, None where it does not exist or need not be known."""
        group: LogGroup | None = self.values[Fact.LOG_GROUP]
        return group

    @property
    def windows(self) -> bool:
        """Whether the task's containers are Windows containers, as far as is known."""
        definition, instance = self.values.get(Fact.DEFINITION), self.values.get(Fact.INSTANCE)
        return (
            self.task.platform_family.casefold().startswith("windows")
            or (isinstance(definition, TaskDefinition) and definition.windows)
            or (isinstance(instance, ContainerInstance) and instance.os_type == "windows")
        )

    def agent_runs(self, container: str = "") -> bool:
        """Whether the exec agent of the container, or of any of the task, has started."""
        return any(
            agent_runs(item) for item in self.task.containers if container in ("", item.name)
        )

    def why_no_matter(self, name: str) -> str:
        """Why the container does not decide whether the task is ready, or ""."""
        container = self.task.container(name)
        if container is None or name == self.asked:
            return ""
        definition = self.values.get(Fact.DEFINITION)
        defined = isinstance(definition, TaskDefinition) and bool(definition.containers)
        if added_by_aws(container) or (defined and self.definition.container(name) is None):
            return "not in the task definition: AWS added it"
        declared = self.definition.container(name) if defined else None
        if not decides(self.task, container) and not (declared and declared.essential):
            code = "" if container.exit_code is None else f" (exit {container.exit_code})"
            return f"it has done its work{code}: not essential"
        return ""

    @property
    def plugin(self) -> PluginFact:
        """The session client."""
        plugin: PluginFact = self.values[Fact.PLUGIN]
        return plugin

    @property
    def account_id(self) -> str:
        """The account the task lives in."""
        return self.task.arn.split(":")[4]

    @property
    def partition(self) -> str:
        """The partition the task lives in."""
        return partition_of(self.task.arn)


class Gatherer:
    """Gathers the facts about one task; yields each as soon as it is there.

    Args:
        account: The account to ask.
        cluster: Name or ARN.
        task_arn: The task.
        containers: The containers whose exec permission is asked for; empty: all of the task.
        caller: Who the caller is, if that is known already.
        plugin: Finds the session client that would be used.
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
        self._machine_job: asyncio.Task[Machine] | None = None
        self._jobs: dict[Fact, asyncio.Task[Any]] = {}

    async def run(self) -> AsyncIterator[Fact]:
        """Gather everything; a fact that cannot be had is an error in `facts`, not a stop."""
        makers: dict[Fact, Callable[[], Awaitable[Any]]] = {
            Fact.TASK: self._task,
            Fact.SERVICE: self._service,
            Fact.CLUSTER: self._describe_cluster,
            Fact.DEFINITION: self._definition,
            Fact.INSTANCE: self._instance,
            Fact.ROLE: self._role,
            Fact.ROLE_RIGHTS: self._role_rights,
            Fact.WAY: self._way,
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
            if self._machine_job is not None:
                self._machine_job.cancel()

    async def _get(self, fact: Fact) -> Any:
        return await asyncio.shield(self._jobs[fact])

    async def _task(self) -> Task:
        found = await ecs.describe_tasks(self._account, self._cluster, [self._task_arn])
        if not found:
            raise NotFound(
                f"Task {short_name(self._task_arn)[:12]} is not known to ECS (any more).",
                "ECS forgets a stopped task after about an hour; choose one that runs.",
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

    async def _machine(self) -> Machine | None:
        instance: ContainerInstance | None = await self._get(Fact.INSTANCE)
        if instance is None or not instance.ec2_id.startswith("i-"):
            return None  # mi-…: a machine of ECS Anywhere, which EC2 does not know
        if self._machine_job is None:
            self._machine_job = asyncio.ensure_future(ec2.machine(self._account, instance.ec2_id))
        return await asyncio.shield(self._machine_job)

    async def _role(self) -> TaskRole:
        task: Task = await self._get(Fact.TASK)
        if task.role_override:
            return TaskRole(task.role_override, "the task's overrides")
        definition: TaskDefinition = await self._get(Fact.DEFINITION)
        if definition.task_role_arn:
            return TaskRole(definition.task_role_arn, f"task definition {task.revision}")
        machine = await self._machine()
        if machine is None or not machine.profile:
            return TaskRole("", f"task definition {task.revision}")
        role = await iam.instance_profile_role(self._account, machine.profile)
        return TaskRole(role, f"the instance profile of {machine.id}")

    async def _role_rights(self) -> Rights | None:
        role, cluster = await asyncio.gather(self._get(Fact.ROLE), self._get(Fact.CLUSTER))
        if not role.arn:
            return None
        configuration = cluster.exec_configuration or ExecConfiguration()
        needs = role_needs(
            configuration,
            self._account.region,
            cluster.arn.split(":")[4],
            partition_of(cluster.arn),
        )
        actions = [action for group, _ in needs for action in group]
        resources = list(dict.fromkeys(resource for _, resource in needs))
        context = request_context(self._account.region)
        return await iam.simulate(self._account, role.arn, actions, resources, context)

    async def _way(self) -> NetworkFact | None:
        task, cluster = await asyncio.gather(self._get(Fact.TASK), self._get(Fact.CLUSTER))
        subnet, machine = task.subnet, None
        if not subnet:
            machine = await self._machine()
            subnet = machine.subnet if machine is not None else ""
        if not subnet:
            return None
        services = services_of_sessions(cluster.exec_configuration or ExecConfiguration())
        way = await ec2.way_to_aws(self._account, subnet, services)
        address = await self._public_address(task, machine) if way.needs_public_ip else None
        return NetworkFact(way, services, address)

    async def _public_address(self, task: Task, machine: Machine | None) -> str | None:
        """The task's public address, "" without one, None where it cannot be known."""
        if machine is not None:  # host and bridge: the machine's own network
            return machine.public_ip
        if not task.interface:
            return None
        try:
            return await ec2.public_address(self._account, task.interface)
        except AwsError:
            service: Service | None = await self._get(Fact.SERVICE)
            network = service.network if service is not None else None
            if network is None or not network.public_ip:
                return None
            return "one by assignPublicIp" if network.public_ip == "ENABLED" else ""

    async def _log_group(self) -> LogGroup | None:
        cluster: Cluster = await self._get(Fact.CLUSTER)
        configuration = cluster.exec_configuration or ExecConfiguration()
        if configuration.logging != "OVERRIDE" or not configuration.log_encryption:
            return None
        if not configuration.log_group:
            return None
        return await logs.log_group(self._account, configuration.log_group)

    async def _principal(self) -> str:
        caller = self._caller or await self._account.caller(alias=False)
        return await iam.principal_of(self._account, caller)

    async def _caller_rights(self) -> dict[str, Rights]:
        task, cluster, principal = await asyncio.gather(
            self._get(Fact.TASK), self._get(Fact.CLUSTER), self._principal()
        )
        names = self._containers or tuple(item.name for item in task.containers)
        actions, resources = [EXECUTE, SSM_SESSION], [task.arn]
        configuration = cluster.exec_configuration
        if configuration is not None and configuration.kms_key_id:
            actions.append(DATA_KEY)
            account_id = cluster.arn.split(":")[4]
            partition = partition_of(cluster.arn)
            key, region = configuration.kms_key_id, self._account.region
            resources.append(key_arn(key, region, account_id, partition))
        every = await asyncio.gather(
            *(
                iam.simulate(self._account, principal, actions, resources, exec_context(task, name))
                for name in names
            )
        )
        return dict(zip(names, every, strict=True))


def permission_of(error: EcsTuiError) -> str:
    """The permission that a failed fact needed, or ""."""
    return error.operation if isinstance(error, AwsError) else ""
