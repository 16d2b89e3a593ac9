"""A task on the stub of AWS that is ready for exec, to be changed, and `ecs-tui doctor` on it."""

from __future__ import annotations

import copy
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import pytest

from ecs_tui.cli.doctor import run_doctor
from ecs_tui.cli.options import OutputOptions
from ecs_tui.config.settings import Settings
from ecs_tui.doctor.exec_check import Doctor
from ecs_tui.doctor.facts import Facts
from ecs_tui.doctor.gather import Gatherer
from ecs_tui.model.reference import parse_target
from tests.support.stub_aws import ANSWERS, INSTANCE, REGION, TASKS, StubAws

AS_JSON = OutputOptions("json")
Simulated = dict[str, Any]
"""What IAM's simulator answers for one action."""


@dataclass
class Case:
    """An account with one task. Change its parts before the doctor runs.

    Attributes:
        task, container, service, definition, cluster: Raw members of AWS's answers.
        declared: The container in the task definition.
        denied: What IAM's simulator answers for an action, without its name. Every other action
            is allowed.
        asked: The parameters of each call of IAM's simulator.
    """

    stub: StubAws
    task: dict[str, Any]
    container: dict[str, Any]
    service: dict[str, Any]
    definition: dict[str, Any]
    declared: dict[str, Any]
    cluster: dict[str, Any]
    denied: dict[str, Simulated]
    asked: list[dict[str, list[str]]]

    def more(self, name: str, **what: Any) -> dict[str, Any]:
        """Add a container to the task: a copy of the first with these members."""
        made = {**copy.deepcopy(self.container), "name": name, **what}
        self.task["containers"].append(made)
        return made

    def session_log(self, **configuration: Any) -> None:
        """Set members of the cluster's `executeCommandConfiguration`."""
        self.cluster["configuration"] = {
            "executeCommandConfiguration": {"logging": "OVERRIDE", **configuration}
        }

    def simulate(self, body: str) -> dict[str, Any]:
        """SimulatePrincipalPolicy: one result for each action, with a result for each resource."""
        sent = parse_qs(body)
        self.asked.append(sent)
        actions = [value[0] for key, value in sent.items() if key.startswith("ActionNames.")]
        resources = [value[0] for key, value in sent.items() if key.startswith("ResourceArns.")]
        results = []
        for action in actions:
            of = self.denied.get(action, {"EvalDecision": "allowed"})
            if action == "ssm:StartSession":
                of = {"EvalDecision": "implicitDeny"}
            decision = {key: value for key, value in of.items() if key != "EvalDecision"}
            specific = [
                {"EvalResourceName": name, "EvalResourceDecision": of["EvalDecision"]}
                | {key: value for key, value in decision.items() if not key.startswith("Org")}
                for name in resources
            ]
            results.append(
                {"EvalActionName": action, "EvalResourceName": resources[0], **of,
                 "ResourceSpecificResults": specific}
            )  # fmt: skip
        return {"IsTruncated": "false", "EvaluationResults": results}


def ready_case(stub: StubAws) -> Case:
    """Set the stub's answers: one task on Fargate that is ready for exec."""
    whole = copy.deepcopy(ANSWERS)
    task = whole["ecs:DescribeTasks"]["tasks"][0]
    task |= {"connectivity": "CONNECTED", "platformVersion": "1.4.0", "platformFamily": "Linux"}
    del task["containerInstanceArn"]
    whole["ecs:DescribeTasks"]["tasks"] = [task]
    whole["ecs:ListTasks"]["taskArns"] = [task["taskArn"]]
    definition = whole["ecs:DescribeTaskDefinition"]["taskDefinition"]
    declared = definition["containerDefinitions"][0]
    declared["linuxParameters"] = {"initProcessEnabled": True}
    endpoint = whole["ec2:DescribeVpcEndpoints"]["vpcEndpointSet"][0]
    endpoint |= {"state": "available", "privateDnsEnabled": "true"}
    made = Case(
        stub, task, task["containers"][0], whole["ecs:DescribeServices"]["services"][0],
        definition, declared, whole["ecs:DescribeClusters"]["clusters"][0], {}, [],
    )  # fmt: skip
    stub.answers |= whole
    stub.answers["iam:SimulatePrincipalPolicy"] = made.simulate
    return made


@dataclass(frozen=True)
class Told:
    """The exit status and the rows of `ecs-tui doctor --json`."""

    status: int
    rows: list[dict[str, Any]]

    def of(self, check: str, container: str = "") -> tuple[str, str]:
        """(outcome, evidence) of a check, of one container or of the first."""
        return next(
            (row["outcome"], row["evidence"])
            for row in self.rows
            if row["check"] == check and container in ("", row["containerName"])
        )

    @property
    def decided_by(self) -> set[str]:
        """The checks that make the task not ready, or unknown."""
        return {
            row["check"]
            for row in self.rows
            if row["decisive"] and row["outcome"] in ("fail", "unknown")
        }


DoctorRun = Callable[..., Awaitable[Told]]
"""Takes a target, "web" by default, and a container."""


def doctor_run(case: Case, capfd: pytest.CaptureFixture[str]) -> DoctorRun:
    """`ecs-tui doctor stub TARGET --json`, in this process."""

    async def told(target: str | None = "web", container: str = "") -> Told:
        capfd.readouterr()
        reference = parse_target("stub", target, container)
        status = await run_doctor(case.stub.account(), Settings(), reference, AS_JSON)
        return Told(status, json.loads(capfd.readouterr().out))

    return told


async def facts_of(case: Case) -> Facts:
    """What the doctor has gathered after a check of the task."""
    account = case.stub.account()
    doctor = Doctor(Gatherer(account, "stub", TASKS[0]))
    async for _ in doctor.run_exec_check():
        pass
    await account.close()
    return doctor.facts


def on_instance(case: Case, machine: str, launch_type: str, **more: Any) -> None:
    """Move the task to a container instance.

    Args:
        machine: The id of its EC2 instance (`i-…`) or SSM managed instance (`mi-…`).
        launch_type: The task's.
        more: Further members of DescribeContainerInstances.
    """
    case.task |= {"containerInstanceArn": INSTANCE, "launchType": launch_type, "attachments": []}
    case.stub.answers["ecs:DescribeContainerInstances"] = {
        "containerInstances": [
            {"containerInstanceArn": INSTANCE, "ec2InstanceId": machine, "status": "ACTIVE",
             "agentConnected": True, "versionInfo": {"agentVersion": "1.89.2"}, **more}
        ]
    }  # fmt: skip


def network(case: Case, endpoints: list[tuple[str, str, str]], out: str, public: str = "") -> None:
    """Set the VPC of the task.

    Args:
        endpoints: (service, state, private DNS) of each VPC endpoint.
        out: The default route's target, "" for none.
        public: The task's public address, "" for none.
    """
    case.stub.answers["ec2:DescribeVpcEndpoints"] = {
        "vpcEndpointSet": [
            {"vpcEndpointId": f"vpce-{service}", "state": state, "privateDnsEnabled": dns,
             "serviceName": f"com.amazonaws.{REGION}.{service}"}
            for service, state, dns in endpoints
        ]
    }  # fmt: skip
    kind = "natGatewayId" if out.startswith("nat-") else "gatewayId"
    routes = [{"destinationCidrBlock": "0.0.0.0/0", kind: out, "state": "active"}] if out else []
    main = [{"main": "true"}]
    case.stub.answers["ec2:DescribeRouteTables"] = {
        "routeTableSet": [{"routeTableId": "rtb-1", "routeSet": routes, "associationSet": main}]
    }
    interface: dict[str, Any] = {"networkInterfaceId": "eni-1"}
    if public:
        interface["association"] = {"publicIp": public}
    case.stub.answers["ec2:DescribeNetworkInterfaces"] = {"networkInterfaceSet": [interface]}
    case.task["attachments"][0]["details"].append({"name": "networkInterfaceId", "value": "eni-1"})
