"""The log options of the demo's task definitions, its log groups, and who writes into which stream."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from typing import Any

from moto.ecs.models import Task, TaskDefinition
from moto.logs.models import logs_backends

from ecs_tui.demo.account import DAY, HOUR, ClusterSpec, ServiceSpec
from ecs_tui.demo.ecs import DemoEcsBackend
from ecs_tui.demo.logs_lines import ContainerEnd, ContainerLog, LifeSpan, PastSpan, Rate
from ecs_tui.demo.logs_store import LogStores
from ecs_tui.demo.logs_text import FORMATS, Program, joined
from ecs_tui.demo.state import TaskState
from ecs_tui.model.arn import short_name
from ecs_tui.record import dataclass

_NEVER = 1 << 62
BUSY = ("prod", "web", "app")
"""The container whose rate can be set: cluster, service, name."""
SPLUNK_TOKEN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:splunk-token"


@dataclass(frozen=True, slots=True)
class LogPlan:
    """How a container logs.

    Attributes:
        format: One of `logs_text.FORMATS`.
        rate: Lines a second.
        driver: Its log driver; "" for a definition without one.
        options: The driver's options; for `awslogs`, those that differ from the usual ones ("": not
            set). `{region}` stands for the region.
        secrets: The driver's `secretOptions`.
    """

    format: str
    rate: float
    driver: str = "awslogs"
    options: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)


_ENVOY = LogPlan("access", 1.5)
PLANS: dict[str, LogPlan] = {
    "prod/web/app": LogPlan("json", 4.0),
    "prod/web/envoy": _ENVOY,
    "prod/checkout/app": LogPlan("json", 2.0),
    "prod/checkout/envoy": _ENVOY,
    "prod/payments/app": LogPlan("logfmt", 2.0),
    "prod/payments/envoy": _ENVOY,
    "prod/orders/app": LogPlan("java", 1.0),
    "prod/search/app": LogPlan(
        "java",
        1.0,
        options={
            "awslogs-stream-prefix": "prod/search/v2",
            "awslogs-multiline-pattern": r"^\d{4}-\d{2}-\d{2}",
        },
    ),
    "prod/catalog/app": LogPlan("ansi", 1.0, options={"awslogs-group": "/prod/shop"}),
    "prod/cart/app": LogPlan("pino", 1.0, options={"awslogs-group": "/prod/shop"}),
    "prod/worker/app": LogPlan("java", 3.0),
    "prod/legacy-api/app": LogPlan("bare", 0.5, options={"mode": "blocking"}),
    "prod/reports/app": LogPlan("python", 0.2),
    "prod/invoices/app": LogPlan("logfmt", 0.2, options={"mode": "non-blocking",
                                                         "max-buffer-size": "4m"}),
    "prod/notifier/app": LogPlan("json", 0.5, options={"awslogs-create-group": "true"}),
    "prod/mailer/app": LogPlan("bare", 0.0, driver=""),
    "prod/edge/nginx": LogPlan(
        "access",
        0.0,
        driver="awsfirelens",
        options={"Name": "firehose", "region": "{region}", "delivery_stream": "edge-access-logs"},
    ),
    "prod/edge/log-router": LogPlan("bare", 0.02, options={"awslogs-stream-prefix": "firelens"}),
    "prod/resolver/app": LogPlan("logfmt", 0.5, options={"awslogs-region": "eu-west-1"}),
    "staging/sandbox/app": LogPlan("hostile", 2.0),
    "batch/export/export": LogPlan(
        "bare",
        0.0,
        driver="splunk",
        options={"splunk-url": "https://splunk.example.com:8088", "splunk-source": "export"},
        secrets={"splunk-token": SPLUNK_TOKEN},
    ),
    "batch/reindex/reindex": LogPlan("bare", 0.0, driver="json-file",
                                     options={"max-size": "10m", "max-file": "3"}),
    "batch/legacy-batch/app": LogPlan("python", 0.3, options={"awslogs-stream-prefix": ""}),
}  # fmt: skip
"""How containers log, by `cluster/service/container`; the others in one of `_OTHERS`."""
_OTHERS = (LogPlan("json", 0.5), LogPlan("logfmt", 0.5), LogPlan("python", 0.3))
RETENTION_DAYS = {"/ecs/prod/legacy-api": 1, "/ecs/prod/web": 3, "/ecs/prod/worker": 7,
                  "/prod/shop": 14, "/ecs/staging/web": 1}  # fmt: skip
"""Days after which a group's events are forgotten; in other groups never."""
FORBIDDEN_GROUP = "/ecs/prod/vault"
"""The group whose events the demo's user may not read."""
_CRASHES, _CRASH_EVERY_MS = 40, 30_000
"""Earlier tasks of a crash-looping service that have left a stream, and the time between them."""


def plan_of(cluster: str, service: str, container: str) -> LogPlan:
    """How a container logs."""
    found = PLANS.get(f"{cluster}/{service}/{container}")
    if found is not None:
        return found
    digest = hashlib.sha256(f"{cluster}/{service}/{container}".encode()).digest()
    return _OTHERS[digest[0] % len(_OTHERS)]


def log_configuration(
    cluster: str, service: str, container: str, region: str
) -> dict[str, dict[str, Any]]:
    """`logConfiguration`, and `firelensConfiguration` for a log router; {} without a driver."""
    plan = plan_of(cluster, service, container)
    if not plan.driver:
        return {}
    options = {
        "awslogs-group": f"/ecs/{cluster}/{service}",
        "awslogs-region": region,
        "awslogs-stream-prefix": "ecs",
    }
    options = (options if plan.driver == "awslogs" else {}) | dict(plan.options)
    configuration: dict[str, Any] = {
        "logDriver": plan.driver,
        "options": {
            key: value.format(region=region) if value == "{region}" else value
            for key, value in options.items()
            if value
        },
    }
    if plan.secrets:
        configuration["secretOptions"] = [
            {"name": name, "valueFrom": value} for name, value in plan.secrets.items()
        ]
    if container == "log-router":
        router = {"type": "fluentbit", "options": {"enable-ecs-log-metadata": "true"}}
        return {"logConfiguration": configuration, "firelensConfiguration": router}
    return {"logConfiguration": configuration}


@dataclass(slots=True)
class TaskSpan(LifeSpan):
    """Of one container of a task: from RUNNING until the task is stopped or crashes."""

    state: TaskState
    index: int

    def starts(self) -> int:
        failure = self.state.failure
        if self.state.stop_code == "TaskFailedToStart" or (failure and not failure.starts):
            return _NEVER
        return int(self.state.lifecycle.running_at * 1000)

    def repeated(self) -> tuple[tuple[float, str, str], ...]:
        failure = self.state.failure
        return failure.repeated if failure is not None and self.index == 0 else ()

    def ending(self) -> ContainerEnd | None:
        lifecycle, containers = self.state.lifecycle, self.state.containers
        crashing = next((item for item in containers if item.exits_after), None)
        stop = lifecycle.stop_at
        failure, fails = self.state.failure, self.state.fails_at
        if failure is not None and fails < math.inf and (stop is None or fails <= stop):
            code = failure.exit_code if self.index == 0 else 143
            lines = failure.lines if self.index == 0 else ()
            return ContainerEnd(int(fails * 1000), code or 0, lines)
        if crashing is not None:
            # ECS notices a crash at its next request; the container's lines end before.
            crash = lifecycle.running_at + crashing.exits_after
            if stop is None or crash <= stop:
                own = containers[self.index]
                return ContainerEnd(int(crash * 1000), own.exit_code if own.exits_after else 143)
        if stop is None:
            return None
        return ContainerEnd(int(stop * 1000), self.state.exit_code(self.index) or 0)


class LogWriters:
    """Gives each container that is started the stream that its task definition names.

    Args:
        stores: Where the streams are.
    """

    def __init__(self, stores: LogStores) -> None:
        self._stores = stores

    def started(self, task: Task, state: TaskState, definition: TaskDefinition) -> None:
        """A task was placed: its containers write from when it runs."""
        cluster = short_name(task.cluster_arn)
        service = task.group.partition(":")[2]
        for index, item in enumerate(definition.container_definitions):
            if index >= len(state.containers):
                break
            source_of = task.id, state.runtime_ids[index]
            self._add(
                item, (cluster, service), source_of, definition.revision, TaskSpan(state, index)
            )
        region = definition.arn.split(":")[3]
        group = f"/aws/ecs/containerinsights/{cluster}/performance"
        if group in self._stores[region].backend.groups and state.containers:
            program = Program(service, cluster, task.id, "", 0)
            name = f"FargateTelemetry-{int(task.id[:4], 16) % 10000:04}-{task.id[:8]}"
            self._stores[region].add(
                group,
                ContainerLog(
                    name, program, FORMATS["insights"], Rate([(0, 1 / 60)]), TaskSpan(state, 0)
                ),
            )

    def past(self, clusters: Sequence[ClusterSpec], ecs: DemoEcsBackend, now: float) -> None:
        """Add the streams of tasks that ECS has forgotten: earlier deployments, earlier crashes."""
        for cluster in clusters:
            for service in cluster.services:
                name = f"{cluster.name}:{service.name}"
                arn = ecs.service_states[name].deployments[-1].task_definition
                definition = ecs.describe_task_definition(arn)
                for number, span in enumerate(_past(service, now)):
                    task_id = hashlib.sha256(f"past:{name}:{number}".encode()).hexdigest()[:32]
                    for item in definition.container_definitions:
                        self._add(
                            item,
                            (cluster.name, service.name),
                            (task_id, f"{task_id}-0000000000"),
                            definition.revision - 1,
                            span,
                        )

    def _add(
        self,
        item: Mapping[str, Any],
        named: tuple[str, str],
        identity: tuple[str, str],
        revision: int,
        span: LifeSpan,
    ) -> None:
        configuration = item.get("logConfiguration") or {}
        options = configuration.get("options") or {}
        group, region = options.get("awslogs-group"), options.get("awslogs-region")
        if configuration.get("logDriver") != "awslogs" or not group or not region:
            return
        store = self._stores[region]
        if group not in store.backend.groups:
            if options.get("awslogs-create-group") != "true":
                return
            store.backend.create_log_group(group, {})
        task_id, runtime_id = identity
        prefix, name = options.get("awslogs-stream-prefix"), item["name"]
        plan = plan_of(*named, name)
        form = FORMATS[plan.format]
        if options.get("awslogs-multiline-pattern") or options.get("awslogs-datetime-format"):
            form = joined(form)
        version = f"{item.get('image', '').rpartition(':')[2]} revision {revision}"
        ports = [mapping["containerPort"] for mapping in item.get("portMappings") or ()]
        program = Program(named[1], name, task_id, version, ports[0] if ports else 0)
        rate = self._stores.busy if (*named, name) == BUSY else Rate([(0, plan.rate or 0.5)])
        stream = f"{prefix}/{name}/{task_id}" if prefix else runtime_id
        store.add(group, ContainerLog(stream, program, form, rate, span))


def busy_rate(clusters: Iterable[ClusterSpec]) -> tuple[Rate, int]:
    """(the rate of one container of the busy service, its tasks)."""
    tasks = [
        service.desired
        for cluster in clusters
        for service in cluster.services
        if (cluster.name, service.name) == BUSY[:2]
    ]
    return Rate([(0, plan_of(*BUSY).rate)], adjustable=True), (tasks or [1])[0]


def create_groups(account: str, region: str, clusters: Sequence[ClusterSpec]) -> None:
    """Create the groups that the clusters' definitions name, and those of Container Insights."""
    wanted = {
        (options["awslogs-region"], options["awslogs-group"])
        for cluster in clusters
        for service in cluster.services
        for container in service.containers
        if "awslogs-group" in (options := _options(cluster, service, container.name, region))
    }
    wanted |= {
        (region, f"/aws/ecs/containerinsights/{cluster.name}/performance")
        for cluster in clusters
        if cluster.launch_type == "FARGATE"
    }
    wanted |= {
        (region, f"/aws/events/ecs/containerinsights/{cluster.name}/performance")
        for cluster in clusters
        if cluster.insights == "enhanced"
    }
    for where, name in sorted(wanted):
        backend = logs_backends[account][where]
        if name not in backend.groups:
            backend.create_log_group(name, {})
            days = 1 if name.startswith("/aws/ecs/containerinsights/") else None
            days = RETENTION_DAYS.get(name, days)
            if days:
                # moto keeps what the request has: a number
                backend.put_retention_policy(name, days)


def _options(
    cluster: ClusterSpec, service: ServiceSpec, container: str, region: str
) -> dict[str, str]:
    found = log_configuration(cluster.name, service.name, container, region)
    options: dict[str, str] = found.get("logConfiguration", {}).get("options", {})
    return options


def _past(service: ServiceSpec, now: float) -> list[PastSpan]:
    crashing = next((item for item in service.containers if item.exits_after), None)
    if crashing is not None:
        took = int(crashing.exits_after * 1000)
        last = int((now - HOUR) * 1000) - _CRASH_EVERY_MS
        starts = (last - number * _CRASH_EVERY_MS for number in range(_CRASHES))
        return [PastSpan(at, ContainerEnd(at + took, crashing.exit_code)) for at in starts]
    replaced = now - service.task_age
    began = now - min(service.age, service.task_age + 3 * DAY)
    if not service.desired or replaced - began < HOUR or now - replaced < HOUR:
        return []
    count = min(service.desired, 2)
    return [
        PastSpan(int(began * 1000) + number * 20_000, ContainerEnd(int(replaced * 1000), 143))
        for number in range(count)
    ]
