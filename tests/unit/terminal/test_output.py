"""The thread that writes to the terminal: what is dropped when the process was stopped."""

from __future__ import annotations

import os
import select
from collections.abc import Iterator

import pytest

from ecs_tui.terminal.output import OutputQueue

LARGE = b"x" * 300_000
"""More than a pipe takes at once."""


@pytest.fixture
def ends() -> Iterator[tuple[int, int]]:
    """A pipe: (what is read from, what is written to)."""
    read, write = os.pipe()
    os.set_blocking(write, False)  # what does not fit waits here, not in the kernel
    yield read, write
    os.close(read)
    os.close(write)


def everything(descriptor: int) -> bytes:
    """What can be read until nothing comes for a second."""
    found = bytearray()
    while select.select([descriptor], [], [], 1.0)[0]:
        found += os.read(descriptor, 65_536)
    return bytes(found)


def test_what_was_queued_before_is_dropped_and_what_comes_later_is_written(
    ends: tuple[int, int],
) -> None:
    read, write = ends
    queue = OutputQueue(write, lambda: None, lambda: None)
    queue.start()
    queue.write(LARGE)
    assert select.select([read], [], [], 20)[0], "a part of it is written"
    queue.write(b"old")
    queue.drop_old()
    queue.write(b"new")
    found = everything(read)
    assert found.strip(b"x") == b"new"
    assert len(found) < len(LARGE), "the rest of what was being written is dropped as well"
    assert queue.close(20)


def test_without_it_everything_is_written_in_order(ends: tuple[int, int]) -> None:
    read, write = ends
    queue = OutputQueue(write, lambda: None, lambda: None)
    queue.start()
    for part in (LARGE, b"one", b"two"):
        queue.write(part)
    assert everything(read) == LARGE + b"onetwo"
    assert queue.close(20)
