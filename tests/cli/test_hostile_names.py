"""`ls`, `doctor` and `exec` print no control character of a name from AWS to the terminal."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from tests.support.command import run_command
from tests.support.stub_aws import ANSWERS, REGION, Reply, StubAws, body_of, is_json

HOSTILE = "\x1b[2J\x1b]52;c;QUJD\x07\x1b]0;title\x1b\\\x1bPq\x1b\\\x9b31m\x90\x9c\x7f\x00\x08\r\x0e\u202e\u2066"
"""Clears the screen, sets clipboard and title, C1, NUL, backspace, CR, another charset, bidi."""
ALLOWED_CONTROLS = {"\n", "\t"}


def _named(value: object) -> object:
    """`value` with `HOSTILE` at the end of every text, ARNs and names too."""
    if isinstance(value, dict):
        return {key: _named(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_named(item) for item in value]
    if isinstance(value, str) and value not in ("RUNNING", "ACTIVE", "FARGATE", "PRIMARY"):
        return value + HOSTILE
    return value


def _hostile(operation: str) -> Reply:
    return Reply(200, body_of(operation, _named(ANSWERS[operation])))


@pytest.fixture
def stub(stub: StubAws) -> StubAws:
    """Every operation answers with hostile names."""
    stub.faults.update({name: _hostile for name in ANSWERS if is_json(name)})
    return stub


def ran(stub: StubAws, *words: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, **stub.environment(), "AWS_DEFAULT_REGION": REGION, "PYTHONUTF8": "1"}
    return run_command(env, *words)


def harmless(text: str) -> str:
    """The text; fails if it contains control or format characters."""
    steering = {char for char in text if not char.isprintable()} - ALLOWED_CONTROLS
    assert not steering, text
    return text


CALLS = {
    "clusters": ("ls", "clusters"),
    "services": ("ls", "services", "--cluster", "stub"),
    "tasks": ("ls", "tasks", "--cluster", "stub"),
    "containers": ("ls", "containers", "--cluster", "stub"),
    "instances": ("ls", "instances", "--cluster", "stub"),
    "doctor": ("doctor", "stub", "a" * 32),
}


@pytest.mark.parametrize("name", CALLS)
def test_lists_and_doctor_print_names_as_text(stub: StubAws, name: str) -> None:
    answer = ran(stub, *CALLS[name])
    assert "]52;c;QUJD" in harmless(answer.stdout), answer.stderr
    harmless(answer.stderr)


@pytest.mark.parametrize("name", CALLS)
def test_json_has_the_whole_name_escaped(stub: StubAws, name: str) -> None:
    answer = ran(stub, *CALLS[name], "--json")
    found = json.loads(harmless(answer.stdout))
    assert any(HOSTILE in str(value) for each in found for value in each.values())
    harmless(answer.stderr)


def test_the_sentence_of_a_command_that_fails_is_text_too(stub: StubAws) -> None:
    answer = ran(stub, "exec", "stub", "a" * 32, "no-such-container")
    assert answer.returncode == 1
    assert answer.stdout == ""
    assert "]52;c;QUJD" in harmless(answer.stderr)
