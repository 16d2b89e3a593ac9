"""Layers of the demo account one by one: refused requests, the form of errors, its size."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ecs_tui.demo.account import CLUSTERS, scaled
from ecs_tui.demo.faults import aws_error
from ecs_tui.demo.guard import from_elsewhere
from ecs_tui.demo.sso import BEARER, PATH, SsoPortal

HOST = "127.0.0.1:4000"
OURS = {"HTTP_HOST": HOST, "REQUEST_METHOD": "POST"}


class Answer:
    """Records a layer's answer as WSGI's `start_response`."""

    status = ""
    headers: dict[str, str]

    def __call__(self, status: str, headers: list[tuple[str, str]]) -> None:
        self.status, self.headers = status, dict(headers)


@pytest.mark.parametrize(
    ("more", "refused"),
    [
        ({}, False),
        ({"HTTP_ORIGIN": "http://evil.example"}, True),
        ({"HTTP_SEC_FETCH_SITE": "same-origin"}, True),
        ({"HTTP_HOST": "evil.example:4000"}, True),
        ({"HTTP_HOST": "127.0.0.1"}, True),
        ({"REQUEST_METHOD": "OPTIONS"}, True),
    ],
)
def test_what_only_a_web_page_sends_is_refused(more: dict[str, str], refused: bool) -> None:
    assert bool(from_elsewhere({**OURS, **more}, HOST)) is refused


@pytest.mark.parametrize("json_protocol", [True, False])
def test_an_error_has_the_shape_of_its_protocol(json_protocol: bool) -> None:
    answer = Answer()
    body = b"".join(aws_error(answer, json_protocol, 400, "AccessDeniedException", "a < b"))
    assert answer.status == "400 Bad Request"
    if json_protocol:
        assert json.loads(body) == {"__type": "AccessDeniedException", "message": "a < b"}
    else:  # codes of IAM and STS lack "Exception"
        assert b"<Code>AccessDenied</Code><Message>a &lt; b</Message>" in body


@pytest.mark.parametrize(("token", "status"), [("login", "200 OK"), ("x", "401 Unauthorized")])
def test_the_portal_gives_keys_for_its_token_alone(token: str, status: str) -> None:
    def app(environ: dict[str, Any], start: Any) -> list[bytes]:
        return [b"behind it"]

    portal, answer = SsoPortal(app, "AKIA", "secret", "login", "session"), Answer()
    body = b"".join(portal({"PATH_INFO": PATH, BEARER: token}, answer))
    assert answer.status == status
    assert (b"secret" in body) == (token == "login")
    assert list(portal({"PATH_INFO": "/"}, answer)) == [b"behind it"]


@pytest.mark.parametrize(("services", "tasks"), [(3, 10), (2000, 2000), (5, 2), (1, 0)])
def test_the_scaled_account_has_that_many_tasks(services: int, tasks: int) -> None:
    *rest, scale = scaled(services, tasks)
    assert tuple(rest) == CLUSTERS
    assert len(scale.services) == services
    assert sum(each.desired for each in scale.services) == tasks
