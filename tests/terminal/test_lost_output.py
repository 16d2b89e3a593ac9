"""A command whose output or terminal is lost ends, and so do the processes that it started."""

from __future__ import annotations

import itertools
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.demo import Demo
from tests.support.identity_center import center_process
from tests.support.limits import limit, sample, until
from tests.support.losable_terminal import LosableTerminal
from tests.support.processes import children, processes
from tests.support.stub_sso import CODE

pytestmark = pytest.mark.usefixtures("fresh_demo")


CAUSES = ("closed", "signals", "input-ends", "output-fails", "killed")


def run(demo: Demo, line: str) -> subprocess.CompletedProcess[str]:
    """Run a line of bash in which `ecs-tui` is the program of this source tree."""
    begin = f'ecs-tui() {{ {shlex.quote(sys.executable)} -m ecs_tui "$@"; }}'
    return subprocess.run(
        ["bash", "-c", f"{begin}\n{line}"],
        env={**os.environ, **demo.environment}, text=True, capture_output=True, timeout=limit(60),
        check=False,
    )  # fmt: skip


COMMANDS = {
    "ls": "ls services --cluster prod",
    "json": "ls tasks --json",
    "doctor": "doctor prod web",
    "cache": "cache",
}


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", sample(list(COMMANDS), 2))
def test_output_that_nobody_reads_ends_the_command_without_a_word(demo: Demo, name: str) -> None:
    done = run(demo, f"ecs-tui {COMMANDS[name]} | true; exit ${{PIPESTATUS[0]}}")
    assert (done.stderr, done.returncode) == ("", 141)


NOT_WRITABLE = {">&-": "it is closed", "> /dev/full": "No space left on device"}


@pytest.mark.exhaustive
@pytest.mark.parametrize(("name", "where"), sample([*itertools.product(COMMANDS, NOT_WRITABLE)], 3))
def test_output_that_cannot_be_written_is_told(demo: Demo, name: str, where: str) -> None:
    done = run(demo, f"ecs-tui {COMMANDS[name]} {where}")
    assert done.stderr == f"ecs-tui: Cannot write to standard output: {NOT_WRITABLE[where]}.\n"
    assert done.returncode == 1


def test_closed_standard_error_and_input_cost_nothing(demo: Demo) -> None:
    done = run(demo, "ecs-tui ls clusters 2>&- <&-")
    assert "prod" in done.stdout
    assert done.returncode == 0
    assert run(demo, "ecs-tui ls nothing 2>&-").returncode == 2


def task(demo: Demo) -> str:
    """The id of a task that is ready for exec."""
    found = json.loads(run(demo, "ecs-tui ls tasks --cluster prod --service orders --json").stdout)
    return str(found[0]["taskId"])


def test_exec_into_a_pipe_that_nobody_reads_ends_the_session(demo: Demo) -> None:
    line = f"ecs-tui --plugin builtin exec prod {task(demo)} app -- yes"
    done = run(demo, f"{line} | head -1; exit ${{PIPESTATUS[0]}}")
    assert (done.stdout.strip(), done.stderr, done.returncode) == ("y", "", 141)
    assert demo.sessions() == (1, 1)


@pytest.mark.asyncio
@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("cause", "printing"), sample([*itertools.product(CAUSES, (False, True))], 3)
)
async def test_exec_loses_its_terminal(demo: Demo, cause: str, printing: bool) -> None:
    name = task(demo)
    demo.counts(reset=True)
    outer = LosableTerminal(cause, demo.environment, "--plugin", "builtin", "exec", "prod", name)
    try:
        await outer.shows("#")
        if printing or cause == "output-fails":
            outer.keys("while sleep 0.01; do echo $((n+=1)) and so on; done\r")
            await outer.shows("9 and so on")
        await outer.end_by_loss()
        assert demo.sessions() == (1, 1)
        await until(lambda: not children(demo.pid), "the shell in the container ends")
    finally:
        outer.end()


@pytest.mark.asyncio
@pytest.mark.parametrize("cause", ["closed", "signals", "killed"])
async def test_doctor_loses_its_terminal_while_it_asks(demo: Demo, cause: str) -> None:
    demo.set_faults(latency=3.0)
    outer = LosableTerminal(cause, demo.environment, "doctor", "prod", "web")
    try:
        await until(lambda: demo.counts()["calls"], "AWS is asked")
        await outer.end_by_loss()
    finally:
        outer.end()


PROFILE = """
[profile sso]
sso_start_url = https://sso.example/start
sso_region = us-east-1
sso_account_id = 123456789012
sso_role_name = Operator
region = us-east-1
"""


@pytest.mark.asyncio
@pytest.mark.exhaustive
@pytest.mark.parametrize("cause", sample(["closed", "signals", "input-ends"], 1))
async def test_a_login_ends_with_the_terminal(demo: Demo, tmp_path: Path, cause: str) -> None:
    config = tmp_path / "config"
    config.write_text(PROFILE)
    with center_process(tmp_path / "center") as center:
        env = {
            "HOME": str(tmp_path), "AWS_CONFIG_FILE": str(config),
            "AWS_ENDPOINT_URL": demo.endpoint, "AWS_ENDPOINT_URL_SSO_OIDC": center.endpoint,
            "AWS_EC2_METADATA_DISABLED": "true", "PATH": "/usr/bin:/bin",
        }  # fmt: skip
        outer = LosableTerminal(cause, env, "--profile", "sso", "--no-cache")
        try:
            await outer.shows("i log in")
            outer.keys("i")
            await outer.shows(CODE)
            await outer.end_by_loss()
        finally:
            outer.end()


@pytest.mark.asyncio
@pytest.mark.exhaustive
@pytest.mark.parametrize("cause", sample(["closed", "signals", "input-ends", "killed"], 1))
async def test_the_demo_account_ends_with_its_dashboard(cause: str) -> None:
    outer = LosableTerminal(cause, {}, "demo")
    try:
        await outer.shows("staging")
        assert any("--serve" in args for args in processes(outer.mark).values())
        await outer.end_by_loss()
    finally:
        outer.end()
