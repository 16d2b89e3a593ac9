"""Where the dashboard opens: a list, the lists that lead back from it, and the selected row."""

from __future__ import annotations

from dataclasses import replace

from ecs_tui.config.settings import Settings
from ecs_tui.model.arn import short_name
from ecs_tui.record import dataclass
from ecs_tui.resources import Place


@dataclass(frozen=True, slots=True)
class StartPlace:
    """The place that is shown first.

    Attributes:
        place: The place; None for the first list: clusters, of all accounts if there are several.
        select: The key of the row to select there; "" for the first row.
        definition: A task definition to show there in a dialog; "" for none.
    """

    place: Place | None = None
    select: str = ""
    definition: str = ""

    @classmethod
    def of(cls, settings: Settings) -> StartPlace:
        """The place that `--cluster` and `--service` name; names or ARNs."""
        cluster, service = short_name(settings.cluster), short_name(settings.service)
        if not cluster or settings.accounts:
            return cls()
        if not service:
            return cls(Place("services", cluster=cluster))
        return cls(Place("tasks", cluster=cluster, service=service))

    def places(self, *, several: bool) -> list[Place]:
        """The places from the first list to the one that is shown, which is the last.

        Args:
            several: Whether several accounts are open.
        """
        place = self.place
        found = [Place("accounts") if several else Place()]
        if place is None or place == found[0]:
            return found
        if place.cluster and place.view != "services":
            found.append(Place("services", cluster=place.cluster))
        if place.view == "containers" and place.service:
            found.append(replace(place, view="tasks", task_arn=""))
        return [*found, place]
