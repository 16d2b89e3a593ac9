"""The audit by keys on a real terminal: a shell, its event, its transcript, a mark; a session is ended."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from tests.support.demo import Demo, demo_account
from tests.support.limits import until
from tests.support.program_terminal import ProgramTerminal

pytestmark = pytest.mark.asyncio
PREFIX, END_SESSION = "\x1d", "\x0b"
"""ctrl+] and ctrl+k."""
CALLER = "alice"
"""Whom the keys of the demo account belong to."""


@pytest.fixture
def own_demo() -> Iterator[Demo]:
    """An account of its own, whose CloudTrail has an event at once, and as often as asked."""
    with demo_account() as demo:
        demo.set_audit(rate=0, delay=0)
        yield demo


def lines_with(outer: ProgramTerminal, *texts: str) -> list[str]:
    """The lines of the screen that have all of these."""
    return [line for line in outer.screen.split("\n") if all(text in line for text in texts)]


async def holds(outer: ProgramTerminal, condition: Callable[[], object], what: str) -> None:
    """Wait until a condition holds; the failure has the screen."""
    try:
        await until(condition, what, 60)
    except AssertionError as error:
        raise AssertionError(f"{error}\n{outer.screen}") from None


async def test_a_shell_is_followed_to_a_mark_and_a_session_is_ended(own_demo: Demo) -> None:
    outer = ProgramTerminal(
        own_demo.environment, "--cluster", "prod", "--plugin", "builtin", size=(170, 45)
    )
    try:
        await _shell(outer)
        await _to_the_mark(outer)
        await _end_a_session(outer)
    finally:
        outer.close()


async def _shell(outer: ProgramTerminal) -> None:
    """A dump in a shell of the service `orders`, with its event while it is open."""
    await outer.shows("checkout", "16/16 containers")
    outer.keys(":orders\r")
    await outer.shows("prod › orders", "● ready")
    outer.keys("s")
    await outer.shows("[orders/app ", "] #")
    outer.keys("pg_dump orders\r")
    await holds(outer, lambda: outer.screen.count("] #") == 2, "the prompt again")
    outer.keys("exit\r")
    await outer.shows("○ exited", "ctrl+] x closes")  # the list has the keys again
    outer.keys(PREFIX)
    await outer.shows("x or q close")
    outer.keys("x")
    await outer.shows_not("exited")


async def _to_the_mark(outer: ProgramTerminal) -> None:
    outer.keys(":audit\r")
    await outer.shows("RESULT", "MARK")
    await holds(outer, lambda: lines_with(outer, CALLER, "ecs-tui", "/bin/sh"), "its event")
    outer.keys("g\r")  # the newest is the first one
    await outer.shows("Transcript of ", "CloudTrail: ExecuteCommand", f"by {CALLER}")

    def written() -> bool:
        if "No transcript" in outer.screen:
            outer.keys("r")
        return "Script done" in outer.screen

    await holds(outer, written, "its transcript, once the agent has written it")
    outer.keys("}")
    await outer.shows("▲ dump: Data of a database was written", "pg_dump orders")
    outer.keys("\x1b")
    await outer.shows("transcript: dump")  # the timeline knows the mark now


async def _end_a_session(outer: ProgramTerminal) -> None:
    outer.keys(":sessions\r")
    await outer.shows("RECORDED", "Connected")
    sessions = len(lines_with(outer, "Connected"))
    await holds(outer, lambda: "owner " not in outer.screen, "who opened them, by their events")
    outer.keys(END_SESSION)
    await outer.shows("End the session of ", "ssm terminate-session")
    outer.keys("y")
    await outer.shows('Type "', "to confirm")
    asked = re.search(r'Type "([^"]+)" to confirm', outer.screen)
    assert asked is not None and asked[1] != CALLER
    outer.keys(f"{asked[1]}\r")
    await outer.shows("1/1 session ended.", deadline=60)
    outer.keys("q")
    left = sessions - 1
    await holds(outer, lambda: len(lines_with(outer, "Connected")) == left, "it is listed no more")
