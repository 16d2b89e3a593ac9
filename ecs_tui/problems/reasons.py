"""What AWS's reasons for a stopped task mean: one table, the specific ones before the general ones.

The prefixes and sentences are AWS's, from "Stopped tasks error messages" in the ECS developer guide. They
have changed before, so that each pattern asks for as few words as possible.
"""

from __future__ import annotations

import re

from ecs_tui.problems import sources
from ecs_tui.record import dataclass


@dataclass(frozen=True, slots=True)
class StopReason:
    """A cause that AWS names in the reason of a task or of a container.

    Attributes:
        id: The id of the cause.
        pattern: What the reason contains.
        words: The cause in a few words.
        source: The AWS page that names it.
        ours: Whether the program or its configuration failed; False where AWS's capacity or
            maintenance ended the task.
    """

    id: str
    pattern: re.Pattern[str]
    words: str
    source: str = sources.STOPPED_TASKS
    ours: bool = True


def _reason(
    id: str, pattern: str, words: str, source: str = sources.STOPPED_TASKS, *, ours: bool = True
) -> StopReason:
    return StopReason(id, re.compile(pattern, re.IGNORECASE | re.DOTALL), words, source, ours)


MAX_CHARACTERS = 2_000
"""Characters of a reason or a message that are looked at. AWS's are shorter; the time that a pattern
takes grows with the square of the length of a text that somebody has made for it."""
_PULL = r"(CannotPull|registry auth|\becr\b|pull image|pull access)"
_DENIED = r"(denied|unauthorized|no basic auth|\b40[13]\b|not authorized|authentication|login)"
_NO_ROUTE = (
    r"i.o timeout|dial tcp|connection (timed out|refused|issue|reset)|no such host"
    r"|context deadline exceeded|Client\.Timeout|request canceled|network configuration"
    r"|TLS handshake timeout|no route to host"
)
REASONS: tuple[StopReason, ...] = (
    _reason("out-of-memory", r"OutOfMemory", "out of memory"),
    _reason(
        "load-balancer-health", r"ELB health check|(load balancer|target.?group).*health check",
        "health check of the load balancer failed", sources.TARGET_HEALTH,
    ),
    _reason(
        "container-health", r"failed container health check", "health check of a container failed",
        sources.HEALTH_CHECKS,
    ),
    _reason(
        "image-rate-limit", r"toomanyrequests|too many requests|rate limit",
        "the registry limits pulls",
    ),
    _reason(
        "architecture-mismatch", r"exec format error|matching platform|match(es)? for platform"
        r"|matching manifest|platform.*does not match", "the image is for another CPU architecture",
    ),
    _reason("disk-full", r"no space left|DiskFull|disk is full", "the disk is full"),
    _reason(
        "volume-mount", r"VolumeError|\bEFS\b|mount\.nfs|mounting|failed to mount",
        "a volume cannot be mounted",
    ),
    _reason(
        "image-auth", rf"{_PULL}.*{_DENIED}", "the image may not be pulled",
    ),
    _reason(
        "secret-not-readable", rf"(\bsecrets?\b|secretsmanager|\bssm\b).*{_DENIED}",
        "a secret or parameter may not be read", sources.SECRETS,
    ),
    _reason(
        "no-route", _NO_ROUTE, "the task cannot reach what it needs to start",
    ),
    _reason(
        "image-not-found", r"CannotPull.*(not found|unknown|does not exist)|manifest unknown"
        r"|failed to resolve ref", "the registry does not have the image",
    ),
    _reason("image-pull", r"CannotPull", "the image cannot be pulled"),
    _reason("image-auth", rf"{_PULL}|GetAuthorizationToken", "the registry refuses the login"),
    _reason(
        "log-group-missing", r"log group does not exist|(logger|log stream|log driver|CreateLog).*"
        r"ResourceNotFound", "the log group does not exist",
    ),
    _reason(
        "log-driver", r"logger args|logging driver|log driver|awslogs|CreateLog(Group|Stream)",
        "the log driver cannot start",
    ),
    _reason(
        "secret-not-readable", r"\bsecrets?\b|secretsmanager|\bssm\b|parameter store",
        "a secret or parameter cannot be read", sources.SECRETS,
    ),
    _reason(
        "eni-timeout", r"network interface|\bENI\b|trunk|addresses? (in|on) (the )?subnet",
        "its network interface did not come up",
    ),
    _reason(
        "role-not-assumable", r"unable to assume|AssumeRole|assume (the |your )?role",
        "a role of the task cannot be assumed",
    ),
    _reason(
        "no-capacity-fargate", r"capacity is unavailable|capacity unavailable|insufficient capacity"
        r"|did not have (enough|sufficient) capacity", "AWS had no capacity", sources.SERVICE_EVENTS,
        ours=False,
    ),
    _reason(
        "entrypoint-not-found", r"executable file not found|no such file or directory"
        r"|(exec|runc|OCI).*permission denied", "the program is not in the image or not executable",
        sources.EXIT_CODES,
    ),
    _reason(
        "container-start", r"CannotStartContainer|CannotCreateContainer|ContainerRuntime"
        r"|DockerTimeout|CannotInspect|OCI runtime", "a container cannot be started",
    ),
    _reason(
        "task-retirement", r"retire|scheduled maintenance|underlying (hardware|infrastructure)",
        "AWS retired the task", sources.RETIREMENT, ours=False,
    ),
    _reason(
        "instance-lost", r"Host EC2|instance .*(terminated|stopped)|instance .*deregister",
        "its container instance ended", ours=False,
    ),
    _reason("spot-interruption", r"\bspot\b", "Spot interruption", sources.SPOT, ours=False),
    _reason(
        "resource-initialization", r"ResourceInitialization", "its resources cannot be initialized"
    ),
)  # fmt: skip
"""The first that fits wins."""
_EITHER = re.compile(r"unable to pull secrets or registry auth", re.IGNORECASE)
"""The agent's words for both; what follows tells which of them it was."""
_UNSPECIFIC = StopReason(
    "secret-not-readable", _EITHER, "secrets or the registry cannot be reached", sources.SECRETS
)


def reason_of(texts: list[str]) -> tuple[StopReason, int] | None:
    """The cause that some reasons name, and which of them names it; None if none does.

    Args:
        texts: The task's reason, and those of its containers.
    """
    texts = [text[:MAX_CHARACTERS] for text in texts]
    plain = [_EITHER.sub("", text) for text in texts]
    for each in REASONS[:-1]:
        for number, text in enumerate(plain):
            if text and each.pattern.search(text):
                return each, number
    for each in (_UNSPECIFIC, REASONS[-1]):
        for number, text in enumerate(texts):
            if each.pattern.search(text):
                return each, number
    return None
