"""The error classes. Each message says what happened, to what, and what to do next."""

from __future__ import annotations


class EcsTuiError(Exception):
    """Base class of every error that the program raises on purpose.

    Args:
        what: One sentence for the operator: what happened, to which resource.
        next_step: What to do about it; "" if there is nothing to do.
    """

    def __init__(self, what: str, next_step: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.what} {self.next_step}".strip()


class SettingsError(EcsTuiError):
    """A flag, an environment variable or the config file is invalid."""


class WrongUsage(EcsTuiError):
    """A command-line argument is malformed or contradicts another one."""


class NotFound(EcsTuiError):
    """A name, ID or prefix from the operator matches nothing, or more than one resource."""


class AwsError(EcsTuiError):
    """An AWS call failed.

    Attributes:
        code: AWS's error code, or "" if the call did not reach AWS.
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
    """The credentials have expired, or the SSO or console login has expired or is missing."""


class MfaRequired(NoCredentials):
    """The role in use needs an MFA code, and there is no unused one.

    Attributes:
        serial: The MFA device's serial number or ARN, as in `mfa_serial`.
    """

    def __init__(self, serial: str) -> None:
        super().__init__(
            f"The role in use needs an MFA code from device {serial}.",
            "Start in a terminal, where the code can be typed.",
        )
        self.serial = serial


class NoRegion(AwsError):
    """No region is configured, or AWS has no endpoint in the configured one."""


class AccessDenied(AwsError):
    """The caller is not allowed to make this call."""


class ResourceGone(AwsError):
    """The cluster, service or task does not exist, or no longer exists."""


class Throttled(AwsError):
    """AWS throttled the call."""


class NoNetwork(AwsError):
    """The endpoint could not be reached, or did not respond in time."""


class BadAnswer(AwsError):
    """The response is not a valid AWS response: a sign-in page, empty, cut off or other text."""


class ReadOnly(AwsError):
    """Read-only mode blocked a call before it was sent."""


class ExecFailed(AwsError):
    """ECS refused ExecuteCommand because of the task, not because of IAM."""


class SessionError(EcsTuiError):
    """A session could not be started, or it ended with an error."""


class TerminalError(EcsTuiError):
    """The terminal engine or its worker cannot be used."""
