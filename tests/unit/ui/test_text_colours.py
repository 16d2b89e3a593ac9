"""The colours of JSON and YAML: which part of a line is what."""

from __future__ import annotations

import pytest

from ecs_tui.ui.dialogs.text_colours import colours

KEY, TEXT, NUMBER, WORD = "$text-primary", "$text-success", "$text-warning", "$text-accent"


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ('  "count": 3,', [('"count"', KEY), ("3", NUMBER)]),
        ('  "a \\"b\\"": "c: d",', [('"a \\"b\\""', KEY), ('"c: d"', TEXT)]),
        ('    "arn:aws:ecs:eu-west-1"', [('"arn:aws:ecs:eu-west-1"', TEXT)]),
        ('  "on": true,', [('"on"', KEY), ("true", WORD)]), ('  "list": [', [('"list"', KEY)]),
        ("  },", []), ("", []), ("  -2.5e3", [("-2.5e3", NUMBER)]),
        ("count: 3", [("count", KEY), ("3", NUMBER)]),
        ("  - name: web", [("name", KEY), ("web", TEXT)]), ("  - web", [("web", TEXT)]),
        ('"two words": null', [('"two words"', KEY), ("null", WORD)]),
        ("at: 2026-01-02T03:04:05", [("at", KEY), ("2026-01-02T03:04:05", TEXT)]),
        ("items:", [("items", KEY)]), ("none: []", [("none", KEY)]),
    ],
)  # fmt: skip
def test_parts(line: str, parts: list[tuple[str, str]]) -> None:
    assert [(line[first:last], style) for first, last, style in colours(line)] == parts
