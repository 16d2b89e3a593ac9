"""Which actions about sessions an IAM policy document allows, as far as the document alone tells."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fnmatch import translate
from functools import lru_cache
from re import IGNORECASE, Pattern, compile
from urllib.parse import unquote

SESSION_ACTIONS = ("ecs:ExecuteCommand", "ssm:StartSession")
"""The actions that open a session in a container."""
MAX_CHARACTERS = 200_000
"""Characters of a document that are read; IAM allows 10,240 at most (IAM quotas page)."""


def session_grants(document: str) -> tuple[str, ...]:
    """The actions of `SESSION_ACTIONS` that a statement with Effect Allow names, wildcards included.

    Conditions, resources and Deny statements may narrow it; only a simulation knows.
    Grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html

    Args:
        document: The document as JSON; IAM's read operations return it URL-encoded (RFC 3986).
    """
    found = []
    for statement in _statements(document):
        if statement.get("Effect") != "Allow":
            continue
        named, left_out = _texts(statement.get("Action")), _texts(statement.get("NotAction"))
        for action in SESSION_ACTIONS:
            if _any(named, action) or (left_out and not _any(left_out, action)):
                found.append(action)
    return tuple(action for action in SESSION_ACTIONS if action in found)


def _statements(document: str) -> list[Mapping[str, object]]:
    text = document[:MAX_CHARACTERS]
    if text.lstrip().startswith("%"):
        text = unquote(text)
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return []
    statements = parsed.get("Statement") if isinstance(parsed, dict) else None
    every = statements if isinstance(statements, list) else [statements]
    return [each for each in every if isinstance(each, dict)]


def _texts(value: object) -> list[str]:
    every = value if isinstance(value, list) else [value]
    return [each for each in every if isinstance(each, str)]


def _any(patterns: list[str], action: str) -> bool:
    return any(_pattern(each).match(action) is not None for each in patterns)


@lru_cache(256)
def _pattern(text: str) -> Pattern[str]:
    """IAM knows `*` and `?` only; `[` is no wildcard there."""
    return compile(translate(text.replace("[", "[[]")), IGNORECASE)
