"""The command of the AWS CLI that makes the same API call, quoted for a shell."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence

from ecs_tui.aws.account import ENVIRONMENT_KEYS, Account
from ecs_tui.operations.calls import Call

_WORD_BEGINS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def aws_command(calls: Iterable[Call], connection: Sequence[str] = ()) -> str:
    """One line for each call: `aws ecs update-service --cluster prod …`.

    Source of names and forms: "Specifying parameter values" in the AWS CLI user guide.

    Args:
        calls: The calls.
        connection: Options for region, profile and endpoint (`connection_options`).
    """
    return "\n".join(shlex.join([*_words(call), *connection]) for call in calls)


def connection_options(account: Account) -> tuple[str, ...]:
    """The AWS CLI's options for the account's region, profile and endpoint."""
    found = ["--region", account.region] if account.region else []
    if not account.is_demo and account.name != ENVIRONMENT_KEYS:
        found += ["--profile", account.name]
    if account.endpoint_url:
        found += ["--endpoint-url", account.endpoint_url]
    return tuple(found)


def _words(call: Call) -> list[str]:
    service, _, operation = call.operation.partition(":")
    words = ["aws", service, _kebab(operation)]
    for name, value in call.parameters.items():
        words += _option(f"--{_kebab(name)}", value)
    return words


def _option(flag: str, value: object) -> list[str]:
    if isinstance(value, bool):
        return [flag if value else f"--no-{flag.removeprefix('--')}"]
    if isinstance(value, str | int):
        text = str(value)
        return [f"{flag}={text}"] if text.startswith("-") else [flag, text]
    if isinstance(value, Mapping):
        return [flag, json.dumps(value, ensure_ascii=False)]
    if isinstance(value, Sequence) and all(isinstance(item, str) for item in value):
        return [flag, *value]
    return [flag, json.dumps(value, ensure_ascii=False)]


def _kebab(name: str) -> str:
    """`enableExecuteCommand` as the AWS CLI writes it: `enable-execute-command`."""
    return _WORD_BEGINS.sub("-", name).lower()
