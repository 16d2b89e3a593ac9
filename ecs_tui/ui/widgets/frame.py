"""The words in a shell's frame: how session, task and terminal fare, and what one can do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.message import Message
from textual.widgets import Static

from ecs_tui.model.words import clean, clock, counted
from ecs_tui.session.life import SILENT_AFTER
from ecs_tui.session.session import State

if TYPE_CHECKING:
    from ecs_tui.ui.widgets.pane import ShellPane

SLOW_OPENING = 3.0
"""Seconds of opening after which it is told what is waited for."""
_TITLE = 40


class FrameLine(Static):
    """The line above a shell's terminal."""

    class Clicked(Message):
        """It was clicked, `twice` where it was a double click."""

        def __init__(self, twice: bool) -> None:
            super().__init__()
            self.twice = twice

    def __init__(self) -> None:
        super().__init__("", classes="pane--frame", markup=False)

    def on_click(self, event: events.Click) -> None:
        """Say so."""
        event.stop()
        self.post_message(self.Clicked(event.chain == 2))


def frame_words(pane: ShellPane, now: float) -> str:
    """The whole line. `now`: monotonic seconds."""
    parts = ["⇉ TO ALL MARKED"] if pane.marked else []
    parts += [*(["ZOOM"] if pane.zoomed else []), pane.words]
    mode = pane.view.copy_mode
    if mode is not None:
        waiting = pane.link.waiting
        held = f" · output held: {counted(waiting, 'byte')}" if waiting else ""
        parts.insert(0, f"{mode.words}{held}")
    else:
        parts += [*_fate(pane), _state(pane, now), *_asides(pane, now)]
    return " " + " · ".join(parts)


def _prefix(pane: ShellPane) -> str:
    return pane.around.settings.prefix_keys.shown


def _fate(pane: ShellPane) -> list[str]:
    """What becomes of its task, and the way into the one that replaces it."""
    found = []
    if pane.fate and (pane.alive or pane.successor is None):
        found.append(f"▲ {pane.fate}")
    if pane.successor is not None:
        found.append(f"▲ replaced: {_prefix(pane)} o opens {pane.successor.task_id[:7]}")
    return found


def _state(pane: ShellPane, now: float) -> str:
    session = pane.session
    if session.state is State.OPENING:
        waited = now - session.started_at
        words = f"◐ opening {clock(waited)}"
        if waited > SLOW_OPENING:
            waits = "the first prompt" if session.session_id else "ECS to answer"
            words += f" · waiting for {waits} · {_prefix(pane)} x cancels"
        return words
    if session.state is State.STALLED:
        return f"▲ stalled: {session.trouble} · enter ~ . ends it"
    if session.state is State.OPEN:
        return f"● open {clock(now - (session.opened_at or now))}"
    first = "" if pane.view.closed else f"{_prefix(pane)} "
    return f"○ closed: {clean(session.reason)} · {first}enter reopens · {first}x closes"


def _asides(pane: ShellPane, now: float) -> list[str]:
    session, parts = pane.session, []
    if session.recording is not None:
        error = session.recording.error
        parts.append(f"▲ recording ended: {error}" if error else "⏺ recording")
    if session.encrypted:
        parts.append("encrypted")
    if session.live:
        left = session.life.countdown(now)
        if session.keep_alive:
            parts.append("kept alive")
        elif left is not None:
            parts.append(f"▲ idle: ends in {clock(left)} · {_prefix(pane)} a keeps it alive")
        silent = session.life.unanswered_for(now)
        builtin = session.plugin is not None and session.plugin.builtin
        if silent > SILENT_AFTER and not builtin:
            parts.append(f"no answer to your last key for {silent:.0f} s")
    if pane.wanted_text:
        parts.append(f"▲ wants your clipboard: {_prefix(pane)} y shows it")
    if pane.notice:
        parts.append(f"▲ {pane.notice}")
    picture = pane.link.picture
    if picture.offset:
        parts.append(f"↑ {counted(picture.offset, 'line')}")
    title = clean(picture.title)
    if title:
        parts.append(title[:_TITLE])
    return parts
