"""The search in a text: hits, case, where it begins, and going round."""

from __future__ import annotations

import pytest

from ecs_tui.ui.dialogs.text_search import MAX_HITS, TextSearch

LINES = ["Web one", "nothing", "a web, a web", "WEB"]


@pytest.mark.parametrize(
    ("text", "hits"),
    [
        ("web", [(0, 0, 3), (2, 2, 5), (2, 9, 12), (3, 0, 3)]), ("Web", [(0, 0, 3)]),
        ("none", []), ("a w", [(2, 0, 3), (2, 7, 10)]), (".", []), ("", []),
    ],
)  # fmt: skip
def test_hits(text: str, hits: list[tuple[int, int, int]]) -> None:
    search = TextSearch()
    search.search(text, LINES, 0)
    assert search.hits == hits
    assert search.line == (hits[0][0] if hits else None)


def test_it_begins_on_the_screen_and_goes_round() -> None:
    search = TextSearch()
    search.search("web", LINES, 1)
    assert (search.line, search.words) == (2, "/web  2/4")
    search.step(1)
    search.step(1)
    assert (search.line, search.words) == (3, "/web  4/4")
    search.step(1)
    assert search.line == 0
    search.step(-1)
    assert search.line == 3
    search.search("web", LINES, 9)
    assert search.line == 0, "from the beginning again"


def test_nothing_found_and_nothing_searched() -> None:
    search = TextSearch()
    assert search.words == ""
    search.step(1)
    assert search.line is None
    search.search("zzz", LINES, 0)
    assert search.words == "/zzz  no match"


def test_too_many_hits_are_counted_as_such() -> None:
    search = TextSearch()
    search.search("a", ["a" * 10] * MAX_HITS, 0)
    assert len(search.hits) == MAX_HITS
    assert search.words == f"/a  1/{MAX_HITS}+"
