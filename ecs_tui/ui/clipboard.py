"""Why a copied text may not arrive in the operator's clipboard."""

from __future__ import annotations

from collections.abc import Mapping

from ecs_tui.system.terminal_type import TerminalType


def clipboard_hint(terminal: TerminalType, environ: Mapping[str, str]) -> str:
    """What stands between a copy (OSC 52) and the clipboard, and what helps; "" if nothing is known.

    tmux passes copies of programs on only with `set-clipboard on`; its default is `external`, see
    tmux(1). GNU screen never does.

    Args:
        terminal: The operator's terminal.
        environ: The environment variables.
    """
    if not terminal.commands:
        return f"This terminal (TERM={terminal.name}) cannot copy: nothing is in your clipboard."
    if environ.get("TMUX"):
        return "If nothing arrives in your clipboard: tmux set -g set-clipboard on"
    if environ.get("STY"):
        return "GNU screen does not pass copies on to your terminal's clipboard."
    return ""
