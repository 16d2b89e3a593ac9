"""botocore's exceptions, turned into sentences an operator can act on."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from ecs_tui import errors
from ecs_tui.model.words import clean

_EXPIRED = {
    "ExpiredToken",
    "ExpiredTokenException",
    "RequestExpired",
    "TokenRefreshRequired",
}
_BAD_KEYS = {
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "AuthFailure",
    "IncompleteSignature",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
}
_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized"}
_THROTTLED = {
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "SlowDown",
}
_GONE = {
    "ClusterNotFoundException",
    "ServiceNotFoundException",
    "ServiceNotActiveException",
    "TaskSetNotFoundException",
    "ResourceNotFoundException",
    "NoSuchEntity",
}
_EXEC_NOT_ENABLED = "execute command was not enabled"
_SECRET = re.compile(
    r"(?i)(x-amz-security-token|tokenvalue|aws_session_token|authorization)[\"'=: ]+[^\s\"'&]+"
)


def without_secrets(text: str) -> str:
    """`text` with anything that looks like a token blotted out, and no control characters."""
    return _SECRET.sub(r"\1=…", clean(text))


def translate(
    error: Exception, *, operation: str = "", thing: str = "", profile: str = ""
) -> errors.EcsTuiError:
    """The error of this house for what botocore, aiohttp or asyncio raised.

    Args:
        error: What was raised by an AWS call.
        operation: `service:Operation` that was called.
        thing: The thing it was about, for example `cluster/prod`.
        profile: The profile in use, named in the advice.
    """
    if isinstance(error, errors.EcsTuiError):
        return error
    from botocore import exceptions as boto

    about = f" on {clean(thing)}" if thing else ""
    named = f"profile {clean(profile)}" if profile else "these credentials"
    login = f"aws sso login --profile {profile}" if profile else "aws sso login"
    if isinstance(error, boto.ClientError):
        return _translate_answer(error, operation, about, named, login)
    if isinstance(error, (boto.NoCredentialsError, boto.PartialCredentialsError)):
        return errors.NoCredentials(
            "No AWS credentials were found.",
            "Log in (aws sso login, aws configure) or choose a profile with --profile.",
            operation=operation,
        )
    if isinstance(
        error, (boto.SSOTokenLoadError, boto.UnauthorizedSSOTokenError, boto.TokenRetrievalError)
    ):
        return errors.ExpiredCredentials(
            f"The SSO login of {named} is missing or expired.",
            f"Run: {login}",
            operation=operation,
        )
    if isinstance(error, boto.ProfileNotFound):
        return errors.NoCredentials(
            f"There is no profile {clean(profile)!r} in the AWS configuration.",
            "List them with: aws configure list-profiles",
        )
    if isinstance(error, (boto.NoRegionError, boto.InvalidRegionError)):
        return errors.NoRegion(
            "No usable AWS region is configured.", "Give one with --region or AWS_REGION."
        )
    if isinstance(error, boto.CredentialRetrievalError):
        return errors.NoCredentials(
            f"The credentials of {named} could not be fetched: {without_secrets(str(error))}",
            "Check credential_process or the role in the profile.",
            operation=operation,
        )
    if isinstance(
        error, (boto.HTTPClientError, boto.ConnectionError, OSError, asyncio.TimeoutError)
    ):
        endpoint = clean(str(getattr(error, "kwargs", {}).get("endpoint_url", "")))
        return errors.NoNetwork(
            f"{endpoint or 'AWS'} cannot be reached ({type(error).__name__}).",
            "Check the network, the proxy and the region; it is tried again by itself.",
            operation=operation,
        )
    if isinstance(error, boto.BotoCoreError):
        return errors.AwsError(
            f"{operation or 'The AWS call'} failed{about}: {without_secrets(str(error))}",
            operation=operation,
        )
    raise error


def _translate_answer(
    error: Any, operation: str, about: str, named: str, login: str
) -> errors.AwsError:
    answer: dict[str, Any] = error.response.get("Error", {})
    code = str(answer.get("Code", ""))
    text = without_secrets(str(answer.get("Message", "")))
    details: dict[str, str] = {"code": code, "operation": operation}
    if code in _EXPIRED:
        return errors.ExpiredCredentials(
            f"The credentials of {named} have expired.",
            f"Renew them, for example: {login}",
            **details,
        )
    if code in _BAD_KEYS:
        return errors.NoCredentials(
            f"AWS does not accept {named} ({code}).",
            "Check the keys, the profile and this machine's clock.",
            **details,
        )
    if code in _DENIED:
        return errors.AccessDenied(
            f"Access denied: {operation}{about}.",
            f"{named} may not do this{': ' + text if text else '.'}",
            **details,
        )
    if code in _THROTTLED:
        return errors.Throttled(
            f"AWS is throttling {operation} (too many calls in this account).",
            "It is tried again, slower.",
            **details,
        )
    if code == "TargetNotConnectedException":
        return errors.ExecFailed(
            "ECS cannot reach the exec agent of this container.",
            "Its task role may lack ssmmessages permissions, the subnet a way to ssmmessages, "
            f"or the agent has died. AWS says: {text}",
            **details,
        )
    if _EXEC_NOT_ENABLED in text:
        return errors.ExecFailed(
            "Exec was off when this task started, or its exec agent is not running.",
            "Enable exec on the service and start a new deployment; only new tasks get it. "
            f"AWS says: {text}",
            **details,
        )
    if code in _GONE:
        return errors.ResourceGone(
            f"{operation}: {text or code}{'' if about in text else about}",
            "It may have been deleted, or the region is another one.",
            **details,
        )
    return errors.AwsError(f"{operation} failed{about}: {text or code}", **details)
