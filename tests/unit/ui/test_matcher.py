"""The search by letters in order: what it finds, and that no name or text makes it slow."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecs_tui.ui.prompt.matcher import MAX_LETTERS, Finder, Match


def finder(*names: str) -> Finder:
    """A finder of these names only."""
    return Finder([], "", [Match("command", name, "", None, command="x") for name in names])


def in_order(letters: str, name: str) -> bool:
    """Whether the letters occur in the name in this order."""
    rest = iter(name.casefold())
    return all(letter in rest for letter in letters.casefold())


NAMES = st.text("abc-.^]\\[", min_size=1, max_size=8)


@given(st.lists(NAMES, max_size=8, unique=True), st.text("abc-.^]\\[", min_size=2, max_size=4))
def test_letters_in_order_are_found_and_nothing_else(names: list[str], wanted: str) -> None:
    found = {match.name for match in finder(*names).find(wanted, 1000)}
    assert found == {name for name in names if in_order(wanted, name)}


@pytest.mark.parametrize("wanted", ["a" * 60 + "b", "ab" * 60, "a" * MAX_LETTERS, "a" * 10**6])
def test_names_and_texts_that_nearly_match_take_no_time(wanted: str) -> None:
    made = finder(*(f"{'a' * 250}{number}" for number in range(500)))
    began = time.perf_counter()
    made.find(wanted)
    assert time.perf_counter() - began < 2.0
