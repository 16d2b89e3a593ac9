"""Plans for services, and how far a deployment or a new desired count has come: pure tables."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ecs_tui.config.policy import CallPolicy
from ecs_tui.errors import AccessDenied, EcsTuiError
from ecs_tui.model.cluster import Cluster
from ecs_tui.model.scalable_target import ScalableTarget
from ecs_tui.model.service import DeploymentSettings, Service, ServiceEvent
from ecs_tui.operations.services import (
    CountReached,
    DeploymentCompleted,
    deployment_progress,
    plan_deployment,
    plan_scale,
    refuse_daemons,
    scale_progress,
)
from tests.support.operation_case import PROD, SERVICE, STAGING, deployment


def said(cluster: Cluster, service: Service) -> str:
    return "\n".join(plan_deployment(cluster, service).effects)


def test_a_new_deployment_says_how_the_tasks_are_replaced() -> None:
    plan = plan_deployment(STAGING, SERVICE)
    assert plan.title == "Start a new deployment of staging/web"
    assert plan.effects == (
        "Replaces the 4 tasks of staging/web with new tasks of web:7.",
        "At least 2 of them stay healthy meanwhile (minimumHealthyPercent 50), at most 8 run at "
        "once (maximumPercent 200).",
        "If the new tasks fail, the circuit breaker rolls back.",
        "Open exec sessions in the old tasks will end.",
    )
    (call,) = plan.calls
    assert (call.operation, call.parameters) == (
        "ecs:UpdateService",
        {"cluster": "staging", "service": "web", "forceNewDeployment": True},
    )
    assert (plan.confirm, plan.typed) == ("y", "web")
    assert plan.goal == DeploymentCompleted("staging", "web")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (DeploymentSettings(100, 200), "circuit breaker is off"),
        (DeploymentSettings(100, 200, True), "circuit breaker stops the deployment"),
        (DeploymentSettings(100, 200, True, True, "BLUE_GREEN"), "strategy is BLUE_GREEN"),
        (DeploymentSettings(33, 134), "At least 2 of them stay healthy"),
        (DeploymentSettings(33, 134), "at most 5 run at once"),
    ],
)
def test_its_settings_in_words(settings: DeploymentSettings, words: str) -> None:
    assert words in said(STAGING, replace(SERVICE, deployment_settings=settings))


def test_what_else_a_deployment_says() -> None:
    one = replace(SERVICE, desired=1)
    assert "Replaces the 1 task of" in said(STAGING, one)
    assert "is scaled to 0: no task is replaced" in said(STAGING, replace(SERVICE, desired=0))
    busy = replace(SERVICE, deployments=(deployment(running=1),))
    assert "A deployment of web:7 is in progress (1 of 4 tasks run)" in said(STAGING, busy)
    unread = replace(STAGING, not_read={"TAGS": "AccessDenied: no"})
    assert "tags of cluster staging could not be read" in said(unread, SERVICE)


def test_production_asks_for_the_name() -> None:
    assert plan_deployment(PROD, SERVICE).typed == "web"
    assert plan_deployment(STAGING, replace(SERVICE, tags={"env": "prod"})).confirm == "name"
    assert plan_scale(PROD, SERVICE, 0).typed == "web"


def test_the_policy_asks_for_the_name_too() -> None:
    policy = CallPolicy(confirm_by_name=("stag*",))
    plan = plan_deployment(STAGING, SERVICE)
    asked = plan.under(policy)
    assert (asked.confirm, asked.typed) == ("name", "web")
    assert asked.effects == (
        *plan.effects,
        "Changes in staging are confirmed by a name (confirm_by_name in [policy]).",
    )
    assert plan.under(CallPolicy(confirm_by_name=("prod",))) is plan
    production = plan_deployment(PROD, SERVICE)
    assert production.under(CallPolicy(confirm_by_name=("*",))) is production, "it asks already"
    nothing = plan_scale(STAGING, SERVICE, SERVICE.desired)
    assert nothing.under(policy) is nothing, "nothing is changed"


@pytest.mark.parametrize(
    ("controller", "advice"),
    [("CODE_DEPLOY", "aws deploy create-deployment"), ("EXTERNAL", "aws ecs create-task-set")],
)
def test_what_ecs_does_not_deploy_is_refused(controller: str, advice: str) -> None:
    service = replace(SERVICE, controller=controller)
    with pytest.raises(EcsTuiError, match=controller) as refused:
        plan_deployment(STAGING, service)
    assert advice in refused.value.next_step
    assert plan_scale(STAGING, service, 5).calls, "its desired count can be set all the same"


def test_a_daemon_service_has_no_count() -> None:
    refuse_daemons(SERVICE)
    with pytest.raises(EcsTuiError, match="scheduling strategy DAEMON"):
        refuse_daemons(replace(SERVICE, scheduling="DAEMON"))
    assert plan_deployment(STAGING, replace(SERVICE, scheduling="DAEMON")).calls


@pytest.mark.parametrize(
    ("before", "after", "effect"),
    [
        (4, 6, "ECS starts 2 tasks of web:7."),
        (4, 5, "ECS starts 1 task of web:7."),
        (0, 1, "ECS starts 1 task of web:7."),
        (4, 3, "ECS stops 1 of the 4 tasks of staging/web; it chooses which."),
        (4, 0, "ECS stops all 4 tasks of staging/web: nothing of it runs any more."),
        (1, 0, "ECS stops the only task of staging/web: nothing of it runs any more."),
    ],
)
def test_another_count_says_what_starts_or_stops(before: int, after: int, effect: str) -> None:
    plan = plan_scale(STAGING, replace(SERVICE, desired=before), after)
    assert plan.effects[0] == effect
    assert plan.changes == (("desiredCount", str(before), str(after)),)
    assert plan.calls[0].parameters["desiredCount"] == after
    assert plan.goal == CountReached("staging", "web", after)
    assert (plan.confirm, plan.title) == (
        "y", f"Scale staging/web from {before} to {after} task{'s' if after != 1 else ''}",
    )  # fmt: skip


def test_the_same_count_changes_nothing_and_needs_no_confirmation() -> None:
    plan = plan_scale(PROD, SERVICE, 4, ScalableTarget(1, 2))
    assert (plan.calls, plan.changes, plan.confirm, plan.typed) == ((), (), "none", "")
    assert plan.effects == ("Nothing changes: main/web has this desired count already.",)
    assert plan.command == ""


@pytest.mark.parametrize(
    ("scaling", "words"),
    [
        (None, ""),
        (ScalableTarget(2, 8), "between 2 and 8 tasks and may set the count back"),
        (ScalableTarget(2, 5), "6 is above that range, so it will set the count back"),
        (ScalableTarget(7, 9), "6 is below that range, so it will set the count back"),
        (ScalableTarget(2, 5, True, True), "is suspended: it will not set the count back"),
        (ScalableTarget(2, 5, True, False), "so it will set the count back"),
        (
            AccessDenied("Access denied: application-autoscaling:DescribeScalableTargets."),
            "is unknown: Access denied: application-autoscaling:DescribeScalableTargets.",
        ),
    ],
)
def test_what_auto_scaling_will_do(
    scaling: ScalableTarget | EcsTuiError | None, words: str
) -> None:
    effects = plan_scale(STAGING, SERVICE, 6, scaling).effects
    assert (words in effects[-1]) if words else len(effects) == 1


# -- progress of a deployment

OLD = deployment("old", "ACTIVE", "COMPLETED", running=3)
FAILED = "ECS deployment circuit breaker: tasks failed to start."
BACK = deployment(
    "back", rollout_reason="ECS deployment circuit breaker: rolling back to deploymentId old.",
    task_definition="arn:aws:ecs:r:1:task-definition/web:6",
)  # fmt: skip
STARTED = replace(SERVICE, deployments=(deployment(), OLD))


@pytest.mark.parametrize(
    ("deployments", "outcome", "words"),
    [
        ((deployment(running=1, pending=1), OLD), "", "new tasks 1/4 running · 1 pending · old tasks 3"),
        ((deployment(running=1, failed=2), OLD), "", "new tasks 1/4 running · 2 failed · old tasks 3"),
        ((deployment(state="COMPLETED", running=4),), "done",
         "new tasks 4/4 running · old tasks 0. The deployment is completed."),
        ((deployment(state="FAILED", rollout_reason=FAILED), OLD), "failed",
         f"The deployment failed: {FAILED}"),
        ((deployment(state="FAILED", rollout_reason=""), OLD), "failed", "no reason given"),
        ((BACK, deployment("new", "ACTIVE", "FAILED", rollout_reason=FAILED), OLD), "failed",
         f"{FAILED} ECS rolls back to web:6."),
        ((deployment("newer"), deployment("new", "ACTIVE"), OLD), "failed",
         "A newer deployment has replaced this one."),
        ((deployment("newer", task_definition="x/web:9"),), "failed",
         "The deployment no longer exists: web:9 is deployed now."),
        ((), "failed", "The deployment no longer exists."),
        ((deployment(state="", running=4),), "done", "All tasks run."),
        ((deployment(state="", running=4), OLD), "", "new tasks 4/4 running · old tasks 3"),
    ],
)  # fmt: skip
def test_how_far_a_deployment_has_come(
    deployments: tuple[object, ...], outcome: str, words: str
) -> None:
    now = replace(SERVICE, deployments=deployments)
    progress = deployment_progress(now, "web", STARTED)
    assert (progress.outcome, words in progress.words) == (outcome, True), progress


def test_a_deployment_whose_id_is_unknown_is_the_primary_one() -> None:
    now = replace(SERVICE, deployments=(deployment("any", state="COMPLETED"),))
    assert deployment_progress(now, "web", None).outcome == "done"


def test_the_reason_of_a_slow_deployment_is_the_new_event_about_it() -> None:
    event = ServiceEvent("e2", None, "(service web) was unable to place a task because of memory.")
    before = ServiceEvent("e1", None, "(service web) was unable to place a task. Long ago.")
    slow = replace(SERVICE, deployments=(deployment(), OLD), events=(event, before))
    assert deployment_progress(slow, "web", STARTED).words.endswith(f"· {event.message}")
    known = replace(STARTED, events=(before,))
    same = replace(slow, events=(before,))
    assert "unable" not in deployment_progress(same, "web", known).words
    assert "unable" in scale_progress(replace(slow, running=1), "web", 4, known).words


@pytest.mark.parametrize("status", ["INACTIVE", "DRAINING"])
def test_a_service_that_is_deleted_meanwhile(status: str) -> None:
    for now in (None, replace(SERVICE, status=status)):
        assert deployment_progress(now, "web", STARTED).outcome == "failed"
        progress = scale_progress(now, "web", 4, None)
        assert progress.words == "Service web is being deleted, or has been."


@pytest.mark.parametrize(
    ("desired", "running", "pending", "outcome", "words"),
    [
        (6, 4, 2, "", "4/6 tasks running · 2 pending"),
        (6, 6, 1, "", "6/6 tasks running · 1 pending"),
        (6, 8, 0, "", "8/6 tasks running"),
        (6, 6, 0, "done", "6/6 tasks running. web is scaled to 6."),
        (5, 4, 1, "failed", "The desired count is 5 now"),
    ],
)
def test_how_far_a_count_has_come(
    desired: int, running: int, pending: int, outcome: str, words: str
) -> None:
    now = replace(SERVICE, desired=desired, running=running, pending=pending)
    progress = scale_progress(now, "web", 6, None)
    assert (progress.outcome, words in progress.words) == (outcome, True), progress
