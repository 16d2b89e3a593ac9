"""Sessions at AWS that were never requested are not ended; whether a task runs Windows."""

from __future__ import annotations

import pytest

from ecs_tui.aws.account import Account, Credentials
from ecs_tui.model.container_instance import ContainerInstance
from ecs_tui.model.task import Task
from ecs_tui.model.task_definition import TaskDefinition
from ecs_tui.session.platform import on_windows
from ecs_tui.session.remote import RemoteSession, wait_for_terminations
from ecs_tui.session.target import Target

TASK = Task("arn", "id", "prod", container_instance_arn="instance")


def account() -> Account:
    return Account(None, "eu-west-1", credentials=Credentials("A", "s"))


@pytest.mark.asyncio
async def test_a_session_that_ecs_was_never_asked_for_is_not_ended() -> None:
    remote = RemoteSession(account(), Target("prod", "arn", "app", "1-2"), "/bin/sh")
    remote.terminate()
    await remote.terminated(0.0)
    await wait_for_terminations(0.0)
    assert remote.session_id == "" and remote.termination_error is None


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("family", "os_type", "windows"),
    [
        ("WINDOWS_SERVER_2022_CORE", "", True),
        ("LINUX", "windows", False),  # the definition says it first
        ("", "windows", True),
        ("", "linux", False),
    ],
)
async def test_nothing_is_asked_where_it_is_known(family: str, os_type: str, windows: bool) -> None:
    definition = TaskDefinition("arn", "web", 1, os_family=family)
    instance = ContainerInstance("instance", "i", "prod", os_type=os_type)
    assert await on_windows(account(), TASK, definition, instance) is windows
