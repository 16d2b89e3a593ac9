"""Ends sessions in containers: one's own, or another identity's by typing who that is."""

from __future__ import annotations

from collections.abc import Sequence

from ecs_tui.aws.account import Account
from ecs_tui.aws.api.ssm import active_sessions
from ecs_tui.errors import EcsTuiError
from ecs_tui.model.text import counted, local
from ecs_tui.operations.aws_command import connection_options
from ecs_tui.operations.calls import Applied, Call
from ecs_tui.operations.follow import Progress
from ecs_tui.operations.plan import Plan
from ecs_tui.record import dataclass
from ecs_tui.resources.sessions import SessionRow

TERMINATE = "ssm:TerminateSession"
UNLISTED = "Session Manager does not list it, or not all of them: it may have ended already."


def plan_end(account: Account, rows: Sequence[SessionRow]) -> Plan:
    """Plan to end sessions. Those of others are confirmed by typing the name of who opened them.

    Args:
        account: The account of the sessions.
        rows: The sessions.

    Raises:
        EcsTuiError: There are none, or they belong to several others.
    """
    if not rows:
        raise EcsTuiError("There is no session to end.")
    others = {row.who for row in rows if not row.ours}
    if len(others) > 1:
        raise EcsTuiError(
            f"The sessions belong to {len(others)} other identities: {', '.join(sorted(others))}.",
            "End those of one at a time.",
        )
    owner = others.pop() if others else ""
    one = rows[0]
    title = f"End {counted(len(rows), 'session')}"
    if len(rows) == 1:
        whose = "your session" if one.ours else f"the session of {one.who}"
        title = f"End {whose} in {_where(one)}"
    clusters = {row.session.target.cluster for row in rows}
    return Plan(
        "end-session",
        title,
        (
            *(_words(row) for row in rows),
            "What runs in the session is ended with it, and nothing that was not saved is kept.",
            *(("It was opened by another identity, which is not told why.",) if owner else ()),
            *((UNLISTED,) if not all(row.listed for row in rows) else ()),
        ),
        tuple(Call(TERMINATE, {"SessionId": row.session.id}, row.session.id) for row in rows),
        confirm="name" if owner else "y",
        typed=owner.removeprefix("owner "),
        cluster=clusters.pop() if len(clusters) == 1 else "",
        connection=connection_options(account),
        goal=SessionsEnded(frozenset(row.session.id for row in rows if row.listed)),
        accepted="Systems Manager has accepted it. Waiting until it is no longer listed as open…",
    )


@dataclass(frozen=True, slots=True)
class SessionsEnded:
    """Session Manager lists none of the sessions as open any more.

    Attributes:
        listed: The IDs of those that it listed before. The end of others cannot be seen.
    """

    listed: frozenset[str]

    async def look(self, account: Account, applied: Applied, seconds: float) -> Progress:
        """DescribeSessions."""
        ids = {str(result.call.parameters["SessionId"]) for result in applied.accepted}
        seen = ids & self.listed
        if not seen:
            return Progress(
                "Systems Manager has accepted it. It did not list the session before, so that the "
                "end cannot be seen.",
                "unknown",
            )
        open_ = {each.id async for page in active_sessions(account) for each in page}
        left = len(seen & open_)
        words = f"{len(ids) - left}/{counted(len(ids), 'session')} ended"
        return Progress(f"{words}.", "done") if not left else Progress(words)


def _where(row: SessionRow) -> str:
    target = row.session.target
    parts = (target.cluster, row.service, target.task[:12], target.container)
    return "/".join(each for each in parts if each)


def _words(row: SessionRow) -> str:
    since = f" since {local(row.session.since)}" if row.session.since is not None else ""
    command = f", running {row.command}" if row.command else ""
    return f"{row.session.id}: {row.who} in {_where(row)}{since}{command}."
