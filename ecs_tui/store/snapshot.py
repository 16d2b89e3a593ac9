"""Snapshots on disk: shown at the start, before AWS has answered.

Each connection has a folder, with one file for its clusters and one for the services and tasks of
each cluster. A file is a sequence of frames, each a length (4 bytes, big-endian) and a MessagePack
map, so that ten thousand tasks are read and written in portions. Model objects contain no
environment values and no tokens; the messages of events are not saved.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import shutil
import struct
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from ecs_tui.errors import EcsTuiError
from ecs_tui.model.cluster import Cluster
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task
from ecs_tui.system.atomic_file import read_regular, write_private

VERSION = 1
MAX_FILE_BYTES = 48 * 2**20
"""Maximum bytes of a file; a larger cluster is not saved."""
MAX_TOTAL_BYTES = 128 * 2**20
"""Maximum bytes of all snapshots together; the oldest are removed first."""
_PORTION_OBJECTS = 250
_LENGTH = struct.Struct(">I")


class DamagedSnapshot(EcsTuiError):
    """A file in the cache is not a valid snapshot of this version; it is ignored."""


class Head(msgspec.Struct, forbid_unknown_fields=True):
    """The first frame. `saved_at`: seconds since the epoch."""

    version: int
    cluster: str
    saved_at: float


class Part(msgspec.Struct, forbid_unknown_fields=True):
    """A portion of the objects."""

    clusters: list[Cluster] = []
    services: list[Service] = []
    tasks: list[Task] = []


def folder() -> Path:
    """The folder of the snapshots (XDG cache)."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("ecs-tui")) / "snapshots"


def size() -> tuple[int, int]:
    """(files, bytes) of all snapshots."""
    files = _files()
    return len(files), sum(status.st_size for _, status in files)


def clear() -> tuple[int, int]:
    """Remove all snapshots; returns the removed (files, bytes).

    Raises:
        EcsTuiError: The folder cannot be removed.
    """
    gone = size()
    try:
        shutil.rmtree(folder())
    except FileNotFoundError:
        pass
    except OSError as error:
        raise EcsTuiError(f"Cannot remove the snapshots in {folder()}: {error}.") from error
    return gone


def _files() -> list[tuple[Path, os.stat_result]]:
    found = []
    for path in folder().glob("*/*.snapshot"):
        try:
            found.append((path, path.stat()))
        except FileNotFoundError:
            continue  # another process has just removed it
    return found


class SnapshotCache:
    """The snapshots of one connection.

    Args:
        profile, region, endpoint: As given, None for those of the environment. The account is
            unknown until AWS has answered; the reader then compares ARNs.
    """

    def __init__(self, profile: str | None, region: str | None, endpoint: str | None) -> None:
        env = os.environ
        parts = (
            profile or env.get("AWS_PROFILE", ""),
            "" if profile else env.get("AWS_ACCESS_KEY_ID", ""),
            region or env.get("AWS_REGION") or env.get("AWS_DEFAULT_REGION", ""),
            endpoint or env.get("AWS_ENDPOINT_URL", ""),
        )
        self._folder = folder() / _digest("\0".join(parts))

    def path(self, cluster: str) -> Path:
        """The file of a cluster ("": of the cluster list)."""
        return self._folder / f"{_digest(cluster) if cluster else 'clusters'}.snapshot"

    def read(self, cluster: str) -> tuple[float, Iterator[Part]] | None:
        """(time of saving in seconds since the epoch, portions), or None if there is no snapshot.

        Raises:
            DamagedSnapshot: The file is not valid; may be raised while iterating.
        """
        path = self.path(cluster)
        try:
            frames = _frames(path, read_regular(path, MAX_FILE_BYTES))
            head = msgspec.msgpack.decode(next(frames, b""), type=Head)
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno == errno.EFBIG:
                what = f"Ignoring cached snapshot {path}: too large."
                raise DamagedSnapshot(what) from error
            raise DamagedSnapshot(f"Ignoring cached snapshot {path}: {error}.") from error
        except msgspec.DecodeError as error:
            raise _damaged(path) from error
        if head.version != VERSION or head.cluster != cluster or head.saved_at > time.time() + 60:
            raise _damaged(path)
        return head.saved_at, _parts(path, frames)

    def write(self, cluster: str, what: Part) -> None:
        """Write a snapshot atomically (mode 0600).

        Raises:
            OSError: It cannot be written.
        """
        encoder = msgspec.msgpack.Encoder()
        data = bytearray()

        def frame(value: Any) -> None:
            body = encoder.encode(value)
            data.extend(_LENGTH.pack(len(body)))
            data.extend(body)

        frame(Head(VERSION, cluster, time.time()))
        frame(Part(clusters=what.clusters))
        for start in range(0, len(what.services), _PORTION_OBJECTS):
            some = what.services[start : start + _PORTION_OBJECTS]
            frame(Part(services=[replace(item, events=()) for item in some]))
        for start in range(0, len(what.tasks), _PORTION_OBJECTS):
            frame(Part(tasks=what.tasks[start : start + _PORTION_OBJECTS]))
        if len(data) <= MAX_FILE_BYTES:
            write_private(self.path(cluster), bytes(data))
            _bound()


async def portions(parts: Iterator[Part]) -> list[Part]:
    """All portions; lets the event loop run between them.

    Raises:
        DamagedSnapshot: See `SnapshotCache.read`.
    """
    found = []
    for part in parts:
        found.append(part)
        await asyncio.sleep(0)
    return found


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _frames(path: Path, data: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        end = at + _LENGTH.size
        length = _LENGTH.unpack(data[at:end])[0] if end <= len(data) else len(data)
        if end + length > len(data):
            raise _damaged(path)
        yield data[end : end + length]
        at = end + length


def _parts(path: Path, frames: Iterator[bytes]) -> Iterator[Part]:
    decoder = msgspec.msgpack.Decoder(Part)
    for frame in frames:
        try:
            yield decoder.decode(frame)
        except msgspec.DecodeError as error:
            raise _damaged(path) from error


def _damaged(path: Path) -> DamagedSnapshot:
    return DamagedSnapshot(
        f"Ignoring cached snapshot {path.name}: corrupt or from another version.",
        "Run ecs-tui cache clear to remove all snapshots.",
    )


def _bound() -> None:
    """Remove the oldest snapshots if all together are too large."""
    files = sorted(_files(), key=lambda item: item[1].st_mtime, reverse=True)
    total = 0
    for path, status in files:
        total += status.st_size
        if total > MAX_TOTAL_BYTES:
            path.unlink(missing_ok=True)
