"""Which VPC endpoint serves a service, and whether the default route serves a task."""

from __future__ import annotations

import pytest

from ecs_tui.model.network_path import Endpoint, NetworkPath


@pytest.mark.parametrize(
    ("state", "private_dns", "usable"),
    [
        ("available", True, True),
        ("Available", True, True),  # EC2 writes both
        ("available", False, False),
        ("pendingAcceptance", True, False),
        ("", True, False),
    ],
)
def test_an_endpoint_is_usable_under_the_services_name(
    state: str, private_dns: bool, usable: bool
) -> None:
    assert Endpoint("vpce-1", "ssmmessages", state, private_dns).usable is usable


def test_a_usable_endpoint_comes_first() -> None:
    pending = Endpoint("vpce-1", "ssmmessages", "pending", True)
    ready = Endpoint("vpce-2", "ssmmessages", "available", True)
    path = NetworkPath("subnet-1", "vpc-1", (pending, ready))
    assert path.endpoint("ssmmessages") is ready
    assert path.endpoint("logs") is None
    assert NetworkPath("subnet-1", "vpc-1", (pending,)).endpoint("ssmmessages") is pending


@pytest.mark.parametrize(("target", "needed"), [("igw-1", True), ("nat-1", False), ("", False)])
def test_an_internet_gateway_serves_public_addresses_only(target: str, needed: bool) -> None:
    assert NetworkPath("subnet-1", "vpc-1", (), target).needs_public_ip is needed
