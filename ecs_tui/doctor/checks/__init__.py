"""The declared list of checks. To add one, write its judgement and append it to `CHECKS`.

What each rests on: "Using ECS Exec" and "Troubleshooting ECS Exec" in the ECS developer guide, and
what the public script amazon-ecs-exec-checker looks at.
"""

from __future__ import annotations

from ecs_tui.doctor.checks import definition, permission, session, task
from ecs_tui.doctor.checks.check import Answer, Check
from ecs_tui.doctor.facts import Fact
from ecs_tui.model.task import Task

__all__ = ["CHECKS", "Answer", "Check", "containers_of"]

_T, _S, _C, _D = Fact.TASK, Fact.SERVICE, Fact.CLUSTER, Fact.DEFINITION
_I, _R, _Y = Fact.INSTANCE, Fact.ROLE_RIGHTS, Fact.CALLER_RIGHTS
CHECKS: tuple[Check, ...] = (
    Check("task-running", "Is the task running?", (_T,), task.running),
    Check("task-connected", "Is the task connected to ECS?", (_T,), task.connected),
    Check("exec-on-task", "Was exec on when the task started?", (_T,), task.exec_on_task,
          also=(_S,)),
    Check("exec-on-service", "Is exec on for the service's next tasks?", (_T, _S),
          task.exec_on_service, decisive=False),
    Check("agent", "Does the exec agent run?", (_T,), task.exec_agent, each=True, also=(_D,)),
    Check("platform-version", "Is the Fargate platform new enough?", (_T,), task.platform,
          starts=True),
    Check("agent-version", "Is the instance's ECS agent new enough?", (_T, _I),
          task.agent_version, starts=True),
    Check("instance-connected", "Is the instance connected?", (_I,), task.instance_connected),
    Check("read-only-root", "Can the exec agent write its files?", (_T, _D),
          definition.read_only_root, each=True, starts=True, linux=True),
    Check("init-process", "Is what sessions leave behind reaped?", (_D,),
          definition.init_process, each=True, decisive=False, linux=True),
    Check("pid-mode", "Does each container have its own processes?", (_D,),
          definition.pid_mode, decisive=False, linux=True),
    Check("own-keys", "Is the container free of AWS keys?", (_D,), definition.own_keys,
          each=True, decisive=False),
    Check("proxy", "Does the exec agent reach its credentials?", (_D,), definition.proxy,
          each=True, decisive=False),
    Check("restarts", "Does the container stay while its task runs?", (_D,),
          definition.restarts, each=True, decisive=False),
    Check("task-role", "Is there a task role?", (Fact.ROLE,), permission.role_present),
    Check("role-channels", "May the task role open ssmmessages channels?", (_R,),
          permission.role_channels),
    Check("role-key", "May the task role use the session key?", (_T, _C, _R),
          permission.role_kms),
    Check("role-logs", "May the task role write the session log?", (_T, _C, _R),
          permission.role_logs),
    Check("role-bucket", "May the task role write to the log bucket?", (_T, _C, _R),
          permission.role_bucket),
    Check("network", "Is there a way to the services of a session?", (_T, Fact.WAY),
          session.network, decisive=False),
    Check("caller-exec", "May you exec into it?", (_T, _Y), permission.caller_exec,
          each=True, also=(_S,), unknown_decides=False),
    Check("caller-key", "May you use the session key?", (_T, _C, _Y), permission.caller_key,
          each=True, unknown_decides=False),
    Check("bypass", "Is there no way round the record?", (_T, _Y), permission.bypass,
          each=True, decisive=False),
    Check("recorded", "Are sessions recorded?", (_C,), session.recorded, decisive=False),
    Check("log-encryption", "Is the session log encrypted where it must be?",
          (_C, Fact.LOG_GROUP), session.log_encryption, unknown_decides=False),
    Check("plugin", "Is there a session client?", (Fact.PLUGIN,), session.plugin,
          decisive=False),
    Check("shell", "Has the image a shell?", (), task.shell),
)  # fmt: skip


def containers_of(of: Task, wanted: str) -> tuple[str, ...]:
    """The containers that are asked about: the one wanted, or all."""
    return (wanted,) if wanted else tuple(item.name for item in of.containers)
