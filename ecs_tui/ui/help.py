"""The groups of the help page: what is possible here first."""

from __future__ import annotations

from collections.abc import Iterable

from ecs_tui.config.keymap import ANYWHERE, CLOSED, PROMPT, WORDS, Keymap
from ecs_tui.ui.commands.base import Command, refusal
from ecs_tui.ui.commands.dock import DockCommand
from ecs_tui.ui.context import Context
from ecs_tui.ui.dialogs.help import KeyGroup

GENERAL = ("Navigation", "Lists", "Screen")
"""Groups whose commands are possible nearly everywhere."""


def help_sections(commands: Iterable[Command], context: Context, keymap: Keymap) -> list[KeyGroup]:
    """The groups: what is possible with the selected row, general keys, the rest, the dock's.

    Args:
        commands: The commands to show.
        context: What is selected.
        keymap: The keys of all commands.
    """
    groups: dict[str, list[tuple[str, str]]] = {"Here": [], **{name: [] for name in GENERAL}}
    elsewhere: list[tuple[str, str]] = []
    for command in commands:
        row = (keymap.all(command.id), keymap.fill(command.help))
        if isinstance(command, DockCommand) or command.group in GENERAL:
            groups.setdefault(keymap.fill(command.group), []).append(row)
        elif refusal(command, context):
            elsewhere.append(row)
        else:
            groups["Here"].append(row)
    ordered = [name for name in groups if name == "Here" or name in GENERAL]
    made = [KeyGroup(name, tuple(groups[name])) for name in ordered if groups[name]]
    if elsewhere:
        made.append(KeyGroup("In other lists, or with another row", tuple(elsewhere)))
    made += [KeyGroup(name, tuple(groups[name])) for name in groups if name not in ordered]
    others = {"In a closed shell": CLOSED, "In the line of / and :": PROMPT, "Anywhere": ANYWHERE}
    for title, ids in others.items():
        made.append(KeyGroup(title, tuple((keymap.all(name), WORDS[name]) for name in ids)))
    return made
