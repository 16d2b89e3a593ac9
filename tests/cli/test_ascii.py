"""In a locale with only ASCII every command works: symbols have ASCII forms, names are escaped."""

from __future__ import annotations

import copy
import itertools
import json
import os
from pathlib import Path

import click
import pytest

from ecs_tui.cli.main import main
from tests.support.cli_commands import commands
from tests.support.command import run_command
from tests.support.demo import Demo
from tests.support.identity_center import center_process
from tests.support.limits import sample
from tests.support.program_terminal import ProgramTerminal
from tests.support.stub_aws import StubAws

NAME = "wéb-日本"
LOCALES = {
    "LANG=C": {"LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "LC_ALL=POSIX": {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "PYTHONIOENCODING=ascii": {"LANG": "C.UTF-8", "PYTHONIOENCODING": "ascii"},
}


@pytest.fixture
def stub(stub: StubAws) -> StubAws:
    """With a service's name and an agent's reason that are not ASCII."""
    stub.answers = copy.deepcopy(stub.answers)
    (service,) = stub.answers["ecs:DescribeServices"]["services"]
    service["serviceName"] = NAME
    for task in stub.answers["ecs:DescribeTasks"]["tasks"]:
        task["group"] = f"service:{NAME}"
        agent = task["containers"][0]["managedAgents"][0]
        agent |= {"lastStatus": "STOPPED", "reason": "der Agent läuft nicht …"}
    return stub


@pytest.fixture(params=LOCALES)
def env(request: pytest.FixtureRequest, tmp_path: Path, stub: StubAws) -> dict[str, str]:
    base = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    return base | LOCALES[request.param] | stub.environment()


def run(env: dict[str, str], *argv: str) -> tuple[int, str, str]:
    """(status, stdout, stderr); both are ASCII."""
    done = run_command(env, *argv)
    out, err = done.stdout, done.stderr
    assert out.isascii() and err.isascii(), out + err
    assert "UnicodeEncodeError" not in out + err and "Unexpected error" not in err
    return done.returncode, out, err


@pytest.mark.parametrize("form", ["table", "csv"])
def test_ls_escapes_names(env: dict[str, str], form: str) -> None:
    status, out, err = run(env, "ls", "services", "--output", form)
    assert (status, err) == (0, "")
    assert r"w\xe9b-\u65e5\u672c" in out


def test_json_stays_json(env: dict[str, str]) -> None:
    status, out, _ = run(env, "ls", "services", "--json")
    assert status == 0
    assert json.loads(out)[0]["serviceName"] == NAME
    _, out, _ = run(env, "doctor", "stub", "a" * 32, "--json")
    assert json.loads(out)[0]["serviceName"] == NAME


def test_doctor_has_signs_of_ascii(env: dict[str, str]) -> None:
    status, out, err = run(env, "doctor", "stub", "a" * 32)
    assert (status, err) == (1, "")
    assert r"w\xe9b-\u65e5\u672c/aaaaaaaaaaaa: not ready" in out
    assert "  ok pass    Task running" in out
    assert "  x  fail    Exec agent running" in out
    assert r"der Agent l\xe4uft nicht ..." in out
    assert "      -> " in out


def test_info_has_signs_of_ascii(env: dict[str, str]) -> None:
    status, out, err = run(env, "info")
    assert (status, err) == (0, "")
    assert "ok sts:GetCallerIdentity  arn:" in out
    assert "   TERM                   not set" in out


def test_exec_says_what_may_fail(env: dict[str, str]) -> None:
    status, _, err = run(env, "--plugin", "builtin", "exec", "stub", "a" * 32, "--", "true")
    assert status == 3, "nobody is behind the stub's session"
    assert r"ecs-tui: warning: der Agent l\xe4uft nicht" in err


def test_exec_passes_bytes_as_they_are(demo: Demo, env: dict[str, str]) -> None:
    argv = ("--plugin", "builtin", "exec", "prod", "web", "--", "printf", r"\303\251")
    done = run_command(env | demo.environment, *argv)
    assert (done.returncode, "é" in done.stdout) == (0, True)
    assert done.stderr.isascii()


def test_login_shows_its_code(env: dict[str, str], tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        env.pop(name)
    with center_process(tmp_path / "center") as center:
        center.confirm()
        env |= {**center.environment(tmp_path), "AWS_PROFILE": "dev"}
        status, out, err = run(env, "login")
    assert (status, out) == (0, "")
    assert "Waiting for confirmation..." in err


def test_wrong_words_are_repeated(env: dict[str, str]) -> None:
    for argv in (("exec", "prod", NAME), ("doctor", NAME), ("ls", "tasks", "--cluster", NAME)):
        status, out, err = run(env, *argv)
        assert (status, out) == (2, "")
        assert "cannot be the name of" in err


def test_help_and_cache(env: dict[str, str]) -> None:
    for argv in (("--help",), ("ls", "--help"), ("exec", "--help"), ("doctor", "-h"), ("cache",)):
        assert run(env, *argv)[0] == 0


@pytest.mark.parametrize(("name", "command"), list(commands(main, "ecs-tui")))
def test_every_help_is_ascii(name: str, command: click.Command) -> None:
    assert command.get_help(click.Context(command, info_name=name)).isascii()


@pytest.mark.asyncio
async def test_a_table_is_shortened_in_ascii(stub: StubAws, tmp_path: Path) -> None:
    env = {"HOME": str(tmp_path), **LOCALES["LANG=C"], **stub.environment()}
    outer = ProgramTerminal(env, "ls", "tasks", size=(60, 10))
    await outer.ends()
    outer.pty.close()
    lines = outer.raw.decode("ascii").replace("\r\n", "\n").splitlines()
    assert outer.status == 0 and len(lines) == 3
    assert "..." in lines[1] and max(map(len, lines)) <= 60


@pytest.mark.asyncio
@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("verb", "locale"),
    sample(
        [
            *itertools.product(
                [["ls", "services"], ["info"], ["doctor", "stub", "web"], ["ls", "none"]],
                [{"LANG": "C"}, {"LANG": ""}, {"LC_ALL": "POSIX"}],
            )
        ],
        3,
    ),
)
async def test_on_a_terminal_the_locale_counts_and_not_what_python_makes_of_it(
    stub: StubAws, tmp_path: Path, locale: dict[str, str], verb: list[str]
) -> None:
    outer = ProgramTerminal({**stub.environment(), "HOME": str(tmp_path), **locale}, *verb)
    await outer.ends()
    assert outer.raw.isascii(), bytes(outer.raw)
    assert len(outer.raw) > 40
    outer.pty.close()
