"""The marked rows of a list, by key: they stay marked while the data changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


class Marks:
    """The keys of marked rows, in the order in which they were marked."""

    def __init__(self) -> None:
        self._keys: dict[str, None] = {}

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)

    def clear(self) -> None:
        """Unmark all."""
        self._keys.clear()

    def set(self, keys: Sequence[str], on: bool) -> None:
        """Mark rows, or unmark them; one that was marked already becomes the last."""
        for key in keys:
            self._keys.pop(key, None)
            if on:
                self._keys[key] = None

    def toggle_all(self, shown: Sequence[str]) -> None:
        """Mark all shown rows; if all are marked, unmark them."""
        self.set(shown, not all(key in self._keys for key in shown))

    def extend(self, shown: Sequence[str], here: int) -> None:
        """Mark the rows from the last marked one to a row; without one, only that row.

        Args:
            shown: The keys of the shown rows, in their order.
            here: The index of the row.
        """
        last = next((key for key in reversed(self._keys) if key in shown), None)
        first = shown.index(last) if last is not None else here
        step = 1 if here >= first else -1
        self.set([shown[at] for at in range(first, here + step, step)], True)

    def words(self, count: int, shown: Sequence[str]) -> str:
        """How many rows are marked, in words, or "".

        Args:
            count: How many marked rows there are; keys of others may be marked too.
            shown: The keys of the shown rows.
        """
        hidden = count - sum(key in self._keys for key in shown) if count else 0
        return f"{count} marked, {hidden} hidden" if hidden else f"{count} marked" if count else ""
