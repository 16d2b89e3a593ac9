"""IAM: the principal to simulate, and what a principal is allowed to do."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ecs_tui.aws.account import Account
from ecs_tui.aws.parse.fields import Raw, flag, number, part, parts, text, texts
from ecs_tui.errors import AwsError, BadAnswer
from ecs_tui.model.identity import Caller
from ecs_tui.model.permission import Decision, Rights, Statement, principal_arn

if TYPE_CHECKING:
    from types_aiobotocore_iam.type_defs import ContextEntryTypeDef

_BOOLEAN = {"aws:SecureTransport"}


async def principal_of(account: Account, caller: Caller) -> str:
    """The ARN to simulate for `caller`: for an assumed role, the role's ARN with its path."""
    plain = principal_arn(caller.arn)
    if ":assumed-role/" not in caller.arn:
        return plain
    iam = await account.iam()
    answer = await account.call(iam.get_role, RoleName=plain.rsplit("/", 1)[-1])
    return answer["Role"]["Arn"]


async def simulate(
    account: Account,
    principal: str,
    actions: Iterable[str],
    resources: Iterable[str],
    context: Iterable[tuple[str, str]] = (),
) -> Rights:
    """What `principal` (ARN of a user or role) is allowed: each action on each resource, in one call.

    Raises:
        AwsError: Also if the caller is not allowed to simulate, or the principal does not exist.
    """
    iam = await account.iam()
    entries: list[ContextEntryTypeDef] = [
        {
            "ContextKeyName": key,
            "ContextKeyValues": [value],
            "ContextKeyType": "boolean" if key in _BOOLEAN else "string",
        }
        for key, value in context
    ]
    decisions: dict[tuple[str, str], Decision] = {}
    marker = ""
    while True:
        more: Any = {"Marker": marker} if marker else {}
        answer = await account.call(
            iam.simulate_principal_policy,
            PolicySourceArn=principal,
            ActionNames=list(actions),
            ResourceArns=list(resources),
            ContextEntries=entries,
            **more,
        )
        for result in answer["EvaluationResults"]:
            action = result["EvalActionName"]
            decisions[action, text(result, "EvalResourceName", "*")] = _decision(
                "EvalDecision", result
            )
            for each in parts(result, "ResourceSpecificResults"):
                key = (action, text(each, "EvalResourceName"))
                # The organization's decision is only in the result for all resources.
                whole = {"OrganizationsDecisionDetail": part(result, "OrganizationsDecisionDetail")}
                decisions[key] = _decision("EvalResourceDecision", whole | dict(each))
        if not answer.get("IsTruncated"):
            return Rights(principal, decisions)
        following = text(answer, "Marker")
        if not following or marker == following:
            raise _unusable("no usable Marker")
        marker = following


def _unusable(wrong: str) -> BadAnswer:
    operation = "iam:SimulatePrincipalPolicy"
    return BadAnswer(f"The answer to {operation} is not usable: {wrong}.", operation=operation)


def _decision(member: str, result: Raw) -> Decision:
    decision = text(result, member)
    if not decision:
        # A missing decision is neither allowed nor denied.
        raise _unusable(f"no {member}")
    limited_by = ""
    if decision != "allowed":
        organization = part(result, "OrganizationsDecisionDetail")
        boundary = part(result, "PermissionsBoundaryDecisionDetail")
        if not flag(organization, "AllowedByOrganizations", True):
            limited_by = "a service control policy of the organization"
        elif not flag(boundary, "AllowedByPermissionsBoundary", True):
            limited_by = "the permissions boundary"
    return Decision(
        decision,
        tuple(
            Statement(
                text(item, "SourcePolicyId", "a policy"),
                text(item, "SourcePolicyType"),
                number(part(item, "StartPosition"), "Line"),
            )
            for item in parts(result, "MatchedStatements")
        ),
        texts(result, "MissingContextValues"),
        limited_by,
    )


async def policy_document(account: Account, policy_arn: str) -> str:
    """The document of a managed policy's default version, as it is now, as JSON.

    Raises:
        AwsError: A call failed; ResourceGone if there is no such policy.
    """
    iam = await account.client("iam")
    answer = await account.call(iam.get_policy, PolicyArn=policy_arn)
    version = text(part(answer, "Policy"), "DefaultVersionId")
    answer = await account.call(iam.get_policy_version, PolicyArn=policy_arn, VersionId=version)
    document = part(answer, "PolicyVersion").get("Document")
    # botocore decodes it; without that it is URL-encoded JSON.
    return document if isinstance(document, str) else json.dumps(document)


async def instance_profile_role(account: Account, profile_arn: str) -> str:
    """The ARN of the role in an instance profile.

    Raises:
        AwsError: The profile cannot be read, or has no role.
    """
    iam = await account.iam()
    name = profile_arn.rsplit("/", 1)[-1]
    answer = await account.call(iam.get_instance_profile, InstanceProfileName=name)
    roles = answer["InstanceProfile"]["Roles"]
    if not roles:
        raise AwsError(f"Instance profile {name} has no role.")
    return roles[0]["Arn"]
