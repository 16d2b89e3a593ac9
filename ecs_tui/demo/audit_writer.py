"""Writes the events of the demo's history, one method for each kind of call, and keeps its sessions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ecs_tui.demo.account import CLUSTERS, DAY, OTHER_REGIONS, ServiceSpec
from ecs_tui.demo.audit_people import ECS_ITSELF
from ecs_tui.demo.cloudtrail_record import (
    EXEC_DOCUMENT,
    SECRET_TEXTS,
    TrailIdentity,
    TrailRecord,
    digest,
    uuid_of,
)
from ecs_tui.record import dataclass

HOME_REGION = "us-east-1"
"""Where IAM's events are."""
ECS, SSM, IAM = "ecs.amazonaws.com", "ssm.amazonaws.com", "iam.amazonaws.com"
_BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class PastSession:
    """A session of the history.

    Attributes:
        began, ended: Seconds since 1970; `ended` is 0 for a session that is still open.
        runtime: The container's runtime ID.
        recorded: Whether the container's image could write a transcript.
        direct: Whether it was opened by ssm:StartSession, and not by ecs:ExecuteCommand.
    """

    id: str
    region: str
    cluster: str
    service: str
    task: str
    container: str
    runtime: str
    who: TrailIdentity
    command: str
    began: float
    ended: float
    recorded: bool = True
    direct: bool = False

    @property
    def target(self) -> str:
        """Session Manager's name of the container."""
        return f"ecs:{self.cluster}_{self.task}_{self.runtime}"


class PlacedTask(NamedTuple):
    """A task that runs now: its ID, and its containers' runtime IDs by name."""

    id: str
    runtimes: Mapping[str, str]


class ServicePlace(NamedTuple):
    """A service, and where it is."""

    region: str
    cluster: str
    service: ServiceSpec


class HistoryWriter:
    """Collects records; each method is one kind of call."""

    def __init__(
        self, account: str, began: float, running: Mapping[str, Sequence[PlacedTask]]
    ) -> None:
        self.account, self.began, self.running = account, began, running
        self.records: list[TrailRecord] = []
        self.sessions: dict[str, PastSession] = {}
        self.places = [
            ServicePlace(HOME_REGION, cluster.name, service)
            for cluster in CLUSTERS
            for service in cluster.services
            if service.desired
        ]
        self.places += [
            ServicePlace(region, cluster.name, service)
            for region, clusters in OTHER_REGIONS.items()
            for cluster in clusters
            for service in cluster.services
        ]

    def place(self, cluster: str, service: str) -> ServicePlace:
        """Where a service is."""
        return next(
            each for each in self.places if (each.cluster, each.service.name) == (cluster, service)
        )

    def call(
        self,
        at: float,
        who: TrailIdentity,
        source: str,
        name: str,
        parameters: Mapping[str, Any] | None,
        response: Mapping[str, Any] | None = None,
        *,
        region: str = HOME_REGION,
        error: tuple[str, str] = ("", ""),
    ) -> None:
        """Any call."""
        number = len(self.records)
        self.records.append(
            TrailRecord(
                at,
                uuid_of("history", number),
                source,
                name,
                region,
                who,
                parameters,
                response,
                error,
            )
        )

    def task_at(self, place: ServicePlace, at: float) -> PlacedTask:
        """A task of the service at a time: one that is gone, or for the last hours one that runs."""
        key = f"{place.region}/{place.cluster}/{place.service.name}"
        tasks = self.running.get(key, ())
        if tasks and self.began - at < place.service.task_age - 120:
            return tasks[0]
        # Tasks of one deployment are the same ones for some days.
        task_id = digest("gone", key, int(at // (3 * DAY)))[:32]
        names = [spec.name for spec in place.service.containers]
        numbers = {name: int(digest(task_id, name)[:8], 16) for name in names}
        return PlacedTask(task_id, {name: f"{task_id}-{numbers[name]:010}" for name in names})

    def arn(self, place: ServicePlace, kind: str, rest: str = "") -> str:
        """An ARN of the place's cluster: of a task, a container, a service or itself."""
        more = f"/{rest}" if rest else ""
        return f"arn:aws:ecs:{place.region}:{self.account}:{kind}/{place.cluster}{more}"

    def exec(
        self,
        at: float,
        who: TrailIdentity,
        place: ServicePlace,
        command: str,
        *,
        length: float = 600.0,
        open_now: bool = False,
        container: str = "",
        sent_container: bool = True,
        by_arn: bool = False,
    ) -> str:
        """ExecuteCommand that succeeded, and the StartSession that ECS makes for it.

        Returns:
            The session's ID.
        """
        task = self.task_at(place, at)
        spec = next(
            (each for each in place.service.containers if each.name == container),
            place.service.containers[0],
        )
        runtime = task.runtimes[spec.name]
        session = session_id(len(self.records))
        asked: dict[str, Any] = {
            "cluster": self.arn(place, "cluster") if by_arn else place.cluster,
            "container": spec.name,
            "command": command,
            "interactive": True,
            "task": self.arn(place, "task", task.id) if by_arn else task.id,
        }
        if not sent_container:
            del asked["container"]
        stream = f"wss://ssmmessages.{place.region}.amazonaws.com/v1/data-channel/{session}"
        answer = {
            "clusterArn": self.arn(place, "cluster"),
            "containerArn": self.arn(place, "container", f"{task.id}/{uuid_of(runtime)}"),
            "containerName": spec.name,
            "interactive": True,
            "session": {
                "sessionId": session,
                "streamUrl": f"{stream}?role=publish_subscribe",
                "tokenValue": SECRET_TEXTS[ECS],
            },
            "taskArn": self.arn(place, "task", task.id),
        }
        self.call(at, who, ECS, "ExecuteCommand", asked, answer, region=place.region)
        self.sessions[session] = PastSession(
            session, place.region, place.cluster, place.service.name, task.id, spec.name, runtime,
            who, command, at, 0.0 if open_now else at + length, spec.script,
        )  # fmt: skip
        self.start_session(at + 0.4, ECS_ITSELF, self.sessions[session])
        return session

    def start_session(self, at: float, who: TrailIdentity, session: PastSession) -> None:
        """ssm:StartSession of a session at a container."""
        asked: dict[str, Any] = {"target": session.target, "documentName": EXEC_DOCUMENT}
        asked["parameters"] = {"command": [session.command]}
        if session.direct:
            asked = {"target": session.target, "reason": "debugging"}
        answer = {
            "sessionId": session.id,
            "tokenValue": SECRET_TEXTS[SSM],
            "streamUrl": f"wss://ssmmessages.{session.region}.amazonaws.com/v1/data-channel/"
            f"{session.id}?role=publish_subscribe",
        }
        self.call(at, who, SSM, "StartSession", asked, answer, region=session.region)

    def direct(
        self, at: float, who: TrailIdentity, place: ServicePlace, *, open_now: bool = False
    ) -> None:
        """A session at a container by ssm:StartSession, which leaves no event of ECS."""
        task = self.task_at(place, at)
        name = place.service.containers[0].name
        session = PastSession(
            f"{who.username.partition('@')[0]}-{base36(len(self.records), 17)}",
            place.region, place.cluster, place.service.name, task.id, name, task.runtimes[name],
            who, "", at, 0.0 if open_now else at + 900, direct=True,
        )  # fmt: skip
        self.sessions[session.id] = session
        self.start_session(at, who, session)

    def denied(self, at: float, who: TrailIdentity, place: ServicePlace, *, null: bool) -> None:
        """ExecuteCommand that IAM denied; `null`: the record has no requestParameters."""
        task = self.task_at(place, at)
        arn = self.arn(place, "task", task.id)
        asked = {
            "cluster": place.cluster,
            "container": place.service.containers[0].name,
            "command": "/bin/sh",
            "interactive": True,
            "task": task.id,
        }
        message = (
            f"User: {who.arn(self.account)} is not authorized to perform: ecs:ExecuteCommand on "
            f"resource: {arn} because no identity-based policy allows the ecs:ExecuteCommand action"
        )
        self.call(
            at, who, ECS, "ExecuteCommand", None if null else asked,
            region=place.region, error=("AccessDenied", message),
        )  # fmt: skip

    def update_service(
        self, at: float, who: TrailIdentity, place: ServicePlace, **asked: Any
    ) -> None:
        """UpdateService."""
        self.call(
            at, who, ECS, "UpdateService",
            {"cluster": place.cluster, "service": place.service.name, **asked},
            {"service": {"serviceArn": self.arn(place, "service", place.service.name)}},
            region=place.region,
        )  # fmt: skip


def session_id(number: int) -> str:
    """A session's ID, in one of ECS's two forms: 17 hexadecimal digits, or 26 of base 36."""
    if number % 3 == 0:
        return f"ecs-execute-command-{digest('session', number)[:17]}"
    return f"ecs-execute-command-{base36(number, 26)}"


def base36(number: int, length: int) -> str:
    value, text = int(digest("base36", number), 16), ""
    while len(text) < length:
        value, rest = divmod(value, 36)
        text += _BASE36[rest]
    return text
