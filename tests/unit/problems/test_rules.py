"""Each rule has a case in which it fires and one in which it must not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

import pytest

from ecs_tui.model.alarm import Alarm
from ecs_tui.model.auto_scaling_group import AutoScalingGroup
from ecs_tui.model.capacity_provider import CapacityProvider, StrategyItem
from ecs_tui.model.problem import Problem, Severity
from ecs_tui.model.retirement import Retirement
from ecs_tui.model.scalable_target import ScalableTarget
from ecs_tui.model.scaling_activity import NotScaledReason, ScalingActivity
from ecs_tui.model.service import DeploymentSettings, Service
from ecs_tui.model.service_deployment import AlarmMonitor, CircuitBreaker, HookRun, Rollback
from ecs_tui.model.target_health import TargetHealth
from ecs_tui.problems.facts import ClusterFacts, KnownChange, LastLines, ServiceFacts
from ecs_tui.problems.find import find, find_in_service
from ecs_tui.problems.rules.all import BY_ID, CAUSES, RULES
from ecs_tui.problems.rules.base import usual_duration
from ecs_tui.problems.rules.deployments import threshold
from tests.support.problem_facts import (
    NOW,
    STEADY,
    ago,
    container,
    definition,
    deployment,
    event,
    facts,
    instance,
    rollout,
    running,
    service,
    stopped,
)

Facts = ServiceFacts | ClusterFacts
GROUP = "arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:1:autoScalingGroupName/asg"
UNPLACED = "(service web) was unable to place a task because no container instance met all of its requirements."


class Case(NamedTuple):
    """Facts in which a rule finds something (its cause), or must not (None)."""

    rule: str
    cause: str | None
    facts: Facts


def below(count: int = 3, **more: object) -> Service:
    return replace(service(), running=count, **more)  # type: ignore[arg-type]


def crashed(*minutes: float, revision: int = 42) -> tuple[object, ...]:
    return tuple(stopped(n, m, container(1), revision=revision) for n, m in enumerate(minutes))


def failing(count: int = 4, *, breaker: bool = True) -> Service:
    made = service(deployment("IN_PROGRESS", 8, failed=count, running=0))
    return replace(made, deployment_settings=DeploymentSettings(breaker=breaker, rollback=breaker))


def scaling(status: str, minutes: float = 5, code: str = "", message: str = "") -> ScalingActivity:
    reasons = (NotScaledReason(code, most=10, current=10),) if code else ()
    return ScalingActivity(
        str(minutes), "service/prod/web", "Setting desired count to 12.", "alarm", ago(minutes),
        status=status, message=message, not_scaled=reasons,
    )  # fmt: skip


def alarm(name: str, metric: str = "HTTPCode_Target_5XX_Count", state: str = "ALARM") -> Alarm:
    return Alarm(name, f"arn:aws:cloudwatch:…:alarm:{name}", state, metric=metric, since=ago(7))


def target(address: str, state: str = "unhealthy", reason: str = "Target.Timeout") -> TargetHealth:
    return TargetHealth("arn:tg", address, 80, state=state, reason=reason)


def cluster(*services: ServiceFacts, **more: object) -> ClusterFacts:
    return ClusterFacts("prod", services=services, **more)  # type: ignore[arg-type]


WITH_TARGETS = replace(service(), target_groups=("arn:tg",))
PROVIDER = CapacityProvider("ec2", group_arn=GROUP)
AT_MOST = {GROUP: AutoScalingGroup("asg", GROUP, 1, 4, 4, 4)}
MAY_GROW = {GROUP: AutoScalingGroup("asg", GROUP, 1, 8, 4, 4)}
WAITS = running(
    7, minutes=9, last_status="PROVISIONING", capacity_provider="ec2", started_at=None
)  # fmt: skip
FULL = instance(cpu_free=0)
PAUSED = HookRun(
    "hook-1", "PAUSE", status="AWAITING_ACTION", expires_at=ago(-60), timeout_action="ROLLBACK"
)
BAKES = DeploymentSettings(strategy="BLUE_GREEN", bake_minutes=5)
CHANGED = KnownChange("secret", "db", ago(12), "PutSecretValue", "alice", "cloudtrail:LookupEvents")
RETIRES = Retirement(
    "arn:aws:health:1", "AWS_ECS_TASK_PATCHING_RETIREMENT", ago(-3000), ago(60), ("prod|web",)
)  # fmt: skip
ASKED_FOR = "Service deployment rolled back because of StopServiceDeployment request."
TWO_IMAGES = (
    running(1, container(image="web:latest", image_digest="sha256:a")),
    running(2, container(image="web:latest", image_digest="sha256:b"), minutes=9),
)

CASES: tuple[Case, ...] = (
    Case("crash-loop", "exit-code", facts(below(), stopped=crashed(2, 5))),
    Case("crash-loop", "exit-code", facts(below(), stopped=crashed(1))),
    Case("crash-loop", None, facts(service(), event(0.5, STEADY), stopped=crashed(2, 5))),
    Case("crash-loop", "exit-code", facts(service(), event(0.5, STEADY), stopped=crashed(2, 12, 22))),
    Case("crash-loop", None, facts(service(), event(1, STEADY), stopped=crashed(2, 5, 9, revision=43))),
    Case("crash-loop", None, facts(service(), event(9, STEADY), stopped=crashed(200, 210))),
    Case("crash-loop", None, facts(service(deployment(minutes=6)), event(5, STEADY), stopped=crashed(
        4, 7, 9, revision=41))),
    Case("crash-loop", "exit-code", facts(service(deployment(minutes=6)), event(7, STEADY), stopped=crashed(
        4, 7, 9, revision=41))),
    Case("crash-loop", None, facts(below(), stopped=(
        stopped(1, 1, container(143), code="ServiceSchedulerInitiated",
                reason="Scaling activity initiated by (deployment ecs-svc/1)"),
        stopped(2, 2, container(137), code="UserInitiated", reason="Task stopped by user")))),
    Case("crash-loop", None, facts(service(), event(0.5, STEADY), stopped=(
        stopped(1, 3, container(143), code="SpotInterruption", reason="Your Spot Task was interrupted."),))),
    Case("crash-loop", "spot-interruption", facts(below(), stopped=(
        stopped(1, 3, container(143), code="SpotInterruption", reason="Your Spot Task was interrupted."),))),
    Case("crash-loop", "architecture-mismatch", facts(below(), stopped=crashed(2, 5), last_lines=LastLines(
        stopped(0, 2).arn, ("starting", "exec /app: exec format error", ""), ago(2)))),
    Case("crash-loop", "exit-code", facts(below(), stopped=crashed(2, 5), last_lines=LastLines(
        stopped(9, 2).arn, ("exec format error",), ago(2)))),
    Case("scaling-ceiling", "scaling-at-maximum", facts(
        replace(service(), desired=10, running=10), scalable=ScalableTarget(2, 10),
        alarms=(alarm("TargetTracking-service/prod/web-AlarmHigh-1", "CPUUtilization"),))),
    Case("scaling-ceiling", None, facts(
        replace(service(), desired=6, running=6), scalable=ScalableTarget(2, 10),
        alarms=(alarm("TargetTracking-service/prod/web-AlarmHigh-1", "CPUUtilization"),))),
    Case("scaling-ceiling", None, facts(
        replace(service(), desired=10, running=10), scalable=ScalableTarget(2, 10),
        activities=(scaling("Successful", 30), scaling("Successful", 31, "AlreadyAtMaxCapacity")))),
    Case("standalone-task", "exit-code", cluster(standalone=(
        stopped(1, 3, container(2), group="family:job"), stopped(2, 9, container(2), group="family:job")))),
    Case("standalone-task", "image-not-found", cluster(standalone=(
        stopped(1, 3, code="TaskFailedToStart", reason="CannotPullContainerError: not found"),))),
    Case("standalone-task", None, cluster(standalone=(
        stopped(1, 3, container(0), group="family:job"), stopped(2, 5, container(0), group="family:job")))),
    Case("below-desired", "below-desired", facts(below(), event(6, "(service web) has begun draining connections on 1 tasks."), event(90, STEADY))),
    Case("below-desired", None, facts(below(), event(1, "(service web) has started 1 tasks: (task abc)."), event(90, STEADY))),
    Case("below-desired", None, facts(below(), event(90, STEADY))),
    Case("below-desired", None, facts(below(0, deployments=(deployment("IN_PROGRESS", 6, running=0),)))),
    Case("below-desired", "below-desired", facts(below(2, deployments=(deployment("IN_PROGRESS", 14, running=2),)))),
    Case("below-desired", None, facts(replace(service(), desired=0, running=0))),
    Case("placement", "no-capacity-ec2-memory", facts(below(), event(
        3, f"{UNPLACED} The closest matching container-instance abc has insufficient memory available."))),
    Case("placement", "port-in-use", facts(below(), event(
        3, f"{UNPLACED} The closest matching container-instance abc is already using a port required by your task."))),
    Case("placement", "constraint", facts(below(), event(
        3, f"{UNPLACED} The closest matching container-instance abc is missing an attribute required by your task."))),
    Case("placement", "no-instances", facts(below(), event(
        3, f"{UNPLACED} Reason: No Container Instances were found in your cluster."))),
    Case("placement", "no-capacity-fargate", facts(below(), event(
        3, "(service web) was unable to place a task. Reason: Capacity is unavailable at this time."))),
    Case("placement", "quota", facts(below(), event(3, "(service web) was unable to place a task. Reason: "
         "You've reached the limit on the number of vCPUs you can run concurrently."))),
    Case("placement", "throttled", facts(service(), event(
        3, "(service web) operations are being throttled on elb. Will try again later."))),
    Case("placement", "role-not-assumable", facts(below(), event(
        3, "(service web) failed to launch a task with (error ECS was unable to assume the role 'x')."))),
    Case("placement", None, facts(service(), event(1, STEADY), event(3, UNPLACED))),
    Case("placement", None, facts(below(), event(3, "(service web) has started 1 tasks: (task abc)."))),
    Case("start-impaired", "start-impaired", facts(below(), event(
        3, "(service web) is unable to consistently start tasks successfully."))),
    Case("start-impaired", None, facts(below(), event(1, STEADY), event(
        3, "(service web) is unable to consistently start tasks successfully."))),
    Case("deployment-configuration", "deployment-stuck", facts(service(deployment("IN_PROGRESS", 8)), event(
        3, "(service web) was unable to stop or start tasks during a deployment because of the service "
        "deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again."))),
    Case("deployment-configuration", None, facts(service(), event(3, "(service web) has started 1 tasks."))),
    Case("deployment-failed", "circuit-breaker-rollback", facts(service(deployment(
        "FAILED", 30, rollout_reason="ECS deployment circuit breaker: tasks failed to start.")))),
    Case("deployment-failed", "deployment-alarm", facts(
        service(deployment("FAILED", 30, rollout_reason="ECS deployment failed: alarm detected.")),
        deployments=(rollout("STOPPED", alarms=AlarmMonitor("TRIGGERED", ("5xx",), ("5xx",))),))),
    Case("deployment-failed", None, facts(service(), deployments=(rollout("SUCCESSFUL"),))),
    Case("deployment-failed", None, facts(service(), deployments=(
        rollout("STOPPED", status_reason="Service deployment stopped by user"),))),
    Case("rolled-back", "circuit-breaker-rollback", facts(service(), deployments=(rollout(
        "ROLLBACK_SUCCESSFUL", breaker=CircuitBreaker("TRIGGERED", 10, 10), finished_at=ago(5),
        rollback=Rollback("tasks failed to start", ago(9))),))),
    Case("rolled-back", "stopped", facts(service(), deployments=(rollout(
        "ROLLBACK_IN_PROGRESS", status_reason=ASKED_FOR),))),
    Case("rolled-back", None, facts(service(), deployments=(rollout(
        "ROLLBACK_SUCCESSFUL", status_reason=ASKED_FOR, finished_at=ago(5)),))),
    Case("rolled-back", None, facts(service(), deployments=(
        rollout("ROLLBACK_SUCCESSFUL", minutes=3000, finished_at=ago(2900)),))),
    Case("deployment-failing", "deployment-failing", facts(failing())),
    Case("deployment-failing", None, facts(failing(0))),
    Case("deployment-stuck", "deployment-stuck", facts(service(deployment("IN_PROGRESS", 45)))),
    Case("deployment-stuck", None, facts(service(deployment("IN_PROGRESS", 12)))),
    Case("deployment-stuck", None, facts(service(deployment("IN_PROGRESS", 45)), deployments=(
        rollout("IN_PROGRESS", 45, hooks=(PAUSED,)),))),
    Case("hook-waiting", "paused-hook", facts(service(deployment("IN_PROGRESS", 8)), deployments=(
        rollout("IN_PROGRESS", hooks=(PAUSED,)),))),
    Case("hook-waiting", None, facts(service(deployment("IN_PROGRESS", 8)), deployments=(
        rollout("IN_PROGRESS", hooks=(replace(PAUSED, status="SUCCEEDED"),)),))),
    Case("bake-time", "bake-time", facts(service(deployment("IN_PROGRESS", 60)), deployments=(
        rollout("IN_PROGRESS", 60, stage="BAKE_TIME", settings=BAKES, updated_at=ago(40)),))),
    Case("bake-time", None, facts(service(deployment("IN_PROGRESS", 60)), deployments=(
        rollout("IN_PROGRESS", 60, stage="BAKE_TIME", settings=BAKES, updated_at=ago(4)),))),
    Case("unhealthy-targets", "load-balancer-health", facts(WITH_TARGETS, targets=(
        target("10.0.0.1"), target("10.0.0.2", "healthy", "")), running=(running(1),))),
    Case("unhealthy-targets", None, facts(WITH_TARGETS, targets=(
        target("10.0.0.1"), target("10.0.0.2", "draining"), target("10.0.0.3", "initial")),
        running=(running(1, minutes=1),))),
    Case("unhealthy-containers", "container-health", facts(running=(
        running(1, container(health="UNHEALTHY"), health="UNHEALTHY"), running(2, container())))),
    Case("unhealthy-containers", None, facts(running=(
        running(1, container(health="UNHEALTHY"), health="UNHEALTHY", minutes=1), running(2, container())))),
    Case("exec-agent", "exec-agent-down", facts(replace(service(), exec_enabled=True), running=(
        running(1, container(agent="STOPPED", agent_reason="exited 255")),))),
    Case("exec-agent", None, facts(replace(service(), exec_enabled=True), running=(
        running(1, container(agent="PENDING")), running(2, container(agent="STOPPED"), minutes=1)))),
    Case("mixed-digests", "mixed-digests", facts(running=TWO_IMAGES)),
    Case("mixed-digests", None, facts(running=(
        TWO_IMAGES[0], replace(TWO_IMAGES[1], task_definition=definition(43))))),
    Case("instance-disconnected", "instance-disconnected", cluster(
        instances=(instance(agent_connected=False, running_tasks=3),))),
    Case("instance-disconnected", None, cluster(
        instances=(instance(), instance(2, agent_connected=False, registered_at=ago(1))))),
    Case("instance-draining", "instance-draining", cluster(
        instances=(instance(status="DRAINING", running_tasks=2),))),
    Case("instance-draining", None, cluster(instances=(instance(status="DRAINING"),))),
    Case("instances-full", "instances-full", cluster(facts(below(launch_type="EC2")), instances=(FULL,))),
    Case("instances-full", None, cluster(facts(), instances=(FULL,))),
    Case("instances-full", None, cluster(facts(below(launch_type="EC2")), instances=(FULL, instance(2)))),
    Case("provider-ceiling", "capacity-provider-at-maximum", cluster(
        facts(below(strategy=(StrategyItem("ec2", 0, 1),))), providers=(PROVIDER,), groups=AT_MOST,
        waiting=(WAITS,))),
    Case("provider-ceiling", None, cluster(providers=(PROVIDER,), groups=AT_MOST, waiting=())),
    Case("provider-ceiling", None, cluster(providers=(PROVIDER,), groups=MAY_GROW, waiting=(WAITS,))),
    Case("retirement", "task-retirement", cluster(facts(), retirements=(RETIRES,))),
    Case("retirement", None, cluster(facts(), retirements=(replace(RETIRES, affected=("other|web",)),))),
    Case("scaling-ceiling", "scaling-at-maximum", facts(
        replace(service(), desired=10, running=10), scalable=ScalableTarget(2, 10),
        activities=(scaling("Successful", code="AlreadyAtMaxCapacity"),))),
    Case("scaling-ceiling", None, facts(
        replace(service(), desired=10, running=10), scalable=ScalableTarget(2, 10),
        activities=(scaling("Successful", 300),))),
    Case("scaling-failed", "scaling-failed", facts(activities=(
        scaling("Failed", message="AccessDenied: not authorized to perform ecs:UpdateService"),))),
    Case("scaling-failed", None, facts(activities=(
        scaling("Successful", 3), scaling("Failed", 9, message="AccessDenied")))),
    Case("scaling-suspended", "scaling-suspended", facts(
        scalable=ScalableTarget(2, 10, out_suspended=True), alarms=(alarm("TargetTracking-web-AlarmHigh-1"),))),
    Case("scaling-suspended", None, facts(
        scalable=ScalableTarget(2, 10, in_suspended=True), alarms=(alarm("TargetTracking-web-AlarmHigh-1"),))),
    Case("alarm", "alarm", facts(alarms=(alarm("web-5xx"),))),
    Case("alarm", None, facts(alarms=(
        alarm("web-5xx", state="OK"), alarm("web-cpu", "CPUUtilization"),
        alarm("TargetTracking-service/prod/web-AlarmLow-1")))),
    Case("changed-before", "secret-changed", facts(below(), stopped=crashed(2, 8), changes=(CHANGED,))),
    Case("changed-before", None, facts(below(), stopped=crashed(2, 14), changes=(CHANGED,))),
    Case("changed-before", None, facts(changes=(CHANGED,), stopped=())),
)  # fmt: skip


def found_by(rule: str, of: Facts) -> list[Problem]:
    made = BY_ID[rule]
    if isinstance(of, ServiceFacts):
        assert made.of_service is not None
        return list(made.of_service(of, NOW))
    assert made.of_cluster is not None
    return list(made.of_cluster(of, NOW))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{case.cause}")
def test_a_rule_fires_or_does_not(case: Case) -> None:
    found = found_by(case.rule, case.facts)
    assert [problem.cause for problem in found] == ([] if case.cause is None else [case.cause])
    for problem in found:
        assert problem.rule == case.rule
        assert problem.cause in BY_ID[case.rule].causes
        assert problem.source.startswith("https://docs.aws.amazon.com/")
        assert problem.evidence
        assert problem.advice.endswith(".")


def test_every_rule_has_both_cases() -> None:
    fires = {case.rule for case in CASES if case.cause is not None}
    rests = {case.rule for case in CASES if case.cause is None}
    assert fires == rests == {rule.id for rule in RULES}


def test_every_rule_names_its_source_and_when_it_must_not_fire() -> None:
    for rule in RULES:
        function: Callable[..., object] | None = rule.of_service or rule.of_cluster
        assert function is not None
        words = " ".join((function.__doc__ or "").split())
        assert "https://docs.aws.amazon.com/" in words, rule.id
        assert "not fire" in words, rule.id
        assert rule.explains <= BY_ID.keys()
        assert set(rule.causes) <= CAUSES


def test_a_healthy_service_has_no_problem() -> None:
    well = facts(
        service(), event(30, STEADY), running=(running(1, container()),), stopped=(), targets=(),
        deployments=(rollout("SUCCESSFUL", 600),), alarms=(), activities=(),
    )  # fmt: skip
    assert find(cluster(well, instances=(instance(),)), NOW) == []


def test_what_a_cause_explains_is_its_evidence_and_no_problem_besides() -> None:
    of = facts(failing(), event(3, "(service web) is unable to consistently start tasks successfully."),
               stopped=crashed(2, 4, 6))  # fmt: skip
    (only,) = find_in_service(replace(of, service=replace(of.service, running=0)), NOW)
    assert (only.rule, only.cause, only.severity) == ("crash-loop", "exit-code", Severity.FAILING)
    assert only.what == "3 tasks ended, 4 tasks of the deployment failed"
    assert {each.kind for each in only.evidence} >= {"task", "event", "deployment"}
    (state,) = (each.words for each in only.evidence if " running, " in each.words)
    assert " in progress, " in state, "AWS's IN_PROGRESS in words"
    (same,) = find_in_service(replace(of, stopped=crashed(2, 4, 6, 8)), NOW)
    assert same.what == "4 tasks ended, the deployment fails", "not the same number twice"


def test_an_alarm_about_tasks_that_end_is_evidence_and_an_older_one_a_problem_of_its_own() -> None:
    for ends in (crashed(2, 5), crashed(2, 40)):
        found = find_in_service(facts(below(), stopped=ends, alarms=(alarm("5xx"),)), NOW)
        assert [each.rule for each in found] == ["crash-loop"]
        assert "alarm" in {each.kind for each in found[0].evidence}
    before = replace(alarm("5xx"), since=ago(55))
    found = find_in_service(facts(below(), stopped=crashed(2, 40), alarms=(before,)), NOW)
    assert {each.rule for each in found} == {"crash-loop", "alarm"}


def test_the_evidence_has_the_last_tasks_and_the_first_one() -> None:
    (found,) = found_by("crash-loop", facts(below(), stopped=crashed(*range(2, 22))))
    assert found.count == 20
    times = [each.at for each in found.evidence if each.kind == "task"]
    assert times == [ago(2), ago(3), ago(21)]


def test_the_worst_problems_come_first() -> None:
    other = facts(replace(service(), exec_enabled=True), running=(
        running(1, container(agent="STOPPED")),))  # fmt: skip
    found = find(cluster(other, facts(below(0), stopped=crashed(2, 5))), NOW)
    assert [each.severity for each in found] == [Severity.FAILING, Severity.NOTICE]


def test_since_when_is_the_first_end_by_the_time_of_aws() -> None:
    (found,) = found_by("crash-loop", facts(below(), stopped=crashed(2, 9, 5)))
    assert (found.since, found.last, found.count) == (ago(9), ago(2), 3)
    assert found.why == "app exit 1 ×3, first on web:42"


def test_a_deployment_may_take_three_times_as_long_as_earlier_ones() -> None:
    def took(minutes: float) -> datetime:
        return ago(600 - minutes)

    earlier = tuple(
        rollout("SUCCESSFUL", 600, finished_at=took(minutes)) for minutes in (10, 12, 20)
    )  # fmt: skip
    assert usual_duration(facts(deployments=earlier)).total_seconds() == 36 * 60
    assert usual_duration(facts()).total_seconds() == 10 * 60
    baked = facts(replace(service(), deployment_settings=BAKES))
    assert usual_duration(baked).total_seconds() == 15 * 60


@pytest.mark.parametrize(("desired", "limit"), [(1, 3), (4, 3), (25, 13), (400, 200), (1000, 200)])
def test_the_threshold_of_the_circuit_breaker(desired: int, limit: int) -> None:
    assert threshold(deployment(desired=desired)) == limit
