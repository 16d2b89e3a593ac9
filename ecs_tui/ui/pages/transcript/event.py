"""The event of CloudTrail that opened the session of a transcript: who, from where, with which command."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from ecs_tui.config.key_text import KeyText
from ecs_tui.errors import EcsTuiError
from ecs_tui.model.audit_event import AuditEvent
from ecs_tui.model.rules.who import client_of, kind_of, name_of
from ecs_tui.model.text import clean
from ecs_tui.model.transcript import TranscriptRef
from ecs_tui.store.connections import Connection
from ecs_tui.system import wall_clock

BEFORE = timedelta(minutes=2)
"""How much earlier than the session the event is looked for: clocks differ."""
LONGEST_SECONDS = 86_400.0
"""Seconds since the beginning of a session for which its event is asked for where nobody has read it."""
_OPENING = ("ExecuteCommand", "StartSession")


class SessionEvent:
    """Finds a session's event: among those that have been read, else of a young session in CloudTrail.

    Attributes:
        found: The event; None as long as it is not known.
        words: What is known of it, for a line above the transcript; "" for nothing to say.
    """

    def __init__(self) -> None:
        self.found: AuditEvent | None = None
        self.words: str = ""

    def clear(self) -> None:
        """Forget it."""
        self.found, self.words = None, ""

    async def look(self, connection: Connection, ref: TranscriptRef) -> None:
        """Look for the event of a session; what goes wrong is in `words`."""
        self.clear()
        if ref.recording or not ref.session:
            return
        young = ref.began and time.time() - ref.began < LONGEST_SECONDS
        try:
            self.found = await _known(connection, ref)
            if self.found is None and young:
                self.words = "◐ Looking for its event in CloudTrail…"
                self.found = await _asked(connection, ref)
                self.words = "CloudTrail does not have its event yet: it takes some minutes."
        except EcsTuiError as error:
            self.words = f"Its event in CloudTrail is not known: {clean(str(error))}"
        if self.found is not None:
            self.words = event_words(self.found)


async def _known(connection: Connection, ref: TranscriptRef) -> AuditEvent | None:
    feed = connection.audit.opened(ref.region or connection.account.region)
    events = feed.events.values() if feed is not None else ()
    of_session = [each for each in events if each.session == ref.session and not each.failed]
    of_session = [each for each in of_session if each.name in _OPENING]
    return min(of_session, key=lambda each: _OPENING.index(each.name), default=None)


async def _asked(connection: Connection, ref: TranscriptRef) -> AuditEvent | None:
    from ecs_tui.store.sessions_inside import read_openers

    account = connection.account
    if ref.region not in ("", account.region):
        return None
    since = datetime.fromtimestamp(ref.began, UTC) - BEFORE
    found = await read_openers(account, since.isoformat(), wall_clock.moment())
    return found.get(ref.session)


def event_words(event: AuditEvent) -> str:
    """An event in a line, and the key that shows all of it."""
    at = f" at {event.at.astimezone():%H:%M:%S}" if event.at is not None else ""
    address, client = clean(event.address), clean(client_of(event))
    parts = [
        f"CloudTrail: {clean(event.name)}{at} by {clean(name_of(event.who))} "
        f"({clean(kind_of(event.who))})",
        f"from {address}" if address else "",
        f"with {client}" if client else "",
    ]
    words = " ".join(each for each in parts if each)
    command = f": {clean(event.command)}" if event.command else ""
    return f"{words}{command}"


HINT = KeyText("{transcript-event}: the whole event")
"""Said after the words of an event."""
