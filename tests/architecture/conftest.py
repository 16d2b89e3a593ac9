"""Fixtures of the tests that read the source."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="module")
def no_collections() -> Iterator[None]:
    """Make syntax trees without collections: they are millions of objects, and none is garbage."""
    gc.disable()
    yield
    gc.freeze()
    gc.enable()
