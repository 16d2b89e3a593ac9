"""The deregistration delay of a target group, whatever AWS answers."""

from __future__ import annotations

from typing import Any

import pytest

from ecs_tui.aws.api.elbv2 import deregistration_delay
from ecs_tui.errors import AwsError
from tests.support.stub_aws import StubAws

pytestmark = pytest.mark.asyncio
KEY = "deregistration_delay.timeout_seconds"
GROUP = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/0123456789abcdef"


def attribute(value: Any, key: str = KEY) -> dict[str, Any]:
    return {
        "Attributes": [{"Key": "stickiness.enabled", "Value": "true"}, {"Key": key, "Value": value}]
    }


@pytest.mark.parametrize(("value", "seconds"), [("300", 300), ("0", 0), ("3600", 3600)])
async def test_its_seconds(stub: StubAws, value: str, seconds: int) -> None:
    stub.answers["elbv2:DescribeTargetGroupAttributes"] = attribute(value)
    account = stub.account()
    assert await deregistration_delay(account, GROUP) == seconds
    await account.close()


@pytest.mark.parametrize(
    "answer",
    [
        attribute("", KEY), attribute("-1"), attribute("5 minutes"), attribute("٣"), attribute("1.5"),
        attribute("9" * 5000), attribute("300", "another.key"), {"Attributes": []},
    ],
)  # fmt: skip
async def test_without_a_usable_number_it_is_an_error(stub: StubAws, answer: Any) -> None:
    stub.answers["elbv2:DescribeTargetGroupAttributes"] = answer
    account = stub.account()
    with pytest.raises(AwsError, match=f"no usable {KEY}"):
        await deregistration_delay(account, GROUP)
    await account.close()
