"""A version of catalog with less memory than it needs: its containers are killed again and again."""

from __future__ import annotations

from ecs_tui.demo.failure import OUT_OF_MEMORY
from ecs_tui.demo.incident import SERVICES, IncidentSymptom, ScriptedIncident, shop
from ecs_tui.demo.levels import LoadLevel
from ecs_tui.demo.script import DeployVersion, ScriptStep

INCIDENT = ScriptedIncident(
    name="memory",
    cause="A new version of catalog has half the memory of the one before.",
    solution="Roll back the deployment of catalog.",
    culprit="catalog",
    cluster=shop(*SERVICES),
    steps=(
        (
            "catalog",
            ScriptStep(15.0, DeployVersion(tag="2026.12", memory=256, failure=OUT_OF_MEMORY)),
        ),
    ),
    symptoms=(
        IncidentSymptom(
            "catalog", "catalog", LoadLevel(memory=2.4, errors=0.12, latency=3.0, ramp=10.0)
        ),
        IncidentSymptom(
            "catalog", "web", LoadLevel(errors=0.03, latency=1.4, ramp=15.0), after=15.0
        ),
    ),
)
