"""Sessions of the demo account: those that are open or have ended, as SSM's DescribeSessions lists them.

Source: DescribeSessions in the API reference of Systems Manager.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from ecs_tui.demo.answers import AwsRefusal
from ecs_tui.demo.cloudtrail_record import EXEC_DOCUMENT
from ecs_tui.record import dataclass
from ecs_tui.system import wall_clock

MAX_RESULTS = 200
HISTORY_SECONDS = 30 * 86_400.0
"""Seconds for which Session Manager remembers a session that has ended."""
_FILTERS = ("InvokedAfter", "InvokedBefore", "Target", "Owner", "Status", "SessionId", "AccessType")
Params = Mapping[str, Any]


@dataclass(slots=True)
class KnownSession:
    """A session.

    Attributes:
        began, ended: Seconds since 1970; `ended` is 0 while it is open.
        owner: The ARN of who opened it: for ECS Exec, ECS's service-linked role.
        connected: Whether a client is connected.
    """

    id: str
    region: str
    target: str
    owner: str
    began: float
    document: str
    reason: str = ""
    ended: float = 0.0
    connected: bool = True

    @property
    def status(self) -> str:
        """`Status` of DescribeSessions."""
        if self.ended:
            return "Terminated"
        return "Connected" if self.connected else "Disconnected"

    def view(self) -> dict[str, Any]:
        """One of `Sessions[]` of DescribeSessions; `OutputUrl` is reserved and empty in AWS."""
        found: dict[str, Any] = {
            "SessionId": self.id,
            "Target": self.target,
            "Status": self.status,
            "StartDate": self.began,
            "DocumentName": self.document,
            "Owner": self.owner,
            "OutputUrl": {},
            "AccessType": "Standard",
        }
        if self.reason:
            found["Reason"] = self.reason
        if self.ended:
            found["EndDate"] = self.ended
        return found


def exec_session(session_id: str, region: str, target: str) -> KnownSession:
    """A session of ECS Exec that is opened now: ECS opens it, so its owner is ECS's own role."""
    owner = "arn:aws:sts::123456789012:assumed-role/AWSServiceRoleForECS/ECSExecuteCommand"
    return KnownSession(session_id, region, target, owner, wall_clock.now(), EXEC_DOCUMENT)


class SessionBook:
    """The sessions that were opened since the demo began."""

    def __init__(self) -> None:
        self._sessions: dict[str, KnownSession] = {}

    def opened(self, session: KnownSession) -> None:
        """A session was opened."""
        self._sessions[session.id] = session

    def ended(self, session_id: str) -> bool:
        """A session has ended now; False if it is not known."""
        found = self._sessions.get(session_id)
        if found is not None and not found.ended:
            found.ended = wall_clock.now()
        return found is not None

    def target_of(self, session_id: str) -> str:
        """The target of a session; "" if it is not known."""
        found = self._sessions.get(session_id)
        return found.target if found is not None else ""

    def all(self) -> list[KnownSession]:
        """All of them."""
        return list(self._sessions.values())


def describe_sessions(
    sessions: Iterable[KnownSession], region: str, params: Params, now: float
) -> dict[str, Any]:
    """The answer of DescribeSessions, newest first.

    Raises:
        AwsRefusal: A parameter is not possible.
    """
    state = params.get("State")
    if state not in ("Active", "History"):
        raise AwsRefusal(
            "ValidationException",
            f"1 validation error detected: Value '{state}' at 'state' failed to satisfy constraint: "
            "Member must satisfy enum value set: [Active, History]",
        )
    filters = params.get("Filters") or []
    for each in filters:
        if each.get("key") not in _FILTERS:
            raise AwsRefusal("InvalidFilterKey", f"Invalid filter key: {each.get('key')}")
    found = [
        session
        for session in sessions
        if session.region == region
        and bool(session.ended) == (state == "History")
        and (not session.ended or now - session.ended < HISTORY_SECONDS)
        and all(_fits(session, each["key"], each["value"]) for each in filters)
    ]
    found.sort(key=lambda session: (-session.began, session.id))
    most = int(params.get("MaxResults") or MAX_RESULTS)
    if not 1 <= most <= MAX_RESULTS:
        raise AwsRefusal("ValidationException", f"MaxResults must be between 1 and {MAX_RESULTS}.")
    begin = 0
    if token := params.get("NextToken"):
        names = [session.id for session in found]
        last = base64.b64decode(token + "===", validate=False).decode("utf-8", "replace")
        if last not in names:
            raise AwsRefusal("InvalidNextToken", "The specified token isn't valid.")
        begin = names.index(last) + 1
    page = found[begin : begin + most]
    answer: dict[str, Any] = {"Sessions": [session.view() for session in page]}
    if begin + most < len(found):
        answer["NextToken"] = base64.b64encode(page[-1].id.encode()).decode()
    return answer


def _fits(session: KnownSession, key: str, value: str) -> bool:
    if key in ("InvokedAfter", "InvokedBefore"):
        try:
            limit = datetime.fromisoformat(value.replace("Z", "+00:00")).timestamp()
        except ValueError:
            raise AwsRefusal("ValidationException", f"Invalid date: {value}") from None
        return session.began >= limit if key == "InvokedAfter" else session.began <= limit
    return (
        value
        == {
            "Target": session.target,
            "Owner": session.owner,
            "Status": session.status,
            "SessionId": session.id,
            "AccessType": "Standard",
        }[key]
    )
