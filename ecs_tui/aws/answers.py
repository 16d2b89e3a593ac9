"""What an answer of each operation must hold to be one: declared here, looked at in the gate.

Without these members an answer says nothing about the account. Everything else may be missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Must:
    """A member that must be there.

    Attributes:
        member: Its name; "a.b" is the member b of the structure a.
        kind: What it is. Of "things" those without the string `key` are left out.
    """

    member: str
    kind: Literal["texts", "things", "thing", "text", "bytes"]
    key: str = ""


MUST: dict[str, tuple[Must, ...]] = {
    "ecs:ListClusters": (Must("clusterArns", "texts"),),
    "ecs:ListServices": (Must("serviceArns", "texts"),),
    "ecs:ListTasks": (Must("taskArns", "texts"),),
    "ecs:ListContainerInstances": (Must("containerInstanceArns", "texts"),),
    "ecs:DescribeClusters": (Must("clusters", "things", "clusterArn"),),
    "ecs:DescribeServices": (Must("services", "things", "serviceArn"),),
    "ecs:DescribeTasks": (Must("tasks", "things", "taskArn"),),
    "ecs:DescribeContainerInstances": (
        Must("containerInstances", "things", "containerInstanceArn"),
    ),
    "ecs:DescribeTaskDefinition": (Must("taskDefinition", "thing"),),
    "ecs:ExecuteCommand": (
        Must("session", "thing"),
        Must("session.sessionId", "text"),
        Must("session.streamUrl", "text"),
        Must("session.tokenValue", "text"),
    ),
    "ecs:UpdateService": (Must("service", "thing"), Must("service.serviceArn", "text")),
    "ecs:StopTask": (Must("task", "thing"),),
    "ssm:TerminateSession": (Must("SessionId", "text"),),
    "ssm:ResumeSession": (Must("SessionId", "text"),),
    "ecs:RunTask": (Must("tasks", "things", "taskArn"),),
    "sts:GetCallerIdentity": (Must("Account", "text"), Must("Arn", "text")),
    "iam:ListAccountAliases": (Must("AccountAliases", "texts"),),
    "iam:GetRole": (Must("Role", "thing"), Must("Role.Arn", "text")),
    "iam:GetInstanceProfile": (
        Must("InstanceProfile", "thing"),
        Must("InstanceProfile.Roles", "things", "Arn"),
    ),
    "iam:SimulatePrincipalPolicy": (Must("EvaluationResults", "things", "EvalActionName"),),
    "ec2:DescribeSubnets": (Must("Subnets", "things", "VpcId"),),
    "ec2:DescribeVpcEndpoints": (Must("VpcEndpoints", "things", "ServiceName"),),
    "ec2:DescribeRouteTables": (Must("RouteTables", "things", "RouteTableId"),),
    "ec2:DescribeInstances": (Must("Reservations", "things"),),
    "ec2:DescribeNetworkInterfaces": (Must("NetworkInterfaces", "things"),),
    "logs:DescribeLogGroups": (Must("logGroups", "things", "logGroupName"),),
    "kms:GenerateDataKey": (Must("Plaintext", "bytes"), Must("CiphertextBlob", "bytes")),
}
_TYPES = {"texts": list, "things": list, "thing": dict, "text": str, "bytes": bytes}


def complain(name: str, answer: Any, params: Mapping[str, Any]) -> str:
    """What is missing in an answer of `name` (`service:Operation`), in words; "" where nothing is.

    Entries of lists that name nothing are taken out of `answer`; where none is left of some,
    that is a complaint: such a list is not empty.
    """
    if not isinstance(answer, dict):
        return "no structure"
    for must in MUST.get(name, ()):
        words = _complain_of(must, answer)
        if words:
            return words
    token = answer.get("nextToken")
    if token is not None and not isinstance(token, str):
        return "no usable nextToken"
    if token and token == params.get("nextToken"):
        return "the same nextToken as the page before"
    return ""


def _complain_of(must: Must, answer: dict[str, Any]) -> str:
    holder: Any = answer
    *way, member = must.member.split(".")
    for step in way:
        holder = holder.get(step)
    value = holder.get(member)
    if value is None:
        return f"no {must.member}"
    if not isinstance(value, _TYPES[must.kind]) or value in ("", b""):
        return f"no usable {must.member}"
    if must.kind in ("texts", "things") and value:
        kept = [item for item in value if _usable(item, must)]
        if not kept:
            return f"no usable {must.member}"
        if len(kept) != len(value):
            holder[member] = kept
    return ""


def _usable(item: Any, must: Must) -> bool:
    if must.kind == "texts":
        return isinstance(item, str) and _is_text(item)
    if not isinstance(item, dict):
        return False
    key = item.get(must.key, "") if must.key else ""
    return isinstance(key, str) and (bool(key) or not must.key) and _is_text(key)


def _is_text(text: str) -> bool:
    """Whether it can be written: JSON may hold half of a surrogate pair."""
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)
