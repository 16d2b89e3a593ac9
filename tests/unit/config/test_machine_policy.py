"""The policy of the machine: it is added to that of a user, who can only make it stricter."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecs_tui.config import settings
from ecs_tui.config.file import read_machine_policy
from ecs_tui.config.policy import UNRESTRICTED, CallPolicy
from ecs_tui.errors import SettingsError

MACHINE = CallPolicy(
    deny=("ecs:StopTask",),
    allow=("ecs:ExecuteCommand", "ecs:Update*"),
    clusters_read_only=("prod",),
    confirm_by_name=("prod",),
    require_recording=("prod*",),
    require_reason=("prod*",),
    forbid_clusters=("vault",),
)


@pytest.mark.parametrize(
    "own",
    [
        UNRESTRICTED,
        CallPolicy(deny=(), allow=("*:*",), forbid_clusters=()),
        CallPolicy(allow=("ecs:StopTask", "ecs:ExecuteCommand"), require_recording=("staging",)),
        CallPolicy(read_only=True, deny=("ecs:Run*",)),
    ],
)
def test_nothing_of_the_machines_policy_is_weakened(own: CallPolicy) -> None:
    joined = own.within(MACHINE)
    assert joined.denied_by("ecs:StopTask") and joined.read_only_by("prod")
    assert joined.asks_for_name("prod") and joined.forbidden_by("vault")
    assert joined.needs_recording("prod-eu") and joined.needs_reason("prod-eu")
    assert not joined.allows("ecs:RunTask") and joined.allows("ecs:ExecuteCommand")
    assert joined.read_only is own.read_only
    assert set(own.deny) <= set(joined.deny)
    assert set(own.require_recording) <= set(joined.require_recording)
    # Joined with itself or with nothing, it stays what it is.
    assert joined.within(MACHINE) == joined
    assert MACHINE.within(UNRESTRICTED) == MACHINE


def test_a_switch_of_the_machine_stays_on() -> None:
    assert UNRESTRICTED.within(CallPolicy(read_only=True)).read_only


@pytest.mark.parametrize(
    ("own", "machine", "operation", "may"),
    [
        ((), (), "ecs:RunTask", True),
        (("ecs:*",), (), "ecs:RunTask", True),
        ((), ("ecs:*",), "ecs:RunTask", True),
        (("ecs:*",), ("ecs:Update*",), "ecs:RunTask", False),
        (("ecs:Run*",), ("ecs:*",), "ecs:RunTask", True),
        (("ecs:Run*",), ("ecs:Update*",), "ecs:RunTask", False),
    ],
)
def test_what_changes_something_is_allowed_by_both(
    own: tuple[str, ...], machine: tuple[str, ...], operation: str, may: bool
) -> None:
    assert CallPolicy(allow=own).within(CallPolicy(allow=machine)).allows(operation) is may


def test_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config, machine = tmp_path / "config.toml", tmp_path / "policy.toml"
    monkeypatch.setattr(settings, "MACHINE_POLICY", machine)
    config.write_text('[policy]\nread_only = false\nrequire_recording = ["staging"]\n')
    assert settings.load({}, str(config)).policy == CallPolicy(require_recording=("staging",))
    machine.write_text('[policy]\nread_only = true\nrequire_recording = ["prod*"]\n')
    found = settings.load({"read_only": False}, str(config)).policy
    assert found == CallPolicy(read_only=True, require_recording=("prod*", "staging"))
    assert read_machine_policy(tmp_path / "none.toml") == UNRESTRICTED


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[policy\n", "not valid TOML"),
        ("policy = 1\n", "Expected: a table"),
        ("[polciy]\nread_only = true\n", "unknown key 'polciy'"),
        ("[policy]\nreadonly = true\n", "unknown key 'readonly'"),
        ("[policy]\nallow_of_machine = []\n", "unknown key 'allow_of_machine'"),
        ('[policy]\nrequire_recording = "prod"\n', "a list of strings"),
        ('[policy]\nforbid_clusters = ["a b"]\n', "a cluster's name"),
    ],
)
def test_a_file_that_cannot_be_used_is_an_error(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=words) as caught:
        read_machine_policy(path)
    assert str(path) in str(caught.value)


def test_a_file_that_is_not_readable_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.mkdir()
    with pytest.raises(SettingsError, match="Cannot read"):
        read_machine_policy(path)
