"""A model of ECS behind a botocore client: its resources, its latency and its failures.

It uses no code of the program but `Account`, through which the calls go, and none of the demo
account. It knows what each list should hold (`truth`) and records each answer of a List call.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from types import SimpleNamespace
from typing import Any

import botocore.session
from botocore.exceptions import ClientError, EndpointConnectionError

from ecs_tui.aws.account import Account
from ecs_tui.aws.pace import Pace

BURST, RATE = 100, 20
_BUCKETS = {
    "clusters": (50, {"ListClusters", "DescribeClusters"}),
    "services": (100, {"ListServices", "DescribeServices"}),
    "resources": (
        100,
        {"ListTasks", "DescribeTasks", "ListContainerInstances", "DescribeContainerInstances"},
    ),
}
"""ECS's groups of operations: the tokens of each (API reference, "Request throttling for the Amazon ECS
API"). All of them are filled at the same rate."""
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
    """A task. `missing`: ListTasks returns it, DescribeTasks reports it as missing. `instance`: the ARN of
    its container instance, "" on Fargate."""

    arn: str
    group: str
    last: str = "RUNNING"
    desired: str = "RUNNING"
    missing: bool = False
    instance: str = ""


@dataclass(slots=True)
class ModelService:
    """A service. `missing`: as of a task. `bare`: DescribeServices omits its `clusterArn`."""

    arn: str
    name: str
    missing: bool = False
    bare: bool = False


@dataclass(slots=True)
class ModelCluster:
    """A cluster and its resources, in the order in which List calls return them."""

    arn: str
    services: dict[str, ModelService] = field(default_factory=dict)
    tasks: dict[str, ModelTask] = field(default_factory=dict)
    instances: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Listed:
    """A List call whose pages were all answered.

    Attributes:
        about: Its kind and parameters.
        began: When its first page was asked for, in the loop's seconds.
        stands: The ARNs of any page that belonged into that list when the page was made.
    """

    about: tuple[str, ...]
    began: float
    stands: tuple[str, ...]


class AwsModel:
    """One region. Times are the loop's seconds.

    Attributes:
        page: How many ARNs a page of a List call has.
        latency: The least and the most seconds that an answer takes.
        failing, throttling: Shares (0..1) of calls that fail, or are throttled.
        by_service: What ListTasks(serviceName, STOPPED) returns: the service's tasks ("filters"),
            no task ("nothing"), or those of all services ("all").
        listed: The List calls whose pages were all answered.
        calls: When each call was made.
        under_way: How many calls are not answered yet.
        beyond: How many calls exceeded the token buckets of ECS.
    """

    def __init__(self, region: str, clock: Callable[[], float], seed: int) -> None:
        self.region, self.clock = region, clock
        self.random = random.Random(seed)
        self.clusters: dict[str, ModelCluster] = {}
        self.page, self.latency = 100, (0.0, 0.25)
        self.failing = self.throttling = 0.0
        self.by_service = "filters"
        self.listed: list[Listed] = []
        self._tokens_given = 0
        self._begun: dict[str, tuple[float, list[str]]] = {}
        self.calls: list[float] = []
        self.under_way = 0
        self._number = 0
        self._tokens = {name: (float(burst), clock()) for name, (burst, _) in _BUCKETS.items()}
        self.beyond = 0

    # -- changes

    def arn(self, kind: str, *path: str) -> str:
        return f"arn:aws:ecs:{self.region}:123456789012:{'/'.join((kind, *path))}"

    def add_cluster(self, name: str) -> None:
        self.clusters.setdefault(name, ModelCluster(self.arn("cluster", name)))

    def add_service(self, cluster: str, name: str) -> ModelService:
        made = ModelService(self.arn("service", cluster, name), name)
        return self.clusters[cluster].services.setdefault(name, made)

    def start(self, cluster: str, group: str) -> ModelTask:
        self._number += 1
        instances = self.clusters[cluster].instances
        made = ModelTask(self.arn("task", cluster, f"{self._number:032x}"), group)
        made.instance = instances[self._number % len(instances)] if instances else ""
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

    # -- state

    def truth(
        self, kind: str, cluster: str, service: str, stopped: bool, instance: str = ""
    ) -> list[str] | None:
        """The ARNs that a list should hold, in order; None where AWS answers "not found".

        Of a task that Describe reports as missing it is not known on which instance it ran.
        """
        if kind == "cluster":
            return [item.arn for item in self.clusters.values()]
        found = self.clusters.get(cluster)
        if found is None or (service and service not in found.services and not stopped):
            return None
        if kind == "service":
            return [item.arn for item in found.services.values()]
        if kind == "instance":
            return list(found.instances)
        group = f"service:{service}"
        tasks = [t for t in found.tasks.values() if not service or t.group == group]
        if instance:
            tasks = [t for t in tasks if t.instance == instance and not t.missing]
        ended = [t.arn for t in tasks if t.desired == "STOPPED" and t.last == "STOPPED"]
        if stopped:
            return None if service and service not in found.services else ended
        draining = [t.arn for t in tasks if t.desired == "STOPPED" and t.last != "STOPPED"]
        return [t.arn for t in tasks if t.desired == "RUNNING"] + draining

    def gone(self, arn: str) -> bool:
        """Whether List returns it and Describe reports it as missing."""
        return any(
            (arn in cluster.tasks and cluster.tasks[arn].missing)
            or any(item.arn == arn and item.missing for item in cluster.services.values())
            for cluster in self.clusters.values()
        )

    # -- the API

    async def answer(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """Answer a call after its latency, or fail as `failing` and `throttling` say."""
        now = self.clock()
        self.calls.append(now)
        self._take(operation, now)
        self.under_way += 1
        try:
            delay = self.random.uniform(*self.latency)
            await asyncio.sleep(delay / 2)
            chance = self.random.random()
            if chance < self.throttling:
                raise client_error(operation, "ThrottlingException", "Rate exceeded")
            if chance < self.throttling + self.failing:
                if self.random.random() < 0.5:
                    raise EndpointConnectionError(endpoint_url="https://ecs.example")
                raise client_error(operation, "ServerException", "internal error")
            made = getattr(self, f"_{operation}")(params, now)
            await asyncio.sleep(delay / 2)
            found: dict[str, Any] = made
            return found
        finally:
            self.under_way -= 1

    def _take(self, operation: str, now: float) -> None:
        """Take a token of the operation's bucket; count it if there is none."""
        (name,) = (name for name, (_, members) in _BUCKETS.items() if operation in members)
        tokens, filled = self._tokens[name]
        tokens = min(_BUCKETS[name][0], tokens + (now - filled) * RATE) - 1
        self._tokens[name] = (tokens, now)
        self.beyond += tokens < 0

    def _cluster(self, operation: str, params: dict[str, Any]) -> ModelCluster:
        cluster = self.clusters.get(params["cluster"].rsplit("/", 1)[-1])
        if cluster is None:
            raise client_error(operation, "ClusterNotFoundException", "Cluster not found.")
        return cluster

    def _page(
        self,
        member: str,
        params: dict[str, Any],
        names: list[str],
        about: tuple[str, ...],
        stands: list[str],
        now: float,
    ) -> dict[str, Any]:
        start = int(params.get("nextToken", "0").partition(":")[0])
        end = start + self.page
        answer: dict[str, Any] = {member: names[start:end]}
        began, stands = now, [each for each in names[start:end] if each in stands]
        if start:
            began, stood = self._begun[params["nextToken"]]
            stands = [*stood, *stands]
        if end < len(names):
            self._tokens_given += 1
            token = answer["nextToken"] = f"{end}:{self._tokens_given}"
            self._begun[token] = began, stands
        else:
            self.listed.append(Listed(about, began, tuple(stands)))
        return answer

    def _ListClusters(self, params: dict[str, Any], now: float) -> dict[str, Any]:
        names = [item.arn for item in self.clusters.values()]
        return self._page("clusterArns", params, names, ("cluster",), names, now)

    def _ListServices(self, params: dict[str, Any], now: float) -> dict[str, Any]:
        cluster = self._cluster("ListServices", params)
        names = [item.arn for item in cluster.services.values()]
        about = ("service", params["cluster"])
        return self._page("serviceArns", params, names, about, names, now)

    def _ListContainerInstances(self, params: dict[str, Any], now: float) -> dict[str, Any]:
        names = self._cluster("ListContainerInstances", params).instances
        about = ("instance", params["cluster"])
        return self._page("containerInstanceArns", params, names, about, names, now)

    def _ListTasks(self, params: dict[str, Any], now: float) -> dict[str, Any]:
        cluster, service = self._cluster("ListTasks", params), params.get("serviceName", "")
        desired = params.get("desiredStatus", "RUNNING")
        if service and service not in cluster.services:
            raise client_error("ListTasks", "ServiceNotFoundException", "Service not found.")
        every = [task for task in cluster.tasks.values() if task.desired == desired]
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
        known = {item.arn: (name, item) for name, item in self.clusters.items()}
        assert len(params["clusters"]) <= 100
        found = [(arn, *known[arn]) for arn in params["clusters"] if arn in known]
        return {
            "clusters": [
                {
                    "clusterArn": arn,
                    "clusterName": name,
                    "status": "ACTIVE",
                    "activeServicesCount": len(cluster.services),
                }
                for arn, name, cluster in found
            ]
        }

    def _DescribeServices(self, params: dict[str, Any], _: float) -> dict[str, Any]:
        cluster = self._cluster("DescribeServices", params)
        known = {item.arn: item for item in cluster.services.values() if not item.missing}
        assert len(params["services"]) <= 10
        known |= {item.name: item for item in known.values()}
        found = []
        for arn in params["services"]:
            if arn in known:
                item = known[arn]
                raw = {"serviceArn": item.arn, "serviceName": item.name, "status": "ACTIVE"}
                found.append(raw if item.bare else {**raw, "clusterArn": cluster.arn})
        missing = [arn for arn in params["services"] if arn not in known]
        return {"services": found, "failures": _missing(missing)}

    def _DescribeTasks(self, params: dict[str, Any], _: float) -> dict[str, Any]:
        cluster = self._cluster("DescribeTasks", params)
        known = {arn: item for arn, item in cluster.tasks.items() if not item.missing}
        assert len(params["tasks"]) <= 100
        found = [
            {
                "taskArn": arn,
                "clusterArn": cluster.arn,
                "group": known[arn].group,
                "lastStatus": known[arn].last,
                "desiredStatus": known[arn].desired,
                **({"containerInstanceArn": at} if (at := known[arn].instance) else {}),
            }
            for arn in params["tasks"]
            if arn in known
        ]
        missing = [arn for arn in params["tasks"] if arn not in known]
        return {"tasks": found, "failures": _missing(missing)}

    def _DescribeContainerInstances(self, params: dict[str, Any], _: float) -> dict[str, Any]:
        cluster = self._cluster("DescribeContainerInstances", params)
        assert len(params["containerInstances"]) <= 100
        wanted = [arn for arn in params["containerInstances"] if arn in cluster.instances]
        return {"containerInstances": [{"containerInstanceArn": arn} for arn in wanted]}


def _missing(arns: list[str]) -> list[dict[str, str]]:
    return [{"arn": arn, "reason": "MISSING"} for arn in arns]


def client_error(operation: str, code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


@cache
def _service_model() -> Any:
    return botocore.session.get_session().get_service_model("ecs")


class _Client:
    """The part of a botocore client that `Account.call` and `aws.api.ecs` use."""

    def __init__(self, model: AwsModel) -> None:
        self._model = model
        self.meta = SimpleNamespace(
            service_model=_service_model(),
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
    """An `Account` whose ECS client is the model; its call budget and errors are the real ones."""

    def __init__(self, model: AwsModel) -> None:
        super().__init__(None, model.region, pace=Pace(BURST, RATE, model.clock))
        self._client = _Client(model)

    async def client(self, service: str) -> Any:
        assert service == "ecs"
        return self._client
