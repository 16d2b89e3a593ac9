"""Snapshots on disk: their contents, their file modes, and damaged ones."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from ecs_tui.aws.account import Account
from ecs_tui.cli.main import main
from ecs_tui.config.settings import Settings
from ecs_tui.model.cluster import Cluster
from ecs_tui.model.service import Service, ServiceEvent
from ecs_tui.store import snapshot as cache
from ecs_tui.store.inventory import Inventory, Kind, Scope
from ecs_tui.store.snapshot import DamagedSnapshot, SavedObjects, SnapshotCache
from ecs_tui.ui.app import EcsTuiApp
from tests.support.app import head_text, names, open_services, running_app, screen_text
from tests.support.demo import Demo
from tests.support.limits import until

ARN = "arn:aws:ecs:us-east-1:123456789012"


def store() -> SnapshotCache:
    return SnapshotCache("work", "us-east-1", None)


def clusters(*names_of: str) -> list[SavedObjects]:
    found = [Cluster(f"{ARN}:cluster/{name}", name, "ACTIVE") for name in names_of]
    return [SavedObjects(Kind.CLUSTER, found)]


def files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.snapshot"))


def test_what_was_written_comes_back_without_events(own_places: Path) -> None:
    service = Service(
        f"{ARN}:service/prod/web", "web", f"{ARN}:cluster/prod", "ACTIVE", 4, 4,
        events=(ServiceEvent("1", None, "the message of an event"),), tags={"team": "web"},
    )  # fmt: skip
    store().write("prod", [SavedObjects(Kind.SERVICE, [service] * 600)])
    read = store().read("prod")
    assert read is not None
    found = [item for part in read[1] if part.kind is Kind.SERVICE for item in part.items]
    assert len(found) == 600
    assert found[0].tags == {"team": "web"}
    assert found[0].events == ()
    (path,) = files(own_places)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o077 == 0
    assert b"the message of an event" not in path.read_bytes()


def test_profiles_regions_and_endpoints_do_not_share(own_places: Path) -> None:
    store().write("", clusters("prod"))
    assert SnapshotCache("other", "us-east-1", None).read("") is None
    assert SnapshotCache("work", "eu-west-1", None).read("") is None
    assert SnapshotCache("work", "us-east-1", "http://127.0.0.1:1").read("") is None


def everything(snapshots: SnapshotCache) -> list[SavedObjects]:
    read = snapshots.read("")
    assert read is not None
    return list(read[1])


def damage(data: bytes, how: str) -> bytes:
    later = msgspec.msgpack.encode(cache.Head(cache.VERSION, "", 9e12))
    part = msgspec.msgpack.encode({"kind": "cluster", "items": [{"arn": 7}]})
    kind = msgspec.msgpack.encode({"kind": "planet", "items": []})
    first = 4 + struct.unpack(">I", data[:4])[0]
    return {
        "empty": b"",
        "cut": data[:-3],
        "text": b"not a snapshot at all",
        "endless": b"\xff\xff\xff\xff" + data,
        "future": struct.pack(">I", len(later)) + later,
        "types": data[:first] + struct.pack(">I", len(part)) + part,
        "kind": data[:first] + struct.pack(">I", len(kind)) + kind,
        "bits": data[:first] + bytes(byte ^ 0x5A for byte in data[first:]),
    }[how]


@pytest.mark.parametrize(
    "how", ["empty", "cut", "text", "endless", "future", "types", "kind", "bits"]
)
def test_a_damaged_file_is_ignored_with_a_notice(own_places: Path, how: str) -> None:
    store().write("", clusters("prod", "staging"))
    (path,) = files(own_places)
    path.write_bytes(damage(path.read_bytes(), how))
    with pytest.raises(DamagedSnapshot, match=r"^Ignoring cached snapshot ") as caught:
        everything(store())
    assert "cache clear" in str(caught.value)


@pytest.mark.parametrize("version", [1, cache.VERSION + 1])
def test_a_file_of_another_version_is_ignored_without_a_word(
    own_places: Path, version: int
) -> None:
    """The first version had lists by name in each frame, and the same first frame."""
    store().write("", clusters("prod"))
    (path,) = files(own_places)
    head = msgspec.msgpack.encode({"version": version, "cluster": "", "saved_at": 1.0})
    part = msgspec.msgpack.encode({"clusters": [{"arn": "arn", "name": "prod"}], "services": []})
    path.write_bytes(b"".join(struct.pack(">I", len(each)) + each for each in (head, part)))
    assert store().read("") is None
    inventory = Inventory(Account())
    inventory.restore(store())
    assert inventory.clusters == []
    store().write("", clusters("prod"))
    assert len(everything(store())) == 1, "it is replaced"


def test_all_together_stay_below_their_bound(
    own_places: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store().write("", clusters("prod"))
    one = files(own_places)[0].stat().st_size
    monkeypatch.setattr(cache, "MAX_TOTAL_BYTES", 3 * one + 10)
    for number in range(8):
        SnapshotCache(f"profile-{number}", "us-east-1", None).write("", clusters("prod"))
    assert len(files(own_places)) == 3


def test_the_command_tells_and_clears(own_places: Path) -> None:
    store().write("", clusters("prod"))
    told = CliRunner().invoke(main, ["cache"])
    assert "\t1 file\t" in told.output
    cleared = CliRunner().invoke(main, ["cache", "clear"])
    assert cleared.exit_code == 0
    assert "Removed 1 snapshot, " in cleared.stderr
    assert files(own_places) == []
    assert CliRunner().invoke(main, ["cache", "clear"]).exit_code == 0


@pytest.mark.asyncio
async def test_the_first_paint_shows_the_last_snapshot_and_its_age(
    demo: Demo, own_places: Path
) -> None:
    async with running_app(demo.account()) as (app, pilot):
        await open_services(app, pilot, "exec-cases")
    assert len(files(own_places)) == 2
    text = b"".join(path.read_bytes() for path in files(own_places))
    for secret in ("not-a-secret", "not-a-key", demo.environment["AWS_SECRET_ACCESS_KEY"]):
        assert secret.encode() not in text
    demo.set_faults(latency=4.0)
    try:
        app = EcsTuiApp(demo.account(), Settings())
        async with app.run_test(size=(120, 36)) as pilot:
            # The rows are shown before AWS has answered.
            await until(lambda: "prod" in names(app), "the snapshot", 5)
            assert app.browser.inventory.freshness(Scope(Kind.CLUSTER)).fetched_at is None
            demo.set_faults(latency=1.0)
            await until(lambda: re.search(r"◐ cached \d+s ago", screen_text(app)), "its age", 5)
            demo.set_faults(latency=8.0)
            await pilot.press("colon", *"exec-cases", "enter")
            await until(lambda: "exec-off" in names(app), "the services of the snapshot", 5)
            assert (
                app.browser.inventory.freshness(Scope(Kind.SERVICE, "exec-cases")).listed_at is None
            )
            demo.set_faults(latency=0.0)
            await until(lambda: "● " in head_text(app), "fresh data", 20)
            await app.browser.end()
    finally:
        demo.set_faults(latency=0.0)


@pytest.mark.asyncio
async def test_a_snapshot_of_another_account_is_forgotten(demo: Demo) -> None:
    other = "arn:aws:ecs:us-east-1:999999999999:cluster/theirs"
    snapshots = SnapshotCache(None, demo.region, demo.endpoint)
    snapshots.write("", [SavedObjects(Kind.CLUSTER, [Cluster(other, "theirs", "ACTIVE")])])
    inventory = Inventory(demo.account())
    inventory.restore(snapshots)
    assert [item.name for item in inventory.clusters] == ["theirs"]
    assert inventory.drop_other_account("123456789012", "us-east-1") == 1
    assert inventory.clusters == []
    await inventory.account.close()


@pytest.mark.asyncio
async def test_a_damaged_snapshot_costs_a_notice(demo: Demo, own_places: Path) -> None:
    async with running_app(demo.account()) as (app, _):
        await until(lambda: "prod" in names(app), "clusters")
        await until(lambda: all(row.described for row in app.browser.table.rows), "described")
    (path,) = files(own_places)
    path.write_bytes(b"\0\0\0\x05junk!")
    async with running_app(demo.account()) as (app, _):
        await until(lambda: "Ignoring cached snapshot" in screen_text(app), "the notice")
        await until(lambda: "prod" in names(app), "AWS's own answer")


@pytest.mark.asyncio
async def test_no_cache_reads_and_writes_nothing(demo: Demo, own_places: Path) -> None:
    async with running_app(demo.account(), cache=False) as (app, _):
        await until(lambda: "prod" in names(app), "clusters")
    assert files(own_places) == []
