"""The backend of a host: moto's, and looked for once."""

from __future__ import annotations

import pytest
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from ecs_tui.demo.backends import Backends


@pytest.mark.parametrize(
    ("host", "backend"),
    [
        ("ecs.us-east-1.amazonaws.com", "ecs"),
        ("application-autoscaling.us-east-1.amazonaws.com", "applicationautoscaling"),
        ("iam.amazonaws.com", "iam"),
        ("moto_api", "moto_api"),
        ("nowhere.example.com", None),
        (None, None),
    ],
)
def test_the_backend_of_a_host(
    monkeypatch: pytest.MonkeyPatch, host: str | None, backend: str | None
) -> None:
    made = Backends(create_backend_app)
    assert made.get_backend_for_host(host) == backend
    monkeypatch.setattr(DomainDispatcherApplication, "get_backend_for_host", None)
    assert made.get_backend_for_host(host) == backend, "without asking moto again"
