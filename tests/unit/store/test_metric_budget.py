"""What may be spent on metrics: counted over runs and days, and how lookups keep to it."""

from __future__ import annotations

import contextlib
import json
import stat
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ecs_tui.errors import AccessDenied, AwsError
from ecs_tui.model.metric import METRICS_PER_SERVICE, ServiceUsage
from ecs_tui.store import lookup_calls, usage
from ecs_tui.store.lookups import Lookup, Lookups, Subject
from ecs_tui.store.metric_budget import MetricBudget
from ecs_tui.store.surroundings import (
    ALARMS,
    Known,
    activities_lookup,
    known,
    policies_lookup,
    schedules_lookup,
    target_group_lookup,
    target_lookup,
    usage_lookup,
    why_unknown,
)
from tests.support.limits import until
from tests.support.stub_aws import StubAws, error_reply

MONDAY, TUESDAY = date(2026, 11, 30), date(2026, 12, 1)


def test_the_count_is_kept_over_runs_of_a_day(tmp_path: Path) -> None:
    path, today = tmp_path / "folder" / "asked.json", [MONDAY]
    first = MetricBudget(1.0, path, lambda: today[0])
    assert (first.asked, first.spent) == (0, 0.0) and first.allows(100_000)
    first.add(60_000)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    second = MetricBudget(1.0, path, lambda: today[0])
    assert second.asked == 60_000 and second.spent == pytest.approx(0.6)
    second.add(30_000)
    first.add(5_000)
    assert first.asked == 95_000, "it has seen what the other one asked"
    assert first.allows(5_000) and not first.allows(5_001)
    today[0] = TUESDAY
    assert (first.asked, MetricBudget(1.0, path, lambda: today[0]).asked) == (0, 0)


@pytest.mark.parametrize(
    "content", [b"", b"{", b'{"day": 3}', b'{"day": "2026-11-30", "asked": -5}']
)
def test_a_damaged_file_counts_as_empty(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "asked.json"
    path.write_bytes(content)
    assert MetricBudget(1.0, path, lambda: MONDAY).asked == 0


def test_no_budget_allows_nothing_and_the_demo_account_keeps_no_file(tmp_path: Path) -> None:
    path = tmp_path / "asked.json"
    assert not MetricBudget(0.0, path).allows(1)
    demo = MetricBudget(1.0, path, keep=False)
    demo.add(10)
    assert demo.asked == 10 and not path.exists()


def points(body: str) -> Any:
    queries = json.loads(body)["MetricDataQueries"]
    return {
        "MetricDataResults": [
            {"Id": each["Id"], "Timestamps": [1764400000.0], "Values": [float(number)]}
            for number, each in enumerate(queries)
        ]
    }


@contextlib.asynccontextmanager
async def lookups_of(stub: StubAws, budget: MetricBudget | None) -> AsyncIterator[Lookups]:
    async def fetch(_: object) -> Any:
        raise AssertionError("not needed")

    account = stub.account()
    made = Lookups(account, fetch, fetch, lambda lookup: None)
    made.budget = budget
    yield made
    await made.close()
    await account.close()


@pytest.mark.asyncio
async def test_all_rows_in_view_are_read_by_one_call(stub: StubAws, tmp_path: Path) -> None:
    stub.answers["cloudwatch:GetMetricData"] = points
    budget = MetricBudget(1.0, tmp_path / "asked.json")
    async with lookups_of(stub, budget) as lookups:
        wanted = [usage_lookup("prod", f"service-{number}") for number in range(40)]
        lookups.look_up(wanted)
        await until(lambda: lookups.answer(wanted[-1]), "the answer")
        assert stub.calls["cloudwatch:GetMetricData"] == 1 and budget.asked == 80
        third = known(lookups.answer(wanted[2])).value
        assert isinstance(third, ServiceUsage)
        assert (third.cpu.last, third.memory.last) == (4.0, 5.0)
        lookups.look_up(wanted)
        assert stub.calls["cloudwatch:GetMetricData"] == 1, "they are fresh"


@pytest.mark.asyncio
async def test_the_budget_stops_the_columns(stub: StubAws, tmp_path: Path) -> None:
    stub.answers["cloudwatch:GetMetricData"] = points
    allowed = 10 * METRICS_PER_SERVICE
    async with lookups_of(
        stub, MetricBudget(allowed / 100_000, tmp_path / "asked.json")
    ) as lookups:
        wanted = [usage_lookup("prod", f"service-{number}") for number in range(40)]
        lookups.look_up(wanted)
        await until(lambda: lookups.answer(wanted[0]), "what the budget allows")
        answered = [each for each in wanted if lookups.answer(each)]
        assert 0 < len(answered) <= 10
        assert answered == wanted[: len(answered)], "the first rows"
        while not lookups.stopped:
            before = stub.calls["cloudwatch:GetMetricData"]
            lookups.look_up(wanted)
            await until(lambda n=before: stub.calls["cloudwatch:GetMetricData"] > n, "the rest")  # type: ignore[misc]
            await until(lambda: not lookups._jobs, "answered")
        calls = stub.calls["cloudwatch:GetMetricData"]
        lookups.look_up(wanted)
        assert stub.calls["cloudwatch:GetMetricData"] == calls
        assert sum(lookups.answer(each) is not None for each in wanted) <= 10


@pytest.mark.asyncio
async def test_each_subject_is_answered_by_its_call(stub: StubAws) -> None:
    async with lookups_of(stub, None) as lookups:
        every: list[Lookup[Any]] = [
            ALARMS, target_lookup("arn:1"), target_group_lookup("arn:1"), activities_lookup("c", "s"),
            policies_lookup("c", "s"), schedules_lookup("c", "s"), Lookup(Subject.SCALABLE_TARGETS),
        ]  # fmt: skip
        assert await lookup_calls.alarms(lookups._account, "") == ()
        lookups.look_up(every)
        await until(lambda: all(lookups.answer(each) for each in every), "all answers")
        assert all(lookups.answer(each).error is None for each in every)  # type: ignore[union-attr]
        assert usage.USAGE_MINUTES == 15


@pytest.mark.asyncio
async def test_what_may_not_be_read_says_so(stub: StubAws) -> None:
    stub.faults["cloudwatch:DescribeAlarms"] = lambda op: error_reply(op, "AccessDenied", "no")
    async with lookups_of(stub, None) as lookups:
        lookups.look_up([ALARMS])
        await until(lambda: lookups.answer(ALARMS), "the error")
        found = known(lookups.answer(ALARMS))
        assert found.denied and found.words == "not allowed to look (cloudwatch:DescribeAlarms)"


def test_words_without_a_value() -> None:
    assert (Known().words, Known(value=1).words) == ("loading", "")
    assert why_unknown(AwsError("It failed.", "Retry.")) == "not read: It failed. Retry."
    assert why_unknown(AccessDenied("no")) == "not allowed to look"
