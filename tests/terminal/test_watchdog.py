"""A worker that hangs is told from one that waits for the processor; late answers are dropped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from ecs_tui.terminal.link import Link
from ecs_tui.terminal.watchdog import (
    MAX_BUSY_SECONDS,
    MAX_SILENT_SECONDS,
    MAX_UNMEASURED_SECONDS,
    Usage,
    Watchdog,
    usage,
)
from tests.support.limits import until

Story = list[tuple[float, Usage | None, bool]]
"""(seconds since the last answer, what it has used, whether it hangs)"""


def busy(seconds: float, state: str = "R") -> Usage:
    return Usage(state, 100 + seconds)


@pytest.mark.parametrize(
    "story",
    [
        [(0, busy(0), False), (1.9, busy(1.9), False), (2.1, busy(2.1), True)],
        [
            (0, busy(0), False),
            (2.5, busy(0.1), False),
            (20, busy(1.9), False),
            (21, busy(2.1), True),
        ],
        [(0, busy(0), False), (29, busy(0.1, "S"), False), (31, busy(0.1, "S"), True)],
        [(0, busy(0), False), (29, busy(0.1, "D"), False), (31, busy(0.1, "D"), True)],
        [(0, busy(0), False), (1.9, busy(0, "T"), False), (2.1, busy(0, "T"), True)],
        [(0, busy(0), False), (2.1, busy(0, "t"), True)],
        [(0, busy(0), False), (2.1, busy(0, "Z"), True)],
        [(0, None, False), (4.9, None, False), (5.1, None, True)],
    ],
    ids=["busy", "starved", "sleeps", "disk", "stopped", "traced", "dead", "unknown"],
)
def test_what_hangs(story: Story) -> None:
    now, used = 0.0, story[0][1]
    watchdog = Watchdog(lambda: used, lambda: now)
    watchdog.answered()
    for now, used, hangs in story:  # noqa: B007 - the watchdog looks at them
        assert watchdog.hangs() is hangs, now


def test_what_was_used_before_the_answer_does_not_count() -> None:
    now, used = 0.0, busy(0)
    watchdog = Watchdog(lambda: used, lambda: now)
    watchdog.hangs()
    now, used = 3.0, busy(1.5)
    assert not watchdog.hangs()
    watchdog.answered()
    now, used = 3.2, busy(1.6)
    assert not watchdog.hangs()
    now, used = 6.0, busy(3.5)
    assert not watchdog.hangs()
    now, used = 6.2, busy(3.7)
    assert watchdog.hangs()


def test_limits_are_as_documented() -> None:
    assert (MAX_BUSY_SECONDS, MAX_UNMEASURED_SECONDS, MAX_SILENT_SECONDS) == (2.0, 5.0, 30.0)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.asyncio
async def test_what_a_process_has_used() -> None:
    first = usage(os.getpid())
    assert first is not None and first.state == "R"
    script = "import sys\nsys.stdin.readline()\nwhile True: pass"
    child = subprocess.Popen(  # noqa: ASYNC220 - it starts at once
        [sys.executable, "-c", script], stdin=subprocess.PIPE
    )
    try:
        assert child.stdin is not None
        await until(lambda: usage(child.pid).state == "S", "it waits")  # type: ignore[union-attr]
        child.stdin.write(b"\n")
        child.stdin.flush()
        before = usage(child.pid)
        assert before is not None
        await until(lambda: usage(child.pid).seconds > before.seconds + 0.2, "it works")  # type: ignore[union-attr]
        child.send_signal(signal.SIGSTOP)
        await until(lambda: usage(child.pid).state == "T", "it is stopped")  # type: ignore[union-attr]
    finally:
        child.kill()
        child.wait()
    assert usage(child.pid) is None


@pytest.mark.asyncio
@pytest.mark.parametrize("number", [signal.SIGSTOP, signal.SIGKILL])
async def test_after_a_restart_nothing_is_answered_that_was_asked_before(number: int) -> None:
    replies: list[bytes] = []
    notices: list[str] = []
    bells: list[int] = []
    link = Link(
        "pyte", 80, 24, 100,
        on_frame=lambda rows: None,
        on_reply=replies.append,
        on_flow=lambda hold: None,
        on_redraw=lambda: None,
        on_notice=notices.append,
        on_bell=lambda: bells.append(1),
    )  # fmt: skip
    link.start()
    try:
        link.feed(b"first\x1b[6n")
        await until(lambda: replies, "the first answer")
        assert replies == [b"\x1b[1;6R"]
        replies.clear()
        os.kill(link.pid, signal.SIGSTOP)
        link.feed(b"deadly ")
        link.feed(b"x" * 40_000 + b"\r\nasked\x1b[6n\x07")
        link.feed(b"\x1b[c" + b"y" * 100_000)
        if number != signal.SIGSTOP:
            os.kill(link.pid, number)
        await until(lambda: link.restarts == 1, "a restart")
        link.feed(b"\x1b[2J\x1b[Hlast\x1b[6n\x07")
        await until(lambda: replies, "an answer to what came after it")
        assert replies == [b"\x1b[1;5R"]
        assert bells == [1]
        (notice,) = notices
        assert "restarted" in notice
        assert "last" in await link.text(everything=False)
    finally:
        link.close()
