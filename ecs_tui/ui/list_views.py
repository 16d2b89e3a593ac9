"""How the operator wants each list: which tags have a column, and by which one rows are grouped."""

from __future__ import annotations

from collections.abc import Sequence

from ecs_tui.config import state
from ecs_tui.config.sections import ListSettings
from ecs_tui.config.state import SavedChoices
from ecs_tui.errors import SettingsError
from ecs_tui.resources import RESOURCES, Resource
from ecs_tui.resources.tags import arranged, has_tags


def check_lists(settings: ListSettings) -> None:
    """Check the names of lists in the config file.

    Raises:
        SettingsError: No list has that name, or its rows have no tags.
    """
    tagged = [name for name, resource in RESOURCES.items() if has_tags(resource)]
    for name in settings.views:
        if name not in tagged:
            raise SettingsError(
                f"[list.{name}]: no list with tags has that name.", f"Lists: {', '.join(tagged)}."
            )


class ListViews:
    """The descriptors of lists with the operator's columns and groups.

    What was chosen last holds until the end. At the next start, what the config file says for a list
    comes before what was chosen.
    """

    def __init__(self, settings: ListSettings, choices: SavedChoices) -> None:
        self._settings, self._choices = settings, choices
        self._columns: dict[str, tuple[str, ...]] = {}
        self._groups: dict[str, str] = {}
        self._made: dict[tuple[str, type], tuple[tuple[str, ...], str, Resource]] = {}

    def columns(self, name: str) -> tuple[str, ...]:
        """The keys of the tags that have a column in a list."""
        if name in self._columns:
            return self._columns[name]
        given = self._settings.columns_of(name)
        return tuple(self._choices.columns.get(name, ())) if given is None else given

    def group(self, name: str) -> str:
        """The key of the tag by which a list is grouped, or ""."""
        if name in self._groups:
            return self._groups[name]
        given = self._settings.group_of(name)
        return self._choices.groups.get(name, "") if given is None else given

    def of(self, resource: Resource) -> Resource:
        """A list as the operator wants it; the same object until that changes."""
        wanted = self.columns(resource.name), self.group(resource.name)
        # The tasks of a service are a list of their own, with the columns and groups of all tasks.
        key = resource.name, resource.row
        known = self._made.get(key)
        if known is None or known[:2] != wanted:
            known = (*wanted, arranged(resource, *wanted))
            self._made[key] = known
        return known[2]

    def choose(self, name: str, keys: Sequence[str]) -> None:
        """Give tags a column in a list."""
        self._columns[name] = tuple(keys)
        self._choices.columns[name] = list(keys)
        state.save(self._choices)

    def group_by(self, name: str, key: str) -> None:
        """Group a list by a tag, "" for no groups."""
        self._groups[name] = self._choices.groups[name] = key
        state.save(self._choices)
