"""A small model of ECS as a client of botocore shows it: what exists, and how badly it answers.

It is independent of the demo account and of all of our code but `Account`, whose gate the calls
pass. It knows what each list should hold (`truth`) and keeps every answer that a List call gave.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError, EndpointConnectionError

from ecs_tui.aws.account import Account
from ecs_tui.aws.pace import Pace

BURST, RATE = 100, 20
_OPERATIONS = [
    "ListClusters",
    "ListServices",
    "ListTasks",
    "ListContainerInstances",
    "DescribeClusters",
    "DescribeServices",
    "DescribeTasks",
    "DescribeContainerInstances",
]


@dataclass(slots=True)
class ModelTask:
    """A task. `missing`: List names it, Describe does not know it."""

    arn: str
    group: str
    last: str = "RUNNING"
    desired: str = "RUNNING"
    missing: bool = False


@dataclass(slots=True)
class ModelService:
    """A service. `bare`: Describe leaves its `clusterArn` out."""

    arn: str
    name: str
    missing: bool = False
    bare: bool = False


@dataclass(slots=True)
class ModelCluster:
    """A cluster and what lives in it, in the order of its lists."""

    arn: str
    services: dict[str, ModelService] = field(default_factory=dict)
    tasks: dict[str, ModelTask] = field(default_factory=dict)
    instances: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Listed:
    """A whole List call that was answered. `stands`: what of it really stands in that list."""

    about: tuple[str, ...]
    began: float
    stands: tuple[str, ...]


class AwsModel:
    """One region. Times are the loop's seconds.

    Attributes:
        latency: Between these seconds an answer takes.
        failing, throttling: Shares of calls that fail.
        by_service: What ListTasks(serviceName, STOPPED) does: "filters", "nothing" or "all".
    """

    def __init__(self, region: str, clock: Callable[[], float], seed: int) -> None:
        self.region, self.clock = region, clock
        self.random = random.Random(seed)
        self.clusters: dict[str, ModelCluster] = {}
        self.page, self.latency = 100, (0.0, 0.25)
        self.failing = self.throttling = 0.0
        self.by_service = "filters"
        self.listed: list[Listed] = []
        self.calls: list[float] = []
        self.under_way = 0
        self._number = 0
        self._tokens, self._filled = float(BURST), clock()
        self.beyond = 0

    # -- what happens there

    def arn(self, kind: str, *path: str) -> str:
        return f"arn:aws:ecs:{self.region}:123456789012:{'/'.join((kind, *path))}"

    def add_cluster(self, name: str) -> None:
        self.clusters.setdefault(name, ModelCluster(self.arn("cluster", name)))

    def add_service(self, cluster: str, name: str) -> ModelService:
        made = ModelService(self.arn("service", cluster, name), name)
        return self.clusters[cluster].services.setdefault(name, made)

    def start(self, cluster: str, group: str) -> ModelTask:
        self._number += 1
        made = ModelTask(self.arn("task", cluster, f"{self._number:032x}"), group)
        self.clusters[cluster].tasks[made.arn] = made
        return made

    def delete_service(self, cluster: str, name: str) -> None:
        del self.clusters[cluster].services[name]
        for task in self.clusters[cluster].tasks.values():
            if task.group == f"service:{name}" and task.desired == "RUNNING":
                self.stop(task)

    @staticmethod
    def stop(task: ModelTask) -> None:
        task.desired, task.last, task.missing = "STOPPED", "DEACTIVATING", False

    # -- what is so

    def truth(self, kind: str, cluster: str, service: str, stopped: bool) -> list[str] | None:
        """The keys that a list should hold, in order; None where AWS answers that it is gone."""
        if kind == "cluster":
            return [item.arn for item in self.clusters.values()]
        home = self.clusters.get(cluster)
        if home is None or (service and service not in home.services and not stopped):
            return None
        if kind == "service":
            return [item.arn for item in home.services.values()]
        if kind == "instance":
            return list(home.instances)
        group = f"service:{service}"
        tasks = [t for t in home.tasks.values() if not service or t.group == group]
        ended = [t.arn for t in tasks if t.desired == "STOPPED" and t.last == "STOPPED"]
        if stopped:
            return None if service and service not in home.services else ended
        draining = [t.arn for t in tasks if t.desired == "STOPPED" and t.last != "STOPPED"]
        return [t.arn for t in tasks if t.desired == "RUNNING"] + draining

    def gone(self, arn: str) -> bool:
        """Whether Describe does not know it though List names it."""
        return any(
            (arn in home.tasks and home.tasks[arn].missing)
            or any(item.arn == arn and item.missing for item in home.services.values())
            for home in self.clusters.values()
        )

    # -- the API

    async def answer(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """One call: counted, late, failing now and then."""
        now = self.clock()
        self.calls.append(now)
        self._tokens = min(BURST, self._tokens + (now - self._filled) * RATE) - 1
        self._filled = now
        self.beyond += self._tokens < 0
        self.under_way += 1
        try:
            delay = self.random.uniform(*self.latency)
            await asyncio.sleep(delay / 2)
            dice = self.random.random()
            if dice < self.throttling:
                raise _error(operation, "ThrottlingException", "Rate exceeded")
            if dice < self.throttling + self.failing:
                if self.random.random() < 0.5:
                    raise EndpointConnectionError(endpoint_url="https://ecs.example")
                raise _error(operation, "ServerException", "internal error")
            made = getattr(self, f"_{operation}")(params, now)
            await asyncio.sleep(delay / 2)
            found: dict[str, Any] = made
            return found
        finally:
            self.under_way -= 1

    def _home(self, operation: str, params: dict[str, Any]) -> ModelCluster:
        home = self.clusters.get(params["cluster"].rsplit("/", 1)[-1])
        if home is None:
            raise _error(operation, "ClusterNotFoundException", "Cluster not found.")
        return home

    def _page(
        self,
        member: str,
        params: dict[str, Any],
        names: list[str],
        about: tuple[str, ...],
        stands: list[str],
        now: float,
    ) -> dict[str, Any]:
        start = int(params.get("nextToken", "0"))
        end = start + self.page
        answer: dict[str, Any] = {member: names[start:end]}
        if end < len(names):
            answer["nextToken"] = str(end)
        elif start == 0:
            self.listed.append(Listed(about, now, tuple(stands)))
        return answer

    def _ListClusters(self, params: dict[str, Any], now: float) -> dict[str, Any]:
        names = [item.arn for item in self.clusters.values()]
        return self._page("clusterArns", params, names, ("cluster",), names, now)

    def _ListServices(self, params: dict[str, Any], now: float) -> dict[str, Any]:
        home = self._home("ListServices", params)
        names = [item.arn for item in home.services.values()]
        about = ("service", params["cluster"])
        return self._page("serviceArns", params, names, about, names, now)

    def _ListContainerInstances(self, params: dict[str, Any], now: float) -> dict[str, Any]:
        names = self._home("ListContainerInstances", params).instances
        about = ("instance", params["cluster"])
        return self._page("containerInstanceArns", params, names, about, names, now)

    def _ListTasks(self, params: dict[str, Any], now: float) -> dict[str, Any]:
        home, service = self._home("ListTasks", params), params.get("serviceName", "")
        desired = params.get("desiredStatus", "RUNNING")
        if service and service not in home.services:
            raise _error("ListTasks", "ServiceNotFoundException", "Service not found.")
        every = [task for task in home.tasks.values() if task.desired == desired]
        found = [t for t in every if not service or t.group == f"service:{service}"]
        if service and desired == "STOPPED" and self.by_service != "filters":
            found = every if self.by_service == "all" else []
        group = f"service:{service}" if service else ""
        stands = [
            t.arn
            for t in found
            if (desired == "RUNNING" or t.last == "STOPPED") and group in ("", t.group)
        ]
        about = ("task", params["cluster"], service, desired)
        return self._page("taskArns", params, [t.arn for t in found], about, stands, now)

    def _DescribeClusters(self, params: dict[str, Any], _: float) -> dict[str, Any]:
        known = {item.arn: name for name, item in self.clusters.items()}
        assert len(params["clusters"]) <= 100
        return {
            "clusters": [
                {"clusterArn": arn, "clusterName": known[arn], "status": "ACTIVE"}
                for arn in params["clusters"]
                if arn in known
            ]
        }

    def _DescribeServices(self, params: dict[str, Any], _: float) -> dict[str, Any]:
        home = self._home("DescribeServices", params)
        known = {item.arn: item for item in home.services.values() if not item.missing}
        assert len(params["services"]) <= 10
        known |= {item.name: item for item in known.values()}
        found = []
        for arn in params["services"]:
            if arn in known:
                item = known[arn]
                raw = {"serviceArn": item.arn, "serviceName": item.name, "status": "ACTIVE"}
                found.append(raw if item.bare else {**raw, "clusterArn": home.arn})
        missing = [arn for arn in params["services"] if arn not in known]
        return {"services": found, "failures": _missing(missing)}

    def _DescribeTasks(self, params: dict[str, Any], _: float) -> dict[str, Any]:
        home = self._home("DescribeTasks", params)
        known = {arn: item for arn, item in home.tasks.items() if not item.missing}
        assert len(params["tasks"]) <= 100
        found = [
            {
                "taskArn": arn,
                "clusterArn": home.arn,
                "group": known[arn].group,
                "lastStatus": known[arn].last,
                "desiredStatus": known[arn].desired,
            }
            for arn in params["tasks"]
            if arn in known
        ]
        missing = [arn for arn in params["tasks"] if arn not in known]
        return {"tasks": found, "failures": _missing(missing)}

    def _DescribeContainerInstances(self, params: dict[str, Any], _: float) -> dict[str, Any]:
        home = self._home("DescribeContainerInstances", params)
        assert len(params["containerInstances"]) <= 100
        wanted = [arn for arn in params["containerInstances"] if arn in home.instances]
        return {"containerInstances": [{"containerInstanceArn": arn} for arn in wanted]}


def _missing(arns: list[str]) -> list[dict[str, str]]:
    return [{"arn": arn, "reason": "MISSING"} for arn in arns]


def _error(operation: str, code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


class _Client:
    """What `Account.call` and `aws.ecs` use of a client of botocore."""

    def __init__(self, model: AwsModel) -> None:
        self._model = model
        self.meta = SimpleNamespace(
            service_model=SimpleNamespace(service_name="ecs", resolved_protocol="json"),
            method_to_api_mapping={_snake(name): name for name in _OPERATIONS},
        )

    async def list_clusters(self, **params: Any) -> Any:
        return await self._model.answer("ListClusters", params)

    async def list_services(self, **params: Any) -> Any:
        return await self._model.answer("ListServices", params)

    async def list_tasks(self, **params: Any) -> Any:
        return await self._model.answer("ListTasks", params)

    async def list_container_instances(self, **params: Any) -> Any:
        return await self._model.answer("ListContainerInstances", params)

    async def describe_clusters(self, **params: Any) -> Any:
        return await self._model.answer("DescribeClusters", params)

    async def describe_services(self, **params: Any) -> Any:
        return await self._model.answer("DescribeServices", params)

    async def describe_tasks(self, **params: Any) -> Any:
        return await self._model.answer("DescribeTasks", params)

    async def describe_container_instances(self, **params: Any) -> Any:
        return await self._model.answer("DescribeContainerInstances", params)


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


class ModelAccount(Account):
    """An account whose clients are the model's; gate, budget and errors are the real ones."""

    def __init__(self, model: AwsModel) -> None:
        super().__init__(None, model.region, pace=Pace(BURST, RATE, model.clock))
        self._client = _Client(model)

    async def client(self, service: str) -> Any:
        assert service == "ecs"
        return self._client
