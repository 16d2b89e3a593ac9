"""The HTTP answer of one call, as far as error messages need it."""

from __future__ import annotations

import re
from contextvars import ContextVar

from ecs_tui.model.text import clean
from ecs_tui.record import dataclass
from ecs_tui.system.redact import redact

HEAD_BYTES = 2048
"""Bytes of an answer that are kept to quote its first words."""
EVENT_STREAM = "application/vnd.amazon.eventstream"
"""The content type of event streams
(https://docs.aws.amazon.com/AmazonS3/latest/API/RESTSelectObjectAppendix.html)."""
_MAX_WORDS_CHARACTERS = 100
"""Characters of an answer, or of the URL of a redirect, that an error quotes."""
_TAG = re.compile(r"(?s)<(script|style)\b.*?(</\1>|$)|<!--.*?(-->|$)|<[^>]*(>|$)")
_BEGINNINGS: dict[str, tuple[bytes, ...]] = {
    "json": (b"{",), "xml": (b"<",), "none": (b"{", b"<"), "": (b"",),
}  # fmt: skip
"""How each kind of body begins."""
_SECRET = {"ExecuteCommand", "ResumeSession", "StartSession", "GenerateDataKey"}
"""Operations whose answers contain a secret; their answers are never quoted."""


@dataclass(slots=True)
class Exchange:
    """One call's HTTP answer; `status` 0 means no answer yet.

    Attributes:
        operation: The operation's name.
        body: The kind of body in the protocol: "json", "xml", "none" (there is no answer but the
            status) or "" (unknown).
        streams: Whether the answer is an event stream, which is read event by event.
        raw: Whether the body is an object of S3, which may be anything.
        head: The first bytes of the answer.
        too_large: Bytes after which reading was stopped; 0 if it was not.
        location: The target of a redirect.
        date: The server's `Date` header.
    """

    operation: str = ""
    body: str = ""
    streams: bool = False
    raw: bool = False
    status: int = 0
    content_type: str = ""
    head: bytes = b""
    too_large: int = 0
    location: str = ""
    date: str = ""

    @property
    def problem(self) -> str:
        """Why this cannot be an answer from AWS, even if it can be parsed; or ""."""
        if not self.status:
            return ""
        if self.too_large:
            return f"HTTP {self.status} with more than {self.too_large // 2**20} MB"
        if 300 <= self.status < 400:
            # Without user and query, which may contain a secret.
            where = self.location.partition("?")[0].partition("#")[0]
            where = re.sub(r"//[^/]*@", "//", where)
            to = f" to {clean(redact(where))[:_MAX_WORDS_CHARACTERS]}" if where else ""
            return f"HTTP {self.status}, a redirect{to}"
        if self.raw and self.status < 300:
            return ""
        if self.streams and self.status < 300:
            media = self.content_type.partition(";")[0].strip().lower()
            return "" if media == EVENT_STREAM else self.words
        start = self.head.lstrip()[:15].lower()
        if not start and self.body == "none":
            return ""
        if not start:
            # AWS also returns errors without a body; the status is enough.
            return f"HTTP {self.status} with an empty body" if self.status < 400 else ""
        html = start.startswith((b"<!doctype html", b"<html", b"<head", b"<body"))
        if html or not start.startswith(_BEGINNINGS[self.body]):
            return self.words
        return ""

    @property
    def words(self) -> str:
        """Status, content type and first words of the answer, for an error message."""
        kind = clean(self.content_type.split(";")[0].strip())[:40]
        parts = f"HTTP {self.status}" + (f" {kind}" if kind else "")
        start = self.head.lstrip()[:1]
        if self.operation in _SECRET and start in (b"{", b"["):
            return parts
        text = self.head.decode("utf-8", "replace")
        if start == b"<":
            text = _TAG.sub(" ", text)
        text = clean(redact(" ".join(text.split())))
        if not text:
            return parts
        cut = f"{text[: _MAX_WORDS_CHARACTERS - 1]}…" if len(text) > _MAX_WORDS_CHARACTERS else text
        return f"{parts}: “{cut}”"


EXCHANGE: ContextVar[Exchange | None] = ContextVar("exchange", default=None)
"""The exchange of the current call in this context; the HTTP session fills it in."""
