"""Other ways into AWS: profiles, regions, several at once, a new login."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecs_tui import remembered
from ecs_tui.aws.configuration import profiles
from ecs_tui.errors import ExpiredCredentials, MfaRequired
from ecs_tui.ui.actions.base import Action
from ecs_tui.ui.home import Home
from ecs_tui.ui.screens.login import LoginScreen
from ecs_tui.ui.screens.mfa import MfaScreen
from ecs_tui.ui.screens.ways import WaysScreen
from ecs_tui.ui.status import standing_error
from ecs_tui.ui.views import Place

if TYPE_CHECKING:
    from ecs_tui.ui.screens.browser import Browser


async def _choose(
    browser: Browser, title: str, names: list[str], current: str, favourites: list[str]
) -> list[str]:
    screen = WaysScreen(
        title, names, current, favourites, lambda: remembered.save(browser.remembered)
    )
    return await browser.app.push_screen_wait(screen) or []


def _open(browser: Browser, homes: list[Home]) -> None:
    if len(homes) == 1:
        browser.go(Place(), home=homes[0])
    elif homes:
        for home in homes:
            browser.welcome(home)
        browser.go(Place("accounts"), home=homes[0])


class Profiles(Action):
    """Look through another profile, or through several at once."""

    name, keys, shown, title, group = "profiles", ("ctrl+p",), "ctrl+p", "profile", "Accounts"
    asks = True

    def obstacle(self, browser: Browser) -> str:
        """The pretend account has none."""
        if browser.account.pretend:
            return "The pretend account has no profiles; ctrl+r shows its other region."
        return ""

    async def run(self, browser: Browser) -> None:
        """Choose and go there; a profile without a region of its own keeps the one in use."""
        names = await profiles()
        if not names:
            browser.note("The AWS configuration has no profiles: make one with aws configure sso.")
            return
        current = browser.account.name
        title = "Which profile?"
        chosen = await _choose(browser, title, names, current, browser.remembered.profiles)
        _open(browser, [await browser.homes.open_profile(name) for name in chosen])


class Regions(Action):
    """Look at another region, or at several at once."""

    name, keys, shown, title, group = "regions", ("ctrl+r",), "ctrl+r", "region", "Accounts"
    asks = True

    async def run(self, browser: Browser) -> None:
        """Choose and go there, with the same profile."""
        account = browser.account
        names = await account.regions()
        names += [name for name in browser.settings.regions if name not in names]
        title = f"Which region, for {account.name}?"
        chosen = await _choose(browser, title, names, account.region, browser.remembered.regions)
        _open(browser, [browser.homes.open(account.profile, name) for name in chosen])


class Accounts(Action):
    """The clusters of all profiles and regions that are open, in one list."""

    name, title, group = "accounts", "accounts", "Accounts"

    async def run(self, browser: Browser) -> None:
        """Go there."""
        browser.go(Place("accounts"))


class Login(Action):
    """A new login where it has expired, or the code of an MFA device; then everything goes on."""

    name, keys, shown, title, group = "login", ("i",), "i", "log in", "Accounts"
    asks = True

    def obstacle(self, browser: Browser) -> str:
        """Only where it would help."""
        error = _error(browser)
        if isinstance(error, MfaRequired):
            return ""
        if not isinstance(error, ExpiredCredentials):
            return "The credentials in use have not expired."
        if browser.current_home().account.login is None:
            return "These keys have no login: renew them where they came from, then press r."
        return ""

    async def run(self, browser: Browser) -> None:
        """In place."""
        home, error = browser.current_home(), _error(browser)
        if isinstance(error, MfaRequired):
            await enter_code(browser, home, error.serial)
        elif home.account.login is not None and await browser.app.push_screen_wait(
            LoginScreen(home.account.login)
        ):
            await home.renew()
            browser.note(f"Logged in: {home.pair} goes on.")


async def enter_code(browser: Browser, home: Home, serial: str) -> None:
    """Ask for the code of an MFA device; with it everything goes on."""
    if await browser.app.push_screen_wait(MfaScreen(home.account, serial)):
        await home.identify()
        home.refresher.refresh_now()
        browser.note(f"The code was accepted: {home.pair} goes on.")


def _error(browser: Browser) -> object:
    row = browser.table.current
    if browser.view.merged is not None and row is not None:
        return row.error
    return standing_error(browser)


ACCOUNTS: tuple[Action, ...] = (Profiles(), Regions(), Accounts(), Login())
