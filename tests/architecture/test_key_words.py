"""Is a key named in a sentence, where a keymap could not change it?

Keys are declared in `config/` and `ui/commands/`; a key that is shown must be looked up there.
"""

from __future__ import annotations

import re

import pytest

from tests.architecture.offenders import KEY_WORDS, check
from tests.architecture.source import Sources, folder, package, strings, written

MAY = ("config", "ui/commands")
LEFT_OUT = "demo"
"""It shows nothing."""

_NAMED = r"(?:ctrl|alt|shift)\+\S+|esc|f\d\d?|[a-z]/[a-z]|enter(?! (?:the|a|your|it)\b)"
_HINT = re.compile(
    rf"(?:^|[\s(·:}}])(?:{_NAMED}) (?:[a-z]|\{{\}})"  # "esc close", "ctrl+p chooses"
    r"|(?:^|   |· )(?:[b-rt-zB-Z/]|tab|space) [a-z]{2,}"  # "c copy   / filter", "y do it"
    r"|(?:   |\{\} )[b-zB-Z] [a-z]{2,}"  # f"{prefix} o opens it"
    r"|(?:^|   )[A-Za-z] [A-Za-z] [a-z]{2,}"  # "J K scroll"
)


def named(sources: Sources) -> dict[str, list[str]]:
    """By module: the strings with a key's name and what it does."""
    found: dict[str, list[str]] = {}
    for name, text in sources.items():
        here = folder(name, sources)
        if here in MAY or here.split("/")[0] == LEFT_OUT:
            continue
        lines = [line for node in strings(text) if _HINT.search(line := written(node))]
        if lines:
            found[name] = lines
    return found


def test_no_sentence_names_a_key() -> None:
    check("key in a sentence", set(named(package())), KEY_WORDS)


@pytest.mark.parametrize(
    "line",
    [
        '"enter choose   esc close"',
        '"y do it   c copy"',
        'f"{prefix} x closes it."',
        'f"Nothing matches {text}. esc clears the filter."',
        '"Nothing. ctrl+p chooses profiles."',
        '"j/k move"',
        '"J K scroll · 1 of 2"',
    ],
)
def test_a_hint_is_found(line: str) -> None:
    assert named({"ecs_tui.ui.x": f"say({line})"})


@pytest.mark.parametrize(
    "line",
    [
        '"Compare or enter the code: 1"',
        '"a service"',
        'f"Two {kind}s are named"',
        '"the session key (KMS) of it"',
        '("escape", "leave", "close")',
        '"""Docstring: esc close."""',
    ],
)
def test_other_sentences_are_left_alone(line: str) -> None:
    text = line if line.startswith('"""') else f"say({line})"
    assert not named({"ecs_tui.ui.x": text})
    assert not named({"ecs_tui": "", "ecs_tui.config": "", "ecs_tui.config.x": 'say("esc close")'})
