"""A slow version of payments: it looks healthy, and checkout, which calls it, fails."""

from __future__ import annotations

import math

from ecs_tui.demo.failure import TARGET_TIMEOUT as _TIMEOUT
from ecs_tui.demo.failure import TaskFailure
from ecs_tui.demo.incident import SERVICES, IncidentSymptom, ScriptedIncident, shop
from ecs_tui.demo.levels import LoadLevel
from ecs_tui.demo.script import DeployVersion, ScriptStep

_SLOW = TaskFailure(
    "EssentialContainerExited",
    "Essential container in task exited",
    after=math.inf,
    repeated=(
        (3.0, "warn", "connection pool exhausted: 10 of 10 in use, 214 waiting"),
        (5.0, "error", "POST /charge 504: no connection to the database after 30000 ms"),
    ),
)
_WAITING = _TIMEOUT.but(
    after=30.0,
    passes=True,
    lines=((3.0, "error", "GET /health: no answer from payments after 10000 ms"),),
    repeated=((3.0, "error", "POST /checkout 504: payments did not answer in 10000 ms"),),
)
INCIDENT = ScriptedIncident(
    name="dependency",
    cause="A new version of payments holds its database connections; checkout waits for it.",
    solution="Roll back payments, whose deployment was completed, not checkout.",
    culprit="payments",
    cluster=shop(*SERVICES),
    steps=(
        (
            "payments",
            ScriptStep(
                10.0,
                DeployVersion(tag="2026.12", environment=(("DATABASE_POOL", "10"),), failure=_SLOW),
            ),
        ),
    ),
    symptoms=(
        IncidentSymptom("payments", "payments", LoadLevel(latency=25.0, errors=0.1, ramp=10.0)),
        IncidentSymptom(
            "payments",
            "checkout",
            LoadLevel(errors=0.28, latency=18.0, ramp=10.0),
            failure=_WAITING,
            after=15.0,
        ),
        IncidentSymptom(
            "checkout", "web", LoadLevel(errors=0.06, latency=1.6, ramp=15.0), after=15.0
        ),
    ),
)
