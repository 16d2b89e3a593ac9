"""The login dialog: runs the login of a profile and shows its address and code."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from ecs_tui.aws.login import log_in
from ecs_tui.errors import EcsTuiError
from ecs_tui.model.login import Login
from ecs_tui.model.text import clean
from ecs_tui.ui.dialogs.base import Dialog, bind

MAX_LINES = 12
"""Lines of the login's output that are shown."""


class LoginScreen(Dialog[bool]):
    """Returns True if the login succeeded; escape cancels it and returns None."""

    kind = "login"
    BINDINGS = [
        bind("viewer-close", "leave", "Cancel"),
        bind("dialog-copy", "copy", "Copy the URL"),
    ]

    def __init__(self, login: Login) -> None:
        super().__init__()
        self._to = login
        self.lines: list[str] = []
        self._body = Static("", markup=False)

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static(f"Log in: {clean(self._to.words)}", classes="title", markup=False)
            yield self._body
            yield self.hint_line(("dialog-copy", "copy the URL"), ("dialog-close", "cancel"))

    def on_mount(self) -> None:
        self._say("◐ Starting…")
        self.run_worker(self._login(), exclusive=True)

    async def _login(self) -> None:
        try:
            async for line in log_in(self._to):
                if line.strip():
                    self.lines.append(line)
                    self._say("\n".join(self.lines[-MAX_LINES:]))
        except EcsTuiError as error:
            self._say("\n".join([*self.lines[-MAX_LINES:], f"✖ {error}"]))
            return
        self.dismiss(True)

    def _say(self, text: str) -> None:
        self._body.update("\n".join(clean(line) for line in text.split("\n")))

    def action_copy(self) -> None:
        """Copy the URL, to open it in a browser on another machine."""
        found = [
            word for line in self.lines for word in line.split() if word.startswith("https://")
        ]
        if found:
            self.app.copy_to_clipboard(found[0])
