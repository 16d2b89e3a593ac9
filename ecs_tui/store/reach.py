"""Which open connections reach the account and the region that an address names, and which profiles do."""

from __future__ import annotations

from collections.abc import Mapping

from ecs_tui.aws.profile_accounts import profile_accounts
from ecs_tui.model.address import Reference
from ecs_tui.model.console import partition_of_region
from ecs_tui.store.connections import Connection, Connections


async def connections_for(connections: Connections, reference: Reference) -> list[Connection]:
    """The connections that reach what a reference names, the best one first; [] if none does.

    Those that know its cluster come first, then the current one. If none is in its region, one for
    the same profile there is opened.

    Raises:
        AwsError: The AWS configuration cannot be read.
    """
    current = connections.current
    ordered = [current, *(each for each in connections.all if each is not current)]
    fitting = await _in_account(ordered, reference.account)
    region = reference.region
    there = [each for each in fitting if region in ("", each.account.region)]
    if there:
        return sorted(there, key=lambda each: not _knows(each, reference.cluster))
    wanted = partition_of_region(region)
    for each in fitting:
        here = partition_of_region(each.account.region)
        if here in ("", wanted):  # keys are valid in one partition only
            return [connections.open(each.account.profile, region)]
    return []


async def profiles_for(account: str) -> list[str]:
    """The names of the profiles that belong to an account, by the AWS configuration.

    Raises:
        AwsError: The configuration cannot be read.
    """
    known = await profile_accounts() if account else {}
    return sorted(name for name, owner in known.items() if owner == account)


async def _in_account(ordered: list[Connection], account: str) -> list[Connection]:
    if not account:
        return ordered
    named: Mapping[str, str] = {}
    if any(each.caller is None and not each.account.is_demo for each in ordered):
        named = await profile_accounts()
    return [each for each in ordered if await _owner(each, named) == account]


async def _owner(connection: Connection, named: Mapping[str, str]) -> str:
    """The account ID of a connection; "" if AWS does not tell."""
    if connection.caller is None:
        if not connection.account.is_demo and (known := named.get(connection.account.name)):
            return known
        await connection.identify()
    return connection.caller.account if connection.caller is not None else ""


def _knows(connection: Connection, cluster: str) -> bool:
    return bool(cluster) and connection.inventory.cluster(cluster) is not None
