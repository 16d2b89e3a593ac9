"""AWS's event streams as the stub of AWS sends them: messages, and what can go wrong with them.

The encoding: "application/vnd.amazon.eventstream", described in Amazon S3's API reference, "Appendix:
SelectObjectContent Response". It shares no code with botocore.
"""

from __future__ import annotations

import json
import struct
import threading
import zlib
from collections.abc import Callable, Sequence
from typing import Any

from tests.support.stub_aws import Handler, Reply

HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.amazon.eventstream\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
)


def message(kind: str, name: str, payload: Any) -> bytes:
    """One message.

    Args:
        kind: `event` or `exception`.
        name: The type of the event or exception.
        payload: Its members.
    """
    headers = b""
    for key, value in (
        (":message-type", kind),
        (f":{kind}-type", name),
        (":content-type", "application/json"),
    ):
        headers += struct.pack("!B", len(key)) + key.encode()
        headers += struct.pack("!BH", 7, len(value)) + value.encode()  # 7: a string
    body = json.dumps(payload).encode()
    prelude = struct.pack("!II", len(headers) + len(body) + 16, len(headers))
    whole = prelude + struct.pack("!I", zlib.crc32(prelude)) + headers + body
    return whole + struct.pack("!I", zlib.crc32(whole))


INITIAL = message("event", "initial-response", {})


class StreamReply:
    """An event stream.

    Args:
        messages: What is sent after the initial response.
        then: "end": the stream ends well; "cut": the connection is closed in the middle; "silence":
            nothing more comes; "on": the last message comes again and again.

    Attributes:
        closed: Set when the other end has closed the connection, if there is more to send.
    """

    def __init__(self, messages: Sequence[bytes], then: str = "end") -> None:
        self._messages, self._then = messages, then
        self.closed = threading.Event()

    def reply(self) -> Reply:
        """The stub's answer."""
        return Reply(act=self._send)

    def _send(self, handler: Handler) -> None:
        handler.wfile.write(HEAD)
        write = _chunks(handler)
        for each in (INITIAL, *self._messages):
            write(each)
        if self._then == "end":
            handler.wfile.write(b"0\r\n\r\n")
        elif self._then == "silence":
            handler.server.stub.released.wait(60)
        elif self._then == "on":
            try:
                while not handler.server.stub.released.wait(0.01):
                    write(self._messages[-1])
            except OSError:
                self.closed.set()


def _chunks(handler: Handler) -> Callable[[bytes], None]:
    def write(data: bytes) -> None:
        handler.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        handler.wfile.flush()

    return write
