"""The built-in session client: a drop-in for `session-manager-plugin`, with the same arguments.

It runs as a process of its own (`python -m ecs_tui.session.channel`), on a terminal or on pipes.
Unlike the plugin it sets the terminal raw, so that output is not processed twice and Ctrl-C
travels as a byte, follows SIGWINCH at once instead of polling, and tells the app how the connection
fares (`report.py`).
Contract: the public session-manager-plugin, `src/sessionmanagerplugin/session/session.go`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import signal
import struct
import sys
import termios
import time
import tty
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp

from ecs_tui.aws.account import Account
from ecs_tui.aws.sessions import generate_data_key, resume_session
from ecs_tui.errors import AwsError, NoNetwork
from ecs_tui.pty import get_size
from ecs_tui.session.channel import handshake, report
from ecs_tui.session.channel.connection import CLIENT_VERSION, Connection
from ecs_tui.session.channel.crypto import KEY_BYTES, Cipher, CipherError
from ecs_tui.session.channel.frame import (
    MAX_PAYLOAD,
    FrameError,
    MessageType,
    PayloadType,
    decode,
)
from ecs_tui.session.channel.stream import WINDOW, Incoming, Outgoing

TOKEN_VARIABLE = "AWS_SSM_START_SESSION_RESPONSE"
TERMINATE = 2
WRITE = 64 * 1024
RESUME_FOR = 180.0
"""Seconds for which a broken connection is tried to be resumed."""
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
_LOST = "The connection to the session was lost."
_SECRET_TYPES = (PayloadType.OUTPUT, PayloadType.STDERR, PayloadType.EXIT_CODE)
"""What is encrypted in a session with a KMS key."""


class UsageError(Exception):
    """The arguments are not those of the plugin's contract."""


@dataclass(frozen=True, slots=True, repr=False)
class Start:
    """What the arguments say: which session, where, as whom, with which token (a secret).

    `target`: as SSM writes it. Of all after the token, each may be "".
    """

    session_id: str
    stream_url: str
    token: str
    region: str = ""
    profile: str = ""
    target: str = ""
    endpoint: str = ""


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
    profile, parameters, endpoint = (*argv[3:], "", "", "")[:3]
    try:
        answer = json.loads(response)
        return Start(
            session_id=answer["SessionId"],
            stream_url=answer["StreamUrl"],
            token=answer["TokenValue"],
            region=region,
            profile=profile,
            target=_target(parameters),
            endpoint=endpoint,
        )
    except (ValueError, KeyError, TypeError):
        raise UsageError("the session response is not the JSON that was agreed on") from None


def _target(parameters: str) -> str:
    """The target in the PARAMETERS of StartSession, "" where there is none."""
    try:
        return str(json.loads(parameters or "{}").get("Target", ""))
    except (ValueError, AttributeError):
        return ""


class Client:
    """One session over one WebSocket after another, between a data channel and this terminal."""

    def __init__(self, start: Start, stdin: int, stdout: int, reporter: report.Reporter) -> None:
        self._start = start
        self._stdin, self._stdout, self._reporter = stdin, stdout, reporter
        self._loop = asyncio.get_running_loop()
        self._to_send: asyncio.Queue[bytes] = asyncio.Queue()
        self._out = Outgoing(MessageType.INPUT, self._to_send.put_nowait, time.monotonic)
        self._in = Incoming(self._to_send.put_nowait)
        self._connection = Connection(
            self._to_send,
            self._message,
            self._out.unanswered_for,
            self._stalled,
            self._alive,
        )
        self._attempts = 0
        self._broken_at = 0.0
        self._cipher: Cipher | None = None
        self._shaking: asyncio.Task[None] | None = None
        self._ready = False
        self._eof = False
        self._finished = asyncio.Event()
        self._reading = False
        self._to_write = bytearray()
        self.exit_code = 0

    async def run(self) -> int:
        """Serve the session until it ends; returns the exit status for this process."""
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=10)
        async with aiohttp.ClientSession(timeout=timeout) as http:
            jobs = [
                asyncio.create_task(self._serve(http)),
                asyncio.create_task(self._resend()),
                asyncio.create_task(self._finished.wait()),
            ]
            try:
                await asyncio.wait([jobs[0], jobs[2]], return_when=asyncio.FIRST_COMPLETED)
                if jobs[0].done():
                    jobs[0].result()
            finally:
                self._stop_reading()
                self._flush()
                for job in [*jobs, *([self._shaking] if self._shaking else [])]:
                    job.cancel()
                await asyncio.gather(*jobs, return_exceptions=True)
        return self.exit_code

    @contextlib.asynccontextmanager
    async def _aws(self) -> AsyncIterator[Account]:
        """A way to call AWS as the plugin does in its own process; botocore is imported only then.

        A new one each time: a session lives for hours, and the credentials on disk change.
        """
        start = self._start
        account = Account(start.profile or None, start.region or None, start.endpoint or None)
        try:
            yield account
        finally:
            await account.close()

    async def _serve(self, http: aiohttp.ClientSession) -> None:
        """One connection after the other, as long as the session can be resumed."""
        url, token = self._start.stream_url, self._start.token
        while not self._finished.is_set():
            try:
                await self._connection.serve(http, url, token, self._out.resend_all)
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                if not self._connection.opened:
                    self._fail(f"The session could not be reached: {type(error).__name__}")
                    return
            if self._finished.is_set():
                return
            while not self._to_send.empty():  # its stream sends it again; old answers are void
                self._to_send.get_nowait()
            again = await self._resume()
            if again is None:
                return
            token, url = again[0], again[1] or url

    async def _resume(self) -> tuple[str, str] | None:
        """(token, URL) to go on with; None after having said why there is none."""
        async with self._aws() as account:
            while True:
                self._attempts += 1
                if self._attempts == 1:
                    self._broken_at = time.monotonic()
                else:
                    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** (self._attempts - 2))
                    await asyncio.sleep(pause * random.uniform(0.8, 1.2))
                self._reporter.say(report.RESUMING, str(self._attempts))
                if time.monotonic() > self._broken_at + RESUME_FOR:
                    self._fail(f"{_LOST} Nobody answered for {RESUME_FOR:.0f} s.")
                    return None
                try:
                    resumed = await resume_session(account, self._start.session_id)
                except NoNetwork:
                    continue
                except AwsError as error:
                    self._fail(f"{_LOST} It cannot be resumed: {error}")
                    return None
                if resumed is None:
                    self._fail(f"{_LOST} The session has ended meanwhile.")
                    return None
                return resumed.token, resumed.stream_url

    def _alive(self) -> None:
        """The other end has said something on a new connection."""
        if self._attempts:
            self._attempts = 0
            self._reporter.say(report.RESUMED)

    def _fail(self, words: str) -> None:
        self.exit_code = 1
        self._say(f"\r\n{words}\r\n")
        self._finished.set()

    def _stalled(self, seconds: float | None) -> None:
        if seconds is None:
            self._reporter.say(report.ANSWERING)
        else:
            self._reporter.say(report.STALLED, f"{seconds:.0f}")

    def resized(self) -> None:
        """The terminal has another size: tell the agent."""
        if self._ready:
            terminal = self._stdin if os.isatty(self._stdin) else self._stdout
            columns, rows = get_size(terminal)
            size = json.dumps({"cols": columns, "rows": rows}).encode()
            self._out.send(size, PayloadType.SIZE)

    def terminate(self) -> None:
        """Ask the agent to end the session, and end this side."""
        if self._ready:
            self._out.send(struct.pack(">I", TERMINATE), PayloadType.FLAG)
            self._loop.call_later(0.3, self._finished.set)
        else:
            self._finished.set()

    def _message(self, data: bytes) -> None:
        try:
            message = decode(data)
        except FrameError:
            return  # dropped and not acknowledged: it will come again
        if message.kind == MessageType.ACKNOWLEDGE:
            self._out.acknowledged(message.payload)
            if self._out.under_way < WINDOW // 2:
                self._start_reading()
        elif message.kind == MessageType.OUTPUT:
            for ready in self._in.receive(message):
                self._take(ready.payload_type, ready.payload)
        elif message.kind == MessageType.CHANNEL_CLOSED:
            self._closed(message.payload)

    def _take(self, payload_type: int, payload: bytes) -> None:
        if payload_type == PayloadType.HANDSHAKE_REQUEST:
            self._shaking = asyncio.create_task(self._shake(payload))
        elif payload_type == PayloadType.CHALLENGE_REQUEST:
            self._answer_challenge(payload)
        elif payload_type == PayloadType.HANDSHAKE_COMPLETE:
            self._open()
        else:
            self._take_data(payload_type, payload)

    def _take_data(self, payload_type: int, payload: bytes) -> None:
        if self._cipher is not None and payload_type in _SECRET_TYPES:
            try:
                payload = self._cipher.decrypt(payload)
            except CipherError as error:
                self._fail(f"Output that this session's key does not open ({error}): ended.")
                return
        if payload_type in (PayloadType.OUTPUT, PayloadType.STDERR, PayloadType.ERROR):
            self._open()  # agents older than the handshake send output at once
            self._write(payload)
        elif payload_type == PayloadType.EXIT_CODE:
            with contextlib.suppress(ValueError):
                self.exit_code = int(payload) & 0xFF

    async def _shake(self, payload: bytes) -> None:
        """Answer each action the agent asks for; KMS may take a moment."""
        answers = []
        for action, parameters in handshake.requested(payload):
            if action == handshake.SESSION_TYPE:
                answers.append(handshake.Answer(action, handshake.DONE))
            elif action == handshake.KMS_ENCRYPTION:
                answers.append(await self._make_key(str(parameters.get("KMSKeyId", ""))))
            else:
                words = f"{action} is not supported by this client"
                answers.append(handshake.Answer(action, handshake.UNSUPPORTED, None, words))
        response = handshake.response(CLIENT_VERSION, answers)
        self._out.send(response, PayloadType.HANDSHAKE_RESPONSE)

    async def _make_key(self, key_id: str) -> handshake.Answer:
        context = {
            "aws:ssm:SessionId": self._start.session_id,
            "aws:ssm:TargetId": self._start.target,
        }
        try:
            async with self._aws() as account:
                plain, encrypted = await generate_data_key(account, key_id, KEY_BYTES, context)
            self._cipher = Cipher(plain)
        except (AwsError, CipherError) as error:
            # The agent ends the session then; this is what the operator can do something about.
            self._say(f"\r\nThe session is to be encrypted with {key_id}: {error}\r\n")
            return handshake.Answer(handshake.KMS_ENCRYPTION, handshake.FAILED, None, str(error))
        self._reporter.say(report.ENCRYPTED)
        result = {"KMSCipherTextKey": handshake.encode(encrypted)}
        return handshake.Answer(handshake.KMS_ENCRYPTION, handshake.DONE, result)

    def _answer_challenge(self, payload: bytes) -> None:
        if self._cipher is None:
            return
        try:
            answer = self._cipher.encrypt(self._cipher.decrypt(handshake.challenged(payload)))
        except CipherError as error:
            self._fail(f"The agent does not have this session's key ({error}): ended.")
            return
        self._out.send(handshake.challenge(answer), PayloadType.CHALLENGE_RESPONSE)

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
        if self._cipher is not None:
            data = self._cipher.encrypt(data)
        self._out.send(data, PayloadType.OUTPUT)
        if self._out.under_way >= WINDOW:
            self._stop_reading()

    def _write(self, data: bytes) -> None:
        """What arrives in one turn of the loop is written in one go."""
        if not self._to_write:
            self._loop.call_soon(self._flush)
        self._to_write += data
        if len(self._to_write) >= WRITE:
            self._flush()

    def _flush(self) -> None:
        view = memoryview(bytes(self._to_write))
        self._to_write.clear()
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
        self._flush()


def _wait_writable(fd: int) -> None:
    import select

    select.select([], [fd], [], 1.0)


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
    reporter = report.Reporter(os.environ)
    client = Client(start, sys.stdin.fileno(), sys.stdout.fileno(), reporter)
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
