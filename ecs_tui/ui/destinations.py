"""What `:` offers: places visited last, names of everything that is loaded, commands, and addresses."""

from __future__ import annotations

from collections.abc import Sequence

from ecs_tui.config.keymap import Keymap
from ecs_tui.errors import WrongUsage
from ecs_tui.model.address import Reference
from ecs_tui.model.arn import short_name
from ecs_tui.model.pasted import recognise
from ecs_tui.model.text import counted
from ecs_tui.resources import Place
from ecs_tui.ui.commands.base import Command
from ecs_tui.ui.navigation import Navigation
from ecs_tui.ui.prompt.matcher import Finder, Match
from ecs_tui.ui.prompt.prompt import MAX_FOUND, Find


class Destinations:
    """Finds places and commands by name.

    Args:
        at: The connections and the place shown.
        keymap: The keys of all commands.
        commands: The commands that can be run by name.
    """

    def __init__(self, at: Navigation, keymap: Keymap, commands: Sequence[Command]) -> None:
        self._at = at
        self._commands = [
            _of_command(command, name, keymap)
            for command in commands
            for name in (command.id, *command.aliases)
        ]
        self._warming: Finder | None = None
        self._warmed_at = 0

    def finder(self) -> Finder:
        """Finds by name; the resources of the current connection rank first."""
        current = self._at.connection
        others = [each for each in self._at.connections.all if each is not current]
        return Finder(
            [(each.label, each.inventory) for each in (current, *others)],
            self._at.place.cluster,
            self._commands,
        )

    def find(self) -> Find:
        """What finds the matches of a text that is typed after `:`."""
        finder, first = self.finder(), self._recent() + self._commands

        def found(text: str) -> list[Match]:
            if not text.strip():
                return first
            try:
                named = recognise(text)
            except WrongUsage:
                return []
            if named is None:
                return finder.find(text, MAX_FOUND)
            if not _is_bare_id(named):
                return [_of_address(named)]
            matches = finder.find(text, MAX_FOUND)
            known = bool(named.task) and any(match.kind == "task" for match in matches)
            return matches if known else [*matches[: MAX_FOUND - 1], self._of_id(named)]

        return found

    @staticmethod
    def explain(text: str) -> str:
        """Why a text leads nowhere, if it is an address; else ""."""
        try:
            recognise(text)
        except WrongUsage as error:
            return str(error)
        return ""

    def _of_id(self, named: Reference) -> Match:
        """The search for a task that is not loaded."""
        count = len(self._at.connections.all)
        where = "all clusters" if count == 1 else f"all clusters of {counted(count, 'connection')}"
        return Match("task", named.label, "", None, hint=f"Look in {where}", reference=named)

    def _recent(self) -> list[Match]:
        several = len(self._at.connections.all) > 1
        return [
            Match("recent", _place_words(each.place), each.connection.label, each.place)
            if several
            else Match("recent", _place_words(each.place), "", each.place)
            for each in self._at.recent
        ]

    def warm(self, *, busy: bool) -> bool:
        """Prepare a portion of the names in advance; returns whether more are to be prepared.

        Args:
            busy: Whether the prompt is open: a new preparation does not start then.
        """
        changes = sum(each.inventory.changes for each in self._at.connections.all)
        if self._warming is None and changes != self._warmed_at and not busy:
            self._warmed_at = changes
            self._warming = self.finder()
        if self._warming is not None and not self._warming.warm():
            self._warming = None
        return self._warming is not None


def _is_bare_id(named: Reference) -> bool:
    """Whether it is a task ID, or the beginning of one, without anything else."""
    return bool(named.name or named.task) and not (named.cluster or named.region or named.account)


def _of_address(named: Reference) -> Match:
    return Match(named.kind, named.words, "", None, reference=named)


def _of_command(command: Command, name: str, keymap: Keymap) -> Match:
    keys = keymap.all(command.id) if keymap.of(command.id) else ""
    hint = "  ".join(part for part in (keys, keymap.fill(command.help)) if part)
    return Match("command", name, "", None, command=command.id, hint=hint)


def _place_words(place: Place) -> str:
    """A place in words: `prod › web › tasks`."""
    view = "clusters of all accounts" if place.view == "accounts" else place.view
    one = short_name(place.task_arn or place.instance)[:12]
    parts = [place.cluster, place.service, one, view]
    return " › ".join(part for part in (*parts, "stopped" if place.stopped else "") if part)
