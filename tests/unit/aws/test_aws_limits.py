"""What a connection keeps when the profile or region changes."""

from __future__ import annotations

import pytest

from ecs_tui import errors
from ecs_tui.aws.api import ecs
from ecs_tui.aws.pace import Pace
from tests.support.demo import Demo


@pytest.mark.asyncio
async def test_another_region_of_a_read_only_account_is_read_only(demo: Demo) -> None:
    account = demo.account(read_only=True)
    other = account.sibling(None, "eu-west-1", Pace())
    demo.counts(reset=True)
    try:
        assert (other.read_only, other.region) == (True, "eu-west-1")
        with pytest.raises(errors.ReadOnly, match="ecs:ExecuteCommand"):
            await ecs.execute_command(other, "prod", "x", "app", "/bin/sh")
    finally:
        await other.close()
        await account.close()
    assert demo.counts()["calls"] in ({}, 0)
