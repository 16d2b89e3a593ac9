"""The title line of a shell: the state of session, task and terminal, and the keys that help."""

from __future__ import annotations

from textual import events
from textual.message import Message
from textual.widgets import Static

from ecs_tui.config.keymap import Keymap
from ecs_tui.model.command import is_shell, program_of
from ecs_tui.model.text import clean, clock, counted
from ecs_tui.record import dataclass
from ecs_tui.session.activity import QUIET_HINT_SECONDS
from ecs_tui.session.shell_session import ShellSession
from ecs_tui.session.state import Ending, State

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


@dataclass(frozen=True, slots=True)
class PaneState:
    """What the pane itself adds to the title line.

    Attributes:
        keys: The keys of the commands in a shell.
        marked: Whether what is typed in one marked shell goes to it too.
        zoomed: Whether it fills the whole screen.
        in_front: Whether it has the focus although its session has ended: keys need no prefix.
        copying: The words of copy mode, "" while it is off.
        waiting: Bytes of output that copy mode holds back.
        clipboard: Whether a program waits for an answer about the clipboard.
        notice: The last problem of its terminal, or "".
        scrolled: Lines below the view.
        title: The title that a program has set, or "".
    """

    keys: Keymap
    marked: bool = False
    zoomed: bool = False
    in_front: bool = False
    copying: str = ""
    waiting: int = 0
    clipboard: bool = False
    notice: str = ""
    scrolled: int = 0
    title: str = ""


def frame_words(shell: ShellSession, pane: PaneState, now: float) -> str:
    """The text of the title line. `now`: monotonic seconds."""
    parts = ["⇉ BROADCAST"] if pane.marked else []
    parts += [*(["ZOOM"] if pane.zoomed else []), shell.words]
    if pane.copying:
        held = f" · output paused ({counted(pane.waiting, 'byte')})" if pane.waiting else ""
        parts.insert(0, f"{pane.copying}{held}")
    else:
        parts += [*_task_notice(shell, pane), _state(shell, pane, now)]
        parts += _remarks(shell, pane, now)
    return " " + " · ".join(parts)


def _task_notice(shell: ShellSession, pane: PaneState) -> list[str]:
    """The state of its task, and the key that opens a shell in the replacement task."""
    found = []
    if shell.task_notice and (shell.alive or shell.successor is None):
        found.append(f"▲ {shell.task_notice}")
    if shell.successor is not None:
        where = shell.successor.task_id[:7]
        found.append(f"▲ task replaced · {pane.keys.in_shell('successor')} opens {where}")
    return found


def _state(shell: ShellSession, pane: PaneState, now: float) -> str:
    session = shell.session
    if session.state is State.OPENING:
        waited = now - session.started_at
        words = f"◐ connecting {clock(waited)}"
        if waited > SLOW_OPENING_SECONDS:
            waits = "a prompt" if session.session_id else "ECS"
            words += f" · waiting for {waits} · {pane.keys.in_shell('close-shell')} to cancel"
        return words
    if session.state is State.STALLED:
        return f"▲ {session.connection_problem} · enter ~ . to disconnect"
    if session.state is State.OPEN:
        return f"● open {clock(now - (session.opened_at or now))}"
    reopen, other, close = _keys_after_end(pane)
    if shell.missing:
        line = shell.command.line
        what = "shell" if is_shell(line) and not shell.offered else clean(program_of(line))
        offer = f"{reopen} opens {shell.offered} · " if shell.offered else ""
        return f"○ no {what} in the image · {offer}{other} another command · {close} closes"
    ended = session.ending in (Ending.EXITED, Ending.HERE)
    words = clean(session.reason) if ended else f"closed: {clean(session.reason)}"
    return f"○ {words} · {reopen} reopens · {close} closes"


def _keys_after_end(pane: PaneState) -> list[str]:
    """The keys to reopen the shell, to run another command, and to close the pane."""
    if pane.in_front:
        return [pane.keys.first(f"closed-{name}") for name in ("reopen", "command", "close")]
    return [pane.keys.in_shell(name) for name in ("reopen", "other-command", "close-shell")]


def _remarks(shell: ShellSession, pane: PaneState, now: float) -> list[str]:
    session, parts = shell.session, []
    if session.state is not State.CLOSED and shell.recorded.recorded == "no":
        parts.append("▲ not recorded")
    if session.state is not State.CLOSED and shell.command.words:
        parts.append(clean(shell.command.words)[:_MAX_TITLE_CELLS])
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
            key = pane.keys.in_shell("keep-alive")
            parts.append(f"▲ idle: closes in {clock(left)} · {key} to keep alive")
        silent = session.activity.unanswered_for(now)
        builtin = session.plugin is not None and session.plugin.builtin
        if silent > QUIET_HINT_SECONDS and not builtin:
            parts.append(f"no response for {silent:.0f} s")
    if pane.clipboard:
        parts.append(f"▲ clipboard request · {pane.keys.in_shell('clipboard')} to review")
    if pane.notice:
        parts.append(f"▲ {pane.notice}")
    if pane.scrolled:
        parts.append(f"↑ {counted(pane.scrolled, 'line')}")
    title = clean(pane.title)
    if title:
        parts.append(title[:_MAX_TITLE_CELLS])
    return parts
