"""The footer, the last line of the screen: a note, or the keys of the focused widget."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from textual.widget import Widget
from textual.widgets import Input

from ecs_tui.config.keymap import COPY_CLEAR, COPY_MODE, Keymap
from ecs_tui.model.text import clean
from ecs_tui.terminal.widget import TerminalView
from ecs_tui.ui.commands.base import Command, refusal
from ecs_tui.ui.context import Context
from ecs_tui.ui.dock.dock import Dock, pane_of
from ecs_tui.ui.dock.pane import ShellPane

_GAP = "  "
_COPY = ("COPY", *(f"{key} {words}" for key, words in COPY_MODE))
_FIRST = ("shell", "exec-check", "open", "events", "stopped", "filter", "goto", "help", "quit")
"""Commands that stand first in the list's footer; where it is narrow, the others fall off first."""


@dataclass(frozen=True, slots=True)
class Footer:
    """The text of the footer.

    Attributes:
        left: One text, or several alternatives, longest first.
        right: The text at the right end, shown if it fits.
        fixed: Whether the right part is cut rather than the left one.
    """

    left: list[str]
    right: str = ""
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class FooterState:
    """What decides the footer.

    Attributes:
        keymap: The keys of all commands.
        commands: (key, title) of the commands of the list that are possible, the first ones first.
        armed: Whether the prefix was pressed and the next key is a dock command.
        note: The current note, or "".
        in_front: Whether no dialog is open.
        prompt: `/` or `:` while the prompt is open, else "".
        focused: The widget that takes the keys.
        dock: The dock of shells.
    """

    keymap: Keymap
    commands: Sequence[tuple[str, str]]
    armed: bool
    note: str
    in_front: bool
    prompt: str
    focused: Widget | None
    dock: Dock


def possible(
    commands: Iterable[Command], context: Context, keymap: Keymap
) -> list[tuple[str, str]]:
    """(key, title) of the commands for the footer that are possible, in its order."""
    found = {item.id: item for item in commands if item.footer and not refusal(item, context)}
    rest = [name for name in found if name not in _FIRST]
    order = [name for name in (*_FIRST, *rest) if name in found]
    return [(keymap.first(name), found[name].title_here(context)) for name in order]


def footer(state: FooterState) -> Footer:
    """The footer. A note replaces the keys, but never the broadcast warning."""
    keymap, note = state.keymap, state.note
    if state.armed:
        words = f"{keymap.prefix.shown} …"
        titles = {"list": "list", "next-shell": "next", "close-shell": "close",
                  "copy-mode": "copy mode", "shell-keys": "all keys"}  # fmt: skip
        keys = _GAP.join(f"{keymap.first(name)} {title}" for name, title in titles.items())
        return Footer([f"{words}{_GAP}{keys}", words])
    pane = pane_of(state.focused)
    if pane is not None and _broadcasts(state, pane):
        forms = [f"⇉ TYPING INTO {len(state.dock.marked)} SHELLS"]
        return Footer(forms, clean(note) or _back_to_list(state), fixed=True)
    if note:
        return Footer([clean(note)])
    if not state.in_front:
        return Footer([f"{keymap.first('dialog-close')} closes the dialog"])
    if state.prompt:
        return Footer(_shorter(_of_prompt(state)))
    if pane is not None:
        return _of_pane(state, pane)
    keys_of_list = [f"{key} {title}" for key, title in state.commands]
    shells = len(state.dock.panes)
    right = f"{keymap.prefix.shown} shells ({shells})" if shells else ""
    return Footer(_shorter(keys_of_list), right)


def _of_prompt(state: FooterState) -> list[str]:
    accept, leave = map(state.keymap.first, ("prompt-accept", "prompt-leave"))
    if state.prompt == "/":
        return [f"{accept} keep the filter", f"{leave} clear it"]
    following, previous = map(state.keymap.first, ("prompt-next", "prompt-previous"))
    return [f"{accept} go", f"{following} {previous} choose", f"{leave} leave"]


def _of_pane(state: FooterState, pane: ShellPane) -> Footer:
    first = state.keymap.first
    if isinstance(state.focused, Input):
        return Footer(_shorter(pane.line_keys))
    if pane.view.copy_mode is not None:
        keys = list(_COPY)
        if pane.view.copy_mode.kind:
            keys.insert(3, COPY_CLEAR)
        short = _GAP.join((_COPY[0], _COPY[2], _COPY[-1]))
        return Footer([_GAP.join(keys), _GAP.join(_COPY), short, _COPY[-1]])
    if not pane.alive:
        task = f" in {pane.reopens.task_id[:7]}, its replacement" if pane.replaced else ""
        enter, close, leave = map(first, ("closed-reopen", "closed-close", "closed-list"))
        opens = f"{enter} open {pane.offered}" if pane.offered else f"{enter} reopen{task}"
        keys = [
            opens,
            f"{' or '.join(state.keymap.all('closed-close').split())} close",
            f"{leave} list",
            f"{first('closed-command')} another command",
        ]
        short = opens if pane.offered else f"{enter} reopen"
        shortest = [short, f"{close} close", f"{leave} list"]
        return Footer([_GAP.join(keys), _GAP.join(keys[:-1]), _GAP.join(shortest)])
    assert isinstance(state.focused, TerminalView)
    return Footer(["Typing into the shell", "In the shell"], _back_to_list(state))


def _back_to_list(state: FooterState) -> str:
    keymap = state.keymap
    if state.dock.zoomed:
        return f"{keymap.in_shell('zoom')} or a click on the top line: unzoom"
    keys = f"{keymap.first('list')} list, {keymap.first('next-shell')} next …"
    return f"{keymap.prefix.both} for commands: {keys}"


def _broadcasts(state: FooterState, pane: ShellPane) -> bool:
    """Whether the next key goes to several shells."""
    typing = isinstance(state.focused, TerminalView) and pane.view.copy_mode is None
    several = pane.marked and pane.alive and len(state.dock.marked) > 1
    return typing and several and state.in_front


def _shorter(keys: list[str]) -> list[str]:
    """All keys, then one key fewer each time; a single key is never cut."""
    whole = _GAP.join(keys)
    fewer = [f"{_GAP.join(keys[:count])} …" for count in range(len(keys) - 1, 0, -1)]
    return [whole, *fewer]
