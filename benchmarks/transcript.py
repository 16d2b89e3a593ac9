"""A transcript of 200 MB: seconds to the first screen, memory, and a jump to a mark far below.

`python -m benchmarks.transcript`; `--mib N` for a smaller one, whose numbers say nothing about the bars.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

from benchmarks.rows import Row, finish, limited
from ecs_tui.audit.marks import MarkRules
from ecs_tui.audit.reading import TranscriptPiece
from ecs_tui.audit.spool import SEGMENT_BYTES
from ecs_tui.terminal.renderer import Renderer
from ecs_tui.ui.pages.transcript.document import TranscriptDocument
from ecs_tui.ui.pages.transcript.rows import Position

MIB = 200
PIECE_LINES = 1_000


def resident_mib() -> float:
    """This process's resident memory, in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


async def pieces(mib: int) -> AsyncIterator[TranscriptPiece]:
    """Coloured lines, and a dump in the last of them."""
    number = size = 0
    while size < mib << 20:
        lines: list[bytes] = []
        while len(lines) < PIECE_LINES:
            lines.append(b"\x1b[32m%09d\x1b[0m a line of a log with some words in it\r\n" % number)
            number += 1
        data = b"".join(lines)
        size += len(data)
        yield TranscriptPiece(data)
    yield TranscriptPiece(b"[orders/app 1234567] # pg_dump orders > /tmp/x.sql\r\n")


async def measure(mib: int) -> tuple[float, float, float, float]:
    """(seconds to the first screen, seconds to read all, MiB, seconds to the mark)."""
    renderer, before = Renderer("auto"), resident_mib()
    arrived = asyncio.Event()
    began = time.perf_counter()
    renderer.warm()
    document = TranscriptDocument(renderer, MarkRules(), 100, arrived.set)
    reading = asyncio.create_task(document.load(pieces(mib)))
    await arrived.wait()
    await document.rendered(0)
    first = time.perf_counter() - began
    most = 0.0
    while not reading.done():
        await asyncio.wait({reading}, timeout=0.5)
        most = max(most, resident_mib() - before)
    await reading
    whole = time.perf_counter() - began
    began = time.perf_counter()
    found = await document.find(
        lambda line: "pg_dump" in line, lambda row: "pg_dump" in row.text, Position(0, 0),
        forward=True, progress=lambda _: None,
    )  # fmt: skip
    assert found is not None and found.segment > (mib << 20) // SEGMENT_BYTES // 4
    jump = time.perf_counter() - began
    most = max(most, resident_mib() - before)
    document.close()
    renderer.close()
    return first, whole, most, jump


def main() -> None:
    """Measure, and print the rows."""
    mib = int(sys.argv[sys.argv.index("--mib") + 1]) if "--mib" in sys.argv else MIB
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", "/var/tmp")) as folder:
        os.environ["XDG_STATE_HOME"] = folder
        first, whole, memory, jump = asyncio.run(measure(mib))
    finish(
        [
            limited(f"{mib} MB: first screen", first, "s", 1.0),
            limited(f"{mib} MB: memory above the start's", memory, "MiB", 80.0),
            Row(f"{mib} MB: all read, marks counted", whole, "s"),
            Row(f"{mib} MB: jump to a hit at the end", jump, "s"),
        ]
    )


if __name__ == "__main__":
    main()
