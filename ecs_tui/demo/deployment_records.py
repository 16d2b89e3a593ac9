"""Service deployments and service revisions of the demo account, as ECS remembers them."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import field
from typing import Any, Literal

from ecs_tui.record import dataclass

Status = Literal[
    "PENDING", "IN_PROGRESS", "SUCCESSFUL", "STOP_REQUESTED", "STOPPED",
    "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED",
]  # fmt: skip
TimeoutAction = Literal["ROLLBACK", "CONTINUE"]
HookStatus = Literal["AWAITING_ACTION", "IN_PROGRESS", "SUCCEEDED", "FAILED", "TIMED_OUT"]
ACTIVE: frozenset[Status] = frozenset(
    {"PENDING", "IN_PROGRESS", "STOP_REQUESTED", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS"}
)
"""The states of a deployment that ECS still works on."""
_ID_LENGTH = 21


@dataclass(frozen=True, slots=True)
class RevisionRecord:
    """A service revision: what a deployment rolls out.

    Attributes:
        number: Of its ARN; the `DeploymentState.id` of the same roll-out is `ecs-svc/NUMBER`.
        images: (container, image, digest) of each container.
        more: Further members of DescribeServiceRevisions, in botocore's shapes.
    """

    number: str
    task_definition: str
    created_at: float
    images: tuple[tuple[str, str, str], ...]
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class HookRecord:
    """A lifecycle hook that a deployment has reached; `expires_at` 0: it does not expire."""

    id: str
    target_type: Literal["AWS_LAMBDA", "PAUSE"]
    status: HookStatus
    since: float
    expires_at: float = 0.0
    timeout_action: TimeoutAction = "ROLLBACK"
    target_arn: str = ""

    @property
    def open(self) -> bool:
        """Whether the deployment waits for it."""
        return self.status in ("AWAITING_ACTION", "IN_PROGRESS")


@dataclass(frozen=True, slots=True)
class RollbackRecord:
    """Why and to which revision a deployment is rolled back."""

    reason: str
    started_at: float
    revision: RevisionRecord


@dataclass(slots=True)
class DeploymentRecord:
    """One service deployment. Times are in seconds since 1970, 0 for "not yet".

    Attributes:
        id: The last part of its ARN.
        sources: The revisions that run when it begins; none for a service's first.
        configuration: The service's `deploymentConfiguration` when it began.
        stage: Its lifecycle stage; "" for rolling deployments, which have none.
        stage_since: When it reached the stage, or when the stage's hooks were done.
        weight: Percent of production traffic that the target revision is to get.
        test_weight: The same of test traffic.
        desired: The service's desired count when it ended; -1 while it runs.
    """

    id: str
    target: RevisionRecord
    sources: tuple[RevisionRecord, ...]
    configuration: dict[str, Any]
    created_at: float
    updated_at: float
    status: Status = "IN_PROGRESS"
    reason: str = ""
    finished_at: float = 0.0
    stopped_at: float = 0.0
    stage: str = ""
    stage_since: float = 0.0
    weight: float = 0.0
    test_weight: float = 0.0
    hooks: list[HookRecord] = field(default_factory=list)
    rollback: RollbackRecord | None = None
    failed: int = 0
    triggered: tuple[str, ...] = ()
    desired: int = -1

    @property
    def active(self) -> bool:
        """Whether ECS still works on it."""
        return self.status in ACTIVE

    @property
    def strategy(self) -> str:
        """ROLLING, BLUE_GREEN, LINEAR or CANARY."""
        return str(self.configuration.get("strategy") or "ROLLING")

    def succeed(self, now: float, desired: int) -> None:
        """The target revision, or the one rolled back to, runs and is the only one."""
        self.status = "SUCCESSFUL" if self.rollback is None else "ROLLBACK_SUCCESSFUL"
        self._end(now, desired)
        self.finished_at = now

    def stop(self, now: float, desired: int, reason: str) -> None:
        """It ended without reaching a steady state, and was not rolled back."""
        self.status, self.reason = "STOPPED", reason
        self._end(now, desired)
        self.stopped_at = self.finished_at = now

    def _end(self, now: float, desired: int) -> None:
        self.updated_at, self.desired = now, desired
        self.stage = "CLEAN_UP" if self.stage else ""
        if self.stage:
            self.weight = 0.0 if self.rollback is not None else 100.0
            self.test_weight = 0.0

    def roll_back(self, now: float, reason: str) -> None:
        """Begin to roll back to the revision before."""
        self.status, self.reason, self.updated_at = "ROLLBACK_IN_PROGRESS", reason, now
        self.rollback = RollbackRecord(reason, now, self.sources[0])
        self.weight = self.test_weight = 0.0


def record_id(deployment: str) -> str:
    """The ID of the service deployment of a `DeploymentState.id`; the same on each start."""
    digest = hashlib.sha256(deployment.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode()[:_ID_LENGTH].replace("_", "Q")


def image_digest(image: str, salt: str = "") -> str:
    """A made-up digest of an image: the same for the same tag."""
    return f"sha256:{hashlib.sha256(f'{image}{salt}'.encode()).hexdigest()}"
