"""Checks on the permissions of the task role and the caller."""

from __future__ import annotations

from ecs_tui.doctor.checks.check import FAIL, PASS, SKIP, UNKNOWN, WARN, CheckResult
from ecs_tui.doctor.facts import DATA_KEY, SSM_SESSION, Facts
from ecs_tui.model.arn import short_name
from ecs_tui.model.permission import (
    CHANNELS,
    EXECUTE,
    LOGS,
    Decision,
    bucket_needs,
    log_group_arn,
)


def role_present(facts: Facts, _: str) -> CheckResult:
    """Whether the exec agent has a role."""
    role = facts.role
    if role.arn:
        return CheckResult(PASS, f"{short_name(role.arn)} (from {role.source})")
    return CheckResult(
        FAIL,
        f"no task role in {role.source}",
        "Add a task role to the task definition, with the policy shown.",
        "task-role-policy",
    )


_LIMITED = (
    "No policy of this role or user can allow it: ask the administrator of the organization's "
    "policies or of the permissions boundary."
)


def _limit(decisions: list[Decision | None]) -> str:
    """Text for a denial that is not from the identity's own policies, or ""."""
    return next((str(item) for item in decisions if item is not None and item.limited_by), "")


def _lacks(facts: Facts, actions: tuple[str, ...], resource: str) -> CheckResult:
    rights = facts.role_rights
    if rights is None:
        return CheckResult(SKIP, "no task role")
    role = short_name(rights.principal)
    lacking = rights.lacking(actions, resource)
    decisions = [rights.of(action, resource) for action in lacking]
    if lacking and (limit := _limit(decisions)):
        return CheckResult(FAIL, f"{role}: {', '.join(lacking)} {limit}", _LIMITED)
    unsure = sorted({key for item in decisions if item is not None for key in item.uncertain})
    denied = [
        action
        for action, item in zip(lacking, decisions, strict=True)
        if item is None or not item.uncertain
    ]
    if lacking and not denied:
        return CheckResult(
            UNKNOWN,
            f"{role}: {', '.join(lacking)} on {resource} depends on {', '.join(unsure)}, "
            "whose value is unknown here",
        )
    if lacking:
        return CheckResult(
            FAIL,
            f"{role} lacks {', '.join(denied)} on {resource}",
            "Attach the shown policy to the task role.",
            "task-role-policy",
        )
    return CheckResult(PASS, f"{role} is allowed {', '.join(actions)}")


def _worse(first: CheckResult, second: CheckResult) -> CheckResult:
    order = (FAIL, UNKNOWN, SKIP, PASS)
    return min(first, second, key=lambda item: order.index(item.outcome))


def role_channels(facts: Facts, _: str) -> CheckResult:
    """Whether the task role may open a session's channels (ssmmessages)."""
    return _lacks(facts, CHANNELS, "*")


def role_kms(facts: Facts, _: str) -> CheckResult:
    """Whether the task role may decrypt with the session key."""
    if not facts.key:
        return CheckResult(SKIP, "no session KMS key on the cluster")
    return _lacks(facts, ("kms:Decrypt",), facts.key)


def role_logs(facts: Facts, _: str) -> CheckResult:
    """Whether the task role may write the session log."""
    configuration = facts.configuration
    if configuration.logging != "OVERRIDE" or not configuration.log_group:
        return CheckResult(SKIP, "no CloudWatch log group configured")
    group = log_group_arn(facts.region, facts.account_id, facts.partition, configuration.log_group)
    return _worse(_lacks(facts, LOGS[:1], "*"), _lacks(facts, LOGS[1:], group))


def role_bucket(facts: Facts, _: str) -> CheckResult:
    """Whether the task role may write to the log bucket."""
    configuration = facts.configuration
    if configuration.logging != "OVERRIDE" or not configuration.s3_bucket:
        return CheckResult(SKIP, "no S3 bucket configured")
    first, *others = (
        _lacks(facts, actions, resource)
        for actions, resource in bucket_needs(configuration, facts.partition)
    )
    return _worse(first, others[0]) if others else first


def caller_exec(facts: Facts, name: str) -> CheckResult:
    """Whether the caller can exec into the container."""
    rights = facts.caller_rights.get(name)
    decision = rights.of(EXECUTE, facts.task.arn) if rights is not None else None
    if rights is None or decision is None:
        return CheckResult(UNKNOWN, "IAM policy simulator returned no answer")
    who = short_name(rights.principal)
    if decision.allowed:
        return CheckResult(PASS, f"{who}: {decision}")
    if (general := _not_by_policy(who, decision)) is not None:
        return general
    tagged = ", ".join(f"{key}={value}" for key, value in sorted(facts.task.tags.items()))
    fix = "operator-policy"
    if not facts.task.tags:
        if "TAGS" in facts.task.not_read:
            return CheckResult(UNKNOWN, f"{who}: {decision}; the task's tags could not be read")
        tagged, fix = "the task has no tags", "tag-task"
        service = facts.known_service
        if service is not None and service.tags and service.propagate_tags == "NONE":
            tagged += f" because {service.name} has propagateTags=NONE"
            fix = "propagate-tags"
    return CheckResult(
        FAIL,
        f"{who}: {decision} ({tagged})",
        "The policy's conditions don't match this task or container.",
        fix,
    )


def _not_by_policy(who: str, decision: Decision) -> CheckResult | None:
    """The result if the identity's own policies do not decide: a limit, or unknown; else None."""
    if decision.limited_by:
        return CheckResult(FAIL, f"{who}: {decision}", _LIMITED)
    if decision.uncertain:
        keys = ", ".join(decision.uncertain)
        return CheckResult(UNKNOWN, f"{who}: it depends on {keys}, whose value is unknown here")
    return None


def caller_key(facts: Facts, name: str) -> CheckResult:
    """Whether the caller may use the session key."""
    arn = facts.key
    if not arn:
        return CheckResult(SKIP, "no session KMS key on the cluster")
    rights = facts.caller_rights.get(name)
    decision = rights.of(DATA_KEY, arn) if rights is not None else None
    if rights is None or decision is None:
        return CheckResult(UNKNOWN, "IAM policy simulator returned no answer")
    who = short_name(rights.principal)
    if decision.allowed:
        return CheckResult(PASS, f"{who}: {decision}")
    if (general := _not_by_policy(who, decision)) is not None:
        return general
    return CheckResult(
        FAIL,
        f"{who} lacks {DATA_KEY} on {arn}: {decision}",
        "This cluster encrypts sessions with that key.",
        "operator-policy",
    )


def bypass(facts: Facts, name: str) -> CheckResult:
    """Whether the caller may open sessions that ECS does not log."""
    rights = facts.caller_rights.get(name)
    decision = rights.of(SSM_SESSION, facts.task.arn) if rights is not None else None
    if rights is None or decision is None:
        return CheckResult(UNKNOWN, "IAM policy simulator returned no answer")
    if decision.allowed:
        return CheckResult(
            WARN,
            f"{short_name(rights.principal)}: {decision}",
            "ssm:StartSession bypasses exec logging: deny it on ECS tasks.",
            "operator-policy",
        )
    return CheckResult(PASS, "ssm:StartSession on the task is not allowed")
