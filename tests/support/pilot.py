"""Textual's pilot and stylesheets, without the work that they do for nothing in a test run.

The app has some 150 widgets, most of them on pages that are not shown. Textual's pilot waits after
each key until every one of them has handled a message, which costs as much as the key. And each app
parses the same styles again, three times.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import cache
from typing import Any

from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode
from textual.pilot import Pilot, WaitForScreenTimeout
from textual.widget import Widget

from tests.support.limits import limit


class AppPilot(Pilot[None]):
    """A pilot that waits for the widgets that are shown, and for those that have something to do."""

    async def _wait_for_screen(self, timeout: float = 30.0) -> bool:
        """As Textual's: whether all of them have handled what they had got so far."""
        app, screen = self.app, self.app.screen
        shown = list(_shown(screen))
        hidden = set(screen.walk_children(Widget)).difference(shown)
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


def _shown(node: DOMNode) -> Iterator[Any]:
    """A node and what is displayed in it."""
    yield node
    for child in node.children:
        if child.display:
            yield from _shown(child)


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
