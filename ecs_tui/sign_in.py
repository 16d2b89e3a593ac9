"""`ecs-tui login`: a new login on the command line."""

from __future__ import annotations

from ecs_tui.aws.account import Account
from ecs_tui.aws.login import log_in
from ecs_tui.echo import echo
from ecs_tui.errors import NoCredentials


async def sign_in(account: Account) -> None:
    """Log in for the account's profile; says on stderr what to open.

    Raises:
        AwsError: The profile has no login, or it did not succeed.
    """
    try:
        login = await account.find_login()
        if login is None:
            raise NoCredentials(
                f"Profile {account.profile_setting.value} has no login: no sso_session, "
                "no sso_start_url and no login_session, nor has a source_profile of it.",
            )
        async for line in log_in(login):
            echo(line, err=True)
        echo(f"Logged in: {login.words}.", err=True)
    finally:
        await account.close()
