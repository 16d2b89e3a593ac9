"""Whether a cluster or a service is in production: then its change must be confirmed by a name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Protocol

_TAG_KEYS = ("environment", "env", "stage")
_TAG_VALUES = ("production", "live")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
"""The words of a name: between hyphens, underscores, digits and capitals."""
_NAME_WORDS = ("prd", "live")
_NEGATIONS = ("non", "no", "not", "pre")


class NamedAndTagged(Protocol):
    """What has a name and tags: a cluster, a service."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def tags(self) -> Mapping[str, str]:
        """Its tags; empty if they could not be read."""


def looks_like_production(*things: NamedAndTagged) -> bool:
    """Whether the name or the tags of one of these things look like production.

    A tag `environment`, `env` or `stage` whose value begins with prod or is live; a name with a
    word that begins with prod, or is prd or live. `non-prod`, `preprod` and `product-search` are not
    production. The case of letters does not count.
    """
    return any(_tags(thing.tags) or _name(thing.name) for thing in things)


def _tags(tags: Mapping[str, str]) -> bool:
    values = [
        value.strip().casefold()
        for key, value in tags.items()
        if key.strip().casefold() in _TAG_KEYS
    ]
    return any(value.startswith("prod") or value in _TAG_VALUES for value in values)


def _name(name: str) -> bool:
    words = [word.casefold() for word in _WORDS.findall(name)]
    return any(
        _is_production(word) and (not before or before[-1] not in _NEGATIONS)
        for word, before in ((word, words[:index]) for index, word in enumerate(words))
    )


def _is_production(word: str) -> bool:
    if word in _NAME_WORDS or word.startswith("production"):
        return True
    return word.startswith("prod") and not word.startswith("product")
