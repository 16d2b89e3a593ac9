"""Which command a session runs, and what is said if the image lacks it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from ecs_tui.aws.account import Account
from ecs_tui.config.settings import ShellSettings
from ecs_tui.config.shell_memory import ShellMemory
from ecs_tui.model.command import Origin, ShellCommand
from ecs_tui.session.command_choice import command_for, image_lacks, missing_program
from ecs_tui.session.session import Session
from ecs_tui.session.state import Ending
from ecs_tui.session.target import Target

TARGET = Target("prod", "task/1", "app", "r", family="web")
WINDOWS = Target("prod", "task/1", "app", "r", family="web", windows=True)
MEMORY = ShellMemory(commands={"web/app": "bash", "web/log": "ash"})
NOT_FOUND = 'exec: "bash": executable file not found in $PATH'


@pytest.mark.parametrize(
    ("target", "shell", "memory", "command"),
    [
        (TARGET, ShellSettings(), ShellMemory(), ShellCommand("/bin/sh", Origin.PLATFORM)),
        (WINDOWS, ShellSettings(), ShellMemory(), ShellCommand("cmd.exe", Origin.PLATFORM)),
        (TARGET, ShellSettings(), MEMORY, ShellCommand("bash", Origin.REMEMBERED)),
        (TARGET, ShellSettings(command="zsh"), MEMORY, ShellCommand("bash", Origin.REMEMBERED)),
        (TARGET, ShellSettings(command="zsh"), ShellMemory(), ShellCommand("zsh", Origin.CONFIG)),
        (
            TARGET,
            ShellSettings(families={"web": "ksh"}),
            MEMORY,
            ShellCommand("ksh", Origin.FAMILY),
        ),
        (TARGET, ShellSettings(given="fish"), MEMORY, ShellCommand("fish", Origin.GIVEN)),
    ],
)
def test_the_command_of_a_shell(
    target: Target, shell: ShellSettings, memory: ShellMemory, command: ShellCommand
) -> None:
    assert command_for(target, shell, memory) == command


@pytest_asyncio.fixture
async def account() -> AsyncIterator[Account]:
    """An account that nothing is called in."""
    made = Account(None, "us-east-1", "http://127.0.0.1:9")
    yield made
    await made.close()


def ended(account: Account, line: str, ending: Ending, reason: str) -> Session:
    session = Session(account, TARGET, line, lambda data: None, lambda: None)
    session.ending, session.reason = ending, reason
    return session


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("ending", "reason", "lacks"),
    [
        (Ending.TOLD, NOT_FOUND, True),
        (Ending.TOLD, "The session timed out due to inactivity.", False),
        (Ending.EXITED, NOT_FOUND, False),
        (Ending.LOST, NOT_FOUND, False),
    ],
)
async def test_only_the_agent_knows_that_the_image_lacks_it(
    account: Account, ending: Ending, reason: str, lacks: bool
) -> None:
    assert image_lacks(ended(account, "bash", ending, reason)) == lacks


@pytest.mark.asyncio
async def test_other_shells_are_left_to_try_until_none_is(account: Account) -> None:
    session = ended(account, "bash", Ending.TOLD, NOT_FOUND)
    found = missing_program(session, ["/bin/sh", "bash"])
    assert found.what == "The image of app has no bash."
    assert found.left == ("sh", "/bin/bash", "/busybox/sh")
    assert found.advice == "Try sh."
    every = ["/bin/sh", "bash", "sh", "/bin/bash", "/busybox/sh"]
    found = missing_program(session, every)
    assert found.what == "The image of app has no shell."
    assert (found.left, found.advice.startswith("Tried: /bin/sh, bash")) == ((), True)


@pytest.mark.asyncio
async def test_an_agent_of_windows_leads_to_shells_of_windows(account: Account) -> None:
    said = "Unable to create process. The system cannot find the file specified."
    session = ended(account, "/bin/sh", Ending.TOLD, said)
    assert missing_program(session, ["/bin/sh"]).left[0] == "cmd.exe"


@pytest.mark.asyncio
async def test_another_program_has_no_shell_in_its_place(account: Account) -> None:
    session = ended(account, "A=1 rake", Ending.TOLD, NOT_FOUND)
    found = missing_program(session, ["A=1 rake"])
    assert found.left == ()
    assert "without a shell" in found.advice
