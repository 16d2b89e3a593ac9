"""The resources: one file for each, with all that is known of how it is listed and shown."""

from ecs_tui.resources.base import Place, Resource
from ecs_tui.resources.registry import (
    ACCOUNT_CLUSTERS,
    CLUSTERS,
    CONTAINERS,
    INSTANCES,
    LISTINGS,
    RESOURCES,
    SERVICES,
    TASKS,
    resource_at,
    resource_of,
)

__all__ = [
    "ACCOUNT_CLUSTERS", "CLUSTERS", "CONTAINERS", "INSTANCES", "LISTINGS", "RESOURCES", "SERVICES",
    "TASKS", "Place", "Resource", "resource_at", "resource_of",
]  # fmt: skip
