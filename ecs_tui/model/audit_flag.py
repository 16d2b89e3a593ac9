"""What stands out in an audit: a mark with a name and the reason, in a sentence."""

from __future__ import annotations

from ecs_tui.record import dataclass


@dataclass(frozen=True, slots=True)
class AuditFlag:
    """A mark of a row.

    Attributes:
        key: Its name for filters and in exports.
        title: One to three words for a cell.
        reason: Why the row has it, in a sentence.
        bad: Whether it is more than a hint.
    """

    key: str
    title: str
    reason: str
    bad: bool = False
