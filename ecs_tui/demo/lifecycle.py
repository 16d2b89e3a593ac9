"""The lifecycle of a demo task as a pure function of time.

The order of states is ECS's
(https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html).
"""

from __future__ import annotations

from ecs_tui.record import dataclass

STARTING = ("PROVISIONING", "PENDING", "ACTIVATING")
STOPPING = ("DEACTIVATING", "STOPPING", "DEPROVISIONING")


@dataclass(slots=True)
class TaskLifecycle:
    """One task's times, in seconds since 1970, and durations, in seconds.

    `stop_at`: when it starts to stop; None if it has not been stopped.
    """

    created_at: float
    start_takes: float
    agent_takes: float
    stop_takes: float = 3.0
    stop_at: float | None = None

    @property
    def running_at(self) -> float:
        """When it reaches RUNNING."""
        return self.created_at + self.start_takes

    @property
    def stopped_at(self) -> float | None:
        """When it reaches STOPPED; None if it has not been stopped."""
        return None if self.stop_at is None else self.stop_at + self.stop_takes

    def status(self, now: float) -> str:
        """`lastStatus` at `now`."""
        if self.stop_at is not None and now >= self.stop_at:
            part = (now - self.stop_at) / self.stop_takes
            return "STOPPED" if part >= 1 else STOPPING[int(part * len(STOPPING))]
        part = (now - self.created_at) / self.start_takes if self.start_takes else 1.0
        return "RUNNING" if part >= 1 else STARTING[int(max(0.0, part) * len(STARTING))]

    def agent_running(self, now: float) -> bool:
        """Whether the exec agent, if it can start, has started: `agent_takes` after RUNNING."""
        return now >= self.running_at + self.agent_takes

    @property
    def agent_at(self) -> float:
        """When the exec agent starts."""
        return self.running_at + self.agent_takes

    def desired(self, now: float) -> str:
        """`desiredStatus` at `now`."""
        return "STOPPED" if self.stop_at is not None and now >= self.stop_at else "RUNNING"
