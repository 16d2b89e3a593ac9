"""`ls`, `doctor`, `exec` and `logs` print no control character of a name from AWS to the terminal."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from tests.support.command import run_command
from tests.support.limits import sample
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


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", sample(list(CALLS), 3))
def test_lists_and_doctor_print_names_as_text(stub: StubAws, name: str) -> None:
    answer = ran(stub, *CALLS[name])
    assert "]52;c;QUJD" in harmless(answer.stdout), answer.stderr
    harmless(answer.stderr)


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", sample(list(CALLS), 3))
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


@pytest.fixture
def logging_stub(stub: StubAws) -> StubAws:
    """Its containers write to CloudWatch Logs; names and lines are hostile."""
    definition = _named(ANSWERS["ecs:DescribeTaskDefinition"]["taskDefinition"])
    assert isinstance(definition, dict)
    definition["containerDefinitions"][0]["logConfiguration"] = {
        "logDriver": "awslogs",
        "options": {
            "awslogs-group": f"/web{HOSTILE}",
            "awslogs-region": REGION,
            "awslogs-stream-prefix": f"ecs{HOSTILE}",
        },
    }
    event = {"logStreamName": f"ecs{HOSTILE}/app{HOSTILE}/{'a' * 32}{HOSTILE}"}
    event |= {
        "message": f"said {HOSTILE}",
        "timestamp": 1764000020000,
        "ingestionTime": 1764000021000,
    }
    del stub.faults["ecs:DescribeTaskDefinition"]
    stub.answers["ecs:DescribeTaskDefinition"] = {"taskDefinition": definition}
    stub.answers["logs:FilterLogEvents"] = {"events": [event]}
    return stub


def test_logs_print_lines_as_text(logging_stub: StubAws) -> None:
    answer = ran(logging_stub, "logs", "stub", "a" * 32)
    assert "said " in harmless(answer.stdout) and "]52;c;QUJD" in answer.stdout, answer.stderr
    harmless(answer.stderr)
    answer = ran(logging_stub, "logs", "stub", "a" * 32, "--output", "jsonl")
    (found,) = map(json.loads, harmless(answer.stdout).splitlines())
    assert found["message"] == f"said {HOSTILE}" and HOSTILE in found["logStreamName"]
    harmless(answer.stderr)


def test_the_sentence_of_logs_that_are_elsewhere_is_text_too(stub: StubAws) -> None:
    answer = ran(stub, "logs", "stub", "a" * 32)
    assert answer.returncode == 1 and answer.stdout == ""
    assert "]52;c;QUJD" in harmless(answer.stderr)
