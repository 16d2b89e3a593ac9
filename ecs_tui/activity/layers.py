"""The layers of the timeline, in the order of their keys."""

from __future__ import annotations

from ecs_tui.record import dataclass


@dataclass(frozen=True, slots=True)
class ActivityLayer:
    """A layer that can be switched on and off.

    Attributes:
        name: Its name.
        about: What it shows, for help and documents.
    """

    name: str
    about: str


DEPLOYMENTS = ActivityLayer("deployments", "deployments, with what they change")
SCALING = ActivityLayer("scaling", "what auto scaling did, or could not do")
EVENTS = ActivityLayer("events", "ECS's events of the service")
EXITS = ActivityLayer("exits", "tasks that stopped, by cause")
ALARMS = ActivityLayer("alarms", "changes of CloudWatch alarms")
HEALTH = ActivityLayer("health", "health checks of load balancers and containers")
SESSIONS = ActivityLayer("sessions", "who was in a container")
CHANGES = ActivityLayer("changes", "what people changed")

LAYERS = (DEPLOYMENTS, SCALING, EVENTS, EXITS, ALARMS, HEALTH, SESSIONS, CHANGES)
"""All layers; the first has the key of the first digit."""
LAYER_NAMES = tuple(layer.name for layer in LAYERS)
