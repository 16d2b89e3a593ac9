"""The note in the footer: what a command did, or what happened meanwhile."""

from __future__ import annotations

NEWS_SECONDS = 2.0
"""Seconds for which a note that no key caused stays on the screen although keys are typed."""


class Notes:
    """The current note.

    Attributes:
        words: The note, or "".
        held_until: Monotonic seconds until which keys do not clear it.
    """

    def __init__(self) -> None:
        self.words = ""
        self.held_until = 0.0
        self._until = 0.0

    def say(self, words: str, now: float, seconds: float, *, news: bool = False) -> None:
        """Replace the note.

        Args:
            words: The note.
            now: Monotonic seconds.
            seconds: The longest time that it is shown.
            news: Whether no key caused it: keys then clear it only after `NEWS_SECONDS`.
        """
        self.words, self._until = words, now + seconds
        self.held_until = now + NEWS_SECONDS if news else now

    def at(self, now: float) -> str:
        """The note if it is still to be shown, or ""."""
        return self.words if now < self._until else ""

    def answered(self, now: float) -> bool:
        """Clear the note at a key, click or paste, or soon if it is news; returns whether it went."""
        gone = bool(self.words) and now >= self.held_until
        if gone:
            self.words = ""
        self._until = min(self._until, self.held_until)
        return gone
