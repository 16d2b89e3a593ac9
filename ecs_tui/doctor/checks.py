"""The declared list of checks. To add one, write its judgement and append it to `CHECKS`.

What each rests on: "Using ECS Exec" and "Troubleshooting ECS Exec" in the ECS developer guide, and
what the public script amazon-ecs-exec-checker looks at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ecs_tui.doctor.facts import DATA_KEY, SSM_SESSION, Fact, Facts, permission_of
from ecs_tui.errors import AccessDenied
from ecs_tui.model.arn import short_name
from ecs_tui.model.exec_status import fargate_too_old
from ecs_tui.model.finding import Finding, Outcome
from ecs_tui.model.permission import (
    BUCKET,
    CHANNELS,
    EXECUTE,
    LOGS,
    bucket_arn,
    key_arn,
    log_group_arn,
)
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task

OLDEST_AGENT = (1, 50, 2)
OWN_KEYS = {"AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
PASS, WARN, FAIL, UNKNOWN, SKIP = (
    Outcome.PASS,
    Outcome.WARN,
    Outcome.FAIL,
    Outcome.UNKNOWN,
    Outcome.SKIP,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a judgement returns: outcome, evidence, advice, and the id of a cure."""

    outcome: Outcome
    evidence: str = ""
    advice: str = ""
    cure: str = ""


Judgement = Callable[[Facts, str], Answer]


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Attributes:
        id: Its name in `--json` and in tests.
        question: What it asks, as a person would.
        needs: The facts it looks at.
        judge: Facts and a container's name to an answer.
        each: Whether it is asked of each container, or once for the task.
        decisive: Whether a failure keeps exec from working.
    """

    id: str
    question: str
    needs: tuple[Fact, ...]
    judge: Judgement
    each: bool = False
    decisive: bool = True

    def answer(self, facts: Facts, container: str = "") -> Finding:
        """The finding; unknown, with the permission that is missing, where a fact failed."""
        failed = next((facts.errors[need] for need in self.needs if need in facts.errors), None)
        if failed is not None:
            permission = permission_of(failed)
            if isinstance(failed, AccessDenied):
                found = Answer(
                    UNKNOWN,
                    f"you may not look: {permission} is missing",
                    f"Ask for {permission}, or have somebody look who has it.",
                )
            else:
                found = Answer(UNKNOWN, str(failed))
        else:
            found = self.judge(facts, container)
        return Finding(
            self.id,
            self.question,
            found.outcome,
            found.evidence,
            found.advice,
            found.cure,
            container,
            self.decisive,
        )


def _running(facts: Facts, _: str) -> Answer:
    task = facts.task
    state = f"lastStatus {task.last_status}, desiredStatus {task.desired_status}"
    if task.stopping:
        why = f": {task.stopped_reason}" if task.stopped_reason else ""
        return Answer(FAIL, state + why, "Choose a task that runs.")
    if task.last_status != "RUNNING":
        return Answer(FAIL, state, "Wait until the task runs.")
    return Answer(PASS, state)


def _connected(facts: Facts, _: str) -> Answer:
    state = facts.task.connectivity
    if state == "DISCONNECTED":
        return Answer(FAIL, "connectivity DISCONNECTED", "ECS has lost the task: replace it.")
    return Answer(PASS, f"connectivity {state or 'not told'}")


def _exec_on_task(facts: Facts, _: str) -> Answer:
    if facts.task.exec_enabled:
        return Answer(PASS, "enableExecuteCommand true on the task")
    service = facts.values.get(Fact.SERVICE)
    cure = "enable-exec" if service is not None else "one-off"
    return Answer(
        FAIL,
        "enableExecuteCommand false: exec was off when the task started",
        "It is fixed at a task's start: only new tasks get it.",
        cure,
    )


def _exec_on_service(facts: Facts, _: str) -> Answer:
    service = facts.service
    if service is None:
        return Answer(SKIP, "the task has no service")
    if service.exec_enabled:
        return Answer(PASS, f"enableExecuteCommand true on {service.name}")
    return Answer(
        FAIL if not facts.task.exec_enabled else WARN,
        f"enableExecuteCommand false on {service.name}",
        "Enable it and start a new deployment.",
        "enable-exec",
    )


def _agent(facts: Facts, name: str) -> Answer:
    container = facts.task.container(name)
    agent = container.exec_agent if container is not None else None
    if container is None:
        return Answer(UNKNOWN, f"the task has no container {name}")
    if container.last_status == "STOPPED":
        code = "" if container.exit_code is None else f", exit {container.exit_code}"
        return Answer(FAIL, f"the container has stopped{code}", "Choose a task that runs.")
    if agent is None:
        advice = "Nothing runs in it that ECS could talk to; see the checks above and below."
        return Answer(FAIL, "no ExecuteCommandAgent in managedAgents", advice, "replace-task")
    since = f" since {agent.started_at:%Y-%m-%d %H:%M}" if agent.started_at else ""
    if agent.status == "RUNNING":
        return Answer(PASS, f"ExecuteCommandAgent RUNNING{since}")
    if agent.status == "PENDING":
        advice = "It starts a little after the container. If it stays so: see the role and network."
        return Answer(FAIL, "ExecuteCommandAgent PENDING", advice)
    return Answer(
        FAIL,
        f"ExecuteCommandAgent {agent.status}: {agent.reason or 'no reason given'}",
        "It does not come back by itself: replace the task.",
        "replace-task",
    )


def _platform(facts: Facts, _: str) -> Answer:
    task = facts.task
    if task.launch_type == "EC2" or not task.platform_version:
        return Answer(SKIP, "not on Fargate")
    seen = f"platformVersion {task.platform_version}"
    if fargate_too_old(task):
        return Answer(FAIL, seen, "Deploy on platform version 1.4.0 or LATEST.", "platform")
    return Answer(PASS, seen)


def _agent_version(facts: Facts, _: str) -> Answer:
    instance = facts.instance
    if instance is None:
        return Answer(SKIP, "not on a container instance")
    seen = f"ECS agent {instance.agent_version or 'of unknown version'} on {instance.ec2_id}"
    parts = instance.agent_version.split(".")
    if not all(part.isdigit() for part in parts):
        return Answer(UNKNOWN, seen)
    if tuple(int(part) for part in parts) < OLDEST_AGENT:
        return Answer(FAIL, seen, "Update the instance's ECS agent to 1.50.2 or newer.")
    return Answer(PASS, seen)


def _instance_connected(facts: Facts, _: str) -> Answer:
    instance = facts.instance
    if instance is None:
        return Answer(SKIP, "not on a container instance")
    if instance.agent_connected:
        return Answer(PASS, f"agentConnected true on {instance.ec2_id}")
    return Answer(
        FAIL, f"agentConnected false on {instance.ec2_id}", "Restart the ECS agent there."
    )


def _read_only_root(facts: Facts, name: str) -> Answer:
    declared = facts.definition.container(name)
    if declared is not None and declared.readonly_root:
        return Answer(
            FAIL,
            f"readonlyRootFilesystem true in {facts.task.revision}",
            "The exec agent must write its files: deploy a revision without it.",
        )
    return Answer(PASS, "readonlyRootFilesystem not set")


def _init_process(facts: Facts, name: str) -> Answer:
    declared = facts.definition.container(name)
    if declared is not None and declared.init_process:
        return Answer(PASS, "linuxParameters.initProcessEnabled true")
    return Answer(
        WARN,
        "linuxParameters.initProcessEnabled not set",
        "What a session leaves behind is not reaped: set initProcessEnabled in the definition.",
    )


def _pid_mode(facts: Facts, _: str) -> Answer:
    definition = facts.definition
    if definition.pid_mode == "task" and len(definition.containers) > 1:
        return Answer(
            WARN,
            "pidMode task, shared by several containers",
            "Only one of the containers gets an exec agent.",
        )
    return Answer(PASS, f"pidMode {definition.pid_mode or 'not set'}")


def _own_keys(facts: Facts, name: str) -> Answer:
    declared = facts.definition.container(name)
    names = sorted(OWN_KEYS & set(declared.environment_names if declared else ()))
    if names:
        return Answer(
            WARN,
            f"{', '.join(names)} set in the container",
            "The exec agent would use those keys instead of the task role: remove them.",
        )
    return Answer(PASS, "no AWS keys in the container's environment")


def _role_present(facts: Facts, _: str) -> Answer:
    role = facts.role
    if role.arn:
        return Answer(PASS, f"{short_name(role.arn)} (from {role.source})")
    return Answer(
        FAIL,
        f"no task role in {role.source}",
        "Give the task definition a task role with the policy shown.",
        "task-role-policy",
    )


def _lacks(facts: Facts, actions: tuple[str, ...], resource: str) -> Answer:
    rights = facts.role_rights
    if rights is None:
        return Answer(SKIP, "there is no task role that could be asked about")
    role = short_name(rights.principal)
    lacking = rights.lacking(actions, resource)
    if lacking:
        return Answer(
            FAIL,
            f"{role} may not {', '.join(lacking)} on {resource}",
            "Attach the policy shown to the task role.",
            "task-role-policy",
        )
    return Answer(PASS, f"{role} may {', '.join(actions)}")


def _role_channels(facts: Facts, _: str) -> Answer:
    return _lacks(facts, CHANNELS, "*")


def _role_kms(facts: Facts, _: str) -> Answer:
    key = facts.configuration.kms_key_id
    if not key:
        return Answer(SKIP, "the cluster sets no KMS key for sessions")
    return _lacks(
        facts, ("kms:Decrypt",), key_arn(key, facts.region, facts.account_id, facts.partition)
    )


def _role_logs(facts: Facts, _: str) -> Answer:
    configuration = facts.configuration
    if configuration.logging != "OVERRIDE" or not configuration.log_group:
        return Answer(SKIP, "sessions are not logged to a log group of the cluster")
    first = _lacks(facts, LOGS[:1], "*")
    group = log_group_arn(facts.region, facts.account_id, facts.partition, configuration.log_group)
    return first if first.outcome is FAIL else _lacks(facts, LOGS[1:], group)


def _role_bucket(facts: Facts, _: str) -> Answer:
    configuration = facts.configuration
    if configuration.logging != "OVERRIDE" or not configuration.s3_bucket:
        return Answer(SKIP, "sessions are not logged to a bucket")
    bucket = bucket_arn(facts.partition, configuration.s3_bucket)
    first = _lacks(facts, BUCKET[:1], f"{bucket}/*")
    return first if first.outcome is FAIL else _lacks(facts, BUCKET[1:], bucket)


def _way(facts: Facts, _: str) -> Answer:
    way = facts.way
    if way is None:
        return Answer(UNKNOWN, "the task's subnet is not known")
    if way.endpoint:
        return Answer(PASS, f"endpoint {way.endpoint} for ssmmessages in {way.vpc}")
    if way.out:
        return Answer(PASS, f"default route of {way.subnet} to {way.out}")
    return Answer(
        WARN,
        f"{way.subnet} has no default route, and {way.vpc} no endpoint for ssmmessages",
        f"Create an interface endpoint com.amazonaws.{facts.region}.ssmmessages in {way.vpc}.",
    )


def _caller_exec(facts: Facts, name: str) -> Answer:
    rights = facts.caller_rights.get(name)
    decision = rights.of(EXECUTE, facts.task.arn) if rights is not None else None
    if rights is None or decision is None:
        return Answer(UNKNOWN, "IAM's simulator did not say")
    who = short_name(rights.principal)
    if decision.allowed:
        return Answer(PASS, f"{who}: {decision}")
    tagged = ", ".join(f"{key}={value}" for key, value in sorted(facts.task.tags.items()))
    cure = "operator-policy"
    if not facts.task.tags:
        tagged, cure = "the task has no tags", "tag-task"
        if "TAGS" in facts.task.not_read:
            return Answer(
                UNKNOWN, f"{who}: {decision}, without the task's tags: they were not read"
            )
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


def _caller_key(facts: Facts, name: str) -> Answer:
    key = facts.configuration.kms_key_id
    if not key:
        return Answer(SKIP, "the cluster sets no KMS key for sessions")
    rights = facts.caller_rights.get(name)
    arn = key_arn(key, facts.region, facts.account_id, facts.partition)
    decision = rights.of(DATA_KEY, arn) if rights is not None else None
    if rights is None or decision is None:
        return Answer(UNKNOWN, "IAM's simulator did not say")
    if decision.allowed:
        return Answer(PASS, f"{short_name(rights.principal)}: {decision}")
    return Answer(
        FAIL,
        f"{short_name(rights.principal)} may not {DATA_KEY} on {arn}: {decision}",
        "Sessions of this cluster are encrypted with that key.",
        "operator-policy",
    )


def _bypass(facts: Facts, name: str) -> Answer:
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


def _recorded(facts: Facts, _: str) -> Answer:
    configuration = facts.configuration
    if configuration.logging == "NONE":
        return Answer(WARN, "logging NONE: what is done in sessions is not recorded")
    return Answer(PASS, f"logging {configuration.logging}: {configuration.destination()}")


def _plugin(facts: Facts, _: str) -> Answer:
    plugin = facts.plugin
    if plugin.warning:
        return Answer(WARN, plugin.warning)
    if plugin.builtin:
        return Answer(PASS, "session-manager-plugin is not on PATH: the built-in client is used")
    return Answer(PASS, plugin.words)


def _shell(facts: Facts, _: str) -> Answer:
    if "no such file or directory" in facts.said:
        return Answer(FAIL, facts.said, "The image has no such shell: choose another with --shell.")
    if "Plugin with name InteractiveCommands not found" in facts.said:
        return Answer(FAIL, facts.said, "The exec agent is broken: replace the task.")
    return Answer(SKIP, "no session has failed yet; an image cannot be looked into from outside")


_T, _S, _C, _D = Fact.TASK, Fact.SERVICE, Fact.CLUSTER, Fact.DEFINITION
CHECKS: tuple[Check, ...] = (
    Check("task-running", "Is the task running?", (_T,), _running),
    Check("task-connected", "Is the task connected to ECS?", (_T,), _connected),
    Check("exec-on-task", "Was exec on when the task started?", (_T, _S), _exec_on_task),
    Check("exec-on-service", "Is exec on for the service's next tasks?", (_T, _S),
          _exec_on_service, decisive=False),
    Check("agent", "Does the exec agent run?", (_T,), _agent, each=True),
    Check("platform-version", "Is the Fargate platform new enough?", (_T,), _platform),
    Check("agent-version", "Is the instance's ECS agent new enough?", (Fact.INSTANCE,),
          _agent_version),
    Check("instance-connected", "Is the instance connected?", (Fact.INSTANCE,),
          _instance_connected),
    Check("read-only-root", "Can the exec agent write its files?", (_T, _D), _read_only_root,
          each=True),
    Check("init-process", "Is what sessions leave behind reaped?", (_D,), _init_process,
          each=True, decisive=False),
    Check("pid-mode", "Does each container have its own processes?", (_D,), _pid_mode,
          decisive=False),
    Check("own-keys", "Is the container free of AWS keys?", (_D,), _own_keys, each=True,
          decisive=False),
    Check("task-role", "Is there a task role?", (Fact.ROLE,), _role_present),
    Check("role-channels", "May the task role open ssmmessages channels?", (Fact.ROLE_RIGHTS,),
          _role_channels),
    Check("role-key", "May the task role use the session key?", (_T, _C, Fact.ROLE_RIGHTS),
          _role_kms),
    Check("role-logs", "May the task role write the session log?", (_T, _C, Fact.ROLE_RIGHTS),
          _role_logs),
    Check("role-bucket", "May the task role write to the log bucket?",
          (_C, Fact.ROLE_RIGHTS), _role_bucket),
    Check("network", "Is there a way to ssmmessages?", (Fact.WAY,), _way, decisive=False),
    Check("caller-exec", "May you exec into it?", (_T, _S, Fact.CALLER_RIGHTS), _caller_exec,
          each=True),
    Check("caller-key", "May you use the session key?", (_T, _C, Fact.CALLER_RIGHTS), _caller_key,
          each=True),
    Check("bypass", "Is there no way round the record?", (_T, Fact.CALLER_RIGHTS), _bypass,
          each=True, decisive=False),
    Check("recorded", "Are sessions recorded?", (_C,), _recorded, decisive=False),
    Check("plugin", "Is there a session client?", (Fact.PLUGIN,), _plugin, decisive=False),
    Check("shell", "Has the image a shell?", (), _shell),
)  # fmt: skip


def containers_of(task: Task, wanted: str) -> tuple[str, ...]:
    """The containers that are asked about: the one wanted, or all."""
    return (wanted,) if wanted else tuple(item.name for item in task.containers)
