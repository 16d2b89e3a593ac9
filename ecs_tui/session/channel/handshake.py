"""The handshake's JSON: what the agent asks for, what the client answers, the encryption challenge.

Source: the public session-manager-plugin, `src/message/handshakemessage.go`. Byte strings travel in
base64, as Go's encoder writes them.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

DONE, FAILED, UNSUPPORTED = 1, 2, 3
SESSION_TYPE, KMS_ENCRYPTION = "SessionType", "KMSEncryption"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the client says to one requested action."""

    action: str
    status: int
    result: Any = None
    error: str = ""


def requested(payload: bytes) -> list[tuple[str, dict[str, Any]]]:
    """(action, its parameters) of a handshake request; nonsense asks for nothing."""
    try:
        actions = json.loads(payload)["RequestedClientActions"]
        return [(str(item["ActionType"]), item.get("ActionParameters") or {}) for item in actions]
    except (ValueError, KeyError, TypeError, AttributeError):
        return []


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
        for item in json.loads(payload)["ProcessedClientActions"]:
            if item["ActionType"] == KMS_ENCRYPTION and item["ActionStatus"] == DONE:
                return base64.b64decode(item["ActionResult"]["KMSCipherTextKey"])
    except (ValueError, KeyError, TypeError, binascii.Error):
        return None
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
        return base64.b64decode(json.loads(payload)["Challenge"])
    except (ValueError, KeyError, TypeError, binascii.Error):
        return b""
