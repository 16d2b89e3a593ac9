"""Commands for connections: profiles, regions, the merged list, and logins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecs_tui.aws.configuration import profiles
from ecs_tui.config import state
from ecs_tui.errors import ExpiredCredentials, MfaRequired
from ecs_tui.resources import Place
from ecs_tui.store.connections import Connection
from ecs_tui.ui.commands.base import Action
from ecs_tui.ui.dialogs.login import LoginScreen
from ecs_tui.ui.dialogs.mfa import MfaScreen
from ecs_tui.ui.dialogs.profile_picker import ProfilePicker
from ecs_tui.ui.status_bar import standing_error

if TYPE_CHECKING:
    from ecs_tui.ui.main_screen import Browser


async def _choose(
    browser: Browser, title: str, names: list[str], current: str, favourites: list[str]
) -> list[str]:
    screen = ProfilePicker(title, names, current, favourites, lambda: state.save(browser.choices))
    return await browser.app.push_screen_wait(screen) or []


def _open(browser: Browser, connections: list[Connection]) -> None:
    if len(connections) == 1:
        browser.go(Place(), connection=connections[0])
    elif connections:
        for connection in connections:
            browser.subscribe(connection)
        browser.go(Place("accounts"), connection=connections[0])


class Profiles(Action):
    """Switch profile, or select several."""

    name, keys, shown, title, group = "profiles", ("ctrl+p",), "ctrl+p", "profile", "Accounts"
    asks = True

    def obstacle(self, browser: Browser) -> str:
        if browser.account.is_demo:
            return "The demo account has no profiles. Press ctrl+r to switch region."
        return ""

    async def run(self, browser: Browser) -> None:
        """Open the chosen profiles; one without a region of its own uses the current region."""
        names = await profiles()
        if not names:
            browser.note("No profiles in the AWS config. Create one with: aws configure sso")
            return
        current = browser.account.name
        title = "Select a profile"
        chosen = await _choose(browser, title, names, current, browser.choices.profiles)
        _open(browser, [await browser.connections.open_profile(name) for name in chosen])


class Regions(Action):
    """Switch region, or select several."""

    name, keys, shown, title, group = "regions", ("ctrl+r",), "ctrl+r", "region", "Accounts"
    asks = True

    async def run(self, browser: Browser) -> None:
        """Open the chosen regions with the same profile."""
        account = browser.current_connection().account
        names = await account.regions()
        names += [name for name in browser.settings.regions if name not in names]
        title = f"Select a region (profile {account.name})"
        chosen = await _choose(browser, title, names, account.region, browser.choices.regions)
        _open(browser, [browser.connections.open(account.profile, name) for name in chosen])


class Accounts(Action):
    """Clusters of every open profile and region."""

    name, title, group = "accounts", "accounts", "Accounts"

    async def run(self, browser: Browser) -> None:
        browser.go(Place("accounts"))


class LogIn(Action):
    """Log in again when the login has expired, or enter an MFA code."""

    name, keys, shown, title, group = "login", ("i",), "i", "log in", "Accounts"
    asks = True

    def obstacle(self, browser: Browser) -> str:
        """Possible only with expired credentials or if an MFA code is needed."""
        error = _error(browser)
        if isinstance(error, MfaRequired):
            return ""
        if not isinstance(error, ExpiredCredentials):
            return "Credentials are still valid."
        if browser.current_connection().account.login is None:
            return "These credentials have no login: renew them at their source, then press r."
        return ""

    async def run(self, browser: Browser) -> None:
        connection, error = browser.current_connection(), _error(browser)
        if isinstance(error, MfaRequired):
            await enter_code(browser, connection, error.serial)
        elif connection.account.login is not None and await browser.app.push_screen_wait(
            LoginScreen(connection.account.login)
        ):
            await connection.renew()
            browser.note(f"Logged in. {connection.label} is refreshing again.")


async def enter_code(browser: Browser, connection: Connection, serial: str) -> None:
    """Ask for the code of an MFA device; if AWS accepts it, refresh the connection."""
    if await browser.app.push_screen_wait(MfaScreen(connection.account, serial)):
        await connection.identify()
        connection.refresher.refresh_now()
        browser.note(f"Code accepted. {connection.label} is refreshing again.")


def _error(browser: Browser) -> object:
    row = browser.table.current
    if browser.view.merged is not None and row is not None:
        return row.error
    return standing_error(browser)


ACCOUNTS: tuple[Action, ...] = (Profiles(), Regions(), Accounts(), LogIn())
