"""The API calls of a plan: as data, made one after another, each with its result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import ecs_changes, ssm
from ecs_tui.aws.api.ecs_changes import Failure
from ecs_tui.aws.api.recording_changes import RECORDING_CALLS, make_recording_call
from ecs_tui.errors import (
    EcsTuiError,
    ExpiredCredentials,
    NoCredentials,
    NoNetwork,
    NoRegion,
    ReadOnly,
)
from ecs_tui.model.arn import short_name
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task
from ecs_tui.model.text import clean, counted
from ecs_tui.record import dataclass

_ENDS_ALL = (ReadOnly, NoCredentials, ExpiredCredentials, NoRegion, NoNetwork)
"""Errors that the calls after this one would have too."""
REASONS = {
    "RESOURCE:CPU": "no container instance has enough CPU left",
    "RESOURCE:MEMORY": "no container instance has enough memory left",
    "RESOURCE:ENI": "no container instance has a network interface left for a task",
    "RESOURCE:PORTS": "the host port is in use on every container instance",
    "RESOURCE:PORTS_TCP": "the host port is in use on every container instance",
    "RESOURCE:PORTS_UDP": "the host port is in use on every container instance",
    "RESOURCE:GPU": "no container instance has a GPU left",
    "AGENT": "the agent of the container instance is not connected",
    "LOCATION": "the container instances are in another availability zone",
    "ATTRIBUTE": "no container instance has an attribute that the task definition requires",
    "InsufficientTaskExecutionCapacity": "the capacity provider has no capacity",
}
"""RunTask's failure reasons in words.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html
"""


@dataclass(frozen=True, slots=True)
class Call:
    """One API call: `ecs:UpdateService` and its parameters, and what it is about in a few words.

    Attributes:
        needs_all: Whether it is only made if ECS has accepted all calls before it.
    """

    operation: str
    parameters: Mapping[str, Any]
    thing: str = ""
    needs_all: bool = False


@dataclass(frozen=True, slots=True)
class CallResult:
    """What came of one call.

    Attributes:
        error: Why it failed; None if ECS accepted it.
        service: The service that UpdateService returned, else None.
        tasks: The tasks that RunTask started.
        failures: Why RunTask did not start the others.
        session: The ID of the session that ExecuteCommand opened, and that has ended; else "".
    """

    call: Call
    error: EcsTuiError | None = None
    service: Service | None = None
    tasks: tuple[Task, ...] = ()
    failures: tuple[Failure, ...] = ()
    session: str = ""

    @property
    def missing(self) -> int:
        """The tasks that RunTask did not start."""
        if self.call.operation != "ecs:RunTask" or self.error is not None:
            return 0
        return int(self.call.parameters.get("count", 1)) - len(self.tasks)


@dataclass(frozen=True, slots=True)
class Applied:
    """The results of a plan's calls, in their order."""

    results: tuple[CallResult, ...] = ()

    @property
    def accepted(self) -> tuple[CallResult, ...]:
        """Those that ECS accepted."""
        return tuple(result for result in self.results if result.error is None)

    @property
    def refused(self) -> tuple[CallResult, ...]:
        """Those that failed."""
        return tuple(result for result in self.results if result.error is not None)

    @property
    def tasks(self) -> tuple[Task, ...]:
        """All tasks that were started."""
        return tuple(task for result in self.results for task in result.tasks)

    @property
    def failures(self) -> tuple[Failure, ...]:
        """Why tasks were not started."""
        return tuple(each for result in self.results for each in result.failures)

    @property
    def service(self) -> Service | None:
        """The service as the last UpdateService returned it."""
        found = [result.service for result in self.results if result.service is not None]
        return found[-1] if found else None


def failure_words(failures: Sequence[Failure]) -> str:
    """Why ECS did not start tasks: `RESOURCE:ENI (no container instance has …) on 4 resources`.

    ECS returns a failure for each container instance that it has tried.
    """
    where: dict[tuple[str, str], list[str]] = {}
    for failure in failures:
        names = where.setdefault((failure.reason, failure.detail), [])
        if failure.arn:
            names.append(clean(short_name(failure.arn)))
    found = []
    for (reason, detail), names in where.items():
        words = REASONS.get(reason, "")
        said = clean(reason) or "no reason given"
        said += f" ({words})" if words else ""
        said += f": {clean(detail)}" if detail else ""
        said += (
            f" on {names[0]}" if len(names) == 1 else f" on {len(names)} resources" * bool(names)
        )
        found.append(said)
    return "; ".join(found) or "no reason given"


async def make_calls(
    account: Account, calls: Sequence[Call], told: Callable[[str], None] = lambda _: None
) -> Applied:
    """Make the calls, one after another; one that fails keeps only those that need all before
    them from being made.

    Args:
        account: The account to call.
        calls: What to call.
        told: Gets a sentence for each result where there are several, and for each task that ECS
            did not start.

    Raises:
        EcsTuiError: The only call failed, or the first of several failed in a way in which the
            others would fail too (read-only mode, credentials, network).
    """
    results: list[CallResult] = []
    for call in calls:
        if call.needs_all and any(result.error is not None for result in results):
            told(f"✖ {call.thing or call.operation}: not made, because a call before it failed")
            continue
        try:
            result = await make_call(account, call)
        except EcsTuiError as error:
            if len(calls) == 1 or (isinstance(error, _ENDS_ALL) and not results):
                raise
            results.append(CallResult(call, error))
            told(f"✖ {call.thing or call.operation}: {error}")
            if isinstance(error, _ENDS_ALL):
                if rest := len(calls) - len(results):
                    told(f"{counted(rest, 'further call')} not made.")
                break
            continue
        results.append(result)
        if len(calls) > 1:
            told(f"● {call.thing or call.operation}: accepted")
        if result.missing:
            count = counted(result.missing, "task")
            told(f"✖ {count} not started: {failure_words(result.failures)}")
    return Applied(tuple(results))


async def make_call(account: Account, call: Call) -> CallResult:
    """Make one call.

    Raises:
        AwsError: It failed.
        SessionError: The session of ExecuteCommand failed.
        EcsTuiError: ECS accepted RunTask but started no task, or it is not a call that plans make.
    """
    parameters = dict(call.parameters)
    if call.operation == "ecs:UpdateService":
        cluster, service = parameters.pop("cluster"), parameters.pop("service")
        updated = await ecs_changes.update_service(account, cluster, service, **parameters)
        return CallResult(call, service=updated)
    if call.operation == "ecs:StopServiceDeployment":
        deployment = parameters["serviceDeploymentArn"]
        await ecs_changes.stop_service_deployment(account, deployment, parameters["stopType"])
        return CallResult(call)
    if call.operation == "ecs:ContinueServiceDeployment":
        await ecs_changes.continue_service_deployment(
            account,
            parameters["serviceDeploymentArn"],
            parameters["hookId"],
            parameters["action"],
        )
        return CallResult(call)
    if call.operation == "ecs:TagResource":
        tags = {pair["key"]: pair["value"] for pair in parameters["tags"]}
        await ecs_changes.tag_resource(account, parameters["resourceArn"], tags)
        return CallResult(call)
    if call.operation == "ecs:StopTask":
        await ecs_changes.stop_task(
            account, parameters["cluster"], parameters["task"], parameters["reason"]
        )
        return CallResult(call)
    if call.operation in RECORDING_CALLS:
        await make_recording_call(account, call.operation, parameters)
        return CallResult(call)
    if call.operation == "ssm:TerminateSession":
        await ssm.terminate_session(account, parameters["SessionId"])
        return CallResult(call)
    if call.operation == "ecs:ExecuteCommand":
        from ecs_tui.operations.session_call import run_in_container

        return CallResult(call, session=await run_in_container(account, parameters, call.thing))
    if call.operation == "ecs:RunTask":
        started = await ecs_changes.run_task(account, **parameters)
        if not started.tasks:
            raise EcsTuiError(f"ECS did not start a task: {failure_words(started.failures)}.")
        return CallResult(call, tasks=started.tasks, failures=started.failures)
    raise EcsTuiError(f"{call.operation} is not a call that plans make.")
