"""Textual's pilot and stylesheets, without the work that they do for nothing in a test run.

The app has some 150 widgets, most of them on pages that are not shown. Textual's pilot waits after
each key until every one of them has handled a message, which costs as much as the key, and twice
until the process has slept for 20 ms, which takes up to two seconds while the app reads answers of
AWS. Each app parses the same styles again, three times, and draws 60 frames a second.
"""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Any

from textual import screen
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode
from textual.events import Key
from textual.keys import REPLACED_KEYS, _character_to_key, _get_unicode_name_from_key
from textual.pilot import Pilot, WaitForScreenTimeout
from textual.widget import Widget

from tests.support.limits import limit

FRAMES = 15
"""Frames a second of an app in a pilot: a quarter of its work was on frames that nobody reads."""
RESIZE_SECONDS = 1 / 120
"""How long Textual waits for a still newer size of the terminal."""
ROUNDS = 50
"""How often an app is waited for that always has something more to do."""


class AppPilot(Pilot[None]):
    """A pilot that waits for the widgets that are shown, and for those that have something to do."""

    async def press(self, *keys: str) -> None:
        """Press keys, each once the app has handled and drawn what the one before has led to."""
        for key in keys:
            assert self.app._driver is not None
            self.app._driver.send_message(_key_event(key))
            await self._at_rest()

    async def pause(self, delay: float | None = None) -> None:
        """As Textual's; without a delay, until everything is handled and drawn."""
        if delay is None:
            await self._at_rest()
        else:
            await super().pause(delay)

    async def _at_rest(self) -> None:
        """Wait until no message is left and the screen is drawn."""
        app = self.app
        for _ in range(ROUNDS):
            await self._wait_for_screen()
            await app.animator.wait_until_complete()
            shown = app.screen
            shown._on_timer_update()
            pumps = [app, shown, *shown.walk_children(Widget)]
            if app._resize_timer is not None:  # it takes up a new size 8 ms later
                await asyncio.sleep(RESIZE_SECONDS)
            elif not shown._callbacks and all(
                each._message_queue.empty() and not each._next_callbacks for each in pumps
            ):
                return

    async def _wait_for_screen(self, timeout: float = 30.0) -> bool:
        """As Textual's: whether all of them have handled what they had got so far."""
        app = self.app
        shown = list(_shown(app.screen))
        hidden = set(app.screen.walk_children(Widget)).difference(shown)
        waited = [app, *shown, *(each for each in hidden if not each._message_queue.empty())]
        all_done, left = asyncio.Event(), 0

        def done() -> None:
            nonlocal left
            left -= 1
            if not left:
                all_done.set()

        left = sum(each.call_later(done) for each in waited)
        if not left:
            return True
        tasks = [asyncio.create_task(each.wait()) for each in (all_done, app._exception_event)]
        _, pending = await asyncio.wait(
            tasks, timeout=limit(timeout), return_when=asyncio.FIRST_COMPLETED
        )
        for task in pending:
            task.cancel()
        if len(pending) == len(tasks):
            raise WaitForScreenTimeout("The widgets have not handled their messages in time.")
        return not left


def _key_event(key: str) -> Key:
    """The event of a key by Textual's name of it, or by its character."""
    if len(key) == 1 and not key.isalnum():
        key = _character_to_key(key)
    name = _get_unicode_name_from_key(REPLACED_KEYS.get(key, key))
    try:
        return Key(key, unicodedata.lookup(name))
    except KeyError:
        return Key(key, key if len(key) == 1 else None)


def _shown(node: DOMNode) -> Iterator[Any]:
    """A node and what is displayed in it."""
    yield node
    for child in node.children:
        if child.display:
            yield from _shown(child)


def draw_less_often() -> None:
    """From now on, the apps of this process draw `FRAMES` frames a second."""
    screen.UPDATE_PERIOD = 1 / FRAMES  # type: ignore[misc]


def parse_styles_once() -> None:
    """From now on, the apps of this process share the rules of equal styles and variables."""
    parse = Stylesheet._parse_rules
    seen: list[tuple[dict[str, str], frozenset[tuple[str, str]]]] = []

    def frozen(variables: dict[str, str]) -> frozenset[tuple[str, str]]:
        """Of the same few hundred variables a sheet parses a hundred sources."""
        if not seen or seen[-1][0] is not variables:
            seen[:] = [(variables, frozenset(variables.items()))]
        return seen[-1][1]

    @cache
    def parsed(variables: frozenset[tuple[str, str]], *source: Any) -> list[Any]:
        return parse(Stylesheet(variables=dict(variables)), *source)

    def _parse_rules(
        sheet: Stylesheet,
        css: str,
        read_from: tuple[str, str],
        is_default_rules: bool = False,
        tie_breaker: int = 0,
        scope: str = "",
    ) -> list[Any]:
        return parsed(
            frozen(sheet._variables), css, read_from, is_default_rules, tie_breaker, scope
        )

    Stylesheet._parse_rules = _parse_rules  # type: ignore[method-assign]
