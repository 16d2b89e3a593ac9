"""Logins: who in a chain of profiles has the login, and IAM Identity Center's by a device code.

The device flow is a public API (RFC 8628;
https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_StartDeviceAuthorization.html).
The token is written where and as the AWS CLI writes it, so that both use it.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shlex
import sys
import time
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from ecs_tui.aws.configuration import new_session
from ecs_tui.aws.errors import bad_configuration, without_secrets
from ecs_tui.errors import AwsError, EcsTuiError, NoCredentials
from ecs_tui.files import write_private
from ecs_tui.model.words import clean

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
DEFAULT_SCOPE = "sso:account:access"
CLIENT = "ecs-tui"
LONGEST = 600.0
"""Seconds that a login may take, whatever the server says its code lives."""
SHORTEST_PAUSE = 0.5
SLOWER = 5.0
"""Seconds more between two questions after each answer "slow_down" (RFC 8628, 3.5)."""
MOST_PROFILES = 20
"""Profiles in a chain of source_profile; botocore refuses loops only."""


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


def find_login(config: Mapping[str, Any], profile: str) -> Login | None:
    """The login behind `profile`, through its chain of `source_profile`; None where there is none.

    Args:
        config: botocore's `full_config`.
    """
    profiles, seen = config.get("profiles", {}), set[str]()
    while profile in profiles and profile not in seen and len(seen) < MOST_PROFILES:
        seen.add(profile)
        settings = profiles[profile]
        if "login_session" in settings:
            return Login("console", profile)
        name = settings.get("sso_session", "")
        merged = {**config.get("sso_sessions", {}).get(name, {}), **settings}
        source = settings.get("source_profile", "")
        own_keys = "role_arn" not in settings or source == profile
        if own_keys and merged.get("sso_start_url"):
            scopes = str(merged.get("sso_registration_scopes", DEFAULT_SCOPE)).split(",")
            return Login(
                "sso",
                profile,
                name,
                merged["sso_start_url"],
                merged.get("sso_region", ""),
                tuple(scope.strip() for scope in scopes if scope.strip()) if name else (),
            )
        profile = source
    return None


@dataclass(frozen=True, slots=True)
class Code:
    """What a person must open and confirm. `address` holds the code already, `page` does not."""

    address: str
    page: str
    code: str


def browser_command(environ: Mapping[str, str]) -> list[str]:
    """The program that opens an address in a browser of this machine; [] where none can be.

    Over ssh the browser would open on the far machine, where nobody sits.
    """
    if any(environ.get(name) for name in ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY")):
        return []
    if sys.platform == "darwin":
        return ["open"]
    return ["xdg-open"] if environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY") else []


async def open_browser(address: str) -> bool:
    """Open it where a browser can be; whether that has worked. Its words do not reach our terminal."""
    command = browser_command(os.environ)
    if not command:
        return False
    quiet = asyncio.subprocess.DEVNULL
    try:
        child = await asyncio.create_subprocess_exec(
            *command, address, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
        )
    except OSError:
        return False  # the address is shown all the same
    return await child.wait() == 0


async def device_login(login: Login) -> AsyncGenerator[Code, None]:
    """Log in: gives the code to show once, and ends when a person has confirmed it elsewhere.

    Raises:
        AwsError: It was refused, nobody confirmed in time, or Identity Center was not reached.
    """
    try:
        session = await asyncio.to_thread(new_session, login.profile)
        async with _client(session, login.region) as oidc:
            scopes = {"scopes": list(login.scopes)} if login.scopes else {}
            registration = await oidc.register_client(
                clientName=CLIENT, clientType="public", **scopes
            )
            ids = {key: registration[key] for key in ("clientId", "clientSecret")}
            started = await oidc.start_device_authorization(**ids, startUrl=login.start_url)
            yield _code(started)
            token = await _wait(oidc, ids, started)
    except EcsTuiError:
        raise
    except Exception as error:
        raise _failed(error, login) from error
    now = time.time()
    document = {
        "startUrl": login.start_url,
        "region": login.region,
        "accessToken": token["accessToken"],
        "expiresAt": _utc(now + token["expiresIn"]),
        **ids,
        "registrationExpiresAt": _utc(registration["clientSecretExpiresAt"]),
    }
    if token.get("refreshToken"):
        document["refreshToken"] = token["refreshToken"]
    path = token_path(login)
    try:
        await asyncio.to_thread(write_private, path, json.dumps(document).encode())
    except OSError as error:
        raise NoCredentials(
            f"The login succeeded, but {path} cannot be written: {error.strerror}."
        ) from error


def token_path(login: Login) -> Path:
    """The file of a login's token, by the AWS CLI's rule."""
    name = hashlib.sha1((login.session or login.start_url).encode()).hexdigest()
    return Path("~/.aws/sso/cache").expanduser() / f"{name}.json"


def _client(session: Any, region: str) -> Any:
    from aiobotocore.config import AioConfig
    from botocore import UNSIGNED

    from ecs_tui.aws.http import BoundedSession

    config = AioConfig(
        signature_version=UNSIGNED,
        http_session_cls=BoundedSession,
        connect_timeout=5.0,
        read_timeout=30.0,
        retries={"mode": "standard", "total_max_attempts": 2},
    )
    return session.create_client("sso-oidc", region_name=region or None, config=config)


def _code(started: Mapping[str, Any]) -> Code:
    page = str(started.get("verificationUri", ""))
    address = str(started.get("verificationUriComplete") or page)
    # It is opened by a program of this machine.
    if not all(each.startswith("https://") and each == clean(each) for each in (page, address)):
        raise AwsError("IAM Identity Center names no https:// address for the login.")
    return Code(address, page, clean(str(started["userCode"])))


async def _wait(oidc: Any, ids: Mapping[str, str], started: Mapping[str, Any]) -> Any:
    """The token, once the code is confirmed."""
    pause = max(SHORTEST_PAUSE, float(started.get("interval", 5)))
    end = time.monotonic() + min(LONGEST, float(started.get("expiresIn", LONGEST)))
    while time.monotonic() < end:
        try:
            return await oidc.create_token(**ids, grantType=GRANT, deviceCode=started["deviceCode"])
        except oidc.exceptions.AuthorizationPendingException:
            pass
        except oidc.exceptions.SlowDownException:
            pause += SLOWER
        await asyncio.sleep(pause)
    raise NoCredentials("Nobody confirmed the code in time.", "Begin the login again.")


def _failed(error: Exception, login: Login) -> EcsTuiError:
    from botocore.exceptions import ClientError

    if isinstance(error, ClientError):
        answer = error.response.get("Error", {})
        code = answer.get("Code", "")
        if code == "ExpiredTokenException":
            return NoCredentials("The code has expired.", "Begin the login again.")
        said = without_secrets(
            str(error.response.get("error_description") or answer.get("Message", ""))
        )
        return NoCredentials(
            f"The login of {clean(login.words)} was refused ({clean(code)}): {said}",
            "Check sso_start_url and sso_region.",
        )
    return bad_configuration(error, login.profile)


def _utc(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
