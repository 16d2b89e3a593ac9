"""Files of frames: what is written is read, and a damaged file costs neither memory nor an odd error."""

from __future__ import annotations

import errno
import os
import stat
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecs_tui.store.frames import IncompleteFrame, read_frames, write_frames

LIMIT = 1000


@pytest.mark.parametrize("bodies", [[], [b""], [b"a"], [b"a", b"", b"bc" * 100]])
def test_what_was_written_is_read(tmp_path: Path, bodies: list[bytes]) -> None:
    path = tmp_path / "file"
    assert write_frames(path, bodies, LIMIT)
    assert list(read_frames(path, LIMIT)) == bodies
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("kept", range(1, 14))
def test_a_file_that_was_cut_says_so(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "file"
    write_frames(path, [b"abc", b"defg"], LIMIT)
    path.write_bytes(path.read_bytes()[:kept])
    if kept == 7:  # after the first frame
        assert list(read_frames(path, LIMIT)) == [b"abc"]
        return
    with pytest.raises(IncompleteFrame):
        list(read_frames(path, LIMIT))


def test_a_damaged_length_takes_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"\xff\xff\xff\xffabc")
    tracemalloc.start()
    try:
        with pytest.raises(IncompleteFrame):
            list(read_frames(path, LIMIT))
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


def test_too_many_bytes_are_neither_written_nor_read(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_frames(path, [b"old"], LIMIT)
    assert not write_frames(path, [b"x" * 500, b"x" * 500], LIMIT)
    assert list(read_frames(path, LIMIT)) == [b"old"]
    path.write_bytes(bytes(LIMIT + 1))
    with pytest.raises(OSError, match=os.strerror(errno.EFBIG)):
        list(read_frames(path, LIMIT))


def test_bodies_are_written_one_by_one(tmp_path: Path) -> None:
    def bodies() -> Iterator[bytes]:
        for number in range(100):
            yield bytes([number]) * 100_000

    path = tmp_path / "file"
    tracemalloc.start()
    try:
        assert write_frames(path, bodies(), 2**24)
        assert sum(len(body) for body in read_frames(path, 2**24)) == 10_000_000
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


def test_what_bodies_raise_leaves_the_old_file(tmp_path: Path) -> None:
    def bodies() -> Iterator[bytes]:
        yield b"new"
        raise ValueError("no more")

    path = tmp_path / "file"
    write_frames(path, [b"old"], LIMIT)
    with pytest.raises(ValueError, match="no more"):
        write_frames(path, bodies(), LIMIT)
    assert list(read_frames(path, LIMIT)) == [b"old"]
    assert os.listdir(tmp_path) == ["file"]


def test_a_pipe_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="regular"):
        list(read_frames(tmp_path / "pipe", LIMIT))
