"""Every reason, stop code and exit status has its cause; what somebody stopped has none."""

from __future__ import annotations

import pytest

from ecs_tui.problems.causes import exit_words, grouped, stop_cause
from tests.support.problem_facts import ago, container, stopped

FAILED = "TaskFailedToStart"
CASES: list[tuple[str, str, str, int | None, str]] = [
    # cause, stop code, reason of the task, exit code, reason of the container
    ("out-of-memory", "EssentialContainerExited", "Essential container in task exited", 137,
     "OutOfMemoryError: Container killed due to memory usage"),
    ("exit-code", "EssentialContainerExited", "Essential container in task exited", 137, ""),
    ("exit-code", "EssentialContainerExited", "Essential container in task exited", 139, ""),
    ("exit-code", "EssentialContainerExited", "Essential container in task exited", 1, ""),
    ("exit-code", "EssentialContainerExited", "Essential container in task exited", 255, ""),
    ("exit-code", "EssentialContainerExited", "Essential container in task exited", 0, ""),
    ("exit-code", "EssentialContainerExited", "Essential container in task exited", 143, ""),
    ("entrypoint-not-found", "EssentialContainerExited", "Essential container in task exited", 127, ""),
    ("image-not-found", FAILED, "CannotPullContainerError: pull image manifest has been retried 5 time(s): "
     "failed to resolve ref docker.io/library/web:nope: not found", None, ""),
    ("secret-not-readable", FAILED, "ResourceInitializationError: unable to pull secrets or registry auth: "
     "execution resource retrieval failed: unable to retrieve secret from asm", None, ""),
    ("no-route", FAILED, "ResourceInitializationError: unable to pull secrets or registry auth: "
     "The task cannot pull registry auth from Amazon ECR: There is a connection issue", None, ""),
    ("secret-not-readable", FAILED, "ResourceInitializationError: unable to pull secrets or registry auth: pull "
     "command failed: : signal: killed", None, ""),
    ("image-auth", FAILED, "ResourceInitializationError: unable to get registry auth from ECR", None, ""),
    ("log-driver", FAILED, "ResourceInitializationError: failed to validate logger args: "
     "create stream has been retried 1 times: failed to create Cloudwatch log stream", None, ""),
    ("eni-timeout", FAILED, "Timeout waiting for network interface provisioning to complete.", None, ""),
    ("volume-mount", FAILED, "ResourceInitializationError: failed to invoke EFS utils commands to set up "
     "EFS volumes", None, ""),
    ("no-capacity-fargate", FAILED, "Capacity is unavailable at this time. Please try again later", None, ""),
    ("container-start", FAILED, "CannotStartContainerError: Error response from daemon: OCI runtime "
     "create failed", None, ""),
    ("architecture-mismatch", FAILED, "CannotStartContainerError: exec format error", None, ""),
    ("load-balancer-health", "ServiceSchedulerInitiated",
     "Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:…)", 143, ""),
    ("container-health", "ServiceSchedulerInitiated", "Task failed container health checks", 137, ""),
    ("spot-interruption", "SpotInterruption", "Your Spot Task was interrupted.", 143, ""),
    ("instance-lost", "EssentialContainerExited", "Host EC2 (instance i-0abc) terminated.", None, ""),
    ("task-retirement", "InfrastructureHealth", "", None, ""),
    ("resource-initialization", FAILED, "ResourceInitializationError: something new", None, ""),
    ("image-auth", FAILED, "CannotPullContainerError: pull access denied for web, repository does not "
     "exist or may require 'docker login'", None, ""),
    ("image-rate-limit", FAILED, "CannotPullContainerError: toomanyrequests: You have reached your "
     "pull rate limit", None, ""),
    ("disk-full", FAILED, "CannotPullContainerError: failed to register layer: no space left on "
     "device", None, ""),
    ("no-route", FAILED, "CannotPullContainerError: dial tcp 10.0.0.1:443: i/o timeout", None, ""),
    ("log-group-missing", FAILED, "ResourceInitializationError: failed to validate logger args: create "
     "stream has been retried 1 times: ResourceNotFoundException: The specified log group does not "
     "exist.", None, ""),
    ("entrypoint-not-found", FAILED, "CannotStartContainerError: OCI runtime create failed: exec: "
     '"./start": executable file not found in $PATH', None, ""),
    ("role-not-assumable", FAILED, "ECS was unable to assume the role 'arn:aws:iam::…:role/x'", None, ""),
    ("failed-to-start", FAILED, "SomethingNewError: what AWS says next year", None, ""),
]  # fmt: skip


@pytest.mark.parametrize(("cause", "code", "reason", "exit_code", "why"), CASES)
def test_a_stopped_task_has_the_cause_that_aws_names(
    cause: str, code: str, reason: str, exit_code: int | None, why: str
) -> None:
    found = stop_cause(stopped(1, 1, container(exit_code, why), code=code, reason=reason))
    assert found is not None
    assert found.id == cause
    assert found.source.startswith("https://docs.aws.amazon.com/")


STOPPED_BY_SOMEBODY = [
    ("UserInitiated", "Task stopped by user"),
    ("ServiceSchedulerInitiated", "Scaling activity initiated by (deployment ecs-svc/123)"),
    ("ServiceSchedulerInitiated", "Task is being replaced: availability zone rebalancing"),
    ("ServiceSchedulerInitiated", ""),
]


@pytest.mark.parametrize(("code", "reason"), STOPPED_BY_SOMEBODY)
@pytest.mark.parametrize("exit_code", [0, 137, 143])
def test_a_task_that_somebody_stopped_has_no_cause(code: str, reason: str, exit_code: int) -> None:
    assert stop_cause(stopped(1, 1, container(exit_code), code=code, reason=reason)) is None


def test_the_container_that_failed_explains_the_end_not_its_sidecar() -> None:
    found = stop_cause(stopped(1, 1, container(0, name="log-router"), container(3)))
    assert found is not None
    assert (found.id, found.detail) == ("exit-code", "app 3")


@pytest.mark.parametrize(
    ("code", "words"),
    [(1, "exit 1"), (126, "exit 126 (the command is not executable)"),
     (134, "exit 134 (SIGABRT)"), (137, "exit 137 (SIGKILL)"), (255, "exit 255")],
)  # fmt: skip
def test_exit_statuses_are_explained(code: int, words: str) -> None:
    assert exit_words(code) == words


def test_tasks_are_grouped_by_cause_with_their_first_revision_and_times() -> None:
    tasks = [
        stopped(1, 2, container(137), revision=43),
        stopped(2, 9, container(137)),
        stopped(3, 4, container(1)),
        stopped(4, 1, code="UserInitiated"),
    ]
    most, other = grouped(tasks)
    assert (most.cause.id, most.count, most.first, most.last) == ("exit-code", 2, ago(9), ago(2))
    assert most.revision == "web:42"
    assert most.words == "app exit 137 (SIGKILL) ×2, first on web:42"
    assert (other.cause.id, other.words) == ("exit-code", "app exit 1, first on web:42")
