"""Sessions of the built-in client on a bad connection, with a KMS key, idle, and stuck."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from ecs_tui.aws.account import Account
from ecs_tui.aws.api.ssm import terminate_session
from ecs_tui.session.plugin import PluginChoice
from ecs_tui.session.session import Session, State, Target
from tests.support.demo import Demo, demo_account
from tests.support.limits import sample, until
from tests.support.ready_target import ready_target

pytestmark = pytest.mark.asyncio


class Talk:
    """A session and its output."""

    def __init__(self, account: Account, where: Target, command: str = "/bin/sh") -> None:
        self.out = bytearray()
        self.states: list[State] = []
        self.session = Session(
            account, where, command, self.out.extend, self._changed, plugin=PluginChoice.BUILTIN
        )

    def _changed(self) -> None:
        self.states.append(self.session.state)

    def text(self) -> str:
        return self.out.decode("utf-8", "replace").replace("\r", "")

    async def says(self, text: str, deadline: float = 20) -> None:
        await until(lambda: text in self.text(), f"{text!r} in {self.text()[-300:]!r}", deadline)

    async def ask(self, line: str, answer: str, deadline: float = 20) -> None:
        self.session.write(line.encode() + b"\r")
        await self.says(answer, deadline)


@asynccontextmanager
async def talking(
    account: Account, cluster: str = "prod", service: str = "orders"
) -> AsyncIterator[Talk]:
    talk = Talk(account, await ready_target(account, cluster, service))
    await talk.session.start()
    try:
        await until(lambda: talk.session.state is not State.OPENING, "open")
        yield talk
    finally:
        await talk.session.close()


def numbers(last: int) -> str:
    return "\n".join(map(str, range(1, last + 1)))


LINES: list[dict[str, float]] = [
    {"drop": 0.15},
    {"double": 0.3},
    {"swap": 0.3},
    {"damage": 0.15},
    {"delay": 0.25},
    {"drop": 0.08, "double": 0.08, "swap": 0.08, "damage": 0.08, "delay": 0.02},
]


@pytest.mark.exhaustive
@pytest.mark.parametrize("faults", sample(LINES, 3), ids=lambda faults: "+".join(faults))
async def test_every_byte_arrives_once_and_in_order(
    demo: Demo, account: Account, faults: dict[str, float]
) -> None:
    async with talking(account) as talk:
        await talk.says("#")
        demo.set_link(**faults)
        await talk.ask("seq 1 4000; echo the''end", f"\n{numbers(4000)}\ntheend\n", 60)
        for number in range(5):
            await talk.ask(f"echo a{number}''b", f"\na{number}b\n", 60)
        assert talk.text().count("\na3b\n") == 1


async def test_silence_is_told_within_ten_seconds_and_taken_back(
    demo: Demo, account: Account
) -> None:
    async with talking(account) as talk:
        await talk.says("#")
        demo.set_link(silent=True)
        await until(lambda: talk.session.state is State.STALLED, "stalled", 10)
        assert "not responding" in talk.session.connection_problem
        demo.set_link(silent=False)
        await until(lambda: talk.session.state is State.OPEN, "answering again", 15)
        await talk.ask("echo al''ive", "\nalive\n")


async def test_an_agent_that_acknowledges_nothing_is_told_of(demo: Demo, account: Account) -> None:
    async with talking(account) as talk:
        await talk.says("#")
        demo.set_link(ignore_client=True)
        talk.session.write(b"echo he''ard\r")
        await until(lambda: talk.session.state is State.STALLED, "stalled", 10)
        demo.set_link(ignore_client=False)
        await talk.says("\nheard\n")
        await until(lambda: talk.session.state is State.OPEN, "answering again")
        assert talk.text().count("\nheard\n") == 1


async def test_a_broken_connection_is_resumed_and_no_byte_is_lost_or_doubled(
    demo: Demo, account: Account
) -> None:
    async with talking(account) as talk:
        await talk.says("#")
        talk.session.write(b"seq 1 120000; echo the''end\r")
        for part in (50_000, 150_000, 300_000):
            await until(lambda part=part: len(talk.out) > part, "output flows")  # type: ignore[misc]
            talk.states.clear()
            demo.set_link(cut=True)
            await until(lambda: talk.states[-2:] == [State.STALLED, State.OPEN], "told and resumed")
        await talk.says(f"\n{numbers(120_000)}\ntheend\n", 60)
        demo.set_link(cut=True)
        talk.session.write(b"echo ty''ped\r")
        await talk.says("\ntyped\n")
        assert talk.text().count("\ntyped\n") == 1
        await until(lambda: talk.session.state is State.OPEN, "open again")


async def test_it_goes_on_trying_while_the_gateway_refuses(demo: Demo, account: Account) -> None:
    async with talking(account) as talk:
        await talk.says("#")
        demo.set_link(refuse=True, cut=True)
        await until(lambda: "attempt 3" in talk.session.connection_problem, "tries")
        demo.set_link(refuse=False)
        await talk.ask("echo ba''ck", "\nback\n", 30)


async def test_a_session_that_ended_meanwhile_says_so(demo: Demo, account: Account) -> None:
    async with talking(account) as talk:
        await talk.says("#")
        demo.set_link(refuse=True, silent=True, cut=True)
        await terminate_session(account, talk.session.session_id)
        await until(lambda: talk.session.state is State.CLOSED, "it ends", 30)
        assert "The session has ended" in talk.session.reason


async def test_a_session_with_a_kms_key_is_encrypted(account: Account) -> None:
    async with talking(account, "exec-cases", "healthy") as talk:
        await talk.ask("echo se''cret $((6*7))", "\nsecret 42\n")
        assert talk.session.encrypted
        await talk.ask("seq 1 2000; echo the''end", f"\n{numbers(2000)}\ntheend\n")


async def test_without_the_right_to_the_key_it_says_which_right() -> None:
    with demo_account("--deny", "kms:GenerateDataKey") as demo:
        account = demo.account()
        talk = Talk(account, await ready_target(account, "exec-cases", "healthy"))
        await talk.session.start()
        await until(lambda: talk.session.state is State.CLOSED, "it ends")
        assert "Access denied: kms:GenerateDataKey" in talk.text()
        await account.close()


async def passes(seconds: float, meanwhile: Callable[[], None]) -> None:
    """Wait so many seconds and call `meanwhile` often."""
    end = time.monotonic() + seconds

    def over() -> bool:
        meanwhile()
        return time.monotonic() > end

    await until(over, "time passes", seconds + 5)


async def test_an_idle_session_ends_and_keep_alive_keeps_it() -> None:
    with demo_account("--idle", "3s") as demo:
        account = demo.account()
        async with talking(account) as talk:
            await talk.says("#")
            nudged_at = time.monotonic()

            def send_keep_alive() -> None:
                nonlocal nudged_at
                if time.monotonic() > nudged_at + 1:
                    nudged_at = time.monotonic()
                    talk.session.send_keep_alive()

            await passes(5, send_keep_alive)
            assert talk.session.state is State.OPEN
            before = len(talk.out)
            await until(lambda: talk.session.state is State.CLOSED, "idle", 10)
            assert "timed out due to inactivity" in talk.session.reason
            assert b"\x1b" not in talk.out[before:]  # the session has not noticed
        await account.close()


async def test_a_hung_session_is_closed_within_a_second_and_leaves_nothing(
    demo: Demo, account: Account
) -> None:
    async with talking(account) as talk:
        await talk.says("#")
        pty = talk.session._pty
        assert pty is not None
        demo.set_link(silent=True)
        loop = asyncio.get_running_loop()
        started = loop.time()
        await talk.session.close()
        # The waits above have deadlines of their own; this checks their sum.
        assert loop.time() - started < 3
        assert talk.session.state is State.CLOSED
        with pytest.raises(ProcessLookupError):
            os.kill(pty.pid, 0)


async def test_a_resize_follows_at_once(account: Account) -> None:
    async with talking(account) as talk:
        await talk.says("#")
        for columns in (101, 102, 103):
            talk.session.resize(columns, 33)
            asked = 0

            def there(columns: int = columns) -> bool:
                nonlocal asked
                asked += 1
                if asked % 20 == 1:
                    talk.session.write(b"stty size\r")
                return f"33 {columns}\n" in talk.text()

            await until(there, f"{columns} columns")
