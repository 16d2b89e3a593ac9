"""Is the list of offenders in order?"""

from __future__ import annotations

import pytest

from tests.architecture import offenders
from tests.architecture.offenders import check


def test_there_is_no_offender() -> None:
    lists = (
        offenders.TO_THE_SCREEN, offenders.CIRCLES, offenders.ARROWS, offenders.CLASS_NAMES, offenders.KEY_WORDS,
        offenders.UNTESTED,
    )  # fmt: skip
    assert [each for each in lists if each] == []


def test_new_offenders_and_needless_entries_fail() -> None:
    check("x", {"a"}, {"a": "reason"})
    with pytest.raises(AssertionError, match="new"):
        check("x", {"a", "b"}, {"a": "reason"})
    with pytest.raises(AssertionError, match="no offender any more"):
        check("x", set(), {"a": "reason"})
