"""The texts around the list: identity, freshness, call rate, path, and errors."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

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
from ecs_tui.model.text import age, clean, counted, span
from ecs_tui.resources import Place
from ecs_tui.resources.attention import attention_at
from ecs_tui.resources.base import number_is_known, without_rows
from ecs_tui.resources.service_page import without_service
from ecs_tui.resources.tags import has_tags
from ecs_tui.store.inventory import Freshness, Kind, Scope
from ecs_tui.ui.header import HeadFacts, short_attention
from ecs_tui.ui.metric_cost import cost_words
from ecs_tui.ui.navigation import Navigation
from ecs_tui.ui.table.columns import shortened
from ecs_tui.ui.table.table import ResourceTable
from ecs_tui.ui.table.terms import broken_pattern, title_word, unknown_column

OLD_REFRESHES = 3.0
"""Data older than this many refresh intervals is marked as stale."""
_PASSING = (BadAnswer, NoNetwork, Throttled)
"""Errors that may go away by themselves: the message says that the list retries."""


def head_facts(at: Navigation, refresh: float, keys: Sequence[tuple[str, str]]) -> HeadFacts:
    """What the header shows: who is signed in and where, what is wrong, how fresh the data is.

    Args:
        at: The connection and the place shown.
        refresh: Seconds between two refreshes.
        keys: (key, title) of commands.
    """
    found = attention_at(at.place, [each.inventory for each in at.shown])
    made = HeadFacts(
        age=freshness(at, refresh), calls=cost(at), attention=found, keys=tuple(keys)
    )  # fmt: skip
    if len(at.shown) > 1:
        return _of_merged(at, made)
    connection, account = at.connection, at.account
    caller = connection.caller
    return replace(
        made,
        region=account.region or "…",
        read_only=account.read_only,
        account=clean(caller.alias) if caller is not None else "",
        number=caller.account if caller is not None else "",
        user=clean(caller.who) if caller is not None else "…",
        profile=clean(account.name),
        several=_several(at),
        endpoint=account.endpoint_url or "",
    )


def _of_merged(at: Navigation, made: HeadFacts) -> HeadFacts:
    """The header above a merged list of several connections; it describes all of them, not one."""
    connections = at.shown
    callers = {
        (connection.caller.account, connection.caller.who) if connection.caller else None
        for connection in connections
    }
    only = callers.pop() if len(callers) == 1 else None
    return replace(
        made,
        read_only=all(connection.account.read_only for connection in connections),
        number=only[0] if only is not None else "",
        user=clean(only[1]) if only is not None else "",
        merged=(f"all ({len(connections)}): {_several(at)}", f"all ({len(connections)})"),
    )


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


def cost(at: Navigation) -> tuple[str, ...]:
    """Calls per minute, the share of the call budget in use, and the number of throttled calls.

    Returns:
        The forms, longest first.
    """
    connections = at.connections.all
    calls = sum(connection.account.pace.calls_per_minute() for connection in connections)
    share = max(connection.account.pace.share() for connection in connections)
    throttled = sum(connection.account.pace.throttled for connection in connections)
    short = f"API {calls}/min"
    words = f"{short} ({share:.0%} of budget)"
    if throttled:
        return f"{words}  ▲ {counted(throttled, 'call')} throttled", f"{short} ▲ throttled"
    return words, short


def freshness(at: Navigation, refresh: float) -> tuple[str, ...]:
    """The age of the data on the screen, and whether refreshes are slowed down.

    Returns:
        The forms, longest first.
    """
    every = at.freshness()
    failed, fresh = any(item.error for item in every), every[0]
    if at.view.merged is not None:  # a failed connection has a row with its error
        answered = [item for item in every if not item.error]
        failed, fresh = not answered, min(answered or every, key=_fetched)
    long, *shorter = _age(fresh, failed, refresh * at.refresher.idle_factor)
    if at.refresher.slowed:
        return f"{long} (idle: slow refresh)", f"{shorter[0] if shorter else long} (idle)", *shorter
    return long, *shorter


def _fetched(fresh: Freshness) -> float:
    return fresh.fetched_at if fresh.fetched_at is not None else 0.0


def _age(fresh: Freshness, failed: bool, refresh: float) -> tuple[str, ...]:
    if fresh.fetched_at is None:
        if fresh.saved_at is not None:
            sign = "✖" if failed else "◐"
            old = age(max(0.0, time.time() - fresh.saved_at))
            return f"{sign} cached {old} ago", f"{sign} cached", sign
        return ("✖ no data",) if failed else ("◐ loading",)
    seconds = age(time.monotonic() - fresh.fetched_at)
    if failed or time.monotonic() - fresh.fetched_at > OLD_REFRESHES * refresh:
        return f"▲ stale: {seconds} old", f"▲ stale {seconds}", f"▲ {seconds}"
    return f"● updated {seconds} ago", f"● {seconds} ago", f"● {seconds}"


PATH_GAP = " › "
"""Between two parts of the path."""


def place_at(at: Navigation, line: str, number: int) -> Place | None:
    """The place that a part of the path names, by its number; None if it names none."""
    place, first = at.place, line.split(PATH_GAP, maxsplit=1)[0]
    if number < 0 or "clusters" not in first:
        return None
    names = [name for name in (place.cluster, place.service) if name]
    if number == 0:
        return Place("accounts") if len(at.shown) > 1 else Place()
    if number > len(names):
        return None
    if number == 2:
        return Place("tasks", cluster=place.cluster, service=place.service)
    return Place("services", cluster=place.cluster)


def path(at: Navigation, table: ResourceTable) -> tuple[list[str], str]:
    """The path bar: (forms of the path, longest first; filter, marks, cost and number of rows)."""
    place = at.place
    root = f"clusters of {_several(at)}" if len(at.shown) > 1 else "clusters"
    names = [clean(name) for name in (place.cluster, place.service) if name]
    task = short_name(place.task_arn)[:12]
    view = place.view if place.view not in ("clusters", "accounts") else ""
    rest = [task, _instance(at), view, "stopped" if place.stopped else ""]
    forms = []
    for most in (256, 32, 16):
        parts = [root, *(shortened(name, most, middle=True) for name in names), *rest]
        forms.append(PATH_GAP.join(part for part in parts if part))
    forms.append(PATH_GAP.join(part for part in rest if part) or root)
    shown, total = len(table.order), len(table.rows)
    filtered = f"/ {table.filter}" if table.filter else ""
    all_ = at.view.count(table.rows) if at.view.count is not None else str(total)
    count = f"{shown} of {total}" if table.filter else all_
    known = number_is_known(at.view, at.inventory, at.place, total)
    count = count if at.view.listed and known else ""
    group = at.lists.group(at.view.name)
    grouped = f"by tag:{clean(group)}" if group and has_tags(at.view) else ""
    spent = cost_words(at, table)
    right = "   ".join(part for part in (filtered, table.marks, grouped, spent, count) if part)
    return list(dict.fromkeys(forms)), right


def _instance(at: Navigation) -> str:
    """The container instance on which the tasks of the place run, as its own list names it; or ""."""
    arn = at.place.instance
    found = at.inventory.get(Scope(Kind.INSTANCE, at.place.cluster), arn) if arn else None
    return clean((found.ec2_id if found is not None else "") or short_name(arn)[:12])


def without_header(at: Navigation, forms: list[str]) -> list[str]:
    """The forms of the path where the header is hidden: with region and READ-ONLY before it."""
    safe = "READ-ONLY" if any(each.account.read_only for each in at.shown) else ""
    region = at.account.region if len(at.shown) == 1 else ""
    return ["  ".join(part for part in (region, safe, form) if part) for form in forms]


def right_without_header(facts: HeadFacts, right: str) -> str:
    """The right end of the path where the header is hidden: also what is wrong, and the data's age."""
    counts = [facts.problems[-1]] if facts.problems else []
    wrong = " ".join([*counts, *(text for text, _ in short_attention(facts.attention))])
    return "   ".join(part for part in (wrong, right, facts.age[-1]) if part)


def message(at: Navigation, table: ResourceTable, keymap: Keymap) -> str:
    """An error and the keys that help, or why the list has no rows; "" if there is neither."""
    error = at.standing_error()
    retry, log_in, back = map(keymap.first, ("refresh", "login", "back"))
    if error is not None and at.view.merged is None:
        key = ""
        if isinstance(error, ResourceGone) and _deleted(at):
            return f"○ The cluster {at.place.cluster} is INACTIVE: it has been deleted."
        if isinstance(error, ResourceGone) and (words := without_service(at.inventory, at.place)):
            return words
        if isinstance(error, MfaRequired):
            return f"✖ {error.what}   {log_in} enter the code   {retry} retry"
        if isinstance(error, ExpiredCredentials) and at.account.login is not None:
            key = f"{log_in} log in   "
        again = _again(at) if isinstance(error, _PASSING) else ""
        return f"✖ {error}{again}   {key}{retry} retry"
    if not table.rows:
        if words := without_service(at.inventory, at.place):
            return words
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


def _again(at: Navigation) -> str:
    """When the list is read again."""
    seconds = at.refresher.retry_seconds
    return f" Retrying in {span(seconds)}." if seconds >= 1 else " Retrying now."


def _deleted(at: Navigation) -> bool:
    """Whether the shown cluster has been deleted; AWS still describes it for a while."""
    cluster = at.inventory.cluster(at.place.cluster)
    return cluster is not None and cluster.status == "INACTIVE"
