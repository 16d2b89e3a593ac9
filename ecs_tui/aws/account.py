"""An AWS account in one region, with the credentials of one profile: what the rest of the program calls."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, ParamSpec, TypeVar, cast
from urllib.parse import urlsplit

from ecs_tui.aws import read_only
from ecs_tui.aws.clients import Clients, Credentials, ServiceClient
from ecs_tui.aws.configuration import DEFAULT, Setting, keys_in_environment, profile_setting
from ecs_tui.aws.extras import Extras
from ecs_tui.aws.gate import Gate
from ecs_tui.aws.mfa import AskCode, Codes
from ecs_tui.aws.pace import Pace
from ecs_tui.aws.session_claim import presumed
from ecs_tui.aws.sso import find_login
from ecs_tui.aws.streams import MAX_SILENCE_SECONDS, Event, open_stream
from ecs_tui.config.policy import UNRESTRICTED, CallPolicy
from ecs_tui.errors import AwsError, ReadOnly
from ecs_tui.model.arn import short_name
from ecs_tui.model.identity import Caller
from ecs_tui.model.login import Login

if TYPE_CHECKING:
    from types_aiobotocore_ecs import ECSClient
    from types_aiobotocore_iam import IAMClient
    from types_aiobotocore_ssm import SSMClient
    from types_aiobotocore_sts import STSClient

    from ecs_tui.aws.downloads import Download

__all__ = ["ENVIRONMENT_KEYS", "Account", "Credentials"]

P = ParamSpec("P")
T = TypeVar("T")
log = logging.getLogger("ecs_tui.aws")
ENVIRONMENT_KEYS = "environment keys"
"""Shown instead of a profile name when the keys come from environment variables."""


class Account:
    """An AWS account in one region, with the credentials of one profile.

    Args:
        profile: Name of a profile, or None for the one in the environment.
        region: Region, or None for the one from the environment or the profile.
        endpoint_url: One endpoint for all services, or None for AWS's own.
        policy: What may be called. The gate enforces it for every call.
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
        policy: CallPolicy = UNRESTRICTED,
        credentials: Credentials | None = None,
        pace: Pace | None = None,
        timeout_seconds: float = 30.0,
        ask_code: AskCode | None = None,
    ) -> None:
        self._clients = Clients(
            profile,
            region,
            endpoint_url,
            policy=policy,
            credentials=credentials,
            timeout_seconds=timeout_seconds,
            ask_code=ask_code,
        )
        self._gate = Gate(self._clients, pace or Pace())
        self.extras = Extras()
        self.identity = ""
        """ARN of the caller as it was last read; "" if it has not been since the last login."""

    # -- what it is

    @property
    def profile(self) -> str | None:
        """The chosen profile, None for the one in the environment."""
        return self._clients.profile

    @property
    def endpoint_url(self) -> str | None:
        """The endpoint for all services, None for AWS's own."""
        return self._clients.endpoint_url

    @property
    def endpoint_place(self) -> str:
        """Host and port of the endpoint for all services, given or of the environment; "" for AWS's own."""
        url = self.endpoint_url or os.environ.get("AWS_ENDPOINT_URL", "")
        return urlsplit(url).netloc.rpartition("@")[2]

    @property
    def policy(self) -> CallPolicy:
        """What may be called."""
        return self._clients.policy

    @property
    def read_only(self) -> bool:
        """Whether nothing may be changed, in any cluster."""
        return self.policy.read_only

    @property
    def pace(self) -> Pace:
        """The call budget."""
        return self._gate.pace

    @pace.setter
    def pace(self, pace: Pace) -> None:
        self._gate.pace = pace

    @property
    def codes(self) -> Codes:
        """The MFA codes."""
        return self._clients.codes

    @property
    def region(self) -> str:
        """The region in use, or "" while unknown."""
        return self._clients.region

    @property
    def profile_setting(self) -> Setting:
        """The profile in use and where it came from."""
        return self._clients.profile_setting

    @property
    def region_setting(self) -> Setting:
        """The region in use and where it came from; "" while it is unknown."""
        return self._clients.region_setting

    @property
    def login(self) -> Login | None:
        """The login behind the profile's keys, once the AWS files have been read."""
        return self._clients.login

    @property
    def name(self) -> str:
        """The name of the keys in use: the profile, or `ENVIRONMENT_KEYS`."""
        return DEFAULT if self.is_demo else _name_of(self.profile)

    def is_named(self, profile: str | None) -> bool:
        """Whether `profile` has the keys in use."""
        return profile == self.profile or (not self.is_demo and _name_of(profile) == self.name)

    @property
    def is_demo(self) -> bool:
        """Whether this is the demo account, which has no profiles."""
        return self._clients.credentials is not None

    def refusal(self, operation: str, cluster: str = "") -> ReadOnly | None:
        """Why the policy would block an operation, so that a command can say so beforehand, or None.

        Args:
            operation: `ecs:StopTask`, with botocore's name of the service.
            cluster: The cluster's name, if it is in one.
        """
        service, _, name = operation.partition(":")
        claim = presumed(short_name(cluster))
        return read_only.refuse(self.policy, service, name, {"cluster": cluster}, claim)

    # -- clients

    def hold(self) -> None:
        """Let calls wait for `release`. Importing botocore takes a third of a second, in a thread
        that takes turns with the drawing of the first frame."""
        self._clients.hold()

    def release(self) -> None:
        """End `hold`."""
        self._clients.release()

    async def ecs(self) -> ECSClient:
        """The ECS client."""
        return cast("ECSClient", await self.client("ecs"))

    async def sts(self) -> STSClient:
        """The STS client."""
        return cast("STSClient", await self.client("sts"))

    async def iam(self) -> IAMClient:
        """The IAM client."""
        return cast("IAMClient", await self.client("iam"))

    async def ssm(self) -> SSMClient:
        """The SSM client."""
        return cast("SSMClient", await self.client("ssm"))

    async def client(self, service: str) -> ServiceClient:
        """The client of `service`, created once.

        Raises:
            AwsError: No region, an unknown profile, or botocore cannot create the client.
        """
        client: ServiceClient = await self._clients.get(service)
        return client

    # -- calls

    async def call(
        self, method: Callable[P, Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Make one API call within the call budget; log it, and translate its errors.

        Args:
            method: A method of one of this account's clients.
            kwargs: The call's own parameters.

        Raises:
            AwsError: The call failed, for any reason.
        """
        return await self._gate.call(method, *args, **kwargs)

    async def call_with(
        self,
        method: Callable[..., Awaitable[T]],
        extras: list[str],
        /,
        *args: object,
        **kwargs: object,
    ) -> T:
        """Like `call`, with `include=extras`; values that AWS refuses are left out from then on.

        Some partitions and regions do not support all values, and the caller may lack permission
        to read tags: neither must make the list fail.
        """
        return await self.extras.call(self.call, method, extras, *args, **kwargs)

    def stream(
        self,
        method: Callable[..., Awaitable[Mapping[str, object]]],
        member: str,
        /,
        *,
        silence_seconds: float = MAX_SILENCE_SECONDS,
        **params: object,
    ) -> AbstractAsyncContextManager[AsyncIterator[Event]]:
        """Open an event stream; see `aws/streams.py`.

        Args:
            method: A method of one of this account's clients.
            member: The answer's member that is the stream.
            silence_seconds: Seconds without an event after which it has failed.
            params: The call's own parameters.
        """
        return open_stream(self._gate, method, member, params, silence_seconds)

    def download(
        self,
        method: Callable[..., Awaitable[Mapping[str, object]]],
        /,
        **params: object,
    ) -> AbstractAsyncContextManager[Download]:
        """Open an object of S3, which is read piece by piece; see `aws/downloads.py`.

        Args:
            method: A method of one of this account's clients.
            params: The call's own parameters.
        """
        from ecs_tui.aws.downloads import open_download

        return open_download(self._gate, method, params)

    async def caller(self, *, alias: bool = True) -> Caller:
        """The identity of the credentials. The alias is "" if it cannot be read or `alias` is False."""
        sts = await self.sts()
        answer = await self.call(sts.get_caller_identity)
        self.identity = answer["Arn"]
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

    # -- configuration

    async def find_login(self) -> Login | None:
        """The login behind the profile's keys, read from the files.

        Raises:
            AwsError: The files cannot be read.
        """
        session = await self._clients.session()
        return find_login(session.full_config, self.profile_setting.value)

    async def credentials_source(self) -> str:
        """The source of the keys, as botocore names it: `sso`, `env` …; never the keys.

        Raises:
            AwsError: The configuration or the credentials cannot be read.
        """
        if self.is_demo:
            return "the demo account's own"
        session = await self._clients.session()
        try:
            found = await session.get_credentials()
        except Exception as error:
            raise self._clients.bad_configuration(error) from error
        return str(found.method) if found is not None else "none found"

    async def endpoint(self, service: str) -> str:
        """The URL that calls of `service` go to; sessions connect to `ssmmessages`.

        Raises:
            AwsError: No region, or botocore cannot create the client.
        """
        return await self._clients.endpoint(service)

    async def child_environment(self) -> dict[str, str]:
        """Environment variables for a child process that uses the same account.

        A profile is passed by name; the demo account's keys as they are.
        """
        bundle = await self._clients.bundle()
        env = {"AWS_REGION": self.region, "AWS_DEFAULT_REGION": self.region}
        if bundle:
            env["AWS_CA_BUNDLE"] = bundle  # may be set in a profile; session clients read none
        if keys := self._clients.credentials:
            env["AWS_ACCESS_KEY_ID"] = keys.access_key
            env["AWS_SECRET_ACCESS_KEY"] = keys.secret_key
            if keys.token:
                env["AWS_SESSION_TOKEN"] = keys.token
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
            policy=self.policy,
            credentials=self._clients.credentials,
            pace=pace,
            timeout_seconds=self._clients.timeout_seconds,
        )

    async def regions(self) -> list[str]:
        """The regions with ECS in this partition; keys are not valid in other partitions."""
        session = await self._clients.session()
        try:
            partition = "aws"
            if self.region:
                partition = session.get_partition_for_region(self.region)
            return sorted(await session.get_available_regions("ecs", partition))
        except Exception as error:
            raise self._clients.bad_configuration(error) from error

    async def renew_if_changed(self) -> bool:
        """Read the AWS files again if another tool has changed them; returns whether it did."""
        return await self._clients.renew_if_changed()

    async def renew(self) -> None:
        """Drop credentials and clients: after a new login they are created again."""
        self.identity = ""
        await self._clients.renew()

    async def close(self) -> None:
        """Close all clients."""
        await self._clients.close()


def _name_of(profile: str | None) -> str:
    return ENVIRONMENT_KEYS if keys_in_environment(profile) else profile_setting(profile).value
