"""One session of the built-in client: handshake, encryption, input and output, resuming."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import struct
from collections.abc import AsyncIterator

import aiohttp
from msgspec import Struct, field

from ecs_tui.aws.account import Account
from ecs_tui.aws.api.ssm import generate_data_key
from ecs_tui.errors import AwsError
from ecs_tui.model.text import clean
from ecs_tui.session.channel import handshake, report
from ecs_tui.session.channel.arguments import Start
from ecs_tui.session.channel.connection import (
    CLIENT_VERSION,
    DataChannel,
    Refused,
    Unusable,
    client_session,
)
from ecs_tui.session.channel.crypto import KEY_BYTES, Cipher, CipherError
from ecs_tui.session.channel.message import (
    MAX_PAYLOAD_BYTES,
    FrameError,
    MessageType,
    PayloadType,
    decode,
)
from ecs_tui.session.channel.payloads import PayloadError, agent_words, read
from ecs_tui.session.channel.resume import NotResumed, Resumption
from ecs_tui.session.channel.stream import WINDOW_MESSAGES, Incoming, Outgoing
from ecs_tui.session.channel.terminal_io import TerminalInput, TerminalOutput
from ecs_tui.system.pty import get_size

TERMINATE = 2
HANDSHAKE_SECONDS = 30.0
"""Seconds without a message from the agent after which opening a session is given up."""
DATA_KEY_SECONDS = 20.0
"""Maximum seconds to get the data key from KMS; the agent does not wait longer."""
RESEND_CHECK_SECONDS = 0.1
"""Seconds between two checks for messages that must be resent."""
_SECRET_TYPES = (PayloadType.OUTPUT, PayloadType.STDERR, PayloadType.EXIT_CODE)
"""The payload types that are encrypted in a session with a KMS key."""


class _Closed(Struct):
    output: str = field(name="Output", default="")


class Client:
    """A session between a data channel and this terminal; it may use several WebSockets in turn."""

    def __init__(self, start: Start, stdin: int, stdout: int, reporter: report.Reporter) -> None:
        self._start = start
        self._terminal = stdin if os.isatty(stdin) else stdout
        self._reporter = reporter
        self._loop = asyncio.get_running_loop()
        self._finished = asyncio.Event()
        self._input = TerminalInput(stdin, MAX_PAYLOAD_BYTES, self._typed)
        self._output = TerminalOutput(stdout, self._finished.set)
        self._to_send: asyncio.Queue[bytes] = asyncio.Queue()
        self._out = Outgoing(MessageType.INPUT, self._to_send.put_nowait, self._loop.time)
        self._in = Incoming(self._to_send.put_nowait)
        self._resumption = Resumption(start.session_id, self._aws, reporter)
        self._channel = DataChannel(
            self._to_send,
            self._message,
            self._out.unanswered_for,
            self._stalled,
            self._resumption.alive,
        )
        self._encrypted = False
        self._cipher: Cipher | None = None
        self._handshake_task: asyncio.Task[None] | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._ready = False
        self.exit_code = 0

    async def run(self) -> int:
        """Serve the session until it ends; returns the exit status for this process."""
        self._await_handshake()
        async with client_session() as http:
            jobs = [
                asyncio.create_task(self._serve(http)),
                asyncio.create_task(self._resend()),
                asyncio.create_task(self._finished.wait()),
            ]
            try:
                await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED)
                for job in (*jobs, *([self._handshake_task] if self._handshake_task else [])):
                    if job.done():
                        job.result()  # an internal error ends the client and is reported
            finally:
                self._cancel_deadline()
                self._input.stop()
                self._output.flush()
                if self._handshake_task is not None:
                    jobs.append(self._handshake_task)
                for job in jobs:
                    job.cancel()
                await asyncio.gather(*jobs, return_exceptions=True)
        return self.exit_code

    @contextlib.asynccontextmanager
    async def _aws(self) -> AsyncIterator[Account]:
        """An account for the AWS calls that this client makes; botocore is imported only here.

        Created for each use: a session can last hours, and the credentials on disk may change.
        """
        start = self._start
        account = Account(start.profile or None, start.region or None, start.endpoint or None)
        try:
            yield account
        finally:
            await account.close()

    async def _serve(self, http: aiohttp.ClientSession) -> None:
        """Serve connections until the session cannot be resumed."""
        url, token = self._start.stream_url, self._start.token
        while not self._finished.is_set():
            try:
                await self._channel.serve(http, url, token, self._out.resend_all)
            except Refused as error:
                self._fail(f"The session's token was not sent: {error}.")
                return
            except Unusable as error:
                self._fail(f"Could not connect to the session: {error}.")
                return
            except (aiohttp.ClientHttpProxyError, aiohttp.ClientProxyConnectionError) as error:
                if not self._channel.opened:
                    status = getattr(error, "status", 0)
                    code = f" (HTTP {status})" if status else ""
                    self._fail(f"Could not connect to the session: the proxy refused{code}.")
                    return
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                if not self._channel.opened:
                    words = type(error).__name__
                    if isinstance(error, aiohttp.ClientConnectorCertificateError):
                        words = "its certificate is not trusted (AWS_CA_BUNDLE, ca_bundle)"
                    self._fail(f"Could not connect to the session: {words}.")
                    return
            if self._finished.is_set():
                return
            while not self._to_send.empty():  # messages are resent, old acknowledgements obsolete
                self._to_send.get_nowait()
            try:
                resumed = await self._resumption.again()
            except NotResumed as error:
                if error.ended:
                    self._reporter.say(report.CLOSED, str(error))
                self._fail(str(error))
                return
            token, url = resumed.token, resumed.stream_url or url

    async def _resend(self) -> None:
        while True:
            await asyncio.sleep(RESEND_CHECK_SECONDS)
            # With a longer queue, the originals are still in it, and copies would wait behind them.
            if self._to_send.qsize() < WINDOW_MESSAGES:
                self._out.resend_due()

    # -- how it ends

    def _fail(self, words: str) -> None:
        """End the client with an error message."""
        self.exit_code = 1
        self._reporter.say(report.LOST, words)
        self._say(f"\r\n{words}\r\n")
        self._finished.set()

    def terminate(self) -> None:
        """Send the agent a request to end the session, and end the client."""
        if self._ready:
            self._out.send(struct.pack(">I", TERMINATE), PayloadType.FLAG)
            self._loop.call_later(0.3, self._finished.set)
        else:
            self._finished.set()

    def _closed(self, payload: bytes) -> None:
        """The remote end has closed the session, even if its message cannot be read."""
        text = ""
        with contextlib.suppress(PayloadError):
            text = agent_words(read(payload, _Closed).output)
        self._reporter.say(report.CLOSED, text)
        if text:
            self._say(f"\r\nSessionId: {self._start.session_id} : {text}\r\n")
        self._finished.set()

    def _await_handshake(self) -> None:
        """Start the time limit for the agent."""
        self._cancel_deadline()
        self._deadline = self._loop.call_later(HANDSHAKE_SECONDS, self._no_handshake)

    def _cancel_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _no_handshake(self) -> None:
        self._fail(f"The agent in the container has not answered for {HANDSHAKE_SECONDS:.0f} s.")

    # -- receiving

    def _stalled(self, seconds: float | None) -> None:
        if seconds is None:
            self._reporter.say(report.ANSWERING)
        else:
            self._reporter.say(report.STALLED, f"{seconds:.0f}")

    def _message(self, data: bytes) -> None:
        try:
            message = decode(data)
        except FrameError:
            return  # dropped and not acknowledged: it will be sent again
        if message.kind == MessageType.ACKNOWLEDGE:
            self._out.acknowledged(message.payload)
            if self._ready and self._out.under_way < WINDOW_MESSAGES // 2:
                self._input.start()
        elif message.kind == MessageType.OUTPUT:
            for ready in self._in.receive(message):
                if self._finished.is_set():
                    return
                self._take(ready.payload_type, ready.payload)
        elif message.kind == MessageType.CHANNEL_CLOSED:
            self._closed(message.payload)

    def _take(self, payload_type: int, payload: bytes) -> None:
        if not self._ready:
            self._await_handshake()
        if payload_type == PayloadType.HANDSHAKE_REQUEST:
            if self._handshake_task is None:
                self._take_handshake(payload)
        elif payload_type == PayloadType.CHALLENGE_REQUEST:
            self._answer_challenge(payload)
        elif payload_type == PayloadType.HANDSHAKE_COMPLETE:
            self._open()
        else:
            self._take_data(payload_type, payload)

    def _take_data(self, payload_type: int, payload: bytes) -> None:
        if self._encrypted and payload_type in _SECRET_TYPES:
            if self._cipher is None:
                self._fail("Output arrived before the session was encrypted; disconnected.")
                return
            try:
                payload = self._cipher.decrypt(payload)
            except CipherError as error:
                self._fail(f"Could not decrypt session output ({error}); disconnected.")
                return
        if payload_type in (PayloadType.OUTPUT, PayloadType.STDERR, PayloadType.ERROR):
            self._open()  # agents older than the handshake send output at once
            if self._ready:
                self._output.write(payload)
        elif payload_type == PayloadType.EXIT_CODE and payload.isdigit() and len(payload) < 10:
            self.exit_code = int(payload) & 0xFF
            self._reporter.say(report.EXIT, str(self.exit_code))

    # -- the handshake

    def _take_handshake(self, payload: bytes) -> None:
        try:
            actions = handshake.requested(payload)
        except PayloadError as error:
            self._fail(f"The agent's handshake is invalid ({clean(str(error))}); disconnected.")
            return
        self._encrypted = any(action == handshake.KMS_ENCRYPTION for action, _ in actions)
        self._handshake_task = asyncio.create_task(self._answer(actions))
        self._handshake_task.add_done_callback(self._handshake_answered)

    def _handshake_answered(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and task.exception() is not None:
            self._finished.set()  # `run` raises its exception

    async def _answer(self, actions: list[tuple[str, handshake.Parameters]]) -> None:
        """Answer each action of the agent's handshake; KMS may take a moment."""
        answers = []
        for action, parameters in actions:
            if action == handshake.KMS_ENCRYPTION:
                answers.append(await self._make_key(parameters.key_id))
            elif action == handshake.SESSION_TYPE and parameters.session_type in handshake.SHELLS:
                answers.append(handshake.ActionResult(action, handshake.DONE))
            else:
                words = f"{action} {parameters.session_type}".strip()
                words = f"{words[:80]} is not supported by this client"
                answers.append(handshake.ActionResult(action, handshake.UNSUPPORTED, None, words))
        response = handshake.response(CLIENT_VERSION, answers)
        self._out.send(response, PayloadType.HANDSHAKE_RESPONSE)
        if not self._ready:
            self._await_handshake()

    async def _make_key(self, key_id: str) -> handshake.ActionResult:
        context = {
            "aws:ssm:SessionId": self._start.session_id,
            "aws:ssm:TargetId": self._start.target,
        }
        try:
            async with asyncio.timeout(DATA_KEY_SECONDS), self._aws() as account:
                plain, encrypted = await generate_data_key(account, key_id, KEY_BYTES, context)
            self._cipher = Cipher(plain)
        except (AwsError, CipherError, TimeoutError) as error:
            words = str(error) or f"KMS has not answered for {DATA_KEY_SECONDS:.0f} s."
            # The agent then ends the session; print the cause, which the operator can fix.
            self._say(f"\r\nThis session must be encrypted with {clean(key_id)}: {words}\r\n")
            return handshake.ActionResult(handshake.KMS_ENCRYPTION, handshake.FAILED, None, words)
        self._reporter.say(report.ENCRYPTED)
        result = {"KMSCipherTextKey": handshake.encode(encrypted)}
        return handshake.ActionResult(handshake.KMS_ENCRYPTION, handshake.DONE, result)

    def _answer_challenge(self, payload: bytes) -> None:
        if self._cipher is None:
            return
        try:
            answer = self._cipher.encrypt(self._cipher.decrypt(handshake.challenged(payload)))
        except CipherError as error:
            self._fail(f"Encryption handshake failed ({error}); disconnected.")
            return
        self._out.send(handshake.challenge(answer), PayloadType.CHALLENGE_RESPONSE)

    def _open(self) -> None:
        if self._encrypted and self._cipher is None:
            self._fail("The agent opened the session before encryption was set up; disconnected.")
        elif not self._ready:
            self._ready = True
            self._cancel_deadline()
            self.resized()
            self._input.start()

    # -- this terminal

    def resized(self) -> None:
        """Send the terminal's new size to the agent."""
        if self._ready:
            columns, rows = get_size(self._terminal)
            size = json.dumps({"cols": columns, "rows": rows}).encode()
            self._out.send(size, PayloadType.SIZE)

    def _typed(self, data: bytes) -> None:
        if self._cipher is not None:
            data = self._cipher.encrypt(data)
        self._out.send(data, PayloadType.OUTPUT)
        if self._out.under_way >= WINDOW_MESSAGES:
            self._input.stop()

    def _say(self, text: str) -> None:
        self._output.write(text.encode())
        self._output.flush()
