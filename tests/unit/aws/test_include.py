"""Values of `include` that AWS refuses are found with few calls, and remembered."""

from __future__ import annotations

from typing import Any

import pytest

from ecs_tui.aws.extras import Extras
from ecs_tui.errors import AccessDenied, AwsError

WANTED = ("TAGS", "CONFIGURATIONS", "SETTINGS")


class Describe:
    """A Describe call that refuses some values of `include`, and records each request."""

    def __init__(self, *refused: str, error: AwsError) -> None:
        self.refused, self.error = set(refused), error
        self.asked: list[list[str]] = []

    async def describe(self, include: list[str] | None = None) -> list[str]:
        self.asked.append(include or [])
        if self.refused & {*(include or []), "" if "" in self.refused else None}:
            raise self.error
        return include or []


async def call(method: Any, **arguments: Any) -> Any:
    return await method(**arguments)


def invalid(words: str) -> AwsError:
    error = AwsError("ECS refused the call.", words)
    error.code = "InvalidParameterException"
    return error


@pytest.mark.asyncio
async def test_the_value_that_the_error_names_is_left_out_and_remembered() -> None:
    extras, api = Extras(), Describe("SETTINGS", error=invalid("SETTINGS is not supported"))
    assert await extras.call(call, api.describe, WANTED) == ["TAGS", "CONFIGURATIONS"]
    assert await extras.call(call, api.describe, WANTED) == ["TAGS", "CONFIGURATIONS"]
    assert api.asked == [list(WANTED), ["TAGS", "CONFIGURATIONS"], ["TAGS", "CONFIGURATIONS"]]
    assert set(extras.refused("describe")) == {"SETTINGS"}


@pytest.mark.asyncio
async def test_where_none_is_named_each_is_tried() -> None:
    extras, api = Extras(), Describe("TAGS", error=invalid("Invalid identifier"))
    assert await extras.call(call, api.describe, WANTED) == ["CONFIGURATIONS", "SETTINGS"]
    assert set(extras.refused("describe")) == {"TAGS"}


@pytest.mark.asyncio
async def test_a_call_that_fails_without_them_too_raises_the_first_error() -> None:
    extras, api = Extras(), Describe("", error=invalid("no such cluster"))
    with pytest.raises(AwsError, match="ECS refused"):
        await extras.call(call, api.describe, WANTED)
    assert extras.refused("describe") == {}
    tried = len(api.asked)
    with pytest.raises(AwsError):
        await extras.call(call, api.describe, WANTED)
    assert len(api.asked) == tried + 1  # the values are not tried one by one again


@pytest.mark.asyncio
async def test_an_operation_that_is_denied_is_not_tried_without_extras() -> None:
    denied = AccessDenied("Denied.", "alice is not authorized to perform: ecs:DescribeClusters")
    denied.operation = "ecs:DescribeClusters"
    api = Describe("", error=denied)
    with pytest.raises(AccessDenied):
        await Extras().call(call, api.describe, WANTED)
    assert len(api.asked) == 1
