"""What a restarted worker gets again: the end of a session's output."""

from __future__ import annotations

import time
import zlib
from collections import deque
from collections.abc import Callable

BLOCK = 64 * 1024
"""Bytes that are kept as one object: a line of output costs its bytes, and no more."""
SLOWLY = 1.0
"""Seconds for a block from which on it is compressed: a flood passes without that work."""


class Replay:
    """The last `limit` bytes of output, give or take a block.

    Args:
        limit: Bytes.
        clock: Seconds.
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
        """Bytes of memory that it takes, about."""
        return sum(len(block) for _, block in self._blocks) + len(self._open)

    def add(self, data: bytes) -> None:
        """More output; the oldest goes."""
        self._open += data
        self._size += len(data)
        if len(self._open) >= BLOCK:
            self._seal()
        while self._size > self._limit and self._blocks:
            self._size -= self._blocks.popleft()[0]

    def _seal(self) -> None:
        block, now = bytes(self._open), self._clock()
        self._open.clear()
        kept = zlib.compress(block, 1) if now - self._began >= SLOWLY else block
        self._began = now
        self._blocks.append((len(block), min(block, kept, key=len)))

    def clear(self) -> None:
        """Forget it."""
        self._blocks.clear()
        self._open.clear()
        self._size = 0
