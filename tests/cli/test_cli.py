"""The command line as a process, on the demo account."""

from __future__ import annotations

import json
import os
import re
import subprocess
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.command import run_command
from tests.support.demo import Demo
from tests.support.limits import sample


def run(
    demo: Demo, *argv: str, stdin: str = "", flags: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    return run_command({**os.environ, **demo.environment}, *flags, *argv, stdin=stdin)


def test_ls_containers_as_json(demo: Demo) -> None:
    done = run(demo, "ls", "containers", "--cluster", "prod", "--json")
    rows = json.loads(done.stdout)
    assert done.returncode == 0
    assert len(rows) > 60
    envoy = next(r for r in rows if r["serviceName"] == "payments" and r["name"] == "envoy")
    (agent,) = envoy["managedAgents"]
    assert (envoy["execReadiness"], agent["lastStatus"]) == ("no", "STOPPED")
    assert envoy["taskArn"].startswith("arn:aws:ecs:us-east-1:123456789012:task/prod/")
    started = datetime.fromisoformat(agent["lastStartedAt"])
    assert started.utcoffset() == timedelta(0), "times are UTC"
    assert timedelta(0) < datetime.now(UTC) - started < timedelta(days=30)


def test_ls_tables(demo: Demo) -> None:
    lines = run(demo, "ls", "clusters").stdout.splitlines()
    assert lines[0].split()[:2] == ["CLUSTER", "STATUS"]
    assert [line.split()[0] for line in lines[1:]] == ["prod", "staging", "batch", "exec-cases"]
    heads, *services = (
        re.split(" {2,}", line)
        for line in run(demo, "ls", "services", "--cluster", "batch").stdout.splitlines()
    )
    assert heads == [
        "CLUSTER", "SERVICE", "STATUS", "DESIRED", "RUNNING", "PENDING", "TASK_DEFINITION",
        "LAUNCH", "EXEC", "DEPLOYMENT",
    ]  # fmt: skip
    rows = {cells[1]: cells for cells in services}
    assert set(rows) == {
        "export", "ingest", "legacy-batch", "nightly", "reindex", "train", "transform",
    }  # fmt: skip
    assert rows["nightly"] == [
        "batch", "nightly", "ACTIVE", "0", "0", "0", "batch-nightly:4", "EC2", "on", "scaled to 0",
    ]  # fmt: skip
    assert rows["ingest"][3:6] == ["12", "12", "0"]
    assert (
        len(run(demo, "ls", "tasks", "--cluster", "prod", "--service", "web").stdout.splitlines())
        == 9
    )


def first_task(demo: Demo, service: str) -> str:
    rows = json.loads(
        run(demo, "ls", "tasks", "--cluster", "prod", "--service", service, "--json").stdout
    )
    return str(rows[0]["taskId"])


def test_exec_prints_the_remotes_output_and_nothing_else(demo: Demo, plugin: str) -> None:
    task = first_task(demo, "web")
    done = run(
        demo, "exec", "prod", task[:10], "app", "--", "echo", "hello there",
        flags=("--plugin", plugin),
    )  # fmt: skip
    assert done.stdout.replace("\r", "") == "hello there\n"
    assert done.returncode == 0


TARGETS = [
    ("prod", "{id}", "app", "echo", "hi"),
    ("prod", "{id}", "--", "echo", "hi"),
    ("prod", "{id}/app", "--", "echo", "hi"),
    ("{arn}", "--", "echo", "hi"),
    ("{arn}", "app", "--", "echo", "hi"),
    ("{arn}", "app", "echo", "hi"),
    ("prod", "{arn}", "app", "--", "echo", "hi"),
    ("prod", "web", "--", "echo", "hi"),
    ("prod", "web/app", "--", "echo", "hi"),
    ("https://us-east-1.console.aws.amazon.com/ecs/v2/clusters/prod/tasks/{id}/logs", "--",
     "echo", "hi"),
]  # fmt: skip
"""How a container and a command may be named."""


@pytest.mark.exhaustive
@pytest.mark.parametrize("words", sample(TARGETS, 5))
def test_exec_finds_its_target_and_its_command(demo: Demo, words: tuple[str, ...]) -> None:
    task = first_task(demo, "web")
    arn = f"arn:aws:ecs:us-east-1:123456789012:task/prod/{task}"
    argv = [word.format(id=task, arn=arn) for word in words]
    done = run(demo, "exec", *argv, flags=("--plugin", "builtin"))
    assert (done.returncode, done.stdout.replace("\r", "")) == (0, "hi\n"), done.stderr
    by_service = "web" in words[1]
    assert done.stderr.startswith("ecs-tui: web: container app of task ") if by_service else (
        done.stderr == ""
    )  # fmt: skip


def test_exec_takes_commands_from_a_pipe(demo: Demo) -> None:
    task = first_task(demo, "web")
    done = run(demo, "exec", "prod", task, stdin="echo $((6*7))\n", flags=("--plugin", "builtin"))
    assert "\n42" in done.stdout.replace("\r", "")


def test_errors_are_one_sentence_on_stderr(demo: Demo) -> None:
    for argv, part in (
        (("exec", "prod", "zzzz"), 'matches "zzzz"'),
        (
            ("exec", "nowhere", "abc"),
            'Cluster "nowhere" not found in us-east-1 (ecs:ListTasks).',
        ),
        (("exec", "prod", first_task(demo, "web"), "none", "--", "ls"), 'has no container "none"'),
        (("exec", "prod", first_task(demo, "reports")), "Exec was disabled"),
        (
            ("ls", "services", "--cluster", "nowhere"),
            'Cluster "nowhere" not found in us-east-1 (ecs:ListServices). '
            "Check the name and the region.\n",
        ),
    ):
        done = run(demo, *argv)
        assert done.returncode == 1, argv
        assert part in done.stderr, done.stderr
        assert "Traceback" not in done.stderr
        assert done.stdout == ""


def test_a_wrong_config_is_named(demo: Demo, tmp_path: object) -> None:
    path = f"{tmp_path}/c.toml"
    with open(path, "w", encoding="utf-8") as file:
        file.write("refresh = 'x'\n")
    done = run(demo, "ls", "clusters", flags=("--config", path))
    assert done.returncode == 2
    assert path in done.stderr
    assert "a number" in done.stderr


def test_the_log_has_calls_and_no_secret(demo: Demo, tmp_path: object) -> None:
    path = f"{tmp_path}/calls.log"
    run(
        demo,
        "exec",
        "prod",
        first_task(demo, "web"),
        "app",
        "--",
        "true",
        flags=("--log-file", path),
    )
    with open(path, encoding="utf-8") as file:
        text = file.read()
    assert "ecs:ExecuteCommand ok" in text
    assert "okenValue" not in text
    assert demo.environment["AWS_SECRET_ACCESS_KEY"] not in text
    assert os.stat(path).st_mode & 0o777 == 0o600
