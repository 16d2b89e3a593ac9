"""StartLiveTail of the demo account: an event stream with an update each second.

It is a WSGI layer in front of moto, whose own answer holds what is stored and then ends. The
encoding of the stream: "application/vnd.amazon.eventstream", described in Amazon S3's API
reference, "Appendix: SelectObjectContent Response".
"""

from __future__ import annotations

import io
import json
import random
import re
import struct
import threading
import time
import uuid
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from moto.logs.exceptions import InvalidParameterException, LogsClientError

from ecs_tui.demo.faults import LOGS_PATH, Application, aws_error
from ecs_tui.demo.logs_access import group_resource, refusal
from ecs_tui.demo.logs_lines import LogRecord
from ecs_tui.demo.logs_pattern import Matches
from ecs_tui.demo.logs_reading import pattern_of
from ecs_tui.demo.logs_store import LogStore, LogStores, StreamView
from ecs_tui.record import dataclass
from ecs_tui.system import wall_clock

TARGET = "Logs_20140328.StartLiveTail"
UPDATE_SECONDS = 1.0
MAX_EVENTS = 500
"""Events in an update; of more, these are a sample."""
MAX_GROUPS = 10
MAX_SAMPLED = 10_000
"""Sampled updates that are remembered, for tests and benchmarks."""
MAX_SESSIONS = 15
"""Sessions at once, as AWS's quota is."""
SESSION_SECONDS = 3 * 3600.0
"""Seconds after which AWS ends a session."""
_SCOPE = re.compile(r"Credential=([\w-]+)/\d+/([\w-]+)/logs/aws4_request")


@dataclass(frozen=True, slots=True)
class TailFaults:
    """How live tails misbehave; each `PUT /_ecs-tui/logs` with other values changes them.

    Attributes:
        seconds: Seconds after which a session ends with SessionTimeoutException.
        fail: Number of times that running sessions were ended with SessionStreamingException.
        cut: Number of times that their connections were broken.
        silent: Whether they send nothing.
    """

    seconds: float = SESSION_SECONDS
    fail: int = 0
    cut: int = 0
    silent: bool = False


def message(kind: str, name: str, payload: Mapping[str, Any]) -> bytes:
    """One message of an event stream: `kind` is `event` or `exception`."""
    head = b""
    for key, value in (
        (f":{kind}-type", name),
        (":content-type", "application/json"),
        (":message-type", kind),
    ):
        head += struct.pack("!B", len(key)) + key.encode()
        head += struct.pack("!BH", 7, len(value)) + value.encode()  # 7: a string
    body = json.dumps(payload).encode()
    prelude = struct.pack("!II", 16 + len(head) + len(body), len(head))
    whole = prelude + struct.pack("!I", zlib.crc32(prelude)) + head + body
    return whole + struct.pack("!I", zlib.crc32(whole))


@dataclass(frozen=True, slots=True)
class _Tail:
    """What one session follows."""

    store: LogStore
    groups: tuple[str, ...]
    names: frozenset[str]
    prefixes: tuple[str, ...]
    matches: Matches

    def ingested(self, after: int, until: int) -> list[tuple[str, LogRecord]]:
        """(group, event) of what was ingested between two times (ms), sorted by time."""
        found = []
        for name in self.groups:
            group = self.store.backend.groups.get(name)
            for stream in self.store.streams(group, until).values() if group else ():
                if self._wanted(stream):
                    for record in stream.ingested_between(after, until):
                        if self.matches(record.message):
                            found.append((name, record))
        return sorted(found, key=lambda pair: pair[1].id)

    def _wanted(self, stream: StreamView) -> bool:
        if self.names:
            return stream.name in self.names
        return not self.prefixes or stream.name.startswith(self.prefixes)


class LiveTails:
    """The WSGI layer. `GET /_ecs-tui/logs` returns `sampled`: from when to when (ms) the events of each
    sampled update were ingested.

    Args:
        app: What answers all other requests.
        stores: The account's log events.
        refresh: Called before each update: it lets tasks start and stop.
    """

    def __init__(self, app: Application, stores: LogStores, refresh: Callable[[str], None]) -> None:
        self._app, self._stores, self._refresh = app, stores, refresh
        self._faults = TailFaults()
        self._open = 0
        self._sampled: deque[tuple[int, int]] = deque(maxlen=MAX_SAMPLED)
        self._lock = threading.Condition()

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if environ.get("PATH_INFO") == LOGS_PATH:
            start("200 OK", [("Content-Type", "application/json")])
            return [json.dumps({"sampled": list(self._sampled)}).encode()]
        scope = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
        if environ.get("HTTP_X_AMZ_TARGET") != TARGET or scope is None:
            return self._app(environ, start)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        key, region = scope.groups()
        params = json.loads(body)
        try:
            tail = self._tail(params, region)
        except LogsClientError as error:
            return aws_error(start, True, 400, error.error_type, error.message)
        for group in tail.groups:
            resource = group_resource(self._stores.account, region, group)
            denied = refusal(self._stores.account, key, "StartLiveTail", resource)
            if denied:
                return aws_error(start, True, 400, "AccessDeniedException", denied)
        with self._lock:
            if self._open >= MAX_SESSIONS:
                text = "Resource limit exceeded."
                return aws_error(start, True, 400, "LimitExceededException", text)
            self._open += 1
        start("200 OK", [("Content-Type", "application/vnd.amazon.eventstream")])
        return _Session(self._messages(tail, params, region), self._closed)

    def change(self, fields: dict[str, Any]) -> None:
        """Change faults: `seconds`, `silent`, or with `fail` or `cut` true, end running sessions."""
        with self._lock:
            for name in ("fail", "cut"):
                if fields.pop(name, False):
                    fields[name] = getattr(self._faults, name) + 1
            self._faults = replace(self._faults, **fields)
            self._lock.notify_all()

    def _closed(self) -> None:
        with self._lock:
            self._open -= 1

    def _tail(self, params: Mapping[str, Any], region: str) -> _Tail:
        identifiers = params.get("logGroupIdentifiers") or []
        names, prefixes = params.get("logStreamNames"), params.get("logStreamNamePrefixes")
        if not 1 <= len(identifiers) <= MAX_GROUPS:
            raise InvalidParameterException(
                f"The number of log groups must be between 1 and {MAX_GROUPS}."
            )
        for identifier in identifiers:
            if not identifier.startswith("arn:") or identifier.endswith("*"):
                raise InvalidParameterException(
                    f"The specified log group identifier is not a valid log group ARN: {identifier}"
                )
        if names and prefixes:
            raise InvalidParameterException(
                "Only one of logStreamNames and logStreamNamePrefixes can be specified."
            )
        if (names or prefixes) and len(identifiers) > 1:
            raise InvalidParameterException(
                "Log streams can be specified only with a single log group."
            )
        store = self._stores[region]
        groups = tuple(store.group(identifier=identifier).name for identifier in identifiers)
        matches = pattern_of(params.get("logEventFilterPattern") or "")
        return _Tail(store, groups, frozenset(names or ()), tuple(prefixes or ()), matches)

    def _messages(self, tail: _Tail, params: Mapping[str, Any], region: str) -> Iterator[bytes]:
        """The messages of one session, each when it is due."""
        # Before the client knows that it began: what changes after that ends this session.
        began, seen, before = time.monotonic(), wall_clock.milliseconds(), self._faults
        yield message("event", "initial-response", {})
        identity = {"requestId": str(uuid.uuid4()), "sessionId": str(uuid.uuid4())}
        yield message("event", "sessionStart", {**identity, **params})
        sample = random.Random(seen)
        for number in range(1, 1 << 31):
            faults = self._wait_until(began + number * UPDATE_SECONDS, before)
            if faults.cut != before.cut:
                raise ConnectionAbortedError("the live tail was cut")
            if faults.fail != before.fail:
                text = "An error occurred on the server side."
                yield message("exception", "SessionStreamingException", {"message": text})
                return
            if time.monotonic() - began >= faults.seconds:
                text = "The Live Tail session timed out."
                yield message("exception", "SessionTimeoutException", {"message": text})
                return
            self._refresh(region)
            until = wall_clock.milliseconds()
            found = tail.ingested(seen, until)
            if len(found) > MAX_EVENTS:
                self._sampled.append((seen, until))
            seen = until
            if faults.silent:
                continue
            yield message("event", "sessionUpdate", self._update(found, sample))

    def _update(self, found: list[tuple[str, LogRecord]], sample: random.Random) -> dict[str, Any]:
        sampled = len(found) > MAX_EVENTS
        if sampled:
            kept = sorted(sample.sample(range(len(found)), MAX_EVENTS))
            found = [found[index] for index in kept]
        results = [
            {
                "logStreamName": record.stream,
                "logGroupIdentifier": f"{self._stores.account}:{group}",
                "message": record.message,
                "timestamp": record.at,
                "ingestionTime": record.ingested,
            }
            for group, record in found
        ]
        return {"sessionMetadata": {"sampled": sampled}, "sessionResults": results}

    def _wait_until(self, due: float, before: TailFaults) -> TailFaults:
        """Wait for a time of the monotonic clock, or until running sessions are to end."""
        with self._lock:
            self._lock.wait_for(
                lambda: (self._faults.cut, self._faults.fail) != (before.cut, before.fail),
                due - time.monotonic(),
            )
            return self._faults


class _Session:
    """The body of an answer; it counts as open until the server closes it."""

    def __init__(self, messages: Iterator[bytes], closed: Callable[[], None]) -> None:
        self._messages, self._closed = messages, closed

    def __iter__(self) -> Iterator[bytes]:
        return self._messages

    def close(self) -> None:
        """Called by the server at the end, or when the client is gone."""
        closed, self._closed = self._closed, lambda: None
        closed()
