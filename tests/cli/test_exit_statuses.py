"""The table of exit statuses: every command in every situation, as a process."""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ecs_tui import errors
from ecs_tui.system.exit_status import ExitStatus, of_error
from tests.support.command import run_command
from tests.support.demo import Demo
from tests.support.identity_center import SSO, center_process
from tests.support.limits import limit, sample, until
from tests.support.stub_aws import ANSWERS, FAULTS, StubAws, error_reply

Environment = dict[str, str]
VERBS = {
    "ls": ("ls", "services"),
    "exec": ("exec", "stub", "web", "--", "true"),
    "doctor": ("doctor", "stub", "web"),
    "info": ("info",),
    "logs": ("logs", "stub", "web"),
    "login": ("login",),
    "cache": ("cache",),
    "demo": ("demo",),
}
ASKING = ("ls", "exec", "doctor", "info", "logs")
YES, NO, WRONG_USAGE, NOT_ASKED, OUR_FAULT = ExitStatus


@pytest.fixture
def env(stub: StubAws, tmp_path: Path) -> Environment:
    base = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8"}
    return base | stub.environment()


def status(env: Environment, *argv: str) -> int:
    """Run a command; returns its exit status. If it fails, it prints one line to stderr."""
    done = run_command(env, *argv)
    assert "Traceback" not in done.stderr and "Traceback" not in done.stdout
    failed = done.returncode not in (YES, WRONG_USAGE)
    if failed and argv[0] != "info":  # it prints failures to stdout
        assert re.fullmatch(r"ecs-tui: .+\n", done.stderr), done.stderr
    return done.returncode


# -- 3: AWS could not be called


def fault(name: str) -> Callable[[StubAws, Environment], None]:
    def arrange(stub: StubAws, env: Environment) -> None:
        for operation in ANSWERS:
            if operation.startswith("ecs:"):
                stub.faults[operation] = FAULTS[name]

    return arrange


def throttled(stub: StubAws, env: Environment) -> None:
    for operation in ("ecs:ListClusters", "ecs:ListTasks"):
        stub.faults[operation] = lambda op: error_reply(op, "ThrottlingException", "Rate exceeded")


def no_keys(stub: StubAws, env: Environment) -> None:
    del env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"]


def no_region(stub: StubAws, env: Environment) -> None:
    del env["AWS_REGION"]


def no_profile(stub: StubAws, env: Environment) -> None:
    no_keys(stub, env)
    env["AWS_PROFILE"] = "nope"


def not_reached(stub: StubAws, env: Environment) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        env["AWS_ENDPOINT_URL"] = f"http://127.0.0.1:{server.getsockname()[1]}"


SITUATIONS: dict[str, Callable[[StubAws, Environment], None]] = {
    "denied": fault("scp"),
    "throttled": throttled,
    "expired": fault("expired"),
    "sign-in page": fault("html-200"),
    "clock": fault("skew"),
    "no keys": no_keys,
    "no region": no_region,
    "no such profile": no_profile,
    "not reached": not_reached,
}


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("verb", "situation"), sample(list(itertools.product(ASKING, SITUATIONS)), 12)
)
def test_aws_could_not_be_asked(stub: StubAws, env: Environment, verb: str, situation: str) -> None:
    SITUATIONS[situation](stub, env)
    assert status(env, *VERBS[verb]) == NOT_ASKED


def test_a_part_of_aws_could_not_be_asked(stub: StubAws, env: Environment) -> None:
    stub.faults["iam:SimulatePrincipalPolicy"] = FAULTS["scp"]
    done = run_command(env, "doctor", "stub", "web")
    assert (done.returncode, done.stderr) == (NOT_ASKED, "")


def test_a_login_that_cannot_be_reached_or_is_refused(
    stub: StubAws, env: Environment, tmp_path: Path
) -> None:
    no_keys(stub, env)
    (tmp_path / "config").write_text(SSO)
    env |= {"AWS_CONFIG_FILE": str(tmp_path / "config"), "AWS_PROFILE": "dev"}
    not_reached(stub, env)
    assert status(env, "login") == NOT_ASKED
    env["AWS_PROFILE"] = "nope"
    assert status(env, "login") == NOT_ASKED


# -- 2: wrong usage


@pytest.mark.parametrize("verb", VERBS)
def test_wrong_usage_and_wrong_settings(env: Environment, verb: str) -> None:
    assert status(env, *VERBS[verb][:1], "--nonsense") == WRONG_USAGE
    assert status({**env, "ECS_TUI_READ_ONLY": "y"}, *VERBS[verb]) == WRONG_USAGE
    assert status(env, "--config", "/dev/null/x", *VERBS[verb]) == WRONG_USAGE
    assert status(env, "--log-file", "/dev/null/x", *VERBS[verb]) == WRONG_USAGE


@pytest.mark.parametrize(
    "argv",
    [
        ("exec",), ("exec", "stub"), ("exec", "", "web"), ("exec", "stub", " "),
        ("exec", "stub", "a/b/c"), ("exec", "stub", "web", "app", "ls", "--", "ls"),
        ("exec", "https://example.com/x"), ("exec", "arn:aws:ecs:us-east-1:111122223333:cluster/x"),
        ("doctor",), ("doctor", ""), ("doctor", "stub", ""), ("doctor", "stub", "web", "app", "x"),
        ("doctor", "stub", "web/app", "--container", "envoy"), ("doctor", "arn:aws:s3:::x"),
        ("ls",), ("ls", "pods"), ("ls", "services", "--cluster", "a b"), ("nothing",),
        ("cache", "nothing"), ("demo",), ("demo", "--latency", "soon"), (),
        ("--region", "eu-west-1", "doctor", "arn:aws:ecs:us-east-1:111122223333:cluster/stub"),
        ("exec", "arn:aws:ecs:us-east-1:999999999999:service/stub/web"),
    ],
)  # fmt: skip
def test_wrong_usage(env: Environment, argv: tuple[str, ...]) -> None:
    assert status(env, *argv) == WRONG_USAGE


# -- 1: no, or problems were found


@pytest.mark.parametrize(
    "argv",
    [
        ("exec", "prod", "none"), ("exec", "prod", "f00f00"), ("exec", "prod", "web/none"),
        ("exec", "nowhere", "web"), ("exec", "prod", "reports", "--", "true"),
        ("--read-only", "exec", "prod", "web", "--", "true"),
        ("doctor", "prod", "none"), ("doctor", "nowhere"), ("doctor", "prod", "payments/envoy"),
        ("doctor", "prod", "web", "--container", "none"),
        ("ls", "services", "--cluster", "nowhere"), ("ls", "tasks", "--service", "none"),
        ("ls", "clusters", "--cluster", "nowhere"), ("login",),
    ],
)  # fmt: skip
def test_no(demo: Demo, env: Environment, argv: tuple[str, ...]) -> None:
    done = run_command(env | demo.environment, *argv)
    assert done.returncode == NO, done.stderr
    assert "Traceback" not in done.stderr


def test_a_cache_that_cannot_be_removed(env: Environment, own_places: Path) -> None:
    (own_places / "cache").mkdir()
    (own_places / "cache" / "ecs-tui").write_text("no folder")
    assert status(env | {"XDG_CACHE_HOME": str(own_places / "cache")}, "cache", "clear") == NO


def test_a_demo_without_its_packages(env: Environment, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['moto'] = None\n")
    assert status(env | {"PYTHONPATH": str(tmp_path)}, "demo", "--serve") == NO


# -- 0: yes


def test_a_demo_that_served_its_parent(env: Environment) -> None:
    assert status(env, "demo", "--serve", "--with-parent") == YES  # its stdin is closed at once


@pytest.mark.parametrize(
    "argv",
    [
        ("ls", "clusters"), ("ls", "services"), ("ls", "tasks", "--cluster", "prod"),
        ("ls", "containers", "--service", "web"), ("ls", "instances"), ("info",), ("cache",),
        ("cache", "clear"), ("doctor", "exec-cases", "healthy"), ("doctor", "prod", "payments/app"),
        ("--plugin", "builtin", "exec", "prod", "web", "--", "true"),
        ("--plugin", "builtin", "exec", "prod", "web/envoy", "--", "true"),
        ("--help",), ("--version",), ("exec", "--help"),
    ],
)  # fmt: skip
def test_yes(demo: Demo, env: Environment, argv: tuple[str, ...]) -> None:
    done = run_command(env | demo.environment, *argv)
    assert done.returncode == YES, done.stderr


def test_a_login_that_succeeds(stub: StubAws, env: Environment, tmp_path: Path) -> None:
    no_keys(stub, env)
    with center_process(tmp_path / "center") as center:
        center.confirm()
        env |= {**center.environment(tmp_path), "AWS_PROFILE": "dev"}
        assert status(env, "login") == YES


# -- 70: our fault


BROKEN = {
    "ls": ("csv.writer", ("ls", "clusters", "--output", "csv")),
    "exec": ("shlex.join", VERBS["exec"]),
    "doctor": ("shutil.get_terminal_size", VERBS["doctor"]),
    "info": ("shutil.get_terminal_size", VERBS["info"]),
    "login": ("hashlib.sha1", ("--profile", "dev", "login")),
}
"""Functions of the standard library that are made to fail, and a command that calls each."""


@pytest.mark.exhaustive
@pytest.mark.parametrize("verb", sample(list(BROKEN), 2))
def test_what_nobody_expected(env: Environment, tmp_path: Path, verb: str) -> None:
    name, argv = BROKEN[verb]
    module, function = name.split(".")
    (tmp_path / "sitecustomize.py").write_text(
        f"import {module}\ndef broken(*_, **__):\n    raise RuntimeError('broken')\n"
        f"{module}.{function} = broken\n"
    )
    with center_process(tmp_path / "center") as center:
        center.confirm()
        env |= {**center.environment(tmp_path), "PYTHONPATH": str(tmp_path)}
        done = run_command(env, *argv)
    assert done.returncode == OUR_FAULT, done.stderr
    assert "Unexpected error in" in done.stderr.splitlines()[-1]
    assert "RuntimeError: broken" in done.stderr and "Traceback" not in done.stderr


# -- 128 + n


HEARING = (
    "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); "
    "os.execv(sys.argv[1], sys.argv[1:])"
)
"""Runs a command with the default action for SIGINT: background jobs inherit that it is ignored."""


@pytest.mark.asyncio
@pytest.mark.exhaustive
@pytest.mark.parametrize("verb", sample(ASKING, 2))
async def test_ctrl_c_ends_a_verb_without_a_word(
    stub: StubAws, env: Environment, verb: str
) -> None:
    for operation in ("ecs:ListClusters", "ecs:ListTasks"):
        stub.faults[operation] = FAULTS["never"]
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HEARING, sys.executable, "-m", "ecs_tui", *VERBS[verb], env=env,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    asked = lambda: stub.calls["ecs:ListClusters"] + stub.calls["ecs:ListTasks"]  # noqa: E731
    await until(asked, "AWS is asked")
    child.send_signal(signal.SIGINT)
    async with asyncio.timeout(limit(20)):
        _, told = await child.communicate()
    assert (child.returncode, told) == (128 + signal.SIGINT, b"")


# -- the table itself


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (errors.SettingsError("x"), WRONG_USAGE), (errors.WrongUsage("x"), WRONG_USAGE),
        (errors.NotFound("x"), NO), (errors.ResourceGone("x"), NO), (errors.ExecFailed("x"), NO),
        (errors.ReadOnly("x"), NO), (errors.SessionError("x"), NO), (errors.EcsTuiError("x"), NO),
        (errors.AwsError("x"), NOT_ASKED), (errors.AccessDenied("x"), NOT_ASKED),
        (errors.NoCredentials("x"), NOT_ASKED), (errors.ExpiredCredentials("x"), NOT_ASKED),
        (errors.MfaRequired("x"), NOT_ASKED), (errors.NoRegion("x"), NOT_ASKED),
        (errors.Throttled("x"), NOT_ASKED), (errors.NoNetwork("x"), NOT_ASKED),
        (errors.BadAnswer("x"), NOT_ASKED),
    ],
)  # fmt: skip
def test_which_error_is_which(error: errors.EcsTuiError, expected: ExitStatus) -> None:
    assert of_error(error) is expected


def test_the_documents_table_has_them_all() -> None:
    text = Path("docs/command-line.md").read_text("utf-8")
    table = text.partition("## Exit statuses")[2].partition("\n## ")[0]
    told = [int(number) for number in re.findall(r"^\| (\d+)\b", table, re.MULTILINE)]
    assert told == [*ExitStatus, 128 + signal.SIGINT, 128 + signal.SIGPIPE]
    head = table.strip().splitlines()[0]
    for verb in (*ASKING, "login", "cache"):
        assert f"`{verb}`" in head


def test_two_commands_with_one_key_are_named_at_start(env: Environment, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[keys]\nshell = "d"\n')
    done = run_command(env, "--config", str(path), "ls", "services")
    assert done.returncode == WRONG_USAGE
    words = '[keys] cannot be used: "d" is the key of both "details" and "shell" in the list.'
    assert done.stderr.strip().endswith(words)
    assert str(path) in done.stderr
