"""The clients of one profile in one region, and the keys and configuration that they use."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import AsyncExitStack
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from ecs_tui import __version__
from ecs_tui.aws import read_only
from ecs_tui.aws.configuration import (
    Setting,
    bundle_setting,
    check_bundle,
    max_attempts,
    new_session,
    profile_setting,
    region_setting,
    stamps,
)
from ecs_tui.aws.errors import bad_configuration
from ecs_tui.aws.mfa import AskCode, Codes
from ecs_tui.aws.network_words import unusable_endpoint, what_is_wrong
from ecs_tui.aws.sso import find_login
from ecs_tui.config.policy import CallPolicy
from ecs_tui.errors import (
    EcsTuiError,
    ExpiredCredentials,
    NoCredentials,
    NoRegion,
    SettingsError,
)
from ecs_tui.model.login import Login
from ecs_tui.record import dataclass

if TYPE_CHECKING:
    from ecs_tui.aws.credentials import CredentialsSession

log = logging.getLogger("ecs_tui.aws")
_NO_ENDPOINT = "Invalid endpoint: "
"""How botocore's ValueError for an endpoint begins (`botocore/endpoint.py`)."""
RENEW_SECONDS = 30.0
"""Seconds between two attempts to replace keys that AWS calls expired."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Static credentials, used only for the demo account."""

    access_key: str
    secret_key: str
    token: str | None = None


class ServiceClient(Protocol):
    """A client of botocore without stubs: a method for each operation of its service."""

    def __getattr__(self, name: str, /) -> Callable[..., Awaitable[Mapping[str, object]]]: ...


class Clients:
    """botocore's clients, created at their first use and kept until `close`.

    botocore is imported at the first use, in a thread, so that the screen can be drawn before.

    Args:
        profile: Name of a profile, or None for the one in the environment.
        region: Region, or None for the one from the environment or the profile.
        endpoint_url: One endpoint for all services, or None for AWS's own (botocore then honours
            `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>`).
        policy: What every client blocks.
        credentials: Only for the demo account.
        timeout_seconds: Seconds without a byte from AWS after which a call has failed.
        ask_code: Asks the operator for an MFA code.

    Attributes:
        login: The login behind the profile's keys, once the files have been read.
        max_attempts: Attempts per call in the AWS configuration, 0 if it has none.
    """

    def __init__(
        self,
        profile: str | None,
        region: str | None,
        endpoint_url: str | None,
        *,
        policy: CallPolicy,
        credentials: Credentials | None,
        timeout_seconds: float,
        ask_code: AskCode | None,
    ) -> None:
        self.profile, self.endpoint_url = profile, endpoint_url
        self.policy, self.credentials = policy, credentials
        self.timeout_seconds = timeout_seconds
        self.codes = Codes(ask_code)
        self.login: Login | None = None
        self.max_attempts = 0
        self.region_setting = Setting(region or "")
        self._chosen_region = region
        self._stack, self._old_stack = AsyncExitStack(), AsyncExitStack()
        self._stamps: tuple[tuple[int, int, int], ...] = ()
        self._opened_at = 0.0
        self._session: CredentialsSession | None = None
        self._clients: dict[str, object] = {}
        self._lock = asyncio.Lock()
        self._released = asyncio.Event()
        self._released.set()
        self._locks: dict[str, asyncio.Lock] = {}

    @property
    def region(self) -> str:
        """The region in use, or "" while unknown."""
        return self.region_setting.value

    @property
    def profile_setting(self) -> Setting:
        """The profile in use and where it came from."""
        return profile_setting(self.profile)

    async def get(self, service: str) -> Any:
        """The client of `service`, created once.

        Raises:
            AwsError: No region, an unknown profile, or botocore cannot create the client.
            SettingsError: The policy names an operation that the service does not have.
        """
        async with self._locks.setdefault(service, asyncio.Lock()):
            if service not in self._clients:
                try:
                    self._clients[service] = await self._make(service)
                except Exception as error:
                    raise self.bad_configuration(error) from error
            return self._clients[service]

    async def _make(self, service: str) -> object:
        session = await self.session()
        if not self.region:
            raise NoRegion("No AWS region is configured.", "Set one with --region or AWS_REGION.")
        # A service's model is megabytes of JSON: loaded in a thread, and cached by botocore.
        operations = await asyncio.to_thread(_load_model, session, service)
        self._check_policy(service, operations)
        from aiobotocore.config import AioConfig

        from ecs_tui.aws.http import BoundedSession

        config = AioConfig(
            http_session_cls=BoundedSession,
            connect_timeout=min(5.0, self.timeout_seconds),
            read_timeout=self.timeout_seconds,
            # The call budget retries throttled calls; botocore only retries short faults.
            retries={"mode": "standard", "total_max_attempts": self.max_attempts or 2},
            max_pool_connections=32,
            # CloudTrail records it: an audit can tell this program's sessions from others.
            user_agent_extra=f"ecs-tui/{__version__}",
        )
        making = session.create_client(
            service, region_name=self.region, config=config, endpoint_url=self.endpoint_url
        )
        async with AsyncExitStack() as made:
            try:
                client = await made.enter_async_context(making)
            except ValueError as error:
                if not str(error).startswith(_NO_ENDPOINT):
                    raise
                raise unusable_endpoint(str(error).removeprefix(_NO_ENDPOINT)) from error
            if what_is_wrong(client.meta.endpoint_url):
                raise unusable_endpoint(client.meta.endpoint_url)
            await self._stack.enter_async_context(made.pop_all())
        if self.endpoint_url or _has_no_subdomains(client.meta.endpoint_url):
            client.meta.config.inject_host_prefix = False  # StartLiveTail's is `stream-`
        return client

    def _check_policy(self, service: str, operations: Collection[str]) -> None:
        wrong = self.policy.unmatched(read_only.as_iam_writes(service), operations)
        if wrong:
            raise SettingsError(
                f"[policy] in the config file has {wrong!r}, which matches no operation.",
                "Correct it, or remove it.",
            )

    def hold(self) -> None:
        """Import botocore and make calls only after `release`: they wait until then."""
        self._released.clear()

    def release(self) -> None:
        """End `hold`."""
        self._released.set()

    async def session(self) -> CredentialsSession:
        """botocore's session, created once.

        Raises:
            AwsError: The AWS configuration cannot be used.
        """
        await self._released.wait()
        async with self._lock:
            if self._session is None:
                try:
                    self._session = await self._create_session()
                except Exception as error:
                    raise self.bad_configuration(error) from error
            return self._session

    async def _create_session(self) -> CredentialsSession:
        # The import takes a third of a second: done in a thread, so that drawing goes on.
        self._stamps, self._opened_at = await asyncio.to_thread(stamps), time.monotonic()
        session = await asyncio.to_thread(new_session, self.profile, self.codes.take)
        if self.credentials:
            keys = self.credentials
            session.set_credentials(keys.access_key, keys.secret_key, keys.token)
        if self.policy.blocks:
            read_only.enforce(session, self.policy)
        self.login = find_login(session.full_config, self.profile_setting.value)
        await asyncio.to_thread(check_bundle, session)
        self.region_setting = await self._find_region(session)
        self.max_attempts = max_attempts(session)
        return session

    async def _find_region(self, session: CredentialsSession) -> Setting:
        setting = region_setting(self._chosen_region, session)
        if setting.value or self.credentials:
            return setting
        # The AWS CLI's last source of a region; outside EC2 this takes a second or two.
        from aiobotocore.utils import AioIMDSRegionProvider

        region = await AioIMDSRegionProvider(session).provide()
        return Setting(region or "", "the metadata of this EC2 instance" if region else "")

    def bad_configuration(self, error: Exception) -> EcsTuiError:
        """The error for any exception while the configuration was read or a client created."""
        return bad_configuration(error, self.profile_setting.value, self.login)

    async def endpoint(self, service: str) -> str:
        """The URL that calls of `service` go to; sessions connect to `ssmmessages`.

        Raises:
            AwsError: No region, or botocore cannot create the client.
        """
        if service != "ssmmessages":
            client = await self.get(service)
            return str(client.meta.endpoint_url)
        if self.endpoint_url:
            return self.endpoint_url
        # botocore has no client for it; its host differs from ssm's only in the first label.
        client = await self.get("ssm")
        return re.sub(r"//ssm(?=[.-])", "//ssmmessages", str(client.meta.endpoint_url), count=1)

    async def bundle(self) -> str:
        """The file of trusted CAs, "" for botocore's own."""
        return bundle_setting(await self.session()).value

    # -- new keys

    async def may_have_new_keys(self, failure: EcsTuiError) -> bool:
        """Whether to retry a call whose keys were refused, because the keys on disk may be new."""
        if not isinstance(failure, (ExpiredCredentials, NoCredentials)) or self.credentials:
            return False
        expired = isinstance(failure, ExpiredCredentials) and bool(failure.code)
        rested = time.monotonic() - self._opened_at > RENEW_SECONDS
        if await self.renew_if_changed():
            return True
        if expired and rested:
            await self.renew()  # a program (credential_process) may return new keys by now
            return True
        return False

    async def renew_if_changed(self) -> bool:
        """Read the AWS files again if another tool has changed them; returns whether it did."""
        if self._session is None or self.credentials:
            return False
        if await asyncio.to_thread(stamps) == self._stamps:
            return False
        await self.renew()
        return True

    async def renew(self) -> None:
        """Drop credentials and clients: after a new login they are created again.

        Calls in flight finish with the old clients, which are closed at the next renewal.
        """
        async with self._lock:
            old_stack, self._old_stack = self._old_stack, self._stack
            self._stack = AsyncExitStack()
            self._clients.clear()
            self._session = None
        await old_stack.aclose()

    async def close(self) -> None:
        """Close all clients."""
        await self._stack.aclose()
        await self._old_stack.aclose()
        self._clients.clear()


def _load_model(session: CredentialsSession, service: str) -> Collection[str]:
    """Load a service's model, which botocore caches; returns the names of its operations."""
    loader = session.get_component("data_loader")
    model: Mapping[str, Mapping[str, object]] = loader.load_service_model(service, "service-2")
    loader.load_service_model(service, "endpoint-rule-set-1")
    return model["operations"].keys()


def _has_no_subdomains(endpoint: str) -> bool:
    """Whether an endpoint's host is an address or this machine, which no prefix can be put before."""
    host = urlsplit(endpoint).hostname or ""
    try:
        return bool(ip_address(host))
    except ValueError:
        return host == "localhost"
