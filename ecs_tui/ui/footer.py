"""The last line of the screen: a note, or the keys that work where the focus is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.widgets import Input

from ecs_tui.model.words import clean
from ecs_tui.terminal.widget import TerminalView
from ecs_tui.ui.widgets.pane import ShellPane

if TYPE_CHECKING:
    from ecs_tui.ui.actions.base import Action
    from ecs_tui.ui.screens.browser import Browser

_GAP = "  "
_COPY = ("COPY", "v select", "y copy", "/ search", "n N next", "q leave")


@dataclass(frozen=True, slots=True)
class Footer:
    """What the line says.

    Attributes:
        left: One form or several, the longest first.
        right: What stands at the right end where there is room.
        fixed: Whether the right part is cut rather than the left one.
    """

    left: list[str]
    right: str = ""
    fixed: bool = False


def footer(browser: Browser, actions: Iterable[Action], *, armed: bool, note: str) -> Footer:
    """The keys of what has the focus; a note covers them, but never the broadcast warning."""
    prefix = browser.settings.prefix_keys
    if armed:
        words = f"{prefix.shown}, then a key"
        return Footer([f"{words}: l list, n next, x close, c copy mode …", words])
    pane = focused_pane(browser)
    if pane is not None and _broadcasts(browser, pane):
        count = len(browser.dock.marked)
        forms = [f"⇉ EVERY KEY GOES TO {count} SHELLS", f"⇉ KEYS GO TO {count} SHELLS"]
        return Footer(forms, clean(note) or _way_out(browser), fixed=True)
    if note:
        return Footer([clean(note)])
    if not browser.is_active:
        return Footer(["esc closes the dialog"])
    if browser.prompt.is_open:
        if browser.prompt.kind == "/":
            return Footer(_shorter(["enter keep the filter", "esc clear it"]))
        return Footer(_shorter(["enter go", "↓ ↑ choose", "esc leave"]))
    if pane is not None:
        return _of_pane(browser, pane)
    keys = [
        f"{action.shown} {action.title_here(browser)}"
        for action in actions
        if action.footer and not browser.obstacle(action)
    ]
    right = f"{prefix.shown} dock ({len(browser.dock.panes)})" if browser.dock.panes else ""
    return Footer(_shorter(keys), right)


def focused_pane(browser: Browser) -> ShellPane | None:
    """The shell pane that has the focus, in its terminal or in its line."""
    focused = browser.focused
    if focused is None:
        return None
    return next((node for node in focused.ancestors if isinstance(node, ShellPane)), None)


def _of_pane(browser: Browser, pane: ShellPane) -> Footer:
    if isinstance(browser.focused, Input):
        return Footer(_shorter(pane.line_keys))
    if pane.view.copy_mode is not None:
        keys = list(_COPY)
        if pane.view.copy_mode.kind:
            keys.insert(3, "esc drop the selection")
        return Footer([_GAP.join(keys), _GAP.join(_COPY), "COPY  y copy  q leave", "q leave"])
    if not pane.alive:
        task = f" in {pane.reopens.task_id[:7]}, its replacement" if pane.replaced else ""
        keys = [f"enter reopen{task}", "x or q close", "esc list"]
        return Footer([_GAP.join(keys), "enter reopen  x close  esc list"])
    assert isinstance(browser.focused, TerminalView)
    return Footer(["every key goes to the shell", "keys go to the shell"], _way_out(browser))


def _way_out(browser: Browser) -> str:
    prefix = browser.settings.prefix_keys
    if browser.dock.zoomed:
        return f"{prefix.shown} z or a click on the top line: unzoom"
    return f"{prefix.both} then a key: list, next, close …"


def _broadcasts(browser: Browser, pane: ShellPane) -> bool:
    """Whether the next key goes to several shells."""
    typing = isinstance(browser.focused, TerminalView) and pane.view.copy_mode is None
    several = pane.marked and pane.alive and len(browser.dock.marked) > 1
    return typing and several and browser.is_active


def _shorter(keys: list[str]) -> list[str]:
    """All keys, then ever fewer of them, never a part of one."""
    whole = _GAP.join(keys)
    fewer = [f"{_GAP.join(keys[:count])} …" for count in range(len(keys) - 1, 0, -1)]
    return [whole, *fewer]
