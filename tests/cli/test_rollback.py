"""rollback and wait as processes: plans, differences, outcomes, exit statuses."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

import boto3
import pytest

from ecs_tui.cli import operate_options, rollback, wait
from ecs_tui.cli.main import main
from tests.support.command import run_command
from tests.support.demo import Demo


@pytest.fixture(scope="module")
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


def register(ecs: Any, image: str, *, family: str = "staging-web") -> str:
    """A new revision of a task definition whose first container has another image."""
    known = ecs.describe_task_definition(taskDefinition=family)["taskDefinition"]
    containers = known["containerDefinitions"]
    containers[0]["image"] = image
    names = (
        "networkMode",
        "requiresCompatibilities",
        "cpu",
        "memory",
        "taskRoleArn",
        "executionRoleArn",
    )
    more = {name: known[name] for name in names if known.get(name)}
    made = ecs.register_task_definition(family=family, containerDefinitions=containers, **more)
    return str(made["taskDefinition"]["taskDefinitionArn"])


def test_the_verbs_are_subcommands() -> None:
    assert {"rollback", "wait"} <= set(main.commands)
    assert set(operate_options.OPERATE_PARAMETERS) <= set(rollback.SUBCOMMAND.parameters)
    assert "Exit status" in rollback.HELP and "Exit status" in wait.HELP


def test_wait_deploy_and_roll_back(demo: Demo, ecs: Any) -> None:
    settled = run(demo, "wait", "staging", "web")
    assert settled.returncode == 0, settled.stderr
    assert "web has settled on" in settled.stdout
    before = ecs.describe_services(cluster="staging", services=["web"])["services"][0][
        "taskDefinition"
    ]
    new = register(ecs, "shop/web:next")
    ecs.update_service(cluster="staging", service="web", taskDefinition=new)
    waited = run(demo, "wait", "staging", "web", "--output", "json")
    assert waited.returncode == 0, waited.stderr
    assert json.loads(waited.stdout)["result"] == "done"
    assert "in progress" in waited.stderr, "progress is on stderr"
    planned = run(demo, "rollback", "staging", "web", "--dry-run")
    assert planned.returncode == 0, planned.stderr
    assert "update-service" in planned.stdout and before.rpartition("/")[2] in planned.stderr
    assert "image: shop/web:next → " in planned.stderr
    done = run(demo, "rollback", "staging", "web", "--yes")
    assert done.returncode == 0, done.stderr
    now = ecs.describe_services(cluster="staging", services=["web"])["services"][0]
    assert now["taskDefinition"] == before


def test_a_deployment_in_progress_is_stopped(demo: Demo, ecs: Any) -> None:
    before = ecs.describe_services(cluster="staging", services=["orders"])["services"][0]
    family = before["taskDefinition"].rpartition("/")[2].partition(":")[0]
    ecs.update_service(
        cluster="staging", service="orders", taskDefinition=register(ecs, "orders:2", family=family)
    )
    done = run(demo, "rollback", "staging", "orders", "--yes")
    assert done.returncode == 0, done.stderr
    assert "stop-service-deployment" in done.stderr and "It is rolled back." in done.stdout
    after = run(demo, "wait", "staging", "orders")
    assert after.returncode == 1 and "was rolled back" in after.stderr


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("wait", "staging", "no-such"), 1, "not found"),
        (("wait", "staging", "web", "--timeout", "0"), 2, "--timeout"),
        (("rollback", "staging", "web", "--to", "no-such"), 1, "is no earlier revision of web"),
        (("rollback", "staging", "web", "--to", "no-such:1"), 1, "not found"),
        (("rollback", "staging", "no-such"), 1, "not found"),
    ],
)
def test_what_cannot_be_done_is_said(
    demo: Demo, words: tuple[str, ...], status: int, said: str
) -> None:
    done = run(demo, *words)
    assert (done.returncode, done.stdout) == (status, ""), done.stderr
    assert said in done.stderr


def test_a_named_task_definition_needs_no_history(demo: Demo, ecs: Any) -> None:
    new = register(ecs, "shop/web:named").rpartition("/")[2]
    demo.set_faults(deny=["ecs:ListServiceDeployments"])
    try:
        refused = run(demo, "rollback", "staging", "web", "--dry-run")
        assert refused.returncode == 3 and "ecs:ListServiceDeployments" in refused.stderr
        planned = run(demo, "rollback", "staging", "web", "--to", new, "--dry-run")
        assert planned.returncode == 0, planned.stderr
        assert f"Roll back staging/web to {new}" in planned.stderr
    finally:
        demo.set_faults(deny=[])


def test_what_has_not_settled_in_time_is_status_3(demo: Demo, ecs: Any) -> None:
    ecs.update_service(cluster="staging", service="web", forceNewDeployment=True)
    done = run(demo, "wait", "staging", "web", "--timeout", "0.1")
    assert (done.returncode, done.stdout) == (3, "")
    assert "web has not settled within 0 s." in done.stderr
