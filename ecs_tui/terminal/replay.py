"""The end of a session's output, which is replayed to a restarted worker."""

from __future__ import annotations

import time
import zlib
from collections import deque
from collections.abc import Callable

BLOCK_BYTES = 64 * 1024
"""Bytes kept in one object, so that short pieces of output add no overhead."""
SLOW_BLOCK_SECONDS = 1.0
"""A block is compressed if it took at least this time to fill: floods are not slowed down."""


class Replay:
    """The last `limit` bytes of output, to the nearest block.

    Args:
        limit: Bytes to keep.
        clock: Seconds, monotonic.
    """

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._clock = limit, clock
        self._blocks: deque[tuple[int, bytes]] = deque()
        """Length and content; the content is compressed where it is shorter than the length."""
        self._open = bytearray()
        self._began = clock()
        self._size = 0

    def __bytes__(self) -> bytes:
        blocks = (
            zlib.decompress(block) if len(block) < length else block
            for length, block in self._blocks
        )
        return b"".join([*blocks, self._open])

    @property
    def held(self) -> int:
        """Approximate bytes of memory in use."""
        return sum(len(block) for _, block in self._blocks) + len(self._open)

    def add(self, data: bytes) -> None:
        """Add output; the oldest blocks are dropped."""
        self._open += data
        self._size += len(data)
        if len(self._open) >= BLOCK_BYTES:
            self._seal()
        while self._size > self._limit and self._blocks:
            self._size -= self._blocks.popleft()[0]

    def _seal(self) -> None:
        block, now = bytes(self._open), self._clock()
        self._open.clear()
        kept = zlib.compress(block, 1) if now - self._began >= SLOW_BLOCK_SECONDS else block
        self._began = now
        self._blocks.append((len(block), min(block, kept, key=len)))

    def clear(self) -> None:
        """Drop all output."""
        self._blocks.clear()
        self._open.clear()
        self._size = 0
