"""Gathers the facts about one task, in parallel; each may fail by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import ec2, ecs, iam, kms, logs
from ecs_tui.doctor.facts import (
    DATA_KEY,
    SSM_SESSION,
    CallerRights,
    ClusterFact,
    ConfigurationFact,
    DefinitionFact,
    Fact,
    Facts,
    InstanceFact,
    KeyFact,
    LogGroupFact,
    NetworkFact,
    PluginFact,
    RoleRights,
    ServiceFact,
    TaskFact,
    TaskRole,
)
from ecs_tui.errors import AwsError, EcsTuiError, NotFound
from ecs_tui.model.arn import partition_of, short_name
from ecs_tui.model.cluster import ExecConfiguration
from ecs_tui.model.identity import Caller
from ecs_tui.model.network_path import Ec2Instance
from ecs_tui.model.permission import (
    EXECUTE,
    exec_context,
    key_arn,
    request_context,
    role_needs,
)

F = TypeVar("F", bound=Fact)


def services_of_sessions(configuration: ExecConfiguration) -> tuple[str, ...]:
    """Short names of the AWS services that the exec agent connects to; ssmmessages is first."""
    services = ["ssmmessages"]
    if configuration.kms_key_id:
        services.append("kms")
    if configuration.logging == "OVERRIDE" and configuration.log_group:
        services.append("logs")
    return tuple(services)


class Gatherer:
    """Gathers the facts about one task.

    Args:
        account: The account to call.
        cluster: Name or ARN.
        task_arn: The task.
        containers: The containers to simulate exec permissions for; empty: all of the task's.
        caller: The caller's identity, if it is already known.
        plugin: Finds the session client; without it there is no `PluginFact`.
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
        self._jobs: dict[type[Fact], asyncio.Task[Fact]] = {}

    async def run(self) -> AsyncIterator[type[Fact]]:
        """Gather all facts; yields the class of each when it is known or has failed.

        A fact's `EcsTuiError` is put into `facts.errors`; other exceptions are raised.
        """
        makers: dict[type[Fact], Callable[[], Awaitable[Fact]]] = {
            TaskFact: self._task,
            ServiceFact: self._service,
            ClusterFact: self._describe_cluster,
            ConfigurationFact: self._configuration,
            KeyFact: self._key,
            DefinitionFact: self._definition,
            InstanceFact: self._instance,
            TaskRole: self._role,
            RoleRights: self._role_rights,
            NetworkFact: self._network,
            CallerRights: self._caller_rights,
            LogGroupFact: self._log_group,
        }
        if self._plugin is not None:
            makers[PluginFact] = self._plugin
        self._jobs = {kind: asyncio.ensure_future(make()) for kind, make in makers.items()}
        kinds = {job: kind for kind, job in self._jobs.items()}
        waiting = set(kinds)
        try:
            while waiting:
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                for job in done:
                    error = job.exception()
                    if error is None:
                        self.facts.add(job.result())
                    elif isinstance(error, EcsTuiError):
                        self.facts.errors[kinds[job]] = error
                    else:
                        raise error
                    yield kinds[job]
        finally:
            for job in self._jobs.values():
                job.cancel()
            if self._ec2_instance_job is not None:
                self._ec2_instance_job.cancel()

    async def _get(self, kind: type[F]) -> F:
        found = await asyncio.shield(self._jobs[kind])
        assert isinstance(found, kind)
        return found

    async def _task(self) -> TaskFact:
        found = await ecs.describe_tasks(self._account, self._cluster, [self._task_arn])
        if not found:
            raise NotFound(
                f"Task {short_name(self._task_arn)[:12]} not found.",
                "ECS drops stopped tasks after about an hour; pick a running one.",
            )
        return TaskFact(found[0])

    async def _service(self) -> ServiceFact:
        task = (await self._get(TaskFact)).task
        if not task.service:
            return ServiceFact(None)
        found = await ecs.describe_services(self._account, self._cluster, [task.service])
        return ServiceFact(found[0] if found else None)

    async def _describe_cluster(self) -> ClusterFact:
        found = await ecs.describe_clusters(self._account, [self._cluster])
        if not found:
            raise NotFound(f"There is no cluster {short_name(self._cluster)} in this region.")
        return ClusterFact(found[0])

    async def _configuration(self) -> ConfigurationFact:
        cluster = (await self._get(ClusterFact)).cluster
        if not cluster.configuration_known:
            raise AwsError(
                "The cluster's exec configuration is not readable: "
                f"{cluster.not_read['CONFIGURATIONS']}"
            )
        return ConfigurationFact(cluster.exec_configuration or ExecConfiguration())

    async def _known_configuration(self) -> ExecConfiguration:
        """The configuration with the key's ARN; a part that cannot be read counts as not set.

        For facts that choose further calls by it. The checks on unreadable parts need
        `ConfigurationFact` or `KeyFact` themselves, and are therefore unknown.
        """
        cluster = (await self._get(ClusterFact)).cluster
        configuration = cluster.exec_configuration or ExecConfiguration()
        try:
            return replace(configuration, kms_key_id=(await self._get(KeyFact)).arn)
        except EcsTuiError:
            return replace(configuration, kms_key_id="")

    async def _key(self) -> KeyFact:
        configuration = (await self._get(ConfigurationFact)).configuration
        if not configuration.kms_key_id:
            return KeyFact("")
        cluster = (await self._get(ClusterFact)).cluster
        account_id, partition = cluster.arn.split(":")[4], partition_of(cluster.arn)
        arn = key_arn(configuration.kms_key_id, self._account.region, account_id, partition)
        return KeyFact(await kms.key_of_alias(self._account, arn) if ":alias/" in arn else arn)

    async def _definition(self) -> DefinitionFact:
        task = (await self._get(TaskFact)).task
        return DefinitionFact(
            await ecs.describe_task_definition(self._account, task.task_definition)
        )

    async def _instance(self) -> InstanceFact:
        task = (await self._get(TaskFact)).task
        if not task.container_instance_arn:
            return InstanceFact(None)
        arns = [task.container_instance_arn]
        found = await ecs.describe_instances(self._account, self._cluster, arns)
        return InstanceFact(found[0] if found else None)

    async def _ec2_instance(self) -> Ec2Instance | None:
        instance = (await self._get(InstanceFact)).instance
        if instance is None or not instance.ec2_id.startswith("i-"):
            return None  # mi-…: an ECS Anywhere instance, which EC2 does not list
        if self._ec2_instance_job is None:
            self._ec2_instance_job = asyncio.ensure_future(
                ec2.ec2_instance(self._account, instance.ec2_id)
            )
        return await asyncio.shield(self._ec2_instance_job)

    async def _role(self) -> TaskRole:
        task = (await self._get(TaskFact)).task
        if task.role_override:
            return TaskRole(task.role_override, "the task's overrides")
        definition = (await self._get(DefinitionFact)).definition
        if definition.task_role_arn:
            return TaskRole(definition.task_role_arn, f"task definition {task.revision}")
        ec2_instance = await self._ec2_instance()
        if ec2_instance is None or not ec2_instance.profile:
            return TaskRole("", f"task definition {task.revision}")
        role = await iam.instance_profile_role(self._account, ec2_instance.profile)
        return TaskRole(role, f"the instance profile of {ec2_instance.id}")

    async def _role_rights(self) -> RoleRights:
        role, found = await asyncio.gather(self._get(TaskRole), self._get(ClusterFact))
        if not role.arn:
            return RoleRights(None)
        needs = role_needs(
            await self._known_configuration(),
            self._account.region,
            found.cluster.arn.split(":")[4],
            partition_of(found.cluster.arn),
        )
        actions = [action for group, _ in needs for action in group]
        resources = list(dict.fromkeys(resource for _, resource in needs))
        context = request_context(self._account.region)
        return RoleRights(await iam.simulate(self._account, role.arn, actions, resources, context))

    async def _network(self) -> NetworkFact:
        task = (await self._get(TaskFact)).task
        subnet, ec2_instance = task.subnet, None
        if not subnet:
            ec2_instance = await self._ec2_instance()
            subnet = ec2_instance.subnet if ec2_instance is not None else ""
        if not subnet:
            return NetworkFact(None)
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
            service = (await self._get(ServiceFact)).service
        except AwsError:
            return None
        network = service.network if service is not None else None
        if network is None or not network.public_ip:
            return None
        return "one by assignPublicIp" if network.public_ip == "ENABLED" else ""

    async def _log_group(self) -> LogGroupFact:
        configuration = await self._known_configuration()
        if configuration.logging != "OVERRIDE" or not configuration.log_encryption:
            return LogGroupFact(None)
        if not configuration.log_group:
            return LogGroupFact(None)
        return LogGroupFact(await logs.log_group(self._account, configuration.log_group))

    async def _principal(self) -> str:
        caller = self._caller or await self._account.caller(alias=False)
        return await iam.principal_of(self._account, caller)

    async def _caller_rights(self) -> CallerRights:
        found, configuration, principal = await asyncio.gather(
            self._get(TaskFact), self._known_configuration(), self._principal()
        )
        task = found.task
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
        return CallerRights(dict(zip(names, every, strict=True)))
