"""A log group that sessions are logged to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LogGroup:
    """A log group of CloudWatch Logs; `kms_key` is the ARN of its key, "" without one."""

    name: str
    kms_key: str = ""
