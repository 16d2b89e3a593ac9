"""Whether a program other than the shell may be running in a pane, judged by what its terminal shows.

ECS does not tell what runs in a session. What the terminal knows is the alternate screen, which editors
and pagers use, the text up to the cursor, and when something was printed.
"""

from __future__ import annotations

import re

from rich.cells import set_cell_size

from ecs_tui.session.activity import SessionActivity
from ecs_tui.terminal.picture import Picture
from ecs_tui.terminal.protocol import Mode

PRINTS_SECONDS = 2.0
"""Output that came less than this ago, and more than this after the last key, is a program's."""
_SIGN = r"(?:[#$❯➜λ»]|(?<!\d)%)"
"""How prompts of sh, bash, zsh and their themes end; `50%` is a progress bar."""
_AT_PROMPT = re.compile(rf"{_SIGN}\s*$")
_BEHIND_PROMPT = re.compile(rf"{_SIGN}\s")
_AT_WINDOWS_PROMPT = re.compile(r"[A-Za-z]:\\[^>]*>")
"""Of cmd.exe (`C:\\app>`) and PowerShell (`PS C:\\app>`)."""


def text_before_cursor(picture: Picture) -> str:
    """The text from the left edge to the cursor, in the row of the cursor."""
    x, y = picture.cursor
    line = "".join(run.text for run in picture.lines[y]) if y < len(picture.lines) else ""
    return set_cell_size(line, x)


def running_words(picture: Picture, activity: SessionActivity, opened_at: float, now: float) -> str:
    """Why a program other than the shell may be running, as a sentence, or "".

    Args:
        picture: The screen.
        activity: When the session sent and received something.
        opened_at: When the session was opened; as `now`, in monotonic seconds.
        now: The time.
    """
    if picture.modes & Mode.ALTERNATE:
        return "A full-screen program is running in it."
    if picture.offset:
        return "A program may be running in it: the prompt is not in view."
    before_cursor = text_before_cursor(picture)
    if _AT_PROMPT.search(before_cursor) or _AT_WINDOWS_PROMPT.search(before_cursor):
        return ""
    answered = max(activity.typed_at, opened_at)
    recent = now - activity.received_at < PRINTS_SECONDS
    if recent and activity.received_at - answered > PRINTS_SECONDS:
        return "A program is printing in it."
    if _BEHIND_PROMPT.search(before_cursor):
        return ""  # a command that is being typed
    return "A program may be running in it: there is no prompt at the cursor."
