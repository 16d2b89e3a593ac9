"""The policy generator: a policy by tag, cluster and container, and the containers it matches."""

from __future__ import annotations

import json
from collections.abc import Iterable

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Input, Static

from ecs_tui.model.arn import partition_of, short_name
from ecs_tui.model.cluster import Cluster
from ecs_tui.model.permission import Grant, operator_policy
from ecs_tui.model.task import Task
from ecs_tui.model.text import clean, counted
from ecs_tui.ui.dialogs.base import Dialog

MAX_SHOWN = 40
"""Containers that are listed by name, of those that match and of those that do not."""
FIELDS = ("tag", "cluster", "container")


class PolicyScreen(Dialog[None]):
    """Three fields to fill in; the policy and the matching containers are updated while typing.

    Args:
        tasks: The tasks whose containers are matched.
        cluster: The cluster that is filled in, or None.
        region: The region of the policy's ARNs.
    """

    DEFAULT_CSS = """
    PolicyScreen Horizontal { height: 1; }
    PolicyScreen .name { width: 12; }
    PolicyScreen #columns { height: 1fr; margin-top: 1; }
    PolicyScreen VerticalScroll { width: 1fr; }
    """
    BINDINGS = [("ctrl+y", "copy", "copy")]

    def __init__(self, tasks: Iterable[Task], cluster: Cluster | None, region: str) -> None:
        super().__init__()
        self._tasks = [task for task in tasks if not task.stopping and task.described]
        self._cluster, self._region = cluster, region
        keys = sorted({key for task in self._tasks for key in task.tags})
        key = "environment" if "environment" in keys else (keys[0] if keys else "")
        value = next((task.tags[key] for task in self._tasks if key in task.tags), "")
        self._inputs = {
            "tag": Input(f"{key}={value}" if key else "", placeholder="key=value", compact=True),
            "cluster": Input(
                cluster.name if cluster else "", placeholder="any cluster", compact=True
            ),
            "container": Input(placeholder="any container", compact=True),
        }
        self._document = Static("", markup=False)
        self._reach = Static("", markup=False)
        self._known = ", ".join(keys) or "no tagged tasks"

    def compose(self) -> ComposeResult:
        with Vertical(classes="box -tall"):
            yield Static("Operator policy", classes="title", markup=False)
            for name in FIELDS:
                with Horizontal():
                    yield Static(name, classes="name", markup=False)
                    yield self._inputs[name]
            yield Static(f"Tags in use: {clean(self._known)}", markup=False)
            with Horizontal(id="columns"):
                with VerticalScroll():
                    yield self._document
                with VerticalScroll():
                    yield self._reach
            yield Static("tab next field   ctrl+y copy   esc close", classes="keys", markup=False)

    def on_mount(self) -> None:
        self._inputs["tag"].focus()
        self._draw()

    def on_input_changed(self) -> None:
        self._draw()

    @property
    def grant(self) -> Grant:
        """The fields' values."""
        key, _, value = self._inputs["tag"].value.strip().partition("=")
        return Grant(
            key.strip(),
            value.strip(),
            self._inputs["cluster"].value.strip(),
            self._inputs["container"].value.strip(),
        )

    @property
    def document(self) -> str:
        """The policy as JSON."""
        account = self._tasks[0].arn.split(":")[4] if self._tasks else "ACCOUNT"
        configuration = self._cluster.exec_configuration if self._cluster else None
        key = configuration.kms_key_id if configuration else ""
        partition = partition_of(
            self._tasks[0].arn if self._tasks else self._cluster.arn if self._cluster else ""
        )
        policy = operator_policy(self.grant, self._region, account, partition, key)
        return json.dumps(policy, indent=2)

    def _draw(self) -> None:
        self._document.update("\n".join(clean(line) for line in self.document.split("\n")))
        grant = self.grant
        inside: list[str] = []
        outside: list[str] = []
        for task in self._tasks:
            for container in task.containers:
                where = f"{task.service or task.group} {task.id[:8]} {container.name}"
                (inside if grant.reaches(task, container.name) else outside).append(clean(where))
        lines = [f"● matches {counted(len(inside), 'container')}", *_some(inside), ""]
        lines += [f"○ does not match {len(outside)}", *_some(outside)]
        self._reach.update("\n".join(lines))

    def action_copy(self) -> None:
        """Copy the policy."""
        self.app.copy_to_clipboard(self.document)
        cluster = short_name(self._cluster.name) if self._cluster else ""
        self.notify(f"Policy for {cluster or 'any cluster'} copied.")


def _some(names: list[str]) -> list[str]:
    names = sorted(names)
    shown = [f"  {name}" for name in names[:MAX_SHOWN]]
    if len(names) > MAX_SHOWN:
        shown.append(f"  … and {len(names) - MAX_SHOWN} more")
    return shown
