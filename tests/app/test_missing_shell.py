"""A shell that the image lacks: others are offered, tried, remembered; shells with other commands.

The far end is scripted: its image has some programs, and for others it fails as a real agent does.
"""

from __future__ import annotations

import asyncio
import copy
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
from textual.pilot import Pilot

from ecs_tui.config.settings import ShellSettings
from ecs_tui.config.shell_memory import ShellMemory
from ecs_tui.model.command import LINUX_SHELLS, program_of
from ecs_tui.ui.app import EcsTuiApp
from ecs_tui.ui.dialogs.command import CommandScreen
from ecs_tui.ui.dock.pane import ShellPane
from ecs_tui.ui.dock.shell_choice import PROVED_SECONDS
from tests.support.app import PREFIX, names, running_app, screen_text, shell_text
from tests.support.limits import until
from tests.support.peer import MISSING_PROGRAM, OUTPUT, Peer
from tests.support.stub_aws import StubAws
from tests.support.stub_session import PROMPT, answers, handshake

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("stub_keys")]


@dataclass
class Image:
    """The app on a task whose image has some programs.

    Attributes:
        asked: The commands of ExecuteCommand, in order.
    """

    app: EcsTuiApp
    pilot: Pilot[None]
    stub: StubAws
    asked: list[str] = field(default_factory=list)

    @property
    def pane(self) -> ShellPane:
        return self.app.browser.dock.panes[-1]

    async def shows(self, *words: str) -> None:
        def shown() -> bool:
            text = " ".join(screen_text(self.app).split())
            return all(each in text for each in words)

        try:
            await until(shown, "")
        except AssertionError:
            raise AssertionError(f"{words}\n{screen_text(self.app)}") from None

    async def shell(self, *keys: str) -> None:
        """Open a shell with a key of the list, and wait for ExecuteCommand."""
        before = len(self.asked)
        await self.pilot.press(*keys)
        await until(lambda: len(self.asked) > before, "ECS is asked for a session")

    async def prompt(self) -> None:
        await until(lambda: PROMPT in shell_text(self.pane), "a prompt")

    async def lives_for_a_tick(self) -> None:
        await until(lambda: self.pane.shell.proved, "it has shown that its command starts")
        opened = self.pane.session.opened_at
        assert opened is not None and time.monotonic() - opened > PROVED_SECONDS


async def _far_end(peer: Peer, asked: list[str], programs: set[str], error: str) -> None:
    """Answer sessions as the agent does: a prompt, or an error if the image lacks the program."""

    async def wait(condition: Any, what: str) -> None:
        await until(condition, what, 60)

    for number in count():
        await wait(lambda number=number: len(asked) > number, "a session")
        program = program_of(asked[number])
        await handshake(peer, wait)
        if program in programs:
            await peer.send(OUTPUT, f"{PROMPT} ".encode())
        else:
            await peer.close_channel(json.dumps({"Output": error.format(program)}).encode())


@asynccontextmanager
async def image(
    stub: StubAws,
    *programs: str,
    size: tuple[int, int] = (139, 40),
    error: str = MISSING_PROGRAM,
    change: Any = None,
    **settings: Any,
) -> AsyncIterator[Image]:
    async with Peer() as peer:
        stub.answers = copy.deepcopy(answers(peer.url))
        if change is not None:
            change(stub.answers)
        asked: list[str] = []
        session = stub.answers["ecs:ExecuteCommand"]

        def execute(body: str) -> Any:
            peer.forget()  # now: the client connects as soon as it has the answer
            asked.append(json.loads(body)["command"])
            return session

        stub.answers["ecs:ExecuteCommand"] = execute
        job = asyncio.ensure_future(_far_end(peer, asked, set(programs), error))
        settings = {
            "plugin": "builtin",
            "cache": False,
            "cluster": "stub",
            "service": "web",
        } | settings
        try:
            async with running_app(stub.account(), size, **settings) as (app, pilot):
                await until(lambda: names(app) and app.browser.table.rows[0].containers, "a task")
                yield Image(app, pilot, stub, asked)
        finally:
            job.cancel()


async def test_the_other_shell_is_offered_opened_by_one_key_and_remembered(
    stub: StubAws,
) -> None:
    async with image(stub, "bash") as made:
        await made.shell("s")
        await made.shows("The image of app has no /bin/sh.", "ctrl+] enter opens bash there")
        first = made.pane
        await until(lambda: made.app.browser.table.has_focus, "the list has the keys")
        await made.pilot.press(PREFIX)
        await made.shows(
            "no /bin/sh in the image · enter opens bash · e another command · x closes"
        )
        await made.shell("enter")
        await made.prompt()
        assert made.asked == ["/bin/sh", "bash"]
        assert made.pane is not first and len(made.app.browser.dock.panes) == 1
        await made.lives_for_a_tick()
        assert ShellMemory.load().commands == {"web/app": "bash"}
        await made.pilot.press(PREFIX, "x")
        await until(lambda: not made.app.browser.dock.panes, "closed")
    async with image(stub, "bash") as made:
        await made.shell("s")
        await made.prompt()
        await made.shows("bash, as last time")
        assert made.asked == ["bash"]
        await made.pilot.press(PREFIX, "l", "d")
        await until(lambda: made.app.browser.details_open, "the details")
        for _ in range(6):
            await made.pilot.press("J")
        await made.shows("program in app bash, as last time (:forget-shell forgets it)")


async def test_it_can_be_forgotten(stub: StubAws) -> None:
    ShellMemory.load().worked("web", "app", "bash")
    async with image(stub, "/bin/sh", "bash") as made:
        await made.pilot.press("E")
        await made.shows("s runs bash, as last time here (:forget-shell forgets it)")
        await made.pilot.press("escape")
        await made.pilot.press("colon", *"forget-shell", "enter")
        await made.shows("Forgotten: bash for web/app.")
        await made.shell("s")
        assert made.asked == ["/bin/sh"]
        await made.pilot.press(PREFIX, "l")
        await made.pilot.press("colon", *"forget-shell", "enter")
        await made.shows("No shell is remembered for web.")


async def test_an_image_without_a_shell_is_said_with_what_helps(stub: StubAws) -> None:
    async with image(stub) as made:
        await made.shell("s")
        for line in LINUX_SHELLS[1:]:
            await made.shows(f"opens {line} there")
            await made.pilot.press(PREFIX)
            await made.shell("enter")
        await made.shows("The image of app has no shell.", "ctrl+] e runs another command")
        assert made.asked == list(LINUX_SHELLS)

        def told(words: str) -> bool:  # the line may be wrapped anywhere
            return words in "".join(shell_text(made.pane).split())

        await until(lambda: told("Tried:/bin/sh,bash,sh,/bin/bash,/busybox/sh."), "what was tried")
        await until(lambda: told("addasidecar"), "what helps")
        assert ShellMemory.load().of_family("web") == {}, "none is remembered"


async def test_a_shell_that_is_remembered_and_gone_is_forgotten(stub: StubAws) -> None:
    ShellMemory.load().worked("web", "app", "bash")
    async with image(stub, "/bin/sh") as made:
        await made.shell("s")
        await made.shows("The image of app has no bash.", "enter opens /bin/sh there")
        assert ShellMemory.load().commands == {}


@pytest.mark.parametrize(
    ("shell", "command"),
    [
        (ShellSettings(families={"web": "zsh", "web/app": "fish"}), "fish"),
        (ShellSettings(families={"web": "zsh"}), "zsh"),
        (ShellSettings(given="ash", families={"web": "zsh"}), "ash"),
        (ShellSettings(families={"web/log": "zsh"}, command="dash"), "bash"),
    ],
)
async def test_the_config_by_family_and_flags_win_over_what_is_remembered(
    stub: StubAws, shell: ShellSettings, command: str
) -> None:
    ShellMemory.load().worked("web", "app", "bash")
    async with image(stub, command, shell=shell) as made:
        await made.shell("s")
        await made.prompt()
        assert made.asked == [command]


async def test_a_shell_with_another_command_and_its_history(stub: StubAws) -> None:
    async with image(stub, "python3", "/bin/sh") as made:
        await made.pilot.press("E")
        await made.shows("Command to run in app", "s runs /bin/sh here", "sh -c")
        await made.pilot.press("enter")  # nothing typed: nothing opened
        assert isinstance(made.app.screen, CommandScreen)
        await made.shell(*"python3 -i", "enter")
        await made.prompt()
        await made.shows("python3 -i")
        assert made.asked == ["python3 -i"]
        # With an open shell, after the prefix: the last command is filled in.
        await made.pilot.press(PREFIX, "e")
        await made.shows("Command to run in app")
        await made.shell("end", *" x.py", "enter")
        await until(lambda: len(made.app.browser.dock.panes) == 2, "beside it")
        assert made.asked[-1] == "python3 -i x.py"
        await made.lives_for_a_tick()
        # s runs the same shell as before: a typed command is not remembered for the family.
        await made.pilot.press(PREFIX, "l")
        await made.shell("s")
        assert made.asked[-1] == "/bin/sh"
        await made.pilot.press(PREFIX, "l", "E")
        await until(lambda: isinstance(made.app.screen, CommandScreen), "the question")
        await made.pilot.press("up")
        assert ShellMemory.load().history("web", "app") == ["python3 -i x.py", "python3 -i"]
        await made.shell("enter")
        assert made.asked[-1] == "python3 -i"


async def test_a_shell_typed_after_the_default_failed_is_remembered(stub: StubAws) -> None:
    async with image(stub, "zsh") as made:
        await made.shell("s")
        await made.shows("has no /bin/sh")
        await made.pilot.press(PREFIX, "e")
        await until(lambda: isinstance(made.app.screen, CommandScreen), "the question")
        await made.shell(*"zsh", "enter")
        await made.prompt()
        assert len(made.app.browser.dock.panes) == 1
        await made.lives_for_a_tick()
        assert ShellMemory.load().commands == {"web/app": "zsh"}


async def test_shell_syntax_without_a_shell_is_explained(stub: StubAws) -> None:
    error = (
        '\n----------ERROR-------\nUnable to start command: Failed to start pty: exec: "{}": '
        "executable file not found in $PATH\n\n"
    )
    async with image(stub, error=error) as made:
        await made.pilot.press("E")
        await until(lambda: isinstance(made.app.screen, CommandScreen), "the question")
        await made.shell(*"A=1 rake", "enter")
        await made.shows("The image of app has no A=1. ECS runs commands without a shell")
        assert made.pane.offered == ""


def _windows_by_definition(answers: dict[str, Any]) -> None:
    definition = answers["ecs:DescribeTaskDefinition"]["taskDefinition"]
    definition["runtimePlatform"] = {"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"}


def _windows_by_instance(answers: dict[str, Any]) -> None:
    (instance,) = answers["ecs:DescribeContainerInstances"]["containerInstances"]
    instance["attributes"] = [{"name": "ecs.os-type", "value": "windows"}]


@pytest.mark.parametrize("change", [_windows_by_definition, _windows_by_instance])
async def test_windows_is_known_by_the_definition_or_the_instance(
    stub: StubAws, change: Any
) -> None:
    async with image(stub, "cmd.exe", change=change) as made:
        await made.shell("s")
        await made.prompt()
        assert made.asked == ["cmd.exe"]
        calls = stub.calls["ecs:DescribeContainerInstances"]
        await made.pilot.press(PREFIX, "l")
        await made.shell("s")
        assert made.asked == ["cmd.exe", "cmd.exe"]
        assert stub.calls["ecs:DescribeContainerInstances"] == calls  # asked once
    async with image(stub, "/bin/sh", change=change, shell=ShellSettings(given="/bin/sh")) as made:
        await made.shell("s")
        assert made.asked == ["/bin/sh"]


async def test_an_agent_of_windows_leads_to_shells_of_windows(stub: StubAws) -> None:
    error = (
        "\n----------ERROR-------\nUnable to start command: Unable to create process. "
        "The system cannot find the file specified.\n\n"
    )
    async with image(stub, "cmd.exe", error=error) as made:
        await made.shell("s")
        await made.shows("has no /bin/sh", "enter opens cmd.exe there")
