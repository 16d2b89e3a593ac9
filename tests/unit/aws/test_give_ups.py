"""Limits and timeouts, each from both sides; in virtual time where time matters."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from ecs_tui.aws.api import ecs
from ecs_tui.aws.pace import Bucket, Pace
from ecs_tui.aws.parse import ecs as parse
from ecs_tui.config.settings import MAX_CONFIG_BYTES, load
from ecs_tui.doctor.exec_goals import TaskReady
from ecs_tui.errors import SettingsError, Throttled
from ecs_tui.operations.calls import Applied
from ecs_tui.operations.plan import Plan
from tests.support.aws_model import AwsModel, ModelAccount, client_error
from tests.support.virtual_time import run


class Refusing(AwsModel):
    """A model that throttles the first `refusals` calls. `moments`: when calls came."""

    def __init__(self, clock: Callable[[], float], refusals: int) -> None:
        super().__init__("us-east-1", clock, 1)
        self.latency = (0.0, 0.0)
        self.refusals, self.moments = refusals, list[float]()
        self.add_cluster("one")

    async def answer(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        self.moments.append(self.clock())
        if len(self.moments) <= self.refusals:
            raise client_error(operation, "ThrottlingException", "Rate exceeded")
        found = await super().answer(operation, params)
        for raw in found.get("tasks", ()):
            raw["enableExecuteCommand"] = True
            raw["containers"] = [{"name": "app", "lastStatus": "PENDING"}]
        return found


def in_virtual_time(refusals: int, work: Callable[[Refusing], Awaitable[None]]) -> None:
    async def with_model() -> None:
        await work(Refusing(asyncio.get_running_loop().time, refusals))

    run(with_model())


@pytest.mark.parametrize(("refusals", "calls"), [(0, 1), (1, 2), (3, 4), (4, 4), (9, 4)])
def test_a_throttled_call_is_made_four_times_at_the_most(refusals: int, calls: int) -> None:
    async def work(model: Refusing) -> None:
        account = ModelAccount(model)

        async def names() -> list[str]:
            return [arn async for page in ecs.list_clusters(account) for arn in page]

        if refusals < 4:
            assert await names() == [model.clusters["one"].arn]
        else:
            with pytest.raises(Throttled):
                await names()
        assert len(model.moments) == calls
        assert account.pace.throttled == min(refusals, 4)
        gaps = [later - earlier for earlier, later in itertools.pairwise(model.moments)]
        for attempt, gap in enumerate(gaps):
            # The pause, and up to the wait for a token at half the rate.
            assert 0.1 <= gap <= 0.5 * 2**attempt + 0.2, gaps

    in_virtual_time(refusals, work)


@pytest.mark.parametrize(
    ("attempt", "longest"), [(0, 0.5), (1, 1.0), (5, 16.0), (6, 20.0), (50, 20.0)]
)
def test_pauses_grow_to_twenty_seconds(attempt: int, longest: float) -> None:
    pauses = [Pace.pause(attempt) for _ in range(400)]
    assert min(pauses) >= 0.1 and max(pauses) <= longest
    assert max(pauses) > 0.9 * longest and min(pauses) < 0.1 + 0.1 * longest, "full jitter"


@pytest.mark.parametrize(("after", "wait"), [(0.0, 0.2), (29.9, 0.2), (30.0, 0.1)])
def test_after_a_throttled_call_half_the_rate_holds_for_thirty_seconds(
    after: float, wait: float
) -> None:
    bucket = Bucket(burst=100.0, rate=10.0)
    bucket.take(0.0)
    bucket.slow_down(100.0)
    bucket.filled_at, bucket.tokens = 100.0 + after, -1.0
    assert bucket.take(100.0 + after) == pytest.approx(2 * wait)


@pytest.mark.parametrize(("count", "kept"), [(24, 24), (25, 25), (26, 25)])
def test_the_newest_events_of_a_service_are_kept(count: int, kept: int) -> None:
    events = [{"id": str(number), "message": "m"} for number in range(count)]
    raw: Any = {"serviceArn": "arn:aws:ecs:r:1:service/c/s", "events": events}
    assert [event.id for event in parse.service(raw).events] == [str(n) for n in range(kept)]


def test_a_fix_that_never_works_is_given_up_after_half_an_hour() -> None:
    async def work(model: Refusing) -> None:
        task = model.start("one", "family:x")
        task.last = "PENDING"
        began = model.clock()
        fix = Plan("tag-task", "", goal=TaskReady("one", task.arn))
        said = [each async for each in fix.follow(ModelAccount(model), Applied())]
        assert [each.outcome for each in said] == ["", "unknown"]
        assert "after 30 minutes" in said[-1].words
        assert 1800 <= model.clock() - began < 1804
        assert len(model.moments) == 900, "every two seconds"

    in_virtual_time(0, work)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("refresh = 1.0", ""), ("refresh = 0.99", "at least 1 second"),
        ("scrollback = 0", ""), ("scrollback = -1", "at least 0 lines"),
        ("#" * MAX_CONFIG_BYTES, ""), ("#" * (MAX_CONFIG_BYTES + 1), "Cannot read config file"),
    ],
    ids=["refresh", "refresh-", "scrollback", "scrollback-", "large", "too-large"],
)  # fmt: skip
def test_settings_at_their_bounds(tmp_path: Path, text: str, wrong: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text)
    if wrong:
        with pytest.raises(SettingsError, match=wrong):
            load({}, str(path))
    else:
        load({}, str(path))
