"""How the built-in client leaves its sockets: with a close, not by hanging up."""

from __future__ import annotations

import asyncio
import os

import pytest

from ecs_tui.session.channel.terminal_io import WRITE, Output
from tests.channel_client import reached, shell
from tests.virtual import run


@pytest.mark.parametrize("who", ["this side", "the far end"])
def test_a_socket_is_closed_as_the_protocol_says(who: str) -> None:
    """With close code 1000 (RFC 6455, 7.4.1): the far end need not wait for a time-out."""

    async def story() -> None:
        async with shell() as (peer, talk):
            if who == "this side":
                talk.client.terminate()
            else:
                await peer.close_channel()
            assert await talk.ends() == 0
            assert await reached(lambda: peer.closed, "the socket has ended") == [1000]

    run(story())


def test_output_of_one_turn_is_one_write_and_much_of_it_waits_for_no_turn() -> None:
    async def story() -> None:
        reader, writer = os.pipe()
        os.set_blocking(reader, False)
        output = Output(writer, lambda: None)
        for byte in (b"a", b"b", b"c"):
            output.write(byte)
        with pytest.raises(BlockingIOError):
            os.read(reader, 100)
        await asyncio.sleep(0)
        assert os.read(reader, 100) == b"abc"
        output.write(b"x" * WRITE)
        assert len(os.read(reader, 2 * WRITE)) == WRITE
        os.close(reader)
        os.close(writer)

    run(story())
