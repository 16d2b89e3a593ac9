"""The policy generator: a policy by tag, cluster and container, and the containers it matches."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Input, Static

from ecs_tui.model.arn import partition_of, short_name
from ecs_tui.model.cluster import Cluster
from ecs_tui.model.permission import Grant, operator_policy
from ecs_tui.model.rules.health import share_sign
from ecs_tui.model.task import Task
from ecs_tui.model.text import clean, counted
from ecs_tui.ui.dialogs.base import Dialog, bind
from ecs_tui.ui.table.columns import shortened

MAX_SHOWN = 200
"""Containers of a service that are listed by name."""
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
    kind = "policy"
    BINDINGS = [
        bind("policy-copy", "copy", "Copy the policy"),
        bind("policy-next", "app.focus_next", "Next field"),
    ]
    types = True

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
            yield self.hint_line(
                ("policy-next", "next field"), ("policy-copy", "copy"), ("dialog-close", "close")
            )

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
        self._reach.update("\n".join(reach_lines(self._tasks, self.grant)))

    def action_copy(self) -> None:
        """Copy the policy."""
        self.app.copy_to_clipboard(self.document)
        cluster = short_name(self._cluster.name) if self._cluster else ""
        self.notify(f"Policy for {cluster or 'any cluster'} copied.")


def reach_lines(tasks: Iterable[Task], grant: Grant) -> list[str]:
    """What a grant reaches, in lines: the totals, then each service's containers, not reached first.

    A line is `▲ cart  2/4  app`: two of four containers called app. Groups that are reached in part
    come after those that are not.
    """
    groups: dict[tuple[str, str], list[bool]] = {}
    for task in tasks:
        for container in task.containers:
            reached = grant.reaches(task, container.name)
            groups.setdefault((task.service or task.group, container.name), []).append(reached)
    total = sum(map(len, groups.values()))
    inside = sum(map(sum, groups.values()))
    lines = [f"● matches {counted(inside, 'container')}", f"○ does not match {total - inside}", ""]
    order = sorted(groups.items(), key=lambda item: (_share(item[1]), item[0]))
    width = min(32, max((cell_len(clean(name)) for (name, _), _ in order), default=0))
    for (service, called), each in order[:MAX_SHOWN]:
        sign = share_sign(sum(each), len(each))
        count = f"{sum(each)}/{len(each)}"
        name = shortened(clean(service), width, middle=True)
        pad = " " * (width - cell_len(name))
        lines.append(f"{sign} {name}{pad}  {count:>7}  {clean(called)}")
    if len(order) > MAX_SHOWN:
        lines.append(f"… and {len(order) - MAX_SHOWN} more")
    return lines


def _share(reached: Sequence[bool]) -> int:
    """Not reached, reached in part, reached: 0, 1, 2."""
    return 2 if all(reached) else 1 if any(reached) else 0
