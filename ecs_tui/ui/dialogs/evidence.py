"""The dialog with the evidence of a problem: what the rules saw, then the last lines and the changes."""

from __future__ import annotations

from ecs_tui.model.arn import with_target_group_names
from ecs_tui.model.problem import SeenProblem
from ecs_tui.problems.evidence import evidence_text, further_evidence
from ecs_tui.store.connections import Connection
from ecs_tui.store.log_access import LogAccounts
from ecs_tui.system.wall_clock import moment
from ecs_tui.ui.dialogs.text import TextScreen


class EvidenceScreen(TextScreen):
    """Shows what is known at once, and what must be asked as soon as it is answered.

    Args:
        connection: The connection of the problem.
        seen: The problem.
    """

    def __init__(self, connection: Connection, seen: SeenProblem) -> None:
        self._lines = evidence_text(seen, moment())
        super().__init__(f"Evidence · {seen.problem.thing.words}", self._shown)
        self._connection, self._seen = connection, seen

    @property
    def _shown(self) -> str:
        """The lines, with short names in place of ARNs that would fill a line each."""
        return "\n".join(map(with_target_group_names, self._lines))

    def on_mount(self) -> None:
        """Show the evidence, and ask for more."""
        super().on_mount()
        self.run_worker(self._ask(), exclusive=True)

    async def _ask(self) -> None:
        accounts = LogAccounts(self._connection.account)
        try:
            async for lines in further_evidence(
                self._connection.inventory, accounts.of, self._seen
            ):
                self._lines += lines
                self._body.show(self._shown)
        finally:
            await accounts.close()
