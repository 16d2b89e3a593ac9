"""The resources: one file for each, with all that is known of how it is listed and shown."""

from ecs_tui.resources.base import Place, Resource
from ecs_tui.resources.registry import LISTINGS, RESOURCES, resource_at, resource_of

__all__ = ["LISTINGS", "RESOURCES", "Place", "Resource", "resource_at", "resource_of"]
