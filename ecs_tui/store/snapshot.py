"""Snapshots on disk: shown at the start, before AWS has answered.

Each connection has a folder, with one file for its clusters and one for the objects of each cluster.
A file is a sequence of frames (`store/frames.py`), each a MessagePack map, so that ten thousand tasks
are read and written in portions. The first frame is a `Head`, each other one has some objects of one
kind (`store/kinds.py`). Model objects contain no environment values and no tokens; the
messages of events are not saved.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import GenericAlias
from typing import Any, Generic

import msgspec

from ecs_tui.errors import EcsTuiError
from ecs_tui.record import dataclass
from ecs_tui.store.frames import IncompleteFrame, read_frames, write_frames
from ecs_tui.store.kinds import SAVED
from ecs_tui.store.source import ItemT, Source

VERSION = 2
"""The format of the files. Files of another version are ignored, and replaced at the next save."""
MAX_FILE_BYTES = 48 * 2**20
"""Maximum bytes of a file; a larger cluster is not saved."""
MAX_TOTAL_BYTES = 128 * 2**20
"""Maximum bytes of all snapshots together; the oldest are removed first."""
_PORTION_OBJECTS = 250


class DamagedSnapshot(EcsTuiError):
    """A file in the cache is not a valid snapshot of this version; it is ignored."""


class Head(msgspec.Struct):
    """The first frame. `saved_at`: seconds since the epoch."""

    version: int
    cluster: str
    saved_at: float


class _Portion(msgspec.Struct, forbid_unknown_fields=True):
    """Another frame: some objects, whose class is known by the name of their kind."""

    kind: str
    items: msgspec.Raw


@dataclass(frozen=True, slots=True)
class SavedObjects(Generic[ItemT]):
    """Some objects of one kind."""

    kind: Source[ItemT]
    items: Sequence[ItemT]


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

    def read(self, cluster: str) -> tuple[float, Iterator[SavedObjects]] | None:
        """(time of saving in seconds since the epoch, portions), or None if there is no snapshot.

        A snapshot of another version of the format is none.

        Raises:
            DamagedSnapshot: The file is not valid; may be raised while iterating.
        """
        path = self.path(cluster)
        try:
            frames = read_frames(path, MAX_FILE_BYTES)
            head = msgspec.msgpack.decode(next(frames, b""), type=Head)
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno == errno.EFBIG:
                what = f"Ignoring cached snapshot {path}: too large."
                raise DamagedSnapshot(what) from error
            raise DamagedSnapshot(f"Ignoring cached snapshot {path}: {error}.") from error
        except (msgspec.DecodeError, IncompleteFrame) as error:
            raise _damaged(path) from error
        if head.version != VERSION:
            return None
        if head.cluster != cluster or head.saved_at > time.time() + 60:
            raise _damaged(path)
        return head.saved_at, _objects(path, frames)

    def write(self, cluster: str, what: Iterable[SavedObjects]) -> None:
        """Write a snapshot atomically (mode 0600).

        Raises:
            OSError: It cannot be written.
        """
        if write_frames(self.path(cluster), _encoded(cluster, what), MAX_FILE_BYTES):
            bound()


def _encoded(cluster: str, what: Iterable[SavedObjects]) -> Iterator[bytes]:
    encoder = msgspec.msgpack.Encoder()
    yield encoder.encode(Head(VERSION, cluster, time.time()))
    for each in what:
        for start in range(0, len(each.items), _PORTION_OBJECTS):
            some = each.items[start : start + _PORTION_OBJECTS]
            raw = encoder.encode([each.kind.saved(item) for item in some])
            yield encoder.encode(_Portion(each.kind.name, msgspec.Raw(raw)))


async def portions(parts: Iterator[SavedObjects]) -> list[SavedObjects]:
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


def _objects(path: Path, frames: Iterator[bytes]) -> Iterator[SavedObjects]:
    decoder = msgspec.msgpack.Decoder(_Portion)
    of_kind: Mapping[str, msgspec.msgpack.Decoder[Any]] = {
        name: msgspec.msgpack.Decoder(GenericAlias(list, (kind.model,)))
        for name, kind in SAVED.items()
    }
    try:
        for frame in frames:
            portion = decoder.decode(frame)
            yield SavedObjects(SAVED[portion.kind], of_kind[portion.kind].decode(portion.items))
    except (OSError, IncompleteFrame, msgspec.DecodeError, KeyError) as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> DamagedSnapshot:
    return DamagedSnapshot(
        f"Ignoring cached snapshot {path.name}: it is corrupt.",
        "Run ecs-tui cache clear to remove all snapshots.",
    )


def bound() -> None:
    """Remove the oldest snapshots if all together are too large."""
    files = sorted(_files(), key=lambda item: item[1].st_mtime, reverse=True)
    total = 0
    for path, status in files:
        total += status.st_size
        if total > MAX_TOTAL_BYTES:
            path.unlink(missing_ok=True)
