"""Threads allocate from one heap, where glibc would give each its own."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

from ecs_tui.system.heap import use_one_heap

PROGRAM = """
import re, sys, threading
from ecs_tui.system.heap import use_one_heap

if "one" in sys.argv:
    assert use_one_heap()
kept, end = [], threading.Event()

def allocate():
    kept.append([bytes(1000 + n) for n in range(200)])
    end.wait()

threads = [threading.Thread(target=allocate) for _ in range(4)]
for each in threads:
    each.start()
while len(kept) < len(threads):
    pass
# A heap of a thread is 64 MiB of addresses, of which the first part may be written.
heaps = 0
with open("/proc/self/maps") as maps:
    spans = [(*[int(n, 16) for n in re.match("(.*?)-(.*?) ", line).groups()], line) for line in maps]
for (start, middle, first), (after, stop, second) in zip(spans, spans[1:]):
    anonymous = first.rstrip().endswith(" 0") and second.rstrip().endswith(" 0")
    if middle == after and stop - start == 64 << 20 and anonymous and "---p" in second:
        heaps += 1
end.set()
print(heaps)
"""


def heaps(*words: str) -> int:
    """The heaps of threads in a process that starts four."""
    argv = [sys.executable, "-c", PROGRAM, *words]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=True)
    return int(done.stdout)


GLIBC = platform.libc_ver()[0] == "glibc"


def test_elsewhere_it_says_that_it_does_not_work() -> None:
    assert use_one_heap() is GLIBC


@pytest.mark.skipif(not GLIBC, reason="only glibc has heaps of threads")
def test_threads_have_heaps_of_their_own_unless_told_otherwise() -> None:
    assert heaps() >= 2
    assert heaps("one") == 0
