"""The MFA dialog: asks for a code and tries it."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from ecs_tui.aws.account import Account
from ecs_tui.errors import EcsTuiError, MfaRequired
from ecs_tui.model.text import clean
from ecs_tui.ui.dialogs.base import Dialog, bind


class MfaScreen(Dialog[bool]):
    """Returns True if AWS accepted the code; escape returns None.

    Args:
        account: The account that needs the code.
        serial: The ARN or serial number of the MFA device.
    """

    kind = "mfa"
    BINDINGS = [bind("line-accept", "send", "Send the code")]
    types = True

    def __init__(self, account: Account, serial: str) -> None:
        super().__init__()
        self._account, self._serial = account, serial
        self._title = Static("", classes="title", markup=False)
        self._answer = Static("", markup=False)
        self._input = Input(placeholder="six digits", max_length=16, compact=True)

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield self._title
            yield self._input
            yield self._answer
            yield self.hint_line(("line-accept", "send"), ("dialog-close", "cancel"))

    def on_mount(self) -> None:
        self._ask(self._serial)

    def _ask(self, serial: str) -> None:
        self._serial = serial
        self._title.update(f"MFA code for device {clean(serial)}")
        self._input.value = ""
        self._input.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_send()

    def action_send(self) -> None:
        """Try the code; an empty line is ignored."""
        if code := self._input.value.strip():
            self._answer.update("◐ Calling AWS…")
            self.run_worker(self._try(code), exclusive=True)

    async def _try(self, code: str) -> None:
        self._account.codes.give(self._serial, code)
        try:
            await self._account.caller(alias=False)
        except MfaRequired as error:
            # The next device in a chain of roles; or another call has already used this code.
            self._answer.update(
                "" if error.serial != self._serial else "✖ The code was not accepted."
            )
            self._ask(error.serial)
        except EcsTuiError as error:
            self._answer.update(clean(f"✖ {error}"))
            self._ask(self._serial)
        else:
            self.dismiss(True)
