"""The line of keys at the bottom of a dialog, looked up in its bindings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textual.screen import Screen

GAP = "   "
_SHORT = {"escape": "esc"}
"""Names of keys as they are shown, where Textual's differ."""


def key_line(screen: Screen[Any], words: Mapping[str, str]) -> str:
    """The keys of some actions with what each does: as many as are bound now.

    Args:
        screen: The dialog.
        words: What each action does, in a few words, by the action's name.
    """
    found = ((key_of(screen, action), does) for action, does in words.items())
    return GAP.join(f"{key} {does}" for key, does in found if key)


def key_of(screen: Screen[Any], action: str) -> str:
    """The first key that is bound to an action of the dialog or its focused widget, or ""."""
    for key, active in screen.active_bindings.items():
        if active.binding.action == action:
            return _SHORT.get(key, key)
    return ""
