"""What the demo account has on request: the cases, and an incident.

Their modules are imported only then, so that the usual account starts as fast as without them.
"""

from __future__ import annotations

from ecs_tui.demo.account import ClusterSpec
from ecs_tui.demo.ecs import DemoEcsBackend


def clusters_on_request(*, cases: bool, incident: str) -> tuple[ClusterSpec, ...]:
    """The clusters of the cases and of an incident ("": none)."""
    found: tuple[ClusterSpec, ...] = ()
    if cases:
        from ecs_tui.demo.cases import CASE_CLUSTERS

        found = CASE_CLUSTERS
    if incident:
        from ecs_tui.demo.incident import incident_named

        found = (*found, incident_named(incident).cluster)
    return found


def keep_events(backend: DemoEcsBackend, *, cases: bool, incident: str) -> None:
    """Keep ECS's state changes from now on, for the clusters where that is switched on."""
    if cases or incident:
        from ecs_tui.demo.state_events import StateEvents

        events = StateEvents(backend)
        backend.on_stop, backend.on_deploy = events.stopped, events.deployed


def begin(backend: DemoEcsBackend, *, cases: bool, incident: str) -> None:
    """Let happen what has happened to the cases, and begin an incident."""
    if cases:
        from ecs_tui.demo.cases import play_cases

        play_cases(backend)
    if incident:
        from ecs_tui.demo.incident import IncidentPlayer, incident_named

        backend.play = IncidentPlayer(backend, incident_named(incident)).play
