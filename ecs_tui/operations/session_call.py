"""Runs a command in a container as the call of a plan: a session is opened, and ended with the command."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import ecs
from ecs_tui.errors import ResourceGone, SessionError
from ecs_tui.model.text import clean
from ecs_tui.session.plugin import PluginChoice
from ecs_tui.session.session import Ending, Session, State, Target

SESSION_SECONDS = 60.0
"""Seconds after which a command that has not ended is ended with its session."""


async def run_in_container(account: Account, parameters: Mapping[str, Any], reason: str) -> str:
    """Run a command in a session of its own; returns the session's ID once it has ended.

    What the command prints is dropped. A session that is cancelled is ended too.

    Args:
        account: The account to call.
        parameters: Those of ExecuteCommand: cluster, task, container and command.
        reason: Why, for the session log, and for `require_reason` of the policy.

    Raises:
        AwsError: ECS opened no session.
        ResourceGone: The task or the container does not run any more.
        SessionError: It was opened, and ended otherwise than by the end of the command.
    """
    cluster, task, name = (str(parameters[key]) for key in ("cluster", "task", "container"))
    found = await ecs.describe_tasks(account, cluster, [task])
    container = found[0].container(name) if found else None
    if container is None:
        raise ResourceGone(f"Container {clean(name)} of task {clean(task)} does not run any more.")
    ended = asyncio.Event()

    def changed() -> None:
        if session.state is State.CLOSED:
            ended.set()

    session = Session(
        account, Target.of(found[0], container), str(parameters["command"]), lambda _: None, changed,
        plugin=PluginChoice.BUILTIN, reason=reason,
    )  # fmt: skip
    try:
        await session.start()
        async with asyncio.timeout(SESSION_SECONDS):
            await ended.wait()
    except TimeoutError:
        pass  # the command goes on: it is ended with its session
    finally:
        await session.close()
    if session.error is not None:
        raise session.error
    if session.ending not in (Ending.EXITED, Ending.HERE):
        raise SessionError(f"The session in {clean(name)} failed: {clean(session.reason)}.")
    return session.session_id
