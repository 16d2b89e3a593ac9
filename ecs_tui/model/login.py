"""The login behind a profile's keys: IAM Identity Center or `aws login`."""

from __future__ import annotations

import shlex
from typing import Literal

from ecs_tui.record import dataclass


@dataclass(frozen=True, slots=True)
class Login:
    """The login behind a profile's keys.

    Attributes:
        kind: "sso" for IAM Identity Center, "console" for `aws login`.
        profile: The profile that has it: not the role's that is assumed with its keys.
        session: Name of its sso-session, "" where the profile itself has the settings.
    """

    kind: Literal["sso", "console"]
    profile: str
    session: str = ""
    start_url: str = ""
    region: str = ""
    scopes: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """Whose login it is."""
        return f"sso-session {self.session}" if self.session else f"profile {self.profile}"

    @property
    def command(self) -> str:
        """The AWS CLI's command that does the same."""
        if self.session:
            return f"aws sso login --sso-session {shlex.quote(self.session)}"
        verb = "aws sso login" if self.kind == "sso" else "aws login"
        return f"{verb} --profile {shlex.quote(self.profile)}"
