"""The call budget by operation: the table against AWS's models, and its effect in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

import botocore.session
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecs_tui.aws.pace import DEFAULT_BURST, DEFAULT_RATE, Pace
from ecs_tui.aws.quotas import QUOTAS, Quota, QuotaTable
from ecs_tui.aws.read_only import ALLOWED
from tests.support.virtual_time import run

SESSION = botocore.session.get_session()
NOT_PUBLISHED = {
    "application-autoscaling", "autoscaling", "health", "iam", "kms", "s3", "signin", "ssm", "sso", "sso-oidc", "sts",
}  # fmt: skip
"""Services for which the table has no rate."""
WITHOUT_RATE = {("logs", "StopQuery")}
"""Single operations for which AWS publishes no rate."""
NO_GROUP = ("Daemon", "TaskSet")
"""What the operations of ECS are about that stand in no group of AWS's table."""


@pytest.mark.parametrize("quota", QUOTAS, ids=lambda quota: f"{quota.service}-{quota.name}")
def test_a_quota_is_of_operations_that_exist_and_has_a_source(quota: Quota) -> None:
    names = SESSION.get_service_model(quota.service).operation_names
    assert set(quota.operations) <= set(names)
    assert quota.source.startswith("https://docs.aws.amazon.com/")
    assert 0 < quota.rate <= quota.burst
    assert quota.in_regions.keys() <= set(SESSION.get_available_regions(quota.service)) | {
        "il-central-1", "ca-west-1",
    }  # fmt: skip


def test_no_operation_has_two_quotas() -> None:
    named = [(quota.service, name) for quota in QUOTAS for name in quota.operations]
    assert len(named) == len(set(named))


def test_every_read_of_ecs_has_a_quota_and_every_service_is_accounted_for() -> None:
    table = QuotaTable()
    without = {name for name in ALLOWED["ecs"] if table.find("ecs", name) is None}
    assert without and all(any(word in name for word in NO_GROUP) for name in without)
    missing = {
        service
        for service, operations in ALLOWED.items()
        if any(
            table.find(service, name) is None and (service, name) not in WITHOUT_RATE
            for name in operations
        )
    }
    assert missing <= NOT_PUBLISHED | {"ecs"}


@pytest.mark.parametrize(
    ("name", "region", "limits"),
    [
        ("ecs:ListServices", "eu-west-1", (100, 20)),
        ("ecs:DescribeTasks", "eu-west-1", (100, 20)),
        ("ecs:DescribeClusters", "eu-west-1", (50, 20)),
        ("ecs:ExecuteCommand", "eu-west-1", (100, 40)),
        ("ecs:UpdateService", "eu-west-1", (50, 5)),
        ("ecs:RegisterTaskDefinition", "eu-west-1", (20, 1)),
        ("cloudtrail:LookupEvents", "eu-west-1", (2, 2)),
        ("logs:FilterLogEvents", "us-east-1", (25, 25)),
        ("logs:FilterLogEvents", "eu-central-1", (5, 5)),
        ("logs:FilterLogEvents", "eu-west-1", (10, 10)),
        ("logs:GetLogEvents", "eu-west-3", (30, 30)),
        ("logs:GetLogEvents", "eu-west-1", (10, 10)),
        ("logs:GetLogEvents", "us-east-1", (25, 25)),
        ("logs:StartLiveTail", "us-east-1", (5, 5)),
        ("logs:DescribeLogStreams", "us-east-1", (25, 25)),
        ("elbv2:DescribeTargetHealth", "us-east-1", (40, 10)),
        ("elbv2:DescribeTargetGroups", "us-east-1", (40, 10)),
        ("ec2:DescribeInstances", "us-east-1", (50, 10)),
        ("cloudwatch:GetMetricData", "us-east-1", (500, 500)),
    ],
)
def test_the_published_rates(name: str, region: str, limits: tuple[float, float]) -> None:
    service, operation = name.split(":")
    quota = QuotaTable().find(service, operation)
    assert quota is not None and quota.limits(region) == limits


class AwsBucket:
    """AWS's side: counts the calls for which it has no token. It shares no code with the program."""

    def __init__(self, burst: float, rate: float, now: float) -> None:
        self.burst, self.rate, self.tokens, self.at, self.beyond = burst, rate, burst, now, 0

    def arrive(self, now: float) -> None:
        self.tokens = min(self.burst, self.tokens + (now - self.at) * self.rate)
        self.at = now
        if self.tokens < 1 - 1e-9:
            self.beyond += 1
        else:
            self.tokens -= 1


async def calls(pace: Pace, name: str, count: int, bucket: AwsBucket | None = None) -> float:
    """Make calls, all at once; returns the seconds until the last one was sent."""
    loop, (service, operation) = asyncio.get_running_loop(), name.split(":")
    began = loop.time()

    async def one() -> None:
        await pace.wait(service, operation, "eu-west-1")
        if bucket is not None:
            bucket.arrive(loop.time())

    await asyncio.gather(*(one() for _ in range(count)))
    return loop.time() - began


def pace_of_loop(burst: float = DEFAULT_BURST, rate: float = DEFAULT_RATE) -> Pace:
    return Pace(burst, rate, asyncio.get_running_loop().time)


@pytest.mark.parametrize("quota", QUOTAS, ids=lambda quota: f"{quota.service}-{quota.name}")
def test_no_bucket_is_overdrawn_and_none_is_left_unused(quota: Quota) -> None:
    async def work() -> None:
        burst, rate = quota.limits("eu-west-1")
        operation = quota.operations[0] if quota.operations else "DescribeTargetHealth"
        bucket = AwsBucket(burst, rate, asyncio.get_running_loop().time())
        count = int(3 * burst)
        took = await calls(pace_of_loop(), f"{quota.service}:{operation}", count, bucket)
        assert bucket.beyond == 0
        least = (count - burst) / rate
        assert least <= took <= least + (1 + 0.05 * burst) / rate

    run(work())


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["ecs:ListServices", "ecs:DescribeServices"]),
            st.integers(1, 60),
            st.floats(0, 4),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_operations_of_a_group_share_their_bucket(rounds: list[tuple[str, int, float]]) -> None:
    async def work() -> None:
        loop = asyncio.get_running_loop()
        pace, bucket = pace_of_loop(), AwsBucket(100, 20, loop.time())
        under_way: list[Awaitable[float]] = []
        for name, count, pause in rounds:
            under_way.append(asyncio.ensure_future(calls(pace, name, count, bucket)))
            await asyncio.sleep(pause)
        await asyncio.gather(*under_way)
        assert bucket.beyond == 0

    run(work())


def test_groups_do_not_wait_for_each_other() -> None:
    async def work() -> None:
        pace = pace_of_loop()
        waiting = asyncio.ensure_future(calls(pace, "ecs:DescribeServices", 300))
        await asyncio.sleep(0)
        assert await calls(pace, "ecs:ListTasks", 90) == 0
        assert await calls(pace, "cloudtrail:LookupEvents", 1) == 0
        assert await calls(pace, "cloudtrail:LookupEvents", 3) == pytest.approx(1.05)
        assert await waiting > 9

    run(work())


@pytest.mark.parametrize(
    ("burst", "rate", "name", "count", "seconds"),
    [
        (100, 20, "iam:GetRole", 115, 1.0),  # the default: AWS publishes none
        (100, 20, "iam:CreateRole", 115, 1.0),
        (50, 10, "ecs:ListServices", 57, 0.95),
        (50, 10, "cloudtrail:LookupEvents", 2, 1.0),
        (200, 40, "ecs:ListServices", 230, 1.0),
        (200, 40, "ecs:ListClusters", 135, 1.0),  # in proportion: 100 and 40
        (200, 40, "cloudtrail:LookupEvents", 4, 1.05),  # a higher quota of ECS is none of CloudTrail
    ],
)  # fmt: skip
def test_burst_and_rate_scale_the_quotas(
    burst: float, rate: float, name: str, count: int, seconds: float
) -> None:
    async def work() -> None:
        assert await calls(pace_of_loop(burst, rate), name, count) == pytest.approx(seconds)

    run(work())


def test_throttling_slows_its_own_group_only() -> None:
    async def work() -> None:
        pace = pace_of_loop()
        assert await calls(pace, "ecs:ListServices", 5) == 0
        pace.throttle("ecs", "DescribeServices")
        assert await calls(pace, "ecs:ListServices", 1) == pytest.approx(0.1)
        assert await calls(pace, "ecs:ListTasks", 1) == 0
        assert pace.throttled == 1

    run(work())


def test_the_share_is_that_of_the_busiest_group() -> None:
    async def work() -> None:
        pace = pace_of_loop()
        await calls(pace, "ecs:ListServices", 12)
        assert pace.share() == pytest.approx(0.01)
        await calls(pace, "cloudtrail:LookupEvents", 12)
        assert pace.share() == pytest.approx(0.1)
        assert pace.calls_per_minute() == 24

    run(work())
