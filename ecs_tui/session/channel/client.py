"""The built-in session client: a drop-in for `session-manager-plugin`, with the same arguments.

It runs as a process of its own (`python -m ecs_tui.session.channel`), on a terminal or on pipes.
Unlike the plugin it sets the terminal raw, so that output is not processed twice and Ctrl-C
travels as a byte, follows SIGWINCH at once instead of polling, and tells the app how the connection
fares (`report.py`).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import struct
import sys
from collections.abc import AsyncIterator, Sequence

import aiohttp
from msgspec import Struct, field

from ecs_tui.aws.account import Account
from ecs_tui.aws.sessions import generate_data_key
from ecs_tui.echo import echo
from ecs_tui.errors import AwsError
from ecs_tui.model.words import clean
from ecs_tui.pty import get_size
from ecs_tui.session.channel import handshake, report
from ecs_tui.session.channel.arguments import Start, UsageError, parse_arguments
from ecs_tui.session.channel.connection import (
    CLIENT_VERSION,
    Connection,
    Refused,
    Unusable,
    client_session,
)
from ecs_tui.session.channel.crypto import KEY_BYTES, Cipher, CipherError
from ecs_tui.session.channel.frame import (
    MAX_PAYLOAD,
    FrameError,
    MessageType,
    PayloadType,
    decode,
)
from ecs_tui.session.channel.payloads import PayloadError, read
from ecs_tui.session.channel.resume import NotResumed, Resumption
from ecs_tui.session.channel.stream import WINDOW, Incoming, Outgoing
from ecs_tui.session.channel.terminal_io import Input, Output, raw

TERMINATE = 2
HANDSHAKE_WITHIN = 30.0
"""Seconds of silence of the agent after which a session that is not open yet is given up."""
KEY_WITHIN = 20.0
"""Seconds in which KMS must have made the data key; the agent waits no longer than that either."""
RESEND_EVERY = 0.1
OUR_FAULT = 70
"""Exit status (EX_SOFTWARE in sysexits.h) after an error of this program's own."""
_SECRET_TYPES = (PayloadType.OUTPUT, PayloadType.STDERR, PayloadType.EXIT_CODE)
"""What is encrypted in a session with a KMS key."""


class _Closed(Struct):
    output: str = field(name="Output", default="")


class Client:
    """One session over one WebSocket after another, between a data channel and this terminal."""

    def __init__(self, start: Start, stdin: int, stdout: int, reporter: report.Reporter) -> None:
        self._start = start
        self._terminal = stdin if os.isatty(stdin) else stdout
        self._reporter = reporter
        self._loop = asyncio.get_running_loop()
        self._finished = asyncio.Event()
        self._input = Input(stdin, MAX_PAYLOAD, self._typed)
        self._output = Output(stdout, self._finished.set)
        self._to_send: asyncio.Queue[bytes] = asyncio.Queue()
        self._out = Outgoing(MessageType.INPUT, self._to_send.put_nowait, self._loop.time)
        self._in = Incoming(self._to_send.put_nowait)
        self._resumption = Resumption(start.session_id, self._aws, reporter)
        self._connection = Connection(
            self._to_send,
            self._message,
            self._out.unanswered_for,
            self._stalled,
            self._resumption.alive,
        )
        self._encrypted = False
        self._cipher: Cipher | None = None
        self._shaking: asyncio.Task[None] | None = None
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
                for job in (*jobs, *([self._shaking] if self._shaking else [])):
                    if job.done():
                        job.result()  # a fault of ours ends the client and is told
            finally:
                self._cancel_deadline()
                self._input.stop()
                self._output.flush()
                if self._shaking is not None:
                    jobs.append(self._shaking)
                for job in jobs:
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
            except Refused as error:
                self._fail(f"The session's token was not sent: {error}.")
                return
            except Unusable as error:
                self._fail(f"The session could not be reached: {error}.")
                return
            except (aiohttp.ClientHttpProxyError, aiohttp.ClientProxyConnectionError) as error:
                if not self._connection.opened:
                    status = getattr(error, "status", 0)
                    said = f" (HTTP {status})" if status else ""
                    self._fail(f"The session could not be reached: the proxy refuses{said}.")
                    return
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                if not self._connection.opened:
                    words = type(error).__name__
                    if isinstance(error, aiohttp.ClientConnectorCertificateError):
                        words = "its certificate is not trusted (AWS_CA_BUNDLE, ca_bundle)"
                    self._fail(f"The session could not be reached: {words}.")
                    return
            if self._finished.is_set():
                return
            while not self._to_send.empty():  # its stream sends it again; old answers are void
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
            await asyncio.sleep(RESEND_EVERY)
            if self._to_send.qsize() < WINDOW:  # else the copies would only wait behind the first
                self._out.resend_due()

    # -- how it ends

    def _fail(self, words: str) -> None:
        """End this side, and say why."""
        self.exit_code = 1
        self._reporter.say(report.LOST, words)
        self._say(f"\r\n{words}\r\n")
        self._finished.set()

    def terminate(self) -> None:
        """Ask the agent to end the session, and end this side."""
        if self._ready:
            self._out.send(struct.pack(">I", TERMINATE), PayloadType.FLAG)
            self._loop.call_later(0.3, self._finished.set)
        else:
            self._finished.set()

    def _closed(self, payload: bytes) -> None:
        """The far end has closed the session; words that cannot be read do not keep it open."""
        text = ""
        with contextlib.suppress(PayloadError):
            text = clean(read(payload, _Closed).output)
        self._reporter.say(report.CLOSED, text)
        if text:
            self._say(f"\r\nSessionId: {self._start.session_id} : {text}\r\n")
        self._finished.set()

    def _await_handshake(self) -> None:
        """Give the agent so long from now on."""
        self._cancel_deadline()
        self._deadline = self._loop.call_later(HANDSHAKE_WITHIN, self._no_handshake)

    def _cancel_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _no_handshake(self) -> None:
        self._fail(f"The agent in the container has not answered for {HANDSHAKE_WITHIN:.0f} s.")

    # -- what arrives

    def _stalled(self, seconds: float | None) -> None:
        if seconds is None:
            self._reporter.say(report.ANSWERING)
        else:
            self._reporter.say(report.STALLED, f"{seconds:.0f}")

    def _message(self, data: bytes) -> None:
        try:
            message = decode(data)
        except FrameError:
            return  # dropped and not acknowledged: it will come again
        if message.kind == MessageType.ACKNOWLEDGE:
            self._out.acknowledged(message.payload)
            if self._ready and self._out.under_way < WINDOW // 2:
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
            if self._shaking is None:
                self._shake(payload)
        elif payload_type == PayloadType.CHALLENGE_REQUEST:
            self._answer_challenge(payload)
        elif payload_type == PayloadType.HANDSHAKE_COMPLETE:
            self._open()
        else:
            self._take_data(payload_type, payload)

    def _take_data(self, payload_type: int, payload: bytes) -> None:
        if self._encrypted and payload_type in _SECRET_TYPES:
            if self._cipher is None:
                self._fail("Output came before this session was encrypted: ended.")
                return
            try:
                payload = self._cipher.decrypt(payload)
            except CipherError as error:
                self._fail(f"Output that this session's key does not open ({error}): ended.")
                return
        if payload_type in (PayloadType.OUTPUT, PayloadType.STDERR, PayloadType.ERROR):
            self._open()  # agents older than the handshake send output at once
            if self._ready:
                self._output.write(payload)
        elif payload_type == PayloadType.EXIT_CODE and payload.isdigit() and len(payload) < 10:
            self.exit_code = int(payload) & 0xFF
            self._reporter.say(report.EXIT, str(self.exit_code))

    # -- the handshake

    def _shake(self, payload: bytes) -> None:
        try:
            actions = handshake.requested(payload)
        except PayloadError as error:
            self._fail(f"The agent's handshake cannot be read ({clean(str(error))}): ended.")
            return
        self._encrypted = any(action == handshake.KMS_ENCRYPTION for action, _ in actions)
        self._shaking = asyncio.create_task(self._answer(actions))
        self._shaking.add_done_callback(self._shaken)

    def _shaken(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and task.exception() is not None:
            self._finished.set()  # `run` raises it

    async def _answer(self, actions: list[tuple[str, handshake.Parameters]]) -> None:
        """Answer each action the agent asks for; KMS may take a moment."""
        answers = []
        for action, parameters in actions:
            if action == handshake.KMS_ENCRYPTION:
                answers.append(await self._make_key(parameters.key_id))
            elif action == handshake.SESSION_TYPE and parameters.session_type in handshake.SHELLS:
                answers.append(handshake.Answer(action, handshake.DONE))
            else:
                words = f"{action} {parameters.session_type}".strip()
                words = f"{words[:80]} is not supported by this client"
                answers.append(handshake.Answer(action, handshake.UNSUPPORTED, None, words))
        response = handshake.response(CLIENT_VERSION, answers)
        self._out.send(response, PayloadType.HANDSHAKE_RESPONSE)
        if not self._ready:
            self._await_handshake()

    async def _make_key(self, key_id: str) -> handshake.Answer:
        context = {
            "aws:ssm:SessionId": self._start.session_id,
            "aws:ssm:TargetId": self._start.target,
        }
        try:
            async with asyncio.timeout(KEY_WITHIN), self._aws() as account:
                plain, encrypted = await generate_data_key(account, key_id, KEY_BYTES, context)
            self._cipher = Cipher(plain)
        except (AwsError, CipherError, TimeoutError) as error:
            words = str(error) or f"KMS has not answered for {KEY_WITHIN:.0f} s."
            # The agent ends the session then; this is what the operator can do something about.
            self._say(f"\r\nThe session is to be encrypted with {clean(key_id)}: {words}\r\n")
            return handshake.Answer(handshake.KMS_ENCRYPTION, handshake.FAILED, None, words)
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
        if self._encrypted and self._cipher is None:
            self._fail("The agent opened the session without the encryption it asked for: ended.")
        elif not self._ready:
            self._ready = True
            self._cancel_deadline()
            self.resized()
            self._input.start()

    # -- this terminal

    def resized(self) -> None:
        """The terminal has another size: tell the agent."""
        if self._ready:
            columns, rows = get_size(self._terminal)
            size = json.dumps({"cols": columns, "rows": rows}).encode()
            self._out.send(size, PayloadType.SIZE)

    def _typed(self, data: bytes) -> None:
        if self._cipher is not None:
            data = self._cipher.encrypt(data)
        self._out.send(data, PayloadType.OUTPUT)
        if self._out.under_way >= WINDOW:
            self._input.stop()

    def _say(self, text: str) -> None:
        self._output.write(text.encode())
        self._output.flush()


async def serve(start: Start) -> int:
    """Run one session on this process's stdin and stdout; returns the exit status."""
    reporter = report.Reporter(os.environ)
    client = Client(start, sys.stdin.fileno(), sys.stdout.fileno(), reporter)
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGWINCH, client.resized)
    for number in (signal.SIGHUP, signal.SIGTERM):
        loop.add_signal_handler(number, client.terminate)
    return await client.run()


def main(argv: Sequence[str] | None = None) -> int:
    """The command. Returns the exit status."""
    args = list(sys.argv[1:] if argv is None else argv)
    if args == ["--version"]:
        echo(CLIENT_VERSION)
        return 0
    try:
        start = parse_arguments(args, os.environ)
    except UsageError as error:
        echo(f"ecs-tui session client: {error}", err=True)
        return 2
    try:
        with raw(sys.stdin.fileno()):
            return asyncio.run(serve(start))
    except Exception as error:
        # Where it happened, and nothing of what was at hand there: that could be the token.
        echo(f"ecs-tui session client: a fault in ecs-tui, {_place(error)}.", err=True)
        return OUR_FAULT


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = "" if trace is None else f" at {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
    return f"{type(error).__name__}{where}"
