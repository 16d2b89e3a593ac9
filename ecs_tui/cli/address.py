"""Finds the place in the dashboard that an address names, and a profile to see it with."""

from __future__ import annotations

import logging

from ecs_tui.aws.account import ENVIRONMENT_KEYS
from ecs_tui.aws.configuration import keys_in_environment, profile_setting
from ecs_tui.aws.profile_accounts import profile_accounts
from ecs_tui.cli.subcommand import Invocation
from ecs_tui.errors import AwsError, WrongUsage
from ecs_tui.model.reference import Reference
from ecs_tui.model.text import clean
from ecs_tui.resources.locate import known_place, locate
from ecs_tui.ui.start import StartPlace

MAX_PROFILES = 5
"""Profiles that the message about another account names."""
log = logging.getLogger("ecs_tui.cli.address")


async def find_start(invocation: Invocation, reference: Reference) -> tuple[str | None, StartPlace]:
    """The profile that reaches what `reference` names, and the place where the dashboard shows it.

    AWS is called only for what neither the words nor the AWS configuration say: the account of the
    profile, the service of a task, the cluster of an ARN in the old format.

    Returns:
        The profile, None for that of the settings; and the place.

    Raises:
        WrongUsage: The profile in use belongs to another account, and it is not clear which other
            profile to use.
        NotFound: There is no such task, service, container instance or capacity provider.
        AwsError: A call to AWS failed.
    """
    profile = await _profile_for(invocation, reference)
    found = known_place(reference)
    if found is None:
        account = invocation.account(reference, profile=profile)
        try:
            found = await locate(account, reference)
        finally:
            await account.close()
    return profile, StartPlace(found.place, found.select, found.definition)


async def _profile_for(invocation: Invocation, reference: Reference) -> str | None:
    """The profile that belongs to the account of `reference`; None for that of the settings."""
    wanted = reference.account
    if not wanted:
        return None
    known = await profile_accounts()
    chosen = invocation.settings.profile
    name = ENVIRONMENT_KEYS if keys_in_environment(chosen) else profile_setting(chosen).value
    own = known.get(name) or await _own_account(invocation, reference)
    if own in ("", wanted):
        return None
    fitting = sorted(each for each, account in known.items() if account == wanted)
    if len(fitting) == 1 and invocation.profile is None:
        return fitting[0]
    advice = "Select another with --profile."
    if fitting:
        more = f" and {len(fitting) - MAX_PROFILES} more" if len(fitting) > MAX_PROFILES else ""
        some = ", ".join(map(clean, fitting[:MAX_PROFILES]))
        advice = f"Select another with --profile: {some}{more}."
    raise WrongUsage(
        f"The target is in account {wanted}, but the profile in use ({clean(name)}) belongs to "
        f"account {clean(own)}.",
        advice,
    )


async def _own_account(invocation: Invocation, reference: Reference) -> str:
    """The account ID of the keys in use; "" if AWS does not tell, as then other calls fail too."""
    account = invocation.account(reference)
    try:
        return (await account.caller(alias=False)).account
    except AwsError as error:
        log.info("account not checked: %s", error)
        return ""
    finally:
        await account.close()
