"""Snapshots of audit feeds: files like those of `snapshot.py`, in its folder and within its bounds.

They have no tokens and no values of environment variables, because events have none
(`aws/parse/cloudtrail.py`); commands of ExecuteCommand are in them as CloudTrail recorded them. Of
transcripts they have the names of marks only.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from ecs_tui.model.audit_event import AuditEvent, Principal
from ecs_tui.store.audit_feed import AuditFeed, ReadSpan
from ecs_tui.store.snapshot import MAX_FILE_BYTES, DamagedSnapshot, bound, folder
from ecs_tui.system import wall_clock
from ecs_tui.system.atomic_file import read_regular, write_private

VERSION = 1
"""The format of the files. Files of another version are ignored, and replaced at the next save."""
PORTION_EVENTS = 250
"""Events that are decoded before other work gets its turn."""
KEPT_DAYS = timedelta(days=120)
"""Events that are older are not saved. LookupEvents reaches back 90 days."""


class _Saved(msgspec.Struct):
    """A file. `saved_at`: seconds since the epoch; each portion is a list of events."""

    version: int
    account: str
    region: str
    saved_at: float
    read: dict[str, list[ReadSpan]]
    automatic: dict[str, int]
    services: dict[str, str]
    floor: datetime | None
    portions: list[msgspec.Raw]
    marks: dict[str, tuple[str, ...]] = {}
    mark_rules: str = ""


def path_of(account: str, region: str, endpoint: str) -> Path:
    """The file of an account's events in a region.

    Args:
        endpoint: The endpoint for all services, "" for AWS's own: the demo has its own files.
    """
    name = hashlib.sha256("\0".join(("audit", account, region, endpoint)).encode()).hexdigest()
    return folder() / name[:24] / "audit.snapshot"


async def load(feed: AuditFeed, path: Path) -> None:
    """Fill a feed with what was saved; nothing if nothing was. Other work runs in between.

    Raises:
        DamagedSnapshot: The file is not valid.
    """
    try:
        data = await asyncio.to_thread(read_regular, path, MAX_FILE_BYTES)
        saved = msgspec.msgpack.decode(data, type=_Saved)
    except FileNotFoundError:
        return
    except OSError as error:
        raise DamagedSnapshot(f"Ignoring cached audit events {path}: {error}.") from error
    except msgspec.DecodeError as error:
        raise _damaged(path) from error
    if saved.version != VERSION:
        return
    if (saved.account, saved.region) != (feed.account, feed.region):
        raise _damaged(path)
    decoder = msgspec.msgpack.Decoder(list[AuditEvent])
    known: dict[Principal, Principal] = {}
    events: list[AuditEvent] = []
    for portion in saved.portions:
        try:
            found = decoder.decode(portion)
        except msgspec.DecodeError as error:
            raise _damaged(path) from error
        events += (_shared(event, known) for event in found)
        await asyncio.sleep(0)
    feed.restore(
        events, saved.read, saved.automatic, saved.services, saved.floor, saved.marks,
        saved.mark_rules,
    )  # fmt: skip


def _shared(event: AuditEvent, known: dict[Principal, Principal]) -> AuditEvent:
    """The event with the same object for the same caller: thousands have one of a few."""
    who = known.setdefault(event.who, event.who)
    return event if who is event.who else replace(event, who=who)


async def save(feed: AuditFeed, path: Path, now: datetime) -> None:
    """Write a feed's events atomically (mode 0600), as far as the largest file allows.

    Raises:
        OSError: The file cannot be written.
    """
    since = now - KEPT_DAYS
    events = [each for each in feed.events.values() if each.at is None or each.at >= since]
    saved = _Saved(
        VERSION, feed.account, feed.region, wall_clock.now(),
        {name: list(spans) for name, spans in feed.read.items()},
        dict(feed.automatic), dict(feed.services), feed.floor, [],
        dict(feed.marks(feed.mark_rules)), feed.mark_rules,
    )  # fmt: skip
    await asyncio.to_thread(_write, saved, events, path)


def _write(saved: _Saved, events: Sequence[AuditEvent], path: Path) -> None:
    encoder, size = msgspec.msgpack.Encoder(), 0
    for start in range(0, len(events), PORTION_EVENTS):
        portion = encoder.encode(events[start : start + PORTION_EVENTS])
        size += len(portion)
        saved.portions.append(msgspec.Raw(portion))
    data = encoder.encode(saved)
    if len(data) <= MAX_FILE_BYTES:
        write_private(path, data)
        bound()


def _damaged(path: Path) -> DamagedSnapshot:
    return DamagedSnapshot(
        f"Ignoring cached audit events {path.parent.name}: the file is corrupt.",
        "Run ecs-tui cache clear to remove all snapshots.",
    )
