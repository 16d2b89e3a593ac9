"""How the built-in client leaves its sockets: with a close, not by hanging up."""

from __future__ import annotations

import pytest

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
