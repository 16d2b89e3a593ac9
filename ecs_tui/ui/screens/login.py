"""A new login in place: shows an address and a code until it is done."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from ecs_tui.aws.login import log_in
from ecs_tui.aws.sso import Login
from ecs_tui.errors import EcsTuiError
from ecs_tui.model.words import clean
from ecs_tui.ui.screens.modal import Box

MOST_LINES = 12


class LoginScreen(Box[bool]):
    """Returns True when the login succeeded; escape ends it."""

    BINDINGS = [("q", "leave", "close"), ("c", "copy", "copy")]

    def __init__(self, login: Login) -> None:
        super().__init__()
        self._to = login
        self.lines: list[str] = []
        self._body = Static("", markup=False)

    def compose(self) -> ComposeResult:
        """Whose login, what to do for it, keys."""
        with Vertical(classes="box"):
            yield Static(f"Log in: {clean(self._to.words)}", classes="title", markup=False)
            yield self._body
            yield Static("c copy the address   esc cancel", classes="keys", markup=False)

    def on_mount(self) -> None:
        """Begin."""
        self._say("◐ starting …")
        self.run_worker(self._login(), exclusive=True)

    async def _login(self) -> None:
        try:
            async for line in log_in(self._to):
                if line.strip():
                    self.lines.append(line)
                    self._say("\n".join(self.lines[-MOST_LINES:]))
        except EcsTuiError as error:
            self._say("\n".join([*self.lines[-MOST_LINES:], f"✖ {error}"]))
            return
        self.dismiss(True)

    def _say(self, text: str) -> None:
        self._body.update("\n".join(clean(line) for line in text.split("\n")))

    def action_copy(self) -> None:
        """Copy the address to open, for a browser on another machine."""
        found = [
            word for line in self.lines for word in line.split() if word.startswith("https://")
        ]
        if found:
            self.app.copy_to_clipboard(found[0])
