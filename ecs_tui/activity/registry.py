"""The one list of sources of the timeline. Those of another capability are one more line here."""

from __future__ import annotations

from ecs_tui.activity.sources import alarms, definitions, deployments, exits, scaling
from ecs_tui.activity.sources.events import EVENT_SOURCE, HEALTH_SOURCE
from ecs_tui.audit.activity_sources import AUDIT_SOURCES
from ecs_tui.resources.activity_source import ActivitySource

SOURCES: tuple[ActivitySource, ...] = (
    deployments.SOURCE,
    scaling.SOURCE,
    EVENT_SOURCE,
    exits.SOURCE,
    alarms.SOURCE,
    HEALTH_SOURCE,
    *AUDIT_SOURCES,
    definitions.SOURCE,
)
"""All sources. Several may fill one layer: what they say of it is shown together."""
