"""What failed on the way to AWS, in a few words."""

from __future__ import annotations

import asyncio
import errno
import os
import socket


def is_network_failure(error: BaseException) -> bool:
    """Whether a call failed on its way: no connection, or no whole answer."""
    import botocore.exceptions as boto

    kinds = (boto.HTTPClientError, boto.ConnectionError, OSError, asyncio.TimeoutError)
    return isinstance(error, kinds)


def network_words(error: BaseException) -> str:
    """The words for a network failure of botocore, aiohttp or the socket.

    Proxies and certificates have sentences of their own in `errors.translate`.
    """
    import botocore.exceptions as boto

    words: tuple[tuple[type[BaseException], str], ...] = (
        (boto.ConnectTimeoutError, "no connection in time"),
        (boto.ReadTimeoutError, "no answer in time"),
        (asyncio.TimeoutError, "no answer in time"),
        (boto.ConnectionClosedError, "the connection was closed before the answer was complete"),
    )
    for kind, said in words:
        if isinstance(error, kind):
            return said
    cause = getattr(error, "kwargs", {}).get("error") or error.__cause__ or error
    cause = getattr(cause, "os_error", cause)
    if isinstance(cause, socket.gaierror):
        return "the name does not resolve"
    number = getattr(cause, "errno", None)
    if isinstance(number, int) and number in errno.errorcode:
        return os.strerror(number).lower()
    return (
        "no connection" if isinstance(error, boto.EndpointConnectionError) else type(cause).__name__
    )
