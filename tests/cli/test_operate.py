"""deploy, scale, stop and run-task as processes: plans, confirmation, results, exit statuses."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest

from ecs_tui.cli import deploy, operate, operate_options, run_task, scale, stop
from ecs_tui.cli.main import main
from tests.support.command import run_command
from tests.support.demo import Demo
from tests.support.limits import limit, until
from tests.support.program_terminal import ProgramTerminal
from tests.support.stub_aws import FAULTS, SERVICE_RAW, StubAws

VERBS = {
    "deploy": ("deploy", "staging", "web"),
    "scale": ("scale", "staging", "web", "3"),
    "stop": ("stop", "staging", "{task}"),
    "run-task": ("run-task", "staging", "staging-web", "--like", "web", "--exec"),
}


@pytest.fixture
def ecs(demo: Demo) -> Any:
    keys = demo.environment
    return boto3.client(
        "ecs", endpoint_url=demo.endpoint, region_name=demo.region,
        aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
    )  # fmt: skip


def run(demo: Demo, *argv: str) -> subprocess.CompletedProcess[str]:
    done = run_command({**os.environ, **demo.environment}, *argv)
    assert "Traceback" not in done.stderr
    return done


def a_task(ecs: Any, service: str = "web") -> str:
    arns = ecs.list_tasks(cluster="staging", serviceName=service)["taskArns"]
    return str(arns[0]).rpartition("/")[2]


def is_steady(ecs: Any, service: str) -> bool:
    described = ecs.describe_services(cluster="staging", services=[service])["services"][0]
    arns = ecs.list_tasks(cluster="staging", serviceName=service)["taskArns"]
    return len(described["deployments"]) == 1 and (
        described["runningCount"] == described["desiredCount"] == len(arns)
    )


def words_of(ecs: Any, verb: str) -> list[str]:
    return [word.format(task=a_task(ecs)) for word in VERBS[verb]]


def changes(demo: Demo) -> set[str]:
    calls = demo.counts()["calls"]
    return {
        name for name in calls if name.partition(":")[2] in {"UpdateService", "StopTask", "RunTask"}
    }


def test_the_verbs_are_subcommands() -> None:
    for module in (deploy, scale, stop, run_task):
        assert set(operate_options.OPERATE_PARAMETERS) <= set(module.SUBCOMMAND.parameters)
        assert "Exit status" in module.HELP
    assert set(VERBS) <= set(main.commands)
    assert operate.Choices().form == "text"


@pytest.mark.parametrize("verb", VERBS)
def test_a_dry_run_shows_the_plan_and_the_command_and_changes_nothing(
    demo: Demo, ecs: Any, verb: str
) -> None:
    demo.counts(reset=True)
    done = run(demo, *words_of(ecs, verb), "--dry-run")
    assert done.returncode == 0
    assert done.stdout.startswith("aws ecs ") and "--region us-east-1" in done.stdout
    assert f"$ {done.stdout.strip()}" in done.stderr
    result = json.loads(run(demo, *words_of(ecs, verb), "--dry-run", "--output", "json").stdout)
    assert (result["operation"], result["result"]) == (verb, "planned")
    assert result["command"] == result["message"] == done.stdout.strip()
    assert [call["accepted"] for call in result["calls"]] == [False]
    assert result["effects"]
    assert changes(demo) == set()


@pytest.mark.parametrize("verb", VERBS)
def test_without_a_terminal_it_must_be_confirmed_by_an_option(
    demo: Demo, ecs: Any, verb: str
) -> None:
    demo.counts(reset=True)
    done = run(demo, *words_of(ecs, verb))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith(
        "ecs-tui: There is no terminal to confirm it on. Nothing was changed. Add --yes.\n"
    )
    assert changes(demo) == set()


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ((), "This is confirmed by a name, and there is no terminal to ask for it. Nothing was "
         "changed. Add --confirm web."),
        (("--yes",), "Add --confirm web."),
        (("--confirm", "prod"), '--confirm is "prod", but this needs "web". Nothing was changed.'),
    ],
)  # fmt: skip
def test_production_wants_the_name(demo: Demo, flags: tuple[str, ...], words: str) -> None:
    demo.counts(reset=True)
    done = run(demo, "deploy", "prod", "web", *flags)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert changes(demo) == set()


def test_the_policy_wants_the_name_too(demo: Demo, ecs: Any, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[policy]\nconfirm_by_name = ["stag*"]\n')
    demo.counts(reset=True)
    done = run(demo, "--config", str(config), "deploy", "staging", "web", "--yes")
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        "Changes in staging are confirmed by a name (confirm_by_name in [policy])." in done.stderr
    )
    assert done.stderr.endswith("Nothing was changed. Add --confirm web.\n")
    assert changes(demo) == set()
    named = ("deploy", "staging", "web", "--confirm", "web", "--no-wait")
    assert run(demo, "--config", str(config), *named).returncode == 0
    assert changes(demo) == {"ecs:UpdateService"}
    asyncio.run(until(lambda: is_steady(ecs, "web"), "steady: the tests below use these tasks"))


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (
            'deny = ["ecs:UpdateService"]',
            "ecs:UpdateService was blocked by the policy. See deny = ",
        ),
        ('allow = ["ecs:StopTask"]', "ecs:UpdateService was blocked by the policy. See allow"),
        ('clusters_read_only = ["staging"]', 'See clusters_read_only = ["staging"] in [policy]'),
    ],
)
def test_what_the_policy_blocks_is_refused_before_it_asks(
    demo: Demo, tmp_path: Path, policy: str, words: str
) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f"[policy]\n{policy}\n")
    demo.counts(reset=True)
    done = run(demo, "--config", str(config), "deploy", "staging", "web")
    assert (done.returncode, done.stdout) == (1, "")
    assert words in done.stderr
    assert "no terminal" not in done.stderr, "nothing is asked"
    assert changes(demo) == set()
    planned = run(demo, "--config", str(config), "deploy", "staging", "web", "--dry-run")
    assert planned.returncode == 0


@pytest.mark.parametrize("verb", VERBS)
def test_read_only_mode_refuses_each(demo: Demo, ecs: Any, verb: str) -> None:
    demo.counts(reset=True)
    done = run(demo, "--read-only", *words_of(ecs, verb), "--yes")
    assert done.returncode == 1
    assert "ecs-tui: Read-only mode: ecs:" in done.stderr and "was blocked" in done.stderr
    assert changes(demo) == set()


def test_deploy_waits_until_the_deployment_is_completed(demo: Demo, ecs: Any) -> None:
    before = ecs.describe_services(cluster="staging", services=["web"])["services"][0]
    done = run(demo, "deploy", "staging", "web", "--yes")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ("new tasks 2/2 running · old tasks 0. The deployment is completed.\n")
    assert done.stderr.startswith("Start a new deployment of staging/web\n")
    assert re.search(r"^new tasks [01]/2 running · .*old tasks [12]$", done.stderr, re.M)
    after = ecs.describe_services(cluster="staging", services=["web"])["services"][0]
    assert after["deployments"][0]["id"] != before["deployments"][0]["id"]
    assert after["taskDefinition"] == before["taskDefinition"]


def test_deploy_by_arn_without_waiting(demo: Demo, ecs: Any) -> None:
    arn = ecs.describe_services(cluster="prod", services=["cart"])["services"][0]["serviceArn"]
    done = run(demo, "deploy", arn, "--confirm", "cart", "--no-wait", "--output", "json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert (result["result"], result["message"]) == ("accepted", "Accepted by ECS.")
    assert (result["clusterName"], result["serviceName"]) == ("prod", "cart")
    assert result["calls"] == [
        {
            "operation": "ecs:UpdateService", "accepted": True, "error": None,
            "parameters": {"cluster": "prod", "service": "cart", "forceNewDeployment": True},
        }
    ]  # fmt: skip


def test_scale_up_and_the_same_again(demo: Demo, ecs: Any) -> None:
    done = run(demo, "scale", "staging", "checkout", "3", "--yes", "--output", "json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert (result["result"], result["message"]) == (
        "done", "3/3 tasks running. checkout is scaled to 3.",
    )  # fmt: skip
    service = ecs.describe_services(cluster="staging", services=["checkout"])["services"][0]
    assert (service["desiredCount"], service["runningCount"]) == (3, 3)
    again = run(demo, "scale", "staging", "checkout", "3")
    assert (again.returncode, "Nothing changes" in again.stderr) == (0, True), "nothing is asked"
    ranged = run(demo, "scale", "staging", "web", "9", "--dry-run")
    assert "between 2 and 6 tasks: 9 is above that range" in ranged.stderr


def test_stop_by_id_and_prefix_with_a_reason(demo: Demo, ecs: Any) -> None:
    arns = ecs.list_tasks(cluster="staging", serviceName="payments")["taskArns"]
    ids = [arn.rpartition("/")[2] for arn in arns]
    assert len(ids) == 2
    done = run(
        demo,
        "stop",
        "staging",
        ids[0],
        ids[1][:12],
        "--yes",
        "--reason",
        "a drill",
        "--output",
        "json",
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["message"] == "2/2 tasks stopped."
    for line in ids:
        assert f"task payments/{line[:12]}: accepted" in done.stderr
    for each in ecs.describe_tasks(cluster="staging", tasks=arns)["tasks"]:
        assert (each["lastStatus"], each["stoppedReason"]) == ("STOPPED", "a drill")
    again = run(demo, "stop", "staging", *ids, "--yes")
    assert (again.returncode, "All tasks are stopped" in again.stderr) == (1, True)


@pytest.mark.parametrize(
    ("words", "status", "part"),
    [
        (("stop", "staging", "ffffff"), 1, "matches no running task in cluster staging"),
        (("stop", "staging", "f" * 32), 1, "not found in cluster staging"),
        (("stop", "staging", "web"), 2, '"web" is not a task.'),
        (("stop", "nowhere", "f" * 32), 1, 'Cluster "nowhere" not found'),
        (("deploy", "staging", "none"), 1, 'Service "none" not found in cluster staging'),
        (("deploy", "staging"), 2, "deploy needs a service"),
        (("deploy", "staging", "web/app"), 2, "deploy needs a service"),
        (("deploy", "nowhere", "web"), 1, 'Cluster "nowhere" not found'),
        (("scale", "staging", "none", "1"), 1, 'Service "none" not found'),
        (("scale", "staging", "web", "many"), 2, "Invalid value"),
        (("scale", "staging", "web", "--", "-1"), 2, "Invalid value"),
        (("run-task", "staging", "none"), 1, 'Task definition "none" not found in us-east-1'),
        (("run-task", "staging", "staging-web"), 1, "network mode awsvpc"),
        (("run-task", "staging", "staging-web", "--like", "none"), 1, 'Service "none" not found'),
        (("run-task", "staging", "staging-web", "--count", "11"), 2, "cannot be started at once"),
        (("run-task", "staging", "staging-web", "--tag", "x"), 2, "'x' is not a tag."),
        (("run-task", "staging", "staging-web", "--capacity-provider", "a:b"), 2, "strategy"),
        (("run-task", "staging", "x", "--launch-type", "EC2", "--capacity-provider", "a"), 2,
         "contradict each other"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said(
    demo: Demo, words: tuple[str, ...], status: int, part: str
) -> None:
    demo.counts(reset=True)
    done = run(demo, *words)
    assert (done.returncode, done.stdout) == (status, ""), done.stderr
    assert part in done.stderr
    assert changes(demo) == set()


def test_run_task_with_exec_offers_a_shell(demo: Demo, ecs: Any) -> None:
    done = run(
        demo, *VERBS["run-task"], "--tag", "environment=staging", "--tag", "why=drill", "--yes",
        "--started-by", "test",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    words, arn = done.stdout.splitlines()
    assert words == "1/1 tasks running · exec agents 2/2."
    assert f"Open a shell with: ecs-tui exec staging {arn.rpartition('/')[2]}\n" in done.stderr
    (task,) = ecs.describe_tasks(cluster="staging", tasks=[arn], include=["TAGS"])["tasks"]
    assert {tag["key"]: tag["value"] for tag in task["tags"]} == {
        "environment": "staging",
        "why": "drill",
    }
    assert (task["enableExecuteCommand"], task["startedBy"]) == (True, "test")
    shell = run(
        demo, "--plugin", "builtin", "exec", "staging", arn.rpartition("/")[2], "app", "--", "echo",
        "hi",
    )  # fmt: skip
    assert (shell.returncode, shell.stdout.strip()) == (0, "hi"), shell.stderr


def test_tasks_that_ecs_does_not_start(demo: Demo) -> None:
    words = ("run-task", "prod", "thumbnails", "--like", "thumbnails", "--count", "4")
    done = run(demo, *words, "--confirm", "prod", "--output", "json")
    result = json.loads(done.stdout)
    assert (done.returncode, result["result"]) == (1, "failed")
    assert len(result["taskArns"]) == 2
    (failure,) = result["failures"]
    assert failure["reason"].startswith("Capacity is unavailable")
    assert "2/4 tasks running" in result["message"] and "2 tasks not started" in result["message"]
    none = run(demo, "run-task", "batch", "batch-train", "--yes")
    assert (none.returncode, none.stdout) == (1, "")
    assert (
        "ecs-tui: ECS did not start a task: RESOURCE:MEMORY (no container instance" in none.stderr
    )


def test_a_deployment_that_fails(demo: Demo, ecs: Any) -> None:
    made = ecs.register_task_definition(
        family="broken", networkMode="awsvpc", requiresCompatibilities=["FARGATE"], cpu="256",
        memory="512", containerDefinitions=[{"name": "app", "image": "app:broken", "memory": 64}],
    )["taskDefinition"]["taskDefinitionArn"]  # fmt: skip
    ecs.update_service(
        cluster="staging", service="sandbox", taskDefinition=made,
        deploymentConfiguration={"deploymentCircuitBreaker": {"enable": True, "rollback": False}},
    )  # fmt: skip
    done = run(demo, "deploy", "staging", "sandbox", "--yes")
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    assert "the circuit breaker stops the deployment" in done.stderr
    last = done.stderr.splitlines()[-1]
    assert last.startswith("ecs-tui: new tasks ")
    assert last.endswith(
        "The deployment failed: ECS deployment circuit breaker: tasks failed to start."
    )


def test_what_aws_does_not_allow_is_status_3(demo: Demo) -> None:
    demo.set_faults(deny=["ecs:UpdateService"])
    try:
        denied = run(demo, "deploy", "staging", "orders", "--yes", "--output", "json")
    finally:
        demo.heal()
    assert denied.returncode == 3
    assert "ecs-tui: Access denied: ecs:UpdateService on service/orders." in denied.stderr
    result = json.loads(denied.stdout)
    assert result["result"] == "failed" and not result["calls"][0]["accepted"]
    assert result["calls"][0]["error"].startswith("Access denied: ecs:UpdateService")


def test_what_cannot_be_followed_is_status_3(stub: StubAws) -> None:
    looks = iter(({"services": [SERVICE_RAW]},))
    denied = FAULTS["scp"]("ecs:DescribeServices")
    stub.answers["ecs:DescribeServices"] = lambda _: next(looks, denied)
    env = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"} | stub.environment()
    done = run_command(env, "deploy", "stub", "web", "--yes", "--output", "json")
    result = json.loads(done.stdout)
    assert (done.returncode, result["result"]) == (3, "unknown")
    assert result["calls"][0]["accepted"] and result["calls"][0]["error"] is None
    assert "it cannot be followed: Access denied" in result["message"]


# -- on a terminal


@pytest.mark.asyncio
@pytest.mark.parametrize(("answer", "status"), [("n", 1), ("", 1), ("y", 0), ("YES", 0)])
async def test_it_asks_on_the_terminal(demo: Demo, answer: str, status: int) -> None:
    outer = ProgramTerminal(demo.environment, "deploy", "staging", "orders", "--no-wait")
    try:
        await outer.shows("Start a new deployment of staging/orders? [y/N]")
        outer.keys(f"{answer}\r")
        await outer.shows("Accepted by ECS." if status == 0 else "Nothing was changed.")
        assert await outer.ends() == status
    finally:
        outer.close()


@pytest.mark.asyncio
@pytest.mark.parametrize(("answer", "status"), [("orders", 0), ("y", 1)])
async def test_in_production_it_asks_for_the_name(demo: Demo, answer: str, status: int) -> None:
    outer = ProgramTerminal(demo.environment, "deploy", "prod", "orders", "--no-wait", "--yes")
    try:
        await outer.shows('Type "orders" to confirm:')
        outer.keys(f"{answer}\r")
        await outer.shows("Accepted by ECS." if status == 0 else "Nothing was changed.")
        assert await outer.ends() == status
    finally:
        outer.close()


HEARING = (
    "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); "
    "os.execv(sys.argv[1], sys.argv[1:])"
)
"""Runs a command with the default action for SIGINT."""


@pytest.mark.asyncio
async def test_ctrl_c_ends_the_waiting_but_not_the_change(stub: StubAws) -> None:
    raw = {
        **SERVICE_RAW,
        "deployments": [{"id": "d-1", "status": "PRIMARY", "rolloutState": "IN_PROGRESS"}],
    }
    stub.answers["ecs:DescribeServices"] = {"services": [raw]}
    stub.answers["ecs:UpdateService"] = {"service": raw}
    env = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"} | stub.environment()
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HEARING, sys.executable, "-m", "ecs_tui", "deploy", "stub", "web",
        "--yes", env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip
    await until(lambda: stub.calls["ecs:DescribeServices"] > 1, "it is followed")
    child.send_signal(signal.SIGINT)
    async with asyncio.timeout(limit(20)):
        out, told = await child.communicate()
    assert (child.returncode, out) == (128 + signal.SIGINT, b"")
    assert told.decode().endswith("ecs-tui: no longer followed; ECS goes on with it.\n")
