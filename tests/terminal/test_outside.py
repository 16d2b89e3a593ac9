"""Answers, settings and output that once crashed the program: each is a message now.

Each is tested as a command and as the dashboard on a terminal.
"""

from __future__ import annotations

import copy
import os
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.support.app import PREFIX, open_services, open_shell, running_app, screen_text
from tests.support.command import run_command
from tests.support.demo import Demo
from tests.support.limits import until
from tests.support.program_terminal import ProgramTerminal
from tests.support.stub_aws import ANSWERS, FAULTS, HTML, Reply, StubAws

KEY, SECRET = "AKIAINTHEFILEINTHEFI", "wJalrXUtnFEMIK7MDENGbPxRfiCYzzSECRETzKEY"
BYTES = b"\x80\x81\xfe\xff"
DEEP = b'{"clusterArns": ' + b"[" * 200_000
ELSE = b'{"message": "welcome", "status": "ok"}'


@pytest.fixture
def configured(stub: StubAws, tmp_path: Path) -> dict[str, str]:
    """An environment with credentials in a file, and an AWS config that works."""
    (tmp_path / "credentials").write_text(
        f"[default]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n"
    )
    (tmp_path / "config").write_text("[default]\nregion = us-east-1\n")
    env = {name: value for name, value in stub.environment().items() if "KEY" not in name}
    return env | {
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
        "HOME": str(tmp_path),
    }


def run(env: dict[str, str], *argv: str) -> subprocess.CompletedProcess[str]:
    base = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": "/nonexistent"}
    base |= {name: value for name, value in os.environ.items() if name.startswith("XDG_")}
    return run_command(base | env, *argv)


def refused(env: dict[str, str], *argv: str) -> str:
    """Run a command that fails with exit status 3; returns its message, the only output."""
    done = run(env, *argv)
    words = done.stderr
    assert (done.returncode, done.stdout) == (3, ""), words
    assert words.startswith("ecs-tui: ") and words.count("\n") == 1, words
    assert SECRET not in words and KEY not in words
    return words.removeprefix("ecs-tui: ").rstrip("\n")


def answering(body: bytes, kind: str = "application/x-amz-json-1.1") -> Any:
    return lambda _: Reply(200, body, (("Content-Type", kind),))


# -- unusable answers


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (BYTES, "ecs:ListClusters: the answer is not from AWS: HTTP 200 "),
        (FAULTS["not-utf8"]("").body, "The answer to ecs:ListClusters is not usable: HTTP 200 "),
        (DEEP, "The answer to ecs:ListClusters is not usable: HTTP 200 "),
        (HTML, "ecs:ListClusters: the answer is not from AWS: HTTP 200 text/html: “Sign in”. "),
        (ELSE, "The answer to ecs:ListClusters is not usable: no clusterArns (HTTP 200 "),
    ],
    ids=["bytes", "not-utf8", "deep", "html", "else"],
)
def test_a_command_says_what_came_instead(stub: StubAws, body: bytes, wanted: str) -> None:
    kind = "text/html" if body == HTML else "application/x-amz-json-1.1"
    stub.faults["ecs:ListClusters"] = answering(body, kind)
    assert refused(stub.environment(), "ls", "clusters").startswith(wanted)
    assert stub.calls["ecs:ListClusters"] == 1


@pytest.mark.asyncio
@pytest.mark.parametrize("body", [BYTES, DEEP, HTML], ids=["bytes", "deep", "html"])
async def test_the_dashboard_says_so_and_asks_less_and_less(stub: StubAws, body: bytes) -> None:
    times: list[float] = []
    refresh = 0.1

    def fault(_: str) -> Reply:
        times.append(time_of(app))
        return Reply(200, body)

    stub.faults["ecs:ListClusters"] = fault
    async with running_app(stub.account(), (200, 30), refresh=refresh, cache=False) as (app, _):
        await until(lambda: "ecs:ListClusters" in screen_text(app), "a word on the screen")
        assert "HTTP 200" in screen_text(app) and "loading" not in screen_text(app)
        await until(lambda: len(times) >= 5, "tries")
        pauses = [after - before for before, after in pairwise(times[:5])]
        for number, pause in enumerate(pauses):
            assert pause >= 0.8 * refresh * 2**number, pauses
        stub.heal()
        await until(lambda: "● active" in screen_text(app), "it recovers by itself")


def time_of(app: Any) -> float:
    """The time of the app's loop, in seconds."""
    return float(app._loop.time())


# -- the dashboard on a terminal


class Dashboard:
    """The dashboard on a terminal. At the end of the block it is quit with `q`."""

    def __init__(self, env: dict[str, str], *argv: str) -> None:
        self.outer = ProgramTerminal(env, *argv, size=(200, 30))

    async def __aenter__(self) -> ProgramTerminal:
        return self.outer

    async def __aexit__(self, *error: object) -> None:
        if error[0] is None:
            self.outer.keys("q")
            await self.outer.ends()
            raw = self.outer.raw.decode("utf-8", "replace")
            assert self.outer.status == 0
            assert "Traceback" not in raw and "Unexpected error" not in raw
            assert SECRET not in raw and KEY not in raw
        self.outer.close()


@pytest.mark.asyncio
async def test_who_we_are_may_be_answered_by_anything(stub: StubAws) -> None:
    """Caller and alias: a proxy's sign-in page, an empty body, the JSON of another service."""
    both = ("sts:GetCallerIdentity", "iam:ListAccountAliases")
    wanted = {b"": "HTTP 200 with an empty body", ELSE: '“{"message"', HTML: "“Sign in”"}
    stub.faults.update(dict.fromkeys(both, answering(HTML)))
    async with Dashboard(stub.environment(), "--refresh", "1", "--no-cache") as outer:
        await outer.shows("● active")  # the lists do not wait for the caller
        for body, words in wanted.items():
            stub.faults.update(dict.fromkeys(both, answering(body)))
            outer.keys("r")
            await outer.shows("sts:GetCallerIdentity: the answer is not from AWS: HTTP 200")
            await until(lambda words=words: words in outer.screen, words)  # type: ignore[misc]
        stub.heal("sts:GetCallerIdentity")
        await outer.shows("Account  111122223333", "User     stub")
        assert "stub-alias" not in outer.screen
        await until(lambda: stub.calls["iam:ListAccountAliases"], "the alias is asked for in vain")
        stub.heal()
        await outer.shows("Account  stub-alias", "111122223333", "User     stub")


@pytest.mark.asyncio
async def test_a_profile_that_is_not_there_and_the_list_of_regions(
    configured: dict[str, str],
) -> None:
    words = 'Profile "nope" not found in the AWS config.'
    assert refused(configured, "--profile", "nope", "ls", "clusters").startswith(words)
    async with Dashboard(configured, "--profile", "nope", "--no-cache") as outer:
        await outer.shows(words)
        outer.keys("\x12")  # ctrl+r
        await until(lambda: outer.screen.count(words) == 2, "the note says it too")


@pytest.mark.asyncio
async def test_a_junk_line_in_the_configuration_and_the_list_of_profiles(
    configured: dict[str, str],
) -> None:
    config = _configure(
        configured, f"[default]\nregion = us-east-1\naws_secret_access_key {SECRET}\n"
    )
    words = f"The AWS configuration file {config} cannot be read, line 3."
    assert refused(configured, "ls", "clusters").startswith(words)
    done = run(configured, "--debug", "ls", "clusters")
    assert "Traceback" in done.stderr and SECRET not in done.stderr
    assert done.stderr.endswith(f"ecs-tui: {words} Correct or remove that line.\n")
    async with Dashboard(configured, "--no-cache") as outer:
        await outer.shows(words)
        outer.keys("\x10")  # ctrl+p
        await until(lambda: outer.screen.count(words) == 2, "the note says it too")


def _configure(env: dict[str, str], text: str) -> Path:
    path = Path(env["AWS_CONFIG_FILE"])
    path.write_text(text)
    return path


PROCESSES = {
    "no-json": ("echo not json", "JSONDecodeError"),
    "latin-1": (r"printf '\351\n'", "UnicodeDecodeError"),
    "latin-1-stderr": (r"printf 'refus\351\n' >&2; exit 1", "UnicodeDecodeError"),
    "a-list": ("echo '[1]'", "AttributeError"),
    "no-members": ("echo '{}'", "Unsupported version"),
    "fails": (f"echo {SECRET} denied >&2; exit 3", "custom-process"),
}


def _with_process(env: dict[str, str], script: str) -> dict[str, str]:
    path = Path(env["HOME"]) / "process"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o700)
    Path(env["AWS_CONFIG_FILE"]).write_text(
        f"[profile cp]\nregion = us-east-1\ncredential_process = {path}\n"
    )
    return env


@pytest.mark.parametrize("name", PROCESSES)
def test_a_credential_process_that_prints_something_else(
    configured: dict[str, str], name: str
) -> None:
    script, cause = PROCESSES[name]
    words = refused(_with_process(configured, script), "--profile", "cp", "ls", "clusters")
    assert words.startswith("The credentials of profile cp could not be fetched")
    assert cause in words and "Check credential_process" in words


@pytest.mark.asyncio
@pytest.mark.parametrize("name", ["no-json", "latin-1-stderr"])
async def test_a_credential_process_that_is_mended_while_the_dashboard_runs(
    configured: dict[str, str], name: str
) -> None:
    env = _with_process(configured, PROCESSES[name][0])
    argv = ("--profile", "cp", "--refresh", "1", "--no-cache")
    async with Dashboard(env, *argv) as outer:
        await outer.shows("The credentials of profile cp could not be fetched")
        answer = f'{{"Version": 1, "AccessKeyId": "{KEY}", "SecretAccessKey": "{SECRET}"}}'
        _with_process(env, f"echo '{answer}'")
        await outer.shows("● active")


@pytest.mark.parametrize("session", [True, False], ids=["sso-session", "old-form"])
def test_without_an_sso_token_one_sentence_and_no_log_of_a_library(
    configured: dict[str, str], session: bool
) -> None:
    start = "sso_region = us-east-1\nsso_start_url = https://login.example/start\n"
    account = "region = us-east-1\nsso_account_id = 111122223333\nsso_role_name = dev\n"
    text = f"[profile sso]\n{account}{start}"
    if session:
        text = f"[profile sso]\n{account}sso_session = s\n[sso-session s]\n{start}"
    Path(configured["AWS_CONFIG_FILE"]).write_text(text)
    whose, command = ("sso-session s", "--sso-session s") if session else (
        "profile sso", "--profile sso",
    )  # fmt: skip
    assert refused(configured, "--profile", "sso", "ls", "clusters") == (
        f"The SSO login of {whose} is missing or expired. "
        f"Log in: ecs-tui --profile sso login (or: aws sso login {command})"
    )


# -- output of a container


@pytest.mark.parametrize(
    "argv",
    [
        ("exec", "stub", "aaaa", "app", "--", "true"),
        ("doctor", "stub", "web"),
        ("ls", "containers"),
        ("ls", "containers", "--json"),
    ],
    ids=["exec", "doctor", "ls", "json"],
)
def test_the_agents_reason_cannot_steer_the_terminal(stub: StubAws, argv: tuple[str, ...]) -> None:
    stub.answers = copy.deepcopy(ANSWERS)
    for task in stub.answers["ecs:DescribeTasks"]["tasks"]:
        task["containers"][0]["managedAgents"][0].update(
            lastStatus="STOPPED",
            reason="died\x1b]2;title\x07 \x1b]52;c;QUFB\x07 \x9b2J \u202eend",
        )
    done = run(stub.environment(), *argv)
    text = done.stdout + done.stderr
    assert "died" in text and "end" in text
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(text)
    assert "Traceback" not in text
    if argv[0] == "exec":
        assert "ecs-tui: warning: died" in done.stderr


@pytest.mark.asyncio
async def test_a_session_that_aws_was_not_told_to_end_is_named(demo: Demo) -> None:
    async with running_app(demo.account(), (200, 40), plugin="builtin") as (app, pilot):
        await open_services(app, pilot)
        pane = await open_shell(app, pilot, "orders")
        demo.set_faults(deny=["ssm:TerminateSession"])
        await pilot.press(PREFIX, "x")
        words = f"Could not terminate the session of {pane.words}: Access denied: ssm:Termin"
        await until(lambda: words in screen_text(app), "the note")
        assert not app.browser.dock.panes
        demo.set_faults(deny=[])
