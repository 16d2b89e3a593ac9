"""A version of payments whose secret its execution role may not read: its tasks never start."""

from __future__ import annotations

from ecs_tui.demo.failure import SECRET, SECRET_DENIED
from ecs_tui.demo.incident import SERVICES, IncidentSymptom, ScriptedIncident, shop
from ecs_tui.demo.levels import LoadLevel
from ecs_tui.demo.script import DeployVersion, ScriptStep

INCIDENT = ScriptedIncident(
    name="secret",
    cause="A new version of payments takes its password from a secret that its execution role may "
    "not read, and its deployment may stop half of the old tasks first.",
    solution="Roll back the deployment of payments, or let the role read the secret.",
    culprit="payments",
    cluster=shop(*SERVICES),
    steps=(
        (
            "payments",
            ScriptStep(
                15.0,
                DeployVersion(
                    tag="2026.12",
                    secrets=(("DATABASE_PASSWORD", f"{SECRET}prod/database-Ab12Cd"),),
                    failure=SECRET_DENIED,
                    configuration={"minimumHealthyPercent": 50},
                ),
            ),
        ),
    ),
    symptoms=(
        IncidentSymptom(
            "payments", "payments", LoadLevel(cpu=1.6, errors=0.05, latency=2.5, ramp=10.0)
        ),
        IncidentSymptom(
            "payments", "checkout", LoadLevel(errors=0.03, latency=1.6, ramp=15.0), after=15.0
        ),
    ),
)
