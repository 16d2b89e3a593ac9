"""MFA codes are used once and asked for once; cached credentials are private."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import pytest

from ecs_tui.aws.credentials import PrivateCache
from ecs_tui.aws.mfa import Codes
from ecs_tui.errors import MfaRequired

SERIAL = "arn:aws:iam::111122223333:mfa/alice"


def test_a_code_that_was_sent_is_not_sent_again() -> None:
    codes = Codes(None)
    with pytest.raises(MfaRequired):
        codes.take(SERIAL)
    codes.give(SERIAL, "123456")
    assert codes.take(SERIAL) == codes.take(SERIAL) == "123456"  # a call and its retry
    codes.forget_spent()
    with pytest.raises(MfaRequired):
        codes.take(SERIAL)


@pytest.mark.asyncio
async def test_two_calls_that_need_a_code_ask_once() -> None:
    asked = []

    async def ask(serial: str) -> str:
        asked.append(serial)
        await asyncio.sleep(0)
        return "123456"

    codes = Codes(ask)
    assert await asyncio.gather(codes.obtain(SERIAL, 0), codes.obtain(SERIAL, 0)) == [True, True]
    assert asked == [SERIAL]
    assert await codes.obtain(SERIAL, codes.asked)  # the code was wrong
    assert asked == [SERIAL, SERIAL]


@pytest.mark.asyncio
async def test_without_anybody_to_ask_there_is_no_code() -> None:
    assert not await Codes(None).obtain(SERIAL, 0)


def test_what_is_cached_is_for_this_user_alone(tmp_path: Path) -> None:
    cache = PrivateCache(str(tmp_path / "cache"))
    cache["role"] = {"Credentials": {"AccessKeyId": "AKIA"}}
    (file,) = (tmp_path / "cache").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert cache["role"]["Credentials"]["AccessKeyId"] == "AKIA"
