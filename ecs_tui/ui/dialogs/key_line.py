"""The line of keys at the bottom of a dialog, looked up in its bindings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textual.widgets import Input

from ecs_tui.config.key_names import shown_key
from ecs_tui.ui.dialogs.base import Dialog

GAP = "   "


def key_line(dialog: Dialog[Any], words: Mapping[str, str]) -> str:
    """The keys of some actions with what each does, as many as are bound now, and the key for help.

    Args:
        dialog: The dialog.
        words: What each action does, in a few words, by the action's name.
    """
    found = ((key_of(dialog, action), does) for action, does in {**words, "help": "keys"}.items())
    return GAP.join(f"{key} {does}" for key, does in found if key)


def key_of(dialog: Dialog[Any], action: str) -> str:
    """The first key that is bound to an action of the dialog or its focused widget, or ""."""
    keymap = dialog.keymap
    for key, active in dialog.active_bindings.items():
        if active.binding.action == action:
            name = active.binding.id or ""
            if name not in keymap.keys:
                return shown_key(key)
            typing = dialog.types or isinstance(dialog.focused, Input)
            return keymap.typed_over(name) if typing else keymap.first(name)
    return ""
