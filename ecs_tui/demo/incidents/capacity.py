"""A version of search that wants more memory than any container instance has left."""

from __future__ import annotations

from ecs_tui.demo.failure import NO_MEMORY
from ecs_tui.demo.incident import IncidentSymptom, ScriptedIncident, service, shop
from ecs_tui.demo.levels import LoadLevel
from ecs_tui.demo.script import DeployVersion, ScriptStep

INCIDENT = ScriptedIncident(
    name="capacity",
    cause="A new version of search reserves more memory than any container instance has left, and "
    "its deployment may stop half of the old tasks first.",
    solution="Roll back the deployment of search.",
    culprit="search",
    cluster=shop(
        service("web"),
        service("search", 6),
        service("suggest"),
        launch_type="EC2",
        instances=3,
    ),
    steps=(
        (
            "search",
            ScriptStep(
                15.0,
                DeployVersion(
                    tag="2026.12",
                    memory=12288,
                    obstacle=NO_MEMORY,
                    configuration={"minimumHealthyPercent": 50},
                ),
            ),
        ),
    ),
    symptoms=(
        IncidentSymptom(
            "search", "search", LoadLevel(cpu=2.0, errors=0.08, latency=6.0, ramp=10.0)
        ),
        IncidentSymptom(
            "search", "web", LoadLevel(errors=0.02, latency=1.5, ramp=15.0), after=15.0
        ),
    ),
)
