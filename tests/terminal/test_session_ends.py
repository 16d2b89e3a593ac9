"""However a session fails to open or ends, TerminateSession is called; the demo account counts."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest
import pytest_asyncio

from ecs_tui.aws.account import Account, Credentials
from ecs_tui.aws.api.ssm import terminate_session
from ecs_tui.errors import NoCredentials, SessionError
from ecs_tui.session.plugin import PluginChoice, find_plugin
from ecs_tui.session.session import Ending, Session, State, Target
from ecs_tui.system.pty import PtyProcess
from tests.support.app import PREFIX, open_services, open_shell, running_app, screen_text, select
from tests.support.client_script import client_script
from tests.support.demo import Demo
from tests.support.limits import limit, until
from tests.support.ready_target import ready_target

pytestmark = pytest.mark.asyncio
ASKED, TOLD = "ecs:ExecuteCommand", "ssm:TerminateSession"


@pytest.fixture(autouse=True)
def built_from_source(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plugin built from source reports 1.2.0.0: this variable says that it reads the environment."""
    monkeypatch.setenv("ECS_TUI_PLUGIN_READS_ENVIRONMENT", "1")


@pytest_asyncio.fixture
async def target(account: Account, demo: Demo) -> Target:
    found = await ready_target(account)
    demo.counts(reset=True)
    return found


def session(
    account: Account,
    target: Target,
    plugin: str = "builtin",
    path: str = "",
    out: bytearray | None = None,
) -> Session:
    printed = bytearray() if out is None else out
    return Session(
        account,
        target,
        "/bin/sh",
        printed.extend,
        lambda: None,
        plugin=PluginChoice(plugin),
        plugin_path=path,
    )


async def opened(talk: Session) -> None:
    await talk.start()
    await until(lambda: talk.state is State.OPEN, f"open, not {talk.reason}")


async def test_closed_from_this_side(
    demo: Demo, account: Account, target: Target, plugin: str
) -> None:
    talk = session(account, target, plugin)
    await opened(talk)
    await talk.close()
    assert demo.sessions() == (1, 1)
    assert (talk.ending, talk.reason) == (Ending.HERE, "closed by you")
    await talk.close()
    assert demo.sessions() == (1, 1)


async def test_cancelled_while_ecs_is_asked(demo: Demo, account: Account, target: Target) -> None:
    demo.set_faults(latency=1.0)
    talk = session(account, target)
    job = asyncio.create_task(talk.start())
    await until(lambda: demo.sessions()[0] == 1, "ECS is asked")
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert talk.state is State.CLOSED
    assert talk.session_id == ""
    await talk.close()
    await until(lambda: demo.sessions() == (1, 1), "AWS is told as soon as it has answered")
    assert talk._pty is None


async def test_closed_while_ecs_is_asked(demo: Demo, account: Account, target: Target) -> None:
    demo.set_faults(latency=1.0)
    talk = session(account, target)
    job = asyncio.create_task(talk.start())
    await until(lambda: demo.sessions()[0] == 1, "ECS is asked")
    started = asyncio.get_running_loop().time()
    await talk.close()
    assert asyncio.get_running_loop().time() - started < limit(3)
    assert talk.state is State.CLOSED
    await job
    await until(lambda: demo.sessions() == (1, 1), "AWS is told")
    assert talk._pty is None, "no client is started any more"


async def test_closed_before_ecs_is_asked(
    demo: Demo, account: Account, target: Target, tmp_path: Path
) -> None:
    slow = tmp_path / "client"
    slow.write_text("#!/bin/sh\nsleep 1; echo 1.2.707.0\n")
    slow.chmod(0o700)
    talk = session(account, target, "auto", str(slow))
    job = asyncio.create_task(talk.start())
    await asyncio.sleep(0)
    await talk.close()
    await job
    assert demo.sessions() == (0, 0)
    assert (talk.state, talk._pty) == (State.CLOSED, None)


@pytest.mark.parametrize("after", ["rm $0", "printf '\\177ELF' > $0", "chmod 600 $0"])
async def test_a_client_that_cannot_be_started(
    demo: Demo, account: Account, target: Target, tmp_path: Path, after: str
) -> None:
    if after.startswith("chmod") and os.getuid() == 0:
        after = "rm $0; mkdir $0"  # root may start a file of mode 0600
    client = tmp_path / "client"
    client.write_text(f"#!/bin/sh\necho 1.2.707.0; {after}\n")
    client.chmod(0o700)
    talk = session(account, target, "system", str(client))
    await talk.start()
    assert isinstance(talk.error, SessionError)
    assert "session-manager-plugin 1.2.707.0 could not be started" in str(talk.error)
    assert (talk.state, talk.ending) == (State.CLOSED, Ending.FAILED)
    await talk.close()
    assert demo.sessions() == (1, 1)


class Expired(Account):
    """An account whose credentials expire before the client is started."""

    async def child_environment(self) -> dict[str, str]:
        """Raise: they have expired."""
        raise NoCredentials("The credentials have expired.")


async def test_credentials_that_expire_between_the_answer_and_the_client(
    demo: Demo, target: Target
) -> None:
    keys = demo.environment
    account = Expired(
        None,
        demo.region,
        demo.endpoint,
        credentials=Credentials(keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"]),
    )
    talk = session(account, target)
    await talk.start()
    assert talk.reason == "The credentials have expired."
    await talk.close()
    assert demo.sessions() == (1, 1)
    await account.close()


@pytest.mark.parametrize(
    ("lines", "status", "ending"),
    [
        (["exit 3"], 3, Ending.FAILED),
        (["exit 0"], 0, Ending.FAILED),
        (["echo out; kill -9 $$"], 137, Ending.FAILED),
        (["echo out; exit 0"], 0, Ending.FAILED),
        (['echo "Exiting session with sessionId: another."'], 0, Ending.FAILED),
        (['echo "SessionId: another : idle"'], 0, Ending.FAILED),
    ],
)
async def test_a_client_that_ends_by_itself(
    demo: Demo,
    account: Account,
    target: Target,
    tmp_path: Path,
    lines: list[str],
    status: int,
    ending: Ending,
) -> None:
    talk = session(account, target, "system", client_script(tmp_path / "client", *lines))
    await talk.start()
    await until(lambda: talk.state is State.CLOSED, "it ends")
    assert (talk.client_status, talk.exit_status, talk.ending) == (status, None, ending)
    assert talk.reason == f"session-manager-plugin 1.2.707.0 ended (status {status})"
    await until(lambda: demo.sessions() == (1, 1), "AWS is told")


@pytest.mark.parametrize(
    ("said", "ending", "reason"),
    [
        ("Exiting session with sessionId: $id.", Ending.EXITED, "exited"),
        ("SessionId: $id : timed out", Ending.TOLD, "timed out"),
    ],
)
async def test_what_the_far_end_has_closed_need_not_be_ended(
    demo: Demo,
    account: Account,
    target: Target,
    tmp_path: Path,
    said: str,
    ending: Ending,
    reason: str,
) -> None:
    # The plugin reads the id from the response in its environment.
    find = r"""id=$(printenv "$1" | sed 's/.*"SessionId": "\([^"]*\)".*/\1/')"""
    client = client_script(tmp_path / "client", find, "echo out", f'printf "\\n\\n{said}\\n\\n"')
    talk = session(account, target, "system", client)
    await talk.start()
    await until(lambda: talk.state is State.CLOSED, "it ends")
    assert (talk.ending, talk.reason) == (ending, reason)
    await talk.close()
    assert demo.sessions() == (1, 0)


async def test_a_shell_that_exits_needs_no_call(
    demo: Demo, account: Account, target: Target, plugin: str
) -> None:
    talk = session(account, target, plugin)
    await opened(talk)
    talk.write(b"exit 5\r")
    await until(lambda: talk.state is State.CLOSED, "it ends")
    assert (talk.ending, talk.reason, talk.exit_status) == (Ending.EXITED, "exited", None)
    await talk.close()
    assert demo.sessions() == (1, 0)


async def test_a_command_that_is_not_there_is_told_by_the_far_end(
    demo: Demo, account: Account, target: Target, plugin: str
) -> None:
    talk = session(account, target, plugin)
    talk._remote._command = "/no/such/shell"
    await talk.start()
    await until(lambda: talk.state is State.CLOSED, "it ends")
    assert talk.ending is Ending.TOLD
    assert "no such file or directory" in talk.reason


async def test_the_builtin_client_killed(demo: Demo, account: Account, target: Target) -> None:
    talk = session(account, target)
    await opened(talk)
    assert talk._pty is not None
    os.kill(talk._pty.pid, signal.SIGKILL)
    await until(lambda: talk.state is State.CLOSED, "it ends")
    assert (talk.ending, talk.client_status) == (Ending.FAILED, 137)
    await until(lambda: demo.sessions() == (1, 1), "AWS is told")


async def test_a_session_that_was_ended_elsewhere(
    demo: Demo, account: Account, target: Target
) -> None:
    talk = session(account, target)
    await opened(talk)
    await terminate_session(account, talk.session_id)
    await until(lambda: talk.state is State.CLOSED, "it ends")
    assert talk.ending is Ending.EXITED
    assert demo.sessions() == (1, 1)  # by the test, above


async def test_a_call_that_is_refused_is_logged_and_not_raised(
    demo: Demo, account: Account, target: Target, caplog: pytest.LogCaptureFixture
) -> None:
    demo.set_faults(deny=[TOLD])
    talk = session(account, target)
    await opened(talk)
    with caplog.at_level("WARNING", "ecs_tui.session"):
        await talk.close()
        # Closing waits only a moment for AWS's answer.
        await until(lambda: "Access denied" in caplog.text, "it is logged")
    assert demo.sessions() == (1, 1)


async def test_ecs_refuses_and_there_is_nothing_to_end(
    demo: Demo, account: Account, target: Target
) -> None:
    demo.set_faults(deny=[ASKED])
    talk = session(account, target)
    await talk.start()
    assert talk.error is not None
    await talk.close()
    assert demo.sessions() == (1, 0)


async def test_a_version_that_never_comes_leaves_no_process(tmp_path: Path) -> None:
    client = tmp_path / "client"
    client.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec sleep 1000\n")
    client.chmod(0o700)
    job = asyncio.create_task(find_plugin(PluginChoice.SYSTEM, str(client)))
    await until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text(), "it runs")
    pid = int((tmp_path / "pid").read_text())
    with pytest.raises(SessionError, match="could not be started"):
        await job
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    job = asyncio.create_task(find_plugin(PluginChoice.SYSTEM, str(client)))
    (tmp_path / "pid").unlink()
    await until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text(), "it runs")
    pid = int((tmp_path / "pid").read_text())
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


# -- in the dashboard, by keys


async def test_a_pane_closed_while_it_opens(demo: Demo, account: Account) -> None:
    async with running_app(account, plugin="builtin") as (app, pilot):
        await open_services(app, pilot)
        demo.set_faults(latency=1.0)
        demo.counts(reset=True)
        select(app, "orders")
        await pilot.press("s")
        await until(lambda: demo.sessions()[0] == 1, "ECS is asked")
        await until(lambda: app.browser.dock.current, "a pane")
        await pilot.press(PREFIX, "x")
        await until(lambda: not app.browser.dock.panes, "the pane is gone")
        await until(lambda: demo.sessions() == (1, 1), "AWS is told")


async def test_quitting_ends_every_session(demo: Demo, account: Account) -> None:
    async with running_app(account, plugin="builtin") as (app, pilot):
        await open_services(app, pilot)
        demo.counts(reset=True)
        await open_shell(app, pilot, "orders")
        await pilot.press(PREFIX, "l")
        await open_shell(app, pilot, "search")
        await pilot.press(PREFIX, "l")
        await pilot.press("q")
        await until(lambda: "2 open shells" in screen_text(app), "asks")
        await pilot.press("y")
        await until(lambda: demo.sessions() == (2, 2), "both are ended")


async def test_a_program_that_cannot_be_started_leaves_no_descriptor() -> None:
    ours, theirs = os.pipe()
    before = sorted(os.listdir("/dev/fd"))
    for apart in (True, False):
        with pytest.raises(OSError, match="No such file"):
            PtyProcess(
                ["/no/such/program"], {}, lambda data: None, lambda status: None,
                descriptor=theirs, output_apart=apart,
            )  # fmt: skip
    assert sorted(os.listdir("/dev/fd")) == before
    os.close(ours)
    os.close(theirs)
