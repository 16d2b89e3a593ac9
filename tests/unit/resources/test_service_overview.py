"""What the overview of a service says of its deployment, targets, alarms, auto scaling and names."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from ecs_tui.aws.account import Account
from ecs_tui.errors import AccessDenied
from ecs_tui.model.alarm import Alarm
from ecs_tui.model.load_balancer import LoadBalancer
from ecs_tui.model.scalable_target import ScalableTarget
from ecs_tui.model.scaling_activity import NotScaledReason, ScalingActivity, ScalingPolicy
from ecs_tui.model.service import DeploymentSettings
from ecs_tui.model.service_connect import ConnectAlias, ConnectService, ServiceConnect
from ecs_tui.model.service_deployment import (
    CircuitBreaker,
    HookRun,
    RevisionTasks,
    Rollback,
    ServiceDeployment,
)
from ecs_tui.model.target_health import TargetHealth
from ecs_tui.resources.service_overview import MAX_TARGETS, overview_lookups, overview_sections
from ecs_tui.store.inventory import Inventory
from ecs_tui.store.lookups import Lookup, LookupResult, Subject
from ecs_tui.store.service_history import history_scope
from ecs_tui.store.surroundings import (
    ALARMS,
    SCALABLE_TARGETS,
    activities_lookup,
    policies_lookup,
    target_lookup,
)
from tests.support.list_rows import NOW, SERVICE, TASK

BLUE = "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/blue/1"
WEB = replace(
    SERVICE, target_groups=(BLUE,), load_balancers=(LoadBalancer(BLUE, "", "app", 80),),
    grace_seconds=90, zone_rebalancing="ENABLED", desired=3,
    connect=ServiceConnect(True, "arn:ns/shop", (ConnectService("http", "web", (ConnectAlias("", 80),)),)),
)  # fmt: skip
DEPLOYMENT = ServiceDeployment(
    "arn:d1", "arn:service/web", WEB.cluster_arn, "IN_PROGRESS", created_at=NOW - timedelta(minutes=4),
    stage="BAKE_TIME", target=RevisionTasks("arn:rev/2", 3, 1), sources=(RevisionTasks("arn:rev/1", 3, 3),),
    settings=DeploymentSettings(strategy="BLUE_GREEN"), breaker=CircuitBreaker("MONITORING", 1, 10),
)  # fmt: skip


def account(*deployments: ServiceDeployment) -> Inventory:
    made = Inventory(Account(None, "eu-west-1"))
    if deployments:
        arns = [item.arn for item in deployments]
        made._name(history_scope("prod", "web"), arns)
        made._described(history_scope("prod", "web"), arns, list(deployments))
    return made


def answer(inventory: Inventory, lookup: Lookup, value: object) -> None:
    failed = isinstance(value, AccessDenied)
    found = LookupResult(1.0, None if failed else value, value if failed else None)  # type: ignore[arg-type]
    inventory.lookups._keep(lookup, found)


def said(inventory: Inventory, section: str) -> list[tuple[str, str]]:
    sections = overview_sections(inventory, WEB, [TASK], NOW)
    return [(name, str(value)) for name, value in sections[section] if value not in ("", None)]


@pytest.mark.asyncio
async def test_a_deployment_in_progress() -> None:
    facts = dict(said(account(DEPLOYMENT), "Deployment"))
    assert facts["service deployment"] == "✖ in progress"
    assert facts["stages"].endswith("◐ bake time › ○ clean up")
    assert (facts["to"], facts["from"]) == (
        "revision 2: 1 of 3 running", "revision 1: 3 of 3 running",
    )  # fmt: skip
    assert facts["failures"] == "1 of 10 failed tasks before it ends the deployment"
    assert facts["takes"] == "4 min"
    hook = HookRun("h", "PAUSE", "", "AWAITING_ACTION", NOW + timedelta(minutes=2), "CONTINUE")
    waiting = account(replace(DEPLOYMENT, hooks=(hook,)))
    assert said(waiting, "State") == [("waits for you", "continues by itself in 02:00")]
    assert said(account(DEPLOYMENT), "State") == []


@pytest.mark.asyncio
async def test_a_deployment_that_is_over() -> None:
    back = replace(
        DEPLOYMENT, status="ROLLBACK_SUCCESSFUL", rollback=Rollback("alarm 5xx"),
        finished_at=NOW - timedelta(minutes=1),
    )  # fmt: skip
    facts = dict(said(account(back), "Deployment"))
    assert facts["last deployment"] == "▲ rolled back, 1m ago, took 3 min"
    assert facts["why"] == "alarm 5xx"
    inventory = account()
    assert said(inventory, "Deployment") == []
    denied = AccessDenied("no", operation="ecs:ListServiceDeployments")
    inventory.freshness(history_scope("prod", "web")).list_error = denied
    assert said(inventory, "Deployment") == [
        ("history", "not allowed to look (ecs:ListServiceDeployments)")
    ]
    sections = overview_sections(inventory, replace(WEB, controller="CODE_DEPLOY"), [], NOW)
    assert sections["Deployment"] == [], "another controller has no history"


def test_targets_the_unhealthy_ones_first_with_task_and_reason() -> None:
    inventory = account()
    assert said(inventory, "Load balancing")[0] == ("target group", "blue: app:80 loading")
    why = {"reason": "Target.Timeout", "description": "Request timed out"}
    targets = (
        TargetHealth(BLUE, "10.0.0.9", 80, state="healthy"),
        TargetHealth(BLUE, TASK.private_ip, 80, state="unhealthy", **why),
        TargetHealth(BLUE, "10.0.0.5", 80, state="unhealthy", reason="Target.NotInUse"),
        TargetHealth(BLUE, "10.0.0.8", 80, state="unhealthy", **why),
    )  # fmt: skip
    answer(inventory, target_lookup(BLUE), targets)
    assert said(inventory, "Load balancing") == [
        ("target group", "blue: 1 of 4 healthy, app:80"),
        ("  10.0.0.5:80", "✖ unhealthy"),
        ("  why", "Target.NotInUse"),
        ("  10.0.0.7:80", f"✖ unhealthy  task {TASK.id[:12]}"),
        ("  10.0.0.8:80", "✖ unhealthy"),
        ("  why", "Target.Timeout: Request timed out"),
        ("  10.0.0.9:80", "● healthy"),
        ("grace period", "1 min"),
    ]  # fmt: skip
    many = tuple(TargetHealth(BLUE, f"10.0.1.{n}", 80, state="healthy") for n in range(40))
    answer(inventory, target_lookup(BLUE), many)
    assert ("", f"{40 - MAX_TARGETS} more targets") in said(inventory, "Load balancing")
    denied = AccessDenied("no", operation="elasticloadbalancing:DescribeTargetHealth")
    answer(inventory, target_lookup(BLUE), denied)
    words = "blue: app:80 not allowed to look (elasticloadbalancing:DescribeTargetHealth)"
    assert said(inventory, "Load balancing")[0] == ("target group", words)


def test_alarms() -> None:
    inventory = account()
    assert said(inventory, "Alarms") == []
    about = ((("ClusterName", "prod"), ("ServiceName", "web")),)
    bad = Alarm("cpu", "a", "ALARM", reason="Threshold crossed", since=NOW - timedelta(minutes=7),
                dimensions=about)  # fmt: skip
    answer(
        inventory,
        ALARMS,
        (Alarm("mem", "b", "OK", dimensions=about), bad, Alarm("x", "c", "ALARM")),
    )
    assert said(inventory, "Alarms") == [
        ("cpu", "✖ ALARM for 7m  Threshold crossed"), ("mem", "● OK"),
    ]  # fmt: skip
    answer(inventory, ALARMS, AccessDenied("no", operation="cloudwatch:DescribeAlarms"))
    assert said(inventory, "Alarms") == [
        ("alarms", "not allowed to look (cloudwatch:DescribeAlarms)")
    ]


def test_auto_scaling() -> None:
    inventory = account()
    assert said(inventory, "Auto scaling") == []
    answer(inventory, SCALABLE_TARGETS, {})
    assert said(inventory, "Auto scaling") == []
    answer(inventory, SCALABLE_TARGETS, {"service/prod/web": ScalableTarget(1, 3)})
    assert said(inventory, "Auto scaling") == [("limits", "1 to 3 tasks, ▲ at its maximum")]
    policy = ScalingPolicy("cpu", "service/prod/web", "TargetTrackingScaling", 60.0,
                           "ECSServiceAverageCPUUtilization")  # fmt: skip
    answer(inventory, policies_lookup("prod", "web"), (policy,))
    activities = tuple(
        ScalingActivity(str(number), "service/prod/web", "Setting desired count to 3.",
                        started_at=NOW - timedelta(minutes=number), status="Failed" if number == 2
                        else "Successful", message="no capacity",
                        not_scaled=(NotScaledReason("AlreadyAtMaxCapacity"),) if number == 1 else ())
        for number in range(1, 6)
    )  # fmt: skip
    answer(inventory, activities_lookup("prod", "web"), activities)
    assert said(inventory, "Auto scaling")[1:] == [
        ("policy cpu", "keeps ECSServiceAverageCPUUtilization at 60"),
        ("activity", "1m ago  Successful  Setting desired count to 3.  AlreadyAtMaxCapacity"),
        ("activity", "2m ago  ✖ Failed  Setting desired count to 3.  no capacity"),
        ("activity", "3m ago  Successful  Setting desired count to 3."),
    ]
    answer(inventory, SCALABLE_TARGETS, AccessDenied("no"))
    assert said(inventory, "Auto scaling") == [("auto scaling", "not allowed to look")]


def test_zones_and_service_connect() -> None:
    inventory = account()
    spread = [replace(TASK, arn=str(n), zone="eu-west-1b") for n in range(3)]
    facts = dict(overview_sections(inventory, WEB, [TASK, *spread], NOW)["Tasks"])
    assert facts == {
        "zones": "1 in eu-west-1a, 3 in eu-west-1b (uneven)", "zone rebalancing": "on",
    }  # fmt: skip
    assert said(inventory, "Service Connect") == [("namespace", "shop"), ("port http", "web:80")]
    assert (
        overview_sections(inventory, replace(WEB, connect=None), [], NOW)["Service Connect"] == []
    )


@pytest.mark.asyncio
async def test_what_is_looked_up() -> None:
    subjects = [lookup.subject for lookup in overview_lookups(account(DEPLOYMENT), WEB)]
    assert subjects == [
        Subject.REVISIONS, Subject.TARGET_HEALTH, Subject.ALARMS, Subject.SCALABLE_TARGETS,
        Subject.SCALING_ACTIVITIES, Subject.SCALING_POLICIES,
    ]  # fmt: skip
