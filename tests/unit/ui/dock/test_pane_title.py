"""The title line of a shell, for each state of its session, task and pane."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from ecs_tui.aws.account import Account
from ecs_tui.config.keymap import default_keymap
from ecs_tui.model.command import Origin, ShellCommand
from ecs_tui.session.activity import IDLE_SECONDS
from ecs_tui.session.plugin import Plugin
from ecs_tui.session.shell_session import SessionOptions, ShellSession
from ecs_tui.session.state import Ending, State
from ecs_tui.session.target import Target
from ecs_tui.ui.dock.pane_title import PaneState, frame_words

TARGET = Target("prod", "task/1234567890", "app", "r", service="web")
NEW = Target("prod", "task/abcdef0123", "app", "r", service="web")
KEYS = default_keymap()
PANE = PaneState(KEYS)
NOW = time.monotonic() + 1000


@pytest_asyncio.fixture
async def account() -> AsyncIterator[Account]:
    """An account that nothing is called in."""
    made = Account(None, "us-east-1", "http://127.0.0.1:9")
    yield made
    await made.close()


def shell(account: Account, **session: Any) -> ShellSession:
    """A session that has been open for 65 s; `session`: what is otherwise."""
    made = ShellSession(account, TARGET, ShellCommand("/bin/sh", Origin.PLATFORM), SessionOptions())
    made.session.started_at = NOW - 70.5
    fields = {"state": State.OPEN, "opened_at": NOW - 65.5} | session
    for name, value in fields.items():
        setattr(made.session, name, value)
    return made


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("session", "words"),
    [
        ({}, "app · web/1234567 · ● open 01:05"),
        (
            {"state": State.OPENING, "started_at": NOW - 2.5},
            "app · web/1234567 · ◐ connecting 00:02",
        ),
        (
            {"state": State.OPENING},
            "◐ connecting 01:10 · waiting for ECS · ctrl+] x to cancel",
        ),
        (
            {"state": State.STALLED, "connection_problem": "not responding for 9 s"},
            "▲ not responding for 9 s · enter ~ . to disconnect",
        ),
        (
            {"state": State.CLOSED, "ending": Ending.EXITED, "reason": "exited"},
            "○ exited · ctrl+] enter reopens · ctrl+] x closes",
        ),
        (
            {"state": State.CLOSED, "ending": Ending.LOST, "reason": "gone\x1b[2J"},
            "○ closed: gone",
        ),
        ({"encrypted": True}, "· KMS"),
        ({"keep_alive": True}, "· keep-alive"),
    ],
)
async def test_the_state_of_the_session(
    account: Account, session: dict[str, Any], words: str
) -> None:
    line = frame_words(shell(account, **session), PANE, NOW)
    assert words in line
    assert "\x1b" not in line


@pytest.mark.asyncio
async def test_keys_in_a_closed_pane_need_no_prefix(account: Account) -> None:
    made = shell(account, state=State.CLOSED, ending=Ending.EXITED, reason="exited")
    front = replace(PANE, in_front=True)
    assert "○ exited · enter reopens · x closes" in frame_words(made, front, NOW)
    made.missing, made.offered = "The image of app has no /bin/sh.", "bash"
    assert (
        "○ no /bin/sh in the image · enter opens bash · e another command · x closes"
        in frame_words(made, front, NOW)
    )
    made.offered = ""
    assert "○ no shell in the image · ctrl+] e another command" in frame_words(made, PANE, NOW)


@pytest.mark.asyncio
async def test_idleness_and_a_quiet_client(account: Account) -> None:
    made = shell(account)
    made.session.activity.received(NOW - IDLE_SECONDS + 75.5)
    assert "▲ idle: closes in 01:15 · ctrl+] a to keep alive" in frame_words(made, PANE, NOW)
    made.session.activity.typed(NOW - 30)
    assert "no response for 30 s" in frame_words(made, PANE, NOW)
    made.session.plugin = Plugin(("client",), builtin=True)
    assert "no response" not in frame_words(made, PANE, NOW), "the built-in client says more"


@pytest.mark.asyncio
async def test_the_task_and_its_replacement(account: Account) -> None:
    made = shell(account)
    made.task_notice = "task is stopping"
    assert "· ▲ task is stopping · ● open" in frame_words(made, PANE, NOW)
    made.successor = NEW
    assert "▲ task replaced · ctrl+] o opens abcdef0" in frame_words(made, PANE, NOW)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("pane", "words"),
    [
        ({"marked": True}, " ⇉ BROADCAST · app · web/1234567 · ●"),
        ({"zoomed": True}, " ZOOM · app"),
        (
            {"copying": "COPY 3", "waiting": 1},
            " COPY 3 · output paused (1 byte) · app · web/1234567",
        ),
        ({"clipboard": True}, "▲ clipboard request · ctrl+] y to review"),
        ({"notice": "terminal crashed"}, "▲ terminal crashed"),
        ({"scrolled": 2}, "↑ 2 lines"),
        ({"title": "vi\x1b[2J" + "x" * 90}, "· vi"),
    ],
)
async def test_what_the_pane_adds(account: Account, pane: dict[str, Any], words: str) -> None:
    line = frame_words(shell(account), replace(PANE, **pane), NOW)
    assert words in line
    assert "\x1b" not in line and len(line) < 100
