"""List membership: the keys that each List call returned, in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ecs_tui.store.source import Scope, Within

_NONE: Mapping[str, None] = {}


class Memberships:
    """Ordered keys by scope. The fields of objects decide nothing here."""

    def __init__(self) -> None:
        self._keys: dict[Scope, dict[str, None]] = {}
        self._lists: dict[Within, dict[str, int]] = {}

    def of(self, scope: Scope) -> Mapping[str, None]:
        """The keys in a list, in order."""
        return self._keys.get(scope, _NONE)

    def named(self, within: Within, key: str) -> bool:
        """Whether any list of that kind and cluster contains it."""
        return key in self._lists.get(within, _NONE)

    def add(self, scope: Scope, keys: Iterable[str]) -> list[str]:
        """Add a page of a List call; returns the keys that are new in the list."""
        known = self._keys.setdefault(scope, {})
        counts = self._lists.setdefault(scope.within, {})
        new = [key for key in dict.fromkeys(keys) if key not in known]
        for key in new:
            known[key] = None
            counts[key] = counts.get(key, 0) + 1
        return new

    def replace(self, scope: Scope, keys: Iterable[str]) -> tuple[list[str], bool]:
        """Replace a list by a complete List call.

        Returns:
            The removed keys, and whether the order of the others changed.
        """
        self.add(scope, keys)
        old, new = self._keys[scope], dict.fromkeys(keys)
        dropped = self.remove(scope, [key for key in old if key not in new])
        moved = list(old) != list(new)
        self._keys[scope] = new
        return dropped, moved

    def remove(self, scope: Scope, keys: Iterable[str]) -> list[str]:
        """Remove keys from a list; returns those that were in it."""
        known, counts = self._keys.get(scope, {}), self._lists.get(scope.within, {})
        removed = [key for key in keys if key in known]
        for key in removed:
            del known[key]
            counts[key] -= 1
            if not counts[key]:
                del counts[key]
        return removed

    def scopes(self, within: Within) -> list[Scope]:
        """The non-empty lists of a kind and cluster."""
        return [scope for scope in self._keys if scope.within == within]
