"""What a restarted worker gets again: the end of a session's output."""

from __future__ import annotations

from collections import deque

JOINED = 4096
"""Bytes up to which short pieces are joined: a line of output costs its bytes, not an object."""


class Replay:
    """The last `limit` bytes of output, give or take a piece."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._pieces: deque[bytes] = deque()
        self._size = 0

    def __bytes__(self) -> bytes:
        return b"".join(self._pieces)

    @property
    def pieces(self) -> int:
        """How many objects hold it."""
        return len(self._pieces)

    def add(self, data: bytes) -> None:
        """More output; the oldest goes."""
        if self._pieces and len(self._pieces[-1]) + len(data) <= JOINED:
            self._pieces[-1] += data
        else:
            self._pieces.append(data)
        self._size += len(data)
        while self._size > self._limit:
            self._size -= len(self._pieces.popleft())

    def clear(self) -> None:
        """Forget it."""
        self._pieces.clear()
        self._size = 0
