"""The contents of the demo account as data: clusters, services and tasks."""

from __future__ import annotations

from dataclasses import dataclass, field

HOUR = 3600.0
DAY = 24 * HOUR
AGENT_EXITED = "Exec agent exited: exit status 255"
READ_ONLY_ROOT = "CannotStartManagedAgent: read-only file system"


@dataclass(frozen=True)
class ContainerSpec:
    """A container: its image and the state of its exec agent.

    `agent` is RUNNING, PENDING (forever), STOPPED (with `agent_reason`) or "" (no agent).
    `fixed_by_redeploy`: in tasks of a new deployment the agent is RUNNING.
    `reaches_ssmmessages`: if False, ExecuteCommand fails although the agent is RUNNING.
    `script`: whether the image has the programs that write a transcript of a session.
    `exits_after`: seconds after its start at which the container exits with `exit_code`; 0: never.
    """

    name: str
    image: str
    port: int = 0
    agent: str = "RUNNING"
    agent_reason: str = ""
    health: str = "HEALTHY"
    exits_after: float = 0.0
    exit_code: int = 0
    readonly_root: bool = False
    init_process: bool = True
    reaches_ssmmessages: bool = True
    fixed_by_redeploy: bool = False
    script: bool = True
    environment: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class ServiceSpec:
    """A service and the behaviour of its tasks. Times are in seconds, ages when the demo starts.

    `isolated`: its subnet has neither a default route nor an endpoint for ssmmessages.
    `provider`: the capacity provider of its tasks, instead of a launch type.
    `ipv6_only`: its tasks have no IPv4 address.
    `unplaced`: why ECS cannot place its tasks, as in its events; "" if it can.
    `earlier`: how many task definitions before its present one it has been deployed with.
    `load_balancer`: whether a target group of an Application Load Balancer has its tasks.
    `shifts`: whether it has a second one, to which its deployments shift the traffic.
    `scaling`: the limits between which Application Auto Scaling keeps its desired count.
    """

    name: str
    desired: int
    containers: tuple[ContainerSpec, ...]
    exec_enabled: bool = True
    tasks_exec_enabled: bool | None = None
    platform_version: str = "1.4.0"
    revision: int = 1
    age: float = 3.4 * DAY
    task_age: float = 5.4 * HOUR
    start_takes: float = 4.0
    agent_takes: float = 3.0
    deploying: bool = False
    tags: tuple[tuple[str, str], ...] = ()
    propagate: str = "SERVICE"
    pid_mode: str = ""
    task_role: str = "ecs-exec-task-role"
    old_agent: bool = False
    failed: int = 0
    isolated: bool = False
    provider: str = ""
    ipv6_only: bool = False
    unplaced: str = ""
    earlier: int = 2
    load_balancer: bool = False
    shifts: bool = False
    controller: str = "ECS"
    scaling: tuple[int, int] | None = None

    @property
    def exits_after(self) -> float:
        """Seconds after which its tasks crash; 0: never."""
        return max((item.exits_after for item in self.containers), default=0.0)

    @property
    def crash_every(self) -> float:
        """Seconds from one crashing task to its successor; 0 if its tasks do not crash."""
        return self.start_takes + self.exits_after + 6.0 if self.exits_after else 0.0


@dataclass(frozen=True)
class ClusterSpec:
    """A cluster, its launch type, how exec sessions are logged, and its services.

    `providers`: (name, type) of its own capacity providers; AWS's are added automatically.
    `insights`: the setting `containerInsights`, instead of the usual one.
    `digests`: whether its tasks tell the digests of their images.
    """

    name: str
    launch_type: str
    services: tuple[ServiceSpec, ...]
    logging: str = "DEFAULT"
    log_group: str = ""
    bucket: str = ""
    kms: bool = False
    instances: int = 0
    providers: tuple[tuple[str, str], ...] = ()
    digests: bool = False
    insights: str = ""
    tags: tuple[tuple[str, str], ...] = field(default=())


def _app(name: str, port: int = 8080, **more: object) -> ContainerSpec:
    image = f"123456789012.dkr.ecr.us-east-1.amazonaws.com/{name}"
    return ContainerSpec(name=name, image=f"{image}:2026.11", port=port, **more)  # type: ignore[arg-type]


def _envoy(**more: object) -> ContainerSpec:
    image = "public.ecr.aws/appmesh/aws-appmesh-envoy:v1.29.12.1-prod"
    return ContainerSpec(name="envoy", image=image, port=9901, script=False, **more)  # type: ignore[arg-type]


_PROD = (("environment", "production"),)
_STAGING = (("environment", "staging"),)
_BATCH = (("environment", "batch"),)


def _team(tags: tuple[tuple[str, str], ...], team: str) -> tuple[tuple[str, str], ...]:
    return (*tags, ("team", team))


PROD = ClusterSpec(
    "prod",
    "FARGATE",
    logging="OVERRIDE",
    log_group="/ecs/exec",
    tags=_PROD,
    services=(
        ServiceSpec(
            "web",
            8,
            (_app("app"), _envoy()),
            revision=131,
            load_balancer=True,
            tags=_team(_PROD, "web"),
        ),
        ServiceSpec(
            "checkout",
            4,
            (_app("app"), _envoy()),
            revision=48,
            load_balancer=True,
            deploying=True,
            start_takes=25.0,
            agent_takes=12.0,
            tags=_team(_PROD, "shop"),
        ),
        ServiceSpec(
            "payments",
            6,
            (_app("app"), _envoy(agent="STOPPED", agent_reason=AGENT_EXITED)),
            revision=77,
            load_balancer=True,
            pid_mode="task",
            tags=_team(_PROD, "pay"),
        ),
        ServiceSpec(
            "orders", 6, (_app("app"),), revision=212, load_balancer=True, tags=_team(_PROD, "shop")
        ),
        ServiceSpec("search", 6, (_app("app", 9200),), revision=9, tags=_team(_PROD, "find")),
        ServiceSpec(
            "catalog", 6, (_app("app"),), revision=64, load_balancer=True, tags=_team(_PROD, "shop")
        ),
        ServiceSpec(
            "cart", 4, (_app("app", init_process=False),), revision=31, tags=_team(_PROD, "shop")
        ),
        ServiceSpec(
            "worker",
            2,
            (_app("app", 0, exits_after=20.0, exit_code=137, health="UNKNOWN"),),
            revision=15,
            task_age=5.0,
            failed=6,
            tags=_team(_PROD, "shop"),
        ),
        ServiceSpec(
            "legacy-api",
            3,
            (_app("app", agent=""),),
            platform_version="1.3.0",
            revision=402,
            age=900 * DAY,
            task_age=60 * DAY,
            tags=_team(_PROD, "web"),
        ),
        ServiceSpec(
            "reports",
            3,
            (_app("app"),),
            exec_enabled=False,
            revision=22,
            tags=_team(_PROD, "data"),
        ),
        ServiceSpec(
            "invoices",
            3,
            (_app("app"),),
            tasks_exec_enabled=False,
            revision=18,
            tags=_team(_PROD, "pay"),
        ),
        ServiceSpec(
            "vault",
            2,
            (_app("app", readonly_root=True, agent="STOPPED", agent_reason=READ_ONLY_ROOT),),
            revision=5,
            tags=_team(_PROD, "sec"),
        ),
        ServiceSpec(
            "notifier",
            2,
            (_app("app", agent="PENDING"),),
            revision=40,
            task_age=40.0,
            tags=_team(_PROD, "web"),
        ),
        ServiceSpec("importer", 0, (_app("app"),), revision=3, tags=_team(_PROD, "data")),
        ServiceSpec("mailer", 3, (_app("app"),), revision=11, propagate="NONE"),
        ServiceSpec(
            "edge",
            4,
            (
                _app("nginx", 443),
                ContainerSpec(
                    "log-router",
                    "public.ecr.aws/aws-observability/aws-for-fluent-bit:stable",
                    agent="",
                    health="UNKNOWN",
                ),
            ),
            revision=88,
            load_balancer=True,
            tags=_team(_PROD, "web"),
        ),
        ServiceSpec(
            "thumbnails",
            3,
            (_app("app", 0),),
            revision=27,
            provider="FARGATE_SPOT",
            tags=_team(_PROD, "shop"),
        ),
        ServiceSpec(
            "resolver", 2, (_app("app", 53),), revision=6, ipv6_only=True, tags=_team(_PROD, "web")
        ),
    ),
)

STAGING = ClusterSpec(
    "staging",
    "FARGATE",
    tags=_STAGING,
    services=(
        ServiceSpec("web", 2, (_app("app"), _envoy()), revision=133, tags=_STAGING),
        ServiceSpec("checkout", 2, (_app("app"),), revision=49, tags=_STAGING),
        ServiceSpec("payments", 2, (_app("app"),), revision=79, tags=_STAGING),
        ServiceSpec("orders", 2, (_app("app"),), revision=214, tags=_STAGING),
        ServiceSpec(
            "sandbox",
            1,
            (_app("app", health="UNHEALTHY"),),
            revision=2,
            exec_enabled=False,
            tags=_STAGING,
        ),
    ),
)

BATCH = ClusterSpec(
    "batch",
    "EC2",
    logging="NONE",
    instances=5,
    providers=(("batch-gpu", "EC2_AUTOSCALING"), ("batch-managed", "MANAGED_INSTANCES")),
    tags=_BATCH,
    services=(
        ServiceSpec("ingest", 12, (_app("ingest"),), revision=60, tags=_BATCH),
        ServiceSpec("transform", 14, (_app("transform"),), revision=71, tags=_BATCH),
        ServiceSpec("export", 10, (_app("export"),), revision=12, tags=_BATCH),
        ServiceSpec("reindex", 6, (_app("reindex"),), revision=8, tags=_BATCH),
        ServiceSpec(
            "legacy-batch", 3, (_app("app", agent=""),), revision=190, old_agent=True, tags=_BATCH
        ),
        ServiceSpec("nightly", 0, (_app("nightly"),), revision=4, tags=_BATCH),
        ServiceSpec(
            "train",
            1,
            (_app("train", 0, health="UNKNOWN"),),
            revision=3,
            task_age=2 * HOUR,
            provider="batch-gpu",
            unplaced="no container instance met all of its requirements. The closest matching "
            "container-instance has insufficient memory available",
            tags=_BATCH,
        ),
    ),
)

_EXEC_CASES = (("environment", "exec-cases"),)
_KEYS = (("AWS_ACCESS_KEY_ID", "not-a-key"), ("AWS_SECRET_ACCESS_KEY", "not-a-secret"))


def _faulty_service(name: str, role: str = "exec-cases-task-role", **more: object) -> ServiceSpec:
    reaches = not more.get("isolated") and role not in ("", "no-ssmmessages-role")
    environment = more.pop("environment", ())
    agent = more.pop("agent", {})
    container = _app("app", reaches_ssmmessages=reaches, environment=environment, **agent)  # type: ignore[arg-type]
    return ServiceSpec(name, 1, (container,), task_role=role, tags=_EXEC_CASES, **more)  # type: ignore[arg-type]


EXEC_CASES = ClusterSpec(
    "exec-cases",
    "FARGATE",
    logging="OVERRIDE",
    log_group="/ecs/exec-cases",
    bucket="example-corp-exec-logs",
    kms=True,
    tags=_EXEC_CASES,
    services=(
        _faulty_service("healthy"),
        _faulty_service("no-role", role=""),
        _faulty_service("weak-role", role="no-ssmmessages-role"),
        _faulty_service("no-logs", role="no-logs-role"),
        _faulty_service("no-bucket", role="no-bucket-role"),
        _faulty_service("no-kms", role="no-kms-role"),
        _faulty_service("isolated-subnet", isolated=True),
        _faulty_service("own-keys", environment=_KEYS),
        _faulty_service("untagged", propagate="NONE"),
        _faulty_service(
            "agent-died",
            agent={"agent": "STOPPED", "agent_reason": AGENT_EXITED, "fixed_by_redeploy": True},
        ),
        _faulty_service(
            "old-platform", platform_version="1.3.0", agent={"agent": "", "fixed_by_redeploy": True}
        ),
        _faulty_service("exec-off", exec_enabled=False),
        _faulty_service("not-redeployed", tasks_exec_enabled=False),
    ),
)
"""One service for each cause of exec failures in roles, network or agents."""

CLUSTERS = (PROD, STAGING, BATCH, EXEC_CASES)


OTHER_REGIONS: dict[str, tuple[ClusterSpec, ...]] = {
    "eu-west-1": (
        ClusterSpec(
            "prod-eu",
            "FARGATE",
            logging="OVERRIDE",
            log_group="/ecs/exec",
            tags=_PROD,
            services=(
                ServiceSpec("web-eu", 4, (_app("app"), _envoy()), revision=131, tags=_PROD),
                ServiceSpec("checkout-eu", 2, (_app("app"),), revision=47, tags=_PROD),
                ServiceSpec(
                    "reports-eu", 1, (_app("app", agent=""),), exec_enabled=False, tags=_PROD
                ),
            ),
        ),
    ),
}
"""The account's clusters in other regions, by region."""


def scaled(services: int, tasks: int) -> tuple[ClusterSpec, ...]:
    """`CLUSTERS` and one more cluster, `scale`, with that many services and tasks."""
    each, rest = divmod(tasks, max(1, services))
    more = tuple(
        ServiceSpec(
            f"svc-{number:04}",
            each + (number < rest),
            (_app("app"),),
            revision=number % 90 + 1,
            earlier=0,
            tags=_PROD,
        )
        for number in range(services)
    )
    return (*CLUSTERS, ClusterSpec("scale", "FARGATE", more))
