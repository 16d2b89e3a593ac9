"""The members that each operation's answer must have; `Account.call` checks them.

An answer without them is not from AWS. Every other member may be missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from ecs_tui.record import dataclass


@dataclass(frozen=True, slots=True)
class RequiredMember:
    """A required member.

    Attributes:
        member: Its name; "a.b" is the member b of the structure a.
        kind: Its type. Entries of "things" without the string `key` are dropped.
        form: The pattern of each of "texts"; entries that do not match are dropped.
    """

    member: str
    kind: Literal["texts", "things", "thing", "text", "bytes"]
    key: str = ""
    form: re.Pattern[str] | None = None


_ALIAS = re.compile(r"[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]")
"""An account alias (IAM API Reference, CreateAccountAlias). In XML any text would pass."""
REQUIRED_MEMBERS: dict[str, tuple[RequiredMember, ...]] = {
    "ecs:ListClusters": (RequiredMember("clusterArns", "texts"),),
    "ecs:ListServices": (RequiredMember("serviceArns", "texts"),),
    "ecs:ListTasks": (RequiredMember("taskArns", "texts"),),
    "ecs:ListContainerInstances": (RequiredMember("containerInstanceArns", "texts"),),
    "ecs:DescribeClusters": (RequiredMember("clusters", "things", "clusterArn"),),
    "ecs:DescribeServices": (RequiredMember("services", "things", "serviceArn"),),
    "ecs:DescribeTasks": (RequiredMember("tasks", "things", "taskArn"),),
    "ecs:DescribeContainerInstances": (
        RequiredMember("containerInstances", "things", "containerInstanceArn"),
    ),
    "ecs:DescribeCapacityProviders": (RequiredMember("capacityProviders", "things", "name"),),
    "ecs:DescribeTaskDefinition": (RequiredMember("taskDefinition", "thing"),),
    "ecs:DescribeDaemonTaskDefinition": (RequiredMember("daemonTaskDefinition", "thing"),),
    "ecs:ExecuteCommand": (
        RequiredMember("session", "thing"),
        RequiredMember("session.sessionId", "text"),
        RequiredMember("session.streamUrl", "text"),
        RequiredMember("session.tokenValue", "text"),
    ),
    "ecs:UpdateService": (
        RequiredMember("service", "thing"),
        RequiredMember("service.serviceArn", "text"),
    ),
    "ecs:StopTask": (RequiredMember("task", "thing"),),
    "ecs:ListServiceDeployments": (
        RequiredMember("serviceDeployments", "things", "serviceDeploymentArn"),
    ),
    "ecs:DescribeServiceDeployments": (
        RequiredMember("serviceDeployments", "things", "serviceDeploymentArn"),
    ),
    "ecs:DescribeServiceRevisions": (
        RequiredMember("serviceRevisions", "things", "serviceRevisionArn"),
    ),
    "ecs:StopServiceDeployment": (RequiredMember("serviceDeploymentArn", "text"),),
    "ecs:ContinueServiceDeployment": (RequiredMember("serviceDeploymentArn", "text"),),
    "ssm:TerminateSession": (RequiredMember("SessionId", "text"),),
    "ssm:ResumeSession": (RequiredMember("SessionId", "text"),),
    "ecs:RunTask": (RequiredMember("tasks", "things", "taskArn"),),
    "ecs:GetTaskProtection": (RequiredMember("protectedTasks", "things", "taskArn"),),
    "application-autoscaling:DescribeScalableTargets": (
        RequiredMember("ScalableTargets", "things", "ResourceId"),
    ),
    "sts:GetCallerIdentity": (RequiredMember("Account", "text"), RequiredMember("Arn", "text")),
    "iam:ListAccountAliases": (RequiredMember("AccountAliases", "texts", form=_ALIAS),),
    "iam:GetRole": (RequiredMember("Role", "thing"), RequiredMember("Role.Arn", "text")),
    "iam:GetInstanceProfile": (
        RequiredMember("InstanceProfile", "thing"),
        RequiredMember("InstanceProfile.Roles", "things", "Arn"),
    ),
    "iam:SimulatePrincipalPolicy": (
        RequiredMember("EvaluationResults", "things", "EvalActionName"),
    ),
    "ec2:DescribeSubnets": (RequiredMember("Subnets", "things", "VpcId"),),
    "ec2:DescribeVpcEndpoints": (RequiredMember("VpcEndpoints", "things", "ServiceName"),),
    "ec2:DescribeRouteTables": (RequiredMember("RouteTables", "things", "RouteTableId"),),
    "ec2:DescribeInstances": (RequiredMember("Reservations", "things"),),
    "ec2:DescribeNetworkInterfaces": (
        RequiredMember("NetworkInterfaces", "things", "NetworkInterfaceId"),
    ),
    "elbv2:DescribeTargetGroupAttributes": (RequiredMember("Attributes", "things", "Key"),),
    "elbv2:DescribeTargetGroups": (RequiredMember("TargetGroups", "things", "TargetGroupArn"),),
    "elbv2:DescribeTargetHealth": (RequiredMember("TargetHealthDescriptions", "things"),),
    "application-autoscaling:DescribeScalingActivities": (
        RequiredMember("ScalingActivities", "things", "ActivityId"),
    ),
    "application-autoscaling:DescribeScalingPolicies": (
        RequiredMember("ScalingPolicies", "things", "PolicyName"),
    ),
    "application-autoscaling:DescribeScheduledActions": (
        RequiredMember("ScheduledActions", "things", "ScheduledActionName"),
    ),
    "cloudwatch:GetMetricData": (RequiredMember("MetricDataResults", "things", "Id"),),
    "autoscaling:DescribeAutoScalingGroups": (
        RequiredMember("AutoScalingGroups", "things", "AutoScalingGroupName"),
    ),
    "health:DescribeEvents": (RequiredMember("events", "things", "arn"),),
    "health:DescribeAffectedEntities": (RequiredMember("entities", "things"),),
    "cloudtrail:LookupEvents": (RequiredMember("Events", "things", "EventId"),),
    "cloudtrail:DescribeTrails": (RequiredMember("trailList", "things", "TrailARN"),),
    "athena:StartQueryExecution": (RequiredMember("QueryExecutionId", "text"),),
    "athena:GetQueryExecution": (RequiredMember("QueryExecution", "thing"),),
    "athena:GetQueryResults": (RequiredMember("ResultSet", "thing"),),
    "ssm:DescribeSessions": (RequiredMember("Sessions", "things", "SessionId"),),
    "iam:GetPolicy": (RequiredMember("Policy", "thing"),),
    "iam:GetPolicyVersion": (RequiredMember("PolicyVersion", "thing"),),
    "logs:DescribeLogGroups": (RequiredMember("logGroups", "things", "logGroupName"),),
    "kms:DescribeKey": (
        RequiredMember("KeyMetadata", "thing"),
        RequiredMember("KeyMetadata.Arn", "text"),
    ),
    "kms:GenerateDataKey": (
        RequiredMember("Plaintext", "bytes"),
        RequiredMember("CiphertextBlob", "bytes"),
    ),
}
_TYPES = {"texts": list, "things": list, "thing": dict, "text": str, "bytes": bytes}


def answer_problem(name: str, answer: object, params: Mapping[str, object]) -> str:
    """What is missing in an answer of `name` (`service:Operation`), in words; "" for nothing.

    List entries without a name are removed from `answer`. If that removes all entries, the
    answer is reported as unusable, because the list was not empty.
    """
    if not isinstance(answer, dict):
        return "no structure"
    for required in REQUIRED_MEMBERS.get(name, ()):
        words = _member_problem(required, answer)
        if words:
            return words
    token = answer.get("nextToken")
    if token is not None and not isinstance(token, str):
        return "no usable nextToken"
    if token and token == params.get("nextToken"):
        return "the same nextToken as the page before"
    return ""


def _member_problem(required: RequiredMember, answer: dict[str, object]) -> str:
    holder: object = answer
    *parents, member = required.member.split(".")
    for step in parents:
        holder = holder.get(step) if isinstance(holder, dict) else None
    if not isinstance(holder, dict):
        return f"no usable {'.'.join(parents)}"
    value = holder.get(member)
    if value is None:
        return f"no {required.member}"
    if not isinstance(value, _TYPES[required.kind]) or value in ("", b""):
        return f"no usable {required.member}"
    if required.kind in ("texts", "things") and value:
        kept = [item for item in value if _usable(item, required)]
        if not kept:
            return f"no usable {required.member}"
        if len(kept) != len(value):
            holder[member] = kept
    return ""


def _usable(item: object, required: RequiredMember) -> bool:
    if required.kind == "texts":
        if not isinstance(item, str) or not _is_text(item):
            return False
        return required.form is None or required.form.fullmatch(item) is not None
    if not isinstance(item, dict):
        return False
    key = item.get(required.key, "") if required.key else ""
    return isinstance(key, str) and (bool(key) or not required.key) and _is_text(key)


def _is_text(text: str) -> bool:
    """Whether it can be encoded: JSON may contain half of a surrogate pair."""
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)
