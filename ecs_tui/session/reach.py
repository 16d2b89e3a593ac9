"""Tests whether an AWS host can be reached: DNS, connection, certificate, proxy."""

from __future__ import annotations

import asyncio
import socket
import ssl
from urllib.parse import urlsplit

from ecs_tui.record import dataclass

TIMEOUT_SECONDS = 5.0
"""Seconds for one host."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The result of the test.

    Attributes:
        host: Host and port.
        words: What succeeded or failed, in a few words.
        reached: Whether there was an HTTP answer, with any status.
        proxy: Host and port of the proxy in use, or ""; never its user and password.
    """

    host: str
    words: str
    reached: bool
    proxy: str = ""


async def reach(url: str) -> Reach:
    """Send an unsigned GET to `url`: any HTTP status proves that it can be reached."""
    import aiohttp

    from ecs_tui.session.channel.network import network_words, proxy_for, trusted

    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    host = f"{parts.hostname}:{port}"
    try:
        proxy = proxy_for(f"{'wss' if parts.scheme == 'https' else 'ws'}://{host}/")
        context: ssl.SSLContext | bool = trusted() if parts.scheme == "https" else True
    except (ValueError, OSError) as error:
        return Reach(host, network_words(error), False)
    through = f"{proxy.host}:{proxy.port}" if proxy is not None else ""
    addresses = 0
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            if proxy is None:
                loop = asyncio.get_running_loop()
                found = await loop.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
                addresses = len({item[4][0] for item in found})
            async with (
                aiohttp.ClientSession(trust_env=False) as session,
                session.get(url, proxy=proxy, ssl=context, allow_redirects=False) as answer,
            ):
                status = answer.status
    except Exception as error:
        words = _failure(error, through)
        if words is None:
            raise
        return Reach(host, words, False, through)
    seen = [] if proxy is not None else [f"{addresses} address{'es' if addresses != 1 else ''}"]
    seen += ["TLS"] if parts.scheme == "https" else []
    return Reach(host, ", ".join([*seen, f"HTTP {status}"]), True, through)


def _failure(error: Exception, proxy: str) -> str | None:
    """What failed, in a few words; None if it is not a network failure."""
    import aiohttp

    from ecs_tui.aws.network_words import is_network_failure, network_words

    if isinstance(error, TimeoutError):
        return f"no answer within {TIMEOUT_SECONDS:g} s"
    if isinstance(error, aiohttp.ClientHttpProxyError):
        login = ": it requires a user name and a password" if error.status == 407 else ""
        return f"the proxy {proxy} refused (HTTP {error.status}){login}"
    if isinstance(error, aiohttp.ClientProxyConnectionError):
        return f"cannot reach the proxy {proxy}"
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return (
            "TLS: its certificate is not trusted; behind a TLS-inspecting proxy, set AWS_CA_BUNDLE"
        )
    if isinstance(error, aiohttp.ClientConnectorSSLError | ssl.SSLError):
        return "TLS: handshake failed"
    known = isinstance(error, aiohttp.ClientError) or is_network_failure(error)
    return network_words(error) if known else None
