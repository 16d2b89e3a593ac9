"""Exit statuses of all subcommands (table: docs/command-line.md), and that of each error."""

from __future__ import annotations

from enum import IntEnum

from ecs_tui.errors import (
    AwsError,
    EcsTuiError,
    ExecFailed,
    ReadOnly,
    ResourceGone,
    SettingsError,
    WrongUsage,
)


class ExitStatus(IntEnum):
    """The exit status of a subcommand."""

    YES = 0
    NO = 1
    """The answer is no, a problem was found, or no resource has the given name."""
    WRONG_USAGE = 2
    NOT_ASKED = 3
    """Some or all calls to AWS failed, for example for lack of credentials or permissions."""
    OUR_FAULT = 70
    """EX_SOFTWARE of sysexits.h: an internal error."""


_ANSWERED = (ResourceGone, ExecFailed, ReadOnly)
"""Errors that are a definite answer, from AWS or from read-only mode."""


def of_error(error: EcsTuiError) -> ExitStatus:
    """The exit status of a subcommand that ends with `error`."""
    if isinstance(error, (SettingsError, WrongUsage)):
        return ExitStatus.WRONG_USAGE
    if isinstance(error, AwsError) and not isinstance(error, _ANSWERED):
        return ExitStatus.NOT_ASKED
    return ExitStatus.NO


def of_signal(number: int) -> int:
    """128 + n, the status that a shell reports for a process ended by signal n."""
    return 128 + number
