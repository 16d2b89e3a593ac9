"""A new login in place: shows what the AWS CLI says (an address, a code) until it is done."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from ecs_tui.aws.login import login_command, sso_login
from ecs_tui.errors import EcsTuiError
from ecs_tui.model.words import clean
from ecs_tui.ui.screens.modal import Box

MOST_LINES = 12


class LoginScreen(Box[bool]):
    """Returns True when the login succeeded; escape ends the AWS CLI."""

    BINDINGS = [("q", "leave", "close"), ("c", "copy", "copy")]

    def __init__(self, profile: str | None) -> None:
        super().__init__()
        self._profile = profile
        self.lines: list[str] = []
        self._body = Static("", markup=False)

    def compose(self) -> ComposeResult:
        """The command, what it says, keys."""
        with Vertical(classes="box"):
            words = " ".join(login_command(self._profile))
            yield Static(clean(words), classes="title", markup=False)
            yield self._body
            yield Static("c copy the address   esc cancel", classes="keys", markup=False)

    def on_mount(self) -> None:
        """Begin."""
        self._say("◐ starting …")
        self.run_worker(self._login(), exclusive=True)

    async def _login(self) -> None:
        try:
            async for line in sso_login(self._profile):
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
