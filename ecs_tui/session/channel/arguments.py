"""The plugin's arguments: session, endpoint, identity.

Contract: the public session-manager-plugin, `src/sessionmanagerplugin/session/session.go`.
"""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence

from msgspec import Struct, field

from ecs_tui.record import dataclass
from ecs_tui.session.channel.payloads import PayloadError, read

TOKEN_VARIABLE = "AWS_SSM_START_SESSION_RESPONSE"


class UsageError(Exception):
    """The arguments are not those of the plugin's contract."""


@dataclass(frozen=True, slots=True, repr=False)
class Start:
    """The parsed arguments: session, endpoint, identity, and the token (a secret).

    `target` has SSM's form. Each field after the token may be "".
    """

    session_id: str
    stream_url: str
    token: str
    region: str = ""
    profile: str = ""
    target: str = ""
    endpoint: str = ""


class _Response(Struct):
    session_id: str = field(name="SessionId")
    stream_url: str = field(name="StreamUrl")
    token: str = field(name="TokenValue")


class _Parameters(Struct):
    target: str = field(name="Target", default="")


def parse_arguments(argv: Sequence[str], environ: MutableMapping[str, str]) -> Start:
    """Read the plugin's six arguments; removes the token from the environment.

    Raises:
        UsageError: An argument is missing or invalid. The message never contains the token.
    """
    if len(argv) < 3:
        raise UsageError("usage: RESPONSE REGION StartSession [PROFILE] [PARAMETERS] [ENDPOINT]")
    response, region, operation = argv[:3]
    if operation != "StartSession":
        raise UsageError(f"operation {operation!r} is not supported, only StartSession")
    if response.startswith(TOKEN_VARIABLE):
        response = environ.pop(response, "")
    profile, parameters, endpoint = (*argv[3:], "", "", "")[:3]
    try:
        answer = read(response.encode("utf-8", "replace"), _Response)
    except PayloadError:
        raise UsageError("unexpected session response") from None
    return Start(
        session_id=answer.session_id,
        stream_url=answer.stream_url,
        token=answer.token,
        region=region,
        profile=profile,
        target=_target(parameters),
        endpoint=endpoint,
    )


def _target(parameters: str) -> str:
    """The target in the PARAMETERS of StartSession, "" if there is none."""
    try:
        return read(parameters.encode("utf-8", "replace"), _Parameters).target
    except PayloadError:
        return ""
