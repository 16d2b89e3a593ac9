"""What failed on the way to AWS, in words: also what keeps every request from being sent."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from urllib.parse import urlsplit

from ecs_tui import errors
from ecs_tui.model.text import clean
from ecs_tui.system.redact import redact

_PROXY_VARIABLES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")
"""Where Python's `getproxies` finds the proxies for https and http, which botocore uses."""


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
    cause = _system_error(_cause(error))
    if isinstance(cause, socket.gaierror):
        return "the name does not resolve"
    number = getattr(cause, "errno", None)
    if isinstance(number, int) and number in errno.errorcode:
        return os.strerror(number).lower()
    return (
        "no connection" if isinstance(error, boto.EndpointConnectionError) else type(cause).__name__
    )


def _cause(error: BaseException) -> BaseException:
    """What botocore's error was raised for."""
    said = getattr(error, "kwargs", {}).get("error")
    return said if isinstance(said, BaseException) else error.__cause__ or error


def _system_error(error: BaseException) -> BaseException:
    """The socket's error in aiohttp's."""
    found = getattr(error, "os_error", error)
    return found if isinstance(found, BaseException) else error


def unsendable(error: BaseException, named: str, operation: str) -> errors.AwsError | None:
    """The error where no request can be sent with this configuration; None where one can.

    Args:
        error: The exception that a call raised.
        named: The profile or the keys, in words.
        operation: `service:Operation` that was called.
    """
    import botocore.exceptions as boto

    if not isinstance(error, (boto.HTTPClientError, boto.EndpointConnectionError)):
        return None
    cause = _cause(error)
    if isinstance(cause, ValueError) and "header" in str(cause):
        return errors.NoCredentials(
            f"The access key or session token of {named} contains a line end or another control "
            "character, so no request can be sent.",
            "Set it again; a file with Windows line ends leaves one behind.",
            operation=operation,
        )
    # A name that is not the endpoint's is the proxy's.
    asked = urlsplit(str(getattr(error, "kwargs", {}).get("endpoint_url", ""))).hostname
    host = getattr(cause, "host", None)
    nameless = isinstance(_system_error(cause), socket.gaierror) and host not in (None, asked)
    if not (nameless or isinstance(cause, (boto.InvalidProxiesConfigError, TypeError))):
        return None
    if variable := _broken_proxy(str(host) if nameless else ""):
        return errors.NoNetwork(
            f"The proxy in {variable} is not an http or https URL with a host.",
            f"Correct or unset {variable}.",
            operation=operation,
        )
    if nameless:
        return errors.NoNetwork(
            f"Cannot connect through the proxy {clean(str(host))} (the name does not resolve).",
            "Check HTTPS_PROXY and NO_PROXY.",
            operation=operation,
        )
    return None


def _broken_proxy(host: str) -> str:
    """The first variable with a proxy that cannot be used, "" without one.

    Args:
        host: The proxy's, where it is known: not another variable's, which this call does not use.
    """
    for variable in _PROXY_VARIABLES:
        url = os.environ.get(variable, "")
        if not url or host.lower() not in url.lower():
            continue
        if what_is_wrong(url if "://" in url else f"http://{url}", proxy=True):
            return variable
    return ""


def unusable_endpoint(url: str) -> errors.AwsError:
    """The error for an endpoint that no request can be sent to."""
    wrong = what_is_wrong(url) or "it has no usable host"
    shown = "" if _names_user(url) else f" {clean(redact(url))}"
    return errors.AwsError(
        f"The endpoint{shown} cannot be used: {wrong}.",
        "Correct --endpoint-url, AWS_ENDPOINT_URL or endpoint_url in the configuration.",
    )


def _names_user(url: str) -> bool:
    return "@" in url.partition("://")[2].partition("/")[0]


def what_is_wrong(url: str, *, proxy: bool = False) -> str:
    """Why no request can be sent to a URL, "" if none is known: botocore checks only the host.

    Args:
        url: Of an endpoint.
        proxy: Of a proxy instead, which may name a user. HTTP would send an endpoint's user in the
            header of AWS's signature.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return "it is not a URL"
    try:
        port = parts.port
    except ValueError:
        port = 0
    if parts.scheme not in ("http", "https"):
        return "it is not an http or https URL"
    if port == 0:
        return "its port is not a number from 1 to 65535"
    if not host or any(char.isspace() or not char.isprintable() for char in url):
        return "it has no usable host"
    return "" if proxy or not _names_user(url) else "it contains a user name"
