"""The equal command of the AWS CLI: read back as the CLI reads it, it is the same call."""

from __future__ import annotations

import json
import shlex
from typing import Any

import botocore.session
import pytest
from botocore import xform_name
from botocore.validate import ParamValidator

from ecs_tui.aws.account import Account, Credentials
from ecs_tui.model.capacity_provider import StrategyItem
from ecs_tui.operations.aws_command import aws_command, connection_options
from ecs_tui.operations.calls import Call
from ecs_tui.operations.plan import Plan
from ecs_tui.operations.run_task import RunRequest, plan_run
from ecs_tui.operations.services import plan_deployment, plan_scale
from ecs_tui.operations.tasks import plan_stop
from tests.support.operation_case import DEFINITION, SERVICE, STAGING, task

ECS: Any = botocore.session.get_session().get_service_model("ecs")
HOSTILE = 'it\'s "$(rm -rf /)"; `id` & \\ *'
PLANS = [
    plan_deployment(STAGING, SERVICE),
    plan_scale(STAGING, SERVICE, 0),
    plan_scale(STAGING, SERVICE, 12),
    plan_stop(STAGING, [task("a"), task("b")], {}, HOSTILE),
    plan_stop(STAGING, [task("a")], {}, "--all of it"),
    plan_run(RunRequest("staging", "web", like="web"), STAGING, DEFINITION, SERVICE),
    plan_run(
        RunRequest(
            "staging", "web", 3, "web", strategy=(StrategyItem("FARGATE_SPOT", 1, 2),),
            exec_enabled=True, tags={"who": HOSTILE, "team": "web"},
        ),
        STAGING, DEFINITION, SERVICE,
    ),
]  # fmt: skip


def read_back(line: str) -> tuple[str, dict[str, Any]]:
    """The operation and the parameters of a command, by the AWS CLI's rules.

    Each option is a member of the operation's input in kebab case. A boolean is a flag, with `--no-`
    for false; a list of strings takes several words; structures and lists of them are JSON.
    """
    program, service, name, *words = shlex.split(line)
    assert (program, service) == ("aws", "ecs")
    operation = next(
        each for each in ECS.operation_names if xform_name(each).replace("_", "-") == name
    )
    members = ECS.operation_model(operation).input_shape.members
    flags = {"--" + xform_name(each).replace("_", "-"): each for each in members}
    found: dict[str, Any] = {}
    while words:
        flag, equals, value = words.pop(0).partition("=")
        if flag.startswith("--no-"):
            found[flags["--" + flag[5:]]] = False
            continue
        member = flags[flag]
        shape = members[member]
        taken = [value] if equals else []
        while not equals and words and not words[0].startswith("--"):
            taken.append(words.pop(0))
        if shape.type_name == "boolean":
            assert not taken
            found[member] = True
        elif shape.type_name == "integer":
            found[member] = int(*taken)
        elif shape.type_name == "string":
            (found[member],) = taken
        elif shape.type_name == "list" and shape.member.type_name == "string":
            found[member] = taken
        else:
            found[member] = json.loads(*taken)
    return operation, found


@pytest.mark.parametrize("plan", PLANS, ids=[f"{plan.id} {n}" for n, plan in enumerate(PLANS)])
def test_it_is_the_same_call_and_valid(plan: Plan) -> None:
    lines = plan.command.split("\n")
    assert len(lines) == len(plan.calls) > 0
    for line, call in zip(lines, plan.calls, strict=True):
        operation, parameters = read_back(line)
        assert f"ecs:{operation}" == call.operation
        assert parameters == dict(call.parameters)
        shape = ECS.operation_model(operation).input_shape
        report = ParamValidator().validate(parameters, shape)
        assert not report.has_errors(), report.generate_report()


def test_it_names_the_connection() -> None:
    call = Call("ecs:StopTask", {"cluster": "prod"})
    words = ("--region", "eu-west-1", "--profile", "two words")
    assert aws_command([call], words) == (
        "aws ecs stop-task --cluster prod --region eu-west-1 --profile 'two words'"
    )
    assert aws_command([]) == ""


def test_the_options_of_a_connection() -> None:
    account = Account("ops", "eu-west-1")
    assert connection_options(account) == ("--region", "eu-west-1", "--profile", "ops")
    demo = Account(None, "us-east-1", "http://127.0.0.1:1", credentials=Credentials("A", "s"))
    assert connection_options(demo) == (
        "--region", "us-east-1", "--endpoint-url", "http://127.0.0.1:1",
    )  # fmt: skip
