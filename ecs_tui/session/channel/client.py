"""The built-in session client: a drop-in for `session-manager-plugin`, with the same arguments.

It runs as a process of its own (`python -m ecs_tui.session.channel`), on a terminal or on pipes.
Unlike the plugin it sets the terminal raw, so that output is not processed twice and Ctrl-C
travels as a byte, and it follows SIGWINCH at once instead of polling.
Contract: the public session-manager-plugin, `src/sessionmanagerplugin/session/session.go`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import struct
import sys
import termios
import time
import tty
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp

from ecs_tui.pty import get_size
from ecs_tui.session.channel.frame import (
    MAX_PAYLOAD,
    FrameError,
    MessageType,
    PayloadType,
    decode,
)
from ecs_tui.session.channel.stream import WINDOW, Incoming, Outgoing

CLIENT_VERSION = "1.2.707.0"
"""The plugin version whose behaviour this client follows; agents look at it."""
TOKEN_VARIABLE = "AWS_SSM_START_SESSION_RESPONSE"
PING_EVERY = 300.0
TERMINATE = 2
_LOST = "\r\nThe connection to the session was lost.\r\n"


class UsageError(Exception):
    """The arguments are not those of the plugin's contract."""


@dataclass(frozen=True, slots=True, repr=False)
class Start:
    """What the arguments say: which session, where, with which token (a secret)."""

    session_id: str
    stream_url: str
    token: str
    region: str


def parse_arguments(argv: Sequence[str], environ: dict[str, str]) -> Start:
    """Read the plugin's six arguments; a token from the environment is removed from there.

    Raises:
        UsageError: Something is missing or is not JSON. The message never holds the token.
    """
    if len(argv) < 3:
        raise UsageError("usage: RESPONSE REGION StartSession [PROFILE] [PARAMETERS] [ENDPOINT]")
    response, region, operation = argv[:3]
    if operation != "StartSession":
        raise UsageError(f"operation {operation!r} is not supported, only StartSession")
    if response.startswith(TOKEN_VARIABLE):
        response = environ.pop(response, "")
    try:
        answer = json.loads(response)
        return Start(
            session_id=answer["SessionId"],
            stream_url=answer["StreamUrl"],
            token=answer["TokenValue"],
            region=region,
        )
    except (ValueError, KeyError, TypeError):
        raise UsageError("the session response is not the JSON that was agreed on") from None


class Client:
    """One session over one WebSocket, between a data channel and this process's terminal."""

    def __init__(self, start: Start, stdin: int, stdout: int) -> None:
        self._start = start
        self._stdin, self._stdout = stdin, stdout
        self._loop = asyncio.get_running_loop()
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._to_send: asyncio.Queue[bytes] = asyncio.Queue()
        self._out = Outgoing(MessageType.INPUT, self._to_send.put_nowait, time.monotonic)
        self._in = Incoming(self._to_send.put_nowait)
        self._ready = False
        self._eof = False
        self._finished = asyncio.Event()
        self._reading = False
        self.exit_code = 0

    async def run(self) -> int:
        """Serve the session until it ends; returns the exit status for this process."""
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=10)
        async with aiohttp.ClientSession(timeout=timeout) as http:
            try:
                self._socket = await http.ws_connect(
                    self._start.stream_url,
                    heartbeat=PING_EVERY,
                    max_msg_size=1 << 20,
                    compress=0,
                )
            except (aiohttp.ClientError, OSError, asyncio.TimeoutError) as error:
                self._say(f"\r\nThe session could not be reached: {type(error).__name__}\r\n")
                return 1
            await self._socket.send_str(
                json.dumps(
                    {
                        "MessageSchemaVersion": "1.0",
                        "RequestId": str(uuid.uuid4()),
                        "TokenValue": self._start.token,
                        "ClientId": str(uuid.uuid4()),
                        "ClientVersion": CLIENT_VERSION,
                    }
                )
            )
            jobs = [
                asyncio.create_task(job)
                for job in (self._receive(), self._transmit(), self._resend())
            ]
            try:
                await self._finished.wait()
            finally:
                self._stop_reading()
                for job in jobs:
                    job.cancel()
                await asyncio.gather(*jobs, return_exceptions=True)
                with contextlib.suppress(aiohttp.ClientError, OSError):
                    async with asyncio.timeout(1):
                        await self._socket.close()
        return self.exit_code

    def resized(self) -> None:
        """The terminal has another size: tell the agent."""
        if self._ready:
            columns, rows = get_size(self._stdout)
            size = json.dumps({"cols": columns, "rows": rows}).encode()
            self._out.send(size, PayloadType.SIZE)

    def terminate(self) -> None:
        """Ask the agent to end the session, and end this side."""
        if self._ready:
            self._out.send(struct.pack(">I", TERMINATE), PayloadType.FLAG)
            self._loop.call_later(0.3, self._finished.set)
        else:
            self._finished.set()

    async def _receive(self) -> None:
        assert self._socket is not None
        async for item in self._socket:
            if item.type != aiohttp.WSMsgType.BINARY:
                continue
            try:
                message = decode(item.data)
            except FrameError:
                continue  # dropped and not acknowledged: it will come again
            if message.kind == MessageType.ACKNOWLEDGE:
                self._out.acknowledged(message.payload)
                if self._out.under_way < WINDOW // 2:
                    self._start_reading()
            elif message.kind == MessageType.OUTPUT:
                for ready in self._in.receive(message):
                    self._take(ready.payload_type, ready.payload)
            elif message.kind == MessageType.CHANNEL_CLOSED:
                self._closed(message.payload)
                return
        if not self._finished.is_set():
            self.exit_code = 1
            self._say(_LOST)
            self._finished.set()

    def _take(self, payload_type: int, payload: bytes) -> None:
        if payload_type == PayloadType.HANDSHAKE_REQUEST:
            self._out.send(_handshake_response(payload), PayloadType.HANDSHAKE_RESPONSE)
        elif payload_type == PayloadType.HANDSHAKE_COMPLETE:
            self._open()
        elif payload_type in (PayloadType.OUTPUT, PayloadType.STDERR, PayloadType.ERROR):
            self._open()  # agents older than the handshake send output at once
            self._write(payload)
        elif payload_type == PayloadType.EXIT_CODE:
            with contextlib.suppress(ValueError):
                self.exit_code = int(payload) & 0xFF

    def _open(self) -> None:
        if not self._ready:
            self._ready = True
            self.resized()
            self._start_reading()

    def _closed(self, payload: bytes) -> None:
        try:
            text = str(json.loads(payload).get("Output", ""))
        except (ValueError, AttributeError):
            text = ""
        if text:
            self._say(f"\r\nSessionId: {self._start.session_id} : {text}\r\n")
        self._finished.set()

    async def _transmit(self) -> None:
        assert self._socket is not None
        try:
            while True:
                await self._socket.send_bytes(await self._to_send.get())
        except (aiohttp.ClientError, OSError):
            return  # the receiver sees the end of the socket too, and says so

    async def _resend(self) -> None:
        while True:
            await asyncio.sleep(0.1)
            self._out.resend_due()

    def _start_reading(self) -> None:
        if self._ready and not self._reading and not self._eof:
            self._reading = True
            try:
                self._loop.add_reader(self._stdin, self._typed)
            except (PermissionError, OSError):  # a regular file: epoll does not take it
                self._loop.call_soon(self._read_file)

    def _stop_reading(self) -> None:
        if self._reading:
            self._reading = False
            with contextlib.suppress(OSError, ValueError):
                self._loop.remove_reader(self._stdin)

    def _read_file(self) -> None:
        while self._reading and not self._eof:
            self._typed()

    def _typed(self) -> None:
        try:
            data = os.read(self._stdin, MAX_PAYLOAD)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._eof = True
            self._stop_reading()
            data = b"\x04"  # what a person would type to end the shell
        self._out.send(data, PayloadType.OUTPUT)
        if self._out.under_way >= WINDOW:
            self._stop_reading()

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self._stdout, view) :]
            except BlockingIOError:
                _wait_writable(self._stdout)
            except OSError:
                self._finished.set()
                return

    def _say(self, text: str) -> None:
        self._write(text.encode())


def _wait_writable(fd: int) -> None:
    import select

    select.select([], [fd], [], 1.0)


def _handshake_response(payload: bytes) -> bytes:
    """Answer each action the agent asks for: 1 done, 3 not supported."""
    try:
        actions = json.loads(payload).get("RequestedClientActions", [])
    except (ValueError, AttributeError):
        actions = []
    processed: list[dict[str, Any]] = []
    for action in actions:
        kind = action.get("ActionType", "")
        known = kind == "SessionType"
        processed.append(
            {
                "ActionType": kind,
                "ActionStatus": 1 if known else 3,
                "ActionResult": None,
                "Error": "" if known else f"{kind} is not supported by this client",
            }
        )
    return json.dumps(
        {
            "ClientVersion": CLIENT_VERSION,
            "ProcessedClientActions": processed,
            "Errors": None,
        }
    ).encode()


@contextlib.contextmanager
def _raw(fd: int) -> Any:
    """Set the terminal behind `fd` raw and restore it afterwards; nothing where it is none."""
    if not os.isatty(fd):
        yield
        return
    before = termios.tcgetattr(fd)
    try:
        tty.setraw(fd)
        yield
    finally:
        termios.tcsetattr(fd, termios.TCSADRAIN, before)


async def serve(start: Start) -> int:
    """Run one session on this process's stdin and stdout; returns the exit status."""
    client = Client(start, sys.stdin.fileno(), sys.stdout.fileno())
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGWINCH, client.resized)
    for number in (signal.SIGHUP, signal.SIGTERM):
        loop.add_signal_handler(number, client.terminate)
    return await client.run()


def main(argv: Sequence[str] | None = None, environ: Mapping[str, str] | None = None) -> int:
    """The command. Returns the exit status."""
    args = list(sys.argv[1:] if argv is None else argv)
    if args == ["--version"]:
        print(CLIENT_VERSION)
        return 0
    try:
        start = parse_arguments(args, os.environ if environ is None else dict(environ))  # type: ignore[arg-type]
    except UsageError as error:
        print(f"ecs-tui session client: {error}", file=sys.stderr)
        return 2
    with _raw(sys.stdin.fileno()):
        return asyncio.run(serve(start))
