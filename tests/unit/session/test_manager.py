"""Sessions without a screen: opened, watched, ended and reopened, on the demo account."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import ecs_changes
from ecs_tui.errors import SessionError
from ecs_tui.model.arn import short_name
from ecs_tui.model.command import LINUX_SHELLS, Origin, ShellCommand
from ecs_tui.model.task import Task
from ecs_tui.session.activity import COUNTDOWN_SECONDS, IDLE_SECONDS
from ecs_tui.session.manager import SessionManager
from ecs_tui.session.plugin import PluginChoice
from ecs_tui.session.shell_session import Notice, SessionOptions, ShellSession
from ecs_tui.session.state import Ending, State
from ecs_tui.session.target import Target
from ecs_tui.store.inventory import Inventory, Kind, Scope
from ecs_tui.store.refresher import Refresher
from ecs_tui.system import crash
from ecs_tui.ui.dock.task_source import InventoryTasks
from tests.support.client_script import VERSION, client_script
from tests.support.demo import Demo
from tests.support.heard import Heard
from tests.support.limits import limit, until
from tests.support.ready_target import ready_target

ROOT = Path(__file__).parents[3]
SHELL = ShellCommand(LINUX_SHELLS[0], Origin.PLATFORM)
BUILTIN = SessionOptions(PluginChoice.BUILTIN)


@pytest_asyncio.fixture
async def account(demo: Demo) -> AsyncIterator[Account]:
    """A connection to the demo account, which is without faults."""
    demo.heal()
    made = demo.account()
    yield made
    demo.heal()
    await made.close()


@pytest_asyncio.fixture
async def target(account: Account, demo: Demo) -> Target:
    """A container; the calls that found it are not counted."""
    found = await ready_target(account)
    demo.counts(reset=True)
    return found


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest_asyncio.fixture
async def manager(heard: Heard) -> AsyncIterator[SessionManager]:
    """Sessions with the built-in client, all told to `heard`; they end with the test."""
    made = SessionManager(BUILTIN, heard)
    yield made
    await made.end_all(limit(5))


async def opened(shell: ShellSession) -> ShellSession:
    await until(lambda: shell.session.state is State.OPEN, f"open, not {shell.session.reason}")
    return shell


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Fail if the block takes longer."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < seconds


_WITHOUT_A_SCREEN = """
import asyncio, json, os, sys
from ecs_tui.aws.account import Account
from ecs_tui.model.command import ShellCommand, Origin
from ecs_tui.session.manager import SessionManager
from ecs_tui.session.plugin import PluginChoice
from ecs_tui.session.shell_session import SessionOptions
from tests.support.heard import Heard
from tests.support.limits import until
from tests.support.ready_target import ready_target

async def main():
    account, heard = Account(None, os.environ["AWS_REGION"], sys.argv[1]), Heard()
    manager = SessionManager(SessionOptions(PluginChoice.BUILTIN), heard)
    target = await ready_target(account)
    shell = manager.open(account, target, ShellCommand("/bin/sh", Origin.PLATFORM))
    await until(lambda: b"#" in heard.output, "a prompt")
    shell.session.write(b"echo he''ard; exit\\r")
    await until(lambda: heard.ended == [shell], "the shell exits")
    await manager.end_all()
    await account.close()
    print(json.dumps({
        "output": heard.output.decode(), "ending": shell.session.ending,
        "loaded": sorted({name.split(".")[0] for name in sys.modules}),
        "ours": sorted(name for name in sys.modules if name.startswith("ecs_tui.")),
    }))

asyncio.run(main())
"""


def test_a_session_runs_in_a_program_that_never_loads_textual(demo: Demo) -> None:
    demo.heal()
    environment = {**os.environ, **demo.environment, "AWS_REGION": demo.region}
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT_A_SCREEN, demo.endpoint],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=limit(60),
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert "\nheard" in found["output"].replace("\r", "")
    assert found["ending"] == Ending.EXITED
    assert "ecs_tui.session.manager" in found["ours"]
    assert not {"textual", "rich"} & set(found["loaded"])
    assert not [
        name for name in found["ours"] if name.startswith(("ecs_tui.ui", "ecs_tui.terminal"))
    ]


@pytest.mark.asyncio
async def test_opened_listed_and_ended_and_aws_is_told(
    demo: Demo, account: Account, target: Target, manager: SessionManager, heard: Heard
) -> None:
    shell = await opened(manager.open(account, target, SHELL))
    assert manager.sessions == manager.live == [shell]
    shell.session.write(b"echo he''ard\r")
    await until(lambda: b"\nheard" in heard.output, "output")
    await manager.end(shell)
    assert (manager.sessions, heard.ended) == ([], [shell])
    assert (shell.session.ending, shell.session.reason) == (Ending.HERE, "closed by you")
    assert demo.sessions() == (1, 1)
    await manager.end(shell)
    await manager.end_all()
    assert (demo.sessions(), heard.ended) == ((1, 1), [shell])


@pytest.mark.asyncio
async def test_one_that_exits_stays_listed_and_is_opened_again_under_its_name(
    demo: Demo, account: Account, target: Target, manager: SessionManager, heard: Heard
) -> None:
    first = manager.open(account, target, SHELL)
    shell = await opened(manager.open(account, target, SHELL))
    shell.nickname = "mine"
    with pytest.raises(ValueError, match="cannot be opened again"):
        manager.reopen(shell)
    shell.session.write(b"exit\r")
    await until(lambda: heard.ended == [shell], "it exits")
    assert shell.session.ending is Ending.EXITED
    assert (manager.sessions, manager.live) == ([first, shell], [first])
    again = await opened(manager.reopen(shell))
    assert manager.sessions == [first, again]
    assert (again.words, again.target, again.command) == ("mine", target, SHELL)
    with pytest.raises(ValueError, match="cannot be opened again"):
        manager.reopen(shell)
    shell.offered = "bash"
    assert shell.next_command == ShellCommand("bash", Origin.FALLBACK)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("moment", "calls"), [("not begun", (0, 0)), ("begun", (1, 1)), ("ECS is asked", (1, 1))]
)
async def test_closed_while_it_opens(
    demo: Demo,
    account: Account,
    target: Target,
    manager: SessionManager,
    heard: Heard,
    moment: str,
    calls: tuple[int, int],
) -> None:
    demo.set_faults(latency=1.0)
    shell = manager.open(account, target, SHELL, start=moment != "not begun")
    if moment == "ECS is asked":
        await until(lambda: demo.sessions() == (1, 0), moment)
    with at_most(limit(3)):
        await manager.end(shell)
    assert (shell.session.state, shell.session.ending) == (State.CLOSED, Ending.HERE)
    assert (manager.sessions, heard.ended) == ([], [shell])
    tasks = asyncio.all_tasks()
    shell.start()
    assert asyncio.all_tasks() == tasks, "it is too late to start it"
    await until(lambda: demo.sessions() == calls, "AWS is told as soon as it has answered")
    assert shell.session.client_status is None, "no client was started"


@pytest.mark.asyncio
@pytest.mark.parametrize("after", ["rm $0", "rm $0; mkdir $0"])
async def test_a_client_that_cannot_be_started(
    demo: Demo,
    account: Account,
    target: Target,
    heard: Heard,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    after: str,
) -> None:
    monkeypatch.setenv("ECS_TUI_PLUGIN_READS_ENVIRONMENT", "1")
    client = tmp_path / "client"
    client.write_text(f"#!/bin/sh\necho {VERSION}; {after}\n")
    client.chmod(0o700)
    manager = SessionManager(SessionOptions(PluginChoice.SYSTEM, str(client)), heard)
    shell = manager.open(account, target, SHELL)
    await until(lambda: heard.ended == [shell], "it fails")
    assert isinstance(shell.session.error, SessionError)
    assert (shell.session.ending, shell.alive) == (Ending.FAILED, False)
    assert "could not be started" in shell.session.reason
    await manager.end(shell)
    await until(lambda: demo.sessions() == (1, 1), "the session that ECS opened is ended")
    assert heard.ended == [shell]


def old_client(path: Path) -> str:
    """A client of a version that takes its token on the command line."""
    script = client_script(path, "echo out; exec sleep 60")
    path.write_text(path.read_text().replace(VERSION, "1.2.1.0"))
    return script


def recordings(folder: Path) -> list[Path]:
    return list(folder.rglob("*.cast"))


@pytest.mark.asyncio
async def test_a_client_that_shows_the_token_is_warned_of_once(
    demo: Demo, account: Account, target: Target, heard: Heard, tmp_path: Path
) -> None:
    script = old_client(tmp_path / "client")
    manager = SessionManager(SessionOptions(PluginChoice.SYSTEM, script), heard)
    shell = await opened(manager.open(account, target, SHELL))
    await manager.end(shell)
    (warning,) = heard.words("warning")
    assert "exposes the session token" in warning


@pytest.mark.asyncio
async def test_all_end_within_the_time_although_aws_answers_late(
    demo: Demo, account: Account, target: Target, manager: SessionManager
) -> None:
    """AWS is told of each session at once, whatever its answer takes; what is opening ends too."""
    for _ in range(2):
        await opened(manager.open(account, target, SHELL))
    demo.set_faults(latency=8.0)
    opening = manager.open(account, target, SHELL)
    await until(lambda: demo.sessions() == (3, 0), "ECS is asked")
    shells = manager.live
    with at_most(6):
        await manager.end_all(1.5)
    assert [shell.session.state for shell in shells] == [State.CLOSED] * 3
    assert (manager.sessions, opening.session.ending) == ([], Ending.HERE)
    demo.set_faults(latency=0.0)
    await until(lambda: demo.sessions() == (3, 3), "the third too, once ECS has answered")


def ticking(manager: SessionManager, condition: Callable[[], object]) -> Callable[[], object]:
    """`condition`, each time after a look at the sessions."""

    def look() -> object:
        manager.tick()
        return condition()

    return look


@pytest.mark.asyncio
async def test_the_task_stops_under_it_and_a_replacement_is_found(
    demo: Demo, account: Account, manager: SessionManager, heard: Heard
) -> None:
    target = await ready_target(account, "prod", "cart")
    inventory = Inventory(account)
    refresher = Refresher(inventory, 1.0)
    await inventory.load(Scope(Kind.TASK, "prod", "cart"))
    refresher.watch([target.task_arn])  # as the dashboard does for each session
    shell = manager.open(account, target, SHELL, tasks=InventoryTasks(inventory))
    await opened(shell)
    manager.tick()
    assert (shell.task_notice, shell.reopens, heard.notices) == ("", target, [])
    await ecs_changes.stop_task(
        account, short_name(target.cluster), target.task_arn, "a deployment"
    )
    await until(ticking(manager, lambda: heard.words("task")), "news of the task")
    assert heard.words("task")[0] in ("task is stopping", "task stopped")
    await until(ticking(manager, lambda: shell.successor), "a replacement", 40)
    assert shell.successor is not None
    successor = shell.successor
    assert (successor.service, successor.container) == ("cart", target.container)
    assert successor.task_arn != target.task_arn
    assert heard.words("successor") == [f"replacement task {successor.task_id[:7]} is ready"]
    assert len(heard.words("task")) == len(set(heard.words("task"))), "each state is told once"
    assert shell.replaced
    await shell.session.close()
    again = await opened(manager.reopen(shell))
    assert again.target == successor
    await refresher.close()


@pytest.mark.asyncio
async def test_two_sessions_in_one_container_do_not_share_anything(
    demo: Demo, account: Account, target: Target
) -> None:
    manager = SessionManager(BUILTIN)
    first, second = (manager.open(account, target, SHELL, start=False) for _ in range(2))
    ears = [Heard(), Heard()]
    for shell, ear in zip((first, second), ears, strict=True):
        shell.listen(ear)
        shell.start()
        await opened(shell)
    assert first.session.session_id != second.session.session_id
    first.session.write(b"cd /; X=on''e; echo the-$X\r")
    await until(lambda: b"\nthe-one" in ears[0].output, "output of the first")
    assert b"the-one" not in ears[1].output
    await manager.end(first)
    assert (manager.sessions, demo.sessions()) == ([second], (2, 1))
    second.session.write(b"echo still-$X''here\r")
    await until(lambda: b"\nstill-here" in ears[1].output, "the second lives on")
    await manager.end_all()
    assert demo.sessions() == (2, 2)


class Broken(Heard):
    """A listener that fails whenever it is told something."""

    def session_output(self, shell: ShellSession, data: bytes) -> None:
        raise RuntimeError("output")

    def session_changed(self, shell: ShellSession) -> None:
        raise RuntimeError("change")

    def session_noticed(self, shell: ShellSession, notice: Notice) -> None:
        raise RuntimeError("news")

    def session_ended(self, shell: ShellSession) -> None:
        raise RuntimeError("end")


@pytest.mark.asyncio
async def test_a_listener_that_fails_ends_neither_its_own_session_nor_another(
    account: Account,
    target: Target,
    manager: SessionManager,
    heard: Heard,
    crashes: list[crash.Crash],
) -> None:
    bad, good = (manager.open(account, target, SHELL, start=False) for _ in range(2))
    bad.listen(Broken())
    stop = bad.listen(late := Heard())
    for shell in (bad, good):
        shell.start()
        await opened(shell)
    bad.record(True)
    for shell in (bad, good):
        heard.output.clear()
        shell.session.write(b"echo he''ard\r")
        await until(lambda: b"\nheard" in heard.output, "output")
    assert b"\nheard" in late.output, "a listener after the one that fails"
    stop()
    stop()
    await manager.end(bad)
    assert (late.ended, heard.ended, manager.live) == ([], [bad], [good])
    said = {each.what for each in crashes}
    assert said == {f"RuntimeError: {what}" for what in ("output", "change", "news", "end")}
    assert all("Broken" in each.job for each in crashes)
    crashes.clear()


class Tasks:
    """A source of tasks.

    Attributes:
        known: The task that it has, or None.
        failing: Whether looking a task up fails.
    """

    def __init__(self, known: Task | None = None, *, failing: bool = False) -> None:
        self.known, self.failing = known, failing

    def task(self, arn: str) -> Task | None:
        if self.failing:
            raise RuntimeError("no task")
        return self.known

    async def tasks_of_service(self, cluster: str, service: str) -> Sequence[Task]:
        return []


@pytest.mark.asyncio
async def test_a_watch_that_fails_does_not_stop_that_over_the_others(
    account: Account,
    target: Target,
    manager: SessionManager,
    heard: Heard,
    crashes: list[crash.Crash],
) -> None:
    stopped = Task(target.task_arn, target.task_id, target.cluster, last_status="STOPPED")
    bad = manager.open(account, target, SHELL, tasks=Tasks(failing=True), start=False)
    good = manager.open(account, target, SHELL, tasks=Tasks(stopped), start=False)
    manager.tick()
    assert (bad.task_notice, good.task_notice) == ("", "task stopped")
    assert [each.what for each in crashes] == ["RuntimeError: no task"]
    crashes.clear()
    good.tasks = Tasks(None)
    bad.tasks = Tasks(None)
    manager.tick()
    assert good.task_notice == "task stopped", "no longer listed: the known reason stays"
    assert bad.task_notice == "", "it was never known"
    assert heard.words("task") == ["task stopped"]


@pytest.mark.asyncio
async def test_idleness_is_told_once_and_keep_alive_prevents_it(
    account: Account, target: Target, heard: Heard
) -> None:
    now = time.monotonic()
    manager = SessionManager(BUILTIN, heard, clock=lambda: now)
    shell = await opened(manager.open(account, target, SHELL))
    activity = shell.session.activity

    def idle_for(seconds: float) -> None:
        activity.traffic_at = now - seconds
        manager.tick()

    try:
        idle_for(IDLE_SECONDS - COUNTDOWN_SECONDS - 5)
        assert heard.words("idle") == []
        idle_for(IDLE_SECONDS - 100.5)
        idle_for(IDLE_SECONDS - 99)
        assert heard.words("idle") == ["idle, ECS closes it in 01:40"]
        idle_for(1)
        idle_for(IDLE_SECONDS - 50.5)
        assert heard.words("idle")[1:] == ["idle, ECS closes it in 00:50"], "idle again"
        shell.session.keep_alive = True
        idle_for(IDLE_SECONDS - 40)
        assert activity.idle_left(now) > IDLE_SECONDS - 5, "traffic was sent"
        assert len(heard.words("idle")) == 2
    finally:
        await manager.end_all()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("record", "recorded"), [(("*",), True), (("prod",), True), (("other",), False), ((), False)]
)
async def test_sessions_of_the_chosen_clusters_are_recorded(
    account: Account,
    target: Target,
    heard: Heard,
    own_places: Path,
    record: tuple[str, ...],
    recorded: bool,
) -> None:
    manager = SessionManager(SessionOptions(PluginChoice.BUILTIN, record=record), heard)
    shell = await opened(manager.open(account, target, SHELL))
    assert (shell.session.recording is not None) == recorded
    await manager.end(shell)
    files = recordings(own_places)
    assert len(files) == recorded
    assert heard.words("recording") == [f"Recording to {path}" for path in files]
    assert all(target.task_id in path.name for path in files)


@pytest.mark.asyncio
async def test_a_recording_is_finished_by_hand_or_says_why_it_could_not_start(
    account: Account, target: Target, manager: SessionManager, heard: Heard, own_places: Path
) -> None:
    shell = await opened(manager.open(account, target, SHELL))
    shell.record(False)
    assert heard.words("recording") == [], "there was none"
    shell.record(True)
    (path,) = recordings(own_places)
    shell.record(False)
    assert heard.words("recording")[-1] == f"Recording saved to {path}"
    assert shell.session.recording is None
    path.unlink()
    path.parent.rmdir()
    path.parent.touch()  # a file where the folder should be
    shell.record(True)
    assert heard.words("recording")[-1].startswith("Could not start recording: ")
    assert shell.session.recording is None and shell.alive
