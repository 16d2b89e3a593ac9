"""The title line of a shell: the state of session, task and terminal, and the keys that help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.message import Message
from textual.widgets import Static

from ecs_tui.model.command import is_shell, program_of
from ecs_tui.model.text import clean, clock, counted
from ecs_tui.session.activity import QUIET_HINT_SECONDS
from ecs_tui.session.session import Ending, State

if TYPE_CHECKING:
    from ecs_tui.ui.dock.pane import ShellPane

SLOW_OPENING_SECONDS = 3.0
"""Seconds of connecting after which the title line shows what is waited for."""
_MAX_TITLE_CELLS = 40
"""Maximum characters shown of a program's title and of a command."""


class FrameLine(Static):
    """The title line above a shell's terminal."""

    class Pressed(Message):
        """It was clicked; `twice`: it was a double click."""

        def __init__(self, twice: bool) -> None:
            super().__init__()
            self.twice = twice

    def __init__(self) -> None:
        super().__init__("", classes="pane--frame", markup=False)

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.post_message(self.Pressed(event.chain == 2))


def frame_words(pane: ShellPane, now: float) -> str:
    """The text of the title line. `now`: monotonic seconds."""
    parts = ["⇉ BROADCAST"] if pane.marked else []
    parts += [*(["ZOOM"] if pane.zoomed else []), pane.words]
    mode = pane.view.copy_mode
    if mode is not None:
        waiting = pane.link.waiting
        held = f" · output paused ({counted(waiting, 'byte')})" if waiting else ""
        parts.insert(0, f"{mode.words}{held}")
    else:
        parts += [*_task_notice(pane), _state(pane, now), *_remarks(pane, now)]
    return " " + " · ".join(parts)


def _prefix(pane: ShellPane) -> str:
    return pane.context.settings.prefix_keys.shown


def _task_notice(pane: ShellPane) -> list[str]:
    """The state of its task, and the key that opens a shell in the replacement task."""
    found = []
    if pane.task_notice and (pane.alive or pane.successor is None):
        found.append(f"▲ {pane.task_notice}")
    if pane.successor is not None:
        found.append(f"▲ task replaced · {_prefix(pane)} o opens {pane.successor.task_id[:7]}")
    return found


def _state(pane: ShellPane, now: float) -> str:
    session = pane.session
    if session.state is State.OPENING:
        waited = now - session.started_at
        words = f"◐ connecting {clock(waited)}"
        if waited > SLOW_OPENING_SECONDS:
            waits = "a prompt" if session.session_id else "ECS"
            words += f" · waiting for {waits} · {_prefix(pane)} x to cancel"
        return words
    if session.state is State.STALLED:
        return f"▲ {session.connection_problem} · enter ~ . to disconnect"
    if session.state is State.OPEN:
        return f"● open {clock(now - (session.opened_at or now))}"
    first = "" if pane.view.closed else f"{_prefix(pane)} "
    if pane.missing:
        line = pane.command.line
        what = "shell" if is_shell(line) and not pane.offered else clean(program_of(line))
        other = f"{first}enter opens {pane.offered} · " if pane.offered else ""
        return f"○ no {what} in the image · {other}{first}e another command · {first}x closes"
    ended = session.ending in (Ending.EXITED, Ending.HERE)
    words = clean(session.reason) if ended else f"closed: {clean(session.reason)}"
    return f"○ {words} · {first}enter reopens · {first}x closes"


def _remarks(pane: ShellPane, now: float) -> list[str]:
    session, parts = pane.session, []
    if session.state is not State.CLOSED and pane.command.words:
        parts.append(clean(pane.command.words)[:_MAX_TITLE_CELLS])
    if session.recording is not None:
        error = session.recording.error
        parts.append(f"▲ recording ended: {error}" if error else "⏺ recording")
    if session.encrypted:
        parts.append("KMS")
    if session.live:
        left = session.activity.countdown(now)
        if session.keep_alive:
            parts.append("keep-alive")
        elif left is not None:
            parts.append(f"▲ idle: closes in {clock(left)} · {_prefix(pane)} a to keep alive")
        silent = session.activity.unanswered_for(now)
        builtin = session.plugin is not None and session.plugin.builtin
        if silent > QUIET_HINT_SECONDS and not builtin:
            parts.append(f"no response for {silent:.0f} s")
    if pane.wanted_text:
        parts.append(f"▲ clipboard request · {_prefix(pane)} y to review")
    if pane.notice:
        parts.append(f"▲ {pane.notice}")
    picture = pane.link.picture
    if picture.offset:
        parts.append(f"↑ {counted(picture.offset, 'line')}")
    title = clean(picture.title)
    if title:
        parts.append(title[:_MAX_TITLE_CELLS])
    return parts
