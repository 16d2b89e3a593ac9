"""What came back for one call, as far as it is needed to say what was wrong with it."""

from __future__ import annotations

import re
from contextvars import ContextVar
from dataclasses import dataclass

from ecs_tui.model.words import clean
from ecs_tui.redact import redact

HEAD = 2048
"""Bytes kept of an answer for its first words."""
_WORDS = 100
_TAG = re.compile(r"(?s)<(script|style)\b.*?(</\1>|$)|<!--.*?(-->|$)|<[^>]*(>|$)")
_SECRET = {"ExecuteCommand", "ResumeSession", "StartSession", "GenerateDataKey"}
"""Operations whose real answers hold a secret: nothing that may be one of these is quoted."""


@dataclass(slots=True)
class Exchange:
    """One call's answer on HTTP's level; `status` 0: nothing was answered yet.

    Attributes:
        operation: ECS's, SSM's … name of the operation.
        body: Which kind of body the protocol has: "json", "xml" or "" (not known).
        head: The first bytes of the answer.
        too_large: Bytes at which reading was given up, 0 where it was not.
        location: Where a redirect points.
        date: The server's clock, as it sent it.
    """

    operation: str = ""
    body: str = ""
    status: int = 0
    content_type: str = ""
    head: bytes = b""
    too_large: int = 0
    location: str = ""
    date: str = ""

    @property
    def problem(self) -> str:
        """Why this can be no answer of AWS, whatever a parser makes of it; or ""."""
        if not self.status:
            return ""
        if self.too_large:
            return f"HTTP {self.status} with more than {self.too_large // 2**20} MB"
        if 300 <= self.status < 400:
            # Without user and query, which may hold a secret.
            where = self.location.partition("?")[0].partition("#")[0]
            where = re.sub(r"//[^/]*@", "//", where)
            to = f" to {clean(redact(where))[:_WORDS]}" if where else ""
            return f"HTTP {self.status}, a redirect{to}"
        start = self.head.lstrip()[:15].lower()
        if not start:
            # An error without a body is still one of AWS's; its status says all.
            return f"HTTP {self.status} with an empty body" if self.status < 400 else ""
        html = start.startswith((b"<!doctype html", b"<html", b"<head", b"<body"))
        if html or (self.body and not start.startswith(b"{" if self.body == "json" else b"<")):
            return self.words
        return ""

    @property
    def words(self) -> str:
        """Status, type and first words of what came, fit for a sentence."""
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
        return f"{parts}: “{text if len(text) <= _WORDS else text[: _WORDS - 1] + '…'}”"


EXCHANGE: ContextVar[Exchange | None] = ContextVar("exchange", default=None)
"""The exchange of the call that is under way in this context; the HTTP session fills it in."""
