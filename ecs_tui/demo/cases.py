"""Clusters that the demo account has on request: a service in each state of a deployment, and one
for each way to fail.

Each case is a service, and the steps that brought it where it is; `play` replays them when the demo
starts, so that events, tasks, deployments, targets and logs fit together.
"""

from __future__ import annotations

from typing import Any

from ecs_tui.demo import failure as ways
from ecs_tui.demo.account import ClusterSpec, ContainerSpec, ServiceSpec
from ecs_tui.demo.ecs import DemoEcsBackend
from ecs_tui.demo.failure import REGISTRY, TaskFailure
from ecs_tui.demo.levels import LoadLevel
from ecs_tui.demo.script import (
    BlockPlacement,
    DeployVersion,
    FailTasks,
    InterruptTasks,
    MoveTag,
    RollBackDeployment,
    ScaleAutomatically,
    ScriptStep,
    SetDesired,
    SetLoad,
    play,
)  # fmt: skip
from ecs_tui.record import dataclass
from ecs_tui.system import wall_clock

MINUTE = 60.0
PACE_SECONDS = 2.0
"""Between two runs of the scheduler while the cases are played: their tasks take longer to start."""
BUSY = LoadLevel(cpu=2.1, requests=2.6, latency=1.8)
SCALING_DENIED = (
    "Failed to set desired count to 5. Reason: User: arn:aws:sts::123456789012:assumed-role/"
    "AWSServiceRoleForApplicationAutoScaling_ECSService/AutoScaling-UpdateService is not "
    "authorized to perform: ecs:UpdateService"
)
ALARM_REASON = "Service deployment rolled back because the CloudWatch alarm was triggered."
_BREAKER: dict[str, Any] = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
_NO_ROLLBACK: dict[str, Any] = {"deploymentCircuitBreaker": {"enable": True, "rollback": False}}
_PATIENT: dict[str, Any] = {
    "deploymentCircuitBreaker": {
        "enable": True, "rollback": True,
        "thresholdConfiguration": {"type": "COUNT", "value": 100000},
    }
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """A service, and what has happened to it so many seconds before the demo starts."""

    service: ServiceSpec
    ago: float
    steps: tuple[ScriptStep, ...]


def _spec(name: str, desired: int = 3, tag: str = "2026.11", **more: Any) -> ServiceSpec:
    container = ContainerSpec("app", f"{REGISTRY}/{name}:{tag}", port=8080)
    return ServiceSpec(
        name, desired, (container,), revision=41, load_balancer=True,
        tags=(("environment", "cases"),), **more,
    )  # fmt: skip


def _deployment(name: str, ago: float, *steps: ScriptStep, **more: Any) -> Case:
    changes = [step.change for step in steps if isinstance(step.change, DeployVersion)]
    shifts = any(change.configuration.get("strategy") for change in changes)
    return Case(_spec(name, shifts=shifts, **more), ago, steps)


def _new(failure: TaskFailure | None = None, **configuration: Any) -> ScriptStep:
    """DeployVersion a version that differs in several things."""
    return ScriptStep(
        0.0,
        DeployVersion(
            tag="2026.12",
            memory=768,
            environment=(("FEATURE_PAY_LATER", "on"),),
            failure=failure,
            configuration=configuration,
        ),
    )


def _pause(stage: str, minutes: int, action: str) -> dict[str, Any]:
    timeout = {"timeoutInMinutes": minutes, "action": action}
    return {"targetType": "PAUSE", "lifecycleStages": [stage], "timeoutConfiguration": timeout}


def _lambda(stage: str, name: str) -> dict[str, Any]:
    arn = f"arn:aws:lambda:us-east-1:{ways.ACCOUNT}:function:{name}"
    role = f"arn:aws:iam::{ways.ACCOUNT}:role/ecsHookRole"
    return {
        "targetType": "AWS_LAMBDA", "hookTargetArn": arn, "roleArn": role,
        "lifecycleStages": [stage],
    }  # fmt: skip


def _canary(percent: float, minutes: int) -> dict[str, Any]:
    wanted = {"canaryPercent": percent, "canaryBakeTimeInMinutes": minutes}
    return {"strategy": "CANARY", "canaryConfiguration": wanted, "bakeTimeInMinutes": 15}


def _linear(percent: float, minutes: int) -> dict[str, Any]:
    wanted = {"stepPercent": percent, "stepBakeTimeInMinutes": minutes}
    return {"strategy": "LINEAR", "linearConfiguration": wanted, "bakeTimeInMinutes": 15}


DEPLOYMENTS = (
    _deployment("rolling", 20.0, _new(**_BREAKER), desired=8, start_takes=20.0),
    _deployment("counting-up", 90.0, _new(ways.EXIT_1, **_PATIENT), desired=6),
    _deployment("rolled-back", 30 * MINUTE, _new(ways.EXIT_1, **_BREAKER)),
    _deployment("failed", 30 * MINUTE, _new(ways.IMAGE_PULL, **_NO_ROLLBACK)),
    _deployment(
        "alarm-rollback",
        30 * MINUTE,
        _new(alarms={"alarmNames": ["alarm-rollback-5xx"], "enable": True, "rollback": True}),
        ScriptStep(10.0, RollBackDeployment(ALARM_REASON, ("alarm-rollback-5xx",))),
    ),
    _deployment("baking", 8 * MINUTE, _new(strategy="BLUE_GREEN", bakeTimeInMinutes=30)),
    _deployment(
        "paused",
        35 * MINUTE,
        _new(
            strategy="BLUE_GREEN",
            bakeTimeInMinutes=10,
            lifecycleHooks=[_pause("POST_TEST_TRAFFIC_SHIFT", 60, "ROLLBACK")],
        ),
    ),
    _deployment(
        "paused-continues",
        10 * MINUTE,
        _new(
            strategy="BLUE_GREEN",
            bakeTimeInMinutes=10,
            lifecycleHooks=[_pause("PRE_SCALE_UP", 120, "CONTINUE")],
        ),
    ),
    _deployment(
        "hook-runs",
        2 * MINUTE,
        _new(
            strategy="BLUE_GREEN",
            bakeTimeInMinutes=10,
            lifecycleHooks=[_lambda("POST_SCALE_UP", "never-returning-smoke-test")],
        ),
    ),
    _deployment("canary", 9 * MINUTE, _new(**_canary(10.0, 45))),
    _deployment("linear", 24 * MINUTE, _new(**_linear(20.0, 15))),
    _deployment("code-deploy", 6 * MINUTE, _new(), controller="CODE_DEPLOY"),
)
"""Services in each state of a deployment."""


def _failing(name: str, failure: TaskFailure, level: LoadLevel | None = None) -> Case:
    """A new version fails in this way, and the metrics have this level; the old one still runs."""
    steps: tuple[ScriptStep, ...] = (_new(failure, **_PATIENT),)
    if level is not None:
        steps = (*steps, ScriptStep(10.0, SetLoad(level)))
    return Case(_spec(name), 6 * MINUTE, steps)


def _blocked(name: str, obstacle: str, **more: Any) -> Case:
    steps = (ScriptStep(0.0, BlockPlacement(obstacle)), ScriptStep(5.0, SetDesired(5)))
    return Case(_spec(name, **more), 12 * MINUTE, steps)


FAILURES = (
    _failing("out-of-memory", ways.OUT_OF_MEMORY, LoadLevel(memory=2.2, errors=0.06)),
    _failing("exit-1", ways.EXIT_1),
    _failing("exit-139", ways.SEGMENTATION_FAULT),
    _failing("stop-timeout", ways.STOP_TIMEOUT),
    _failing("command-not-found", ways.COMMAND_NOT_FOUND),
    _failing("image-pull", ways.IMAGE_PULL),
    _failing("secret-denied", ways.SECRET_DENIED),
    _failing("secret-missing", ways.SECRET_MISSING),
    _failing("registry-unreachable", ways.REGISTRY_UNREACHABLE),
    _failing("log-group-missing", ways.LOG_GROUP_MISSING),
    _failing("network-interface", ways.NETWORK_INTERFACE),
    _failing("unhealthy-target", ways.LOAD_BALANCER_HEALTH, LoadLevel(errors=0.3)),
    _failing("target-timeout", ways.TARGET_TIMEOUT, LoadLevel(errors=0.1, latency=30.0)),
    _failing("unhealthy-container", ways.CONTAINER_HEALTH),
    _blocked("no-capacity", ways.NO_CAPACITY),
    _blocked("vcpu-quota", ways.QUOTA),
    _blocked("throttled", ways.THROTTLED),
    Case(
        _spec("spot", 4, provider="FARGATE_SPOT"),
        5 * MINUTE,
        (
            ScriptStep(0.0, InterruptTasks(2, ways.SPOT)),
            ScriptStep(0.0, BlockPlacement(ways.NO_CAPACITY)),
        ),
    ),
    Case(
        _spec("infrastructure"), 20 * MINUTE, (ScriptStep(0.0, InterruptTasks(1, ways.INFRASTRUCTURE)),)
    ),
    Case(
        _spec("digests", 4), 50 * MINUTE,
        (ScriptStep(0.0, MoveTag()), ScriptStep(1.0, InterruptTasks(2, ways.INFRASTRUCTURE))),
    ),
    Case(
        _spec("at-maximum", 2, scaling=(2, 4)), 45 * MINUTE,
        (
            ScriptStep(0.0, SetLoad(BUSY)), ScriptStep(2 * MINUTE, ScaleAutomatically(3)), ScriptStep(5 * MINUTE, ScaleAutomatically(4)),
            ScriptStep(8 * MINUTE, ScaleAutomatically(5, not_scaled="AlreadyAtMaxCapacity")),
        ),
    ),
    Case(
        _spec("scaling-denied", 3, scaling=(2, 10)), 45 * MINUTE,
        (ScriptStep(0.0, SetLoad(BUSY)), ScriptStep(2 * MINUTE, ScaleAutomatically(5, SCALING_DENIED))),
    ),
    Case(_spec("retired"), 0.0, ()),
    Case(
        ServiceSpec(
            "agent-down", 2,
            (ContainerSpec("app", f"{REGISTRY}/agent-down:2026.11", port=8080, agent="STOPPED",
                           agent_reason="Exec agent exited: exit status 255"),),
            revision=41, load_balancer=True, tags=(("environment", "cases"),),
        ),
        0.0, (),
    ),
    Case(
        _spec("recovered"), 50 * MINUTE,
        (ScriptStep(0.0, FailTasks(ways.OUT_OF_MEMORY)), ScriptStep(5 * MINUTE, FailTasks(None))),
    ),
)  # fmt: skip
"""Services on Fargate that fail, one for each way."""

INSTANCE_FAILURES = (
    _blocked("no-cpu", ways.NO_CPU),
    _blocked("no-memory", ways.NO_MEMORY),
    _blocked("port-in-use", ways.PORT_IN_USE),
    _blocked("attribute", ways.ATTRIBUTE),
    _blocked("agent-disconnected", ways.AGENT),
    _blocked("provider-empty", ways.NO_INSTANCES_IN_PROVIDER, provider="failing-spot"),
    Case(
        _spec("host-terminated"),
        5 * MINUTE,
        (ScriptStep(0.0, InterruptTasks(2, ways.HOST_TERMINATED)),),
    ),
)
"""Services on container instances that fail, one for each way."""


def _cluster(name: str, cases: tuple[Case, ...], **more: Any) -> ClusterSpec:
    launch_type = more.pop("launch_type", "FARGATE")
    services = tuple(case.service for case in cases)
    return ClusterSpec(
        name, launch_type, services, digests=True, insights="enhanced",
        tags=(("environment", "cases"),), **more,
    )  # fmt: skip


CASES: dict[str, tuple[Case, ...]] = {
    "deployment-cases": DEPLOYMENTS,
    "failure-cases": FAILURES,
    "instance-cases": INSTANCE_FAILURES,
}
"""The cases of each cluster."""
CASE_CLUSTERS = (
    _cluster("deployment-cases", DEPLOYMENTS),
    _cluster("failure-cases", FAILURES),
    _cluster(
        "instance-cases", INSTANCE_FAILURES, launch_type="EC2", instances=4,
        providers=(("failing-spot", "EC2_AUTOSCALING"),),
    ),
)  # fmt: skip


def play_cases(backend: DemoEcsBackend) -> None:
    """Let happen in the past what has brought the cases where they are."""
    now = wall_clock.now()
    draining = list(backend.container_instances["instance-cases"].values())[1]
    draining.status = "DRAINING"
    for cluster, cases in CASES.items():
        for case in cases:
            service = backend.services[f"{cluster}:{case.service.name}"]
            play(backend, service, case.steps, now - case.ago, now, PACE_SECONDS)
