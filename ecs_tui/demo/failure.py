"""The ways in which tasks of the demo account fail, in AWS's own words.

Sources: "Amazon ECS stopped tasks error messages" and "Amazon ECS service event messages" in the
developer guide, and the stop codes of `TaskStopCode` in the API reference.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from ecs_tui.record import dataclass

StopCode = Literal[
    "TaskFailedToStart", "EssentialContainerExited", "UserInitiated", "ServiceSchedulerInitiated",
    "SpotInterruption", "TerminationNotice", "InfrastructureHealth",
]  # fmt: skip
ACCOUNT = "123456789012"
REGISTRY = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com"
SECRET = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:"
ROLE = f"arn:aws:sts::{ACCOUNT}:assumed-role/ecsTaskExecutionRole"


@dataclass(frozen=True, slots=True)
class TaskFailure:
    """How a task ends before its time.

    In the texts, `{task}` is the task's ID, `{target_group}` the ARN of its service's target group,
    and `{ip}` its address.

    Attributes:
        code: `stopCode`.
        reason: `stoppedReason`.
        after: Seconds from RUNNING to its end, or from its creation if it never runs; `inf` for a
            task that is only unhealthy.
        exit_code: Of its first container; None if that never started.
        container_reason: `reason` of its first container.
        starts: Whether it runs at all.
        passes: Whether it counts as healthy until it ends, so that a deployment goes on.
        event: What the service's events say of it, after "(service NAME) "; "" for nothing.
        target: Its target's (state, reason, description) while it runs; "" for a healthy one.
        health: Its first container's health while it runs.
        lines: The last lines of its log: (seconds before its end, level, text).
        repeated: Lines that it writes again and again: (seconds between two, level, text).
    """

    code: StopCode
    reason: str
    after: float = 8.0
    exit_code: int | None = None
    container_reason: str = ""
    starts: bool = True
    passes: bool = False
    event: str = ""
    target: tuple[str, str, str] = ("", "", "")
    health: str = "HEALTHY"
    lines: tuple[tuple[float, str, str], ...] = ()
    repeated: tuple[tuple[float, str, str], ...] = ()

    def but(self, **changes: object) -> TaskFailure:
        """The same with other values of some attributes."""
        return replace(self, **changes)  # type: ignore[arg-type]


def exited(code: int, reason: str = "", **more: object) -> TaskFailure:
    """The first container exits by itself."""
    base = TaskFailure(
        "EssentialContainerExited", "Essential container in task exited", exit_code=code,
        container_reason=reason,
    )  # fmt: skip
    return base.but(**more)


def not_started(reason: str, after: float = 10.0, **more: object) -> TaskFailure:
    """The task stops before its containers run."""
    base = TaskFailure("TaskFailedToStart", reason, after=after, starts=False)
    return base.but(**more)


OUT_OF_MEMORY = exited(
    137,
    "OutOfMemoryError: Container killed due to memory usage",
    after=20.0,
    passes=True,
    lines=(
        (6.0, "warn", "heap usage is 91%, garbage collection took 1840 ms"),
        (2.5, "warn", "heap usage is 97%, garbage collection took 4210 ms"),
        (0.3, "error", "java.lang.OutOfMemoryError: Java heap space"),
    ),
)
EXIT_1 = exited(
    1,
    lines=(
        (0.4, "error", "invalid configuration: PAYMENT_URL is not set"),
        (0.2, "error", "startup failed, exiting"),
    ),
)
SEGMENTATION_FAULT = exited(139, lines=((0.2, "error", "SIGSEGV: segmentation violation"),))
COMMAND_NOT_FOUND = exited(
    127,
    "CannotStartContainerError: Error response from daemon: failed to create task for container: "
    "failed to create shim task: OCI runtime create failed: runc create failed: unable to start "
    'container process: exec: "/app/start": stat /app/start: no such file or directory',
    starts=False,
    after=12.0,
)
STOP_TIMEOUT = exited(
    137, after=45.0, lines=((7.5, "info", "received SIGTERM, 214 requests in flight"),)
)
IMAGE_PULL = not_started(
    "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve "
    f"ref {REGISTRY}/app:2026.12: {REGISTRY}/app:2026.12: not found",
    after=15.0,
)
SECRET_DENIED = not_started(
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource "
    "retrieval failed: unable to retrieve secret from asm: service call has been retried 1 "
    f"time(s): failed to fetch secret {SECRET}prod/database-Ab12Cd from secrets manager: "
    f"AccessDeniedException: User: {ROLE}/{{task}} is not authorized to perform: "
    f"secretsmanager:GetSecretValue on resource: {SECRET}prod/database-Ab12Cd because no "
    "identity-based policy allows the secretsmanager:GetSecretValue action"
)
SECRET_MISSING = not_started(
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource "
    "retrieval failed: unable to retrieve secret from asm: service call has been retried 1 "
    f"time(s): failed to fetch secret {SECRET}prod/database-Zz98Yy from secrets manager: "
    "ResourceNotFoundException: Secrets Manager can't find the specified secret."
)
REGISTRY_UNREACHABLE = not_started(
    "ResourceInitializationError: unable to pull secrets or registry auth: The task cannot pull "
    "registry auth from Amazon ECR: There is a connection issue between the task and Amazon ECR. "
    "Check your task network configuration. RequestError: send request failed caused by: Post "
    '"https://api.ecr.us-east-1.amazonaws.com/": dial tcp 52.46.150.20:443: i/o timeout',
    after=30.0,
)
LOG_GROUP_MISSING = not_started(
    "ResourceInitializationError: failed to validate logger args: create stream has been retried "
    "1 times: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log "
    "group does not exist. : exit status 1"
)
NETWORK_INTERFACE = not_started(
    "Timeout waiting for network interface provisioning to complete.", after=30.0
)
LOAD_BALANCER_HEALTH = TaskFailure(
    "ServiceSchedulerInitiated",
    "Task failed ELB health checks in (target-group {target_group})",
    after=25.0,
    exit_code=143,
    event="(port 8080) is unhealthy in (target-group {target_group}) due to (reason Health checks "
    "failed with these codes: [503]).",
    target=(
        "unhealthy", "Target.ResponseCodeMismatch", "Health checks failed with these codes: [503]"
    ),
    lines=((4.0, "error", "GET /health 503: cannot reach the database"),),
)  # fmt: skip
TARGET_TIMEOUT = LOAD_BALANCER_HEALTH.but(
    event="(port 8080) is unhealthy in (target-group {target_group}) due to (reason Request timed "
    "out).",
    target=("unhealthy", "Target.Timeout", "Request timed out"),
)
CONTAINER_HEALTH = TaskFailure(
    "ServiceSchedulerInitiated",
    "Task failed container health checks",
    after=25.0,
    exit_code=143,
    event="(task {task}) failed container health checks.",
    health="UNHEALTHY",
    lines=((4.0, "error", "health: queue depth 91244 is above 50000"),),
)
SPOT = TaskFailure(
    "SpotInterruption", "Your Spot Task was interrupted.", after=40.0, exit_code=143,
)  # fmt: skip
HOST_TERMINATED = TaskFailure(
    "TerminationNotice", "Host EC2 (instance i-0f3a9c41d2be7a610) terminated.", after=40.0,
)  # fmt: skip
INFRASTRUCTURE = TaskFailure(
    "InfrastructureHealth",
    "Task stopped because the underlying infrastructure is unhealthy.",
    after=40.0,
)

# -- why no task is started: what the events say after "(service NAME) "

_NO_INSTANCE = (
    "was unable to place a task because no container instance met all of its requirements. The "
    "closest matching (container-instance 8d2c9f1e4b7a4c63a05e7d1b9f3c2a48) {} For more "
    "information, see the Troubleshooting section of the Amazon ECS Developer Guide."
)
NO_CPU = _NO_INSTANCE.format("has insufficient CPU units available.")
NO_MEMORY = _NO_INSTANCE.format("has insufficient memory available.")
PORT_IN_USE = _NO_INSTANCE.format("is already using a port required by your task.")
ATTRIBUTE = _NO_INSTANCE.format("is missing an attribute required by your task.")
AGENT = _NO_INSTANCE.format('encountered error "AGENT".')
NO_CAPACITY = (
    "was unable to place a task. Reason: Capacity is unavailable at this time. Please try again "
    "later or in a different availability zone. For more information, see the Troubleshooting "
    "section of the Amazon ECS Developer Guide."
)
QUOTA = (
    "was unable to place a task. Reason: You've reached the limit on the number of vCPUs you can "
    "run concurrently. For more information, see the Troubleshooting section of the Amazon ECS "
    "Developer Guide."
)
NO_INSTANCES_IN_PROVIDER = (
    "was unable to place a task because no container instance met all of its requirements. "
    "Reason: No Container Instances were found in your capacity provider. For more information, "
    "see the Troubleshooting section of the Amazon ECS Developer Guide."
)
THROTTLED = "operations are being throttled on elasticloadbalancing. Will try again later."
