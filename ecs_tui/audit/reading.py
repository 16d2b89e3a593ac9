"""Reads a transcript piece by piece, from wherever it is kept, as the bytes of a terminal."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import logs, s3
from ecs_tui.errors import AwsError
from ecs_tui.model.text import clean
from ecs_tui.model.transcript import (
    LoggedTranscript,
    RecordedTranscript,
    StoredTranscript,
    TranscriptPlace,
)
from ecs_tui.record import dataclass

_LONE_NEWLINE = re.compile(rb"(?<!\r)\n")
FULL_EVENT_BYTES = 190_000
"""Bytes from which on a log event may be cut within a line (the agent packs up to 200,000)."""
MAX_RECORDING_LINE = 4 << 20
"""Bytes of a line of a recording; longer ones are left out."""
RECORDING_LINES = 200
"""Lines of a recording that are read at once."""


@dataclass(frozen=True, slots=True)
class TranscriptPiece:
    """Some bytes of a terminal.

    Attributes:
        at: For recordings: seconds from the start of the session; else -1.
        size: For recordings: the new size of the terminal (columns, rows); (0, 0) for no change.
    """

    data: bytes
    at: float = -1.0
    size: tuple[int, int] = (0, 0)


async def read(
    place: TranscriptPlace, account_of: Callable[[str], Account]
) -> AsyncIterator[TranscriptPiece]:
    """The bytes of a transcript, in order.

    Args:
        account_of: The account in a region; "" for its own.

    Raises:
        AwsError: It cannot be read, or no longer.
        OSError: A recording cannot be read.
    """
    if isinstance(place, LoggedTranscript):
        reading = _logged(place, account_of(place.group.region))
    elif isinstance(place, StoredTranscript):
        reading = _stored(place, account_of(place.region))
    else:
        reading = _recorded(place)
    async for piece in reading:
        yield piece


async def _logged(place: LoggedTranscript, account: Account) -> AsyncIterator[TranscriptPiece]:
    """Log events, in the order of the stream. CloudWatch Logs has made LF of CRLF."""
    token = ""
    while True:
        page, _ = await logs.get_log_events(
            account, place.group, place.stream, token=token, newest=False
        )
        for event in page.events:
            data = event.message.encode("utf-8", "replace")
            if not data.endswith(b"\n") and len(data) < FULL_EVENT_BYTES:
                data += b"\n"
            yield TranscriptPiece(_LONE_NEWLINE.sub(b"\r\n", data))
        if not page.token:
            return
        token = page.token


async def _stored(place: StoredTranscript, account: Account) -> AsyncIterator[TranscriptPiece]:
    """The object. Only the lines that `script` adds end without CR."""
    async with s3.read_object(account, place.bucket, place.key) as (_, pieces):
        first = True
        async for piece in pieces:
            yield TranscriptPiece(_with_return(piece) if first else piece)
            first = False


def _with_return(start: bytes) -> bytes:
    """The first bytes of an object, with CR at the end of the line that `script` has added."""
    if not start.startswith(b"Script started on"):
        return start
    head, newline, rest = start.partition(b"\n")
    return head.rstrip(b"\r") + (b"\r\n" if newline else b"") + rest


async def _recorded(place: RecordedTranscript) -> AsyncIterator[TranscriptPiece]:
    """An asciicast file, version 2 (https://docs.asciinema.org/manual/asciicast/v2/)."""
    with await asyncio.to_thread(Path(place.path).open, "rb") as file:
        header = _json(file.readline(MAX_RECORDING_LINE))
        if not isinstance(header, dict) or header.get("version") != 2:
            raise AwsError(
                f"{clean(place.path)} is no recording: it does not begin as an asciicast file does.",
                "Open a file that ecs-tui or asciinema has recorded.",
            )
        yield TranscriptPiece(b"", 0.0, _size(header.get("width"), header.get("height")))
        while lines := await asyncio.to_thread(file.readlines, RECORDING_LINES * 100):
            for line in lines:
                event = _json(line[:MAX_RECORDING_LINE])
                if not isinstance(event, list) or len(event) != 3:
                    continue
                at, kind, text = event
                if not isinstance(at, int | float) or not isinstance(text, str):
                    continue
                if kind == "o":
                    yield TranscriptPiece(text.encode("utf-8", "replace"), float(at))
                elif kind == "r":
                    columns, _, rows = text.partition("x")
                    if columns.isdecimal() and rows.isdecimal():
                        yield TranscriptPiece(b"", float(at), _size(int(columns), int(rows)))


def _json(line: bytes) -> object:
    try:
        found: object = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found


def _size(columns: object, rows: object) -> tuple[int, int]:
    if isinstance(columns, int) and isinstance(rows, int) and columns > 0 and rows > 0:
        return min(columns, 1000), min(rows, 500)
    return 0, 0
