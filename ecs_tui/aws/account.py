"""A profile in a region: its clients, and the one method that all AWS calls go through."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from ecs_tui.aws import read_only
from ecs_tui.aws.answers import answer_problem
from ecs_tui.aws.configuration import (
    DEFAULT,
    Setting,
    bundle_setting,
    check_bundle,
    keys_in_environment,
    max_attempts,
    new_session,
    profile_setting,
    region_setting,
    stamps,
)
from ecs_tui.aws.errors import bad_configuration, incomplete, translate
from ecs_tui.aws.exchange import EXCHANGE, Exchange
from ecs_tui.aws.extras import Extras
from ecs_tui.aws.mfa import AskCode, Codes
from ecs_tui.aws.pace import Pace
from ecs_tui.aws.sso import find_login
from ecs_tui.errors import (
    AwsError,
    EcsTuiError,
    ExpiredCredentials,
    MfaRequired,
    NoCredentials,
    NoRegion,
    Throttled,
)
from ecs_tui.model.identity import Caller
from ecs_tui.model.login import Login

if TYPE_CHECKING:
    from types_aiobotocore_ecs import ECSClient
    from types_aiobotocore_iam import IAMClient
    from types_aiobotocore_ssm import SSMClient
    from types_aiobotocore_sts import STSClient

P = ParamSpec("P")
T = TypeVar("T")
log = logging.getLogger("ecs_tui.aws")
MAX_THROTTLED_ATTEMPTS = 4
"""Attempts for a throttled call if the AWS configuration has no `max_attempts`."""
MAX_MFA_ATTEMPTS = 4
"""Attempts for a call that needs an MFA code, each with a new code."""
RENEW_SECONDS = 30.0
"""Seconds between two attempts to replace keys that AWS calls expired."""
ENVIRONMENT_KEYS = "environment keys"
"""Shown instead of a profile name when the keys come from environment variables."""
_BODIES = {"json": "json", "query": "xml", "ec2": "xml"}
"""The kind of body in each of botocore's protocols."""

_IN_POLICIES = {"elbv2": "elasticloadbalancing"}
"""Services whose prefix in IAM differs from botocore's name."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Static credentials, used only for the demo account."""

    access_key: str
    secret_key: str
    token: str | None = None


class Account:
    """An AWS account in one region, with the credentials of one profile.

    Clients are created at their first use and kept until `close`. botocore is imported at the
    first use, in a thread, so that the screen can be drawn before.

    Args:
        profile: Name of a profile, or None for the one in the environment.
        region: Region, or None for the one from the environment or the profile.
        endpoint_url: One endpoint for all services, or None for AWS's own (botocore then honours
            `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>`).
        read_only: Block every operation that is not in `read_only.ALLOWED`.
        credentials: Only for the demo account.
        pace: The call budget; None for a new one.
        ask_code: Asks the operator for an MFA code; without it, a role that needs one raises
            MfaRequired, and `codes.give` supplies the code.
        timeout_seconds: Seconds without a byte from AWS after which a call has failed.
    """

    def __init__(
        self,
        profile: str | None = None,
        region: str | None = None,
        endpoint_url: str | None = None,
        *,
        read_only: bool = False,
        credentials: Credentials | None = None,
        pace: Pace | None = None,
        timeout_seconds: float = 30.0,
        ask_code: AskCode | None = None,
    ) -> None:
        self.profile = profile
        self.endpoint_url = endpoint_url
        self.read_only = read_only
        self.pace = pace or Pace()
        self._chosen_region = self._region = region
        self._region_setting = Setting(region or "")
        self.login: Login | None = None
        self._credentials = credentials
        self.codes = Codes(ask_code)
        self._timeout_seconds = timeout_seconds
        self._max_attempts = 0
        self.extras = Extras()
        self._stack, self._old_stack = AsyncExitStack(), AsyncExitStack()
        self._stamps: tuple[tuple[int, int, int], ...] = ()
        self._opened_at = 0.0
        self._session: Any = None
        self._clients: dict[str, Any] = {}
        self._lock = asyncio.Lock()
        self._locks: dict[str, asyncio.Lock] = {}

    @property
    def region(self) -> str:
        """The region in use, or "" while unknown."""
        return self._region or ""

    @property
    def profile_setting(self) -> Setting:
        """The profile in use and where it came from."""
        return profile_setting(self.profile)

    @property
    def region_setting(self) -> Setting:
        """The region in use and where it came from; "" while it is unknown."""
        return self._region_setting

    @property
    def name(self) -> str:
        """The name of the keys in use: the profile, or `ENVIRONMENT_KEYS`."""
        return DEFAULT if self._credentials else _name_of(self.profile)

    def is_named(self, profile: str | None) -> bool:
        """Whether `profile` has the keys in use."""
        return profile == self.profile or (not self.is_demo and _name_of(profile) == self.name)

    async def find_login(self) -> Login | None:
        """The login behind the profile's keys, read from the files.

        Raises:
            AwsError: The files cannot be read.
        """
        session = await self._open()
        return find_login(session.full_config, self.profile_setting.value)

    async def ecs(self) -> ECSClient:
        """The ECS client."""
        client: ECSClient = await self.client("ecs")
        return client

    async def sts(self) -> STSClient:
        """The STS client."""
        client: STSClient = await self.client("sts")
        return client

    async def iam(self) -> IAMClient:
        """The IAM client."""
        client: IAMClient = await self.client("iam")
        return client

    async def ssm(self) -> SSMClient:
        """The SSM client."""
        client: SSMClient = await self.client("ssm")
        return client

    async def client(self, service: str) -> Any:
        """The client of `service`, created once.

        Raises:
            AwsError: No region, an unknown profile, or botocore cannot create the client.
        """
        async with self._locks.setdefault(service, asyncio.Lock()):
            if service not in self._clients:
                try:
                    self._clients[service] = await self._make(service)
                except Exception as error:
                    raise self._bad_configuration(error) from error
            return self._clients[service]

    async def _make(self, service: str) -> Any:
        session = await self._open()
        if not self._region:
            raise NoRegion("No AWS region is configured.", "Set one with --region or AWS_REGION.")
        # A service's model is megabytes of JSON: loaded in a thread, and cached by botocore.
        await asyncio.to_thread(_load_model, session, service)
        from aiobotocore.config import AioConfig

        from ecs_tui.aws.http import BoundedSession

        config = AioConfig(
            http_session_cls=BoundedSession,
            connect_timeout=min(5.0, self._timeout_seconds),
            read_timeout=self._timeout_seconds,
            # The call budget retries throttled calls; botocore only retries short faults.
            retries={"mode": "standard", "total_max_attempts": self._max_attempts or 2},
            max_pool_connections=32,
        )
        options: dict[str, Any] = {"region_name": self._region, "config": config}
        if self.endpoint_url:
            options["endpoint_url"] = self.endpoint_url
        return await self._stack.enter_async_context(session.create_client(service, **options))

    async def _open(self) -> Any:
        async with self._lock:
            if self._session is None:
                try:
                    await self._create_session()
                except Exception as error:
                    raise self._bad_configuration(error) from error
            return self._session

    async def _create_session(self) -> None:
        # The import takes a third of a second: done in a thread, so that drawing goes on.
        self._stamps, self._opened_at = await asyncio.to_thread(stamps), time.monotonic()
        session = await asyncio.to_thread(new_session, self.profile, self.codes.take)
        if self._credentials:
            keys = self._credentials
            session.set_credentials(keys.access_key, keys.secret_key, keys.token)
        if self.read_only:
            read_only.enforce(session)
        self.login = find_login(session.full_config, self.profile_setting.value)
        await asyncio.to_thread(check_bundle, session)
        self._region_setting = await self._find_region(session)
        self._region = self._region_setting.value or None
        self._max_attempts = max_attempts(session)
        self._session = session

    def _bad_configuration(self, error: Exception) -> EcsTuiError:
        return bad_configuration(error, self.profile_setting.value, self.login)

    async def _find_region(self, session: Any) -> Setting:
        setting = region_setting(self._chosen_region, session)
        if setting.value or self._credentials:
            return setting
        # The AWS CLI's last source of a region; outside EC2 this takes a second or two.
        from aiobotocore.utils import AioIMDSRegionProvider

        region = await AioIMDSRegionProvider(session).provide()
        return Setting(region or "", "the metadata of this EC2 instance" if region else "")

    async def call(self, method: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Make one API call within the call budget; log it, and translate its errors.

        Args:
            method: A method of one of this account's clients.
            kwargs: The call's own parameters.

        Raises:
            AwsError: The call failed, for any reason.
        """
        client: Any = method.__self__  # type: ignore[attr-defined]
        service = client.meta.service_model.service_name
        operation = client.meta.method_to_api_mapping[method.__name__]
        name = f"{service}:{operation}"
        if self.read_only and (refused := read_only.refuse(service, operation)):
            raise refused
        renewed, throttled, codes = False, 0, 0
        while True:
            await self.pace.wait(service, operation)
            started, asked = time.monotonic(), self.codes.asked
            try:
                answer = await self._exchange(name, client, method, *args, **kwargs)
            except asyncio.CancelledError:
                log.info("%s cancelled %.3fs", name, time.monotonic() - started)
                raise
            except EcsTuiError as failure:
                code = getattr(failure, "code", "") or type(failure).__name__
                log.info("%s %s %.3fs", name, code, time.monotonic() - started)
                if isinstance(failure, Throttled):
                    self.pace.throttle(service, operation)
                    throttled += 1
                    if throttled < (self._max_attempts or MAX_THROTTLED_ATTEMPTS):
                        await asyncio.sleep(self.pace.pause(throttled - 1))
                        continue
                if isinstance(failure, MfaRequired):
                    codes += 1
                    if codes < MAX_MFA_ATTEMPTS and await self.codes.obtain(failure.serial, asked):
                        continue
                elif not renewed and await self._may_have_new_keys(failure):
                    renewed = True
                    client = await self.client(service)
                    method = getattr(client, method.__name__)
                    continue
                raise
            log.info("%s ok %.3fs", name, time.monotonic() - started)
            return answer

    async def call_with(
        self,
        method: Callable[..., Awaitable[T]],
        extras: list[str],
        /,
        *args: Any,
        **kwargs: Any,
    ) -> T:
        """Like `call`, with `include=extras`; values that AWS refuses are left out from then on.

        Some partitions and regions do not support all values, and the caller may lack permission
        to read tags: neither must make the list fail.
        """
        return await self.extras.call(self.call, method, extras, *args, **kwargs)

    async def _exchange(
        self,
        name: str,
        client: Any,
        method: Callable[P, Awaitable[T]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """One attempt; any exception, and any answer that is not from AWS, becomes an AwsError."""
        body = _BODIES.get(client.meta.service_model.resolved_protocol, "")
        exchange = Exchange(name.partition(":")[2], body)
        token = EXCHANGE.set(exchange)
        try:
            answer = await method(*args, **kwargs)
            self.codes.forget_spent()
        except MfaRequired:
            raise  # codes of other devices in the chain of roles have not been sent yet
        except Exception as error:
            self.codes.forget_spent()
            raise translate(
                error,
                operation=_as_iam_writes(name),
                thing=_thing(kwargs),
                cluster=_name(kwargs.get("cluster")),
                profile=self.profile or "",
                region=self.region,
                login=self.login,
                exchange=exchange,
            ) from error
        finally:
            EXCHANGE.reset(token)
        if wrong := exchange.problem or answer_problem(name, answer, kwargs):
            raise incomplete(name, wrong, exchange)
        return answer

    async def credentials_source(self) -> str:
        """The source of the keys, as botocore names it: `sso`, `env` …; never the keys.

        Raises:
            AwsError: The configuration or the credentials cannot be read.
        """
        if self._credentials:
            return "the demo account's own"
        session = await self._open()
        try:
            found = await session.get_credentials()
        except Exception as error:
            raise self._bad_configuration(error) from error
        return str(found.method) if found is not None else "none found"

    async def endpoint(self, service: str) -> str:
        """The URL that calls of `service` go to; sessions connect to `ssmmessages`.

        Raises:
            AwsError: No region, or botocore cannot create the client.
        """
        if service != "ssmmessages":
            client = await self.client(service)
            return str(client.meta.endpoint_url)
        if self.endpoint_url:
            return self.endpoint_url
        # botocore has no client for it; its host differs from ssm's only in the first label.
        client = await self.client("ssm")
        return re.sub(r"//ssm(?=[.-])", "//ssmmessages", str(client.meta.endpoint_url), count=1)

    async def caller(self, *, alias: bool = True) -> Caller:
        """The identity of the credentials. The alias is "" if it cannot be read or `alias` is False."""
        sts = await self.sts()
        answer = await self.call(sts.get_caller_identity)
        name = ""
        if alias:
            try:
                name = await self.alias()
            except AwsError as error:
                log.info("no account alias: %s", error)
        return Caller(account=answer["Account"], arn=answer["Arn"], alias=name)

    async def alias(self) -> str:
        """The account's alias, "" if it has none."""
        iam = await self.iam()
        aliases = (await self.call(iam.list_account_aliases))["AccountAliases"]
        return aliases[0] if aliases else ""

    async def child_environment(self) -> dict[str, str]:
        """Environment variables for a child process that uses the same account.

        A profile is passed by name; the demo account's keys as they are.
        """
        await self._open()
        env = {"AWS_REGION": self.region, "AWS_DEFAULT_REGION": self.region}
        if bundle := bundle_setting(self._session).value:
            env["AWS_CA_BUNDLE"] = bundle  # may be set in a profile; session clients read none
        if self._credentials:
            env["AWS_ACCESS_KEY_ID"] = self._credentials.access_key
            env["AWS_SECRET_ACCESS_KEY"] = self._credentials.secret_key
            if self._credentials.token:
                env["AWS_SESSION_TOKEN"] = self._credentials.token
        elif self.profile:
            env["AWS_PROFILE"] = self.profile
        if self.endpoint_url:
            env["AWS_ENDPOINT_URL"] = self.endpoint_url
        return env

    def sibling(self, profile: str | None, region: str | None, pace: Pace) -> Account:
        """The account for another profile or region, with the same settings and the budget `pace`."""
        return Account(
            profile,
            region,
            self.endpoint_url,
            read_only=self.read_only,
            credentials=self._credentials,
            pace=pace,
            timeout_seconds=self._timeout_seconds,
        )

    @property
    def is_demo(self) -> bool:
        """Whether this is the demo account, which has no profiles."""
        return self._credentials is not None

    async def regions(self) -> list[str]:
        """The regions with ECS in this partition; keys are not valid in other partitions."""
        session = await self._open()
        try:
            partition = "aws"
            if self._region:
                partition = session.get_partition_for_region(self._region)
            return sorted(await session.get_available_regions("ecs", partition))
        except Exception as error:
            raise self._bad_configuration(error) from error

    async def _may_have_new_keys(self, failure: EcsTuiError) -> bool:
        """Whether to retry a call whose keys were refused, because the keys on disk may be new."""
        if not isinstance(failure, (ExpiredCredentials, NoCredentials)) or self._credentials:
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
        if self._session is None or self._credentials:
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


def _name_of(profile: str | None) -> str:
    return ENVIRONMENT_KEYS if keys_in_environment(profile) else profile_setting(profile).value


def _load_model(session: Any, service: str) -> None:
    loader = session.get_component("data_loader")
    loader.load_service_model(service, "service-2")
    loader.load_service_model(service, "endpoint-rule-set-1")


def _thing(params: dict[str, Any]) -> str:
    """What a call was about, for its error message: the service or task, else the cluster."""
    for key in ("task", "service", "cluster"):
        if name := _name(params.get(key)):
            return f"{key}/{name}"
    return ""


def _as_iam_writes(name: str) -> str:
    """`service:Operation` with the service's IAM prefix."""
    service, _, operation = name.partition(":")
    return f"{_IN_POLICIES.get(service, service)}:{operation}"


def _name(value: object) -> str:
    return value.rsplit("/", 1)[-1] if isinstance(value, str) else ""
