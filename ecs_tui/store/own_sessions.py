"""What this program's own session log tells: which sessions it opened, which it left, when they ended."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from datetime import datetime

from ecs_tui.aws.account import Account
from ecs_tui.model.arn import parse_arn
from ecs_tui.model.session_record import SessionRecord, by_session, left_over, parse_line
from ecs_tui.system import session_log
from ecs_tui.system.wall_clock import moment


def opened_by(record: SessionRecord, account: Account) -> bool:
    """Whether a session was opened through a connection: its endpoint, profile, region and account.

    Without a profile the keys of the environment name none: then the account tells them apart, as far
    as the identities are known.
    """
    place = (record.endpoint, record.region, record.profile)
    if place != (account.endpoint_place, account.region, account.profile or ""):
        return False
    then, now = parse_arn(record.identity), parse_arn(account.identity)
    return then is None or now is None or then.account == now.account


class OwnSessions:
    """Reads the log again when it has changed."""

    def __init__(self) -> None:
        self._stamp = (-1, -1)
        self._records: tuple[SessionRecord, ...] = ()

    @property
    def records(self) -> tuple[SessionRecord, ...]:
        """All records, the oldest first."""
        stamp = session_log.stamp()
        if stamp != self._stamp:
            self._stamp = stamp
            found = (parse_line(line) for line in session_log.read_lines())
            self._records = tuple(each for each in found if each is not None)
        return self._records

    def known(self) -> Mapping[str, SessionRecord]:
        """The newest record of each session, by its ID."""
        return by_session(self.records)

    def ends(self) -> dict[str, datetime]:
        """When sessions of this program ended, by their IDs."""
        return {each.session: each.at for each in self.records if each.kind == "ended"}

    def left(self) -> list[SessionRecord]:
        """Sessions that an earlier run of this program on this host opened and did not live to end."""
        return left_over(self.records, moment(), platform.node(), _alive)


def runs_here(record: SessionRecord) -> bool:
    """Whether the process of this program that opened a session still runs on this host."""
    return record.host == platform.node() and record.pid > 0 and _alive(record.pid)


def _alive(pid: int) -> bool:
    if pid == os.getpid():
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it exists and is another user's
        return True
    return True
