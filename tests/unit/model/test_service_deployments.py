"""Service deployments: what they say in words, and what differs between two revisions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ecs_tui.model.capacity_provider import StrategyItem
from ecs_tui.model.container import PortBinding
from ecs_tui.model.load_balancer import LoadBalancer
from ecs_tui.model.rules.deployment_words import (
    alarm_words,
    breaker_words,
    hook_words,
    in_progress,
    reason_words,
    seconds_taken,
    service_name,
    source_of,
    stage_rail,
    stage_words,
    status_words,
    strategy_words,
    traffic_words,
    usual_seconds,
    waiting_words,
)
from ecs_tui.model.rules.revision_changes import (
    RevisionChange,
    changes,
    definition_changes,
    image_words,
    short_digest,
    summary,
)
from ecs_tui.model.service import DeploymentSettings, HookSettings, Network
from ecs_tui.model.service_connect import ConnectAlias, ConnectService, ServiceConnect
from ecs_tui.model.service_deployment import (
    ENDED,
    GOING_BACK,
    STAGES,
    WORKING,
    AlarmMonitor,
    CircuitBreaker,
    HookRun,
    RevisionTasks,
    Rollback,
    ServiceDeployment,
)
from ecs_tui.model.service_revision import (
    ContainerImage,
    ServiceRegistry,
    ServiceRevision,
    ServiceVolume,
)
from ecs_tui.model.task_definition import ContainerDefinition, HealthCheck, TaskDefinition

NOW = datetime(2026, 1, 2, 3, tzinfo=UTC)
BASE = "arn:aws:ecs:eu-west-1:1"
ARN = f"{BASE}:service-deployment/prod/web/abc"
OLD, NEW = (f"{BASE}:service-revision/prod/web/{number}" for number in (1, 2))
PAUSED = HookRun("h1", "PAUSE", "", "AWAITING_ACTION", NOW + timedelta(minutes=12), "ROLLBACK")
CANARY = DeploymentSettings(
    strategy="CANARY", canary_percent=5.0, canary_bake_minutes=10, bake_minutes=15,
    hooks=(HookSettings("PAUSE", "", ("POST_TEST_TRAFFIC_SHIFT",), 60, "ROLLBACK"),
           HookSettings("AWS_LAMBDA", "arn:aws:lambda:eu-west-1:1:function:smoke", ("POST_SCALE_UP",))),
)  # fmt: skip
DEPLOYMENT = ServiceDeployment(
    ARN, f"{BASE}:service/prod/web", f"{BASE}:cluster/prod", "IN_PROGRESS",
    created_at=NOW - timedelta(minutes=9), started_at=NOW - timedelta(minutes=8),
    stage="BAKE_TIME",
    sources=(RevisionTasks(OLD, 4, 4, 0, None, 95.0),),
    target=RevisionTasks(NEW, 4, 2, 1, 100.0, 5.0),
    settings=CANARY,
)  # fmt: skip


@pytest.mark.parametrize(
    ("status", "sign", "words"),
    [
        ("PENDING", "◐", "pending"),
        ("IN_PROGRESS", "◐", "in progress"),
        ("SUCCESSFUL", "●", "successful"),
        ("STOP_REQUESTED", "◐", "stopping"),
        ("STOPPED", "✖", "stopped"),
        ("ROLLBACK_REQUESTED", "▲", "rollback requested"),
        ("ROLLBACK_IN_PROGRESS", "▲", "rolling back"),
        ("ROLLBACK_SUCCESSFUL", "▲", "rolled back"),
        ("ROLLBACK_FAILED", "✖", "rollback failed"),
        ("SOMETHING_NEW", "○", "something new"),
        ("", "○", ""),
    ],
)
def test_each_status(status: str, sign: str, words: str) -> None:
    found = replace(DEPLOYMENT, status=status)
    assert status_words(found) == (sign, words)
    kinds = (found.stoppable, found.going_back, found.over)
    assert sum(kinds) <= 1
    assert (in_progress([found]) is found) is (bool(status) and not found.over)


def test_the_statuses_are_all_of_the_api() -> None:
    from botocore.session import get_session

    model = get_session().get_service_model("ecs")
    known = {*WORKING, *GOING_BACK, *ENDED, "STOP_REQUESTED"}
    assert known == set(model.shape_for("ServiceDeploymentStatus").enum)
    assert set(STAGES) == set(model.shape_for("ServiceDeploymentLifecycleStage").enum)


def test_failing_tasks_make_a_deployment_bad() -> None:
    failing = replace(DEPLOYMENT, breaker=CircuitBreaker("MONITORING", 4, 10))
    assert status_words(failing)[0] == "✖"
    assert breaker_words(failing) == "4 of 10 failed tasks before it ends the deployment"


@pytest.mark.parametrize(
    ("breaker", "over", "words"),
    [
        (None, False, ""),
        (CircuitBreaker("DISABLED", 3, 10), False, ""),
        (CircuitBreaker("MONITORING", 1, 0), False, "1 failed task"),
        (CircuitBreaker("MONITORING_COMPLETE", 2, 10), True, "2 of 10 failed tasks"),
        (CircuitBreaker("TRIGGERED", 10, 10), True, "triggered at 10 failed tasks"),
    ],
)
def test_the_circuit_breaker(breaker: CircuitBreaker | None, over: bool, words: str) -> None:
    status = "STOPPED" if over else "IN_PROGRESS"
    assert breaker_words(replace(DEPLOYMENT, breaker=breaker, status=status)) == words


def test_a_pause_says_when_and_how_it_ends() -> None:
    waits = replace(DEPLOYMENT, hooks=(PAUSED,), stage="POST_TEST_TRAFFIC_SHIFT")
    assert waits.waiting is PAUSED
    assert status_words(waits) == ("▲", "waits for you")
    assert reason_words(waits, NOW) == (
        "rolls back by itself in 12:00, at post test traffic shift (6 of 10)"
    )
    assert replace(waits, status="STOPPED").waiting is None, "one that is over waits for nobody"


@pytest.mark.parametrize(
    ("expires", "action", "words"),
    [
        (timedelta(minutes=90), "CONTINUE", "continues by itself in 1:30:00"),
        (timedelta(seconds=5), "", "ends by itself in 00:05"),
        (timedelta(seconds=-5), "ROLLBACK", "rolls back by itself now"),
        (None, "ROLLBACK", "rolls back by itself at an unknown time"),
        (None, "", "waits without a known end"),
    ],
)
def test_the_end_of_a_pause(expires: timedelta | None, action: str, words: str) -> None:
    at = NOW + expires if expires is not None else None
    assert waiting_words(HookRun("h", expires_at=at, timeout_action=action), NOW) == words


def test_stages() -> None:
    assert stage_words(DEPLOYMENT) == "bake time (9 of 10)"
    assert stage_words(replace(DEPLOYMENT, stage="A_NEW_STAGE")) == "a new stage"
    rail = stage_rail(DEPLOYMENT)
    assert rail.startswith("● reconcile service › ● pre scale up › ")
    assert rail.endswith("› ◐ bake time › ○ clean up")
    assert "✖ bake time" in stage_rail(replace(DEPLOYMENT, status="ROLLBACK_IN_PROGRESS"))
    assert stage_rail(replace(DEPLOYMENT, status="SUCCESSFUL")).count("●") == len(STAGES)
    assert stage_rail(replace(DEPLOYMENT, stage="")) == "", "a rolling update has none"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (None, ""),
        (DeploymentSettings(strategy="ROLLING"), "rolling"),
        (DeploymentSettings(strategy="BLUE_GREEN", bake_minutes=5), "blue/green; bake time 5 min"),
        (CANARY, "canary: 5%, after 10 min the rest; bake time 15 min"),
        (DeploymentSettings(strategy="LINEAR", step_percent=12.5, step_bake_minutes=3),
         "linear: 12.5% every 3 min"),
    ],
)  # fmt: skip
def test_strategies(settings: DeploymentSettings | None, words: str) -> None:
    assert strategy_words(settings) == words


def test_hooks_traffic_and_alarms() -> None:
    assert hook_words(CANARY) == (
        "pause at post test traffic shift, after 1 h roll back",
        "function smoke at post scale up",
    )
    assert DEPLOYMENT.target is not None
    assert traffic_words(DEPLOYMENT.target) == (
        "2 of 4 running, 1 pending, 5% of the traffic, 100% of the test traffic"
    )
    alarms = AlarmMonitor("MONITORING", ("5xx", "latency"))
    assert alarm_words(replace(DEPLOYMENT, alarms=alarms)) == "monitoring: 5xx, latency"
    triggered = replace(DEPLOYMENT, alarms=AlarmMonitor("TRIGGERED", ("5xx", "latency"), ("5xx",)))
    assert alarm_words(triggered) == "triggered: 5xx"
    assert reason_words(triggered, NOW) == "alarm 5xx"
    assert alarm_words(replace(DEPLOYMENT, alarms=AlarmMonitor("DISABLED", ("x",)))) == ""
    rolled = replace(DEPLOYMENT, rollback=Rollback("tasks failed to start", NOW, OLD))
    assert reason_words(rolled, NOW) == "tasks failed to start"


def test_times() -> None:
    assert seconds_taken(DEPLOYMENT, NOW) == 480
    ended = replace(DEPLOYMENT, status="SUCCESSFUL", finished_at=NOW - timedelta(minutes=2))
    assert seconds_taken(ended, NOW) == 360
    assert seconds_taken(replace(ended, finished_at=None), NOW) is None
    assert usual_seconds([ended, ended, DEPLOYMENT], NOW) is None, "too few"
    slow = replace(ended, finished_at=NOW)
    assert usual_seconds([ended, slow, ended, DEPLOYMENT], NOW) == 360


def test_the_revision_before_is_the_one_with_most_tasks() -> None:
    both = (RevisionTasks(NEW, 9, 9), RevisionTasks(OLD, 4, 1), RevisionTasks("other", 1, 1))
    assert source_of(replace(DEPLOYMENT, sources=both)) == OLD
    assert source_of(replace(DEPLOYMENT, sources=())) == ""
    assert service_name(DEPLOYMENT) == service_name(ServiceDeployment(ARN)) == "web"
    assert service_name(ServiceDeployment("arn")) == ""


# -- differences

APP = ContainerDefinition(
    "app", "registry/shop/app:1", cpu=256, memory=512, environment_names=("A", "B"),
    secret_names=("DB",), secret_sources=("arn:db",), ports=(PortBinding(80),),
    health_check=HealthCheck(("CMD-SHELL", "curl localhost"), 30, 5, 3, 10),
)  # fmt: skip
SIDECAR = ContainerDefinition("envoy", "envoy:1")
BEFORE = TaskDefinition("d1", "web", 1, containers=(APP, SIDECAR), cpu="512", memory="1024")


def found(**fields: object) -> list[str]:
    """The differences after a change of the container `app`."""
    app = replace(APP, **fields)  # type: ignore[arg-type]
    return [
        str(each) for each in definition_changes(BEFORE, replace(BEFORE, containers=(SIDECAR, app)))
    ]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, []),
        ({"image": "registry/shop/app:2"}, ["app image app:1 → app:2"]),
        ({"image": "other/shop/app:1"}, ["app image registry/shop/app:1 → other/shop/app:1"]),
        ({"cpu": 512, "memory": 1024}, ["app cpu 256 → 512", "app memory 512 MiB → 1024 MiB"]),
        ({"memory": None}, ["app memory 512 MiB → –"]),
        ({"environment_names": ("B", "C")}, ["app environment names A → C"]),
        ({"environment_names": ("B", "A")}, []),
        ({"secret_names": ("DB", "KEY"), "secret_sources": ("arn:db", "arn:key")},
         ["app secrets names – → KEY"]),
        ({"secret_sources": ("arn:other",)}, ["app secret DB from arn:db → arn:other"]),
        ({"health_check": None},
         ["app health check CMD-SHELL curl localhost, every 30 s, timeout 5 s, grace 10 s, "
          "3 retries → –"]),
        ({"command": ("--password=hunter2",)}, ["app command one → another (not shown)"]),
        ({"essential": False}, ["app essential yes → no"]),
        ({"stop_timeout": 60}, ["app stop timeout – → 60 s"]),
    ],
)  # fmt: skip
def test_what_differs_in_a_container(fields: dict[str, object], words: list[str]) -> None:
    assert found(**fields) == words


def test_containers_come_and_go_and_the_task_changes() -> None:
    after = replace(BEFORE, containers=(APP, ContainerDefinition("log", "fluent:1")), memory="2048")
    assert [str(each) for each in definition_changes(BEFORE, after)] == [
        "envoy container envoy:1 → –", "log container – → fluent:1",
        "task memory 1024 MiB → 2048 MiB",
    ]  # fmt: skip


def revision(**fields: object) -> ServiceRevision:
    made = ServiceRevision(
        OLD, launch_type="FARGATE", network=Network(("a", "b"), ("sg",), "DISABLED"),
        images=(ContainerImage("app", "app:latest", f"sha256:{'1' * 64}"),),
    )  # fmt: skip
    return replace(made, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, []),
        ({"network": Network(("b", "a"), ("sg",), "DISABLED")}, []),
        ({"network": Network(("a", "c"), ("sg", "sg2"), "ENABLED")},
         ["service subnets a b → a c", "service security groups sg → sg sg2",
          "service public IP disabled → enabled"]),
        ({"images": (ContainerImage("app", "app:latest", f"sha256:{'2' * 64}"),)},
         [f"app digest app:latest @{'1' * 12} → app:latest @{'2' * 12}"]),
        ({"images": (ContainerImage("app", "app:latest", ""),)}, []),
        ({"launch_type": "", "capacity": (StrategyItem("FARGATE_SPOT", 1, 2),)},
         ["service launch type FARGATE → –",
          "service capacity providers – → FARGATE_SPOT base 1 weight 2"]),
        ({"load_balancers": (LoadBalancer("arn:x:targetgroup/blue/1", "", "app", 80),)},
         ["service load balancers – → blue → app:80"]),
        ({"registries": (ServiceRegistry("arn:srv-1"),), "guard_duty": True},
         ["service service registries – → arn:srv-1", "service GuardDuty off → on"]),
        ({"connect": ServiceConnect(True, "ns/shop", (ConnectService("http", "web", (ConnectAlias("", 80),)),))},
         ["service service connect – → shop web"]),
        ({"volumes": (ServiceVolume("data", "gp3", 20),)}, ["service volumes – → data gp3 20 GiB"]),
    ],
)  # fmt: skip
def test_what_differs_beyond_the_task_definition(
    fields: dict[str, object], words: list[str]
) -> None:
    differences = changes(revision(), revision(**fields), BEFORE, BEFORE)
    assert [str(each) for each in differences] == words
    assert not any(each.restored for each in differences), "no task definition brings them back"


def test_a_summary_is_short() -> None:
    every = [RevisionChange("app", name, "1", "2") for name in "abcde"]
    assert summary(every) == "app a 1 → 2; app b 1 → 2; app c 1 → 2; 2 more"
    assert summary([]) == "nothing differs"


@pytest.mark.parametrize(
    ("image", "digest", "words"),
    [
        ("registry.example/shop/web:2.1", f"sha256:{'ab' * 32}", "web:2.1 @abababababab"),
        ("web:2", "", "web:2"),
        (f"web@sha256:{'cd' * 32}", "", "web @cdcdcdcdcdcd"),
        ("", "", ""),
    ],
)
def test_images(image: str, digest: str, words: str) -> None:
    assert image_words(image, digest) == words
    assert short_digest("") == ""
