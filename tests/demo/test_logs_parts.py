"""Parts of the demo's CloudWatch Logs: the rate that can be changed, and pages of groups and streams."""

from __future__ import annotations

import pytest
from moto.logs.exceptions import InvalidParameterException

from ecs_tui.demo.logs import DemoLogs
from ecs_tui.demo.logs_responses import PAGE_SIZE, DemoLogsResponse
from ecs_tui.demo.server import ACCOUNT
from ecs_tui.system import wall_clock


def test_the_rate_is_shared_by_the_tasks_of_the_busy_service() -> None:
    demo = DemoLogs(ACCOUNT)
    demo.change({"rate": 1000})
    tasks = demo.stores.busy_tasks
    assert tasks > 1
    assert demo.stores.busy.at(wall_clock.milliseconds() + 1000) == pytest.approx(1000 / tasks)
    with pytest.raises(ValueError, match="negative"):
        demo.change({"rate": -1})


def test_pages_of_names_are_those_of_aws() -> None:
    names = [f"{number:03}" for number in range(2 * PAGE_SIZE + 7)]
    found: list[str] = []
    token: dict[str, str] = {}
    for _ in range(10):
        page, token = DemoLogsResponse._page(names, dict(token))
        assert len(page) <= PAGE_SIZE
        found += page
        if not token:
            break
    assert found == names
    assert DemoLogsResponse._page(names, {"limit": 3})[0] == names[:3]
    for wrong in ({"limit": PAGE_SIZE + 1}, {"nextToken": "unknown"}):
        with pytest.raises(InvalidParameterException):
            DemoLogsResponse._page(names, wrong)
