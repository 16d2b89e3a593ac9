"""Scripted incidents: what an incident is, and what plays it as the demo's clock goes on.

An incident begins with healthy services. At its time something changes, symptoms follow, and they
last until somebody does the right thing. Nothing in it waits for the machine's time: it is played up
to the demo's clock, second by second, however far that has gone since the last call.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from moto.ecs.models import Service

from ecs_tui.demo.account import ClusterSpec, ContainerSpec, ServiceSpec
from ecs_tui.demo.ecs import DemoEcsBackend
from ecs_tui.demo.failure import REGISTRY, TaskFailure
from ecs_tui.demo.incidents import CLUSTER
from ecs_tui.demo.levels import USUAL, LoadLevel
from ecs_tui.demo.script import FailTasks, ScriptStep, SetLoad, apply
from ecs_tui.record import dataclass

SECONDS = 120.0
"""How long an incident takes to be there with all its symptoms."""
MAX_STEPS = 900
"""Seconds that are played one by one after a long time without a call; before them nothing was seen."""


@dataclass(frozen=True, slots=True)
class IncidentSymptom:
    """What a service suffers from while another one, or itself, is ill.

    Attributes:
        of: The service that is ill: tasks of it fail, or it has too few.
        on: The service that has the symptom.
        level: Its metrics meanwhile.
        failure: How its tasks fail meanwhile; None if they do not.
        after: Seconds from one to the other.
    """

    of: str
    on: str
    level: LoadLevel
    failure: TaskFailure | None = None
    after: float = 5.0


@dataclass(frozen=True, slots=True)
class ScriptedIncident:
    """A scripted incident.

    Attributes:
        name: As for `--incident`.
        cause: What has happened, in a sentence.
        solution: What ends it, in a sentence.
        cluster: Its cluster: in other respects it is healthy.
        steps: (service, step): what happens, in seconds after its begin.
        symptoms: What follows from it.
        culprit: The service that is to be rolled back.
    """

    name: str
    cause: str
    solution: str
    culprit: str
    cluster: ClusterSpec
    steps: tuple[tuple[str, ScriptStep], ...]
    symptoms: tuple[IncidentSymptom, ...]


def shop(*services: ServiceSpec, launch_type: str = "FARGATE", instances: int = 0) -> ClusterSpec:
    """The cluster of an incident."""
    return ClusterSpec(
        CLUSTER,
        launch_type,
        services,
        logging="OVERRIDE",
        log_group="/ecs/exec",
        instances=instances,
        digests=True,
        insights="enhanced",
        tags=(("environment", "production"),),
    )


def service(name: str, desired: int = 3) -> ServiceSpec:
    """A healthy service of the shop, behind the load balancer."""
    container = ContainerSpec("app", f"{REGISTRY}/{name}:2026.11", port=8080)
    tags = (("environment", "production"), ("team", "shop"))
    return ServiceSpec(name, desired, (container,), revision=41, load_balancer=True, tags=tags)


SERVICES = tuple(service(name) for name in ("web", "checkout", "payments", "catalog", "cart"))
"""The services of the shop, unless an incident has others."""


def incident_named(name: str) -> ScriptedIncident:
    """The incident of a name in `INCIDENTS`."""
    found: ScriptedIncident = import_module(f"ecs_tui.demo.incidents.{name}").INCIDENT
    return found


class IncidentPlayer:
    """Plays one incident in one region.

    Args:
        backend: Its ECS, which calls `play`.
    """

    def __init__(self, backend: DemoEcsBackend, incident: ScriptedIncident) -> None:
        self._backend, self._incident = backend, incident
        self._converge: Callable[[float], None] = super(DemoEcsBackend, backend).converge
        self.begun = self._played = backend.begun
        self._left = sorted(
            ((step.at, number, name, step) for number, (name, step) in enumerate(incident.steps)),
            key=lambda item: item[:2],
        )
        self._ill_since: dict[str, float] = {}
        self._suffering: set[IncidentSymptom] = set()

    def play(self, now: float) -> None:
        """Let happen what is due, second by second."""
        self._played = max(self._played, now - MAX_STEPS)
        while self._played + 1.0 <= now:
            self._played += 1.0
            self._second(self._played)
        self._converge(now)

    def _second(self, now: float) -> None:
        while self._left and self.begun + self._left[0][0] <= now:
            _, _, name, step = self._left.pop(0)
            apply(self._backend, self._service(name), step.change, now)
        self._converge(now)
        for symptom in self._incident.symptoms:
            self._follow(symptom, now)

    def _follow(self, symptom: IncidentSymptom, now: float) -> None:
        """Begin or end a symptom."""
        if not self._is_ill(symptom.of, now):
            self._ill_since.pop(symptom.of, None)
            if symptom in self._suffering:
                self._suffering.remove(symptom)
                self._change(symptom, SetLoad(USUAL), FailTasks(None), now)
            return
        since = self._ill_since.setdefault(symptom.of, now)
        if symptom not in self._suffering and now >= since + symptom.after:
            self._suffering.add(symptom)
            self._change(symptom, SetLoad(symptom.level), FailTasks(symptom.failure), now)

    def _change(self, symptom: IncidentSymptom, load: SetLoad, fail: FailTasks, now: float) -> None:
        target = self._service(symptom.on)
        apply(self._backend, target, load, now)
        if symptom.failure is not None:
            apply(self._backend, target, fail, now)

    def _is_ill(self, name: str, now: float) -> bool:
        """Whether tasks of a service fail while they run, or fewer run than it wants."""
        target = self._service(name)
        tasks = self._backend.by_service[f"{CLUSTER}:{target.name}"]
        states = [self._backend.state_of(task) for task in tasks]
        up = [state for state in states if state.lifecycle.status(now) == "RUNNING"]
        return any(state.failure is not None for state in up) or len(up) < target.desired_count

    def _service(self, name: str) -> Service:
        return self._backend.services[f"{CLUSTER}:{name}"]
