"""What a text has in place of rows for the keys of lists: nothing to mark, to sort or to select."""

from __future__ import annotations

from collections.abc import Sequence


class Unlisted:
    """The part of `ListPart` (`ui/context.py`) that only lists have."""

    @property
    def shown_columns(self) -> Sequence[str]:
        """None."""
        return ()

    @property
    def sort_key(self) -> str:
        """None."""
        return ""

    @property
    def rows(self) -> Sequence[object]:
        """None."""
        return ()

    def select_key(self, key: str) -> None:
        """Nothing: a text has no keys of rows."""

    def sort_by(self, key: str) -> None:
        """Nothing."""

    def mark(self) -> None:
        """Nothing."""

    def mark_range(self) -> None:
        """Nothing."""

    def mark_all(self) -> None:
        """Nothing."""

    def toggle_wide(self) -> bool:
        """Nothing."""
        return False
