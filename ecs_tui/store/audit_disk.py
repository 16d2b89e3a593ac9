"""Snapshots of audit feeds: files like those of `snapshot.py`, in its folder and within its bounds.

The first frame is a `_Head`, each other one a list of events.
They have no tokens and no values of environment variables, because events have none
(`aws/parse/cloudtrail.py`); commands of ExecuteCommand are in them as CloudTrail recorded them. Of
transcripts they have the names of marks only.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from ecs_tui.model.audit_event import AuditEvent, Principal
from ecs_tui.store.audit_feed import AuditFeed, ReadSpan
from ecs_tui.store.frames import IncompleteFrame, read_frames, write_frames
from ecs_tui.store.snapshot import MAX_FILE_BYTES, DamagedSnapshot, bound, folder
from ecs_tui.system import wall_clock

VERSION = 2
"""The format of the files. Files of another version are ignored, and replaced at the next save."""
PORTION_EVENTS = 250
"""Events of a frame: decoded before other work gets its turn."""
KEPT_DAYS = timedelta(days=120)
"""Events that are older are not saved. LookupEvents reaches back 90 days."""


class _Head(msgspec.Struct):
    """The first frame. `saved_at`: seconds since the epoch."""

    version: int
    account: str
    region: str
    saved_at: float
    read: dict[str, list[ReadSpan]]
    automatic: dict[str, int]
    services: dict[str, str]
    floor: datetime | None
    marks: dict[str, tuple[str, ...]] = {}
    mark_rules: str = ""


def path_of(account: str, region: str, endpoint: str) -> Path:
    """The file of an account's events in a region.

    Args:
        endpoint: The place of the endpoint for all services, "" for AWS's own: the demo has its own files.
    """
    name = hashlib.sha256("\0".join(("audit", account, region, endpoint)).encode()).hexdigest()
    return folder() / name[:24] / "audit.snapshot"


async def load(feed: AuditFeed, path: Path) -> None:
    """Fill a feed with what was saved; nothing if nothing was. Other work runs in between.

    Raises:
        DamagedSnapshot: The file is not valid.
    """
    frames = read_frames(path, MAX_FILE_BYTES)
    try:
        head = msgspec.msgpack.decode(next(frames, b""), type=_Head)
        if head.version != VERSION:
            return
        if (head.account, head.region) != (feed.account, feed.region):
            raise _damaged(path)
        decoder = msgspec.msgpack.Decoder(list[AuditEvent])
        known: dict[Principal, Principal] = {}
        events: list[AuditEvent] = []
        for frame in frames:
            events += (_shared(event, known) for event in decoder.decode(frame))
            await asyncio.sleep(0)
    except FileNotFoundError:
        return
    except OSError as error:
        raise DamagedSnapshot(f"Ignoring cached audit events {path}: {error}.") from error
    except (IncompleteFrame, msgspec.DecodeError) as error:
        raise _damaged(path) from error
    finally:
        frames.close()
    feed.restore(
        events, head.read, head.automatic, head.services, head.floor, head.marks, head.mark_rules
    )


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
    head = _Head(
        VERSION, feed.account, feed.region, wall_clock.now(),
        {name: list(spans) for name, spans in feed.read.items()},
        dict(feed.automatic), dict(feed.services), feed.floor,
        dict(feed.marks(feed.mark_rules)), feed.mark_rules,
    )  # fmt: skip
    if await asyncio.to_thread(write_frames, path, _encoded(head, events), MAX_FILE_BYTES):
        await asyncio.to_thread(bound)


def _encoded(head: _Head, events: Sequence[AuditEvent]) -> Iterator[bytes]:
    encoder = msgspec.msgpack.Encoder()
    yield encoder.encode(head)
    for start in range(0, len(events), PORTION_EVENTS):
        yield encoder.encode(events[start : start + PORTION_EVENTS])


def _damaged(path: Path) -> DamagedSnapshot:
    return DamagedSnapshot(
        f"Ignoring cached audit events {path.parent.name}: the file is corrupt.",
        "Run ecs-tui cache clear to remove all snapshots.",
    )
