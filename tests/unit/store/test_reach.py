"""Which open connection an address is looked up through: its account, its region, its partition."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ecs_tui.aws.account import Account
from ecs_tui.config.settings import Settings
from ecs_tui.model.address import Reference
from ecs_tui.store.connections import Connections
from ecs_tui.store.inventory import Kind, Scope
from ecs_tui.store.reach import connections_for, profiles_for
from tests.support.aws_files import KEYS, only_config
from tests.support.stub_aws import FAULTS, StubAws

pytestmark = pytest.mark.asyncio
OURS, OTHER = "111122223333", "999999999999"
HERE, THERE = "us-east-1", "eu-west-1"


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`plain` says nothing of its account; `other` and `third` are of another one."""
    path = tmp_path / "config"
    keys = KEYS.format("AKIA")
    path.write_text(
        f"[profile plain]\nregion = {HERE}\n{keys}"
        f"[profile other]\nregion = {HERE}\nsso_account_id = {OTHER}\n{keys}"
        f"[profile third]\nregion = {THERE}\nrole_arn = arn:aws:iam::{OTHER}:role/x\n"
        "source_profile = plain\n"
    )
    only_config(path, monkeypatch)


@contextlib.asynccontextmanager
async def opened(stub: StubAws, *labels: str) -> AsyncIterator[Connections]:
    """Connections to the stub: `plain` in us-east-1, and others by label."""
    account = Account("plain", HERE, stub.endpoint)
    connections = Connections(account, Settings.of(cache=False))
    for label in labels:
        connections.open_label(label)
    yield connections
    await connections.close()


@pytest.mark.usefixtures("config")
@pytest.mark.parametrize(
    ("labels", "reference", "found"),
    [
        ((), Reference("prod"), ["plain@us-east-1"]),
        ((), Reference("prod", region=HERE, account=OURS), ["plain@us-east-1"]),
        ((), Reference("prod", region=THERE, account=OURS), ["plain@eu-west-1"]),
        ((), Reference("prod", region=THERE), ["plain@eu-west-1"]),
        ((), Reference("prod", region=HERE, account=OTHER), []),
        ((), Reference("prod", region="cn-north-1"), []),
        ((f"other@{HERE}",), Reference("prod", region=HERE, account=OTHER), ["other@us-east-1"]),
        ((f"other@{HERE}",), Reference("prod", region=THERE, account=OTHER), ["other@eu-west-1"]),
        ((f"other@{THERE}",), Reference("prod", region=THERE), ["other@eu-west-1"]),
        ((f"other@{HERE}",), Reference(name="770000"), ["plain@us-east-1", "other@us-east-1"]),
    ],
)
async def test_the_connections_that_fit(
    stub: StubAws, labels: tuple[str, ...], reference: Reference, found: list[str]
) -> None:
    async with opened(stub, *labels) as connections:
        assert [each.label for each in await connections_for(connections, reference)] == found
        asked = 1 if reference.account else 0
        assert stub.calls["sts:GetCallerIdentity"] == asked, (
            "other's account is in the configuration"
        )


@pytest.mark.usefixtures("config")
async def test_who_knows_the_cluster_comes_first(stub: StubAws) -> None:
    async with opened(stub, f"plain@{THERE}") as connections:
        other = connections.all[1]
        await other.inventory.load(Scope(Kind.CLUSTER))
        assert other.inventory.freshness(Scope(Kind.CLUSTER)).error is None
        found = await connections_for(connections, Reference("stub"))
        assert found[0] is other
        found = await connections_for(connections, Reference("unknown"))
        assert found[0] is connections.current


@pytest.mark.usefixtures("config")
async def test_an_account_that_aws_does_not_tell_fits_none(stub: StubAws) -> None:
    stub.faults["sts:GetCallerIdentity"] = FAULTS["scp"]
    async with opened(stub) as connections:
        reference = Reference("prod", region=HERE, account=OURS)
        assert await connections_for(connections, reference) == []
        assert connections.all == [connections.current], "nothing was opened"


@pytest.mark.usefixtures("config")
async def test_the_profiles_of_an_account() -> None:
    assert await profiles_for(OTHER) == ["other", "third"]
    assert await profiles_for(OURS) == []
    assert await profiles_for("") == []
