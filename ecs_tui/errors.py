"""The one tree of errors: each says what happened, to which thing, and what to do next."""

from __future__ import annotations


class EcsTuiError(Exception):
    """Base of every error this program raises on purpose.

    Args:
        what: One sentence for the operator: what happened, to which thing.
        next_step: What to do about it; may be empty when there is nothing to do.
    """

    def __init__(self, what: str, next_step: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.what} {self.next_step}".strip()


class SettingsError(EcsTuiError):
    """A flag, an environment variable or the config file is wrong."""


class NotFound(EcsTuiError):
    """A name, id or prefix given by the operator matches nothing, or too much."""


class AwsError(EcsTuiError):
    """An AWS call did not succeed.

    Attributes:
        code: AWS's own error code, or "" where the call never reached AWS.
        operation: `service:Operation` as IAM writes it, for example `ecs:ListServices`.
    """

    def __init__(
        self, what: str, next_step: str = "", *, code: str = "", operation: str = ""
    ) -> None:
        super().__init__(what, next_step)
        self.code = code
        self.operation = operation


class NoCredentials(AwsError):
    """No credentials were found, or they are incomplete."""


class ExpiredCredentials(AwsError):
    """The credentials or the SSO login are past their time."""


class MfaRequired(NoCredentials):
    """The role in use needs a code of an MFA device, and none is at hand.

    Attributes:
        serial: The device, as `mfa_serial` names it: a serial number or an ARN.
    """

    def __init__(self, serial: str) -> None:
        super().__init__(
            f"The role in use needs a code of the MFA device {serial}.",
            "Start in a terminal, where the code can be typed.",
        )
        self.serial = serial


class NoRegion(AwsError):
    """No region is configured, or AWS has no endpoint for the one that is."""


class AccessDenied(AwsError):
    """The caller's identity may not make this call."""


class ResourceGone(AwsError):
    """The cluster, service or task does not exist (any more)."""


class Throttled(AwsError):
    """AWS refused for the rate of calls."""


class NoNetwork(AwsError):
    """The endpoint could not be reached, or did not answer in time."""


class BadAnswer(AwsError):
    """What came back is no answer of AWS: a sign-in page, nothing, a part, something else."""


class ReadOnly(AwsError):
    """Read-only mode refused a call before it left this machine."""


class ExecFailed(AwsError):
    """ExecuteCommand was refused by ECS for a reason in the task, not in IAM."""


class SessionError(EcsTuiError):
    """A session could not be started or broke."""


class TerminalError(EcsTuiError):
    """The terminal engine or its worker cannot be used."""
