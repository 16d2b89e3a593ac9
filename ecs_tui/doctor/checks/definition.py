"""What the task definition says."""

from __future__ import annotations

from ecs_tui.doctor.checks.check import FAIL, PASS, UNKNOWN, WARN, Answer
from ecs_tui.doctor.facts import Facts
from ecs_tui.model.task_definition import ContainerDefinition

OWN_KEYS = {"AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
WRITTEN_TO = ("/managed-agents", "/var/lib/amazon/ssm", "/var/log/amazon/ssm")
"""Where the exec agent writes: aws/containers-roadmap issue 1359. Not promised by AWS."""
PROXIES = {"HTTP_PROXY", "HTTPS_PROXY"}
"""Set for the agent too, which must reach 169.254.170.2 without a proxy for its credentials."""


def read_only_root(facts: Facts, name: str) -> Answer:
    """Whether the agent finds the folders that it writes to."""
    declared = facts.definition.container(name)
    if declared is None or not declared.readonly_root:
        return Answer(PASS, "readonlyRootFilesystem not set")
    lacking = [path for path in WRITTEN_TO if not _writable(declared, path)]
    if not lacking:
        return Answer(PASS, "readonlyRootFilesystem true, with writable mounts for the exec agent")
    return Answer(
        FAIL,
        f"readonlyRootFilesystem true in {facts.task.revision}, "
        f"and no writable mount at {', '.join(lacking)}",
        "The exec agent must write its files: deploy a revision without it, or with such mounts.",
    )


def _writable(declared: ContainerDefinition, path: str) -> bool:
    return any(f"{path}/".startswith(f"{mount.rstrip('/')}/") for mount in declared.writable_mounts)


def init_process(facts: Facts, name: str) -> Answer:
    """Whether what a session leaves behind is reaped."""
    declared = facts.definition.container(name)
    if declared is not None and declared.init_process:
        return Answer(PASS, "linuxParameters.initProcessEnabled true")
    return Answer(
        WARN,
        "linuxParameters.initProcessEnabled not set",
        "What a session leaves behind is not reaped: set initProcessEnabled in the definition.",
    )


def pid_mode(facts: Facts, _: str) -> Answer:
    """Whether each container has its own processes, and so its own agent."""
    definition = facts.definition
    if definition.pid_mode == "task" and len(definition.containers) > 1:
        return Answer(
            WARN,
            "pidMode task, shared by several containers",
            "Only one of the containers gets an exec agent.",
        )
    return Answer(PASS, f"pidMode {definition.pid_mode or 'not set'}")


def own_keys(facts: Facts, name: str) -> Answer:
    """Whether the agent would take keys of the container's own."""
    declared = facts.definition.container(name)
    names = sorted(OWN_KEYS & _names(declared))
    if names:
        return Answer(
            WARN,
            f"{', '.join(names)} set in the container",
            "The exec agent would use those keys instead of the task role: remove them.",
        )
    if declared is not None and declared.environment_files:
        return Answer(UNKNOWN, "environmentFiles set: what they hold is not known here")
    return Answer(PASS, "no AWS keys in the container's environment")


def proxy(facts: Facts, name: str) -> Answer:
    """Whether the agent would ask a proxy for its credentials."""
    declared = facts.definition.container(name)
    names = {item.upper() for item in _names(declared)}
    if not names & PROXIES:
        if declared is not None and declared.environment_files:
            return Answer(UNKNOWN, "environmentFiles set: what they hold is not known here")
        return Answer(PASS, "no proxy in the container's environment")
    seen = ", ".join(sorted(names & PROXIES))
    if "NO_PROXY" in names:
        # Its value is not kept: it may be a secret like any other.
        return Answer(PASS, f"{seen} with NO_PROXY: see that it names 169.254.170.2")
    return Answer(
        WARN,
        f"{seen} set without NO_PROXY",
        "The exec agent cannot get the task role's credentials through a proxy: "
        "set NO_PROXY=169.254.170.2.",
    )


def restarts(facts: Facts, name: str) -> Answer:
    """Whether a session may end because the container restarts."""
    declared = facts.definition.container(name)
    if declared is not None and declared.restarts:
        return Answer(
            WARN,
            "restartPolicy enabled",
            "A restart within the task ends the sessions in this container.",
        )
    return Answer(PASS, "restartPolicy not enabled")


def _names(declared: ContainerDefinition | None) -> set[str]:
    """The names in its environment, given plainly or as secrets."""
    return set(declared.environment_names + declared.secret_names) if declared else set()
