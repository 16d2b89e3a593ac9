"""A dialog for the desired count of a service; the plan is shown after it."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from ecs_tui.model.service import Service
from ecs_tui.model.text import clean
from ecs_tui.ui.dialogs.base import Dialog, KeyLine, bind
from ecs_tui.ui.dialogs.key_line import key_line

MAX_DIGITS = 5
"""Digits of a desired count: a service has at most 5,000 tasks (service quotas of ECS)."""


class ScaleScreen(Dialog[int]):
    """Returns the count that was typed, or None. Nothing is changed yet: the plan follows.

    Args:
        service: The service, whose desired count is filled in.
    """

    kind = "scale"
    # With priority: the input line would take them for scrolling.
    BINDINGS = [
        bind("scale.more", "add(1)", "One more", priority=True),
        bind("scale.fewer", "add(-1)", "One fewer", priority=True),
    ]
    types = True

    def __init__(self, service: Service) -> None:
        super().__init__()
        self._service = service
        self._input = Input(
            str(service.desired), type="integer", max_length=MAX_DIGITS, compact=True
        )
        self._keys = KeyLine()

    def compose(self) -> ComposeResult:
        service = self._service
        with Vertical(classes="box"):
            yield Static(f"Scale {clean(service.name)}", classes="title", markup=False)
            yield Static(
                f"Desired count {service.desired}, {service.running} running. New desired count:",
                markup=False,
            )
            yield self._input
            yield self._keys

    def on_mount(self) -> None:
        self._input.focus()

    def on_descendant_focus(self) -> None:
        """Show the keys once the input line has the focus: one of them is its own."""
        does = {"submit": "show the plan", "add(1)": "more", "add(-1)": "fewer"}
        self._keys.say(key_line(self, {**does, "leave": "cancel"}))

    def action_add(self, number: int) -> None:
        """Change the count by one; it does not become negative."""
        count = self._count()
        self._input.value = str(max(0, (0 if count is None else count) + number))
        self._input.cursor_position = len(self._input.value)

    def on_input_submitted(self) -> None:
        """Return the count."""
        count = self._count()
        if count is None:
            self.notify("Type a number.")
        else:
            self.dismiss(count)

    def _count(self) -> int | None:
        text = self._input.value.strip()
        return int(text) if text.isascii() and text.isdigit() else None
