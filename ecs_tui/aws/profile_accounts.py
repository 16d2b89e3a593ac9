"""Which AWS account each profile belongs to, as far as the AWS configuration says; no calls."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from ecs_tui.aws.configuration import new_session
from ecs_tui.aws.errors import bad_configuration
from ecs_tui.model.arn import parse_arn


async def profile_accounts() -> dict[str, str]:
    """The account ID of each profile that names one; other profiles are left out.

    Raises:
        AwsError: The configuration cannot be read.
    """
    try:
        session = await asyncio.to_thread(new_session, None)
        profiles: Mapping[str, Mapping[str, object]] = session.full_config["profiles"]
    except Exception as error:
        raise bad_configuration(error, "") from error
    found = {name: account_of(profile) for name, profile in profiles.items()}
    return {name: account for name, account in found.items() if account}


def account_of(profile: Mapping[str, object]) -> str:
    """The account ID of a profile, from its `role_arn` or `sso_account_id`; "" if it has neither.

    A role wins: `sso_account_id` may then belong to its source.
    https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html
    """
    role = parse_arn(str(profile.get("role_arn", "")))
    return role.account if role is not None else str(profile.get("sso_account_id", ""))
