"""The AWS configuration: profiles, regions, where each comes from, and botocore sessions.

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
from pathlib import Path
from typing import TYPE_CHECKING

from ecs_tui.aws.errors import bad_configuration
from ecs_tui.errors import AwsError
from ecs_tui.model.text import clean
from ecs_tui.record import dataclass

if TYPE_CHECKING:
    from ecs_tui.aws.credentials import CredentialsSession

PROFILE_VARIABLES = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")
REGION_VARIABLES = ("AWS_REGION", "AWS_DEFAULT_REGION")
KEY_VARIABLES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
DEFAULT = "default"
_REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-\d+")
AskCode = Callable[[str], str]
"""Returns the code of an MFA device (serial number or ARN), or raises."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A value and where it comes from: a variable, a file, or "" if it was chosen in this program."""

    value: str
    origin: str = ""


def _first(variables: Sequence[str]) -> Setting | None:
    """The first variable that is set; an empty one counts as unset."""
    for name in variables:
        if value := os.environ.get(name):
            return Setting(value, name)
    return None


def profile_setting(chosen: str | None) -> Setting:
    """The profile in use, given the chosen one or None."""
    if chosen:
        return Setting(chosen)
    return _first(PROFILE_VARIABLES) or Setting(DEFAULT, "no profile is named")


def keys_in_environment(chosen: str | None) -> bool:
    """Whether the keys come from variables, which take precedence unless a profile was chosen."""
    return not chosen and all(os.environ.get(name) for name in KEY_VARIABLES)


def region_setting(chosen: str | None, session: CredentialsSession) -> Setting:
    """The region in use; "" where none is configured."""
    if chosen:
        return Setting(chosen)
    if found := _first(REGION_VARIABLES):
        return found
    region = session.get_config_variable("region")
    named = profile_setting(session.profile).value
    return Setting(region, f"profile {named}") if region else Setting("")


def split_label(label: str) -> tuple[str, str]:
    """(profile, region) of `profile@region`, where either may be "".

    Profile names may contain an @: the part after the last one must look like a region.
    """
    profile, at, region = label.rpartition("@")
    if at and (not region or _REGION.fullmatch(region)):
        return profile, region
    return label, ""


def new_session(profile: str | None, ask_code: AskCode | None = None) -> CredentialsSession:
    """An aiobotocore session for a profile, or for the environment if None.

    Args:
        ask_code: Returns the code of an MFA device; without it, roles that need one raise MfaRequired.
    """
    # These loggers would print warnings about errors that are reported anyway.
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


def max_attempts(session: CredentialsSession) -> int:
    """Attempts per call from AWS_MAX_ATTEMPTS or `max_attempts`, 0 if neither is set.

    Raises:
        AwsError: The value is not a number of at least 1.
    """
    try:
        value = session.get_config_variable("max_attempts")
        if value is None:
            return 0
        if int(value) > 0:
            return int(value)
    except ValueError:
        pass
    raise AwsError(
        "max_attempts (AWS_MAX_ATTEMPTS) in the AWS configuration must be a number of at least 1.",
        "Correct or remove it.",
    )


def bundle_setting(session: CredentialsSession) -> Setting:
    """The file of trusted CAs; "" for botocore's own."""
    if path := os.environ.get("AWS_CA_BUNDLE"):
        return Setting(path, "AWS_CA_BUNDLE")
    if path := session.get_config_variable("ca_bundle"):
        return Setting(path, f"ca_bundle of profile {profile_setting(session.profile).value}")
    path = os.environ.get("REQUESTS_CA_BUNDLE", "")
    return Setting(path, "REQUESTS_CA_BUNDLE" if path else "")


def check_bundle(session: CredentialsSession) -> None:
    """Raise if the file of trusted CAs is unusable: botocore would report a "connection error".

    Raises:
        AwsError: It is missing, unreadable, or contains no certificate.
    """
    bundle = bundle_setting(session)
    if not bundle.value:
        return
    try:
        ssl.create_default_context(cafile=bundle.value)
    except (OSError, ValueError) as error:  # SSLError is an OSError too
        words = (
            "contains no certificates" if isinstance(error, ssl.SSLError) else error_words(error)
        )
        raise AwsError(
            f"The CA bundle {clean(bundle.value)} ({clean(bundle.origin)}) cannot be used: {words}.",
            "Set it to an existing PEM file, or remove it.",
        ) from error


def error_words(error: Exception) -> str:
    """The system's message for an error, without the path."""
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
    """The region in this profile's configuration, or ""."""
    try:
        session = await asyncio.to_thread(new_session, profile)
        return str(session.get_scoped_config().get("region", ""))
    except Exception as error:
        raise bad_configuration(error, profile or "") from error


def files() -> list[Path]:
    """The files that keys come from: configuration, credentials, login tokens."""
    env = os.environ
    places = [
        env.get("AWS_CONFIG_FILE") or "~/.aws/config",
        env.get("AWS_SHARED_CREDENTIALS_FILE") or "~/.aws/credentials",
        "~/.aws/sso/cache",
        env.get("AWS_LOGIN_CACHE_DIRECTORY") or "~/.aws/login/cache",
    ]
    return [Path(os.path.expandvars(place)).expanduser() for place in places]


def stamps() -> tuple[tuple[int, int, int], ...]:
    """(inode, size, mtime) of each of `files`, to detect changes.

    Tools replace a file or write into it; a folder's mtime changes with the names in it.
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
