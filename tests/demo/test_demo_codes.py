"""The demo account refuses calls with error codes that AWS has."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import pytest

from tests.support.demo import Demo

HEAD = "AWS4-HMAC-SHA256 Credential=AKIA0000000000000000/20260101/us-east-1/ecs/aws4_request, "
HEAD += "SignedHeaders=host, Signature=" + "0" * 64


@pytest.mark.parametrize(
    ("path", "headers", "code"),
    [
        ("/", {}, "MissingAuthenticationTokenException"),
        ("/", {"Authorization": "Basic YTpi"}, "MissingAuthenticationTokenException"),
        ("/", {"Authorization": HEAD}, "UnrecognizedClientException"),
        ("/_ecs-tui/counts", {"Authorization": HEAD}, "AccessDeniedException"),
        ("/moto-api/reset", {"Authorization": HEAD}, "AccessDeniedException"),
    ],
)
def test_who_does_not_sign_as_aws_asks_gets_its_code(
    demo: Demo, path: str, headers: dict[str, str], code: str
) -> None:
    target = "AmazonEC2ContainerServiceV20141113.ListClusters"
    sent = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target, **headers}
    request = urllib.request.Request(f"{demo.endpoint}{path}", b"{}", sent, method="POST")
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request)
    with caught.value as answer:
        assert answer.code in (400, 403)
        assert json.load(answer)["__type"].rpartition("#")[2] == code
