"""The handshake's JSON: the agent's requests, the client's answers, the encryption challenge.

Source: the public session-manager-plugin, `src/message/handshakemessage.go`. Byte strings are
base64, as in Go's JSON.
"""

from __future__ import annotations

import base64
import json

from msgspec import Struct, field

from ecs_tui.record import dataclass
from ecs_tui.session.channel.payloads import PayloadError, read

DONE, FAILED, UNSUPPORTED = 1, 2, 3
SESSION_TYPE, KMS_ENCRYPTION = "SessionType", "KMSEncryption"
SHELLS = ("Standard_Stream", "InteractiveCommands", "NonInteractiveCommands")
"""Session types with a terminal; the others forward ports."""


@dataclass(frozen=True, slots=True)
class ActionResult:
    """The client's answer to one requested action."""

    action: str
    status: int
    result: object = None
    error: str = ""


class Parameters(Struct):
    """The parameters of a requested action; "" for missing ones."""

    session_type: str = field(name="SessionType", default="")
    key_id: str = field(name="KMSKeyId", default="")


class _Action(Struct):
    action: str = field(name="ActionType")
    parameters: Parameters | None = field(name="ActionParameters", default=None)


class _Request(Struct):
    actions: list[_Action] = field(name="RequestedClientActions")


class _Result(Struct):
    encrypted_key: bytes = field(name="KMSCipherTextKey", default=b"")


class _Processed(Struct):
    action: str = field(name="ActionType")
    status: int = field(name="ActionStatus")
    result: _Result | None = field(name="ActionResult", default=None)


class _Response(Struct):
    actions: list[_Processed] = field(name="ProcessedClientActions")


class _Challenge(Struct):
    challenge: bytes = field(name="Challenge")


def requested(payload: bytes) -> list[tuple[str, Parameters]]:
    """(action, its parameters) of a handshake request.

    Raises:
        PayloadError: It is not a handshake request.
    """
    actions = read(payload, _Request).actions
    return [(item.action, item.parameters or Parameters()) for item in actions]


def response(version: str, answers: list[ActionResult]) -> bytes:
    """The payload of a handshake response."""
    errors = [item.error for item in answers if item.error]
    return json.dumps(
        {
            "ClientVersion": version,
            "ProcessedClientActions": [
                {
                    "ActionType": item.action,
                    "ActionStatus": item.status,
                    "ActionResult": item.result,
                    "Error": item.error,
                }
                for item in answers
            ],
            "Errors": errors or None,
        }
    ).encode()


def data_key(payload: bytes) -> bytes | None:
    """The encrypted data key in a handshake response, or None."""
    try:
        actions = read(payload, _Response).actions
    except PayloadError:
        return None
    for item in actions:
        if item.action == KMS_ENCRYPTION and item.status == DONE and item.result is not None:
            return item.result.encrypted_key or None
    return None


def encode(data: bytes) -> str:
    """Bytes as base64 text."""
    return base64.b64encode(data).decode("ascii")


def challenge(data: bytes) -> bytes:
    """The payload of a challenge or of its answer."""
    return json.dumps({"Challenge": encode(data)}).encode()


def challenged(payload: bytes) -> bytes:
    """The bytes of a challenge, b"" if there are none."""
    try:
        return read(payload, _Challenge).challenge
    except PayloadError:
        return b""
