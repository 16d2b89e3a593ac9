"""Where `:` leads: a name or the beginning of one, over everything known."""

from __future__ import annotations

from ecs_tui.inventory.inventory import Inventory
from ecs_tui.ui.views import Place


def goto(inventory: Inventory, cluster: str, text: str) -> tuple[Place, str] | None:
    """The place that `text` means and the key to select there, or None.

    Whole names win over beginnings; the cluster in view wins over others.
    """
    wanted = text.casefold()
    found: list[tuple[tuple[int, bool, int], Place, str]] = []

    def consider(name: str, home: str, rank: int, place: Place, key: str) -> None:
        folded = name.casefold()
        if folded == wanted:
            quality = 0
        elif folded.startswith(wanted):
            quality = 1
        elif len(wanted) > 2 and wanted in folded:
            quality = 2
        else:
            return
        found.append(((quality, home != cluster, rank), place, key))

    clusters = {item.name for item in inventory.clusters}
    for item in inventory.clusters:
        consider(item.name, item.name, 0, Place("services", cluster=item.name), "")
    for name in clusters | ({cluster} if cluster else set()):
        for service in inventory.services(name):
            place = Place("tasks", cluster=name, service=service.name)
            consider(service.name, name, 1, place, "")
        for task in inventory.tasks(name):
            place = Place("containers", cluster=name, service=task.service, task_arn=task.arn)
            consider(task.id, name, 2, place, "")
            if task.private_ip:
                consider(task.private_ip, name, 3, place, "")
    if not found:
        return None
    _, place, key = min(found, key=lambda item: item[0])
    return place, key
