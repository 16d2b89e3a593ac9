"""The built-in client closes its sockets with a close frame."""

from __future__ import annotations

import asyncio
import os

import pytest

from ecs_tui.session.channel.terminal_io import MAX_WRITE_BYTES, TerminalOutput
from tests.support.channel_client import reached, shell
from tests.support.virtual_io import run


@pytest.mark.parametrize("who", ["this side", "the far end"])
def test_a_socket_is_closed_as_the_protocol_says(who: str) -> None:
    """Close code 1000 (RFC 6455, 7.4.1): the far end need not wait for a timeout."""

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
        output = TerminalOutput(writer, lambda: None)
        for byte in (b"a", b"b", b"c"):
            output.write(byte)
        with pytest.raises(BlockingIOError):
            os.read(reader, 100)
        await asyncio.sleep(0)
        assert os.read(reader, 100) == b"abc"
        output.write(b"x" * MAX_WRITE_BYTES)
        assert len(os.read(reader, 2 * MAX_WRITE_BYTES)) == MAX_WRITE_BYTES
        os.close(reader)
        os.close(writer)

    run(story())
