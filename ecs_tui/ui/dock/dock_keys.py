"""How the dock looks up the keys that it shows."""

from __future__ import annotations

from typing import Protocol


class DockKeys(Protocol):
    """The keys of the commands in a shell, as the operator has set them."""

    def first(self, command: str) -> str:
        """The first key of a command as it is shown, by the command's id."""

    def in_shell(self, command: str) -> str:
        """The prefix and the key of a command of a shell: `ctrl+] x`."""

    def command(self, context: str, key: str) -> str:
        """The id of the command that a key has, or "".

        Args:
            context: Where the key is pressed, such as `a closed shell`.
            key: Textual's name of the key.
        """
