"""Which things stand in which list: the keys that each List call answered, in their order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ecs_tui.inventory.scope import Kind, Scope

_NONE: Mapping[str, None] = {}


class Memberships:
    """Ordered keys by scope. What the things themselves say decides nothing here."""

    def __init__(self) -> None:
        self._keys: dict[Scope, dict[str, None]] = {}
        self._lists: dict[tuple[Kind, str], dict[str, int]] = {}

    def of(self, scope: Scope) -> Mapping[str, None]:
        """The keys that stand in a list, in order."""
        return self._keys.get(scope, _NONE)

    def named(self, within: tuple[Kind, str], key: str) -> bool:
        """Whether any list of that kind and cluster names it."""
        return key in self._lists.get(within, _NONE)

    def add(self, scope: Scope, keys: Iterable[str]) -> list[str]:
        """A page of a list has arrived; returns the keys that the list did not name before."""
        known = self._keys.setdefault(scope, {})
        counts = self._lists.setdefault(scope.within, {})
        new = [key for key in dict.fromkeys(keys) if key not in known]
        for key in new:
            known[key] = None
            counts[key] = counts.get(key, 0) + 1
        return new

    def replace(self, scope: Scope, keys: Iterable[str]) -> tuple[list[str], bool]:
        """A whole list has arrived.

        Returns:
            The keys that it does not name any more, and whether the order of the others changed.
        """
        self.add(scope, keys)
        old, new = self._keys[scope], dict.fromkeys(keys)
        dropped = self.remove(scope, [key for key in old if key not in new])
        moved = list(old) != list(new)
        self._keys[scope] = new
        return dropped, moved

    def remove(self, scope: Scope, keys: Iterable[str]) -> list[str]:
        """Take keys out of one list; returns those that were in it."""
        known, counts = self._keys.get(scope, {}), self._lists.get(scope.within, {})
        removed = [key for key in keys if key in known]
        for key in removed:
            del known[key]
            counts[key] -= 1
            if not counts[key]:
                del counts[key]
        return removed

    def scopes(self, within: tuple[Kind, str]) -> list[Scope]:
        """The lists of a kind and cluster that have named anything."""
        return [scope for scope in self._keys if scope.within == within]
