"""Task scale-in protection of the demo account, which moto lacks.

Source: "GetTaskProtection" and "UpdateTaskProtection" in the ECS API reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecs_tui.demo.ecs import DemoEcsBackend
from ecs_tui.demo.state import when
from ecs_tui.system import wall_clock

DEFAULT_MINUTES = 120
Answer = tuple[list[dict[str, Any]], list[dict[str, str]]]
"""`protectedTasks[]` and `failures[]`."""


def protection(backend: DemoEcsBackend, asked: Mapping[str, Any]) -> Answer:
    """The protection of the tasks in `asked`."""
    return _each(backend, asked, None)


def protect(backend: DemoEcsBackend, asked: Mapping[str, Any]) -> Answer:
    """Protect the tasks in `asked`, or end their protection."""
    minutes = int(asked.get("expiresInMinutes") or DEFAULT_MINUTES)
    until = wall_clock.now() + 60 * minutes if asked.get("protectionEnabled") else 0.0
    return _each(backend, asked, until)


def _each(backend: DemoEcsBackend, asked: Mapping[str, Any], until: float | None) -> Answer:
    """Set the end of protection unless `until` is None; a standalone task is not valid."""
    cluster = backend._get_cluster(asked.get("cluster") or "default")
    found: list[dict[str, Any]] = []
    failures: list[dict[str, str]] = []
    for name in asked.get("tasks") or ():
        task = backend.find_task(cluster, name)
        if task is None:
            failures.append({"arn": name, "reason": "MISSING"})
            continue
        state = backend.state_of(task)
        if not state.service_key:
            failures.append({"arn": task.task_arn, "reason": "TASK_NOT_VALID"})
            continue
        if until is not None:
            state.protected_until = until
        on = state.protected_until > wall_clock.now()
        view: dict[str, Any] = {"taskArn": task.task_arn, "protectionEnabled": on}
        if on:
            view["expirationDate"] = when(state.protected_until)
        found.append(view)
    return found, failures
