"""The texts around the list: identity, freshness, call rate, path, and errors."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ecs_tui.errors import (
    BadAnswer,
    EcsTuiError,
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
from ecs_tui.ui.table.columns import shortened
from ecs_tui.ui.table.row_index import title_word, unknown_column

if TYPE_CHECKING:
    from ecs_tui.ui.main_screen import Browser

OLD_REFRESHES = 3.0
"""Data older than this many refresh intervals is marked as stale."""
_PASSING = (BadAnswer, NoNetwork, Throttled)
"""Errors that may go away by themselves: the message says that the list retries."""


def head(browser: Browser) -> tuple[list[str], str]:
    """The header: who is signed in and where, how fresh the data is, and the call rate.

    Returns:
        (forms of the left part, longest first; the right part). Every form shows the
        region (unless the list is merged) and READ-ONLY.
    """
    if browser.view.merged is not None:
        return _merged_head(browser), f"{freshness(browser)}  {cost(browser)}"
    connection, account = browser.connections.current, browser.account
    alias, who = "", "…"
    if connection.caller is not None:
        alias = clean(connection.caller.alias)
        who = clean(connection.caller.who)
    number = f"({connection.caller.account})" if connection.caller is not None else ""
    profile, region = clean(account.name), account.region or "…"
    several = _several(browser)
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
    return left, f"{freshness(browser)}  {cost(browser)}"


def _merged_head(browser: Browser) -> list[str]:
    """The left part of the header above a merged list; it describes all connections, not one."""
    connections = browser.connections.all
    count = _several(browser) or "1 account"
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


def _several(browser: Browser) -> str:
    """The number of open connections as accounts or regions; "" for one connection."""
    connections = browser.connections.all
    if len(connections) < 2:
        return ""
    profiles = {connection.account.name for connection in connections}
    if len(profiles) == 1:
        return f"{len(connections)} regions"
    if len(profiles) == len(connections):
        return f"{len(connections)} accounts"
    regions = {connection.account.region for connection in connections}
    return f"{len(profiles)} accounts, {len(regions)} regions"


def cost(browser: Browser) -> str:
    """Calls per minute, the share of the call budget in use, and the number of throttled calls."""
    connections = browser.connections.all
    calls = sum(connection.account.pace.calls_per_minute() for connection in connections)
    share = max(connection.account.pace.share() for connection in connections)
    throttled = sum(connection.account.pace.throttled for connection in connections)
    words = f"{calls}/min {share:.0%}"
    return f"{words}  ▲ {counted(throttled, 'call')} throttled" if throttled else words


def freshness(browser: Browser) -> str:
    """The age of the data on the screen, and whether refreshes are slowed down."""
    every = browser.freshness()
    failed, fresh = any(item.error for item in every), every[0]
    if browser.view.merged is not None:  # a failed connection has a row with its error
        answered = [item for item in every if not item.error]
        failed, fresh = not answered, min(answered or every, key=_fetched)
    words = _age(fresh, failed, browser.settings.refresh * browser.refresher.idle_factor)
    return f"{words} (idle: slow refresh)" if browser.refresher.slowed else words


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


def path(browser: Browser) -> tuple[list[str], str]:
    """The path bar: (forms of the path, longest first; the filter and the number of rows)."""
    place, table = browser.place, browser.table
    merged = browser.view.merged is not None
    root = f"clusters of {_several(browser) or '1 account'}" if merged else "clusters"
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
    count = f"{shown} of {total}" if table.filter else str(total)
    filtered = f"/ {table.filter}   " if table.filter else ""
    return list(dict.fromkeys(forms)), f"{filtered}{count}"


def message(browser: Browser) -> str:
    """An error and the keys that help, or why the list has no rows; "" if there is neither."""
    error = standing_error(browser)
    if error is not None and browser.place.view != "accounts":
        key = ""
        if isinstance(error, ResourceGone) and _deleted(browser):
            return f"○ The cluster {browser.place.cluster} is INACTIVE: it has been deleted."
        if isinstance(error, MfaRequired):
            return f"✖ {error.what}   i enter the code   r retry"
        if isinstance(error, ExpiredCredentials) and browser.account.login is not None:
            key = "i log in   "
        again = " Retrying automatically." if isinstance(error, _PASSING) else ""
        return f"✖ {error}{again}   {key}r retry"
    if not browser.table.rows:
        return without_rows(browser.view, browser.inventory, browser.place)
    if not browser.table.order:
        if unknown := unknown_column(browser.view, browser.table.filter):
            columns = ", ".join(title_word(column) for column in browser.view.columns)
            return (
                f'No column "{clean(unknown)}" here. Columns: {columns}. '
                "Press esc to clear the filter."
            )
        return f'No rows match "{clean(browser.table.filter)}". Press esc to clear the filter.'
    return ""


def _deleted(browser: Browser) -> bool:
    """Whether the shown cluster has been deleted; AWS still describes it for a while."""
    cluster = browser.inventory.cluster(browser.place.cluster)
    return cluster is not None and cluster.status == "INACTIVE"


def standing_error(browser: Browser) -> EcsTuiError | None:
    """The last error of the shown lists, else of the connection, unless a later call succeeded."""
    found = next((item.error for item in browser.freshness() if item.error), None)
    return found or browser.connections.current.error
