"""Fixtures of the tests of the demo account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from moto.core.model_instances import reset_model_data

from ecs_tui.demo import seed
from ecs_tui.demo.server import ACCOUNT, REGION
from tests.support.demo import Demo
from tests.support.demo_logs import boto_client


@pytest.fixture(scope="session")
def keys() -> Iterator[tuple[str, str]]:
    """Fill moto's backends in this process, once; the access key of the demo's user."""
    yield seed.fill(ACCOUNT, REGION)
    reset_model_data()


@pytest.fixture(scope="module")
def logs(demo: Demo) -> Any:
    """CloudWatch Logs of the module's demo account."""
    return boto_client(demo, "logs")
