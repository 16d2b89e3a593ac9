"""The app that is drawn, and where its pictures go."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Input

from ecs_tui.system import wall_clock
from ecs_tui.ui.app import EcsTuiApp
from tests.support.app import running_app, screen_text
from tests.support.demo import Demo, demo_account
from tests.support.limits import until

SIZE = (120, 32)
"""Columns and lines of the committed pictures."""
MOST_LOOKS = 5
"""Looks at a screen that changes all the time, such as one with ages, until it is drawn anyway."""


@dataclass(frozen=True)
class Stage:
    """The app on a demo account, driven by keys.

    Attributes:
        folder: Where its pictures go.
    """

    demo: Demo
    app: EcsTuiApp
    pilot: Pilot[None]
    folder: Path

    async def shoot(self, name: str) -> None:
        """Write what is on the screen to `NAME.svg`, once it is laid out."""
        self.app.browser.draw()
        before = ""
        for _ in range(MOST_LOOKS):
            await self.pilot.pause(0.2)
            if before == (before := screen_text(self.app)):
                break
        svg = self.app.export_screenshot(title="ecs-tui")
        # The demo account's port is random; pictures must not differ because of it.
        port = re.escape(self.demo.endpoint.rsplit(":", 1)[-1])
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / f"{name}.svg").write_text(re.sub(port, "4566", svg), "utf-8")

    async def shows(self, *words: str, deadline: float = 40) -> None:
        """Wait until all words are on the screen."""
        try:
            await until(lambda: all(each in screen_text(self.app) for each in words), "", deadline)
        except AssertionError:
            found = screen_text(self.app)
            raise AssertionError(f"not on the screen: {words}\n{found}") from None

    async def at(self, view: str) -> None:
        """Wait until a place is shown, and has rows."""
        browser = self.app.browser
        await until(lambda: browser.place.view == view and browser.table.rows, view, 40)

    async def command(self, words: str) -> None:
        """Run a command by its name."""
        await self.pilot.press("colon")
        await until(lambda: isinstance(self.app.focused, Input), "the line is open")
        await self.pilot.press(*words, "enter")

    async def close(self) -> None:
        """Close the dialog."""
        await self.pilot.press("escape")
        await until(lambda: self.app.screen is self.app.browser, "closed")

    async def back_to(self, view: str) -> None:
        """Go back until that place is shown."""
        browser = self.app.browser
        while browser.place.view != view:
            await self.pilot.press("escape")
            await self.pilot.pause()


@contextlib.contextmanager
def own_folders() -> Iterator[None]:
    """Empty folders for configuration, state and cache until the block ends."""
    names = [f"XDG_{name}_HOME" for name in ("CONFIG", "STATE", "CACHE")]
    before = {name: os.environ.get(name) for name in names}
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update({name: f"{folder}/{name}" for name in names})
        try:
            yield
        finally:
            for name, value in before.items():
                os.environ.pop(name)
                if value is not None:
                    os.environ[name] = value


@dataclass(frozen=True)
class Topic:
    """Pictures that one run of the app makes.

    Attributes:
        make: Makes them.
        flags: Of `ecs-tui demo`.
        settings: Of the app, by their short names.
    """

    make: Callable[[Stage], Awaitable[None]]
    flags: tuple[str, ...] = ()
    settings: tuple[tuple[str, Any], ...] = ()

    async def run(self, folder: Path, **settings: Any) -> None:
        """Make the pictures; `settings` win over the topic's own."""
        async with self._staged(folder, {**dict(self.settings), **settings}) as stage:
            await self.make(stage)

    @contextlib.asynccontextmanager
    async def _staged(self, folder: Path, settings: dict[str, Any]) -> AsyncIterator[Stage]:
        # Sessions of earlier runs, which the operator's state folder remembers, are on no picture.
        with own_folders(), wall_clock.restored(), demo_account(*self.flags) as demo:
            settings = {"size": SIZE, "plugin": "builtin", "cache": False, **settings}
            async with running_app(demo.account(), **settings) as (app, pilot):
                yield Stage(demo, app, pilot, folder)
