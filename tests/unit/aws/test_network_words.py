"""What failed on the way to AWS, in words."""

from __future__ import annotations

import asyncio
import errno
import socket

import botocore.exceptions as boto
import pytest

from ecs_tui.aws.errors import translate
from ecs_tui.aws.network_words import is_network_failure, network_words
from ecs_tui.errors import NoNetwork

URL = "https://ecs.us-east-1.amazonaws.com/"
REFUSED = ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (boto.ConnectTimeoutError(endpoint_url=URL), "no connection in time"),
        (boto.ReadTimeoutError(endpoint_url=URL), "no answer in time"),
        (asyncio.TimeoutError(), "no answer in time"),
        (
            boto.ConnectionClosedError(endpoint_url=URL),
            "the connection was closed before the answer was complete",
        ),
        (boto.EndpointConnectionError(endpoint_url=URL, error=REFUSED), "connection refused"),
        (
            boto.EndpointConnectionError(
                endpoint_url=URL, error=socket.gaierror(socket.EAI_NONAME, "x")
            ),
            "the name does not resolve",
        ),
        (boto.EndpointConnectionError(endpoint_url=URL, error="x"), "no connection"),
        (REFUSED, "connection refused"),
        (boto.HTTPClientError(error=ValueError("odd")), "ValueError"),
    ],
)
def test_a_network_failure_in_words(error: Exception, words: str) -> None:
    assert is_network_failure(error)
    assert network_words(error) == words


def test_what_aws_answers_is_no_network_failure() -> None:
    assert not is_network_failure(boto.ClientError({}, "ListClusters"))
    assert not is_network_failure(KeyError("x"))


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            boto.ProxyConnectionError(proxy_url="http://p"),
            "Cannot connect through the proxy http://p.",
        ),
        (
            boto.SSLError(endpoint_url=URL, error="x"),
            f"The certificate of {URL} is not trusted.",
        ),
    ],
)
def test_a_proxy_and_a_certificate_have_sentences_of_their_own(
    error: Exception, sentence: str
) -> None:
    told = translate(error)
    assert isinstance(told, NoNetwork)
    assert str(told).startswith(sentence)
