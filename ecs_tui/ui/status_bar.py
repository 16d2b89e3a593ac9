"""The texts around the list: identity, freshness, call rate, path, and errors."""

from __future__ import annotations

import time

from ecs_tui.config.keymap import Keymap
from ecs_tui.errors import (
    BadAnswer,
    ExpiredCredentials,
    MfaRequired,
    NoNetwork,
    ResourceGone,
    Throttled,
)
from ecs_tui.model.arn import short_name
from ecs_tui.model.text import age, clean, counted
from ecs_tui.resources.base import without_rows
from ecs_tui.store.inventory import Freshness
from ecs_tui.ui.navigation import Navigation
from ecs_tui.ui.table.columns import shortened
from ecs_tui.ui.table.table import ResourceTable
from ecs_tui.ui.table.terms import broken_pattern, title_word, unknown_column

OLD_REFRESHES = 3.0
"""Data older than this many refresh intervals is marked as stale."""
_PASSING = (BadAnswer, NoNetwork, Throttled)
"""Errors that may go away by themselves: the message says that the list retries."""


def head(at: Navigation, refresh: float) -> tuple[list[str], str]:
    """The header: who is signed in and where, how fresh the data is, and the call rate.

    Args:
        at: The connection and the place shown.
        refresh: Seconds between two refreshes.

    Returns:
        (forms of the left part, longest first; the right part). Every form shows the
        region (unless the list is merged) and READ-ONLY.
    """
    right = f"{freshness(at, refresh)}  {cost(at)}"
    if at.view.merged is not None:
        return _merged_head(at), right
    connection, account = at.connection, at.account
    alias, who = "", "…"
    if connection.caller is not None:
        alias = clean(connection.caller.alias)
        who = clean(connection.caller.who)
    number = f"({connection.caller.account})" if connection.caller is not None else ""
    profile, region = clean(account.name), account.region or "…"
    several = _several(at)
    endpoint = account.endpoint_url or ""
    safe = "READ-ONLY" if account.read_only else ""
    first = f"{alias} {number}".strip()
    forms = (
        ("ecs-tui", first, who, f"{profile} · {region}", several, endpoint, safe),
        ("ecs-tui", first, who, f"{profile} · {region}", several, safe),
        (first, who, f"{profile} · {region}", several, safe),
        (number, who, f"{profile} · {region}", several, safe),
        (who, f"{profile} · {region}", several, safe),
        (f"{profile} · {region}", several, safe),
        (f"{profile} · {region}", safe),
        (region, safe),
    )
    left = ["  ".join(part for part in form if part) for form in forms]
    return left, right


def _merged_head(at: Navigation) -> list[str]:
    """The left part of the header above a merged list; it describes all connections, not one."""
    connections = at.connections.all
    count = _several(at) or "1 account"
    callers = {
        (connection.caller.account, connection.caller.who) if connection.caller else None
        for connection in connections
    }
    only = callers.pop() if len(callers) == 1 else None
    who = f"({only[0]})  {clean(only[1])}" if only is not None else ""
    safe = "READ-ONLY" if all(connection.account.read_only for connection in connections) else ""
    several = f"all ({len(connections)}): {count}"
    forms = (
        ("ecs-tui", several, who, safe),
        (several, who, safe),
        (several, safe),
        (f"all ({len(connections)})", safe),
    )
    return ["  ".join(part for part in form if part) for form in forms]


def _several(at: Navigation) -> str:
    """The number of open connections as accounts or regions; "" for one connection."""
    connections = at.connections.all
    if len(connections) < 2:
        return ""
    profiles = {connection.account.name for connection in connections}
    if len(profiles) == 1:
        return f"{len(connections)} regions"
    if len(profiles) == len(connections):
        return f"{len(connections)} accounts"
    regions = {connection.account.region for connection in connections}
    return f"{len(profiles)} accounts, {len(regions)} regions"


def cost(at: Navigation) -> str:
    """Calls per minute, the share of the call budget in use, and the number of throttled calls."""
    connections = at.connections.all
    calls = sum(connection.account.pace.calls_per_minute() for connection in connections)
    share = max(connection.account.pace.share() for connection in connections)
    throttled = sum(connection.account.pace.throttled for connection in connections)
    words = f"{calls}/min {share:.0%}"
    return f"{words}  ▲ {counted(throttled, 'call')} throttled" if throttled else words


def freshness(at: Navigation, refresh: float) -> str:
    """The age of the data on the screen, and whether refreshes are slowed down."""
    every = at.freshness()
    failed, fresh = any(item.error for item in every), every[0]
    if at.view.merged is not None:  # a failed connection has a row with its error
        answered = [item for item in every if not item.error]
        failed, fresh = not answered, min(answered or every, key=_fetched)
    words = _age(fresh, failed, refresh * at.refresher.idle_factor)
    return f"{words} (idle: slow refresh)" if at.refresher.slowed else words


def _fetched(fresh: Freshness) -> float:
    return fresh.fetched_at if fresh.fetched_at is not None else 0.0


def _age(fresh: Freshness, failed: bool, refresh: float) -> str:
    if fresh.fetched_at is None:
        if fresh.saved_at is not None:
            sign = "✖" if failed else "◐"
            return f"{sign} cached {age(max(0.0, time.time() - fresh.saved_at))} ago"
        return "✖ no data" if failed else "◐ loading"
    seconds = time.monotonic() - fresh.fetched_at
    old = seconds > OLD_REFRESHES * refresh or failed
    return f"▲ stale: {age(seconds)} old" if old else f"● {age(seconds)} ago"


def path(at: Navigation, table: ResourceTable) -> tuple[list[str], str]:
    """The path bar: (forms of the path, longest first; filter, marks and number of rows)."""
    place = at.place
    merged = at.view.merged is not None
    root = f"clusters of {_several(at) or '1 account'}" if merged else "clusters"
    names = [clean(name) for name in (place.cluster, place.service) if name]
    task = short_name(place.task_arn)[:12]
    view = place.view if place.view not in ("clusters", "accounts") else ""
    rest = [task, view, "stopped" if place.stopped else ""]
    forms = []
    for most in (256, 32, 16):
        parts = [root, *(shortened(name, most, middle=True) for name in names), *rest]
        forms.append(" › ".join(part for part in parts if part))
    forms.append(" › ".join(part for part in rest if part) or root)
    shown, total = len(table.order), len(table.rows)
    filtered = f"/ {table.filter}" if table.filter else ""
    count = f"{shown} of {total}" if table.filter else str(total)
    right = "   ".join(part for part in (filtered, table.marks, count) if part)
    return list(dict.fromkeys(forms)), right


def without_header(at: Navigation, forms: list[str]) -> list[str]:
    """The forms of the path where the header is hidden: with region and READ-ONLY before it."""
    safe = "READ-ONLY" if any(each.account.read_only for each in at.shown) else ""
    region = at.account.region if at.view.merged is None else ""
    return ["  ".join(part for part in (region, safe, form) if part) for form in forms]


def message(at: Navigation, table: ResourceTable, keymap: Keymap) -> str:
    """An error and the keys that help, or why the list has no rows; "" if there is neither."""
    error = at.standing_error()
    retry, log_in, back = map(keymap.first, ("refresh", "login", "back"))
    if error is not None and at.view.merged is None:
        key = ""
        if isinstance(error, ResourceGone) and _deleted(at):
            return f"○ The cluster {at.place.cluster} is INACTIVE: it has been deleted."
        if isinstance(error, MfaRequired):
            return f"✖ {error.what}   {log_in} enter the code   {retry} retry"
        if isinstance(error, ExpiredCredentials) and at.account.login is not None:
            key = f"{log_in} log in   "
        again = " Retrying automatically." if isinstance(error, _PASSING) else ""
        return f"✖ {error}{again}   {key}{retry} retry"
    if not table.rows:
        return keymap.fill(without_rows(at.view, at.inventory, at.place))
    if table.order:
        return ""
    clear = f"Press {back} to clear the filter."
    if broken := broken_pattern(at.view, table.filter):
        return f'"{clean(broken)}" is not a valid regular expression. {clear}'
    if unknown := unknown_column(at.view, table.filter):
        columns = ", ".join(title_word(column) for column in at.view.columns)
        return f'No column "{clean(unknown)}" here. Columns: {columns}. {clear}'
    return f'No rows match "{clean(table.filter)}". {clear}'


def _deleted(at: Navigation) -> bool:
    """Whether the shown cluster has been deleted; AWS still describes it for a while."""
    cluster = at.inventory.cluster(at.place.cluster)
    return cluster is not None and cluster.status == "INACTIVE"
