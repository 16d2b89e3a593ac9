"""The handshake's JSON: what the agent asks for, what the client answers, the encryption challenge.

Source: the public session-manager-plugin, `src/message/handshakemessage.go`. Byte strings travel in
base64, as Go's encoder writes them.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

from msgspec import Struct, field

from ecs_tui.session.channel.payloads import PayloadError, read

DONE, FAILED, UNSUPPORTED = 1, 2, 3
SESSION_TYPE, KMS_ENCRYPTION = "SessionType", "KMSEncryption"
SHELLS = ("Standard_Stream", "InteractiveCommands", "NonInteractiveCommands")
"""Session types with a terminal's stream; the others are for ports."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the client says to one requested action."""

    action: str
    status: int
    result: Any = None
    error: str = ""


class Parameters(Struct):
    """What an action is asked for with; "" for what it does not have."""

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
        PayloadError: It is none.
    """
    actions = read(payload, _Request).actions
    return [(item.action, item.parameters or Parameters()) for item in actions]


def response(version: str, answers: list[Answer]) -> bytes:
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
    """The encrypted data key in a handshake response, or None without one."""
    try:
        actions = read(payload, _Response).actions
    except PayloadError:
        return None
    for item in actions:
        if item.action == KMS_ENCRYPTION and item.status == DONE and item.result is not None:
            return item.result.encrypted_key or None
    return None


def encode(data: bytes) -> str:
    """Bytes as they stand in JSON."""
    return base64.b64encode(data).decode("ascii")


def challenge(data: bytes) -> bytes:
    """The payload of a challenge or of its answer."""
    return json.dumps({"Challenge": encode(data)}).encode()


def challenged(payload: bytes) -> bytes:
    """The bytes of a challenge, b"" where there are none."""
    try:
        return read(payload, _Challenge).challenge
    except PayloadError:
        return b""
