"""What the AWS configuration says: profiles, regions, where each came from, and a session of botocore.

The order is that of the AWS CLI version 2
(https://docs.aws.amazon.com/cli/latest/userguide/cli-chap-configure.html#configure-precedence);
botocore's own differs: it ignores AWS_REGION and prefers AWS_DEFAULT_PROFILE.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ecs_tui.aws.errors import bad_configuration
from ecs_tui.errors import AwsError
from ecs_tui.model.words import clean

PROFILE_VARIABLES = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")
REGION_VARIABLES = ("AWS_REGION", "AWS_DEFAULT_REGION")
KEY_VARIABLES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
DEFAULT = "default"
_REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-\d+")
AskCode = Callable[[str], str]
"""Gives the code of an MFA device (serial number or ARN), or raises."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A value and where it came from: a variable, a file, or "" for as chosen in this program."""

    value: str
    origin: str = ""


def _first(variables: Sequence[str]) -> Setting | None:
    """The first variable that is set; an empty one counts as not set."""
    for name in variables:
        if value := os.environ.get(name):
            return Setting(value, name)
    return None


def profile_setting(chosen: str | None) -> Setting:
    """The profile in use, for a chosen one or None."""
    if chosen:
        return Setting(chosen)
    return _first(PROFILE_VARIABLES) or Setting(DEFAULT, "no profile is named")


def keys_in_environment(chosen: str | None) -> bool:
    """Whether the keys come from variables: they win over a profile that is not chosen."""
    return not chosen and all(os.environ.get(name) for name in KEY_VARIABLES)


def region_setting(chosen: str | None, session: Any) -> Setting:
    """The region in use; "" where none is configured."""
    if chosen:
        return Setting(chosen)
    if found := _first(REGION_VARIABLES):
        return found
    region = session.get_config_variable("region")
    named = profile_setting(session.profile).value
    return Setting(region, f"profile {named}") if region else Setting("")


def split_pair(pair: str) -> tuple[str, str]:
    """(profile, region) of `profile@region`, where either may be "".

    Names of profiles may hold an @ themselves: only what looks like a region is one.
    """
    profile, at, region = pair.rpartition("@")
    if at and (not region or _REGION.fullmatch(region)):
        return profile, region
    return pair, ""


def new_session(profile: str | None, ask_code: AskCode | None = None) -> Any:
    """A session of aiobotocore for a profile, or for what the environment says with None.

    Args:
        ask_code: Gives the code of an MFA device; without it, roles that need one are refused.
    """
    # They warn on the terminal what becomes a sentence of ours anyway.
    logging.getLogger("aiobotocore").addHandler(logging.NullHandler())
    from ecs_tui.aws.credentials import CredentialsSession
    from ecs_tui.aws.tolerant import TolerantFactory

    session = CredentialsSession(
        profile=profile,
        ask_code=ask_code,
        session_vars={
            "profile": (None, _set(PROFILE_VARIABLES), None, None),
            "region": ("region", _set(REGION_VARIABLES), None, None),
        },
    )
    session.register_component("response_parser_factory", TolerantFactory())
    return session


def bundle_setting(session: Any) -> Setting:
    """The file of trusted CAs; "" for botocore's own."""
    if path := os.environ.get("AWS_CA_BUNDLE"):
        return Setting(path, "AWS_CA_BUNDLE")
    if path := session.get_config_variable("ca_bundle"):
        return Setting(path, f"ca_bundle of profile {profile_setting(session.profile).value}")
    path = os.environ.get("REQUESTS_CA_BUNDLE", "")
    return Setting(path, "REQUESTS_CA_BUNDLE" if path else "")


def check_bundle(session: Any) -> None:
    """Raise where the file of trusted CAs cannot be used: botocore would say "connection error".

    Raises:
        AwsError: It is missing, unreadable, or holds no certificate.
    """
    bundle = bundle_setting(session)
    if not bundle.value:
        return
    try:
        ssl.create_default_context(cafile=bundle.value)
    except (OSError, ValueError) as error:  # SSLError is an OSError too
        words = "holds no certificates" if isinstance(error, ssl.SSLError) else error_words(error)
        raise AwsError(
            f"The CA bundle {clean(bundle.value)} ({clean(bundle.origin)}) cannot be used: {words}.",
            "Name an existing PEM file, or none.",
        ) from error


def error_words(error: Exception) -> str:
    """The kernel's words for an error, without the path."""
    return getattr(error, "strerror", None) or type(error).__name__


def _set(variables: Sequence[str]) -> list[str]:
    return [name for name in variables if os.environ.get(name)]


async def profiles() -> list[str]:
    """The names of the profiles in the AWS configuration.

    Raises:
        AwsError: The configuration cannot be read.
    """
    try:
        session = await asyncio.to_thread(new_session, None)
        return list(session.available_profiles)
    except Exception as error:
        raise bad_configuration(error, "") from error


async def region_of(profile: str | None) -> str:
    """The region that this profile's own configuration names, or ""."""
    try:
        session = await asyncio.to_thread(new_session, profile)
        return str(session.get_scoped_config().get("region", ""))
    except Exception as error:
        raise bad_configuration(error, profile or "") from error


def files() -> list[Path]:
    """The files that keys come from: configuration, credentials, tokens of logins."""
    env = os.environ
    places = [
        env.get("AWS_CONFIG_FILE") or "~/.aws/config",
        env.get("AWS_SHARED_CREDENTIALS_FILE") or "~/.aws/credentials",
        "~/.aws/sso/cache",
        env.get("AWS_LOGIN_CACHE_DIRECTORY") or "~/.aws/login/cache",
    ]
    return [Path(os.path.expandvars(place)).expanduser() for place in places]


def stamps() -> tuple[tuple[int, int, int], ...]:
    """(inode, size, time of change) of each of `files`: other values mean another content.

    Tools replace a file or write into it; a folder changes with the names in it.
    """
    found = []
    for path in files():
        try:
            at = path.stat()
        except OSError:
            found.append((0, 0, 0))
        else:
            found.append((at.st_ino, at.st_size, at.st_mtime_ns))
    return tuple(found)
