"""An account with unusual resources for the stub of AWS; pages and batches are as AWS documents.

It shares no code with the demo account. `serve` makes the stub of `stub_aws.py` answer with it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

from tests.support.stub_aws import ARN, StubAws, error_reply

Json = dict[str, Any]
PAGE = 100
MAX_PER_CALL = {"clusters": 100, "services": 10, "tasks": 100}
"""The most resources that one Describe call takes. Source: ECS API reference."""
HOUR = 3600.0


class OddAccount:
    """Clusters, services and tasks, as members of AWS's answers.

    Attributes:
        providers: `capacityProviders` by cluster name.
        delays: `deregistration_delay.timeout_seconds` by ARN of a target group; 300 by default.
        too_many: How many resources each Describe call named that named more than AWS takes.
        asked: The target group of each DescribeTargetGroupAttributes, in order.
    """

    def __init__(self) -> None:
        self.clusters: dict[str, Json] = {}
        self.services: dict[str, list[Json]] = {}
        self.tasks: dict[str, dict[str, Json]] = {}
        self.providers: dict[str, list[Json]] = {}
        self.definitions: dict[str, Json] = {}
        self.delays: dict[str, int] = {}
        self.too_many: list[int] = []
        self.asked: list[str] = []
        self._count = 0

    # -- resources

    def cluster(self, name: str = "stub", status: str = "ACTIVE", **more: Any) -> Json:
        made = {"clusterArn": f"{ARN}:cluster/{name}", "clusterName": name, "status": status}
        self.clusters[name] = made | more
        self.services.setdefault(name, [])
        self.tasks.setdefault(name, {})
        return self.clusters[name]

    def service(self, name: str, count: int = 1, cluster: str = "stub", **more: Any) -> Json:
        """Add a service that reports `count` running tasks; `task` adds those."""
        definition = f"{ARN}:task-definition/{name[:200]}:1"
        made: Json = {
            "serviceArn": f"{ARN}:service/{cluster}/{name}",
            "serviceName": name,
            "clusterArn": f"{ARN}:cluster/{cluster}",
            "status": "ACTIVE",
            "desiredCount": count,
            "runningCount": count,
            "launchType": "FARGATE",
            "taskDefinition": definition,
            "enableExecuteCommand": True,
            "createdAt": time.time() - 24 * HOUR,
            "deployments": [
                {"id": "ecs-svc/1", "status": "PRIMARY", "rolloutState": "COMPLETED",
                 "desiredCount": count, "runningCount": count, "taskDefinition": definition}
            ],
        }  # fmt: skip
        made |= more
        self.services[cluster].append(made)
        return made

    def task(self, service: str = "", cluster: str = "stub", **more: Any) -> Json:
        """Add a running task of a service, or a standalone one."""
        self._count += 1
        arn = f"{ARN}:task/{cluster}/{self._count:032x}"
        made: Json = {
            "taskArn": arn,
            "clusterArn": f"{ARN}:cluster/{cluster}",
            "group": f"service:{service}" if service else "family:job",
            "lastStatus": "RUNNING",
            "desiredStatus": "RUNNING",
            "launchType": "FARGATE",
            "platformVersion": "1.4.0",
            "enableExecuteCommand": True,
            "taskDefinitionArn": f"{ARN}:task-definition/{(service or 'job')[:200]}:1",
            "createdAt": time.time() - HOUR,
            "startedAt": time.time() - HOUR + 10,
            "attachments": [interface(privateIPv4Address=f"10.0.{self._count // 250}.7")],
            "containers": [container(arn)],
        }
        made |= more
        self.tasks[cluster][arn] = made
        return made

    def definition(self, name: str, *containers: Json, status: str = "ACTIVE") -> Json:
        """Add revision 1 of a task definition family."""
        arn = f"{ARN}:task-definition/{name}:1"
        self.definitions[arn] = {
            "taskDefinitionArn": arn, "family": name, "revision": 1, "status": status,
            "containerDefinitions": list(containers) or [{"name": "app", "image": "x"}],
        }  # fmt: skip
        return self.definitions[arn]

    # -- answers

    def serve(self, stub: StubAws) -> None:
        """Make the stub answer with this account, whatever is added to it later."""
        answers: dict[str, Callable[[Json], Json]] = {
            "ListClusters": lambda body: page(
                body, "clusterArns", [item["clusterArn"] for item in self.clusters.values()]
            ),
            "DescribeClusters": lambda body: {
                "clusters": [
                    self.clusters[name]
                    for arn in self._asked_for(body, "clusters")
                    if (name := arn.rsplit("/", 1)[-1]) in self.clusters
                ]
            },
            "ListServices": self._list_services,
            "DescribeServices": self._describe_services,
            "ListTasks": self._list_tasks,
            "DescribeTasks": self._describe_tasks,
            "DescribeCapacityProviders": lambda body: page(
                body, "capacityProviders", self.providers.get(_cluster(body), []), 10
            ),
            "DescribeTaskDefinition": lambda body: {
                "taskDefinition": self.definitions.get(body["taskDefinition"])
                or self.definition(body["taskDefinition"].rsplit("/", 1)[-1].rpartition(":")[0])
            },
        }
        for name, answer in answers.items():
            stub.answers[f"ecs:{name}"] = _of_json(answer)
        stub.answers["elbv2:DescribeTargetGroupAttributes"] = self._attributes

    def _asked_for(self, body: Json, key: str) -> list[str]:
        wanted: list[str] = body[key]
        if len(wanted) > MAX_PER_CALL[key]:
            self.too_many.append(len(wanted))
        return wanted

    def _list_services(self, body: Json) -> Json:
        found = (
            item["serviceArn"]
            for item in self.services[_cluster(body)]
            if item["status"] != "INACTIVE"
        )
        return page(body, "serviceArns", dict.fromkeys(found))

    def _describe_services(self, body: Json) -> Json:
        names = {arn.rsplit("/", 1)[-1] for arn in self._asked_for(body, "services")}
        every = self.services[_cluster(body)]
        return {"services": [item for item in every if item["serviceName"] in names]}

    def _list_tasks(self, body: Json) -> Json:
        desired = body.get("desiredStatus", "RUNNING")
        group = f"service:{body['serviceName'].rsplit('/', 1)[-1]}" if "serviceName" in body else ""
        found = (
            arn
            for arn, item in self.tasks[_cluster(body)].items()
            if item["desiredStatus"] == desired and group in ("", item["group"])
        )
        return page(body, "taskArns", found)

    def _describe_tasks(self, body: Json) -> Json:
        known = self.tasks[_cluster(body)]
        wanted = self._asked_for(body, "tasks")
        return {"tasks": [known[arn] for arn in wanted if arn in known]}

    def _attributes(self, body: str) -> Json:
        arn = parse_qs(body)["TargetGroupArn"][0]
        self.asked.append(arn)
        value = str(self.delays.get(arn, 300))
        return {
            "Attributes": [
                {"Key": "stickiness.enabled", "Value": "false"},
                {"Key": "deregistration_delay.timeout_seconds", "Value": value},
            ]
        }


def interface(**details: str) -> Json:
    """An `attachments` member: a network interface with these names and values as its details."""
    found = {"subnetId": "subnet-1", "networkInterfaceId": "eni-1"} | details
    pairs = [{"name": name, "value": value} for name, value in found.items()]
    return {"id": "a-1", "type": "ElasticNetworkInterface", "status": "ATTACHED", "details": pairs}


def container(task_arn: str, name: str = "app", **more: Any) -> Json:
    """A `containers` member: a running container with a running exec agent."""
    made: Json = {
        "name": name,
        "containerArn": task_arn.replace(":task/", ":container/") + f"/{name}",
        "taskArn": task_arn,
        "lastStatus": "RUNNING",
        "image": f"{name}:1",
        "runtimeId": f"{task_arn[-32:]}-1",
        "managedAgents": [{"name": "ExecuteCommandAgent", "lastStatus": "RUNNING"}],
    }
    return made | more


def page(body: Json, key: str, found: Iterable[Any], most: int = PAGE) -> Json:
    """One page of a List call's answer."""
    items, start = list(found), int(body.get("nextToken", "0"))
    size = min(most, body.get("maxResults", most))
    answer: Json = {key: items[start : start + size]}
    if start + size < len(items):
        answer["nextToken"] = str(start + size)
    return answer


def denied(operation: str) -> Any:
    """AccessDeniedException for an operation; its message names the IAM action."""
    action = operation.replace("elbv2:", "elasticloadbalancing:")
    words = f"User: arn:aws:iam::111122223333:user/stub is not authorized to perform: {action}"
    return error_reply(operation, "AccessDeniedException", words)


def target_group(number: int) -> str:
    """The ARN of a target group."""
    arn = ARN.replace(":ecs:", ":elasticloadbalancing:")
    return f"{arn}:targetgroup/tg-{number:03}/{number:016x}"


def _cluster(body: Json) -> str:
    return str(body["cluster"]).rsplit("/", 1)[-1]


def _of_json(answer: Callable[[Json], Json]) -> Callable[[str], Json]:
    return lambda body: answer(json.loads(body))
