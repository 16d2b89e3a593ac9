"""Keeps the calls that are really made to the demo account, and makes CloudTrail's records of them.

It is a WSGI layer. What it keeps of a call is what was sent and answered; a record is made of it
when LookupEvents or a trail asks for it.
"""

from __future__ import annotations

import io
import json
import re
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from ecs_tui.demo.cloudtrail_record import (
    EXEC_DOCUMENT,
    READ_PREFIXES,
    SECRET_TEXTS,
    TrailIdentity,
    TrailRecord,
)
from ecs_tui.demo.faults import Application, operation_of
from ecs_tui.record import dataclass
from ecs_tui.system import wall_clock

SOURCES = {
    "athena": "athena.amazonaws.com",
    "cloudtrail": "cloudtrail.amazonaws.com",
    "ecs": "ecs.amazonaws.com",
    "iam": "iam.amazonaws.com",
    "kms": "kms.amazonaws.com",
    "logs": "logs.amazonaws.com",
    "ssm": "ssm.amazonaws.com",
}
"""`eventSource` of the services whose calls are kept. STS is not one of them: its answers are keys."""
DATA_EVENTS = frozenset(
    {"FilterLogEvents", "GetLogEvents", "GetLogRecord", "PutLogEvents", "StartLiveTail"}
)
"""Calls that are no management events, so that LookupEvents never returns them."""
MOST_CHANGES, MOST_READS = 20_000, 2_000
"""Calls that are kept: those that change something, and those that read; the newest."""
MOST_BYTES = 64 << 10
"""Bytes of a request or an answer above which its record has none: CloudTrail limits them too."""
_CREDENTIAL = re.compile(r"Credential=([\w-]+)/\d+/([\w-]+)/")
_SECRET_MEMBERS = frozenset({"tokenvalue", "sessiontoken", "secretaccesskey"})
_HIDDEN = SECRET_TEXTS["ecs.amazonaws.com"]


@dataclass(frozen=True, slots=True)
class MadeCall:
    """One call, as it was sent and answered.

    Attributes:
        at: Seconds since 1970.
        operation: `ecs:ExecuteCommand`.
        status: HTTP's status of the answer.
    """

    at: float
    id: str
    operation: str
    region: str
    access_key: str
    address: str
    agent: str
    request: bytes
    status: int
    answer: bytes


class CallRecorder:
    """The WSGI layer: outside of the one that adds faults, so that what those deny is kept too."""

    def __init__(self, app: Application) -> None:
        self._app = app
        self._changes: deque[MadeCall] = deque(maxlen=MOST_CHANGES)
        self._reads: deque[MadeCall] = deque(maxlen=MOST_READS)

    def calls(self) -> list[MadeCall]:
        """The calls, in no particular order."""
        return [*self._changes, *self._reads]

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        operation = operation_of(environ)
        service, _, action = operation.partition(":")
        if service not in SOURCES or action in DATA_EVENTS:
            return self._app(environ, start)
        request = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(request)
        statuses: list[int] = []

        def started(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            statuses.append(int(status.split(" ", 1)[0]))
            return start(status, headers, *more)

        read_only = action.startswith(READ_PREFIXES)
        answer: Iterable[bytes] = self._app(environ, started)
        body = b""
        if not read_only or (statuses and statuses[-1] >= 400):
            body = b"".join(answer)
            answer = [body]
        signed = _CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
        key, region = signed.groups() if signed else ("", "")
        call = MadeCall(
            wall_clock.now(),
            str(uuid.uuid4()),
            operation,
            region,
            key,
            environ.get("REMOTE_ADDR", "127.0.0.1"),
            environ.get("HTTP_USER_AGENT", ""),
            request if len(request) <= MOST_BYTES else b"",
            statuses[-1] if statuses else 200,
            body if len(body) <= MOST_BYTES else b"",
        )
        (self._reads if read_only else self._changes).append(call)
        return answer


def records_of(
    call: MadeCall,
    who: TrailIdentity,
    by_ecs: TrailIdentity,
    home_region: str,
    target_of: Callable[[str], str],
) -> list[TrailRecord]:
    """CloudTrail's records of a call; ExecuteCommand has one more, ECS's own StartSession.

    Args:
        by_ecs: The identity with which ECS opens sessions.
        home_region: Where IAM's events are.
        target_of: The target of a session, by its ID.
    """
    service, _, name = call.operation.partition(":")
    source, answered = SOURCES[service], _members(call.answer)
    hidden_text = SECRET_TEXTS.get(source, _HIDDEN)
    error = _error(call.answer, answered) if call.status >= 400 else ("", "")
    response = None
    if not error[0] and not name.startswith(READ_PREFIXES):
        response = _lowered(answered, hidden_text) or None
    record = TrailRecord(
        call.at, call.id, source, name, home_region if service == "iam" else call.region, who,
        _lowered(_parameters(call), hidden_text) or None, response, error, call.address, call.agent,
    )  # fmt: skip
    session = (response or {}).get("session")
    if name != "ExecuteCommand" or not isinstance(session, Mapping):
        return [record]
    session_id = session["sessionId"]
    made = TrailRecord(
        call.at + 0.2,
        str(uuid.uuid5(uuid.UUID(call.id), "StartSession")),
        SOURCES["ssm"],
        "StartSession",
        call.region,
        by_ecs,
        {"target": target_of(session_id), "documentName": EXEC_DOCUMENT},
        {
            "sessionId": session_id,
            "tokenValue": SECRET_TEXTS[SOURCES["ssm"]],
            "streamUrl": session["streamUrl"],
        },
    )
    return [record, made]


def _members(body: bytes) -> Mapping[str, Any]:
    """A JSON object; empty for anything else."""
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _parameters(call: MadeCall) -> Mapping[str, Any]:
    """The members of a request of a JSON protocol, or of a query protocol."""
    if call.request[:1] == b"{":
        return _members(call.request)
    pairs = parse_qsl(call.request.decode("utf-8", "replace"))
    return {name: value for name, value in pairs if name not in ("Action", "Version")}


def _error(body: bytes, members: Mapping[str, Any]) -> tuple[str, str]:
    """(`errorCode`, `errorMessage`); ECS's AccessDeniedException stands without its ending."""
    code = str(members.get("__type", "")).rpartition("#")[2]
    text = str(members.get("message") or members.get("Message") or "")
    if not code:
        found = (
            re.search(rb"<Code>(.*?)</Code>", body),
            re.search(rb"<Message>(.*?)</Message>", body),
        )
        code, text = (each[1].decode() if each else "" for each in found)
    return ("AccessDenied" if code == "AccessDeniedException" else code or "UnknownError"), text


def _lowered(value: Any, hidden_text: str, inside: str = "") -> Any:
    """A request or an answer as CloudTrail writes it: names in lower camel case, without secrets."""
    if isinstance(value, Mapping):
        found = {}
        for key, item in value.items():
            name = f"{key[:1].lower()}{key[1:]}"
            secret = key.lower() in _SECRET_MEMBERS or (inside == "environment" and name == "value")
            found[name] = hidden_text if secret else _lowered(item, hidden_text, name)
        return found
    if isinstance(value, list):
        return [_lowered(item, hidden_text, inside) for item in value]
    return value
