"""Hostile output and resizes through link and worker: deaths, slow pieces, and small files of them.

    python -m benchmarks.fuzz_terminal --seconds N --seed N [--out FOLDER]

Exit status 1 only if the app's side failed: an exception, a hang, or a screen that is not cells.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import random
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from ecs_tui.terminal.link import Link

Op = tuple[str, bytes | tuple[int, int]]
_FINALS = b"ABCDEFGHJKLMPSTXZ@`abcdefghlmnpqrstux"
SLOW = 0.25


def piece(rng: random.Random) -> bytes:
    """A piece of structured hostile output."""
    parts: list[bytes] = []
    for _ in range(rng.randint(5, 200)):
        kind = rng.randrange(10)
        if kind < 4:
            numbers = ";".join(
                str(rng.choice([0, 1, 2, 7, 25, 80, 999, 65535, 2**31]))
                for _ in range(rng.randrange(4))
            )
            lead = rng.choice(["", "?", ">", "="])
            parts.append(f"\x1b[{lead}{numbers}".encode() + bytes([rng.choice(_FINALS)]))
        elif kind == 4:
            mode = rng.choice([1, 3, 6, 7, 40, 47, 69, 1047, 1049, 2004, 2026, 2027])
            parts.append(f"\x1b[?{mode}{rng.choice('hl')}".encode())
        elif kind == 5:
            parts.append(
                b"\x1b]"
                + rng.choice([b"0", b"8;;http://x", b"52;c;aGk=", b"4;1;?", b"133;A"])
                + rng.choice([b"\x07", b"\x1b\\", b""])
            )
        elif kind == 6:
            parts.append(b"\x1b_G" + rng.randbytes(rng.randrange(60)) + b"\x1b\\")
        elif kind == 7:
            parts.append(
                rng.choice(["漢字", "e\u0301\u0302", "👩‍👩‍👧", "\u202e", "🇩🇪"]).encode()
                * rng.randint(1, 40)
            )
        elif kind == 8:
            parts.append(rng.randbytes(rng.randrange(80)))
        else:
            parts.append(
                b"text " * rng.randint(1, 60) + rng.choice([b"\r\n", b"\n", b"\x1bM", b"\x1bD"])
            )
    return b"".join(parts)


@dataclass
class FuzzReport:
    """What a run met."""

    pieces: int = 0
    size: int = 0
    deaths: list[list[Op]] = field(default_factory=list)
    slow: list[tuple[float, int]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def make_link(engine: str) -> Link:
    """A link that answers nothing."""
    return Link(
        engine, 80, 24, 500, on_frame=lambda rows: None, on_reply=lambda data: None,
        on_flow=lambda hold: None, on_redraw=lambda: None, on_notice=lambda words: None,
    )  # fmt: skip


def check(link: Link, report: FuzzReport) -> None:
    """The app's side of the bargain: rows of the agreed width."""
    picture = link.picture
    for y, row in enumerate(picture.lines):
        if sum(run.width for run in row) > picture.columns:
            report.failures.append(f"row {y} is wider than {picture.columns} cells")
            return


async def apply(link: Link, ops: list[Op]) -> float:
    """Run operations and wait until all is processed; returns the seconds it took."""
    started = time.monotonic()
    for kind, value in ops:
        if kind == "feed":
            assert isinstance(value, bytes)
            link.feed(value)
        else:
            assert isinstance(value, tuple)
            link.resize(*value)
    while link._behind and time.monotonic() - started < 20:  # noqa: ASYNC110 - polls on purpose
        await asyncio.sleep(0.002)
    return time.monotonic() - started


async def kills(ops: list[Op]) -> bool:
    """Whether a fresh worker dies of these operations."""
    link = make_link("ghostty")
    link.start()
    try:
        await apply(link, ops)
        return link.restarts > 0
    finally:
        link.close()


async def shrink(ops: list[Op]) -> list[Op]:
    """Fewer operations that still kill: halves are left out while that works (at most 40 tries)."""
    tries, chunk = 0, max(1, len(ops) // 2)
    while chunk and tries < 40:
        at = 0
        while at < len(ops) and tries < 40:
            candidate = ops[:at] + ops[at + chunk :]
            tries += 1
            if candidate and await kills(candidate):
                ops = candidate
            else:
                at += chunk
        chunk //= 2
    return ops


async def run(seconds: float, seed: int) -> FuzzReport:
    """Fuzz for that long."""
    rng = random.Random(seed)
    report = FuzzReport()
    link = make_link("auto")
    link.start()
    recent: list[Op] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        ops: list[Op] = [("feed", piece(rng))]
        if rng.random() < 0.3:
            ops.append(("resize", (rng.choice([1, 2, 5, 40, 80, 200]), rng.choice([1, 2, 24, 60]))))
        recent = (recent + ops)[-60:]
        before = link.restarts
        took = await apply(link, ops)
        report.pieces += 1
        report.size += sum(len(v) for k, v in ops if k == "feed" and isinstance(v, bytes))
        if took > SLOW and link.restarts == before:
            report.slow.append((took, report.pieces))
        if link._behind:
            report.failures.append(f"hung at piece {report.pieces}")
            break
        if link.restarts > before:
            report.deaths.append(list(recent))
            recent = []
            link.close()
            link = make_link("auto")
            link.start()
        check(link, report)
    link.resize(80, 24)
    link.feed(b"\x18\x1bc\x1b[?2026lALIVE")  # CAN ends whatever sequence is open
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if any("ALIVE" in "".join(r.text for r in row) for row in link.picture.lines):
            break
        await asyncio.sleep(0.01)
    else:
        report.failures.append("the terminal does not show text after the run")
    link.close()
    return report


def save(folder: Path, number: int, ops: list[Op]) -> Path:
    """Write a deadly sequence as a list of feeds and resizes."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"death-{number}.json"
    rows = [
        ["feed", base64.b64encode(value).decode()]
        if isinstance(value, bytes)
        else ["resize", value[0], value[1]]
        for _, value in ops
    ]
    path.write_text(json.dumps(rows))
    return path


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("fuzz-out"))
    args = parser.parse_args()
    report = asyncio.run(run(args.seconds, args.seed))
    print(f"{report.pieces} pieces, {report.size / 1e6:.1f} MB, {len(report.deaths)} deaths, "
          f"{len(report.slow)} slow pieces")  # fmt: skip
    for number, ops in enumerate(report.deaths):
        small = asyncio.run(shrink(ops))
        print(f"death {number}: {len(ops)} operations, shrunk to {len(small)}:",
              save(args.out, number, small))  # fmt: skip
    for took, at in report.slow[:5]:
        print(f"slow: piece {at} took {took:.2f} s")
    for failure in report.failures:
        print(f"FAILED: {failure}")
    sys.exit(1 if report.failures else 0)


if __name__ == "__main__":
    main()
