"""Clusters with services and tasks for the stub of AWS, found by name, id or ARN as ECS does it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.support.stub_aws import ANSWERS, ARN, SERVICE_RAW, Json, Reply, StubAws, error_reply

PAGE = 100


def cluster_arn(name: str) -> str:
    """The ARN of a cluster."""
    return f"{ARN}:cluster/{name}"


@dataclass
class StubCluster:
    """A cluster. `denied`: operations that AWS denies there; `counts`: further members of it."""

    name: str
    services: dict[str, Json] = field(default_factory=dict)
    tasks: dict[str, Json] = field(default_factory=dict)
    denied: set[str] = field(default_factory=set)
    counts: Json = field(default_factory=dict)

    def service(self, name: str, **members: Any) -> Json:
        """Add a service."""
        raw: Json = copy.deepcopy(SERVICE_RAW)
        raw |= {
            "serviceName": name,
            "serviceArn": f"{ARN}:service/{self.name}/{name}",
            "clusterArn": cluster_arn(self.name),
            **members,
        }
        self.services[name] = raw
        return raw

    def task(self, number: str, service: str = "", **members: Any) -> Json:
        """Add a running task; `number` is its id or the beginning of its id."""
        raw: Json = copy.deepcopy(ANSWERS["ecs:DescribeTasks"]["tasks"][0])
        name = number.ljust(32, "0") if len(number) < 32 else number
        raw |= {
            "taskArn": f"{ARN}:task/{self.name}/{name}",
            "clusterArn": cluster_arn(self.name),
            "group": f"service:{service}" if service else "family:web",
            **members,
        }
        for container in raw["containers"]:
            container["containerArn"] = f"{ARN}:container/{self.name}/{name}/{container['name']}"
        self.tasks[raw["taskArn"]] = raw
        return raw


class StubClusters:
    """The clusters of a stub; `add` makes one."""

    def __init__(self, stub: StubAws) -> None:
        self.clusters: dict[str, StubCluster] = {}
        stub.answers |= {
            "ecs:ListClusters": lambda _: {"clusterArns": [*map(cluster_arn, self.clusters)]},
            "ecs:DescribeClusters": self._asked("DescribeClusters", self._describe_clusters),
            "ecs:ListServices": self._asked("ListServices", self._list_services),
            "ecs:DescribeServices": self._asked("DescribeServices", self._describe_services),
            "ecs:ListTasks": self._asked("ListTasks", self._list_tasks),
            "ecs:DescribeTasks": self._asked("DescribeTasks", self._describe_tasks),
        }

    def add(self, name: str) -> StubCluster:
        """Add an empty cluster."""
        made = self.clusters[name] = StubCluster(name)
        return made

    def _asked(self, operation: str, answer: Callable[[Json, StubCluster], Any]) -> Any:
        def of(body: str) -> Any:
            asked: Json = json.loads(body)
            name = asked.get("cluster", "default").rsplit("/", 1)[-1]
            if operation == "DescribeClusters":
                return answer(asked, StubCluster(""))
            cluster = self.clusters.get(name)
            if cluster is None:
                return error_reply(f"ecs:{operation}", "ClusterNotFoundException", "not found")
            if operation in cluster.denied:
                words = f"not authorized to perform: ecs:{operation}"
                return error_reply(f"ecs:{operation}", "AccessDeniedException", words)
            return answer(asked, cluster)

        return of

    def _describe_clusters(self, asked: Json, _: StubCluster) -> Json:
        names = [each.rsplit("/", 1)[-1] for each in asked["clusters"]]
        return {
            "clusters": [
                {
                    "clusterArn": cluster_arn(name),
                    "clusterName": name,
                    "status": "ACTIVE",
                    **self.clusters[name].counts,
                }
                for name in names
                if name in self.clusters
            ]
        }

    def _list_services(self, asked: Json, cluster: StubCluster) -> Json:
        arns = [each["serviceArn"] for each in cluster.services.values()]
        arns = [arn for arn in arns if _alive(cluster, arn)]
        start = int(asked.get("nextToken", "0"))
        page: Json = {"serviceArns": arns[start : start + PAGE]}
        if start + PAGE < len(arns):
            page["nextToken"] = str(start + PAGE)
        return page

    def _describe_services(self, asked: Json, cluster: StubCluster) -> Json:
        named = {
            **cluster.services,
            **{one["serviceArn"]: one for one in cluster.services.values()},
        }
        return {"services": [named[each] for each in asked["services"] if each in named]}

    def _list_tasks(self, asked: Json, cluster: StubCluster) -> Json | Reply:
        service = asked.get("serviceName", "").rsplit("/", 1)[-1]
        if service and service not in cluster.services:
            return error_reply("ecs:ListTasks", "ServiceNotFoundException", "Service not found.")
        status = asked.get("desiredStatus", "RUNNING")
        return {
            "taskArns": [
                arn
                for arn, raw in cluster.tasks.items()
                if raw["desiredStatus"] == status
                and (not service or raw["group"] == f"service:{service}")
            ]
        }

    def _describe_tasks(self, asked: Json, cluster: StubCluster) -> Json:
        by_id = {arn.rsplit("/", 1)[-1]: raw for arn, raw in cluster.tasks.items()}
        named = by_id | cluster.tasks
        return {"tasks": [named[each] for each in asked["tasks"] if each in named]}


def _alive(cluster: StubCluster, arn: str) -> bool:
    raw = next(each for each in cluster.services.values() if each["serviceArn"] == arn)
    return bool(raw["status"] != "INACTIVE")
