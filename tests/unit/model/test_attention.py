"""What needs attention among services is counted; what is not known is not 0."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecs_tui.model.rules.attention import NOTHING, Attention, ServiceSigns, Tally, attention
from ecs_tui.model.rules.health import Sign


@pytest.mark.parametrize(
    ("tally", "words"),
    [
        (Tally(), ""),
        (Tally(complete=True), "0"),
        (Tally(3, "web", complete=True), "3"),
        (Tally(3, "web"), "3+"),
    ],
)
def test_a_number_says_whether_there_may_be_more(tally: Tally, words: str) -> None:
    assert tally.words == words


def test_each_kind_is_counted_with_the_first_name() -> None:
    found = attention(
        [
            ServiceSigns("web", Sign.BAD, Sign.WARNING),
            ServiceSigns("api", Sign.BAD, Sign.OFF),
            ServiceSigns("cart", Sign.MOVING, Sign.FINE),
            ServiceSigns("jobs", Sign.WARNING, Sign.FINE),
            ServiceSigns("idle", Sign.OFF, None),
        ]
    )
    assert found == Attention(
        Tally(2, "api", True),
        Tally(1, "jobs", True),
        Tally(1, "cart", True),
        Tally(1, "web", True),
        Tally(1, "api", True),
    )


def test_what_is_not_described_or_checked_is_not_counted_as_fine() -> None:
    some = [ServiceSigns("web", Sign.BAD, None, shell_known=False), ServiceSigns("x", None, None)]
    found = attention(some)
    assert (found.failing.words, found.deploying.words) == ("1+", "")
    assert (found.partly.words, found.no_shell.words) == ("", "")
    assert attention([], listed=False) == Attention()
    assert attention([]) == NOTHING


signs = st.sampled_from([*Sign, None])
services = st.lists(
    st.builds(ServiceSigns, st.text("abc", min_size=1, max_size=3), signs, signs, st.booleans())
)


@given(services, services)
def test_counting_in_parts_is_counting_all(
    one: list[ServiceSigns], two: list[ServiceSigns]
) -> None:
    assert attention(one) + attention(two) == attention([*one, *two])
    assert NOTHING + attention(one) == attention(one)
