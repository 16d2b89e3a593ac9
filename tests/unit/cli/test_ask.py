"""Prompts on the controlling terminal, each in a process that has one, or has none."""

from __future__ import annotations

import asyncio
import os
import pty
import select
import time
from collections.abc import Callable, Coroutine

from ecs_tui.cli.ask import MAX_ANSWER_BYTES, ask_code, ask_line
from ecs_tui.errors import MfaRequired
from tests.support.limits import limit

SERIAL = "arn:aws:iam::123456789012:mfa/alice"


def on_terminal(ask: Callable[[], Coroutine[None, None, object]], typed: bytes) -> tuple[str, str]:
    """(what the terminal shows, repr of the answer) of a prompt in a process on a terminal of its own.

    It is typed once the prompt is shown.
    """
    reading, writing = os.pipe()
    pid, terminal = pty.fork()
    if not pid:
        try:
            answer = repr(asyncio.run(ask()))
        except MfaRequired as error:
            answer = f"MfaRequired {error.serial}"
        os.write(writing, answer.encode())
        os._exit(0)
    os.close(writing)
    shown, end = b"", time.monotonic() + limit(20)
    try:
        while b": " not in shown:
            assert time.monotonic() < end, shown
            if select.select([terminal], [], [], 0.1)[0]:
                shown += os.read(terminal, 4096)
        os.write(terminal, typed)
        assert select.select([reading], [], [], limit(20))[0], "no answer"
        answer = os.read(reading, 8192).decode()
        while select.select([terminal], [], [], 0.1)[0]:
            try:
                shown += os.read(terminal, 4096)
            except OSError:  # Linux: the other end is closed
                break
    finally:
        os.close(reading)
        os.waitpid(pid, 0)
        os.close(terminal)
    return shown.decode(), answer


def test_a_line_is_shown_as_it_is_typed() -> None:
    shown, answer = on_terminal(lambda: ask_line("Type it: "), b"web\n")
    assert shown.startswith("Type it: web") and answer == repr("web\n")


def test_a_code_is_not_shown() -> None:
    shown, answer = on_terminal(lambda: ask_code(SERIAL), b"123456\n")
    assert (shown.strip(), answer) == (f"MFA code for device {SERIAL}:", repr("123456"))


def test_nothing_typed_is_no_code() -> None:
    assert on_terminal(lambda: ask_code(SERIAL), b" \n")[1] == f"MfaRequired {SERIAL}"


def test_a_prompt_cannot_steer_the_terminal() -> None:
    shown, _ = on_terminal(lambda: ask_line("Delete \x1b]0;x\x07all? Name: "), b"no\n")
    assert shown.startswith("Delete ]0;xall? Name: no")


def test_a_long_line_is_bounded() -> None:
    _, answer = on_terminal(lambda: ask_line("Type it: "), b"x" * 3000 + b"\n")
    assert len(answer) <= MAX_ANSWER_BYTES + 2


def test_without_a_terminal_there_is_no_answer() -> None:
    pid = os.fork()
    if not pid:
        os.setsid()
        nothing = asyncio.run(ask_line("Type it: ")) is None
        try:
            asyncio.run(ask_code(SERIAL))
        except MfaRequired:
            os._exit(0 if nothing else 1)
        os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
