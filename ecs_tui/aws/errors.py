"""Translates botocore's exceptions into messages with the next step."""

from __future__ import annotations

import re
import shlex
import traceback
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ecs_tui import errors
from ecs_tui.aws.exchange import Exchange
from ecs_tui.aws.network_words import is_network_failure, network_words, unsendable
from ecs_tui.model.login import Login
from ecs_tui.model.text import age, clean
from ecs_tui.record import dataclass
from ecs_tui.system.crash import summary
from ecs_tui.system.redact import redact

if TYPE_CHECKING:
    from botocore.exceptions import ClientError, ConfigParseError

_EXPIRED = {
    "ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired",
}  # fmt: skip
_BAD_KEYS = {
    "InvalidClientTokenId", "UnrecognizedClientException", "InvalidSignatureException",
    "SignatureDoesNotMatch", "AuthFailure", "IncompleteSignature", "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
}  # fmt: skip
_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized"}
_THROTTLED = {
    "Throttling", "ThrottlingException", "ThrottledException", "TooManyRequestsException",
    "RequestLimitExceeded", "SlowDown",
}  # fmt: skip
_GONE = {
    "ClusterNotFoundException", "ServiceNotFoundException", "ServiceNotActiveException",
    "TaskSetNotFoundException", "ResourceNotFoundException", "NoSuchEntity",
}  # fmt: skip
_EXEC_NOT_ENABLED = "execute command was not enabled"
_SKEWED = {"RequestTimeTooSkewed", "RequestInTheFuture"}
_SKEW = re.compile(r"(?i)signature (expired|not yet current)|too skewed|request time")
_UNKNOWN = {"UnknownOperationException", "InvalidAction", "UnknownOperation", "NotImplemented"}
_PROCESS = "Check credential_process in the AWS configuration: it must print JSON in UTF-8."
_MAX_QUOTED_CHARACTERS = 400
"""Maximum characters of AWS's message that an error quotes."""


def without_secrets(text: str) -> str:
    """`text` in one line of at most 400 characters, without secrets and control characters."""
    text = redact(clean(text))
    return text if len(text) <= _MAX_QUOTED_CHARACTERS else f"{text[: _MAX_QUOTED_CHARACTERS - 1]}…"


def translate(
    error: Exception,
    *,
    operation: str = "",
    thing: str = "",
    cluster: str = "",
    profile: str = "",
    region: str = "",
    login: Login | None = None,
    exchange: Exchange | None = None,
) -> errors.EcsTuiError:
    """The ecs-tui error for an exception of botocore, aiohttp or asyncio.

    Args:
        error: The exception that an AWS call raised.
        operation: `service:Operation` that was called.
        thing: What the call was about, for example `service/web`.
        cluster: Name of the cluster.
        profile: The profile in use, named in the advice.
        region: The region in use.
        login: The login behind the profile's keys, or None.
        exchange: The HTTP answer. With it, every exception is translated; without it, exceptions
            that indicate a bug in ecs-tui are raised again.
    """
    if isinstance(error, errors.EcsTuiError):
        return error
    from botocore import exceptions as boto

    about = f" on {clean(thing)}" if thing else ""
    named = f"profile {clean(profile)}" if profile else "these credentials"
    renew = _renewal(login, profile)
    if exchange is not None and exchange.problem:
        return incomplete(operation, exchange.problem, exchange)
    if isinstance(error, boto.ClientError):
        answer: dict[str, object] = dict(error.response.get("Error", {}))
        if exchange is not None and _text(answer.get("Code")).isdigit():
            return _without_code(operation, about, answer, exchange)
        return _translate_answer(
            error,
            _Call(_called(error, operation), thing, about, cluster, region, named, renew, exchange),
        )
    if isinstance(error, (boto.NoCredentialsError, boto.PartialCredentialsError)):
        return errors.NoCredentials(
            "No AWS credentials were found.",
            "Run aws sso login or aws configure, or pass --profile.",
            operation=operation,
        )
    if isinstance(
        error, (boto.SSOTokenLoadError, boto.UnauthorizedSSOTokenError, boto.TokenRetrievalError)
    ):
        return errors.ExpiredCredentials(
            f"The SSO login of {clean(login.words) if login else named} is missing or expired.",
            renew if login else _sso_login(profile),
            operation=operation,
        )
    if isinstance(error, (boto.LoginRefreshRequired, boto.LoginTokenLoadError)):
        return errors.ExpiredCredentials(
            f"The console login of {clean(login.words) if login else named} is missing or expired.",
            renew,
            operation=operation,
        )
    if isinstance(error, boto.MissingDependencyException):
        return errors.NoCredentials(
            f"{named[0].upper()}{named[1:]} uses a session of “aws login”, which needs awscrt.",
            "Install it with: pip install 'ecs-tui[login]'",
            operation=operation,
        )
    if isinstance(error, boto.ProfileNotFound):
        return errors.NoCredentials(
            f'Profile "{clean(profile)}" not found in the AWS config.',
            "List profiles with: aws configure list-profiles",
        )
    if isinstance(error, boto.ConfigParseError):
        return _config_file(error)
    if isinstance(error, (boto.NoRegionError, boto.InvalidRegionError)):
        return errors.NoRegion(
            "No usable AWS region is configured.", "Set one with --region or AWS_REGION."
        )
    if isinstance(error, boto.CredentialRetrievalError):
        return errors.NoCredentials(
            f"The credentials of {named} could not be fetched: "
            f"{without_secrets(str(error)).rstrip(' :.')}.",
            "Check credential_process or the role in the profile.",
            operation=operation,
        )
    if isinstance(error, boto.ProxyConnectionError):
        proxy = clean(redact(str(error.kwargs.get("proxy_url", ""))))
        return errors.NoNetwork(
            f"Cannot connect through the proxy {proxy}.",
            "Check HTTPS_PROXY and NO_PROXY.",
            operation=operation,
        )
    if isinstance(error, boto.SSLError):
        endpoint = clean(str(error.kwargs.get("endpoint_url", "")))
        return errors.NoNetwork(
            f"The certificate of {endpoint or 'AWS'} is not trusted.",
            "If a proxy inspects TLS, set AWS_CA_BUNDLE or ca_bundle to its CA file.",
            operation=operation,
        )
    if refused := unsendable(error, named, operation):
        return refused
    if is_network_failure(error):
        endpoint = clean(str(getattr(error, "kwargs", {}).get("endpoint_url", "")))
        return errors.NoNetwork(
            f"Cannot reach {endpoint or 'AWS'} ({network_words(error)}).",
            "Check network, proxy and region.",
            operation=operation,
        )
    if isinstance(error, boto.BotoCoreError) and (exchange is None or not exchange.status):
        return errors.AwsError(
            f"{operation or 'The AWS call'} failed{about}: {without_secrets(str(error))}",
            operation=operation,
        )
    if exchange is None:
        raise error
    if exchange.status:
        return incomplete(operation, f"{exchange.words}, which cannot be read", exchange)
    return errors.NoCredentials(
        f"{operation} could not be sent: the credentials of {named} could not be fetched "
        f"({summary(error)}).",
        _PROCESS,
        operation=operation,
    )


def _renewal(login: Login | None, profile: str) -> str:
    """Advice for an expired login or expired keys."""
    if login is None:
        return "Renew them at their source, then retry."
    if login.kind == "console":
        return f"Run: {clean(login.command)}"
    ours = f"ecs-tui --profile {shlex.quote(profile)} login" if profile else "ecs-tui login"
    return f"Log in: {clean(ours)} (or: {clean(login.command)})"


def _sso_login(profile: str) -> str:
    return (
        f"Run: aws sso login --profile {shlex.quote(profile)}" if profile else "Run: aws sso login"
    )


_FOR_KEYS = {
    "AssumeRole": "sts:AssumeRole",
    "AssumeRoleWithWebIdentity": "sts:AssumeRoleWithWebIdentity",
    "GetRoleCredentials": "sso:GetRoleCredentials",
    "CreateToken": "sso-oidc:CreateToken",
}


def _called(error: ClientError, operation: str) -> str:
    """The operation that failed, which may be the one that fetches the keys for the call."""
    return _FOR_KEYS.get(str(error.operation_name), operation)


def incomplete(operation: str, wrong: str, exchange: Exchange) -> errors.BadAnswer:
    """The error for an answer that is not from AWS or lacks required members.

    Args:
        wrong: What was received or what is missing, in words.
        exchange: The HTTP answer.
    """
    if exchange.problem:
        return errors.BadAnswer(
            f"{operation}: the answer is not from AWS: {wrong}.",
            "A proxy or sign-in page may be in the way, or the endpoint is wrong.",
            operation=operation,
        )
    with_status = "" if "HTTP " in wrong else f" ({exchange.words})"
    return errors.BadAnswer(
        f"The answer to {operation} is not usable: {wrong}{with_status}.",
        "The endpoint may be an emulator, or a proxy may be changing answers.",
        operation=operation,
    )


def bad_configuration(
    error: Exception, profile: str, login: Login | None = None
) -> errors.EcsTuiError:
    """The error for any exception while the AWS configuration was read."""
    try:
        return translate(error, profile=profile, login=login)
    except Exception:
        named = f" of profile {clean(profile)}" if profile else ""
        if _of_credentials(error):
            return errors.NoCredentials(
                f"The credentials{named} could not be fetched ({summary(error)}).", _PROCESS
            )
        return errors.AwsError(
            f"The AWS configuration{named} cannot be used ({summary(error)}).",
            "Check ~/.aws/config, ~/.aws/credentials and the AWS_ variables.",
        )


def _of_credentials(error: Exception) -> bool:
    """Whether it was raised in botocore's credential code."""
    frames = traceback.extract_tb(error.__traceback__)
    return any(frame.filename.endswith("core/credentials.py") for frame in frames)


def _config_file(error: ConfigParseError) -> errors.EcsTuiError:
    """Names the file and the line number; not the line itself, which may contain a key."""
    path = clean(str(error.kwargs.get("path", "")))
    cause = error.__cause__ or error.__context__
    found = getattr(cause, "errors", None)
    line = found[0][0] if found else getattr(cause, "lineno", None)
    where = f", line {line}" if isinstance(line, int) else ""
    return errors.NoCredentials(
        f"The AWS configuration file {path} cannot be read{where}.",
        "Correct or remove that line." if where else "Check that it is UTF-8 text.",
    )


def _without_code(
    operation: str, about: str, answer: dict[str, object], exchange: Exchange
) -> errors.AwsError:
    """An error with an HTTP status and no AWS error code."""
    text = without_secrets(_text(answer.get("Message")))
    said = f": {text}" if text and text not in exchange.words else ""
    return errors.BadAnswer(
        f"{operation} failed{about}: {exchange.words}{said}.",
        "This may be temporary: try again.",
        code=_text(answer.get("Code")),
        operation=operation,
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class _Call:
    """A failed call, for its error message."""

    operation: str
    thing: str
    about: str
    cluster: str
    region: str
    named: str
    renew: str
    exchange: Exchange | None


def _skew(call: _Call) -> str:
    """How far this machine's clock is off the server's, in words."""
    try:
        from email.utils import parsedate_to_datetime  # imported here: needed for one rare message

        server = parsedate_to_datetime(call.exchange.date if call.exchange else "")
        seconds = (datetime.now(UTC) - server).total_seconds()
    except (ValueError, TypeError):
        return "differs from AWS's"
    if abs(seconds) < 60:
        return "differs from AWS's, or differed when the call was sent"
    return f"is {age(abs(seconds))} {'ahead of' if seconds > 0 else 'behind'} AWS's"


def _gone(code: str, text: str, call: _Call, details: dict[str, str]) -> errors.ResourceGone:
    kind, _, name = call.thing.partition("/")
    if code == "ClusterNotFoundException":
        kind, name = "cluster", call.cluster or (name if kind == "cluster" else "")
    if code.startswith("Service"):
        kind, name = "service", name if kind == "service" else ""
    region = f" in {clean(call.region)}" if call.region else ""
    if not name or code in (
        "ResourceNotFoundException",
        "NoSuchEntity",
        "TaskSetNotFoundException",
    ):
        words = f"{call.operation} failed{call.about}: {(text or code).rstrip('.')}."
    else:
        state = "is not active" if code == "ServiceNotActiveException" else "not found"
        words = f'{kind.capitalize()} "{clean(name)}" {state}{region} ({call.operation}).'
    return errors.ResourceGone(words, "Check the name and the region.", **details)


def _translate_answer(error: ClientError, call: _Call) -> errors.AwsError:
    answer: dict[str, object] = dict(error.response.get("Error", {}))
    operation, about, named = call.operation, call.about, call.named
    code = _text(answer.get("Code"))
    text = without_secrets(_text(answer.get("Message")))
    details: dict[str, str] = {"code": code, "operation": operation}
    if code in _EXPIRED:
        return errors.ExpiredCredentials(
            f"The credentials of {named} have expired.",
            call.renew,
            **details,
        )
    if code in _SKEWED or (code in _BAD_KEYS and _SKEW.search(text)):
        return errors.NoCredentials(
            f"AWS rejected {named} ({code}): this machine's clock {_skew(call)}.",
            "Set the clock (NTP).",
            **details,
        )
    if code in _BAD_KEYS:
        return errors.NoCredentials(
            f"AWS rejected {named} ({code}).",
            "Check the keys, the profile and this machine's clock.",
            **details,
        )
    if code in _DENIED:
        be = "is" if named.startswith("profile") else "are"
        return errors.AccessDenied(
            f"Access denied: {operation}{about}.",
            f"{named[0].upper()}{named[1:]} {be} not authorized{': ' + text if text else '.'}",
            **details,
        )
    if code in _THROTTLED:
        return errors.Throttled(
            f"AWS is throttling {operation} for this account.",
            "If it continues, lower burst and rate in [refresh] of the config file.",
            **details,
        )
    if code == "TargetNotConnectedException":
        return errors.ExecFailed(
            "ECS cannot reach the exec agent of this container.",
            "The task role may lack ssmmessages permissions, the subnet may have no route to "
            f"ssmmessages, or the agent may have died. AWS: {text}",
            **details,
        )
    if _EXEC_NOT_ENABLED in text:
        return errors.ExecFailed(
            "ECS Exec was disabled when this task started, or its exec agent is not running.",
            "Enable ECS Exec on the service and force a new deployment; only new tasks pick it up. "
            f"AWS: {text}",
            **details,
        )
    if code in _GONE:
        return _gone(code, text, call, details)
    status = f" (HTTP {call.exchange.status})" if call.exchange and call.exchange.status else ""
    if code in _UNKNOWN:
        return errors.AwsError(
            f"The endpoint does not know {operation} ({code}){status}.",
            "It may be an emulator, or another service's endpoint.",
            **details,
        )
    said = ": ".join(part for part in (clean(code), text.rstrip(".")) if part)
    return errors.AwsError(f"{operation} failed{about}: {said}{status}.", **details)
