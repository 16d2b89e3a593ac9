"""A version of checkout that cannot take payments: its health check fails soon after it has begun."""

from __future__ import annotations

from ecs_tui.demo.failure import LOAD_BALANCER_HEALTH
from ecs_tui.demo.incident import SERVICES, IncidentSymptom, ScriptedIncident, shop
from ecs_tui.demo.levels import LoadLevel
from ecs_tui.demo.script import DeployVersion, ScriptStep

_UNHEALTHY = LOAD_BALANCER_HEALTH.but(
    after=25.0,
    passes=True,
    lines=(
        (6.0, "error", "POST /checkout 500: PAYMENT_URL is not an absolute URL: 'payments'"),
        (3.0, "error", "GET /health 503: payments cannot be reached"),
        (0.5, "info", "received SIGTERM, finishing requests in flight"),
    ),
    repeated=(
        (2.0, "error", "POST /checkout 500: PAYMENT_URL is not an absolute URL: 'payments'"),
    ),
)
INCIDENT = ScriptedIncident(
    name="checkout",
    cause="A new version of checkout reads its address of payments from a variable that is wrong.",
    solution="Roll back the deployment of checkout.",
    culprit="checkout",
    cluster=shop(*SERVICES),
    steps=(
        (
            "checkout",
            ScriptStep(
                15.0,
                DeployVersion(
                    tag="2026.12", environment=(("PAYMENT_URL", "payments"),), failure=_UNHEALTHY
                ),
            ),
        ),
    ),
    symptoms=(
        IncidentSymptom("checkout", "checkout", LoadLevel(errors=0.34, latency=1.6, ramp=10.0)),
        IncidentSymptom(
            "checkout", "web", LoadLevel(errors=0.05, latency=1.3, ramp=15.0), after=15.0
        ),
    ),
)
