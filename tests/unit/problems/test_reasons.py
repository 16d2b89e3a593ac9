"""The table of reasons: specific causes come before general ones, and hostile text costs little."""

from __future__ import annotations

import time

from ecs_tui.problems.causes import STOP_CAUSES
from ecs_tui.problems.reasons import REASONS, reason_of
from ecs_tui.problems.sources import STOPPED_TASKS


def test_no_reason_names_nothing() -> None:
    assert reason_of([]) is None
    assert reason_of(["", "Essential container in task exited"]) is None


def test_it_says_which_text_names_the_cause() -> None:
    found = reason_of(["Essential container in task exited", "OutOfMemoryError: killed"])
    assert found is not None
    assert (found[0].id, found[1]) == ("out-of-memory", 1)


def test_every_reason_has_a_page_of_aws() -> None:
    assert all(each.source.startswith("https://docs.aws.amazon.com/") for each in REASONS)
    assert STOPPED_TASKS in {each.source for each in REASONS}
    assert {each.id for each in REASONS} < set(STOP_CAUSES)


def test_a_long_hostile_reason_is_read_quickly() -> None:
    began = time.perf_counter()
    for text in ("CannotPull" * 5_000, "exec " * 10_000, "\x1b]0;x\x07" * 5_000, "a" * 60_000):
        reason_of([text])
    assert time.perf_counter() - began < 2.0
