"""Read-only mode: the list of API operations that may be called in it, and its enforcement.

It is a list of what is allowed, so that an operation nobody thought of is refused.
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
    # What botocore itself calls to get credentials is a read as far as ECS is concerned.
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
        {"DescribeInstances", "DescribeRouteTables", "DescribeSubnets", "DescribeVpcEndpoints"}
    ),
    "kms": frozenset({"DescribeKey"}),
}


def refuse(service: str, operation: str) -> ReadOnly | None:
    """The error for a call that read-only mode does not allow, or None where it does."""
    if operation in ALLOWED.get(service, frozenset()):
        return None
    name = f"{service}:{operation}"
    return ReadOnly(
        f"Read-only mode: {name} was not sent.",
        "Start without --read-only to allow changes and shells.",
        operation=name,
    )


def enforce(session: Any) -> None:
    """Make every client of a botocore `session` refuse what is not in `ALLOWED`.

    It hangs on `before-parameter-build`, which botocore emits for every call of every client
    before anything is built or sent
    (https://docs.aws.amazon.com/boto3/latest/guide/events.html), so no caller can get round it.
    """

    def check(model: Any, **_: object) -> None:
        error = refuse(model.service_model.service_name, model.name)
        if error is not None:
            raise error

    session.register("before-parameter-build", check, unique_id="ecs-tui-read-only")
