"""The resources: one file for each, with all that is known of how it is listed and shown."""

from ecs_tui.resources.accounts import ACCOUNT_CLUSTERS
from ecs_tui.resources.base import Place, Resource
from ecs_tui.resources.clusters import CLUSTERS
from ecs_tui.resources.container_instances import INSTANCES
from ecs_tui.resources.containers import CONTAINERS
from ecs_tui.resources.registry import LISTINGS, RESOURCES, resource_at, resource_of
from ecs_tui.resources.services import SERVICES
from ecs_tui.resources.tasks import TASKS

__all__ = [
    "ACCOUNT_CLUSTERS", "CLUSTERS", "CONTAINERS", "INSTANCES", "LISTINGS", "RESOURCES", "SERVICES",
    "TASKS", "Place", "Resource", "resource_at", "resource_of",
]  # fmt: skip
