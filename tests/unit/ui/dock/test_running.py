"""Is a program other than the shell running? The rule over what the terminal shows."""

from __future__ import annotations

import pytest

from ecs_tui.session.activity import SessionActivity
from ecs_tui.terminal.picture import Picture
from ecs_tui.terminal.protocol import Mode, Run
from ecs_tui.ui.dock.running import PRINTS_SECONDS, running_words, text_before_cursor

NOW = 1000.0
ALTERNATE = "A full-screen program is running in it."
PRINTING = "A program is printing in it."
NO_PROMPT = "A program may be running in it: there is no prompt at the cursor."


def picture(line: str, *, column: int | None = None, modes: int = 0) -> Picture:
    """A screen with this text in the row of the cursor, which stands behind it."""
    above = [[Run("above", 5)]] if line else []
    row = [Run(part, len(part)) for part in (line[:3], line[3:])]
    at = len(line) if column is None else column
    return Picture(80, 24, [*above, row], cursor=(at, len(above)), modes=Mode(modes))


QUIET = SessionActivity(traffic_at=NOW - 60, typed_at=NOW - 70, received_at=NOW - 60)
ECHO = SessionActivity(traffic_at=NOW - 0.1, typed_at=NOW - 0.3, received_at=NOW - 0.1)
FLOWS = SessionActivity(traffic_at=NOW - 0.1, typed_at=NOW - 30, received_at=NOW - 0.1)


@pytest.mark.parametrize(
    ("line", "activity", "words"),
    [
        # Prompts of sh, bash, zsh, themes, cmd.exe and PowerShell.
        ("/ # ", QUIET, ""),
        ("#", QUIET, ""),
        ("root@web:/app# ", QUIET, ""),
        ("bash-5.2$ ", QUIET, ""),
        ("host% ", QUIET, ""),
        ("❯ ", QUIET, ""),
        ("C:\\app>", QUIET, ""),
        ("PS C:\\app> ", QUIET, ""),
        # A command that is being typed.
        ("/ # rm -r /tmp/x", ECHO, ""),
        ("➜  app git status", QUIET, ""),
        # At the prompt although something has just been printed.
        ("/ # ", FLOWS, ""),
        # Programs.
        ("", QUIET, NO_PROMPT),
        ("Do you want to continue? [Y/n] ", QUIET, NO_PROMPT),
        ("mysql> ", QUIET, NO_PROMPT),
        (">>> ", QUIET, NO_PROMPT),
        ("  50% ", QUIET, NO_PROMPT),
        (":", QUIET, NO_PROMPT),
        ("  50% ", FLOWS, PRINTING),
        ("", FLOWS, PRINTING),
        ("# a comment of a log", FLOWS, PRINTING),
    ],
)
def test_what_the_row_of_the_cursor_says(line: str, activity: SessionActivity, words: str) -> None:
    assert running_words(picture(line), activity, NOW - 100, NOW) == words


def test_editors_and_pagers_use_the_alternate_screen() -> None:
    shown = picture("/ # ", modes=Mode.ALTERNATE)
    assert running_words(shown, QUIET, NOW - 100, NOW) == ALTERNATE


def test_the_first_output_is_the_shells_own() -> None:
    just_opened = SessionActivity(traffic_at=NOW, typed_at=0.0, received_at=NOW)
    line = picture("Welcome, # 1 of 2")
    assert running_words(line, just_opened, NOW - PRINTS_SECONDS + 0.5, NOW) == ""
    assert running_words(line, just_opened, NOW - 60, NOW) == PRINTING


def test_while_the_view_is_scrolled_up_the_prompt_is_not_known() -> None:
    shown = picture("/ # ")
    shown.history, shown.offset = 100, 3
    assert "not in view" in running_words(shown, QUIET, NOW - 100, NOW)


def test_the_text_ends_at_the_cursor_by_cells() -> None:
    assert text_before_cursor(picture("/ # ls", column=4)) == "/ # "
    wide = Picture(80, 24, [[Run("漢字 # x", 9)]], cursor=(7, 0))
    assert text_before_cursor(wide) == "漢字 # "
    assert text_before_cursor(Picture(80, 24, [], cursor=(0, 5))) == ""
