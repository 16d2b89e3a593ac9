"""Plans that roll a service back or answer a pause, and how far a deployment has come: pure tables."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ecs_tui.errors import EcsTuiError, NotFound
from ecs_tui.model.service import Network, ServiceEvent, TaskSet
from ecs_tui.model.service_deployment import (
    CircuitBreaker,
    HookRun,
    RevisionTasks,
    Rollback,
    ServiceDeployment,
)
from ecs_tui.operations.rollback import (
    RollbackChoice,
    RollbackOptions,
    choice_named,
    earlier_revisions,
    plan_rollback,
)
from ecs_tui.operations.service_deployments import (
    DeploymentEnds,
    UnderWay,
    end_progress,
    plan_answer,
    plan_stop,
)
from ecs_tui.operations.services import DeploymentCompleted
from ecs_tui.operations.settling import settle_progress
from tests.support.operation_case import BASE, PROD, SERVICE, STAGING, deployment
from tests.support.rollback_case import NEW, OLD, OLDEST, choice, definition, revision

ARN = f"{BASE}:service-deployment/staging/web/d1"
PAUSED = HookRun("h1", "PAUSE", "", "AWAITING_ACTION")


UNDER_WAY = UnderWay(
    STAGING, SERVICE,
    ServiceDeployment(
        ARN, SERVICE.arn, STAGING.arn, "IN_PROGRESS",
        sources=(RevisionTasks(OLD, 4, 4),), target=RevisionTasks(NEW, 4, 2, 1),
    ),
    {OLD: revision(OLD, 6), NEW: revision(NEW, 7)},
)  # fmt: skip


def under_way(**fields: object) -> UnderWay:
    return replace(UNDER_WAY, deployment=replace(UNDER_WAY.deployment, **fields))  # type: ignore[arg-type]


# -- a deployment in progress


def test_a_deployment_in_progress_is_stopped() -> None:
    plan = plan_stop(UNDER_WAY)
    assert plan.title == "Roll back the deployment of web:7 in staging/web"
    assert plan.effects == (
        "ECS stops the deployment of web:7. 2 of 4 running, 1 pending.",
        "ECS goes back to web:6, with the network, the load balancers and the image digests it had.",
        "Open exec sessions in its new tasks will end.",
    )
    (call,) = plan.calls
    assert (call.operation, dict(call.parameters)) == (
        "ecs:StopServiceDeployment", {"serviceDeploymentArn": ARN, "stopType": "ROLLBACK"},
    )  # fmt: skip
    assert plan.changes == (("revision", "web:7", "web:6"),)
    assert plan.goal == DeploymentEnds(ARN, back=True)
    assert (plan.confirm, plan.typed) == ("y", "web")
    assert plan_stop(replace(UNDER_WAY, cluster=PROD)).confirm == "name"
    assert plan.command.startswith("aws ecs stop-service-deployment --service-deployment-arn ")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"status": "ROLLBACK_IN_PROGRESS"}, "its status is ROLLBACK_IN_PROGRESS"),
        ({"status": "STOP_REQUESTED"}, "its status is STOP_REQUESTED"),
        ({"sources": ()}, "first deployment of staging/web: there is no revision to go back to"),
    ],
)
def test_what_cannot_be_rolled_back(fields: dict[str, object], words: str) -> None:
    with pytest.raises(EcsTuiError, match=words):
        plan_stop(under_way(**fields))


def test_a_pause_is_answered() -> None:
    found = under_way(hooks=(PAUSED,), stage="POST_TEST_TRAFFIC_SHIFT")
    on, back = plan_answer(found, "CONTINUE"), plan_answer(found, "ROLLBACK")
    assert on.title == "Continue the deployment of web:7 in staging/web"
    assert on.effects[0].startswith(
        "The deployment of web:7 goes on at post test traffic shift (6 of 10). 2 of 4 running"
    )
    assert "goes back to web:6" in back.effects[1]
    assert (on.id, back.id) == ("continue", "rollback")
    for plan, action in ((on, "CONTINUE"), (back, "ROLLBACK")):
        (call,) = plan.calls
        assert call.operation == "ecs:ContinueServiceDeployment"
        assert call.parameters["hookId"] == "h1" and call.parameters["action"] == action
    assert back.goal == DeploymentEnds(ARN, back=True, answered="h1")
    with pytest.raises(EcsTuiError, match="does not wait for anybody"):
        plan_answer(UNDER_WAY, "CONTINUE")
    assert plan_answer(replace(found, cluster=PROD), "CONTINUE").confirm == "name"


def test_a_revision_that_is_not_known_is_named_by_its_id() -> None:
    assert replace(UNDER_WAY, revisions={}).target == "service revision 2"


@pytest.mark.parametrize(
    ("fields", "back", "outcome", "words"),
    [
        ({}, True, "", "in progress · 2 of 4 running, 1 pending"),
        ({"status": "ROLLBACK_SUCCESSFUL"}, True, "done", "rollback successful. It is rolled back."),
        ({"status": "ROLLBACK_FAILED"}, True, "failed", "The rollback failed."),
        ({"status": "SUCCESSFUL"}, True, "failed", "The deployment was completed."),
        ({"status": "STOPPED", "status_reason": "Because."}, True, "failed",
         "stopped and not rolled back. Because."),
        ({"status": "SUCCESSFUL"}, False, "done", "The deployment is completed."),
        ({"status": "ROLLBACK_SUCCESSFUL", "rollback": Rollback("alarm x")}, False, "failed",
         "was rolled back. alarm x"),
        ({"hooks": (PAUSED,)}, False, "", "waits for a person"),
        ({"hooks": (replace(PAUSED, id="h2"),)}, False, "done", "It waits for you again."),
        ({"hooks": (replace(PAUSED, id="h2"),)}, True, "", "in progress"),
        ({"breaker": CircuitBreaker("MONITORING", 4, 10)}, False, "", "4 of 10 failed tasks"),
    ],
)  # fmt: skip
def test_how_a_deployment_ends(
    fields: dict[str, object], back: bool, outcome: str, words: str
) -> None:
    found = end_progress(under_way(**fields).deployment, back=back, answered="h1")
    assert found.outcome == outcome and words in found.words
    assert end_progress(None).outcome == "failed"


# -- an earlier revision


def options(*choices: RollbackChoice) -> RollbackOptions:
    return RollbackOptions(STAGING, SERVICE, revision(NEW, 7), choices)


def test_the_definition_of_an_earlier_revision_is_deployed_again() -> None:
    found = choice(network=Network(("b",), ("sg",), "DISABLED"))
    plan = plan_rollback(options(found), found)
    assert plan.title == "Roll back staging/web to web:6"
    (call,) = plan.calls
    assert (call.operation, dict(call.parameters)) == (
        "ecs:UpdateService",
        {"cluster": "staging", "service": "web", "taskDefinition": found.revision.task_definition},
    )
    assert plan.changes == (
        ("taskDefinition", "web:7", "web:6"),
        ("app image", "app:7", "app:6"),
        ("app memory", "896 MiB", "768 MiB"),
    )
    words = "\n".join(plan.effects)
    assert "Replaces the 4 tasks of staging/web with new tasks of web:6" in words
    assert "Not restored: service subnets stays a; then it was b." in words
    assert (
        f"ECS resolves image tags again, which may have been moved: app ran app:6 @{'6' * 12}."
        in words
    )
    assert plan.goal == DeploymentCompleted("staging", "web")
    assert plan_rollback(replace(options(found), cluster=PROD), found).confirm == "name"


def test_what_is_not_known_is_said() -> None:
    found = choice(read=False)
    assert "what it changes is unknown" in "\n".join(plan_rollback(options(found), found).effects)


def test_what_cannot_be_deployed_again() -> None:
    same = choice(7)
    with pytest.raises(EcsTuiError, match="has the same task definition"):
        plan_rollback(options(same), same)
    gone = replace(choice(), definition=definition(6, status="INACTIVE"))
    with pytest.raises(EcsTuiError, match="web:6 is INACTIVE"):
        plan_rollback(options(gone), gone)


@pytest.mark.parametrize("name", ["web:6", "1", OLD])
def test_a_choice_by_name(name: str) -> None:
    found = choice()
    assert choice_named(options(found), name) is found


def test_an_unknown_choice_names_those_that_there_are() -> None:
    with pytest.raises(NotFound, match="web:6"):
        choice_named(options(choice()), "web:1")


def ended(arn: str, target: str, *sources: str, **fields: object) -> ServiceDeployment:
    made = ServiceDeployment(
        arn, SERVICE.arn, STAGING.arn, "SUCCESSFUL", target=RevisionTasks(target, 4, 4),
        sources=tuple(RevisionTasks(each, 4, 4) for each in sources),
    )  # fmt: skip
    return replace(made, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("deployments", "current", "present", "earlier"),
    [
        ([], (), "", []),
        ([ended("d2", NEW, OLD), ended("d1", OLD, OLDEST)], (), NEW, [OLD, OLDEST]),
        ([], (OLD,), OLD, []),
        # The last one was rolled back: the revision before runs, the failed one is not offered.
        ([ended("d2", NEW, OLD, status="ROLLBACK_SUCCESSFUL", rollback=Rollback("x", None, OLD)),
          ended("d1", OLD, OLDEST)], (), OLD, [OLDEST]),
        # The last one failed and was not rolled back.
        ([ended("d2", NEW, OLD, status="STOPPED"), ended("d1", OLD)], (OLD, NEW), NEW, [OLD]),
    ],
)  # fmt: skip
def test_which_revisions_have_run(
    deployments: list[ServiceDeployment], current: tuple[str, ...], present: str, earlier: list[str]
) -> None:
    service = replace(SERVICE, current_revisions=current)
    assert earlier_revisions(service, deployments) == (present, earlier)


# -- settled

DONE = replace(SERVICE, deployments=(deployment(state="COMPLETED", running=4),))
MOVING = replace(SERVICE, deployments=(deployment(running=2),), running=4)
FAILING = ServiceEvent("e", None, "(service web) was unable to place a task.")


@pytest.mark.parametrize(
    ("service", "of", "outcome", "words"),
    [
        (None, None, "failed", "is being deleted"),
        (replace(DONE, status="DRAINING"), None, "failed", "is being deleted"),
        (DONE, None, "done", "4/4 tasks running. web has settled on web:7."),
        (replace(DONE, running=3, pending=1), None, "", "3/4 tasks running · 1 pending"),
        (MOVING, None, "", "4/4 tasks running"),
        (replace(MOVING, events=(FAILING,)), None, "", "unable to place a task"),
        (replace(SERVICE, deployments=(deployment(state="FAILED"),)), None, "failed",
         "The deployment failed: no reason given"),
        (MOVING, UNDER_WAY.deployment, "", "in progress · 2 of 4 running"),
        (MOVING, replace(UNDER_WAY.deployment, hooks=(PAUSED,)), "", "waits for a person"),
        (DONE, ended("d", NEW), "done", "has settled"),
        (DONE, ended("d", NEW, status="ROLLBACK_SUCCESSFUL"), "failed", "was rolled back"),
        # ECS has accepted a newer one that DescribeServices does not name yet.
        (MOVING, ended("d", NEW, status="ROLLBACK_SUCCESSFUL"), "", "4/4"),
        (MOVING, ended("d", NEW), "", "4/4"),
        (replace(SERVICE, controller="EXTERNAL", task_sets=(
            TaskSet("t", "PRIMARY", "STABILIZING", 100.0, 4, 4, 0, "web:7"),)), None, "",
         "task sets stabilizing"),
    ],
)  # fmt: skip
def test_when_a_service_has_settled(
    service: object, of: ServiceDeployment | None, outcome: str, words: str
) -> None:
    found = settle_progress(service, "web", of)  # type: ignore[arg-type]
    assert found.outcome == outcome, found.words
    assert words in found.words


def test_what_comes_back_and_what_stays() -> None:
    assert choice().stays == () and {each.name for each in choice().restored} == {"image", "memory"}
