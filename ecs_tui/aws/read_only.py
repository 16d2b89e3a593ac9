"""Read-only mode: the list of allowed API operations, and its enforcement.

The list names what is allowed, so that any other operation is blocked.
"""

from __future__ import annotations

from typing import Any

from ecs_tui.errors import ReadOnly

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
    "elbv2": frozenset({"DescribeTargetGroupAttributes"}),
    "kms": frozenset({"DescribeKey"}),
    "logs": frozenset({"DescribeLogGroups"}),
}


def refuse(service: str, operation: str) -> ReadOnly | None:
    """The error for a call that read-only mode blocks, or None."""
    if operation in ALLOWED.get(service, frozenset()):
        return None
    name = f"{service}:{operation}"
    return ReadOnly(
        f"Read-only mode: {name} was blocked.",
        "Restart without --read-only to allow changes and shells.",
        operation=name,
    )


def enforce(session: Any) -> None:
    """Make every client of a botocore `session` block operations that are not in `ALLOWED`.

    It uses the event `before-parameter-build`, which botocore emits for every call of every client
    before anything is built or sent
    (https://docs.aws.amazon.com/boto3/latest/guide/events.html), so no caller can bypass it.
    """

    def check(model: Any, **_: object) -> None:
        error = refuse(model.service_model.service_name, model.name)
        if error is not None:
            raise error

    session.register("before-parameter-build", check, unique_id="ecs-tui-read-only")
