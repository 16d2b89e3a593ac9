"""What the policy blocks: the operations that change nothing, and the check of each call.

The list names what read-only mode allows, so that any other operation is blocked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from ecs_tui.aws.session_claim import current_claim, refuse_session
from ecs_tui.config.policy import CallPolicy
from ecs_tui.errors import ReadOnly
from ecs_tui.model.arn import parse_arn, short_name
from ecs_tui.model.recording_fact import SessionClaim
from ecs_tui.model.text import clean

ALLOWED: dict[str, frozenset[str]] = {
    "ecs": frozenset(
        {
            "DescribeCapacityProviders",
            "DescribeClusters",
            "DescribeContainerInstances",
            "DescribeDaemonTaskDefinition",
            "DescribeServiceDeployments",
            "DescribeServiceRevisions",
            "DescribeServices",
            "DescribeTaskDefinition",
            "DescribeTaskSets",
            "DescribeTasks",
            "GetTaskProtection",
            "ListAccountSettings",
            "ListAttributes",
            "ListClusters",
            "ListContainerInstances",
            "ListServiceDeployments",
            "ListServices",
            "ListTagsForResource",
            "ListTaskDefinitionFamilies",
            "ListTaskDefinitions",
            "ListTasks",
        }
    ),
    # botocore calls these to get credentials; they change nothing.
    "sts": frozenset(
        {"GetCallerIdentity", "AssumeRole", "AssumeRoleWithWebIdentity", "GetSessionToken"}
    ),
    "sso": frozenset({"GetRoleCredentials", "ListAccountRoles", "ListAccounts"}),
    "sso-oidc": frozenset({"CreateToken"}),
    "signin": frozenset({"CreateOAuth2Token"}),
    "iam": frozenset(
        {
            "GetInstanceProfile",
            "GetPolicy",
            "GetPolicyVersion",
            "GetRole",
            "GetRolePolicy",
            "GetUser",
            "ListAccountAliases",
            "ListAttachedRolePolicies",
            "ListRolePolicies",
            "SimulatePrincipalPolicy",
        }
    ),
    "ec2": frozenset(
        {
            "DescribeInstances",
            "DescribeNetworkInterfaces",
            "DescribeRouteTables",
            "DescribeSubnets",
            "DescribeVpcEndpoints",
        }
    ),
    "elbv2": frozenset(
        {"DescribeTargetGroupAttributes", "DescribeTargetGroups", "DescribeTargetHealth"}
    ),
    "kms": frozenset({"DescribeKey"}),
    "application-autoscaling": frozenset(
        {
            "DescribeScalableTargets",
            "DescribeScalingActivities",
            "DescribeScalingPolicies",
            "DescribeScheduledActions",
        }
    ),
    # GetMetricData is billed, but changes nothing: CloudWatchReadOnlyAccess allows it too.
    "cloudwatch": frozenset(
        {"DescribeAlarmHistory", "DescribeAlarms", "GetMetricData", "ListMetrics"}
    ),
    "autoscaling": frozenset({"DescribeAutoScalingGroups"}),
    "health": frozenset({"DescribeAffectedEntities", "DescribeEvents"}),
    "s3": frozenset(
        {
            "GetBucketVersioning",
            "GetObject",
            "GetObjectLockConfiguration",
            "GetPublicAccessBlock",
            "ListObjectsV2",
        }
    ),
    "cloudtrail": frozenset(
        {"DescribeTrails", "GetEventSelectors", "GetTrailStatus", "LookupEvents"}
    ),
    # A query may change tables: `_reads` looks at its statement.
    "athena": frozenset(
        {"GetQueryExecution", "GetQueryResults", "StartQueryExecution", "StopQueryExecution"}
    ),
    "ssm": frozenset({"DescribeSessions"}),
    "logs": frozenset(
        {
            "DescribeLogGroups",
            "DescribeLogStreams",
            "FilterLogEvents",
            "GetLogEvents",
            # Queries are billed, but change nothing: CloudWatchLogsReadOnlyAccess allows them too.
            "GetQueryResults",
            "StartLiveTail",
            "StartQuery",
            "StopQuery",
        }
    ),
}


_IN_POLICIES = {"elbv2": "elasticloadbalancing"}
"""Services whose prefix in IAM differs from botocore's name."""
_OF_NO_CLUSTER = {"capacity-provider", "daemon-task-definition", "task-definition"}
"""The kinds of ECS resources that belong to no cluster, as their ARNs write them."""
_WITHOUT_CLUSTER = {
    "CreateCapacityProvider", "DeleteAccountSetting", "DeleteCapacityProvider",
    "DeleteTaskDefinitions", "DeregisterTaskDefinition", "PutAccountSetting",
    "PutAccountSettingDefault", "RegisterDaemonTaskDefinition", "RegisterTaskDefinition",
    "UpdateCapacityProvider",
}  # fmt: skip
"""Operations of ECS that change something outside of clusters."""


def as_iam_writes(service: str, operation: str = "") -> str:
    """`service:Operation` with the service's prefix in IAM; only the prefix without an operation.

    Args:
        service: botocore's name of the service.
    """
    prefix = _IN_POLICIES.get(service, service)
    return f"{prefix}:{operation}" if operation else prefix


_SESSIONS = {"ecs:ExecuteCommand", "ssm:StartSession"}
"""The operations that open a session."""


def refuse(
    policy: CallPolicy,
    service: str,
    operation: str,
    params: Mapping[str, object],
    claim: SessionClaim | None = None,
) -> ReadOnly | None:
    """The error for a call that the policy blocks, or None.

    Args:
        service: botocore's name of the service.
        params: The call's parameters, which name its cluster.
        claim: What is claimed for the session that the call opens.
    """
    if not policy.blocks:
        return None
    name = as_iam_writes(service, operation)
    if pattern := policy.denied_by(name):
        return _blocked(name, f'deny = ["{pattern}"]')
    if operation in ALLOWED.get(service, frozenset()) and _reads(operation, params):
        return None
    if policy.read_only:
        return ReadOnly(
            f"Read-only mode: {name} was blocked.",
            "Restart without --read-only to allow changes and shells.",
            operation=name,
        )
    if not policy.allows(name):
        return _blocked(name, "allow, which does not contain it")
    cluster = cluster_of(service, operation, params)
    if name in _SESSIONS and (error := refuse_session(policy, name, cluster, claim)) is not None:
        return error
    if not policy.clusters_read_only:
        return None
    if cluster is None:
        return ReadOnly(
            f"{name} was blocked: the cluster that it changes is not known.",
            "Remove clusters_read_only from [policy] in the config file to allow it.",
            operation=name,
        )
    if pattern := policy.read_only_by(cluster):
        return ReadOnly(
            f"Cluster {clean(cluster)} is read-only: {name} was blocked.",
            f'See clusters_read_only = ["{pattern}"] in [policy] in the config file.',
            operation=name,
        )
    return None


def _reads(operation: str, params: Mapping[str, object]) -> bool:
    """Whether a call of an allowed operation reads: of Athena's statements, only SELECT does."""
    if operation != "StartQueryExecution":
        return True
    statement = str(params.get("QueryString", "")).strip().rstrip(";")
    return statement[:7].casefold() == "select " and ";" not in statement


def _blocked(name: str, by: str) -> ReadOnly:
    words = f"{name} was blocked by the policy."
    return ReadOnly(words, f"See {by} in [policy] in the config file.", operation=name)


def cluster_of(service: str, operation: str, params: Mapping[str, object]) -> str | None:
    """The name of the cluster that a call changes; "" if it belongs to none, None if unknown.

    Sessions are opened by ExecuteCommand and StartSession; calls of an open session (resume,
    terminate, its key) belong to none.
    """
    if service == "ssm":
        return _of_target(params.get("Target")) if operation == "StartSession" else ""
    if service == "application-autoscaling":
        kind, _, rest = str(params.get("ResourceId", "")).partition("/")
        return rest.partition("/")[0] if kind == "service" else ""
    if service != "ecs" or operation in _WITHOUT_CLUSTER:
        return ""
    for key in ("cluster", "clusterName"):
        if isinstance(name := params.get(key), str) and name:
            return short_name(name)
    for value in params.values():
        if isinstance(value, str) and (arn := parse_arn(value)) is not None:
            return _of_resource(arn.resource)
    return None


def _of_resource(resource: str) -> str | None:
    """The cluster in an ARN's last part, such as `service/CLUSTER/NAME`; None in the old format."""
    kind, *names = resource.replace(":", "/").split("/")
    if kind in _OF_NO_CLUSTER:
        return ""
    if kind == "cluster" or len(names) > 1:
        return names[0] if names else None
    return None


def _of_target(target: object) -> str | None:
    """The cluster in a session's target: `ecs:CLUSTER_TASK_RUNTIME`; None for another target."""
    kind, _, rest = str(target).partition(":")
    names = rest.rsplit("_", 2)  # a cluster's name may contain _; the ids do not
    return names[0] if kind == "ecs" and len(names) == 3 else None


class _Session(Protocol):
    """The part of a botocore session that is used here."""

    def register(self, event_name: str, handler: Callable[..., None], unique_id: str) -> None:
        """Call `handler` at each event."""


class _ServiceModel(Protocol):
    service_name: str


class _OperationModel(Protocol):
    name: str
    service_model: _ServiceModel


def enforce(session: _Session, policy: CallPolicy) -> None:
    """Make every client of a botocore `session` block what the policy blocks.

    It uses the event `before-parameter-build`, which botocore emits for every call of every client
    before anything is built or sent
    (https://docs.aws.amazon.com/boto3/latest/guide/events.html), so no caller can bypass it.
    """

    def check(params: Mapping[str, object], model: _OperationModel, **_: object) -> None:
        service = model.service_model.service_name
        error = refuse(policy, service, model.name, params, current_claim())
        if error is not None:
            raise error

    session.register("before-parameter-build", check, unique_id="ecs-tui-policy")
