"""Who made a call and with which client, in words."""

from __future__ import annotations

import re
from functools import lru_cache

from ecs_tui.model.audit_event import AuditEvent, Principal
from ecs_tui.model.rules.audit_events import inside_task, made_by_ecs

_KINDS = {
    "user": "IAM user",
    "root": "root user",
    "federated": "federated user",
    "service": "AWS service",
    "account": "another account",
    "unknown": "unknown",
}
_BROWSERS = ("Mozilla/", "AWS Internal", "signin.amazonaws.com", "console.amazonaws.com")
"""Names of clients that the AWS console's calls have."""
_CLIENTS = (
    (re.compile(r"\becs-tui/(\S+)"), "ecs-tui {}"),
    (re.compile(r"^aws-cli/(\S+)"), "CLI {}"),
    (re.compile(r"\bTerraform/(\S+)"), "Terraform {}"),
    (re.compile(r"\b(?:aws-)?copilot(?:-cli)?/(\S+)", re.IGNORECASE), "copilot {}"),
    (re.compile(r"\b(?:aiobotocore|Boto3)/(\S+)"), "SDK Python {}"),
    (re.compile(r"^Botocore/(\S+)"), "SDK Python {}"),
    (re.compile(r"^aws-sdk-([a-z]+)(?:-v[0-9]+)?/(\S+)"), "SDK {} {}"),
    (re.compile(r"^([a-z0-9.-]+)\.amazonaws\.com$"), "{}"),
)  # fmt: skip
_MAX_CLIENT = 40


def name_of(who: Principal) -> str:
    """The person as far as the record tells: a user's name, a role's session name; never empty."""
    if made_by_ecs(who):
        return "ECS"
    if who.kind in ("role", "sso"):
        return who.session or who.name or "unknown"
    return who.name or "unknown"


def kind_of(who: Principal) -> str:
    """What kind of identity it is, with its role: `IAM user`, `role deploy`, `SSO Administrator`."""
    if who.kind == "sso":
        return f"SSO {who.name}".strip()
    if who.kind == "role":
        return f"task role {who.name}" if inside_task(who) else f"role {who.name}".strip()
    return _KINDS[who.kind]


def mfa_of(who: Principal) -> str:
    """Whether the caller signed in with MFA: yes, no or unknown; "" for AWS's own calls."""
    if who.kind in ("service", "account") or made_by_ecs(who):
        return ""
    # Credentials of a user without a session have no attributes: such calls were made without MFA
    # only if no session was required, which the record does not tell.
    return "unknown" if who.mfa is None else "yes" if who.mfa else "no"


def client_of(event: AuditEvent) -> str:
    """The client that made the call: the console, the CLI, an SDK, this program; "" if unknown."""
    return _client(event.user_agent, event.from_console)


@lru_cache(1024)
def _client(agent: str, from_console: bool) -> str:
    for pattern, words in _CLIENTS[:2]:
        if found := pattern.search(agent):
            return words.format(*found.groups())
    if from_console or any(each in agent for each in _BROWSERS):
        return "console"
    for pattern, words in _CLIENTS[2:]:
        if found := pattern.search(agent.strip("[]")):
            return words.format(*found.groups())
    return agent.strip("[]").partition(" ")[0][:_MAX_CLIENT]


_DENIALS = (
    ("service control policy", "a service control policy"),
    ("resource control policy", "a resource control policy"),
    ("permissions boundary", "a permissions boundary"),
    ("session policy", "a session policy"),
    ("VPC endpoint policy", "a VPC endpoint policy"),
    ("resource-based policy", "a resource-based policy"),
    ("identity-based policy", "an identity-based policy"),
)
"""Parts of access denied messages, and what denied the call.

https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""


def denied_by(event: AuditEvent) -> str:
    """What denied a call, in words; "" if the message does not tell."""
    message = event.error_message
    for part, words in _DENIALS:
        if part in message:
            if "explicit deny" in message:
                return f"explicitly by {words}"
            return f"no {words.partition(' ')[2]} allows it"
    return "explicitly" if "explicit deny" in message else ""


def result_of(event: AuditEvent) -> str:
    """ok, `denied` and by what, or the error's code."""
    if not event.failed:
        return "ok"
    if event.denied:
        by = denied_by(event)
        return f"denied: {by}" if by else "denied"
    return event.error_code
