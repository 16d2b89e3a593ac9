"""Fixtures of the tests of the demo account."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto.core.model_instances import reset_model_data

from ecs_tui.demo import seed
from ecs_tui.demo.server import ACCOUNT, REGION


@pytest.fixture(scope="session")
def keys() -> Iterator[tuple[str, str]]:
    """Fill moto's backends in this process, once; the access key of the demo's user."""
    yield seed.fill(ACCOUNT, REGION)
    reset_model_data()
