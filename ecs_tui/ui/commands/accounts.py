"""Commands for connections: profiles, regions, the merged list, and logins.

The first rows need no dialog: each is imported where it opens.
"""

from __future__ import annotations

from ecs_tui.config import state
from ecs_tui.config.key_text import KeyText
from ecs_tui.errors import ExpiredCredentials, MfaRequired
from ecs_tui.resources import Place
from ecs_tui.store.connections import Connection
from ecs_tui.ui.commands.base import Command
from ecs_tui.ui.context import Context, Workspace


async def _choose(
    workspace: Workspace, title: str, names: list[str], current: str, favourites: list[str]
) -> list[str]:
    from ecs_tui.ui.dialogs.profile_picker import ProfilePicker

    def remember() -> None:
        state.save(workspace.choices)

    return await workspace.ask(ProfilePicker(title, names, current, favourites, remember)) or []


def _open(workspace: Workspace, connections: list[Connection]) -> None:
    if len(connections) == 1:
        workspace.go(Place(), connection=connections[0])
    elif connections:
        for connection in connections:
            workspace.subscribe(connection)
        workspace.go(Place("accounts"), connection=connections[0])


class Profiles(Command):
    """Switch profile, or select several."""

    id, title, group, waits = "profiles", "profile", "Accounts", True

    def obstacle(self, context: Context) -> str:
        if context.connection.account.is_demo:
            return KeyText("The demo account has no profiles. Press {regions} to switch region.")
        return ""

    async def run(self, context: Context, workspace: Workspace) -> None:
        """Open the chosen profiles; one without a region of its own uses the row's."""
        from ecs_tui.aws.configuration import profiles

        names = await profiles()
        if not names:
            workspace.note("No profiles in the AWS config. Create one with: aws configure sso")
            return
        account, favourites = context.connection.account, workspace.choices.profiles
        chosen = await _choose(workspace, "Select a profile", names, account.name, favourites)
        opened = workspace.connections.open_profile
        _open(workspace, [await opened(name, account.region) for name in chosen])


class Regions(Command):
    """Switch region, or select several."""

    id, title, group, waits = "regions", "region", "Accounts", True

    async def run(self, context: Context, workspace: Workspace) -> None:
        """Open the chosen regions with the same profile."""
        account = context.connection.account
        names = await account.regions()
        names += [name for name in context.settings.regions if name not in names]
        title = f"Select a region (profile {account.name})"
        favourites = workspace.choices.regions
        chosen = await _choose(workspace, title, names, account.region, favourites)
        _open(workspace, [workspace.connections.open(account.profile, name) for name in chosen])


class Accounts(Command):
    """Clusters of every open profile and region."""

    id, title, group = "accounts", "accounts", "Accounts"

    async def run(self, context: Context, workspace: Workspace) -> None:
        workspace.go(Place("accounts"))


class LogIn(Command):
    """Log in again when the login has expired, or enter an MFA code."""

    id, title, group, waits = "login", "log in", "Accounts", True

    def obstacle(self, context: Context) -> str:
        """Possible only with expired credentials or if an MFA code is needed."""
        error = context.error
        if isinstance(error, MfaRequired):
            return ""
        if not isinstance(error, ExpiredCredentials):
            return "Credentials are still valid."
        if context.connection.account.login is None:
            return KeyText(
                "These credentials have no login: renew them at their source, then press {refresh}."
            )
        return ""

    async def run(self, context: Context, workspace: Workspace) -> None:
        from ecs_tui.ui.dialogs.login import LoginScreen

        connection, error = context.connection, context.error
        if isinstance(error, MfaRequired):
            await enter_code(workspace, connection, error.serial)
        elif connection.account.login is not None and await workspace.ask(
            LoginScreen(connection.account.login)
        ):
            await connection.renew()
            workspace.note(f"Logged in. {connection.label} is refreshing again.")


async def enter_code(workspace: Workspace, connection: Connection, serial: str) -> None:
    """Ask for the code of an MFA device; if AWS accepts it, refresh the connection."""
    from ecs_tui.ui.dialogs.mfa import MfaScreen

    if await workspace.ask(MfaScreen(connection.account, serial)):
        await connection.identify()
        connection.refresher.refresh_now()
        workspace.note(f"Code accepted. {connection.label} is refreshing again.")


ACCOUNTS: tuple[Command, ...] = (Profiles(), Regions(), Accounts(), LogIn())
