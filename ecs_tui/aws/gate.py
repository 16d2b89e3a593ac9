"""The gate: every AWS call passes it. Policy, call budget, log, retries, translated errors."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal, ParamSpec, Protocol, TypeVar

from ecs_tui.aws import read_only
from ecs_tui.aws.answers import answer_problem
from ecs_tui.aws.clients import Clients
from ecs_tui.aws.errors import incomplete, translate
from ecs_tui.aws.exchange import EXCHANGE, Exchange
from ecs_tui.aws.pace import Pace
from ecs_tui.aws.session_claim import current_claim
from ecs_tui.errors import EcsTuiError, MfaRequired, Throttled
from ecs_tui.record import dataclass

P = ParamSpec("P")
T = TypeVar("T")
log = logging.getLogger("ecs_tui.aws")
MAX_THROTTLED_ATTEMPTS = 4
"""Attempts for a throttled call if the AWS configuration has no `max_attempts`."""
MAX_MFA_ATTEMPTS = 4
"""Attempts for a call that needs an MFA code, each with a new code."""
BODIES = {"json": "json", "query": "xml", "ec2": "xml"}
"""The kind of body in each of botocore's protocols."""


class _Member(Protocol):
    serialization: Mapping[str, object]


class _OutputShape(Protocol):
    members: Mapping[str, _Member]


class _OperationModel(Protocol):
    output_shape: _OutputShape | None


class _ServiceModel(Protocol):
    service_name: str
    resolved_protocol: str

    def operation_model(self, operation_name: str, /) -> _OperationModel:
        """The operation with this name."""


class _Meta(Protocol):
    service_model: _ServiceModel
    method_to_api_mapping: Mapping[str, str]


class _Client(Protocol):
    """The part of a botocore client that the gate reads."""

    meta: _Meta


@dataclass(frozen=True, slots=True)
class AwsOperation:
    """What a client's method calls.

    Attributes:
        service: botocore's name of the service.
        name: The operation's name.
        body: The kind of body in its answers, as of `Exchange`.
        streams: Whether its answer is an event stream.
        raw: Whether its answer's body is an object of S3.
    """

    service: str
    name: str
    body: str
    streams: bool = False
    raw: bool = False

    def __str__(self) -> str:
        return f"{self.service}:{self.name}"


@dataclass(slots=True)
class _Tries:
    """What has been tried for one call; `asked` is the number of MFA codes asked for before it."""

    renewed: bool = False
    throttled: int = 0
    codes: int = 0
    asked: int = 0


class Gate:
    """The one way for calls to AWS.

    Args:
        clients: Clients and keys of the profile.
        pace: The call budget.
    """

    def __init__(self, clients: Clients, pace: Pace) -> None:
        self._clients, self.pace = clients, pace

    async def call(
        self, method: Callable[P, Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Make one API call within the call budget; log it, and translate its errors.

        Args:
            method: A method of one of the clients.
            kwargs: The call's own parameters.

        Raises:
            AwsError: The call failed, for any reason.
        """
        return await self._pass(operation_of(method), method, *args, **kwargs)

    async def open(
        self, method: Callable[P, Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Like `call`, for an operation that answers with an event stream; the caller closes it."""
        return await self._pass(operation_of(method, streams=True), method, *args, **kwargs)

    async def download(
        self, method: Callable[P, Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Like `call`, for an operation whose answer has an object as its body; the caller reads it."""
        return await self._pass(operation_of(method, raw=True), method, *args, **kwargs)

    async def _pass(
        self,
        operation: AwsOperation,
        method: Callable[P, Awaitable[T]],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        policy = self._clients.policy
        claim = current_claim()
        if refused := read_only.refuse(policy, operation.service, operation.name, kwargs, claim):
            raise refused
        tries = _Tries()
        while True:
            await self.pace.wait(operation.service, operation.name, self._clients.region)
            started, tries.asked = time.monotonic(), self._clients.codes.asked
            try:
                answer = await self._exchange(operation, method, *args, **kwargs)
            except asyncio.CancelledError:
                log.info("%s cancelled %.3fs", operation, time.monotonic() - started)
                raise
            except EcsTuiError as failure:
                code = getattr(failure, "code", "") or type(failure).__name__
                log.info("%s %s %.3fs", operation, code, time.monotonic() - started)
                again = await self._again(operation, failure, tries)
                if again == "no":
                    raise
                if again == "with new keys":
                    client = await self._clients.get(operation.service)
                    method = getattr(client, method.__name__)
                continue
            log.info("%s ok %.3fs", operation, time.monotonic() - started)
            return answer

    async def _again(
        self, operation: AwsOperation, failure: EcsTuiError, tries: _Tries
    ) -> Literal["no", "yes", "with new keys"]:
        """Whether to make a call again that has failed; waits as long as is necessary for that."""
        if isinstance(failure, Throttled):
            self.pace.throttle(operation.service, operation.name)
            tries.throttled += 1
            if tries.throttled < (self._clients.max_attempts or MAX_THROTTLED_ATTEMPTS):
                await asyncio.sleep(self.pace.pause(tries.throttled - 1))
                return "yes"
        if isinstance(failure, MfaRequired):
            tries.codes += 1
            if tries.codes < MAX_MFA_ATTEMPTS:
                obtained = await self._clients.codes.obtain(failure.serial, tries.asked)
                return "yes" if obtained else "no"
        elif not tries.renewed and await self._clients.may_have_new_keys(failure):
            tries.renewed = True
            return "with new keys"
        return "no"

    async def _exchange(
        self,
        operation: AwsOperation,
        method: Callable[P, Awaitable[T]],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """One attempt; any exception, and any answer that is not from AWS, becomes an AwsError."""
        exchange = Exchange(
            operation.name, operation.body, streams=operation.streams, raw=operation.raw
        )
        token = EXCHANGE.set(exchange)
        try:
            answer = await method(*args, **kwargs)
            self._clients.codes.forget_spent()
        except MfaRequired:
            raise  # codes of other devices in the chain of roles have not been sent yet
        except Exception as error:
            self._clients.codes.forget_spent()
            raise self.translated(operation, error, kwargs, exchange) from error
        finally:
            EXCHANGE.reset(token)
        if wrong := exchange.problem or answer_problem(str(operation), answer, kwargs):
            raise incomplete(str(operation), wrong, exchange)
        return answer

    def translated(
        self,
        operation: AwsOperation,
        error: Exception,
        params: Mapping[str, object],
        exchange: Exchange | None,
    ) -> EcsTuiError:
        """The error for an exception that a call raised.

        Args:
            params: The call's parameters: the error says what the call was about.
            exchange: The HTTP answer.
        """
        return translate(
            error,
            operation=read_only.as_iam_writes(operation.service, operation.name),
            thing=_thing(params),
            cluster=_name(params.get("cluster")),
            profile=self._clients.profile or "",
            region=self._clients.region,
            login=self._clients.login,
            exchange=exchange,
        )


def operation_of(
    method: Callable[P, Awaitable[T]], *, streams: bool = False, raw: bool = False
) -> AwsOperation:
    """The operation that a client's method calls."""
    client: _Client = method.__self__  # type: ignore[attr-defined]
    model = client.meta.service_model
    name = client.meta.method_to_api_mapping[method.__name__]
    return AwsOperation(model.service_name, name, _body_of(model, name), streams, raw)


def _body_of(model: _ServiceModel, name: str) -> str:
    """The kind of body in the answers of an operation; "none" if it answers by its status only."""
    shape = model.operation_model(name).output_shape
    if shape is None:
        return "none"  # logs:CreateLogGroup, s3:PutBucketVersioning
    if model.service_name == "s3" and all(
        member.serialization.get("location") == "header" for member in shape.members.values()
    ):
        return "none"  # s3:CreateBucket
    return BODIES.get(model.resolved_protocol, "")


def _thing(params: Mapping[str, object]) -> str:
    """What a call was about, for its error message: the service or task, else the cluster."""
    for key in ("task", "service", "cluster"):
        if name := _name(params.get(key)):
            return f"{key}/{name}"
    return ""


def _name(value: object) -> str:
    return value.rsplit("/", 1)[-1] if isinstance(value, str) else ""
