"""Which program carries a session: a configured one, the system's plugin, or the built-in client."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ecs_tui.children import python_child
from ecs_tui.errors import SessionError
from ecs_tui.model.words import clean

NAME = "session-manager-plugin"
_VERSION_WITHIN = 5.0
TOKEN_VARIABLE = "AWS_SSM_START_SESSION_RESPONSE"
FIRST_WITH_ENVIRONMENT = (1, 2, 498)
"""Versions after 1.2.497.0 read the token from the environment (its release notes)."""


class PluginChoice(StrEnum):
    """What the operator may ask for with `--plugin`."""

    AUTO = "auto"
    SYSTEM = "system"
    BUILTIN = "builtin"


@dataclass(frozen=True, slots=True)
class Plugin:
    """A program that speaks the plugin's contract.

    Attributes:
        argv: The program and what goes before the contract's arguments.
        version: As it says itself; "" when it did not.
        builtin: Whether it is ours.
        token_in_environment: Whether it can take the token from the environment.
    """

    argv: tuple[str, ...]
    version: str = ""
    builtin: bool = False
    token_in_environment: bool = True

    @property
    def words(self) -> str:
        """The program in a few words, for the pane's frame."""
        if self.builtin:
            return "built-in client"
        return f"{NAME} {self.version}".strip()

    @property
    def warning(self) -> str:
        """What the operator must know before using it, or ""."""
        if self.token_in_environment:
            return ""
        return (
            f"{NAME} {self.version} is too old to take the session token in secret: every user of "
            "this machine can read it in the process list. Update it or use --plugin builtin."
        )


BUILTIN = Plugin(tuple(python_child("ecs_tui.session.channel")), builtin=True)


def reads_environment(version: str) -> bool:
    """Whether a plugin of `version` takes its token from the environment.

    Builds from source call themselves 1.2.0.0 whatever they can; they are taken as able only
    when told so by `ECS_TUI_PLUGIN_READS_ENVIRONMENT=1`.
    """
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:3])
    return numbers >= FIRST_WITH_ENVIRONMENT or (
        os.environ.get("ECS_TUI_PLUGIN_READS_ENVIRONMENT") == "1"
    )


async def find_plugin(choice: PluginChoice, configured: str = "") -> Plugin:
    """The plugin to use: the configured path, then PATH, then the built-in client.

    Raises:
        SessionError: The system's plugin was asked for and is not there, or does not answer.
    """
    if choice is PluginChoice.BUILTIN:
        return BUILTIN
    path = configured or shutil.which(NAME) or ""
    if not path:
        if choice is PluginChoice.SYSTEM:
            raise SessionError(
                f"{NAME} is not on PATH.",
                "Install it from AWS, or use --plugin builtin, which needs nothing.",
            )
        return BUILTIN
    try:
        answer = await _version(path)
    except (OSError, TimeoutError) as error:
        if choice is PluginChoice.AUTO and not configured:
            return BUILTIN
        raise SessionError(
            f"{path} could not be started ({type(error).__name__}).",
            "Check plugin_path in the config file, or use --plugin builtin.",
        ) from error
    version = clean(answer.decode("ascii", "replace").strip())[:40]
    return Plugin((path,), version, token_in_environment=reads_environment(version))


async def _version(path: str) -> bytes:
    """What `path --version` prints.

    Raises:
        OSError: It cannot be started.
        TimeoutError: It does not end within `_VERSION_WITHIN`; it is killed.
    """
    child = await asyncio.create_subprocess_exec(
        path,
        "--version",
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(_VERSION_WITHIN):
            answer, _ = await child.communicate()
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    return answer


@dataclass(frozen=True, slots=True, repr=False)
class Command:
    """A plugin's full command line and environment; the environment holds the token."""

    argv: tuple[str, ...]
    env: Mapping[str, str]


def command_line(
    plugin: Plugin,
    *,
    session_id: str,
    token: str,
    stream_url: str,
    target: str,
    region: str,
    profile: str,
    ssm_endpoint: str,
    environ: Mapping[str, str],
) -> Command:
    """The plugin's six arguments, with the token in the environment wherever that is possible.

    Args:
        target: `ecs:<cluster>_<task id>_<container runtimeId>`.
        environ: What the child's environment starts from.
    """
    response = json.dumps({"SessionId": session_id, "TokenValue": token, "StreamUrl": stream_url})
    env = dict(environ)
    first = response
    if plugin.token_in_environment:
        first = f"{TOKEN_VARIABLE}_{session_id.replace('-', '_').upper()}"
        env[first] = response
    argv = (
        *plugin.argv,
        first,
        region,
        "StartSession",
        profile,
        json.dumps({"Target": target}),
        ssm_endpoint,
    )
    return Command(argv, env)
