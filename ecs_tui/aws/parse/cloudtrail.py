"""Parses events of CloudTrail, from LookupEvents or as whole records, whatever they lack.

Record: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
The members `requestParameters` and `responseElements` are null in many events about denied calls, and their
content is the called service's; nothing in a record is taken for granted.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime

from ecs_tui.aws.parse.cloudtrail_identity import principal
from ecs_tui.aws.parse.fields import Raw, flag, moment, part, parts, shared, text
from ecs_tui.model.arn import parse_arn, short_name
from ecs_tui.model.audit_event import AuditEvent, AuditTarget, pack
from ecs_tui.model.rules.session_grants import session_grants

MAX_RECORD_CHARACTERS = 1_000_000
"""Characters of a record that are read. CloudTrail cuts an event at 256 KB (its quotas page)."""
HIDDEN = "(not kept)"
"""In place of tokens and of values of environment variables."""
_SECRET = re.compile(
    r"token|password|secret(?!s|options|arn|name)|authorization|privatekey", re.IGNORECASE
)
"""Names of members whose values are not kept. `secrets` and `secretOptions` only name secrets."""
_ECS_ARN = re.compile(
    r"arn:[a-z0-9-]+:ecs:[a-z0-9-]*:[0-9]*:(?:task|service|cluster|container)/[^\s\"',]+"
)
_MAX_DEPTH = 20
_SUBJECTS = (
    ("roleName", "role"),
    ("userName", "user"),
    ("groupName", "group"),
    ("policyName", "policy"),
)


def lookup_event(raw: Raw) -> AuditEvent | None:
    """One of `Events[]` of LookupEvents; None if it does not even have a name and an ID."""
    record = record_of(text(raw, "CloudTrailEvent"))
    found = record_event(record) if record else None
    identity, name = text(raw, "EventId"), shared(raw, "EventName")
    if found is not None:
        return found
    if not (identity and name):
        return None
    return AuditEvent(
        identity,
        name,
        text(raw, "EventSource").partition(".")[0],
        moment(raw, "EventTime"),
        who=principal({"userName": text(raw, "Username")}),
        access_key=shared(raw, "AccessKeyId"),
    )


def record_of(document: str) -> Mapping[str, object]:
    """A record that is written as JSON; empty if it cannot be read."""
    if len(document) > MAX_RECORD_CHARACTERS:
        return {}
    try:
        found = json.loads(document)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def record_event(record: Raw) -> AuditEvent | None:
    """The event in a whole record; None if it has no name or no ID."""
    identity, name = text(record, "eventID"), shared(record, "eventName")
    if not (identity and name):
        return None
    asked, answered = part(record, "requestParameters"), part(record, "responseElements")
    service = sys.intern(text(record, "eventSource").partition(".")[0])
    user = part(record, "userIdentity")
    message = text(record, "errorMessage")
    return AuditEvent(
        id=identity,
        name=name,
        service=service,
        at=_time(text(record, "eventTime")),
        region=shared(record, "awsRegion"),
        account=shared(record, "recipientAccountId") or shared(user, "accountId"),
        who=principal(user),
        address=shared(record, "sourceIPAddress"),
        user_agent=shared(record, "userAgent"),
        access_key=shared(user, "accessKeyId"),
        from_console=text(record, "sessionCredentialFromConsole") == "true",
        error_code=shared(record, "errorCode"),
        error_message=message,
        target=_target(service, asked, answered, message),
        command=shared(asked, "command") or shared(asked, "documentName"),
        session=_session(asked, answered),
        exec_on=flag(asked, "enableExecuteCommand") if "enableExecuteCommand" in asked else None,
        exec_logging=_exec_logging(asked),
        subject=_subject(asked) if service == "iam" else "",
        policy=text(asked, "policyArn") or text(part(answered, "policy"), "arn"),
        grants=session_grants(text(asked, "policyDocument")) if service == "iam" else (),
        packed=pack(_kept(record)),
    )


def _time(written: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _session(asked: Raw, answered: Raw) -> str:
    """The session's ID: ECS nests it, Session Manager does not; ResumeSession only asks with it."""
    return (
        text(part(answered, "session"), "sessionId")
        or text(answered, "sessionId")
        or text(asked, "sessionId")
    )


def _exec_logging(asked: Raw) -> str:
    configuration = part(asked, "configuration")
    if "executeCommandConfiguration" not in configuration:
        return ""
    return shared(part(configuration, "executeCommandConfiguration"), "logging", "DEFAULT")


def _subject(asked: Raw) -> str:
    return next((f"{kind} {found}" for name, kind in _SUBJECTS if (found := text(asked, name))), "")


# -- what it was about


def _target(service: str, asked: Raw, answered: Raw, message: str) -> AuditTarget:
    if service == "ssm":
        return ssm_target(text(asked, "target")) or _in_message(message)
    if service != "ecs":
        return AuditTarget()
    if not asked:
        return _in_message(message)
    task = text(answered, "taskArn") or text(asked, "task")
    if not task:
        tasks = parts(answered, "tasks")
        task = text(tasks[0], "taskArn") if tasks else ""
    cluster = text(asked, "cluster") or text(asked, "clusterName") or text(asked, "clusterArn")
    named = text(asked, "service") or text(asked, "serviceName") or text(asked, "daemonName")
    known = AuditTarget(
        _name(text(answered, "clusterArn") or cluster),
        _name(named or text(asked, "daemonArn")),
        short_name(task),
        sys.intern(text(asked, "container") or text(answered, "containerName")),
    )
    if known.cluster:
        return known
    # ECS takes `default` where a request names none, except for what an ARN says.
    of_arn = _of_arn(next((each for each in (task, named) if each.startswith("arn:")), ""))
    return AuditTarget(of_arn.cluster or "default", known.service, known.task, known.container)


def ssm_target(target: str) -> AuditTarget | None:
    """A target of Session Manager, `ecs:CLUSTER_TASK_RUNTIME`; None if it is another one.

    The name of a cluster may contain `_`, the IDs do not.
    """
    kind, _, rest = target.partition(":")
    names = rest.rsplit("_", 2)
    if kind != "ecs" or len(names) != 3:
        return None
    return AuditTarget(sys.intern(names[0]), task=names[1], runtime=names[2])


def _in_message(message: str) -> AuditTarget:
    """What an error message names: the request itself is not recorded for many denied calls."""
    found = _ECS_ARN.search(message)
    return _of_arn(found.group(0).rstrip(".")) if found is not None else AuditTarget()


def _of_arn(arn: str) -> AuditTarget:
    parsed = parse_arn(arn)
    if parsed is None:
        return AuditTarget()
    kind, *names = parsed.resource.split("/")
    if kind == "cluster" and names:
        return AuditTarget(sys.intern(names[0]))
    cluster, last = (names[0], names[1]) if len(names) > 1 else ("", names[0] if names else "")
    if last == "*":
        last = ""
    if kind == "service":
        return AuditTarget(sys.intern(cluster), sys.intern(last))
    return AuditTarget(sys.intern(cluster), task=last)


def _name(arn_or_name: str) -> str:
    return sys.intern(short_name(arn_or_name))


# -- what is kept of a record


def _kept(record: Raw) -> dict[str, object]:
    """The record without tokens and without values of environment variables."""
    return {name: _without_secrets(name, value, 0) for name, value in record.items()}


def _without_secrets(name: str, value: object, depth: int) -> object:
    if depth > _MAX_DEPTH:
        return HIDDEN
    if isinstance(value, Mapping):
        return {
            str(key): _without_secrets(str(key), each, depth + 1) for key, each in value.items()
        }
    if isinstance(value, list):
        if name == "environment":
            return [_variable(each) for each in value]
        return [_without_secrets(name, each, depth + 1) for each in value]
    if isinstance(value, str) and value and _SECRET.search(name):
        return HIDDEN
    return value


def _variable(value: object) -> object:
    """An environment variable by its name alone."""
    return {"name": value.get("name"), "value": HIDDEN} if isinstance(value, Mapping) else HIDDEN
