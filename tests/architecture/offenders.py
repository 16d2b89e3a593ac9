"""All exceptions from the rules of this folder, each with its reason.

There are none. An entry that breaks no rule any more fails the rule's test: the list only shrinks.
"""

from __future__ import annotations

from collections.abc import Mapping, Set


def check(rule: str, found: Set[str], listed: Mapping[str, str]) -> None:
    """Fail unless exactly the listed offenders were found.

    Args:
        rule: What is broken, for the message.
        found: What breaks it.
        listed: What is known to break it, each with the reason.
    """
    new, gone = sorted(found - listed.keys()), sorted(listed.keys() - found)
    assert not new, f"{rule}: new: {new}"
    assert not gone, f"{rule}: no offender any more, take it off the list: {gone}"


TO_THE_SCREEN: dict[str, str] = {}
"""Imports that close a circle and point up."""

CIRCLES: dict[str, str] = {}
"""Other imports that close a circle, within one folder."""

ARROWS: dict[str, str] = {}
"""Other imports that the table of `test_arrows.py` does not allow."""

CLASS_NAMES: dict[str, str] = {}
"""Names of classes that two modules have."""

KEY_WORDS: dict[str, str] = {}
"""Modules with a key's name in a sentence."""

UNTESTED: dict[str, str] = {}
"""Modules that no test imports."""
