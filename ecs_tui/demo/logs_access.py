"""Whether a caller may read a log group of the demo account, in AWS's own words.

Resources: "Actions, resources, and condition keys for Amazon CloudWatch Logs" in the Service
Authorization Reference.
"""

from __future__ import annotations

from ecs_tui.demo.iam import ALLOWED, EXPLICIT, decide, principal_of

ENFORCED = frozenset(
    {
        "DescribeLogGroups", "DescribeLogStreams", "FilterLogEvents", "GetLogEvents",
        "GetLogRecord", "GetQueryResults", "StartLiveTail", "StartQuery", "StopQuery",
    }
)  # fmt: skip
"""The actions whose permission is checked."""


def group_resource(account: str, region: str, group: str = "", stream: str = "") -> str:
    """The ARN that a refusal names."""
    return f"arn:aws:logs:{region}:{account}:log-group:{group}:log-stream:{stream}"


def refusal(account: str, access_key: str, action: str, resource: str) -> str:
    """AWS's message if IAM denies the call, else ""; unknown keys are the root user's."""
    principal = principal_of(account, access_key)
    if not principal or action not in ENFORCED:
        return ""
    decision = decide(account, principal, f"logs:{action}", resource, {}).decision
    if decision == ALLOWED:
        return ""
    because = (
        "with an explicit deny in an identity-based policy"
        if decision == EXPLICIT
        else f"because no identity-based policy allows the logs:{action} action"
    )
    return (
        f"User: {principal} is not authorized to perform: logs:{action} on resource: {resource} "
        f"{because}"
    )
