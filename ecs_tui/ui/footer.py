"""The footer, the last line of the screen: a note, or the keys of the focused widget."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from textual.widget import Widget
from textual.widgets import Input

from ecs_tui.config.key_names import textual_name
from ecs_tui.config.keymap import COPY_CLEAR, COPY_MODE, Keymap
from ecs_tui.model.text import clean
from ecs_tui.record import dataclass
from ecs_tui.resources import Resource
from ecs_tui.ui.commands.base import Command, refusal
from ecs_tui.ui.context import Context
from ecs_tui.ui.dock.dock import Dock, pane_of

if TYPE_CHECKING:
    from ecs_tui.ui.dock.pane import ShellPane

KEY_GAP = "  "
"""Between two keys of the footer."""
_GAP = KEY_GAP
_COPY = ("COPY", *(f"{key} {words}" for key, words in COPY_MODE))
_OF_PAGE = {
    "audit": (
        ("audit-flagged", "marked"), ("audit-longer", "longer"), ("audit-layer", "layers"),
        ("audit-group", "group"), ("audit-save", "save"), ("audit-stop", "stop"),
    ),
    "transcript": (
        ("text-search", "search"), ("mark-next", "next mark"), ("mark-previous", "mark before"),
        ("transcript-mask", "secrets"), ("raw-format", "bytes"), ("text-save", "save"),
        ("transcript-typed", "typed"), ("text-wrap", "wrap"),
    ),
    "text": (("text-search", "search"), ("text-only", "only lines"), ("raw-format", "JSON/YAML")),
    "logs": (
        ("text-search", "search"), ("log-only", "only lines"), ("log-follow", "follow"),
        ("log-unfold", "unfold"), ("log-previous", "task before"), ("log-longer", "longer"),
        ("log-times", "times"), ("text-wrap", "wrap"),
    ),
    "metrics": (("metrics-shorter", "shorter"), ("metrics-longer", "longer")),
    "activity": (
        ("activity-open", "open"), ("activity-layer", "layers"), ("activity-shorter", "shorter"),
        ("activity-longer", "longer"),
    ),
    "problems": (("problem-evidence", "evidence"), ("problem-hide", "hide")),
}  # fmt: skip
"""The most important keys of pages that have some of their own, by their name in `PAGE_KEYS`."""
_FIRST = (
    "shell", "exec-check", "open", "logs", "events", "stopped", "filter", "goto", "help", "quit",
)  # fmt: skip
"""Commands that stand first in the list's footer; where it is narrow, the others fall off first."""
_OF_VIEW = {"sessions": "end-session", "waiting": "rollback"}
"""The command for which a list is opened, by the list's view: it stands before all others."""


@dataclass(frozen=True, slots=True)
class Footer:
    """The text of the footer.

    Attributes:
        left: One text, or several alternatives, longest first.
        right: The text at the right end, shown if it fits.
        fixed: Whether the right part is cut rather than the left one.
        of_list: Whether it names keys of the list, which can be clicked.
    """

    left: list[str]
    right: str = ""
    fixed: bool = False
    of_list: bool = False


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
    """(key, title) of the keys for the footer that are possible: first the page's own."""
    own = [(keymap.first(name), title) for name, title in _OF_PAGE.get(context.page_keys, ())]
    left = keymap.without(context.page_keys)
    found = {
        item.id: item
        for item in commands
        if item.footer and not _taken(item.id, keymap, left) and not refusal(item, context)
    }
    first = (_OF_VIEW.get(context.place.view, ""), *_FIRST)
    order = [name for name in dict.fromkeys((*first, *found)) if name in found]
    return [*own, *((keymap.first(name), found[name].title_here(context)) for name in order)]


def _taken(command: str, keymap: Keymap, left: Keymap) -> bool:
    """Whether a page has the first key of a command for itself; its other keys are not named then.

    Args:
        left: The keymap without the keys of the page.
    """
    return left is not keymap and left.of(command)[:1] != keymap.of(command)[:1]


_OF_HEADER = (
    "open", "shell", "events", "exec-check", "details", "access", "stopped", "deploy", "scale",
    "all-services", "regions", "profiles", "filter", "goto",
)  # fmt: skip
"""Commands that the header names, the first ones first; and last of all the help."""
_MAX_IN_HEADER = 8
_ABOUT_SERVICES = frozenset({"events", "deploy", "scale"})
"""Commands of the header that need a service."""
_WITHOUT_SERVICES = frozenset({
    "clusters", "accounts", "instances", "capacity-providers", "daemons", "audit", "sessions",
    "transcript",
})  # fmt: skip
"""Views whose rows belong to no service."""


def head_keys(
    commands: Iterable[Command], view: Resource, keymap: Keymap, *, read_only: bool, page: str = ""
) -> list[tuple[str, str]]:
    """(key, title) of the commands for the header: those of a list, whatever is selected in it.

    Args:
        commands: All commands.
        view: The list.
        keymap: The keys of all commands.
        read_only: Whether commands that change something are left out.
        page: The name of the page's own keys in `PAGE_KEYS`; "" for none.
    """
    left = keymap.without(page)
    fits = {
        item.id: item
        for item in commands
        if (not item.fits or view.name in item.fits)
        and not (read_only and item.mutates)
        and not _taken(item.id, keymap, left)
        and (view.listed or not item.in_lists)
        and not (item.id in _ABOUT_SERVICES and view.name in _WITHOUT_SERVICES)
    }
    names = [name for name in _OF_HEADER if name in fits and keymap.of(name)]
    names = [*names[: _MAX_IN_HEADER - 1], "help"]
    return [(keymap.first(name), fits[name].title) for name in names]


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
    if isinstance(state.focused, Input):
        accept, leave = map(keymap.first, ("line-accept", "dialog-close"))
        return Footer(_shorter([f"{accept} search", f"{leave} leave"]))
    keys_of_list = [f"{key} {title}" for key, title in state.commands]
    shells = len(state.dock.panes)
    right = f"{keymap.prefix.shown} shells ({shells})" if shells else ""
    return Footer(_shorter(keys_of_list), right, of_list=True)


def command_of(text: str, keymap: Keymap) -> str:
    """The id of the list's command that a part of the footer names, `s shell`; else ""."""
    key = text.split(" ", maxsplit=1)[0]
    try:
        name = textual_name(key)
    except ValueError:  # a typed command, or no key
        return ""
    return keymap.command("the list", name, key if len(key) == 1 else None)


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
    assert state.focused is pane.view
    return Footer(["Typing into the shell", "In the shell"], _back_to_list(state))


def _back_to_list(state: FooterState) -> str:
    keymap = state.keymap
    if state.dock.zoomed:
        return f"{keymap.in_shell('zoom')} or a click on the top line: unzoom"
    keys = f"{keymap.first('list')} list, {keymap.first('next-shell')} next …"
    return f"{keymap.prefix.both} for commands: {keys}"


def _broadcasts(state: FooterState, pane: ShellPane) -> bool:
    """Whether the next key goes to several shells."""
    typing = state.focused is pane.view and pane.view.copy_mode is None
    several = pane.marked and pane.alive and len(state.dock.marked) > 1
    return typing and several and state.in_front


def _shorter(keys: list[str]) -> list[str]:
    """All keys, then one key fewer each time; a single key is never cut."""
    whole = _GAP.join(keys)
    fewer = [f"{_GAP.join(keys[:count])} …" for count in range(len(keys) - 1, 0, -1)]
    return [whole, *fewer]
