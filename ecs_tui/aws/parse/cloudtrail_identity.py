"""Parses the `userIdentity` of a CloudTrail record.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
"""

from __future__ import annotations

from functools import lru_cache

from ecs_tui.aws.parse.fields import Raw, part, text
from ecs_tui.model.arn import parse_arn
from ecs_tui.model.audit_event import Principal, PrincipalKind

_RESERVED = "AWSReservedSSO_"
"""How the names of roles begin that Identity Center makes: `AWSReservedSSO_PERMISSION-SET_16 hex digits`."""
_RESERVED_PATH = "/aws-reserved/sso.amazonaws.com/"


def principal(user: Raw) -> Principal:
    """The caller in `userIdentity`, whatever members it lacks."""
    context = part(user, "sessionContext")
    issuer, attributes = part(context, "sessionIssuer"), part(context, "attributes")
    return _principal(
        text(user, "type"),
        text(user, "arn"),
        text(user, "userName"),
        text(user, "principalId"),
        text(user, "accountId"),
        text(user, "invokedBy"),
        text(issuer, "userName"),
        text(issuer, "arn"),
        text(attributes, "mfaAuthenticated"),
    )


@lru_cache(4096)
def _principal(
    kind: str, arn: str, name: str, principal_id: str, account: str, invoked_by: str,
    role: str, role_arn: str, mfa: str,
) -> Principal:  # fmt: skip
    """The same object for the same identity: many events have one of few callers."""
    parsed = parse_arn(arn)
    account = account or (parsed.account if parsed is not None else "")
    resource = parsed.resource if parsed is not None else ""
    with_mfa = {"true": True, "false": False}.get(mfa.casefold())
    found: PrincipalKind = "unknown"
    session = ""
    if kind == "AssumedRole" or resource.startswith("assumed-role/"):
        found = "role"
        parts = resource.split("/", 2)
        in_arn = parts[1] if len(parts) > 1 else ""
        name = role or in_arn
        # The principal ID is `AROA…:SESSION`, where the ARN is missing.
        session = parts[2] if len(parts) > 2 else principal_id.partition(":")[2]
        if name.startswith(_RESERVED) or _RESERVED_PATH in role_arn:
            found, with_mfa = "sso", None
            name = name.removeprefix(_RESERVED).rpartition("_")[0] or name
    elif kind in ("IAMUser", "SAMLUser", "WebIdentityUser"):
        found = "user" if kind == "IAMUser" else "federated"
        name = name or resource.rpartition("/")[2] or principal_id
    elif kind == "Root":
        found, name = "root", "root"
    elif kind == "FederatedUser":
        found = "federated"
        name = resource.rpartition("/")[2] or name or principal_id.partition(":")[2]
    elif kind == "IdentityCenterUser":
        found, with_mfa = "sso", None
        session = name or principal_id
        name = ""
    elif kind == "AWSService":
        found, name = "service", invoked_by
    elif kind == "AWSAccount":
        found, name = "account", account or principal_id
    elif invoked_by:
        found, name = "service", invoked_by
    return Principal(found, name, session, account, arn, with_mfa, invoked_by)
