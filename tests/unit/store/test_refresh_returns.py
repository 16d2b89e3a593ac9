"""What is refreshed on return to a list, and for rows on the screen that no list names."""

from __future__ import annotations

import asyncio

from tests.support.viewer import SERVICES, TASKS, Viewer, in_virtual_time


def test_coming_back_at_once_to_a_list_with_rows_asks_nothing_anew() -> None:
    async def work(viewer: Viewer) -> None:
        viewer.model.add_service("one", "api")
        viewer.refresher.look_at(SERVICES)
        await asyncio.sleep(2)
        assert viewer.inventory.services("one")
        viewer.refresher.look_at(TASKS)
        await asyncio.sleep(1)
        await viewer.watch_for(0)
        viewer.refresher.look_at(SERVICES)
        await asyncio.sleep(1)
        assert "ListServices" not in viewer.model.lists
        await asyncio.sleep(10)
        assert len(viewer.model.lists["ListServices"]) == 1

    in_virtual_time(work)


def test_a_task_on_the_screen_is_asked_for_though_no_list_names_it() -> None:
    async def work(viewer: Viewer) -> None:
        service = viewer.model.add_service("one", "api")
        other = "arn:aws:ecs:us-east-1:1:task/one/0123"
        viewer.refresher.look_at(TASKS)
        viewer.refresher.see([other])
        await asyncio.sleep(5)
        assert other in viewer.model.asked
        await viewer.watch_for(0)
        viewer.refresher.look_at(SERVICES)
        viewer.refresher.see([service.arn, "arn:aws:ecs:us-east-1:1:service/one/none"])
        await asyncio.sleep(5)
        assert set(viewer.model.asked) <= {service.arn}

    in_virtual_time(work)
