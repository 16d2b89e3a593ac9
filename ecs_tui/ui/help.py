"""The groups of the help page: what is possible here first."""

from __future__ import annotations

from collections.abc import Iterable

from ecs_tui.config.key_text import KeyText
from ecs_tui.config.key_words import WORDS
from ecs_tui.config.keymap import ANYWHERE, CLOSED, PAGE_KEYS, PROMPT, Keymap
from ecs_tui.ui.commands.base import Command, refusal
from ecs_tui.ui.commands.dock import DockCommand
from ecs_tui.ui.context import Context
from ecs_tui.ui.dialogs.help import KeyGroup
from ecs_tui.ui.dialogs.text import TextScreen

_OF_PAGES = {**WORDS, **{each.id or "": each.description for each in TextScreen.own_keys()}}
"""What the keys in `PAGE_KEYS` do: their own words, or those of a dialog with the same text."""
GENERAL = ("Navigation", "Lists", "Screen")
"""Groups whose commands are possible nearly everywhere."""
LEADS_AWAY = ("Places", "Accounts")
"""Groups whose commands are not about the selected row."""
SEND_PREFIX = "Send this key to the shell."
"""What the prefix does after the prefix."""


def help_sections(commands: Iterable[Command], context: Context, keymap: Keymap) -> list[KeyGroup]:
    """The groups: what is possible with the selected row, general keys, the rest, the dock's.

    Args:
        commands: The commands to show.
        context: What is selected.
        keymap: The keys of all commands.
    """
    own = PAGE_KEYS.get(context.page_keys, ())
    of_page = [(keymap.all(name), _OF_PAGES[name]) for name in own]
    keymap = keymap.without(context.page_keys)
    groups: dict[str, list[tuple[str, str]]] = {"Here": [], **{name: [] for name in GENERAL}}
    elsewhere: list[tuple[str, str]] = []
    # What works on this row comes before where else one may go.
    for command in sorted(commands, key=lambda each: each.group in LEADS_AWAY):
        row = (keymap.all(command.id), keymap.fill(command.help))
        if isinstance(command, DockCommand) or command.group in GENERAL:
            first = [(keymap.prefix.shown, SEND_PREFIX)] if isinstance(command, DockCommand) else []
            groups.setdefault(keymap.fill(KeyText(command.group)), first).append(row)
        elif refusal(command, context):
            elsewhere.append(row)
        else:
            groups["Here"].append(row)
    ordered = [name for name in groups if name == "Here" or name in GENERAL]
    made = [KeyGroup("On this page", tuple(of_page))] if of_page else []
    made += [KeyGroup(name, tuple(groups[name])) for name in ordered if groups[name]]
    if elsewhere:
        made.append(KeyGroup("In other lists, or with another row", tuple(elsewhere)))
    made += [KeyGroup(name, tuple(groups[name])) for name in groups if name not in ordered]
    others = {"In a closed shell": CLOSED, "In the line of / and :": PROMPT, "Anywhere": ANYWHERE}
    for title, ids in others.items():
        made.append(KeyGroup(title, tuple((keymap.all(name), WORDS[name]) for name in ids)))
    return made
