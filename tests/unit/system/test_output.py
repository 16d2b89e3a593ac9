"""Printed output: no control characters, any encoding, no secrets, a message if it fails."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from ecs_tui.system.echo import echo, json_text, showable, sign
from ecs_tui.system.redact import redact
from ecs_tui.system.streams import OutputFailed, written

TOKEN = "AbCdEf0123456789" * 3


class Stream(io.TextIOWrapper):
    """A stream of some encoding whose text can be read back."""

    def __init__(self, encoding: str) -> None:
        super().__init__(io.BytesIO(), encoding, newline="")

    def text(self) -> str:
        self.flush()
        return self.buffer.getvalue().decode(self.encoding)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("encoding", "text", "printed"),
    [
        ("utf-8", "a\x1b[31mb", "a�[31mb\n"),
        ("utf-8", "one\ttwo\nthree", "one\ttwo\nthree\n"),
        ("utf-8", "a\u202eb\x07", "a�b�\n"),
        ("utf-8", "● münchen …", "● münchen …\n"),
        ("ascii", "● münchen …", "ok m\\xfcnchen ...\n"),
        ("latin-1", "● münchen", "ok münchen\n"),
    ],
)
def test_what_is_printed(
    monkeypatch: pytest.MonkeyPatch, encoding: str, text: str, printed: str
) -> None:
    stream = Stream(encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    echo(text)
    assert stream.text() == printed
    assert showable("plain", stream) == "plain"


def test_signs_are_aligned_where_they_are_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Stream("ascii"))
    assert [sign("●"), sign("✖")] == ["ok", "x "]
    monkeypatch.setattr(sys, "stdout", Stream("utf-8"))
    assert sign("●") == "●"


def test_json_escapes_what_would_be_taken_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Stream("utf-8"))
    assert json_text({"name": "ü\x1b\u202e"}) == '{\n  "name": "ü\\u001b\\u202e"\n}'
    monkeypatch.setattr(sys, "stdout", Stream("ascii"))
    assert json_text({"name": "ü"}) == '{\n  "name": "\\u00fc"\n}'


@pytest.mark.parametrize(
    ("error", "unread"), [(BrokenPipeError(32, "gone"), True), (OSError(28, "full"), False)]
)
def test_output_that_is_not_taken_is_said(
    error: OSError, unread: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (tmp_path / "out").open("w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        with pytest.raises(OutputFailed) as caught, written():
            raise error
        print("what is left goes nowhere", flush=True)
        monkeypatch.undo()
    assert caught.value.unread is unread
    assert caught.value.status == (141 if unread else 1)
    assert (tmp_path / "out").read_text() == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"X-Amz-Security-Token: {TOKEN}", "X-Amz-Security-Token: …"),
        ('{"sessionToken": "abc"}', '{"sessionToken": "…"}'),
        ('{\\"tokenValue\\":\\"abc\\"}', '{\\"tokenValue\\":\\"…\\"}'),
        ("aws_session_token = abc next", "aws_session_token = … next"),
        ("AKIAIOSFODNN7EXAMPLE is denied", "AKIA… is denied"),
        (f"it was {TOKEN}", "it was …"),
        ("task 0123456789abcdef0123456789abcdef", "task 0123456789abcdef0123456789abcdef"),
        (
            "arn:aws:ecs:eu-west-1:123456789012:task/prod",
            "arn:aws:ecs:eu-west-1:123456789012:task/prod",
        ),
    ],
)
def test_secrets_are_taken_out_and_ids_are_not(text: str, shown: str) -> None:
    assert redact(text) == shown
