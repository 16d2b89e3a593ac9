"""What the task role and the caller may do."""

from __future__ import annotations

from ecs_tui.doctor.checks.check import FAIL, PASS, SKIP, UNKNOWN, WARN, Answer
from ecs_tui.doctor.facts import DATA_KEY, SSM_SESSION, Fact, Facts
from ecs_tui.model.arn import short_name
from ecs_tui.model.permission import (
    BUCKET,
    CHANNELS,
    EXECUTE,
    LOGS,
    Decision,
    bucket_arn,
    key_arn,
    log_group_arn,
)
from ecs_tui.model.service import Service


def role_present(facts: Facts, _: str) -> Answer:
    """Whether the agent has a role to act as."""
    role = facts.role
    if role.arn:
        return Answer(PASS, f"{short_name(role.arn)} (from {role.source})")
    return Answer(
        FAIL,
        f"no task role in {role.source}",
        "Give the task definition a task role with the policy shown.",
        "task-role-policy",
    )


_LIMITED = (
    "No policy of the identity can allow it: ask who keeps the organization's policies, or the "
    "boundary."
)


def _limit(decisions: list[Decision | None]) -> str:
    """Who denied it from outside of the identity's own policies, in words, or ""."""
    return next((str(item) for item in decisions if item is not None and item.limited_by), "")


def _lacks(facts: Facts, actions: tuple[str, ...], resource: str) -> Answer:
    rights = facts.role_rights
    if rights is None:
        return Answer(SKIP, "there is no task role that could be asked about")
    role = short_name(rights.principal)
    lacking = rights.lacking(actions, resource)
    decisions = [rights.of(action, resource) for action in lacking]
    if lacking and (limit := _limit(decisions)):
        return Answer(FAIL, f"{role}: {', '.join(lacking)} {limit}", _LIMITED)
    unsure = sorted({key for item in decisions if item is not None for key in item.uncertain})
    denied = [
        action
        for action, item in zip(lacking, decisions, strict=True)
        if item is None or not item.uncertain
    ]
    if lacking and not denied:
        return Answer(
            UNKNOWN,
            f"{role}: {', '.join(lacking)} on {resource} depends on {', '.join(unsure)}, "
            "whose value is not known here",
        )
    if lacking:
        return Answer(
            FAIL,
            f"{role} may not {', '.join(denied)} on {resource}",
            "Attach the policy shown to the task role.",
            "task-role-policy",
        )
    return Answer(PASS, f"{role} may {', '.join(actions)}")


def _worse(first: Answer, second: Answer) -> Answer:
    order = (FAIL, UNKNOWN, SKIP, PASS)
    return min(first, second, key=lambda item: order.index(item.outcome))


def role_channels(facts: Facts, _: str) -> Answer:
    """Whether the task role may open the channels of a session."""
    return _lacks(facts, CHANNELS, "*")


def role_kms(facts: Facts, _: str) -> Answer:
    """Whether the task role may decrypt with the session key."""
    key = facts.configuration.kms_key_id
    if not key:
        return Answer(SKIP, "the cluster sets no KMS key for sessions")
    return _lacks(
        facts, ("kms:Decrypt",), key_arn(key, facts.region, facts.account_id, facts.partition)
    )


def role_logs(facts: Facts, _: str) -> Answer:
    """Whether the task role may write the session log."""
    configuration = facts.configuration
    if configuration.logging != "OVERRIDE" or not configuration.log_group:
        return Answer(SKIP, "sessions are not logged to a log group of the cluster")
    group = log_group_arn(facts.region, facts.account_id, facts.partition, configuration.log_group)
    return _worse(_lacks(facts, LOGS[:1], "*"), _lacks(facts, LOGS[1:], group))


def role_bucket(facts: Facts, _: str) -> Answer:
    """Whether the task role may write to the log bucket."""
    configuration = facts.configuration
    if configuration.logging != "OVERRIDE" or not configuration.s3_bucket:
        return Answer(SKIP, "sessions are not logged to a bucket")
    bucket = bucket_arn(facts.partition, configuration.s3_bucket)
    return _worse(_lacks(facts, BUCKET[:1], f"{bucket}/*"), _lacks(facts, BUCKET[1:], bucket))


def caller_exec(facts: Facts, name: str) -> Answer:
    """Whether the caller may exec into the container."""
    rights = facts.caller_rights.get(name)
    decision = rights.of(EXECUTE, facts.task.arn) if rights is not None else None
    if rights is None or decision is None:
        return Answer(UNKNOWN, "IAM's simulator did not say")
    who = short_name(rights.principal)
    if decision.allowed:
        return Answer(PASS, f"{who}: {decision}")
    if (general := _not_by_policy(who, decision)) is not None:
        return general
    tagged = ", ".join(f"{key}={value}" for key, value in sorted(facts.task.tags.items()))
    cure = "operator-policy"
    if not facts.task.tags:
        if "TAGS" in facts.task.not_read:
            return Answer(
                UNKNOWN, f"{who}: {decision}, without the task's tags: they were not read"
            )
        tagged, cure = "the task has no tags", "tag-task"
        service = facts.values.get(Fact.SERVICE)
        if isinstance(service, Service) and service.tags and service.propagate_tags == "NONE":
            tagged += f", since {service.name} has propagateTags NONE"
            cure = "propagate-tags"
    return Answer(
        FAIL,
        f"{who}: {decision} ({tagged})",
        "The policy asks for something that this task or container does not have.",
        cure,
    )


def _not_by_policy(who: str, decision: Decision) -> Answer | None:
    """The answer where no policy of the identity decides: a limit from outside, or not known."""
    if decision.limited_by:
        return Answer(FAIL, f"{who}: {decision}", _LIMITED)
    if decision.uncertain:
        keys = ", ".join(decision.uncertain)
        return Answer(UNKNOWN, f"{who}: it depends on {keys}, whose value is not known here")
    return None


def caller_key(facts: Facts, name: str) -> Answer:
    """Whether the caller may use the session key."""
    key = facts.configuration.kms_key_id
    if not key:
        return Answer(SKIP, "the cluster sets no KMS key for sessions")
    rights = facts.caller_rights.get(name)
    arn = key_arn(key, facts.region, facts.account_id, facts.partition)
    decision = rights.of(DATA_KEY, arn) if rights is not None else None
    if rights is None or decision is None:
        return Answer(UNKNOWN, "IAM's simulator did not say")
    who = short_name(rights.principal)
    if decision.allowed:
        return Answer(PASS, f"{who}: {decision}")
    if (general := _not_by_policy(who, decision)) is not None:
        return general
    return Answer(
        FAIL,
        f"{who} may not {DATA_KEY} on {arn}: {decision}",
        "Sessions of this cluster are encrypted with that key.",
        "operator-policy",
    )


def bypass(facts: Facts, name: str) -> Answer:
    """Whether the caller may open sessions that the cluster does not record."""
    rights = facts.caller_rights.get(name)
    decision = rights.of(SSM_SESSION, facts.task.arn) if rights is not None else None
    if rights is None or decision is None:
        return Answer(UNKNOWN, "IAM's simulator did not say")
    if decision.allowed:
        return Answer(
            WARN,
            f"{short_name(rights.principal)}: {decision}",
            "ssm:StartSession goes round the cluster's exec logging: deny it on ECS tasks.",
            "operator-policy",
        )
    return Answer(PASS, "ssm:StartSession on the task is not allowed")
