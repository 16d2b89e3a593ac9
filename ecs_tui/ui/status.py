"""The words around the list: who and where, how fresh, what is wrong."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ecs_tui.errors import EcsTuiError, ExpiredCredentials
from ecs_tui.inventory.inventory import Freshness
from ecs_tui.model.arn import short_name
from ecs_tui.model.words import age, clean
from ecs_tui.ui.views.base import without_rows
from ecs_tui.ui.widgets.order import title_word, unknown_column

if TYPE_CHECKING:
    from ecs_tui.ui.screens.browser import Browser

OLD_AFTER = 3.0
"""Data older than this many refreshes is marked as old."""


def head(browser: Browser) -> tuple[list[str], str]:
    """Who we are and by which way; how fresh it is and what it costs.

    Returns:
        The left part, the longest form first: region and READ-ONLY are the last words to go.
    """
    if browser.view.merged is not None:
        return _merged_head(browser), f"{freshness(browser)}  {cost(browser)}"
    home, account = browser.homes.current, browser.account
    alias, who = "", "…"
    if home.caller is not None:
        alias = clean(home.caller.alias)
        who = clean(home.caller.who)
    number = f"({home.caller.account})" if home.caller is not None else ""
    profile, region = clean(account.profile or "default"), account.region or "…"
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
    """Over the list of several connections: none of them alone."""
    homes = browser.homes.all
    count = _several(browser) or "1 account"
    callers = {(home.caller.account, home.caller.who) if home.caller else None for home in homes}
    only = callers.pop() if len(callers) == 1 else None
    who = f"({only[0]})  {clean(only[1])}" if only is not None else ""
    safe = "READ-ONLY" if all(home.account.read_only for home in homes) else ""
    several = f"all ({len(homes)}): {count}"
    forms = (
        ("ecs-tui", several, who, safe),
        (several, who, safe),
        (several, safe),
        (f"all ({len(homes)})", safe),
    )
    return ["  ".join(part for part in form if part) for form in forms]


def _several(browser: Browser) -> str:
    """How many connections are open, counted as what they are."""
    homes = browser.homes.all
    if len(homes) < 2:
        return ""
    profiles = {home.account.profile for home in homes}
    if len(profiles) == 1:
        return f"{len(homes)} regions"
    if len(profiles) == len(homes):
        return f"{len(homes)} accounts"
    regions = {home.account.region for home in homes}
    return f"{len(profiles)} accounts, {len(regions)} regions"


def cost(browser: Browser) -> str:
    """Calls a minute, the share of the budget that takes, and what AWS refused for the rate."""
    homes = browser.homes.all
    calls = sum(home.account.pace.calls_per_minute() for home in homes)
    share = max(home.account.pace.share() for home in homes)
    throttled = sum(home.account.pace.throttled for home in homes)
    words = f"{calls}/min {share:.0%}"
    return f"{words}  ▲ {throttled} throttled" if throttled else words


def freshness(browser: Browser) -> str:
    """The age of what is seen, and whether it is asked for less often just now."""
    every = browser.freshness()
    failed, fresh = any(item.error for item in every), every[0]
    if browser.view.merged is not None:  # one that fails has a row that says so
        answered = [item for item in every if not item.error]
        failed, fresh = not answered, min(answered or every, key=_fetched)
    words = _age(fresh, failed, browser.settings.refresh * browser.refresher.slower)
    return f"{words} (idle: slower)" if browser.refresher.slowed else words


def _fetched(fresh: Freshness) -> float:
    return fresh.fetched_at if fresh.fetched_at is not None else 0.0


def _age(fresh: Freshness, failed: bool, refresh: float) -> str:
    if fresh.fetched_at is None:
        if fresh.saved_at is not None:
            sign = "✖" if failed else "◐"
            return f"{sign} saved {age(max(0.0, time.time() - fresh.saved_at))} ago"
        return "✖ no data" if failed else "◐ loading"
    seconds = time.monotonic() - fresh.fetched_at
    old = seconds > OLD_AFTER * refresh or failed
    return f"{'▲ old: ' if old else '● '}{age(seconds)} ago"


def path(browser: Browser) -> tuple[str, str]:
    """The way here, the filter, and how many rows there are."""
    place, table = browser.place, browser.table
    merged = browser.view.merged is not None
    parts = [f"clusters of {_several(browser) or '1 account'}"] if merged else ["clusters"]
    if place.cluster:
        parts.append(clean(place.cluster))
    if place.service:
        parts.append(clean(place.service))
    if place.task_arn:
        parts.append(short_name(place.task_arn)[:12])
    parts.append(place.view if place.view not in ("clusters", "accounts") else "")
    if place.stopped:
        parts.append("stopped")
    shown, total = len(table.order), len(table.rows)
    count = f"{shown} of {total}" if table.filter else str(total)
    filtered = f"/ {table.filter}   " if table.filter else ""
    return " › ".join(part for part in parts if part), f"{filtered}{count}"


def message(browser: Browser) -> str:
    """What stands where the data would be: an error and the key that helps, or why it is empty."""
    error = standing_error(browser)
    if error is not None and browser.place.view != "accounts":
        key = "i log in   " if isinstance(error, ExpiredCredentials) else ""
        return f"✖ {error}   {key}r retry"
    if not browser.table.rows:
        return without_rows(browser.view, browser.inventory, browser.place)
    if not browser.table.order:
        if unknown := unknown_column(browser.view, browser.table.filter):
            columns = ", ".join(title_word(column) for column in browser.view.columns)
            return f"No column “{clean(unknown)}” here: {columns}. esc clears the filter."
        return f"Nothing matches {browser.table.filter!r}. esc clears the filter."
    return ""


def standing_error(browser: Browser) -> EcsTuiError | None:
    """What went wrong last in what the place shows, and has not gone right since."""
    found = next((item.error for item in browser.freshness() if item.error), None)
    return found or browser.homes.current.error
