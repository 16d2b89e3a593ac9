"""The sentences of the audit's page, its files, and the services of tasks by their IDs."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from ecs_tui.audit.timeline import AuditTimeline, TimelineSource
from ecs_tui.audit.timeline_reading import AuditReading
from ecs_tui.aws.account import Account, Credentials
from ecs_tui.config.keymap import PAGE_KEYS, default_keymap
from ecs_tui.model.audit_flag import AuditFlag
from ecs_tui.model.rules.scan_cost import cost_words, size_words
from ecs_tui.model.rules.who import denied_by
from ecs_tui.resources import Place
from ecs_tui.store import sessions_inside
from ecs_tui.store.audit_feeds import AuditFeeds
from ecs_tui.store.inventory import Inventory
from ecs_tui.ui.commands.audit import AUDIT_COMMANDS
from ecs_tui.ui.pages.audit import words
from ecs_tui.ui.pages.audit.head import AuditHead, one_line
from ecs_tui.ui.pages.audit.save import save
from ecs_tui.ui.pages.audit.shown import ShownAudit
from ecs_tui.ui.pages.audit.tasks import TaskServices
from tests.support import audit_events as made


@pytest.fixture
def account() -> Account:
    return Account(None, "eu-west-1", "http://127.0.0.1:9", credentials=Credentials("a", "b"))


@pytest.mark.parametrize(
    ("seconds", "said"), [(3600, "last 1 h"), (6 * 3600, "last 6 h"), (7 * 86_400, "last 7 d")]
)
def test_ranges(seconds: int, said: str) -> None:
    assert words.range_words(seconds) == said
    assert seconds in words.RANGES


@pytest.mark.parametrize(
    ("place", "accounts", "said"),
    [
        (Place("audit"), 1, "Audit"),
        (Place("audit"), 3, "Audit of 3 accounts and regions"),
        (Place("audit", "prod"), 1, "Audit prod"),
        (Place("audit", "prod", "web", "arn:x/0123456789abcdef"), 1, "Audit prod/web/0123456789ab"),
        (Place("audit", "pr\x1bod"), 1, "Audit pr�od"),
    ],
)
def test_titles(place: Place, accounts: int, said: str) -> None:
    assert words.title(place, accounts) == said


def test_layers_and_what_is_left_out() -> None:
    assert words.layers({"sessions"}) == "1 sessions ●  2 changes ○  3 policies ○"
    assert words.left_out({}) == ""
    assert words.left_out({"ECS": 1200}) == "Left out: calls that no person made (1,200 by ECS)."


def test_how_far_it_is(account: Account) -> None:
    reading = AuditReading(AuditFeeds(account, cache=False), TimelineSource(), lambda: None)
    assert words.state([reading], made.NOW, stopped=False) == ""
    assert words.state([reading], made.NOW, stopped=True) == "▲ stopped: older events are missing"
    reading.running = True
    assert words.state([reading], made.NOW, stopped=False) == "◐ reading"
    reading.running, reading.finished = False, made.NOW
    assert words.state([reading], made.NOW, stopped=False).startswith("● read ")
    reading.errors["r"] = "r: not allowed to look (cloudtrail:LookupEvents)."
    assert "not allowed to look" in words.problems([reading], "said")


def test_why_there_are_no_rows() -> None:
    keymap = default_keymap()
    some = keymap.fill(words.nothing(3, 3600, flagged=True, running=False))
    assert some.startswith("Nothing marked in the last 1 h. > shows a longer range")
    assert "some minutes after the call" in words.nothing(0, 3600, flagged=False, running=False)
    assert "Asking" in words.nothing(0, 3600, flagged=False, running=True)


def test_a_file_that_only_the_operator_can_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    timeline = AuditTimeline(TimelineSource())
    timeline.add([made.event(made.exec_record())])
    path = save(timeline.rows, "csv", "pr/od")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.name.endswith("-audit-pr-od.csv")


def test_no_tasks_no_services(account: Account) -> None:
    services = TaskServices(Inventory(account))
    services.include("prod")
    assert not services.look() and services.of(made.TASK) == ""


def test_the_pages_keys_steps_and_commands(account: Account) -> None:
    shown = ShownAudit(lambda: None)
    assert shown.step_range(1) and not shown.beyond
    while shown.step_range(1):
        pass
    assert shown.beyond and shown.seconds == words.RANGES[-1]
    assert shown.turn_layer(0) is None and shown.turn_layer(0) == "sessions"
    assert shown.turn_layer(8) is None
    assert set(PAGE_KEYS["audit"]) >= {"audit-layer", "audit-save", "audit-stop"}
    assert {command.id for command in AUDIT_COMMANDS} == {
        "audit", "audit-all", "end-session", "left-sessions",
    }  # fmt: skip
    assert AuditHead("-title").has_class("-title")


LAYERS = "1 sessions ●  2 changes ●"  # 25 cells
LEFT_OUT = "Left out: calls that no person made (3 by ECS)."


@pytest.mark.parametrize(
    ("room", "right", "line"),
    [
        (60, ["marked only", "", "by person"], f"{LAYERS}            marked only   by person"),
        (44, ["marked only", "by person"], f"{LAYERS}        marked only"),
        (60, [LEFT_OUT], f"{LAYERS}  Left out: calls that no person m…"),
        (43, ["", LEFT_OUT], f"{LAYERS}  Left out: calls…"), (42, [LEFT_OUT], LAYERS),
        (25, ["by person"], LAYERS), (20, ["by person"], "1 sessions ●  2 cha…"), (30, [], LAYERS),
    ],
)  # fmt: skip
def test_the_layers_stay_and_what_stands_beside_them_is_cut(
    room: int, right: list[str], line: str
) -> None:
    assert one_line(LAYERS, right, room) == line


def test_small_parts() -> None:
    assert size_words(5e6) == "5.0 MB" and cost_words(1e12) == "about $5.00"
    assert AuditFlag("a", "b", "c.").bad is False
    assert denied_by(made.event(made.denied_record())).startswith("explicitly")
    assert sessions_inside.OPENING_EVENTS == ("ExecuteCommand", "StartSession")
