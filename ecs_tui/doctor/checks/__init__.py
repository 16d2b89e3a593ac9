"""The list of checks. To add one, write its function and append it to `CHECKS`.

Sources: "Using ECS Exec" and "Troubleshooting ECS Exec" in the ECS developer guide, and the checks
of the public script amazon-ecs-exec-checker.
"""

from __future__ import annotations

from ecs_tui.doctor.checks import definition, permission, session, task
from ecs_tui.doctor.checks.check import Check, CheckResult
from ecs_tui.doctor.facts import (
    CallerRights,
    ConfigurationFact,
    DefinitionFact,
    InstanceFact,
    KeyFact,
    LogGroupFact,
    NetworkFact,
    PluginFact,
    RoleRights,
    ServiceFact,
    TaskFact,
    TaskRole,
)
from ecs_tui.model.task import Task

__all__ = ["CHECKS", "Check", "CheckResult", "containers_of"]

_T, _S, _D, _X = TaskFact, ServiceFact, DefinitionFact, ConfigurationFact
_I, _K, _R, _Y = InstanceFact, KeyFact, RoleRights, CallerRights
CHECKS: tuple[Check, ...] = (
    Check("task-running", "Task running", (_T,), task.running, also=(_S,)),
    Check("task-connected", "Task connected to ECS", (_T,), task.connected),
    Check("exec-on-task", "ECS Exec enabled on the task", (_T,), task.exec_on_task,
          also=(_S,)),
    Check("exec-on-service", "ECS Exec enabled on the service", (_T, _S),
          task.exec_on_service, decisive=False),
    Check("agent", "Exec agent running", (_T,), task.exec_agent, each=True, also=(_D,)),
    Check("platform-version", "Fargate platform 1.4.0 or later", (_T,), task.platform,
          starts=True),
    Check("agent-version", "ECS agent 1.50.2 or later", (_T, _I),
          task.agent_version, starts=True),
    Check("instance-connected", "Container instance connected", (_I,), task.instance_connected),
    Check("read-only-root", "Root filesystem writable", (_T, _D),
          definition.read_only_root, each=True, starts=True, linux=True),
    Check("init-process", "Init process enabled (reaps orphans)", (_D,),
          definition.init_process, each=True, decisive=False, linux=True),
    Check("pid-mode", "PID namespace not shared", (_D,),
          definition.pid_mode, decisive=False, linux=True),
    Check("own-keys", "No AWS keys in the environment", (_D,), definition.own_keys,
          each=True, decisive=False),
    Check("proxy", "Exec agent can reach its credentials", (_D,), definition.proxy,
          each=True, decisive=False),
    Check("restarts", "No restart policy on the container", (_D,),
          definition.restarts, each=True, decisive=False),
    Check("task-role", "Task role attached", (TaskRole,), permission.role_present),
    Check("role-channels", "Task role allows ssmmessages", (_R,),
          permission.role_channels),
    Check("role-key", "Task role can use the session KMS key", (_T, _K, _R),
          permission.role_kms),
    Check("role-logs", "Task role can write session logs", (_T, _X, _R),
          permission.role_logs),
    Check("role-bucket", "Task role can write to the log bucket", (_T, _X, _R),
          permission.role_bucket),
    Check("network", "Network path to ssmmessages, KMS and logs", (_T, NetworkFact),
          session.network, also=(_X,), decisive=False),
    Check("caller-exec", "You are allowed ecs:ExecuteCommand", (_T, _Y), permission.caller_exec,
          each=True, also=(_S,), unknown_decides=False),
    Check("caller-key", "You can use the session KMS key", (_T, _K, _Y), permission.caller_key,
          each=True, unknown_decides=False),
    Check("bypass", "ssm:StartSession bypass blocked", (_T, _Y), permission.bypass,
          each=True, decisive=False),
    Check("recorded", "Sessions logged", (_X,), session.recorded, decisive=False),
    Check("log-encryption", "Session log encrypted if required",
          (_X, LogGroupFact), session.log_encryption, unknown_decides=False),
    Check("plugin", "Session client available", (PluginFact,), session.plugin,
          decisive=False),
    Check("shell", "Shell present in the image", (), task.shell),
)  # fmt: skip


def containers_of(of: Task, wanted: str) -> tuple[str, ...]:
    """The names of the containers to check: `wanted`, or all of the task's if it is ""."""
    return (wanted,) if wanted else tuple(item.name for item in of.containers)
