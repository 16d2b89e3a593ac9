"""The permissions that each check of the doctor needs: the table in docs/doctor.md is right.

Each operation is denied in turn. The checks that report it as missing must be those of its row.
"""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import pytest

from ecs_tui.aws.read_only import ALLOWED
from ecs_tui.doctor.exec_check import Doctor
from ecs_tui.doctor.facts import PluginFact
from ecs_tui.doctor.gather import Gatherer
from ecs_tui.doctor.plans import make_plan
from ecs_tui.model.cluster import Cluster
from ecs_tui.model.finding import Finding
from tests.support.app import names, running_app, screen_text
from tests.support.doctor_case import Case, facts_of, network, on_instance
from tests.support.limits import sample, until
from tests.support.stub_aws import (
    DAEMON_DEFINITION,
    DEFINITION,
    FAULTS,
    KEY,
    ROLE,
    Reply,
    StubAws,
    body_of,
    error_reply,
)
from tests.support.stub_aws import TASKS as ARNS

pytestmark = pytest.mark.asyncio
DOCUMENT = Path(__file__).parents[3] / "docs" / "doctor.md"


def _table() -> dict[str, set[str]]:
    """The checks of each permission, from docs/doctor.md."""
    text = DOCUMENT.read_text("utf-8").partition("## Permissions")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+:\w+)` \| (.*?) \|", text, re.MULTILINE)
    return {name: set(re.findall(r"`([a-z-]+)`", checks)) for name, checks in rows}


PERMISSIONS = _table()


def on_fargate(case: Case) -> None:
    """A task with a role and an internet gateway; its sessions are logged and encrypted."""
    case.session_log(
        kmsKeyId="alias/exec",
        logConfiguration={
            "cloudWatchLogGroupName": "/exec", "cloudWatchEncryptionEnabled": True,
            "s3BucketName": "b",
        },
    )  # fmt: skip
    subnet = {"name": "subnetId", "value": "subnet-1"}
    case.task["attachments"] = [{"type": "ElasticNetworkInterface", "details": [subnet]}]
    case.task |= {"launchType": "FARGATE", "taskDefinitionArn": DEFINITION}
    case.task.pop("containerInstanceArn", None)
    case.definition["taskRoleArn"] = ROLE
    network(case, [], "igw-1")


def on_ec2(case: Case) -> None:
    """A task on EC2 without a task role, in its instance's network."""
    on_fargate(case)
    on_instance(case, "i-1", "EC2")
    del case.definition["taskRoleArn"]
    machine = case.stub.answers["ec2:DescribeInstances"]["reservationSet"][0]["instancesSet"][0]
    machine["iamInstanceProfile"] = {"arn": "arn:aws:iam::111122223333:instance-profile/web"}
    case.stub.answers["sts:GetCallerIdentity"] = {
        "UserId": "U", "Account": "111122223333",
        "Arn": "arn:aws:sts::111122223333:assumed-role/web/me",
    }  # fmt: skip


def of_a_daemon(case: Case) -> None:
    """A daemon's task on a managed instance."""
    on_fargate(case)
    on_instance(case, "i-1", "MANAGED_INSTANCES")
    case.task["taskDefinitionArn"] = DAEMON_DEFINITION


KINDS = (on_fargate, on_ec2, of_a_daemon)


async def findings(stub: StubAws) -> list[Finding]:
    async def plugin() -> PluginFact:
        return PluginFact("a client", False)

    account = stub.account()
    doctor = Doctor(Gatherer(account, "stub", ARNS[0], plugin=plugin))
    async for _ in doctor.run_exec_check():
        pass
    await account.close()
    return doctor.findings


async def test_the_table_names_what_the_doctor_calls(case: Case) -> None:
    called: set[str] = set()
    for kind in KINDS:
        kind(case)
        case.stub.calls.clear()
        await findings(case.stub)
        called |= set(case.stub.calls)
    assert called == set(PERMISSIONS)
    for name in PERMISSIONS:  # the doctor must work in read-only mode as well
        service, _, operation = name.partition(":")
        assert operation in ALLOWED[service], name


@pytest.mark.exhaustive
@pytest.mark.parametrize("operation", sample(sorted(PERMISSIONS), 6))
async def test_a_check_that_may_not_look_names_the_permission(case: Case, operation: str) -> None:
    named: set[str] = set()
    for kind in KINDS:
        kind(case)
        case.stub.faults = {operation: FAULTS["scp"]}
        for item in await findings(case.stub):
            if f"can't check: missing permission {operation}" in item.evidence:
                assert item.outcome == "unknown", item
                named.add(item.check)
    case.stub.heal()
    assert named == PERMISSIONS[operation]


# -- a cluster whose configuration cannot be read

UNREAD = "The cluster's exec configuration is not readable: InvalidParameterException"


def refuse_configurations(stub: StubAws) -> None:
    whole = stub.answers["ecs:DescribeClusters"]

    def fault(operation: str) -> Any:
        sent = next(body for name, body in reversed(stub.bodies) if name == operation)
        if b"CONFIGURATIONS" in sent:
            words = "Invalid include: CONFIGURATIONS"
            return error_reply(operation, "InvalidParameterException", words)
        told = copy.deepcopy(whole)
        for cluster in told["clusters"]:
            cluster.pop("configuration", None)
        return Reply(200, body_of(operation, told))

    stub.faults["ecs:DescribeClusters"] = fault


async def test_what_is_not_readable_is_not_taken_for_not_set(case: Case, run: Any) -> None:
    on_fargate(case)
    refuse_configurations(case.stub)
    told = await run()
    for check in ("role-key", "role-logs", "role-bucket", "caller-key", "recorded",
                  "log-encryption"):  # fmt: skip
        outcome, evidence = told.of(check)
        assert (outcome, evidence.startswith(UNREAD)) == ("unknown", True), (check, evidence)
    assert told.of("role-channels")[0] == "pass"
    assert told.of("caller-exec")[0] == "pass"
    assert (told.status, told.decided_by) == (3, {"role-key", "role-logs", "role-bucket"})
    assert "no KMS key" not in str(told.rows)


async def test_endpoints_alone_may_not_do_where_it_is_not_known(case: Case, run: Any) -> None:
    network(case, [("ssmmessages", "available", "true")], "")
    refuse_configurations(case.stub)
    outcome, evidence = (await run()).of("network")
    assert outcome == "unknown"
    assert "vpce-ssmmessages; whether kms and logs are needed" in evidence


async def test_policies_say_what_they_may_lack(case: Case) -> None:
    on_fargate(case)
    refuse_configurations(case.stub)
    facts = await facts_of(case)
    for name in ("task-role-policy", "operator-policy"):
        plan = make_plan(name, facts)
        assert "The cluster's session key and logs are unknown" in " ".join(plan.effects)
        assert "kms:" not in plan.document


async def test_the_cell_says_why_in_short(case: Case) -> None:
    refuse_configurations(case.stub)
    async with running_app(case.stub.account(), (200, 50), cache=False) as (app, pilot):
        await until(lambda: names(app) == ["stub"], "the cluster")
        await until(lambda: "not readable: InvalidParameter " in screen_text(app), "why")
        await pilot.press("d")
        text = " ".join(screen_text(app).split())
        words = "not read: InvalidParameterException:"
        assert f"exec logging {words}" in text and f"exec KMS key {words}" in text
    assert Cluster(
        "a", "a", not_read={"CONFIGURATIONS": "AccessDeniedException: x"}
    ).exec_logging == ("not readable: AccessDenied")


# -- checks of amazon-ecs-exec-checker


async def test_policies_are_asked_about_the_key_behind_an_alias(case: Case, run: Any) -> None:
    on_fargate(case)
    told = await run()
    assert told.of("role-key")[0] == told.of("caller-key")[0] == "pass"
    resources = {
        value for sent in case.asked for name, (value,) in sent.items() if "ResourceArns" in name
    }
    assert KEY in resources
    assert not [name for name in resources if ":alias/" in name]


@pytest.mark.parametrize("encrypted", [True, False])
async def test_a_bucket_is_asked_about_by_its_prefix_and_encryption_where_it_must_be(
    case: Case, run: Any, encrypted: bool
) -> None:
    case.session_log(
        logConfiguration={
            "s3BucketName": "logs", "s3KeyPrefix": "exec/", "s3EncryptionEnabled": encrypted,
        }
    )  # fmt: skip
    case.denied["s3:GetEncryptionConfiguration"] = {"EvalDecision": "implicitDeny"}
    told = await run()
    assert told.of("role-bucket")[0] == ("fail" if encrypted else "pass")
    resources = {
        value for sent in case.asked for name, (value,) in sent.items() if "ResourceArns" in name
    }
    assert "arn:aws:s3:::logs/exec/*" in resources


@pytest.mark.parametrize(
    ("owner", "outcome"), [("111122223333", "warn"), ("444455556666", "unknown")]
)
async def test_the_endpoints_of_a_shared_subnet_are_not_seen_from_here(
    case: Case, run: Any, owner: str, outcome: str
) -> None:
    network(case, [], "")
    case.stub.answers["ec2:DescribeSubnets"]["subnetSet"][0]["ownerId"] = owner
    found = (await run()).of("network")
    assert found[0] == outcome
    assert ("is shared by account 444455556666" in found[1]) == (outcome == "unknown")
