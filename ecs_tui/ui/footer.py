"""The footer, the last line of the screen: a note, or the keys of the focused widget."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.widgets import Input

from ecs_tui.model.text import clean
from ecs_tui.terminal.widget import TerminalView
from ecs_tui.ui.dock.pane import ShellPane

if TYPE_CHECKING:
    from ecs_tui.ui.commands.base import Action
    from ecs_tui.ui.main_screen import Browser

_GAP = "  "
_COPY = ("COPY", "v select", "y copy", "/ search", "n N next", "q quit")


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


def footer(browser: Browser, actions: Iterable[Action], *, armed: bool, note: str) -> Footer:
    """The footer for the current focus. A note replaces the keys, but never the broadcast warning.

    Args:
        browser: The main screen.
        actions: Their keys are shown where they are possible.
        armed: Whether the prefix was pressed and the next key is a dock command.
        note: The current note, or "".
    """
    prefix = browser.settings.prefix_keys
    if armed:
        words = f"{prefix.shown} …"
        return Footer([f"{words}  l list  n next  x close  c copy mode", words])
    pane = focused_pane(browser)
    if pane is not None and _broadcasts(browser, pane):
        count = len(browser.dock.marked)
        forms = [f"⇉ TYPING INTO {count} SHELLS"]
        return Footer(forms, clean(note) or _back_to_list(browser), fixed=True)
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
    right = f"{prefix.shown} shells ({len(browser.dock.panes)})" if browser.dock.panes else ""
    return Footer(_shorter(keys), right)


def focused_pane(browser: Browser) -> ShellPane | None:
    """The shell pane whose terminal or input line has the focus, or None."""
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
            keys.insert(3, "esc clear selection")
        return Footer([_GAP.join(keys), _GAP.join(_COPY), "COPY  y copy  q quit", "q quit"])
    if not pane.alive:
        task = f" in {pane.reopens.task_id[:7]}, its replacement" if pane.replaced else ""
        first = f"enter open {pane.offered}" if pane.offered else f"enter reopen{task}"
        keys = [first, "x or q close", "esc list", "e another command"]
        short = first if pane.offered else "enter reopen"
        return Footer(
            [_GAP.join(keys), _GAP.join(keys[:-1]), _GAP.join([short, "x close", "esc list"])]
        )
    assert isinstance(browser.focused, TerminalView)
    return Footer(["Typing into the shell", "In the shell"], _back_to_list(browser))


def _back_to_list(browser: Browser) -> str:
    prefix = browser.settings.prefix_keys
    if browser.dock.zoomed:
        return f"{prefix.shown} z or a click on the top line: unzoom"
    return f"{prefix.both} for commands: l list, n next …"


def _broadcasts(browser: Browser, pane: ShellPane) -> bool:
    """Whether the next key goes to several shells."""
    typing = isinstance(browser.focused, TerminalView) and pane.view.copy_mode is None
    several = pane.marked and pane.alive and len(browser.dock.marked) > 1
    return typing and several and browser.is_active


def _shorter(keys: list[str]) -> list[str]:
    """All keys, then one key fewer each time; a single key is never cut."""
    whole = _GAP.join(keys)
    fewer = [f"{_GAP.join(keys[:count])} …" for count in range(len(keys) - 1, 0, -1)]
    return [whole, *fewer]
