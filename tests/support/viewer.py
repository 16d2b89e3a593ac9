"""An inventory and its refresher in virtual time, and a record of their calls to a model of AWS."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from ecs_tui.store.inventory import Inventory, Kind, Scope
from ecs_tui.store.refresher import Refresher
from tests.support.aws_model import AwsModel, ModelAccount
from tests.support.virtual_time import run

EVERY = 10.0
"""Seconds of the refresher's interval."""
SERVICES = Scope(Kind.SERVICE, "one")
TASKS = Scope(Kind.TASK, "one")


class RecordingModel(AwsModel):
    """A model of AWS that records its calls.

    Attributes:
        deploying: ARNs of services with a deployment under way.
        lists: Times of each List operation's first pages, in the loop's seconds.
        describes: How many Describe calls there were.
        asked: Times at which each service or task was described, by ARN.
        most_at_once: The most calls that were under way at a time.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__("us-east-1", clock, 1)
        self.latency = (0.0, 0.0)
        self.deploying: set[str] = set()
        self.lists: dict[str, list[float]] = {}
        self.asked: dict[str, list[float]] = {}
        self.describes = 0
        self.most_at_once = 0
        self.add_cluster("one")

    async def answer(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        self.most_at_once = max(self.most_at_once, self.under_way + 1)
        if operation.startswith("List"):
            name = f"{operation} {params.get('desiredStatus', '')}".strip()
            if "nextToken" not in params:
                self.lists.setdefault(name, []).append(self.clock())
        self.describes += operation.startswith("Describe")
        for arn in [*params.get("services", ()), *params.get("tasks", ())]:
            self.asked.setdefault(arn, []).append(self.clock())
        found = await super().answer(operation, params)
        for raw in found.get("services", ()):
            if raw["serviceArn"] in self.deploying:
                raw["deployments"] = [
                    {"id": "d", "status": "PRIMARY", "rolloutState": "IN_PROGRESS"}
                ]
        return found


class Viewer:
    """An operator's inventory and refresher, without a screen."""

    def __init__(self, model: RecordingModel) -> None:
        self.model = model
        self.inventory = Inventory(ModelAccount(model))
        self.refresher = Refresher(self.inventory, EVERY)

    async def watch_for(self, seconds: float) -> None:
        """Forget the calls so far, then wait."""
        self.model.lists.clear()
        self.model.asked.clear()
        self.model.describes = 0
        self.model.most_at_once = 0
        await asyncio.sleep(seconds)


def in_virtual_time(work: Callable[[Viewer], Awaitable[None]]) -> None:
    """Run `work` with a viewer of a cluster `one`, in virtual time."""

    async def with_viewer() -> None:
        viewer = Viewer(RecordingModel(asyncio.get_running_loop().time))
        try:
            await work(viewer)
        finally:
            await viewer.refresher.close()

    run(with_viewer())
