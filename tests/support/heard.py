"""A listener of sessions that keeps what it is told."""

from __future__ import annotations

from ecs_tui.session.shell_session import Notice, ShellSession


class Heard:
    """Keeps output, news and ends.

    Attributes:
        output: What the sessions have printed.
        notices: The news, in order.
        ended: The sessions that have ended.
        changes: How often something has changed.
    """

    def __init__(self) -> None:
        self.output = bytearray()
        self.notices: list[Notice] = []
        self.ended: list[ShellSession] = []
        self.changes = 0

    def session_output(self, shell: ShellSession, data: bytes) -> None:
        """Keep output."""
        self.output += data

    def session_changed(self, shell: ShellSession) -> None:
        """Count changes."""
        self.changes += 1

    def session_noticed(self, shell: ShellSession, notice: Notice) -> None:
        """Keep news."""
        self.notices.append(notice)

    def session_ended(self, shell: ShellSession) -> None:
        """Keep ends."""
        self.ended.append(shell)

    def words(self, kind: str) -> list[str]:
        """The words of all news of this kind."""
        return [notice.words for notice in self.notices if notice.kind == kind]
