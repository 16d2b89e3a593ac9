"""One file for each resource: its columns, its rows, what it leads to."""

from ecs_tui.ui.views.base import Place, View
from ecs_tui.ui.views.clusters import CLUSTERS
from ecs_tui.ui.views.containers import CONTAINERS
from ecs_tui.ui.views.fleet import FLEET
from ecs_tui.ui.views.instances import INSTANCES
from ecs_tui.ui.views.services import SERVICES
from ecs_tui.ui.views.tasks import TASKS

VIEWS: dict[str, View] = {
    view.name: view for view in (CLUSTERS, SERVICES, TASKS, CONTAINERS, INSTANCES, FLEET)
}

__all__ = ["VIEWS", "Place", "View"]
