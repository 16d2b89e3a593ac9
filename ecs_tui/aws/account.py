"""One way into AWS: a profile and a region, their clients, and the one gate all calls pass."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from ecs_tui.aws import read_only
from ecs_tui.aws.answers import complain
from ecs_tui.aws.errors import bad_configuration, incomplete, translate
from ecs_tui.aws.exchange import EXCHANGE, Exchange
from ecs_tui.aws.pace import Pace
from ecs_tui.errors import AwsError, EcsTuiError, NoRegion, Throttled
from ecs_tui.model.identity import Caller

if TYPE_CHECKING:
    from types_aiobotocore_ecs import ECSClient
    from types_aiobotocore_iam import IAMClient
    from types_aiobotocore_ssm import SSMClient
    from types_aiobotocore_sts import STSClient

P = ParamSpec("P")
T = TypeVar("T")
log = logging.getLogger("ecs_tui.aws")
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
    ) -> None:
        self.profile = profile
        self.endpoint_url = endpoint_url
        self.read_only = read_only
        self.pace = pace or Pace()
        self._region = region
        self._credentials = credentials
        self._patience = patience
        self._stack = AsyncExitStack()
        self._session: Any = None
        self._clients: dict[str, Any] = {}
        self._lock = asyncio.Lock()
        self._locks: dict[str, asyncio.Lock] = {}

    @property
    def region(self) -> str:
        """The region in use, or "" while it is not known yet."""
        return self._region or ""

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
                    raise bad_configuration(error, self.profile or "") from error
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
                    raise bad_configuration(error, self.profile or "") from error
            return self._session

    async def _open_anew(self) -> None:
        # The import costs a third of a second: not on the loop that draws.
        session = await asyncio.to_thread(_new_session, self.profile)
        if self._credentials:
            keys = self._credentials
            session.set_credentials(keys.access_key, keys.secret_key, keys.token)
        if self.read_only:
            read_only.enforce(session)
        # botocore knows only AWS_DEFAULT_REGION; AWS's other SDKs and its CLI look here first.
        named = os.environ.get("AWS_REGION")
        self._region = self._region or named or session.get_config_variable("region")
        self._session = session

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
        for attempt in range(4):
            await self.pace.wait(service, operation)
            started = time.monotonic()
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
                raise
            log.info("%s ok %.3fs", name, time.monotonic() - started)
            return answer
        raise AssertionError("unreachable")  # pragma: no cover

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
        except Exception as error:
            raise translate(
                error,
                operation=name,
                thing=_thing(kwargs),
                cluster=_name(kwargs.get("cluster")),
                profile=self.profile or "",
                region=self.region,
                exchange=exchange,
            ) from error
        finally:
            EXCHANGE.reset(token)
        if wrong := exchange.problem or complain(name, answer, kwargs):
            raise incomplete(name, wrong, exchange)
        return answer

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
        """The regions in which botocore knows ECS."""
        session = await self._open()
        try:
            return sorted(await session.get_available_regions("ecs"))
        except Exception as error:
            raise bad_configuration(error, self.profile or "") from error

    async def renew(self) -> None:
        """Forget credentials and clients: after a new login they are made afresh."""
        async with self._lock:
            stack, self._stack = self._stack, AsyncExitStack()
            self._clients.clear()
            self._session = None
        await stack.aclose()

    async def close(self) -> None:
        """Close all clients."""
        await self._stack.aclose()
        self._clients.clear()


async def profiles() -> list[str]:
    """The names of the profiles in the AWS configuration.

    Raises:
        AwsError: The configuration cannot be read.
    """
    try:
        session = await asyncio.to_thread(_new_session, None)
        return list(session.available_profiles)
    except Exception as error:
        raise bad_configuration(error, "") from error


async def region_of(profile: str | None) -> str:
    """The region that this profile's own configuration names, or ""."""
    try:
        session = await asyncio.to_thread(_new_session, profile)
        return str(session.get_scoped_config().get("region", ""))
    except Exception as error:
        raise bad_configuration(error, profile or "") from error


def _new_session(profile: str | None) -> Any:
    from aiobotocore.session import AioSession

    from ecs_tui.aws.tolerant import TolerantFactory

    session = AioSession(profile=profile)
    session.register_component("response_parser_factory", TolerantFactory())
    return session


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
