"""Logins: which profile of a chain has the login, and the device flow of IAM Identity Center.

The device flow is a public API (RFC 8628;
https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_StartDeviceAuthorization.html).
The token is stored like the AWS CLI's, so that both can use it.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecs_tui.aws.configuration import new_session
from ecs_tui.aws.errors import bad_configuration, without_secrets
from ecs_tui.errors import AwsError, EcsTuiError, NoCredentials
from ecs_tui.model.login import Login
from ecs_tui.model.text import clean
from ecs_tui.record import dataclass
from ecs_tui.system.atomic_file import write_private

if TYPE_CHECKING:
    from ecs_tui.aws.credentials import CredentialsSession

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
DEFAULT_SCOPE = "sso:account:access"
CLIENT = "ecs-tui"
MAX_LOGIN_SECONDS = 600.0
"""Maximum seconds for a login, whatever lifetime the server gives its code."""
MIN_PAUSE_SECONDS = 0.5
"""Minimum seconds between two polls, whatever interval the server names."""
SLOW_DOWN_SECONDS = 5.0
"""Seconds added to the polling interval after each "slow_down" (RFC 8628, 3.5)."""
MAX_PROFILES = 20
"""Maximum length of a chain of source_profile; botocore refuses only loops."""


def find_login(config: Mapping[str, Mapping[str, Mapping[str, str]]], profile: str) -> Login | None:
    """The login behind `profile`, through its chain of `source_profile`; None if there is none.

    Args:
        config: botocore's `full_config`.
    """
    profiles, seen = config.get("profiles", {}), set[str]()
    while profile in profiles and profile not in seen and len(seen) < MAX_PROFILES:
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
    """What the operator must open and confirm. `address` includes the code, `page` does not."""

    address: str
    page: str
    code: str


async def device_login(login: Login) -> AsyncGenerator[Code, None]:
    """Log in; yields the code to show, and ends when it has been confirmed in a browser.

    Raises:
        AwsError: Refused, not confirmed in time, or Identity Center cannot be reached.
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
    """The file of a login's token, named as by the AWS CLI."""
    name = hashlib.sha1((login.session or login.start_url).encode()).hexdigest()
    return Path("~/.aws/sso/cache").expanduser() / f"{name}.json"


def _client(session: CredentialsSession, region: str) -> Any:
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


def _code(started: Mapping[str, object]) -> Code:
    page = str(started.get("verificationUri", ""))
    address = str(started.get("verificationUriComplete") or page)
    # A program on this machine will open it.
    if not all(each.startswith("https://") and each == clean(each) for each in (page, address)):
        raise AwsError("IAM Identity Center returned no https:// URL for the login.")
    return Code(address, page, clean(str(started["userCode"])))


async def _wait(oidc: Any, ids: Mapping[str, str], started: Mapping[str, object]) -> Any:
    """Polls until the code is confirmed; returns the token."""
    pause = max(MIN_PAUSE_SECONDS, float(str(started.get("interval", 5))))
    end = time.monotonic() + min(
        MAX_LOGIN_SECONDS, float(str(started.get("expiresIn", MAX_LOGIN_SECONDS)))
    )
    while time.monotonic() < end:
        try:
            return await oidc.create_token(**ids, grantType=GRANT, deviceCode=started["deviceCode"])
        except oidc.exceptions.AuthorizationPendingException:
            pass
        except oidc.exceptions.SlowDownException:
            pause += SLOW_DOWN_SECONDS
        await asyncio.sleep(pause)
    raise NoCredentials("Nobody confirmed the code in time.", "Start the login again.")


def _failed(error: Exception, login: Login) -> EcsTuiError:
    from botocore.exceptions import ClientError

    if isinstance(error, ClientError):
        answer = error.response.get("Error", {})
        code = answer.get("Code", "")
        if code == "ExpiredTokenException":
            return NoCredentials("The code has expired.", "Start the login again.")
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
