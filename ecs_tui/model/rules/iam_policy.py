"""The least IAM policies for what this program is used for: to view, exec, audit or operate.

Source of actions, resource types and condition keys: the service authorization reference, in
https://docs.aws.amazon.com/service-authorization/latest/reference/ list_amazonelasticcontainerservice.html,
list_awssystemsmanager.html, list_awscloudtrail.html, list_amazoncloudwatchlogs.html, list_amazons3.html,
list_awskeymanagementservice.html, list_awsidentityandaccessmanagementiam.html and so on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal, get_args

from ecs_tui.model.permission import (
    Document,
    Grant,
    key_condition,
    key_resource,
    request_context,
)
from ecs_tui.record import dataclass

Work = Literal["view", "exec", "audit", "operate"]
"""What the program is used for. Exec and operate include what they need of view."""
WORKS: tuple[Work, ...] = get_args(Work)
ResourceType = Literal[
    "any", "cluster", "instances", "tasks", "services", "key", "passed", "exec sessions", "sessions"
]
"""What the actions of a need are granted on."""
_SCOPED: dict[ResourceType, tuple[str, ...]] = {
    "cluster": ("cluster/{cluster}",),
    "instances": ("container-instance/{cluster}/*",),
    "tasks": ("task/{cluster}/*",),
    "services": ("service/{cluster}/*", "service-deployment/{cluster}/*", "service-revision/{cluster}/*"),
}  # fmt: skip


_SESSIONS: dict[ResourceType, str] = {"exec sessions": "ecs-execute-command-*", "sessions": "*"}
"""The IDs of sessions: ECS names those that it opens."""
_WITH_DEPLOYMENTS = ("Deployments", "RollBack")
"""The needs for which deployments and revisions of a service are resources of their own."""


@dataclass(frozen=True, slots=True)
class Need:
    """Actions that are granted together.

    Attributes:
        sid: The statement's id.
        actions: As IAM writes them.
        on: The type of their resources.
        why: What does not work without them, in a few words.
        tagged: Whether the scope's tag restricts them.
        in_cluster: Whether the condition key `ecs:cluster` restricts them.
        optional: Whether the program does without them, with less to show.
    """

    sid: str
    actions: tuple[str, ...]
    on: ResourceType = "any"
    why: str = ""
    tagged: bool = False
    in_cluster: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class PolicyScope:
    """Where a policy holds.

    Attributes:
        region, account, partition: Of the resources.
        grant: The tag, the cluster and the container that restrict it.
        kms_key: The key of the cluster's sessions: ARN, ID or alias; "" for none.
    """

    region: str
    account: str
    partition: str = "aws"
    grant: Grant = field(default_factory=Grant)
    kms_key: str = ""


_IDENTITY = Need("Identity", ("sts:GetCallerIdentity",), why="start")
_FIND = (
    _IDENTITY,
    Need("FindClusters", ("ecs:ListClusters", "ecs:DescribeTaskDefinition"), why="lists"),
    Need("DescribeCluster", ("ecs:DescribeClusters",), "cluster", "clusters and their record"),
    Need("ListInCluster", ("ecs:ListServices", "ecs:ListTasks"), why="lists", in_cluster=True),
    Need("DescribeTasks", ("ecs:DescribeTasks",), "tasks", "tasks and shells"),
    Need("DescribeServices", ("ecs:DescribeServices",), "services", "services"),
)
_VIEW = (
    *_FIND,
    Need(
        "ListMore",
        ("ecs:ListTaskDefinitions", "ecs:ListTaskDefinitionFamilies", "ecs:DescribeCapacityProviders"),
        why="task definitions, capacity providers",
    ),
    Need("ListInstances", ("ecs:ListContainerInstances",), "cluster", "container instances"),
    Need(
        "DescribeInstances", ("ecs:DescribeContainerInstances",), "instances", "container instances"
    ),
    Need(
        "Deployments",
        ("ecs:ListServiceDeployments", "ecs:DescribeServiceDeployments", "ecs:DescribeServiceRevisions"),
        "services",
        "deployments",
    ),
    Need(
        "ReadLogs",
        (
            "logs:DescribeLogGroups", "logs:DescribeLogStreams", "logs:FilterLogEvents",
            "logs:GetLogEvents", "logs:StartLiveTail", "logs:StartQuery", "logs:GetQueryResults",
            "logs:StopQuery",
        ),
        why="logs",
    ),
    Need(
        "ExecCheck",
        (
            "ec2:DescribeSubnets", "ec2:DescribeRouteTables", "ec2:DescribeVpcEndpoints",
            "ec2:DescribeInstances", "ec2:DescribeNetworkInterfaces", "iam:GetRole",
            "iam:GetInstanceProfile", "iam:SimulatePrincipalPolicy", "kms:DescribeKey",
        ),
        why="the exec check",
        optional=True,
    ),
    Need("AccountName", ("iam:ListAccountAliases",), why="the account's name", optional=True),
    Need(
        "Alarms",
        (
            "cloudwatch:DescribeAlarms", "cloudwatch:DescribeAlarmHistory",
            "cloudwatch:GetMetricData", "cloudwatch:ListMetrics",
        ),
        why="alarms, metrics",
        optional=True,
    ),
    Need(
        "Balancing",
        ("elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth"),
        why="the health of targets",
        optional=True,
    ),
    Need(
        "Scaling",
        (
            "application-autoscaling:DescribeScalableTargets",
            "application-autoscaling:DescribeScalingActivities",
            "application-autoscaling:DescribeScalingPolicies",
            "application-autoscaling:DescribeScheduledActions",
            "autoscaling:DescribeAutoScalingGroups",
        ),
        why="auto scaling",
        optional=True,
    ),
    Need(
        "Retirements",
        ("health:DescribeEvents", "health:DescribeAffectedEntities"),
        why="tasks that AWS will retire",
        optional=True,
    ),
    Need("Activity", ("cloudtrail:LookupEvents",), why="who did what, in the activity", optional=True),
)  # fmt: skip
_EXEC = (
    *_FIND,
    Need("ExecIntoTasks", ("ecs:ExecuteCommand",), "tasks", "shells", tagged=True),
    # ExecuteCommand is authorized on the cluster too, which has other tags than the task.
    Need("ExecInCluster", ("ecs:ExecuteCommand",), "cluster", "shells"),
    Need(
        "EndSessions", ("ssm:TerminateSession", "ssm:ResumeSession"), "exec sessions",
        "sessions that end when they should, and survive a lost connection",
    ),
    Need("SessionKey", ("kms:GenerateDataKey",), "key", "shells where the cluster has a key"),
)  # fmt: skip
_AUDIT = (
    _IDENTITY,
    Need("Events", ("cloudtrail:LookupEvents",), why="the timeline"),
    Need(
        "Trails",
        ("cloudtrail:DescribeTrails", "cloudtrail:GetTrailStatus", "cloudtrail:GetEventSelectors"),
        why="the record of a cluster, older events",
    ),
    Need("Sessions", ("ssm:DescribeSessions",), why="who is inside"),
    Need("FindClusters", ("ecs:ListClusters", "ecs:DescribeTaskDefinition"), why="names"),
    Need("DescribeCluster", ("ecs:DescribeClusters",), "cluster", "the record of a cluster"),
    Need("ListInCluster", ("ecs:ListServices", "ecs:ListTasks"), why="names", in_cluster=True),
    Need("DescribeTasks", ("ecs:DescribeTasks",), "tasks", "names of services and containers"),
    Need("DescribeServices", ("ecs:DescribeServices",), "services", "names"),
    Need(
        "WhoMay",
        ("iam:SimulatePrincipalPolicy", "iam:GetRole", "iam:GetPolicy", "iam:GetPolicyVersion"),
        why="the access review, policies that let somebody in",
    ),
    Need(
        "Transcripts",
        (
            "logs:DescribeLogGroups", "logs:DescribeLogStreams", "logs:GetLogEvents",
            "logs:StartQuery", "logs:GetQueryResults", "logs:StopQuery", "s3:GetObject",
            "s3:ListBucket", "kms:Decrypt",
        ),
        why="transcripts, older events",
    ),
    Need(
        "BucketRecord",
        (
            "s3:GetBucketVersioning", "s3:GetBucketObjectLockConfiguration",
            "s3:GetBucketPublicAccessBlock",
        ),
        why="the record of a cluster",
        optional=True,
    ),
)  # fmt: skip
_OPERATE = (
    *_FIND,
    Need(
        "Deployments",
        ("ecs:ListServiceDeployments", "ecs:DescribeServiceDeployments"),
        "services",
        "following a deployment",
    ),
    Need("ChangeServices", ("ecs:UpdateService",), "services", "deploy, scale", tagged=True),
    # A deployment has no tags in `ecs:ResourceTag`: the tag of the scope does not restrict these.
    Need(
        "RollBack",
        ("ecs:StopServiceDeployment", "ecs:ContinueServiceDeployment"),
        "services",
        "roll back, deployments that wait",
    ),
    Need("StopTasks", ("ecs:StopTask",), "tasks", "stop", tagged=True),
    Need("RunTasks", ("ecs:RunTask",), why="run task", in_cluster=True),
    # RunTask hands the roles of the task definition to ECS.
    Need("PassTaskRoles", ("iam:PassRole",), "passed", "run task"),
    Need("Tags", ("ecs:TagResource",), "tasks", "tags of tasks"),
    Need("Protection", ("ecs:GetTaskProtection",), "tasks", "stop", optional=True),
    Need(
        "ScalingLimits", ("application-autoscaling:DescribeScalableTargets",), why="scale",
        optional=True,
    ),
    Need("FindSessions", ("ssm:DescribeSessions",), why="end sessions"),
    Need("EndSessions", ("ssm:TerminateSession",), "sessions", "end sessions"),
    Need("SetRecording", ("ecs:UpdateCluster",), "cluster", "recording", optional=True),
    Need(
        "RecordingPlaces",
        (
            "logs:DescribeLogGroups", "logs:CreateLogGroup", "logs:PutRetentionPolicy",
            "s3:CreateBucket", "s3:PutBucketPublicAccessBlock", "s3:PutBucketVersioning",
            "s3:GetBucketVersioning", "s3:GetBucketObjectLockConfiguration",
            "s3:GetBucketPublicAccessBlock", "iam:SimulatePrincipalPolicy",
        ),
        why="recording",
        optional=True,
    ),
)  # fmt: skip
_NEEDS: Mapping[Work, tuple[Need, ...]] = {
    "view": _VIEW,
    "exec": _EXEC,
    "audit": _AUDIT,
    "operate": _OPERATE,
}


def needs_of(work: Work, scope: PolicyScope) -> tuple[Need, ...]:
    """What the work needs; a session key only where the cluster has one."""
    return tuple(need for need in _NEEDS[work] if need.on != "key" or scope.kms_key)


def resources_of(need: Need, scope: PolicyScope) -> list[str]:
    """The resources that a need is granted on, as a policy names them."""
    if need.on == "any":
        return ["*"]
    if need.on == "key":
        return [key_resource(scope.kms_key, scope.region, scope.account, scope.partition)]
    if need.on in _SESSIONS:
        base = f"arn:{scope.partition}:ssm:{scope.region}:{scope.account}"
        return [f"{base}:session/{_SESSIONS[need.on]}"]
    if need.on == "passed":
        return [f"arn:{scope.partition}:iam::{scope.account}:role/*"]
    base = f"arn:{scope.partition}:ecs:{scope.region}:{scope.account}"
    cluster = scope.grant.cluster or "*"
    return [f"{base}:{each.format(cluster=cluster)}" for each in _resource_names(need)]


def _resource_names(need: Need) -> tuple[str, ...]:
    names = _SCOPED[need.on]
    if need.on != "services":
        return names
    return names if need.sid in _WITH_DEPLOYMENTS else names[:1]


def condition_of(need: Need, scope: PolicyScope) -> dict[str, dict[str, str]]:
    """The condition of a need's statement; empty for none."""
    grant = scope.grant
    equals: dict[str, str] = {}
    if need.tagged and grant.tag_key:
        equals[f"ecs:ResourceTag/{grant.tag_key}"] = grant.tag_value
    if grant.container and need.sid == "ExecIntoTasks":
        equals["ecs:container-name"] = grant.container
    found = {"StringEquals": equals} if equals else {}
    if need.on == "key":
        found |= key_condition(scope.kms_key)
    if need.in_cluster and grant.cluster:
        arn = f"arn:{scope.partition}:ecs:{scope.region}:{scope.account}:cluster/{grant.cluster}"
        found["ArnEquals"] = {"ecs:cluster": arn}
    if need.on == "passed":
        found.setdefault("StringEquals", {})["iam:PassedToService"] = "ecs-tasks.amazonaws.com"
    return found


def least_policy(work: Work, scope: PolicyScope) -> Document:
    """The policy document for a work, least privilege.

    For exec it also denies `ssm:StartSession` at tasks: a session opened by it goes round
    `ecs:ExecuteCommand`, and round the cluster's exec logging.
    """
    statements: list[Document] = []
    for need in needs_of(work, scope):
        resources = resources_of(need, scope)
        statement: Document = {
            "Sid": need.sid,
            "Effect": "Allow",
            "Action": list(need.actions),
            "Resource": resources[0] if len(resources) == 1 else resources,
        }
        if condition := condition_of(need, scope):
            statement["Condition"] = condition
        statements.append(statement)
    if work == "exec":
        base = f"arn:{scope.partition}:ecs:{scope.region}:{scope.account}"
        statements.append(
            {
                "Sid": "DenySessionsRoundTheRecord",
                "Effect": "Deny",
                "Action": "ssm:StartSession",
                "Resource": f"{base}:task/*",
            }
        )
    return {"Version": "2012-10-17", "Statement": statements}


def context_of(need: Need, scope: PolicyScope) -> tuple[tuple[str, str], ...]:
    """The condition keys and values with which a need is simulated."""
    pairs = [
        (key, value)
        for equals in condition_of(need, scope).values()
        for key, value in equals.items()
    ]
    pairs += [
        (key.replace("ecs:ResourceTag/", "aws:ResourceTag/"), value)
        for key, value in pairs
        if key.startswith("ecs:ResourceTag/")
    ]
    return (*pairs, *request_context(scope.region))
