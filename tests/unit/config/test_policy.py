"""The policy: its patterns, and what of the config file is refused."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import pytest

from ecs_tui.config import settings
from ecs_tui.config.policy import UNRESTRICTED, CallPolicy
from ecs_tui.errors import SettingsError
from ecs_tui.system.exit_status import of_error
from tests.support.command import run_command


@pytest.mark.parametrize(
    ("deny", "operation", "by"),
    [
        (("ecs:StopTask",), "ecs:StopTask", "ecs:StopTask"),
        (("ecs:StopTask",), "ecs:StopTasks", ""),
        (("ecs:stoptask",), "ecs:StopTask", "ecs:stoptask"),
        (("iam:*", "ecs:Delete*"), "ecs:DeleteService", "ecs:Delete*"),
        (("ecs:?topTask",), "ecs:StopTask", "ecs:?topTask"),
        (("*:Delete*",), "logs:DeleteLogGroup", "*:Delete*"),
        ((), "ecs:StopTask", ""),
    ],
)
def test_what_is_denied(deny: tuple[str, ...], operation: str, by: str) -> None:
    assert CallPolicy(deny=deny).denied_by(operation) == by


@pytest.mark.parametrize(
    ("allow", "operation", "may"),
    [
        ((), "ecs:StopTask", True),
        (("ecs:ExecuteCommand",), "ecs:ExecuteCommand", True),
        (("ecs:ExecuteCommand",), "ecs:StopTask", False),
        (("ecs:Update*", "ssm:*"), "ssm:TerminateSession", True),
    ],
)
def test_what_is_allowed(allow: tuple[str, ...], operation: str, may: bool) -> None:
    assert CallPolicy(allow=allow).allows(operation) is may


@pytest.mark.parametrize(
    ("pattern", "cluster", "match"),
    [
        ("prod*", "prod", True),
        ("prod*", "production-eu", True),
        ("prod*", "Prod", True),
        ("prod", "prod-eu", False),
        ("*", "anything", True),
        ("p?od", "prod", True),
        ("prod*", "preprod", False),
    ],
)
def test_clusters_by_name(pattern: str, cluster: str, match: bool) -> None:
    policy = CallPolicy(clusters_read_only=(pattern,), confirm_by_name=(pattern,))
    assert policy.read_only_by(cluster) == (pattern if match else "")
    assert policy.asks_for_name(cluster) is match


def test_it_is_immutable_and_says_whether_it_blocks() -> None:
    policy = CallPolicy(confirm_by_name=("prod",))
    with pytest.raises(dataclasses.FrozenInstanceError):
        policy.read_only = True  # type: ignore[misc]
    assert not policy.blocks and not UNRESTRICTED.blocks
    for blocking in (
        CallPolicy(read_only=True),
        CallPolicy(deny=("ecs:*",)),
        CallPolicy(allow=("ecs:*",)),
        CallPolicy(clusters_read_only=("a",)),
    ):
        assert blocking.blocks


def test_a_pattern_that_matches_no_operation_is_found() -> None:
    policy = CallPolicy(deny=("ecs:StopTasks", "logs:*"), allow=("ecs:ExecuteCommand",))
    assert policy.unmatched("ecs", ["StopTask", "ExecuteCommand"]) == "ecs:StopTasks"
    assert policy.unmatched("logs", ["StartLiveTail"]) == ""
    assert policy.unmatched("iam", ["GetRole"]) == ""


WRONG = [
    ('deny = "ecs:StopTask"', ("[policy] deny is 'ecs:StopTask'", "a list of strings")),
    ("deny = [3]", ("[policy] deny is [3]", "a list of strings")),
    ('deny = ["StopTask"]', ("deny has 'StopTask'", "an operation, such as")),
    ('deny = ["ecs:Stop Task"]', ("deny has 'ecs:Stop Task'",)),
    ('deny = ["esc:StopTask"]', ("unknown service 'esc'", "Known: ")),
    ('allow = [""]', ("allow has ''",)),
    ('denny = ["ecs:StopTask"]', ("unknown key 'denny' in [policy]", "deny")),
    ('clusters_read_only = ["prod/web"]', ("clusters_read_only has 'prod/web'", "cluster's name")),
    ('confirm_by_name = ["a b"]', ("confirm_by_name has 'a b'",)),
    ('read_only = "true"', ("[policy] read_only is 'true'", "true or false")),
    ("read_only = 1", ("[policy] read_only is 1",)),
]


@pytest.mark.parametrize(("line", "parts"), WRONG)
def test_a_policy_that_cannot_be_read_refuses_to_start(
    tmp_path: Path, line: str, parts: tuple[str, ...]
) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f"[policy]\n{line}\n")
    with pytest.raises(SettingsError) as caught:
        settings.load({}, str(path))
    for part in (str(path), *parts):
        assert part in str(caught.value)
    assert of_error(caught.value) == 2


@pytest.mark.parametrize("line", ["policy = true", "policy = []", "[[policy]]"])
def test_a_policy_that_is_no_table_is_not_taken_for_none(tmp_path: Path, line: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f"{line}\n")
    with pytest.raises(SettingsError, match=r"a table, \[policy\]"):
        settings.load({}, str(path))


def test_the_command_says_one_sentence_and_exits_with_status_2(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[policy]\ndeny = ["ecs:Stop Task"]\n')
    done = run_command(dict(os.environ), "--config", str(path), "ls", "clusters")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1 and done.stderr.startswith("ecs-tui: ")
    assert "deny has 'ecs:Stop Task'" in done.stderr


def test_the_whole_table(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(
        '[policy]\nread_only = false\ndeny = ["ecs:Delete*"]\nallow = ["ecs:*"]\n'
        'clusters_read_only = ["prod*"]\nconfirm_by_name = ["stag*"]\n'
    )
    assert settings.load({}, str(path)).policy == CallPolicy(
        False, ("ecs:Delete*",), ("ecs:*",), ("prod*",), ("stag*",)
    )
    assert settings.load({"read_only": True}, str(path)).policy == CallPolicy(
        True, ("ecs:Delete*",), ("ecs:*",), ("prod*",), ("stag*",)
    )
