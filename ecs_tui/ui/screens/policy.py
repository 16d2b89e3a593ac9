"""A policy for operators: by tag, cluster and container, with the tasks that it would reach."""

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
from ecs_tui.model.words import clean
from ecs_tui.ui.screens.modal import Box

SHOWN = 40
FIELDS = ("tag", "cluster", "container")


class PolicyScreen(Box[None]):
    """Three lines to fill in; the policy and its reach follow while one types."""

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
        self._known = ", ".join(keys) or "none of these tasks has tags"

    def compose(self) -> ComposeResult:
        """The lines, the policy beside whom it reaches, keys."""
        with Vertical(classes="box -tall"):
            yield Static("Policy for operators", classes="title", markup=False)
            for name in FIELDS:
                with Horizontal():
                    yield Static(name, classes="name", markup=False)
                    yield self._inputs[name]
            yield Static(f"tags in use: {clean(self._known)}", markup=False)
            with Horizontal(id="columns"):
                with VerticalScroll():
                    yield self._document
                with VerticalScroll():
                    yield self._reach
            yield Static("tab next line   ctrl+y copy   esc close", classes="keys", markup=False)

    def on_mount(self) -> None:
        """Show what is prefilled."""
        self._inputs["tag"].focus()
        self._draw()

    def on_input_changed(self) -> None:
        """Follow."""
        self._draw()

    @property
    def grant(self) -> Grant:
        """What is filled in."""
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
        lines = [f"● reaches {len(inside)} containers", *_some(inside), ""]
        lines += [f"○ does not reach {len(outside)}", *_some(outside)]
        self._reach.update("\n".join(lines))

    def action_copy(self) -> None:
        """The policy."""
        self.app.copy_to_clipboard(self.document)
        cluster = short_name(self._cluster.name) if self._cluster else ""
        self.notify(f"The policy for {cluster or 'any cluster'} is on the clipboard.")


def _some(names: list[str]) -> list[str]:
    names = sorted(names)
    shown = [f"  {name}" for name in names[:SHOWN]]
    if len(names) > SHOWN:
        shown.append(f"  … and {len(names) - SHOWN} more")
    return shown
