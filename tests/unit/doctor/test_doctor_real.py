"""The doctor on the kinds of tasks that real accounts have, with answers as AWS documents them.

The stub shares no code with the demo account. Each test starts from a task that is ready for exec.
"""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ecs_tui.doctor.plans import make_plan
from ecs_tui.errors import EcsTuiError
from ecs_tui.model.rules.exec_readiness import Verdict, task_readiness
from tests.support.doctor_case import Case, Simulated, facts_of, network, on_instance
from tests.support.stub_aws import ARN, DEFINITION, REGION, error_reply
from tests.support.stub_aws import TASKS as ARNS

pytestmark = pytest.mark.asyncio
AGENT = {"name": "ExecuteCommandAgent", "lastStatus": "RUNNING"}


async def test_the_task_that_each_row_starts_from_is_ready(run: Any) -> None:
    told = await run()
    assert (told.status, told.decided_by) == (0, set())
    assert told.of("network")[0] == "pass"


@pytest.mark.parametrize("name", ["aws-guardduty-agent-1a2b3c", "aws-something-new"])
async def test_a_container_that_aws_added_does_not_decide(case: Case, run: Any, name: str) -> None:
    case.more(name, managedAgents=[])
    allowed = case.simulate

    def simulate(body: str) -> Any:
        of_caller = f"={name}" in body  # the simulated call names the container
        case.denied = {"ecs:ExecuteCommand": {"EvalDecision": "implicitDeny"}} if of_caller else {}
        return allowed(body)

    case.stub.answers["iam:SimulatePrincipalPolicy"] = simulate
    told = await run()
    assert told.of("caller-exec", name)[0] == "not applicable"
    assert told.status == 0
    assert told.of("agent", name) == ("not applicable", "not in the task definition: AWS added it")


async def test_a_finished_container_decides_only_where_it_is_essential(
    case: Case, run: Any
) -> None:
    case.more("init", lastStatus="STOPPED", exitCode=0, managedAgents=[])
    declared = {"name": "init", "image": "x", "essential": False}
    case.definition["containerDefinitions"].append(declared)
    told = await run()
    assert told.status == 0
    assert told.of("agent", "init") == (
        "not applicable", "finished (exit 0); not essential",
    )  # fmt: skip
    assert (await run(container="init")).status == 1  # this container alone was asked for
    declared["essential"] = True
    assert (await run()).status == 1


MOUNTS = [
    {"sourceVolume": "v", "containerPath": path}
    for path in ("/managed-agents", "/var/lib/amazon/ssm", "/var/log/amazon/ssm")
]


@pytest.mark.parametrize(
    ("mounts", "agent", "outcome", "words", "status"),
    [
        (MOUNTS, "PENDING", "pass", "with writable mounts", 1),
        (MOUNTS, "RUNNING", "pass", "with writable mounts", 0),
        (MOUNTS[:2], "STOPPED", "fail", "no writable mount at /var/log/amazon/ssm", 1),
        ([*MOUNTS[:2], MOUNTS[2] | {"readOnly": True}], "STOPPED", "fail", "/var/log", 1),
        ([], "STOPPED", "fail", "no writable mount at /managed-agents", 1),
        ([], "RUNNING", "pass", "but the exec agent has started", 0),
    ],
)
async def test_a_read_only_root(
    case: Case, run: Any, mounts: Any, agent: str, outcome: str, words: str, status: int
) -> None:
    case.declared |= {"readonlyRootFilesystem": True, "mountPoints": mounts}
    case.container["managedAgents"] = [{**AGENT, "lastStatus": agent}]
    told = await run()
    found = told.of("read-only-root")
    assert (told.status, found[0], words in found[1]) == (status, outcome, True), found


async def test_a_running_agent_overrules_platform_and_agent_versions_only(
    case: Case, run: Any
) -> None:
    case.task["platformVersion"] = "1.3.0"
    assert (await run()).of("platform-version")[0] == "pass"
    facts = await facts_of(case)
    assert task_readiness(facts.task).verdict is Verdict.READY
    case.denied["ssmmessages:OpenDataChannel"] = {"EvalDecision": "implicitDeny"}
    told = await run()
    assert (told.status, told.decided_by) == (1, {"role-channels"})
    case.container["managedAgents"] = []
    assert (await run()).of("platform-version")[0] == "fail"


MISSING = {"EvalDecision": "implicitDeny", "MissingContextValues": ["aws:SourceVpc"]}
SCP = {
    "EvalDecision": "implicitDeny",
    "OrganizationsDecisionDetail": {"AllowedByOrganizations": "false"},
}
BOUNDARY = {
    "EvalDecision": "implicitDeny",
    "PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": "false"},
}


@pytest.mark.parametrize(
    ("action", "check"),
    [("ssmmessages:OpenDataChannel", "role-channels"), ("ecs:ExecuteCommand", "caller-exec")],
)
@pytest.mark.parametrize(
    ("answer", "outcome", "words", "fix"),
    [
        (MISSING, "unknown", "aws:SourceVpc, whose value is unknown here", False),
        (SCP, "fail", "denied by a service control policy of the organization", False),
        (BOUNDARY, "fail", "denied by the permissions boundary", False),
        ({"EvalDecision": "implicitDeny"}, "fail", "", True),
    ],
)
async def test_what_denies_besides_the_policies(
    case: Case, run: Any, action: str, check: str, answer: Simulated, outcome: str, words: str,
    fix: bool,
) -> None:  # fmt: skip
    case.denied[action] = answer
    told = await run()
    row = next(row for row in told.rows if row["check"] == check)
    assert (row["outcome"], words in row["evidence"], bool(row["fix"])) == (outcome, True, fix)
    expected = 1 if outcome == "fail" else 0 if check == "caller-exec" else 3
    assert told.status == expected


async def test_the_region_is_told_to_iam(case: Case, run: Any) -> None:
    await run()
    assert len(case.asked) == 2
    for sent in case.asked:
        pairs = {value[0] for value in sent.values()}
        assert {"aws:RequestedRegion", REGION, "aws:SecureTransport"} <= pairs


async def test_a_denial_that_is_known_counts_beside_one_that_is_not(case: Case, run: Any) -> None:
    case.denied["ssmmessages:OpenDataChannel"] = MISSING
    case.denied["ssmmessages:OpenControlChannel"] = {"EvalDecision": "explicitDeny"}
    told = await run()
    assert told.status == 1
    assert "OpenControlChannel" in told.of("role-channels")[1]
    assert "OpenDataChannel" not in told.of("role-channels")[1]


async def test_a_caller_that_iam_cannot_simulate_does_not_decide(case: Case, run: Any) -> None:
    case.stub.answers["sts:GetCallerIdentity"] = {
        "UserId": "1", "Account": "111122223333", "Arn": "arn:aws:iam::111122223333:root",
    }  # fmt: skip
    allowed = case.simulate

    def simulate(body: str) -> Any:
        return {"IsTruncated": "false"} if "root" in body else allowed(body)

    case.stub.answers["iam:SimulatePrincipalPolicy"] = simulate
    told = await run()
    assert (told.of("caller-exec")[0], told.status) == ("unknown", 0)


TASK_SET = {
    "id": "ecs-svc/1", "status": "PRIMARY", "stabilityStatus": "STEADY_STATE", "runningCount": 2,
    "computedDesiredCount": 2, "scale": {"value": 100.0, "unit": "PERCENT"},
    "taskDefinition": DEFINITION,
}  # fmt: skip


@pytest.mark.parametrize(
    ("controller", "words"), [("CODE_DEPLOY", "CodeDeploy"), ("EXTERNAL", "create-task-set")]
)
async def test_a_service_that_ecs_does_not_deploy_gets_no_update(
    case: Case, run: Any, controller: str, words: str
) -> None:
    case.service |= {
        "deploymentController": {"type": controller}, "deployments": [], "taskSets": [TASK_SET],
        "enableExecuteCommand": False,
    }  # fmt: skip
    case.task["enableExecuteCommand"] = False
    assert (await run()).decided_by == {"exec-on-task"}
    with pytest.raises(EcsTuiError) as refused:
        make_plan("enable-exec", await facts_of(case))
    assert words in str(refused.value.next_step)


async def test_a_one_off_copy(case: Case) -> None:
    case.task["containers"].insert(0, {**case.container, "name": "aws-guardduty-agent"})
    case.task["tags"] = [
        {"key": "aws:cloudformation:stack-name", "value": "s"}, {"key": "team", "value": "pay"},
    ]  # fmt: skip
    case.definition["containerDefinitions"].insert(
        0, {"name": "init", "image": "x", "essential": False}
    )
    (call,) = make_plan("one-off", await facts_of(case)).calls
    overrides = call.parameters["overrides"]["containerOverrides"]
    assert [item["name"] for item in overrides] == ["app"]
    assert call.parameters["tags"] == [{"key": "team", "value": "pay"}]


@pytest.mark.parametrize(
    ("code", "status"), [("AccessDeniedException", 3), ("ServiceNotFoundException", 0)]
)
async def test_a_cluster_of_which_a_part_could_not_be_asked(
    case: Case, run: Any, code: str, status: int
) -> None:
    """A denied call counts; a service that was deleted meanwhile does not."""
    services = [f"{ARN}:service/stub/{name}" for name in ("other", "web")]
    case.stub.answers["ecs:ListServices"] = {"serviceArns": services}
    tasks = case.stub.answers["ecs:ListTasks"]
    case.stub.answers["ecs:ListTasks"] = lambda body: (
        error_reply("ecs:ListTasks", code, "no") if '"other"' in body else tasks
    )
    told = await run(None)
    assert (told.status, {row["serviceName"] for row in told.rows}) == (status, {"web"})
    case.container["managedAgents"] = []
    assert (await run(None)).status == 1, "what was found counts more"


async def test_of_a_cluster_only_services_with_that_container(case: Case, run: Any) -> None:
    services = [f"{ARN}:service/stub/{name}" for name in ("other", "web")]
    case.stub.answers["ecs:ListServices"] = {"serviceArns": services}
    other = copy.deepcopy(case.task) | {"taskArn": ARNS[1], "group": "service:other"}
    other["containers"][0]["name"] = "db"
    by_service = {"other": other, "web": case.task}
    case.stub.answers["ecs:ListTasks"] = lambda body: {
        "taskArns": [raw["taskArn"] for name, raw in by_service.items() if f'"{name}"' in body]
    }
    case.stub.answers["ecs:DescribeTasks"] = lambda body: {
        "tasks": [raw for raw in by_service.values() if raw["taskArn"] in body]
    }
    told = await run(None, "app")
    assert (told.status, {row["serviceName"] for row in told.rows}) == (0, {"web"})
    with pytest.raises(EcsTuiError, match="No service in cluster stub has tasks with a container"):
        await run(None, "none")


@pytest.mark.parametrize("where", ["task", "definition", "instance"])
async def test_a_one_off_copy_on_windows_waits_by_a_program_of_windows(
    case: Case, where: str
) -> None:
    as_windows(case, where)
    (call,) = make_plan("one-off", await facts_of(case)).calls
    (override,) = call.parameters["overrides"]["containerOverrides"]
    assert override["command"] == ["cmd.exe", "/c", "ping -n 3600 127.0.0.1 > NUL"]


LONG = "ShopStack-CheckoutServiceB0A5F1E2-hQ3x9TzKp1Lm"


async def test_a_long_service_name_is_no_task_id(case: Case, run: Any) -> None:
    case.service |= {"serviceName": LONG, "serviceArn": f"{ARN}:service/stub/{LONG}"}
    case.stub.answers["ecs:DescribeTasks"] = lambda body: {
        "tasks": [] if LONG in body else [case.task]
    }
    assert (await run(LONG)).status == 0


UUID = "1a2b3c4d-1a2b-3c4d-5e6f-1a2b3c4d5e6f"


@pytest.mark.parametrize("target", [UUID, f"{ARN}:task/{UUID}", "1a2b3c4d"])
async def test_an_arn_of_the_old_form(case: Case, run: Any, target: str) -> None:
    """Such an ARN has no cluster, and its id is a UUID."""
    old = f"{ARN}:task/{UUID}"
    case.task["taskArn"] = old
    case.stub.answers["ecs:ListTasks"] = {"taskArns": [old]}
    case.service["serviceArn"] = f"{ARN}:service/web"
    case.stub.answers["ecs:DescribeServices"] = lambda body: {
        "services": [case.service] if '"web"' in body else []
    }
    told = await run(target)
    assert told.status == 0
    assert {row["taskArn"] for row in told.rows} == {old}


async def test_ecs_anywhere(case: Case, run: Any) -> None:
    on_instance(case, "mi-0123456789abcdef0", "EXTERNAL")
    before = case.stub.calls["ec2:DescribeInstances"]
    told = await run()
    assert told.status == 0
    assert case.stub.calls["ec2:DescribeInstances"] == before
    assert told.of("network")[0] == "not applicable"


async def test_managed_instances(case: Case, run: Any) -> None:
    on_instance(case, "i-1", "MANAGED_INSTANCES", versionInfo={"agentVersion": ""})
    told = await run()
    assert (told.status, told.of("agent-version")[0]) == (0, "not applicable")


def as_windows(case: Case, where: str) -> None:
    case.task["platformFamily"] = "Windows_Server_2022_Core" if where == "task" else ""
    if where == "definition":
        case.definition["runtimePlatform"] = {"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"}
    if where == "instance":
        attributes = [{"name": "ecs.os-type", "value": "windows"}]
        on_instance(case, "i-1", "EC2", attributes=attributes)


@pytest.mark.parametrize("where", ["task", "definition", "instance"])
async def test_windows_has_no_linux_checks(case: Case, run: Any, where: str) -> None:
    as_windows(case, where)
    case.declared |= {"readonlyRootFilesystem": True, "linuxParameters": {}}
    told = await run()
    assert told.of("read-only-root") == told.of("init-process")
    assert told.of("read-only-root") == ("not applicable", "a Windows container")


PROXY = {"name": "HTTP_PROXY", "value": "http://proxy.example:3128"}


@pytest.mark.parametrize(
    ("declared", "check", "outcome", "words"),
    [
        ({"secrets": [{"name": "AWS_SECRET_ACCESS_KEY", "valueFrom": "arn:x"}]}, "own-keys", "warn",
         "AWS_SECRET_ACCESS_KEY set"),
        ({"environmentFiles": [{"value": "arn:aws:s3:::b/x.env", "type": "s3"}]}, "own-keys",
         "unknown", "environmentFiles"),
        ({"environment": [PROXY]}, "proxy", "warn", "HTTP_PROXY set without NO_PROXY"),
        ({"environment": [PROXY, {"name": "no_proxy", "value": "169.254.170.2"}]}, "proxy", "pass",
         "check that it includes 169.254.170.2"),
        ({"restartPolicy": {"enabled": True}}, "restarts", "warn", "restartPolicy enabled"),
    ],
)  # fmt: skip
async def test_the_environment_and_restarts(
    case: Case, run: Any, declared: Any, check: str, outcome: str, words: str
) -> None:
    case.declared |= declared
    told = await run()
    found = told.of(check)
    assert (found[0], words in found[1], told.status) == (outcome, True, 0), found


@pytest.mark.parametrize(
    ("groups", "outcome", "status"),
    [
        ([{"logGroupName": "/exec", "kmsKeyId": "key-1"}], "pass", 0),
        ([{"logGroupName": "/exec"}], "fail", 1),
        ([{"logGroupName": "/exec-other", "kmsKeyId": "key-1"}], "fail", 1),
    ],
)
async def test_a_log_group_that_must_be_encrypted(
    case: Case, run: Any, groups: Any, outcome: str, status: int
) -> None:
    case.session_log(
        logConfiguration={"cloudWatchLogGroupName": "/exec", "cloudWatchEncryptionEnabled": True}
    )
    case.stub.answers["logs:DescribeLogGroups"] = {"logGroups": groups}
    told = await run()
    assert (told.of("log-encryption")[0], told.status) == (outcome, status)


GOOD = ("ssmmessages", "available", "true")


@pytest.mark.parametrize(
    ("endpoints", "out", "public", "key", "outcome", "words"),
    [
        ([GOOD], "", "", False, "pass", "vpce-ssmmessages"),
        ([("ssmmessages", "pendingAcceptance", "true")], "", "", False, "warn", "pendingAcceptance"),
        ([("ssmmessages", "available", "false")], "", "", False, "warn", "private DNS"),
        ([], "igw-1", "", False, "warn", "public addresses only"),
        ([], "igw-1", "3.4.5.6", False, "pass", "igw-1"),
        ([], "nat-1", "", False, "pass", "nat-1"),
        ([], "", "", False, "warn", "no ssmmessages endpoint"),
        ([GOOD], "", "", True, "warn", "no kms endpoint"),
        ([GOOD, ("kms", "available", "true")], "", "", True, "pass", "vpce-kms"),
    ],
)  # fmt: skip
async def test_the_network_path(
    case: Case, run: Any, endpoints: Any, out: str, public: str, key: bool, outcome: str, words: str
) -> None:
    network(case, endpoints, out, public)
    if key:
        case.cluster["configuration"] = {"executeCommandConfiguration": {"kmsKeyId": "key-1"}}
    found = (await run()).of("network")
    assert (found[0], words in found[1]) == (outcome, True), found
