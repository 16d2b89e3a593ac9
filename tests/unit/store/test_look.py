"""The pauses of a list that cannot be read."""

from __future__ import annotations

import pytest

from ecs_tui.store.inventory import Kind, Scope
from ecs_tui.store.look import Look


def test_after_each_failure_the_pause_is_longer_up_to_a_minute() -> None:
    look = Look(Scope(Kind.SERVICE, "prod"), True)
    pauses = []
    for now in range(6):
        pauses.append(look.ended(float(now), 5.0, failed=True))
        assert look.not_before - now == pytest.approx(pauses[-1], rel=0.2)
    assert pauses == [5.0, 10.0, 20.0, 40.0, 60.0, 60.0]
    assert look.ended(9.0, 5.0, failed=False) == look.not_before == look.failures == 0
    assert look.ended(9.0, 5.0, failed=True) == 5.0


def test_lists_share_no_jobs() -> None:
    one, other = (Look(Scope(Kind.SERVICE, name), True) for name in ("one", "other"))
    assert one.jobs is not other.jobs
