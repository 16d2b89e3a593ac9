"""`ecs-tui login`: logs in on the command line."""

from __future__ import annotations

from ecs_tui.aws.account import Account
from ecs_tui.aws.login import log_in
from ecs_tui.cli.subcommand import Invocation, Subcommand
from ecs_tui.errors import NotFound
from ecs_tui.system.crash import run_job
from ecs_tui.system.echo import echo
from ecs_tui.system.exit_status import ExitStatus


def run(invocation: Invocation) -> int:
    """Log in; returns the exit status."""
    run_job(sign_in(invocation.account(interactive=False)))
    return ExitStatus.YES


async def sign_in(account: Account) -> None:
    """Log in for the account's profile; prints the URL and the code on stderr.

    Raises:
        NotFound: The profile has no login configured.
        AwsError: The login failed.
    """
    try:
        login = await account.find_login()
        if login is None:
            raise NotFound(
                f"Profile {account.profile_setting.value} has no login: neither it nor "
                "its source_profile sets sso_session, sso_start_url or login_session.",
            )
        async for line in log_in(login):
            echo(line, err=True)
        echo(f"Logged in: {login.words}.", err=True)
    finally:
        await account.close()


SUBCOMMAND = Subcommand(
    name="login",
    help="""Log in to IAM Identity Center (SSO).

    Uses the current profile. Shows a URL and a code to confirm in any browser.
    """,
    run=run,
)
