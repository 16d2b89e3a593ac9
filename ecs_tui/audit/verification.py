"""Verifies that the sessions in a cluster are recorded: by a session of one's own, whose transcript comes.

That the cluster has an exec configuration does not prove it: the image may lack `script`, the task role
the permission to write, or the running task may not know the configuration yet.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from ecs_tui.audit.transcripts import TranscriptFinder
from ecs_tui.aws.account import Account
from ecs_tui.aws.api import ecs
from ecs_tui.errors import EcsTuiError, ResourceGone
from ecs_tui.model.arn import short_name
from ecs_tui.model.cluster import Cluster, ExecConfiguration
from ecs_tui.model.container import Container
from ecs_tui.model.platform import runs_windows
from ecs_tui.model.rules.exec_readiness import (
    Verdict,
    container_readiness,
    likely_container,
    newest_ready_task,
)
from ecs_tui.model.task import Task
from ecs_tui.model.text import clean, counted, local
from ecs_tui.model.transcript import (
    LoggedTranscript,
    NoTranscript,
    StoredTranscript,
    TranscriptPlace,
    TranscriptRef,
)
from ecs_tui.operations.aws_command import connection_options
from ecs_tui.operations.calls import Applied, Call
from ecs_tui.operations.follow import Progress
from ecs_tui.operations.plan import Plan
from ecs_tui.store.inventory import Kind, Scope
from ecs_tui.store.log_access import LogAccounts
from ecs_tui.store.reading import read

COMMAND = "echo ecs-tui verifies that sessions are recorded"
WINDOWS_COMMAND = f"cmd /c {COMMAND}"
REASON = "verify that sessions are recorded"
"""Why the session is opened: for the session log, and for the policy's `require_reason`."""
WAIT_SECONDS = 600.0
"""Seconds for which the transcript is waited for. The agent writes it after the session, usually at once."""
SAID_SECONDS = 15
"""Seconds between two sentences that nothing has come yet."""
_MAY_COME = frozenset({"not yet", "open", "no script", "denied"})
"""Reasons that may pass. Without s3:ListBucket, S3 says "denied" as long as there is no object."""


async def read_verification_plan(account: Account, cluster: str) -> Plan:
    """Plan to verify the recording of a cluster.

    Args:
        cluster: Its name or ARN.

    Raises:
        ResourceGone: There is no such cluster.
        EcsTuiError: It cannot be verified, and why; or a call failed.
    """
    found = await ecs.describe_clusters(account, [cluster])
    if not found:
        name = clean(short_name(cluster))
        raise ResourceGone(f'Cluster "{name}" not found in {account.region}.', "Check the name.")
    tasks = [task async for page in read(account, Scope(Kind.TASK, found[0].name)) for task in page]
    task, container = _choose(found[0], tasks)
    return verification_plan(account, found[0], task, container)


def _choose(cluster: Cluster, tasks: Sequence[Task]) -> tuple[Task, Container]:
    """The container in which a session can be opened now.

    Raises:
        EcsTuiError: There is none, or sessions are not recorded at all.
    """
    name = clean(cluster.name)
    configuration = cluster.exec_configuration or ExecConfiguration()
    if cluster.configuration_known and configuration.logging == "NONE":
        raise EcsTuiError(
            f"There is nothing to verify: sessions in {name} are not recorded.",
            f"Turn recording on first: ecs-tui record {name} --on",
        )
    enabled = [task for task in tasks if task.exec_enabled]
    task = newest_ready_task(enabled)
    container = likely_container(task) if task is not None else None
    if task is not None and container is not None:
        readiness = container_readiness(task, container)
        if readiness.verdict is Verdict.READY:
            return task, container
        raise EcsTuiError(
            f"It cannot be verified now: of {counted(len(enabled), 'task')} in {name} with ECS Exec "
            f"enabled none is ready for a session ({readiness.reason}).",
            f"See why: ecs-tui doctor {name} {task.id}",
        )
    count = counted(len(tasks), "running task")
    raise EcsTuiError(
        f"It cannot be verified: none of {count} in {name} has ECS Exec enabled.",
        "Enable it on a service and replace its tasks, or run a task with it.",
    )


def verification_plan(account: Account, cluster: Cluster, task: Task, container: Container) -> Plan:
    """The plan for one container."""
    configuration = cluster.exec_configuration or ExecConfiguration()
    name, inside = cluster.name, clean(container.name)
    command = WINDOWS_COMMAND if runs_windows(task) else COMMAND
    where = f"{task.service}/{task.id[:12]}" if task.service else task.id[:12]
    since = "" if task.started_at is None else local(task.started_at)
    parameters = {
        "cluster": name, "task": task.arn, "container": container.name, "command": command,
        "interactive": True,
    }  # fmt: skip
    return Plan(
        "verify-recording",
        f"Verify that sessions in {name} are recorded",
        (
            f"Opens a session in container {inside} of task {where}, which prints one line and ends.",
            "It is a session as any other: CloudTrail has it, and its transcript stays.",
            f"Then waits for its transcript ({configuration.destination()}), at most "
            f"{WAIT_SECONDS / 60:.0f} minutes.",
            *((f"The task runs since {since}: if no transcript comes and recording was turned on "
               "later, replace the task and verify again.",) if since else ()),
        ),
        (Call("ecs:ExecuteCommand", parameters, REASON),),
        cluster=name,
        service=task.service,
        connection=connection_options(account),
        goal=TranscriptAppears(name, task.id, container.name),
        accepted="The session has ended. Waiting for its transcript…",
        stops_when_left=True,
    )  # fmt: skip


class TranscriptAppears:
    """The transcript of the plan's session is where the cluster's exec configuration says.

    Args:
        cluster, task, container: Where the session was; the task by its ID.
    """

    def __init__(self, cluster: str, task: str, container: str) -> None:
        self._cluster, self._task, self._container = cluster, task, container
        self._ended = 0.0
        self._last = Progress("Looking for the transcript…")
        self._due = 0.0

    async def look(self, account: Account, applied: Applied, seconds: float) -> Progress:
        """DescribeClusters, and what reads log groups and buckets; less often with time.

        Raises:
            AwsError: A call failed for another reason than a missing permission.
        """
        if seconds < self._due:
            return self._last
        self._due = seconds + seconds / 10
        self._ended = self._ended or time.time()
        session = applied.accepted[0].session
        ref = TranscriptRef(
            session, self._cluster, account.region, self._task, self._container, ended=self._ended
        )
        accounts = LogAccounts(account)
        try:
            found = await TranscriptFinder(lambda at: accounts.of(at).account).find(ref)
        finally:
            await accounts.close()
        self._last = self._judged(session, found, seconds)
        return self._last

    def _judged(
        self, session: str, found: TranscriptPlace | NoTranscript, seconds: float
    ) -> Progress:
        if not isinstance(found, NoTranscript):
            return Progress(
                f"Verified: sessions in {self._cluster} are recorded. The transcript of {session} is "
                f"in {place_words(found)}.",
                "done",
            )
        if found.reason not in _MAY_COME:
            return Progress(f"Session {session} leaves no transcript: {found}", "failed")
        if seconds < WAIT_SECONDS:
            waited = int(seconds) // SAID_SECONDS * SAID_SECONDS
            return Progress(f"No transcript yet: waited {waited} of {WAIT_SECONDS:.0f} s.")
        minutes = f"{WAIT_SECONDS / 60:.0f} minutes"
        if found.reason == "denied":
            return Progress(f"Not verified within {minutes}: {found}", "unknown")
        return Progress(f"No transcript of {session} within {minutes}: {found}", "failed")


def place_words(place: TranscriptPlace) -> str:
    """Where a transcript is, in a few words."""
    if isinstance(place, LoggedTranscript):
        return f"log group {clean(place.group.name)}"
    if isinstance(place, StoredTranscript):
        return f"s3://{clean(place.bucket)}/{clean(place.key)}"
    return clean(place.path)
