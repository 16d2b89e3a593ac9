"""The views: one file for each kind of resource, with its columns, rows and next view."""

from ecs_tui.resources.accounts import ACCOUNT_CLUSTERS
from ecs_tui.resources.base import Place, Resource
from ecs_tui.resources.clusters import CLUSTERS
from ecs_tui.resources.container_instances import INSTANCES
from ecs_tui.resources.containers import CONTAINERS
from ecs_tui.resources.services import SERVICES
from ecs_tui.resources.tasks import TASKS

RESOURCES: dict[str, Resource] = {
    view.name: view for view in (CLUSTERS, SERVICES, TASKS, CONTAINERS, INSTANCES, ACCOUNT_CLUSTERS)
}

__all__ = ["RESOURCES", "Place", "Resource"]
