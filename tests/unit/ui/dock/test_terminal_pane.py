"""A pane without a session: its terminal can be searched, copied from and renamed all the same."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from ecs_tui.config.prefix import DEFAULT, Prefix
from ecs_tui.terminal.link import Link
from ecs_tui.terminal.widget import TerminalView
from ecs_tui.ui.dock.pane_line import PaneLine
from ecs_tui.ui.dock.terminal_pane import TerminalPane
from tests.support.limits import until

TEXT = "first line\r\nhttp://example.org/x here\r\nlast line"


class Pane(TerminalPane):
    """A terminal that shows a text.

    Attributes:
        names: The names that were entered.
        notes: What it has said.
        links: The links that were clicked.
    """

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self.notes: list[str] = []
        self.links: list[tuple[str, str]] = []
        self.link = Link(
            "pyte",
            60,
            12,
            100,
            on_frame=lambda rows: self.view.rows_changed(rows),
            on_reply=lambda data: None,
            on_flow=lambda hold: None,
            on_redraw=lambda: None,
            on_notice=self.notes.append,
        )
        keys = Prefix.parse(DEFAULT)
        self.view = TerminalView(
            lambda: self.link.picture,
            lambda data: None,
            self.link.scroll,
            keys.match,
            on_scroll_to=self.link.scroll_to,
        )

    @property
    def alive(self) -> bool:
        return True

    def say(self, words: str) -> None:
        self.notes.append(words)

    def show_state(self) -> None:
        self.frame.update(self.view.copy_mode.words if self.view.copy_mode else "typing")

    def named(self, name: str) -> None:
        self.names.append(name)

    def link_clicked(self, url: str, shown: str) -> None:
        self.links.append((url, shown))


class _App(App[None]):
    def compose(self) -> ComposeResult:
        self.pane = Pane()
        yield self.pane


@asynccontextmanager
async def shown() -> AsyncIterator[tuple[Pane, Pilot[None]]]:
    app = _App()
    async with app.run_test(size=(60, 13)) as pilot:
        pane = app.pane
        pane.link.start()
        pane.link.feed(TEXT.encode())
        await until(lambda: text(pane, 2) == "last line", "its text")
        pane.view.focus()
        try:
            yield pane, pilot
        finally:
            pane.link.close()


def text(pane: Pane, row: int) -> str:
    lines = pane.link.picture.lines
    return "".join(run.text for run in lines[row]).rstrip() if row < len(lines) else ""


@pytest.mark.asyncio
async def test_a_search_by_keys_and_what_is_copied() -> None:
    async with shown() as (pane, pilot):
        pane.enter_copy_mode(search=True)
        line = pane.query_one(PaneLine)
        await until(lambda: line.has_focus, "the line of the search")
        assert line.keys == ["SEARCH", "enter or esc back to text", "n N next"]
        await pilot.press(*"line")
        mode = pane.view.copy_mode
        assert mode is not None
        await until(lambda: len(mode.matches) == 2, "matches while typing")
        await pilot.press("enter")
        await until(lambda: pane.view.has_focus and not line.display, "back in the text")
        await pilot.press("v", "e", "y")
        await until(lambda: pane.notes, "copied")
        assert pane.view.copy_mode is None
        assert (pilot.app.clipboard, pane.notes) == ("line", ["Copied 4 characters"])


@pytest.mark.asyncio
async def test_a_name_is_entered_or_kept() -> None:
    async with shown() as (pane, pilot):
        line = pane.query_one(PaneLine)
        pane.ask_for_name("old")
        await until(lambda: line.has_focus, "the line of the name")
        assert (line.keys, pane.line_keys) == (["enter rename", "esc keep the name"], line.keys)
        await pilot.press("x", "escape")
        await until(lambda: pane.view.has_focus, "back in the terminal")
        assert pane.names == []
        pane.ask_for_name("old")
        await until(lambda: line.has_focus, "again")
        await pilot.press(*"new", "enter")  # in place of the old one, which is selected
        await until(lambda: pane.names, "a name")
        await until(lambda: pane.view.has_focus, "back in the terminal")
        assert pane.names == ["new"]


@pytest.mark.asyncio
async def test_a_click_on_a_link_is_passed_on() -> None:
    async with shown() as (pane, pilot):
        await pilot.click(pane.view, offset=(3, 1))
        await until(lambda: pane.links, "the link")
        assert pane.links == [("http://example.org/x", "")]
        await pilot.click(pane.view, offset=(2, 0), times=2)
        await until(lambda: pane.notes, "a word")
        assert pilot.app.clipboard == "first"
