"""The clock that tests move forward."""

from __future__ import annotations

import time

import pytest

from ecs_tui.system import wall_clock


def test_it_is_this_machines_until_it_is_moved() -> None:
    with wall_clock.restored():
        assert abs(wall_clock.now() - time.time()) < 1
        wall_clock.advance(120)
        wall_clock.advance(0.5)
        assert abs(wall_clock.now() - time.time() - 120.5) < 1
    assert abs(wall_clock.now() - time.time()) < 1


def test_it_does_not_go_backward() -> None:
    with pytest.raises(ValueError, match="backward"):
        wall_clock.advance(-1)
