"""CloudWatch Logs of the demo account: its parts, put together."""

from __future__ import annotations

from typing import Any

from ecs_tui.demo.account import CLUSTERS
from ecs_tui.demo.ecs import demo_ecs_backends
from ecs_tui.demo.faults import Application
from ecs_tui.demo.logs_responses import DemoLogsResponse
from ecs_tui.demo.logs_seed import LogWriters, busy_rate
from ecs_tui.demo.logs_store import LogStores
from ecs_tui.demo.logs_tail import LiveTails
from ecs_tui.system import wall_clock


class DemoLogs:
    """The account's log events and what serves them.

    Attributes:
        writers: Gives the containers of tasks their streams.
        response: moto's response class for the actions.
    """

    def __init__(self, account: str) -> None:
        self._account = account
        rate, tasks = busy_rate(CLUSTERS)
        self.stores = LogStores(account, rate, tasks)
        self.writers = LogWriters(self.stores)
        self._tails: LiveTails | None = None
        self.response: Any = type(
            "LogsResponse",
            (DemoLogsResponse,),
            {"stores": self.stores, "queries": {}, "refresh": staticmethod(self._refresh)},
        )

    def tails(self, app: Application) -> Application:
        """The layer that answers StartLiveTail; `app` answers the rest."""
        self._tails = LiveTails(app, self.stores, self._refresh)
        return self._tails

    def change(self, fields: dict[str, Any]) -> None:
        """Change `rate` (lines a second of the busy service) or fields of `TailFaults`.

        Raises:
            ValueError, TypeError: There is no such field, or its value is not possible.
        """
        rate = fields.pop("rate", None)
        if rate is not None:
            self.stores.set_rate(float(rate), wall_clock.milliseconds())
        if fields and self._tails is not None:
            self._tails.change(fields)

    def _refresh(self, region: str) -> None:
        """Let the region's tasks start and stop: they do so at ECS's requests only."""
        backend = demo_ecs_backends[self._account][region]
        with backend.lock:
            backend.converge(wall_clock.now())
