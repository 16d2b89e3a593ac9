"""The user or role behind a call, by the ARN that IAM's simulator takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ecs_tui.model.arn import parse_arn
from ecs_tui.model.audit_event import AuditEvent, Principal
from ecs_tui.model.rules.audit_events import EXEC_SESSION, made_by_ecs


def principal_of_event(event: AuditEvent) -> str:
    """The ARN of the user or role behind a call; "" where the record does not name one."""
    who = event.who
    if who.kind in ("role", "sso", "federated") and (issuer := _issuer(event)):
        return issuer
    if who.kind == "role":
        return _role_of(who)
    return who.arn if who.kind in ("user", "root") else ""


def _issuer(event: AuditEvent) -> str:
    """The session's issuer: the ARN of its role with the path, which the ARN of the session lacks."""
    found: object = event.record
    for name in ("userIdentity", "sessionContext", "sessionIssuer", "arn"):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, str) and parse_arn(found) is not None else ""


def _role_of(who: Principal) -> str:
    arn = parse_arn(who.arn)
    if arn is None or not arn.resource.startswith("assumed-role/"):
        return ""
    return f"arn:{arn.partition}:iam::{arn.account}:role/{arn.resource.split('/')[1]}"


def went_round(events: Iterable[AuditEvent], cluster: str) -> list[str]:
    """Users and roles that opened a session in a cluster by ssm:StartSession, sorted.

    Args:
        events: Events of any kind.
        cluster: The cluster's name.
    """
    found = {
        principal_of_event(event)
        for event in events
        if event.name == "StartSession"
        and not event.failed
        and event.target.cluster == cluster
        and not made_by_ecs(event.who)
        and not event.session.startswith(EXEC_SESSION)
    }
    return sorted(each for each in found if ":user/" in each or ":role/" in each)
