"""What is asked for when one comes back to a list, and what is seen though no list names it."""

from __future__ import annotations

import asyncio

from tests.test_refresh_times import SERVICES, TASKS, Seat, in_virtual_time


def test_coming_back_at_once_to_a_list_with_rows_asks_nothing_anew() -> None:
    async def work(seat: Seat) -> None:
        seat.model.add_service("one", "api")
        seat.refresher.look_at(SERVICES)
        await asyncio.sleep(2)
        assert seat.inventory.services("one")
        seat.refresher.look_at(TASKS)
        await asyncio.sleep(1)
        await seat.rest(0)
        seat.refresher.look_at(SERVICES)
        await asyncio.sleep(1)
        assert "ListServices" not in seat.model.lists
        await asyncio.sleep(10)
        assert len(seat.model.lists["ListServices"]) == 1

    in_virtual_time(work)


def test_a_task_on_the_screen_is_asked_for_though_no_list_names_it() -> None:
    async def work(seat: Seat) -> None:
        service = seat.model.add_service("one", "api")
        other = "arn:aws:ecs:us-east-1:1:task/one/0123"
        seat.refresher.look_at(TASKS)
        seat.refresher.see([other])
        await asyncio.sleep(5)
        assert other in seat.model.asked
        await seat.rest(0)
        seat.refresher.look_at(SERVICES)
        seat.refresher.see([service.arn, "arn:aws:ecs:us-east-1:1:service/one/none"])
        await asyncio.sleep(5)
        assert set(seat.model.asked) <= {service.arn}

    in_virtual_time(work)
