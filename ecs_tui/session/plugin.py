"""Which client a session uses: a configured path, the system plugin, or the built-in client."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
from collections.abc import Mapping
from enum import StrEnum

from ecs_tui.errors import SessionError
from ecs_tui.model.text import clean
from ecs_tui.record import dataclass
from ecs_tui.system.child import PIPE, python_child, start_child

NAME = "session-manager-plugin"
_VERSION_SECONDS = 5.0
"""Maximum seconds for `session-manager-plugin --version`."""
TOKEN_VARIABLE = "AWS_SSM_START_SESSION_RESPONSE"
FIRST_WITH_ENVIRONMENT = (1, 2, 498)
"""Versions after 1.2.497.0 read the token from the environment (its release notes)."""


class PluginChoice(StrEnum):
    """The choices of `--plugin`."""

    AUTO = "auto"
    SYSTEM = "system"
    BUILTIN = "builtin"


@dataclass(frozen=True, slots=True)
class Plugin:
    """A session client with the interface of session-manager-plugin.

    Attributes:
        argv: The program and the arguments before the plugin's own.
        version: As the program reports it, or "".
        builtin: Whether it is the built-in client.
        token_in_environment: Whether it can take the token from the environment.
    """

    argv: tuple[str, ...]
    version: str = ""
    builtin: bool = False
    token_in_environment: bool = True

    @property
    def words(self) -> str:
        """The program in a few words, for messages."""
        if self.builtin:
            return "built-in client"
        return f"{NAME} {self.version}".strip()

    @property
    def warning(self) -> str:
        """A warning to show when it is used, or ""."""
        if self.token_in_environment:
            return ""
        return (
            f"{NAME} {self.version} exposes the session token in the process list. "
            "Upgrade it, or use --plugin builtin."
        )


BUILTIN = Plugin(tuple(python_child("ecs_tui.session.channel")), builtin=True)


def reads_environment(version: str) -> bool:
    """Whether a plugin of `version` takes its token from the environment.

    Source builds always report 1.2.0.0. They are assumed not to, unless
    `ECS_TUI_PLUGIN_READS_ENVIRONMENT=1` is set.
    """
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:3])
    return numbers >= FIRST_WITH_ENVIRONMENT or (
        os.environ.get("ECS_TUI_PLUGIN_READS_ENVIRONMENT") == "1"
    )


async def find_plugin(choice: PluginChoice, configured: str = "") -> Plugin:
    """The plugin to use: the configured path, then PATH, then the built-in client.

    Raises:
        SessionError: The chosen or configured plugin is missing, or it cannot be started.
    """
    if choice is PluginChoice.BUILTIN:
        return BUILTIN
    path = configured or shutil.which(NAME) or ""
    if not path:
        if choice is PluginChoice.SYSTEM:
            raise SessionError(
                f"{NAME} not found on PATH.",
                "Install it, or use --plugin builtin (no dependencies).",
            )
        return BUILTIN
    try:
        answer = await _version(path)
    except (OSError, TimeoutError) as error:
        if choice is PluginChoice.AUTO and not configured:
            return BUILTIN
        raise SessionError(
            f"{path} could not be started ({type(error).__name__}).",
            "Check plugin_path in [shell] of the config file, or use --plugin builtin.",
        ) from error
    version = clean(answer.decode("ascii", "replace").strip())[:40]
    return Plugin((path,), version, token_in_environment=reads_environment(version))


async def _version(path: str) -> bytes:
    """What `path --version` prints.

    Raises:
        OSError: It failed to start.
        TimeoutError: It did not exit within `_VERSION_SECONDS` and was killed.
    """
    child = await start_child([path, "--version"], stdout=PIPE)
    try:
        async with asyncio.timeout(_VERSION_SECONDS):
            answer, _ = await child.communicate()
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    return answer


@dataclass(frozen=True, slots=True, repr=False)
class ClientCommand:
    """A plugin's full command line and environment; the environment contains the token."""

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
) -> ClientCommand:
    """The plugin's six arguments, with the token in the environment if the plugin supports it.

    Args:
        target: `ecs:<cluster>_<task id>_<container runtimeId>`.
        environ: The environment to start from.
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
    return ClientCommand(argv, env)
