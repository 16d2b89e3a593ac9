"""One way into AWS: a profile and a region, their clients, and the one gate all calls pass."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from ecs_tui.aws import read_only
from ecs_tui.aws.answers import complain
from ecs_tui.aws.configuration import (
    DEFAULT,
    Setting,
    bundle_setting,
    check_bundle,
    keys_in_environment,
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
from ecs_tui.aws.sso import Login, find_login
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

if TYPE_CHECKING:
    from types_aiobotocore_ecs import ECSClient
    from types_aiobotocore_iam import IAMClient
    from types_aiobotocore_ssm import SSMClient
    from types_aiobotocore_sts import STSClient

P = ParamSpec("P")
T = TypeVar("T")
log = logging.getLogger("ecs_tui.aws")
RENEW_EVERY = 30.0
"""Seconds between two attempts to get other keys than those that AWS calls expired."""
ENVIRONMENT_KEYS = "environment keys"
"""The name of keys in variables, where a profile's name stands else."""
_BODIES = {"json": "json", "query": "xml", "ec2": "xml"}
"""The kind of body that each protocol of botocore has."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Static credentials, only ever used for the pretend account."""

    access_key: str
    secret_key: str
    token: str | None = None


class Account:
    """The AWS account that a profile and a region lead to.

    Clients are made when first asked for and live until `close`. botocore is imported at the
    first use, off the event loop, so that a screen can be painted before.

    Args:
        profile: Name of a profile, or None for what the environment says.
        region: Region, or None for what profile and environment say.
        endpoint_url: One endpoint for all services, or None for AWS's own (botocore then honours
            `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>`).
        read_only: Refuse every operation that is not in `read_only.ALLOWED`.
        credentials: Only for the pretend account.
        pace: The call budget; one is made when None.
        ask_code: Asks a person for the code of an MFA device; without it such a role raises
            MfaRequired, and `codes.give` gives one.
        patience: Seconds without a byte from AWS after which a call has failed.
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
        patience: float = 30.0,
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
        self._patience = patience
        self.extras = Extras()
        self._stack, self._retired = AsyncExitStack(), AsyncExitStack()
        self._stamps: tuple[tuple[int, int, int], ...] = ()
        self._opened_at = 0.0
        self._session: Any = None
        self._clients: dict[str, Any] = {}
        self._lock = asyncio.Lock()
        self._locks: dict[str, asyncio.Lock] = {}

    @property
    def region(self) -> str:
        """The region in use, or "" while it is not known yet."""
        return self._region or ""

    @property
    def profile_setting(self) -> Setting:
        """The profile in use and where it came from."""
        return profile_setting(self.profile)

    @property
    def region_setting(self) -> Setting:
        """The region in use and where it came from; "" while it is not known yet."""
        return self._region_setting

    @property
    def name(self) -> str:
        """What the keys in use are called: the profile, unless variables hold the keys."""
        return DEFAULT if self._credentials else _name_of(self.profile)

    def is_named(self, profile: str | None) -> bool:
        """Whether asking for `profile` would lead to the keys in use."""
        return profile == self.profile or (not self.pretend and _name_of(profile) == self.name)

    async def find_login(self) -> Login | None:
        """The login behind the profile's keys, read from the files.

        Raises:
            AwsError: They cannot be read.
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
        """The client of `service`, made once.

        Raises:
            AwsError: Without a region, with an unknown profile, or when botocore cannot make it.
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
            raise NoRegion("No AWS region is configured.", "Give one with --region or AWS_REGION.")
        # A service's model is megabytes of JSON: not on the loop that draws; botocore keeps it.
        await asyncio.to_thread(_load_model, session, service)
        from aiobotocore.config import AioConfig

        from ecs_tui.aws.http import BoundedSession

        config = AioConfig(
            http_session_cls=BoundedSession,
            connect_timeout=min(5.0, self._patience),
            read_timeout=self._patience,
            # Our own pace retries throttled calls; botocore only bridges short faults.
            retries={"mode": "standard", "total_max_attempts": 2},
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
                    await self._open_anew()
                except Exception as error:
                    raise self._bad_configuration(error) from error
            return self._session

    async def _open_anew(self) -> None:
        # The import costs a third of a second: not on the loop that draws.
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
        self._session = session

    def _bad_configuration(self, error: Exception) -> EcsTuiError:
        return bad_configuration(error, self.profile_setting.value, self.login)

    async def _find_region(self, session: Any) -> Setting:
        setting = region_setting(self._chosen_region, session)
        if setting.value or self._credentials:
            return setting
        # The last place where the AWS CLI looks; elsewhere than on EC2 it takes a second or two.
        from aiobotocore.utils import AioIMDSRegionProvider

        region = await AioIMDSRegionProvider(session).provide()
        return Setting(region or "", "the metadata of this EC2 instance" if region else "")

    async def call(self, method: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Make one API call through the budget, the log and the translation of errors.

        Args:
            method: A method of one of this account's clients.
            kwargs: The call's own parameters.

        Raises:
            AwsError: For whatever kept the call from succeeding.
        """
        client: Any = method.__self__  # type: ignore[attr-defined]
        service = client.meta.service_model.service_name
        operation = client.meta.method_to_api_mapping[method.__name__]
        name = f"{service}:{operation}"
        if self.read_only and (refused := read_only.refuse(service, operation)):
            raise refused
        renewed = False
        for attempt in range(4):
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
                    if attempt < 3:
                        await asyncio.sleep(self.pace.pause(attempt))
                        continue
                if isinstance(failure, MfaRequired):
                    if attempt < 3 and await self.codes.obtain(failure.serial, asked):
                        continue
                elif not renewed and await self._may_have_new_keys(failure):
                    renewed = True
                    client = await self.client(service)
                    method = getattr(client, method.__name__)
                    continue
                raise
            log.info("%s ok %.3fs", name, time.monotonic() - started)
            return answer
        raise AssertionError("unreachable")  # pragma: no cover

    async def call_with(
        self,
        method: Callable[..., Awaitable[T]],
        extras: list[str],
        /,
        *args: Any,
        **kwargs: Any,
    ) -> T:
        """As `call`, with `include=extras`; what of it is refused is left out, from now on too.

        Not every partition and region knows each of them, and tags may not be readable: the list
        is more than its extras.
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
        """One attempt: whatever it raises, and whatever came instead of an answer, is an AwsError."""
        body = _BODIES.get(client.meta.service_model.resolved_protocol, "")
        exchange = Exchange(name.partition(":")[2], body)
        token = EXCHANGE.set(exchange)
        try:
            answer = await method(*args, **kwargs)
            self.codes.forget_spent()
        except MfaRequired:
            raise  # codes of other devices in a chain of roles have not been sent yet
        except Exception as error:
            self.codes.forget_spent()
            raise translate(
                error,
                operation=name,
                thing=_thing(kwargs),
                cluster=_name(kwargs.get("cluster")),
                profile=self.profile or "",
                region=self.region,
                login=self.login,
                exchange=exchange,
            ) from error
        finally:
            EXCHANGE.reset(token)
        if wrong := exchange.problem or complain(name, answer, kwargs):
            raise incomplete(name, wrong, exchange)
        return answer

    async def credentials_source(self) -> str:
        """Where the keys come from, in botocore's words such as `sso` or `env`; never the keys.

        Raises:
            AwsError: The configuration cannot be read, or what it names cannot be had.
        """
        if self._credentials:
            return "the pretend account's own"
        session = await self._open()
        try:
            found = await session.get_credentials()
        except Exception as error:
            raise self._bad_configuration(error) from error
        return str(found.method) if found is not None else "none found"

    async def endpoint(self, service: str) -> str:
        """The address that calls of `service` go to; `ssmmessages` is what sessions connect to.

        Raises:
            AwsError: Without a region, or when botocore cannot make the client.
        """
        if service != "ssmmessages":
            client = await self.client(service)
            return str(client.meta.endpoint_url)
        if self.endpoint_url:
            return self.endpoint_url
        # botocore has no client for it: it stands beside ssm, under the same suffix.
        client = await self.client("ssm")
        return str(client.meta.endpoint_url).replace("//ssm.", "//ssmmessages.", 1)

    async def caller(self, *, alias: bool = True) -> Caller:
        """Who the credentials belong to. The alias is "" where it may not be read, or need not."""
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
        """The account's alias, "" where it has none."""
        iam = await self.iam()
        aliases = (await self.call(iam.list_account_aliases))["AccountAliases"]
        return aliases[0] if aliases else ""

    async def child_environment(self) -> dict[str, str]:
        """Environment variables with which a child process reaches the same account.

        Profiles are handed on by name; the pretend account's keys as they are.
        """
        await self._open()
        env = {"AWS_REGION": self.region, "AWS_DEFAULT_REGION": self.region}
        if bundle := bundle_setting(self._session).value:
            env["AWS_CA_BUNDLE"] = bundle  # a profile may name it; the session's socket reads none
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
        """Another profile or region, reached in the same manner, with a budget of its own."""
        return Account(
            profile,
            region,
            self.endpoint_url,
            read_only=self.read_only,
            credentials=self._credentials,
            pace=pace,
            patience=self._patience,
        )

    @property
    def pretend(self) -> bool:
        """Whether this is the pretend account: it has no profiles."""
        return self._credentials is not None

    async def regions(self) -> list[str]:
        """The regions of the own partition in which botocore knows ECS: keys count in no other."""
        session = await self._open()
        try:
            partition = "aws"
            if self._region:
                partition = session.get_partition_for_region(self._region)
            return sorted(await session.get_available_regions("ecs", partition))
        except Exception as error:
            raise self._bad_configuration(error) from error

    async def _may_have_new_keys(self, failure: EcsTuiError) -> bool:
        """Whether a call that was refused for its keys is worth another try with those on disk."""
        if not isinstance(failure, (ExpiredCredentials, NoCredentials)) or self._credentials:
            return False
        expired = isinstance(failure, ExpiredCredentials) and bool(failure.code)
        rested = time.monotonic() - self._opened_at > RENEW_EVERY
        if await self.renew_if_changed():
            return True
        if expired and rested:
            await self.renew()  # a program (credential_process) may give others by now
            return True
        return False

    async def renew_if_changed(self) -> bool:
        """Read the AWS files again where another tool has changed them since; whether it had."""
        if self._session is None or self._credentials:
            return False
        if await asyncio.to_thread(stamps) == self._stamps:
            return False
        await self.renew()
        return True

    async def renew(self) -> None:
        """Forget credentials and clients: after a new login they are made afresh.

        Calls that are under way end with the old ones, which are closed the next time.
        """
        async with self._lock:
            retired, self._retired = self._retired, self._stack
            self._stack = AsyncExitStack()
            self._clients.clear()
            self._session = None
        await retired.aclose()

    async def close(self) -> None:
        """Close all clients."""
        await self._stack.aclose()
        await self._retired.aclose()
        self._clients.clear()


def _name_of(profile: str | None) -> str:
    return ENVIRONMENT_KEYS if keys_in_environment(profile) else profile_setting(profile).value


def _load_model(session: Any, service: str) -> None:
    loader = session.get_component("data_loader")
    loader.load_service_model(service, "service-2")
    loader.load_service_model(service, "endpoint-rule-set-1")


def _thing(params: dict[str, Any]) -> str:
    """What a call was about, for its error: the service or task, else the cluster."""
    for key in ("task", "service", "cluster"):
        if name := _name(params.get(key)):
            return f"{key}/{name}"
    return ""


def _name(value: object) -> str:
    return value.rsplit("/", 1)[-1] if isinstance(value, str) else ""
