"""Sessions that an earlier run of this program left open: its own log knows them, AWS says which still are."""

from __future__ import annotations

from ecs_tui.aws.api.ssm import active_sessions
from ecs_tui.model.session_record import SessionRecord
from ecs_tui.resources.sessions import SessionRow, row_of
from ecs_tui.store.connections import Connection
from ecs_tui.store.own_sessions import OwnSessions, opened_by


def left_records(connection: Connection) -> list[SessionRecord]:
    """What the log has of the connection's profile and region; no call is made."""
    return [each for each in OwnSessions().left() if opened_by(each, connection.account)]


async def left_rows(connection: Connection) -> list[SessionRow]:
    """The left sessions that Session Manager still lists; nothing is asked if there are none.

    Raises:
        AwsError: The call failed.
    """
    left = {each.session: each for each in left_records(connection)}
    if not left:
        return []
    found = [
        each
        async for page in active_sessions(connection.account)
        for each in page
        if each.id in left
    ]
    clusters = connection.inventory.cluster
    return [
        row_of(each, None, left[each.id], clusters(each.target.cluster)) for each in found
    ]  # fmt: skip
