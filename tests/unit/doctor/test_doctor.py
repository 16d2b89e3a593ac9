"""The doctor on the demo account: each result and each fix; access and policies."""

from __future__ import annotations

import json
import re
from typing import Any

import boto3
import pytest

from ecs_tui.aws.account import Account, Credentials
from ecs_tui.aws.api import ecs, ecs_changes, iam
from ecs_tui.aws.api.ssm import terminate_session
from ecs_tui.doctor.checks import CHECKS
from ecs_tui.doctor.exec_check import Doctor
from ecs_tui.doctor.facts import PluginFact
from ecs_tui.doctor.gather import Gatherer
from ecs_tui.doctor.plans import make_plan
from ecs_tui.model.finding import Finding, Health, Outcome, health_by_container, overall_health
from ecs_tui.model.permission import Grant, operator_policy, principal_arn
from ecs_tui.model.rules.exec_readiness import Verdict, task_readiness
from ecs_tui.model.task import Task
from ecs_tui.store.access import AccessChecker, access_targets, full_principal
from tests.support.demo import Demo, demo_account
from tests.support.limits import sample

pytestmark = pytest.mark.asyncio


async def tasks_of(account: Account, cluster: str, service: str) -> list[Task]:
    arns = [arn async for page in ecs.list_tasks(account, cluster, service) for arn in page]
    return await ecs.describe_tasks(account, cluster, arns)


async def plugin() -> PluginFact:
    return PluginFact("session-manager-plugin 1.2.700.0", False)


async def exec_check(
    account: Account, cluster: str, service: str, reason: str = "", which: int = 0
) -> Doctor:
    task = (await tasks_of(account, cluster, service))[which]
    doctor = Doctor(Gatherer(account, cluster, task.arn, plugin=plugin), last_exit_reason=reason)
    async for _ in doctor.run_exec_check():
        pass
    return doctor


def found(doctor: Doctor, check: str, container: str = "") -> Finding:
    return next(
        item
        for item in doctor.findings
        if item.check == check and (not container or item.container == container)
    )


# (cluster, service, check, container, outcome, words in the evidence)
VERDICTS = [
    ("prod", "web", "task-running", "", "pass", "lastStatus RUNNING"),
    ("prod", "web", "task-connected", "", "pass", "CONNECTED"),
    ("prod", "reports", "exec-on-task", "", "fail", "exec was disabled when the task started"),
    ("prod", "reports", "exec-on-service", "", "fail", "false on reports"),
    ("prod", "invoices", "exec-on-task", "", "fail", "false"),
    ("prod", "invoices", "exec-on-service", "", "pass", "true on invoices"),
    ("prod", "payments", "agent", "app", "pass", "RUNNING since"),
    ("prod", "payments", "agent", "envoy", "fail", "Exec agent exited"),
    ("prod", "notifier", "agent", "app", "fail", "PENDING"),
    ("prod", "edge", "agent", "log-router", "fail", "no ExecuteCommandAgent"),
    ("prod", "legacy-api", "platform-version", "", "fail", "platformVersion 1.3.0"),
    ("prod", "web", "platform-version", "", "pass", "1.4.0"),
    ("batch", "ingest", "platform-version", "", "not applicable", "not a Fargate task"),
    ("batch", "legacy-batch", "agent-version", "", "fail", "1.47.0"),
    ("batch", "legacy-batch", "instance-connected", "", "fail", "agentConnected false"),
    ("batch", "ingest", "agent-version", "", "pass", "1.89.2"),
    ("batch", "ingest", "instance-connected", "", "pass", "agentConnected true"),
    ("prod", "web", "agent-version", "", "not applicable", ""),
    ("prod", "vault", "read-only-root", "app", "fail", "readonlyRootFilesystem true"),
    ("prod", "web", "read-only-root", "app", "pass", ""),
    ("prod", "cart", "init-process", "app", "warn", "initProcessEnabled not set"),
    ("prod", "web", "init-process", "app", "pass", "true"),
    ("prod", "payments", "pid-mode", "", "warn", "pidMode task"),
    ("prod", "web", "pid-mode", "", "pass", "not set"),
    ("exec-cases", "own-keys", "own-keys", "app", "warn", "AWS_ACCESS_KEY_ID"),
    ("exec-cases", "healthy", "own-keys", "app", "pass", ""),
    ("exec-cases", "no-role", "task-role", "", "fail", "no task role"),
    ("exec-cases", "no-role", "role-channels", "", "not applicable", ""),
    ("exec-cases", "healthy", "task-role", "", "pass", "exec-cases-task-role"),
    ("exec-cases", "weak-role", "role-channels", "", "fail", "ssmmessages:OpenDataChannel"),
    ("exec-cases", "healthy", "role-channels", "", "pass", ""),
    ("exec-cases", "no-kms", "role-key", "", "fail", "kms:Decrypt"),
    ("exec-cases", "healthy", "role-key", "", "pass", "kms:Decrypt"),
    ("prod", "web", "role-key", "", "not applicable", "no session KMS key on the cluster"),
    ("exec-cases", "no-logs", "role-logs", "", "fail", "logs:"),
    ("exec-cases", "healthy", "role-logs", "", "pass", ""),
    ("exec-cases", "no-bucket", "role-bucket", "", "fail", "s3:PutObject"),
    ("exec-cases", "healthy", "role-bucket", "", "pass", ""),
    ("staging", "web", "role-bucket", "", "not applicable", ""),
    ("exec-cases", "isolated-subnet", "network", "", "warn", "no ssmmessages, kms, logs endpoint"),
    ("exec-cases", "healthy", "network", "", "pass", "vpce-"),
    ("prod", "mailer", "caller-exec", "app", "fail", "the task has no tags"),
    ("exec-cases", "untagged", "caller-exec", "app", "fail", "propagateTags=NONE"),
    ("prod", "edge", "caller-exec", "log-router", "fail", "denied by policy user_alice_operators"),
    ("prod", "edge", "caller-exec", "nginx", "pass", "allowed by policy user_alice_operators"),
    ("exec-cases", "healthy", "caller-key", "app", "pass", ""),
    ("prod", "web", "bypass", "app", "pass", "not allowed"),
    ("batch", "ingest", "recorded", "", "warn", "logging is NONE"),
    ("prod", "web", "recorded", "", "pass", "/ecs/exec"),
    ("prod", "web", "plugin", "", "pass", "1.2.700.0"),
    ("prod", "web", "shell", "", "not applicable", ""),
    ("prod", "web", "proxy", "app", "pass", "no proxy"),
    ("prod", "web", "restarts", "app", "pass", "not enabled"),
    ("prod", "web", "log-encryption", "", "not applicable", "does not require"),
]


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("cluster", "service", "check", "container", "outcome", "words"),
    [pytest.param(*row, id=f"{row[1]}-{row[2]}-{row[4]}") for row in sample(VERDICTS, 24)],
)
async def test_every_check_and_verdict(
    demo: Demo, cluster: str, service: str, check: str, container: str, outcome: str, words: str
) -> None:
    account = demo.account()
    finding = found(await exec_check(account, cluster, service), check, container)
    await account.close()
    assert (str(finding.outcome), words in finding.evidence) == (outcome, True), finding
    assert finding.outcome is not Outcome.FAIL or finding.advice or finding.fix


async def test_every_check_is_in_the_table() -> None:
    assert {row[2] for row in VERDICTS} == {check.id for check in CHECKS}


async def test_what_a_session_said_about_the_shell(demo: Demo) -> None:
    account = demo.account()
    said = "Unable to start command: Failed to start pty: fork/exec /bin/bash: no such file or directory"
    finding = found(await exec_check(account, "prod", "web", said), "shell")
    await account.close()
    assert finding.outcome is Outcome.FAIL
    assert "--shell" in finding.advice


async def test_a_stopped_task(demo: Demo) -> None:
    account = demo.account()
    arns = [arn async for page in ecs.list_tasks(account, "prod", stopped=True) for arn in page]
    doctor = Doctor(Gatherer(account, "prod", arns[0], plugin=plugin))
    async for _ in doctor.run_exec_check():
        pass
    assert found(doctor, "task-running").outcome is Outcome.FAIL
    await account.close()


async def as_role(demo: Demo, role: str) -> Account:
    sts = boto3.client(
        "sts",
        endpoint_url=demo.endpoint,
        region_name=demo.region,
        aws_access_key_id=demo.environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=demo.environment["AWS_SECRET_ACCESS_KEY"],
    )
    made = sts.assume_role(
        RoleArn=f"arn:aws:iam::123456789012:role/{role}", RoleSessionName="tests"
    )["Credentials"]
    keys = Credentials(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])
    return Account(None, demo.region, demo.endpoint, credentials=keys)


async def test_another_identity_gets_other_answers_and_ecs_agrees(demo: Demo) -> None:
    for role, key, bypass in (("dev", "fail", "pass"), ("admin", "pass", "warn")):
        account = await as_role(demo, role)
        doctor = await exec_check(account, "exec-cases", "healthy")
        exec_finding = found(doctor, "caller-exec")
        assert str(exec_finding.outcome) == key
        assert str(found(doctor, "caller-key").outcome) == key
        assert str(found(doctor, "bypass").outcome) == bypass
        task = doctor.facts.task
        if key == "fail":
            with pytest.raises(Exception, match="not authorized to perform: ecs:ExecuteCommand"):
                await ecs.execute_command(account, "exec-cases", task.arn, "app", "/bin/sh")
        else:
            started = await ecs.execute_command(account, "exec-cases", task.arn, "app", "/bin/sh")
            await terminate_session(account, started.session_id)
        await account.close()


async def test_who_may_not_look_is_told_the_permission_and_nothing_passes() -> None:
    flags = [
        word
        for operation in ("iam:SimulatePrincipalPolicy", "ec2:DescribeSubnets")
        for word in ("--deny", operation)
    ]
    with demo_account(*flags) as served:
        account = served.account()
        doctor = await exec_check(account, "prod", "web")
        for check in ("role-channels", "caller-exec", "network"):
            finding = found(doctor, check)
            assert finding.outcome is Outcome.UNKNOWN
            assert "missing permission" in finding.evidence
        assert "iam:SimulatePrincipalPolicy" in found(doctor, "caller-exec").evidence
        assert overall_health(doctor.findings) is Health.UNKNOWN
        await account.close()


async def test_findings_come_as_facts_arrive_and_stay_in_order(demo: Demo) -> None:
    account = demo.account()
    task = (await tasks_of(account, "prod", "web"))[0]
    doctor = Doctor(Gatherer(account, "prod", task.arn, plugin=plugin))
    before = account.pace.calls
    parts = [part async for part in doctor.run_exec_check()]
    assert len(parts) > 3
    assert account.pace.calls - before <= 12
    order = [check.id for check in CHECKS]
    places_ = [order.index(item.check) for item in doctor.findings]
    assert places_ == sorted(places_)
    assert health_by_container(doctor.findings) == {"app": Health.READY, "envoy": Health.READY}
    await account.close()


# (service, check, fix): the fix is applied, watched, and the check repeated
FIXES = [
    ("exec-off", "exec-on-task", "enable-exec"),
    ("not-redeployed", "exec-on-task", "enable-exec"),
    ("old-platform", "platform-version", "platform"),
    ("agent-died", "agent", "replace-task"),
    ("untagged", "caller-exec", "propagate-tags"),
]


@pytest.mark.parametrize(("service", "check", "fix_id"), FIXES, ids=[row[0] for row in FIXES])
async def test_each_fix_turns_its_verdict(
    demo: Demo, service: str, check: str, fix_id: str
) -> None:
    account = demo.account()
    before = await exec_check(account, "exec-cases", service)
    finding = found(before, check)
    assert (finding.outcome, finding.fix) == (Outcome.FAIL, fix_id)
    plan = make_plan(fix_id, before.facts)
    assert plan.changes and plan.effects
    applied = await plan.apply(account)
    said = [item async for item in plan.follow(account, applied, poll=0.2)]
    assert said[-1].over and said[-1].ready is not None, said
    agents = re.search(r"exec agents (\d+)/(\d+)", said[-1].words)
    assert agents is not None and agents[1] == agents[2] != "0", said
    doctor = Doctor(Gatherer(account, "exec-cases", said[-1].ready.arn, plugin=plugin))
    async for _ in doctor.run_exec_check():
        pass
    assert found(doctor, check).outcome is Outcome.PASS
    assert overall_health(doctor.findings) is Health.READY
    await account.close()


async def test_tagging_the_running_task_turns_the_verdict(demo: Demo) -> None:
    account = demo.account()
    before = await exec_check(account, "prod", "mailer")
    plan = make_plan("tag-task", before.facts)
    await plan.apply(account)
    task = before.facts.task
    doctor = Doctor(Gatherer(account, "prod", task.arn, plugin=plugin))
    async for _ in doctor.run_exec_check():
        pass
    assert found(doctor, "caller-exec").outcome is Outcome.PASS
    await account.close()


@pytest.mark.parametrize(
    ("service", "check"),
    [("weak-role", "role-channels"), ("no-kms", "role-key"), ("no-logs", "role-logs"),
     ("no-bucket", "role-bucket")],
)  # fmt: skip
async def test_the_policy_shown_fixes_the_role_once_somebody_attaches_it(
    demo: Demo, service: str, check: str
) -> None:
    account = demo.account()
    before = await exec_check(account, "exec-cases", service)
    assert found(before, check).outcome is Outcome.FAIL
    plan = make_plan("task-role-policy", before.facts)
    assert not plan.calls
    role = before.facts.role.arn.rsplit("/", 1)[-1]
    client: Any = await account.iam()
    await client.put_role_policy(RoleName=role, PolicyName="fix", PolicyDocument=plan.document)
    after = await exec_check(account, "exec-cases", service)
    assert found(after, check).outcome is Outcome.PASS
    assert overall_health(after.findings) is Health.READY
    await account.close()


async def test_the_operators_policy_shown_lets_them_in(demo: Demo) -> None:
    account = await as_role(demo, "auditor")
    before = await exec_check(account, "exec-cases", "healthy")
    finding = found(before, "caller-exec")
    assert (finding.outcome, finding.fix) == (Outcome.FAIL, "operator-policy")
    plan = make_plan("operator-policy", before.facts)
    client: Any = await account.iam()
    await client.put_role_policy(RoleName="auditor", PolicyName="fix", PolicyDocument=plan.document)
    after = await exec_check(account, "exec-cases", "healthy")
    assert found(after, "caller-exec").outcome is Outcome.PASS
    assert found(after, "caller-key").outcome is Outcome.PASS
    await client.delete_role_policy(RoleName="auditor", PolicyName="fix")
    await account.close()


async def test_a_one_off_copy_with_exec_on(demo: Demo) -> None:
    account = demo.account()
    before = await exec_check(account, "prod", "reports")
    plan = make_plan("one-off", before.facts)
    parameters = plan.calls[0].parameters
    assert parameters["enableExecuteCommand"] is True
    assert {"key": "environment", "value": "production"} in parameters["tags"]
    assert parameters["networkConfiguration"]["awsvpcConfiguration"]["subnets"]
    assert (plan.confirm, plan.typed) == ("name", "prod")
    applied = await plan.apply(account)
    said = [item async for item in plan.follow(account, applied, poll=0.2)]
    ready = said[-1].ready
    assert ready is not None
    assert [ready.arn] == [task.arn for task in applied.tasks]
    assert task_readiness(ready).verdict is Verdict.READY
    assert ready.tags["environment"] == "production"
    await ecs_changes.stop_task(account, "prod", ready.arn, "test over")
    await account.close()


async def test_access_asks_once_for_each_context_and_keeps_it(demo: Demo) -> None:
    account = demo.account()
    tasks = [
        task
        for service in ("web", "orders", "mailer", "edge")
        for task in await tasks_of(account, "prod", service)
    ]
    checker = AccessChecker(account)
    every = access_targets(tasks)
    assert sum(target.tasks for target in every if target.service == "web") == 16
    principal = await iam.principal_of(account, await account.caller())
    got = {(a.target.service, a.target.container): a async for a in checker.ask(principal, every)}
    assert got["web", "app"].decision is not None
    assert got["web", "app"].decision.allowed
    assert got["edge", "log-router"].decision is not None
    assert got["edge", "log-router"].decision.answer == "explicitDeny"
    questions = checker.questions
    assert questions <= len(every)
    assert [a async for a in checker.ask(principal, every)]
    assert checker.questions == questions
    dev = full_principal("dev", "123456789012", "aws")
    answers = [a async for a in checker.ask(dev, every)]
    assert not any(a.decision and a.decision.allowed for a in answers)
    missing = [
        a
        async for a in checker.ask(full_principal("role/nobody", "123456789012", "aws"), every[:1])
    ]
    assert "nobody" in str(missing[0].error)
    answers_of_team = [
        a async for a in checker.ask(full_principal("role/web-team", "123456789012", "aws"), every)
    ]
    allowed = {a.target.service for a in answers_of_team if a.decision and a.decision.allowed}
    assert allowed == {"web", "edge"}
    await account.close()


async def test_a_generated_policy_reaches_what_it_says(demo: Demo) -> None:
    account = demo.account()
    tasks = [*await tasks_of(account, "prod", "web"), *await tasks_of(account, "prod", "orders")]
    grant = Grant("team", "web", "prod", "app")
    document = operator_policy(grant, demo.region, "123456789012", "aws")
    client: Any = await account.iam()
    await client.create_role(RoleName="generated", AssumeRolePolicyDocument=json.dumps({}))
    await client.put_role_policy(
        RoleName="generated", PolicyName="it", PolicyDocument=json.dumps(document)
    )
    checker = AccessChecker(account)
    principal = full_principal("generated", "123456789012", "aws")
    async for answer in checker.ask(principal, access_targets(tasks)):
        task = next(item for item in tasks if item.arn == answer.target.example)
        assert answer.decision is not None
        assert answer.decision.allowed == grant.reaches(task, answer.target.container)
    await account.close()


async def test_principal_of_an_assumed_role() -> None:
    session = "arn:aws:sts::123456789012:assumed-role/dev/alice"
    assert principal_arn(session) == "arn:aws:iam::123456789012:role/dev"
    user = "arn:aws:iam::123456789012:user/alice"
    assert principal_arn(user) == user
