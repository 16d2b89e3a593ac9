"""Replacement tasks: found for shells whose task is stopping or gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecs_tui.model.arn import short_name
from ecs_tui.model.rules.exec_readiness import Verdict, container_readiness
from ecs_tui.model.task import Task
from ecs_tui.session.session import Target
from ecs_tui.store.inventory import Kind, Scope

if TYPE_CHECKING:
    from ecs_tui.ui.dock.pane import ShellPane
    from ecs_tui.ui.main_screen import Browser

SUCCESSORS_SECONDS = 3.0
"""Minimum seconds between two searches for replacement tasks."""


class Successors:
    """Finds the container of a shell in the task that replaces a stopping or gone one."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._looked_at = 0.0
        self._in_flight = False

    def look(self, now: float) -> None:
        """Search for replacements that are needed, at most every 3 s. `now`: monotonic seconds."""
        wanting = [
            pane
            for pane in self._browser.dock.panes
            if pane.task_notice and pane.successor is None and pane.target.service
        ]
        if wanting and not self._in_flight and now - self._looked_at > SUCCESSORS_SECONDS:
            self._looked_at, self._in_flight = now, True
            self._browser.run_worker(self._find(wanting), group="successors")

    async def _find(self, panes: list[ShellPane]) -> None:
        try:
            for pane in panes:
                target, inventory = pane.target, pane.context.connection.inventory
                cluster = short_name(target.cluster)
                scope = Scope(Kind.TASK, cluster, target.service)
                await inventory.list_names(scope)
                names = [task.arn for task in inventory.tasks(cluster, target.service)]
                if names:
                    await inventory.describe(scope, names[:100])
                found = successor(target, inventory.tasks(cluster, target.service))
                if found is not None and pane.successor is None:
                    prefix = self._browser.settings.prefix_keys.shown
                    pane.successor = found
                    self._browser.note(
                        f"{pane.words}: replacement task {found.task_id[:7]} is ready. "
                        f"{prefix} o opens a shell in it.",
                        12,
                        news=True,
                    )
                    pane.show_state()
        finally:
            self._in_flight = False


def notice_about(task: Task | None, container: str, *, known: bool) -> str:
    """How the task or container of a shell is ending or has ended, in words, or "".

    Args:
        task: The task, None if the inventory does not contain it.
        container: The container of the shell.
        known: Whether the inventory has contained the task.
    """
    if task is None:
        return "task no longer exists" if known else ""
    if task.last_status == "STOPPED":
        return "task stopped"
    if task.stopping:
        return "task is stopping"
    inside = task.container(container)
    if inside is not None and inside.last_status == "STOPPED":
        return "container stopped"
    return ""


def successor(target: Target, tasks: list[Task]) -> Target | None:
    """The same container in the newest other task that is ready for a shell, or None.

    Args:
        target: The container of the shell.
        tasks: The tasks of its service.
    """
    ready = []
    for task in tasks:
        container = task.container(target.container)
        if task.arn == target.task_arn or container is None or task.stopping or task.gone:
            continue
        if container_readiness(task, container).verdict is Verdict.READY:
            ready.append((task.created_at.timestamp() if task.created_at else 0.0, task, container))
    if not ready:
        return None
    _, task, container = max(ready, key=lambda item: item[0])
    return Target.of(task, container, windows=target.windows)
