"""Every action of every dialog, by its key and, where it can be clicked, by the mouse."""

from __future__ import annotations

import contextlib
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import OptionList

from ecs_tui.aws.account import Account
from ecs_tui.model.command import Origin, ShellCommand
from ecs_tui.model.login import Login
from ecs_tui.model.service import Service
from ecs_tui.operations.run_task import RunRequest
from ecs_tui.system.atomic_file import state_folder
from ecs_tui.terminal.paste import Pasted
from ecs_tui.ui.app import EcsTuiApp
from ecs_tui.ui.dialogs.access import AccessScreen
from ecs_tui.ui.dialogs.base import Dialog
from ecs_tui.ui.dialogs.choose import ChooseScreen
from ecs_tui.ui.dialogs.command import CommandScreen
from ecs_tui.ui.dialogs.confirm import ConfirmScreen
from ecs_tui.ui.dialogs.doctor import DoctorScreen
from ecs_tui.ui.dialogs.estimated_search import EstimatedSearchScreen
from ecs_tui.ui.dialogs.evidence import EvidenceScreen
from ecs_tui.ui.dialogs.filtered_choice import FilteredChoice
from ecs_tui.ui.dialogs.help import HelpScreen, KeyGroup
from ecs_tui.ui.dialogs.link import LinkScreen
from ecs_tui.ui.dialogs.log_time import LogTimeScreen
from ecs_tui.ui.dialogs.login import LoginScreen
from ecs_tui.ui.dialogs.mfa import MfaScreen
from ecs_tui.ui.dialogs.paste import PasteScreen
from ecs_tui.ui.dialogs.plan import PlanScreen
from ecs_tui.ui.dialogs.policy import PolicyScreen
from ecs_tui.ui.dialogs.problem_note import ProblemNoteScreen
from ecs_tui.ui.dialogs.profile_picker import ProfilePicker
from ecs_tui.ui.dialogs.reason import ReasonScreen
from ecs_tui.ui.dialogs.refused import RefusedShellScreen
from ecs_tui.ui.dialogs.review import ReviewScreen
from ecs_tui.ui.dialogs.rollback import RollbackScreen
from ecs_tui.ui.dialogs.run_task import RunTaskScreen
from ecs_tui.ui.dialogs.scale import ScaleScreen
from ecs_tui.ui.dialogs.search import SearchScreen
from ecs_tui.ui.dialogs.search_logs import SearchLogsScreen
from ecs_tui.ui.dialogs.search_transcripts import SearchTranscriptsScreen
from ecs_tui.ui.dialogs.table import TableDialog
from ecs_tui.ui.dialogs.tags import TagColumnsScreen
from ecs_tui.ui.dialogs.text import TextScreen
from ecs_tui.ui.dialogs.viewer import Viewer
from tests.support.app import open_services, running_app, screen_text, select
from tests.support.demo import Demo
from tests.support.limits import until as wait

pytestmark = pytest.mark.asyncio
OPEN = object()
"""The dialog stays open."""
Make = Callable[[], Dialog[Any]]


async def show(app: EcsTuiApp, screen: Dialog[Any]) -> list[Any]:
    """Open a dialog; its result is put into the list."""
    answers: list[Any] = []
    await app.push_screen(screen, answers.append)
    await wait(lambda: app.screen is screen, "the dialog")
    return answers


async def shown(app: EcsTuiApp, kind: type[Screen[Any]]) -> Any:
    return await wait(lambda: app.screen if isinstance(app.screen, kind) else None, kind.__name__)


def confirm() -> Dialog[Any]:
    return ConfirmScreen("Stop it?", "It stops.", "Stop")


def paste() -> Dialog[Any]:
    return PasteScreen("the shell", Pasted(b"one\ntwo", 2, 0), lambda _: "They run.")


def web() -> Dialog[Any]:
    return LinkScreen("https://real.example/x", "text", True)


def file() -> Dialog[Any]:
    return LinkScreen("file:///etc/passwd", "text", False)


def choose() -> Dialog[Any]:
    return ChooseScreen("Which?", [("a", "A"), ("b", "B"), ("c", "C")], "b")


def text() -> Dialog[Any]:
    return TextScreen("Text", "\n".join(f"line {n}" for n in range(100)))


def help_() -> Dialog[Any]:
    return HelpScreen([KeyGroup("Keys", tuple((f"f{n}", f"key {n}") for n in range(100)))])


def mfa() -> Dialog[Any]:
    """tests/app/test_login.py tests what follows an accepted code."""
    return MfaScreen(Account(None, "us-east-1"), "arn:aws:iam::111122223333:mfa/me")


def picker() -> Dialog[Any]:
    return ProfilePicker("Which?", ["one", "two", "three"], "two", [], lambda: None)


def scale() -> Dialog[Any]:
    return ScaleScreen(Service("arn", "web", "arn", desired=4, running=4))


def run_task() -> Dialog[Any]:
    return RunTaskScreen(RunRequest("prod", "web:7", like="web", exec_enabled=True))


def reason() -> Dialog[Any]:
    return ReasonScreen("prod/web/app", "prod*")


def command() -> Dialog[Any]:
    return CommandScreen("app", ["bash -l", "top"], ShellCommand("/bin/sh", Origin.PLATFORM))


ANSWERS: list[tuple[Make, str, Any]] = [
    (confirm, "y", True), (confirm, "n", False), (confirm, "enter", False),
    (confirm, "escape", False), (confirm, "space", OPEN), (confirm, "Y", OPEN),
    (paste, "y", True), (paste, "n", False), (paste, "escape", False), (paste, "enter", OPEN),
    (paste, "space", OPEN),
    (web, "o", "open"), (web, "c", "copy"), (web, "q", None), (web, "escape", None),
    (web, "enter", OPEN), (file, "o", OPEN), (file, "c", "copy"),
    (choose, "enter", "b"), (choose, "j enter", "c"), (choose, "k enter", "a"),
    (choose, "down enter", "c"), (choose, "escape", None),
    (text, "q", None), (text, "escape", None), (help_, "q", None), (help_, "escape", None),
    (mfa, "escape", None), (mfa, "1 2 escape", None), (mfa, "enter", OPEN), (mfa, "space enter", OPEN),
    (picker, "enter", ["two"]), (picker, "j enter", ["one"]), (picker, "k enter", ["three"]),
    (picker, "q", None), (picker, "escape", None),
    (picker, "space k space enter", ["two", "three"]), (picker, "space space j enter", ["one"]),
    (picker, "slash o n e enter enter", ["one"]), (picker, "slash o n e down enter", ["one"]),
    (picker, "slash o n e escape enter", ["one"]), (picker, "slash z z enter enter", OPEN),
    (picker, "f enter", ["two"]),
    (command, "enter", "bash -l"), (command, "up enter", "top"), (command, "up down enter", "bash -l"),
    (command, "up up enter", "top"), (command, "z s h enter", "zsh"), (command, "escape", None),
    (command, "backspace enter", OPEN), (command, "space enter", OPEN),
    (reason, "O P S minus 4 enter", "OPS-4"), (reason, "enter", OPEN), (reason, "space enter", OPEN),
    (reason, "escape", None),
    (scale, "enter", 4), (scale, "up up enter", 6), (scale, "down enter", 3), (scale, "escape", None),
    (scale, "backspace 1 2 enter", 12), (scale, "backspace enter", OPEN), (scale, "x enter", 4),
    (scale, "down down down down down enter", 0),
    (run_task, "enter", RunRequest("prod", "web:7", like="web", exec_enabled=True)),
    (run_task, "tab backspace 3 enter", RunRequest("prod", "web:7", 3, "web", exec_enabled=True)),
    (run_task, "tab backspace x enter", OPEN), (run_task, "tab 1 1 enter", OPEN),
    (run_task, "tab tab tab e c 2 ctrl+y",
     RunRequest("prod", "web:7", like="web", launch_type="EC2", exec_enabled=True)),
    (run_task, "tab tab tab tab a enter", OPEN), (run_task, "escape", None),
    (run_task, "tab tab tab tab a equals_sign b enter",
     RunRequest("prod", "web:7", like="web", exec_enabled=True, tags={"a": "b"})),
    (run_task, "shift+tab space ctrl+y", RunRequest("prod", "web:7", like="web")),
]  # fmt: skip


async def test_each_key_gives_its_answer(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        for make, keys, wanted in ANSWERS:
            screen = make()
            answers = await show(app, screen)
            await pilot.press(*keys.split())
            if wanted is OPEN:
                assert app.screen is screen and not answers, (make.__name__, keys)
                app.pop_screen()
            else:
                await wait(lambda answers=answers: answers, f"{make.__name__} {keys}")  # type: ignore[misc]
                assert answers == [wanted], (make.__name__, keys)
            await wait(lambda: app.screen is app.browser, "closed")


@pytest.mark.parametrize(("make", "row", "wanted"), [(choose, 2, "c"), (picker, 0, ["one"])])
async def test_a_click_chooses(demo: Demo, make: Make, row: int, wanted: Any) -> None:
    async with running_app(demo.account()) as (app, pilot):
        answers = await show(app, make())
        options = app.screen.query_one(OptionList)
        await wait(lambda: options.region.height >= 3, "it is laid out")
        gutter = options.content_region.y - options.region.y
        await pilot.click(options, offset=(4, gutter + row))
        await wait(lambda: answers, "chosen")
        assert answers == [wanted]


async def test_texts_scroll_turn_and_are_copied(demo: Demo) -> None:
    async with running_app(demo.account(), size=(100, 24)) as (app, pilot):
        for make in (text, help_):
            await show(app, make())
            scroller = app.screen.query_one(VerticalScroll)
            await wait(lambda scroller=scroller: scroller.max_scroll_y > 0, "laid out")  # type: ignore[misc]
            await pilot.press("j", "j", "j", "k")
            assert scroller.scroll_y == 2
            page, last = scroller.size.height, scroller.max_scroll_y
            moves = {"G": last, "g": 0, "space": page - 1, "ctrl+b": 0, "ctrl+d": page // 2,
                     "ctrl+u": 0}  # fmt: skip
            for key, line in moves.items():
                await pilot.press(key)
                assert scroller.scroll_y == line, key
            await pilot.press("y", "c")
            assert app.clipboard.endswith(" 99")
            await pilot.press("q")

        async def answer() -> Any:
            return {"serviceName": "web", "count": 3}

        await show(app, TextScreen("Raw", answer, raw=True))
        await wait(lambda: '"count": 3' in screen_text(app), "JSON")
        await pilot.press("c")
        assert json.loads(app.clipboard) == {"serviceName": "web", "count": 3}
        await pilot.press("y", "c")
        assert app.clipboard == "serviceName: web\ncount: 3"
        await pilot.press("y", "c")
        assert app.clipboard.startswith("{")


async def test_texts_are_searched_and_saved(demo: Demo) -> None:
    lines = [f"line {n} {'word ' * (n % 40)}" for n in range(300)]
    async with running_app(demo.account(), size=(100, 24)) as (app, pilot):
        await show(app, TextScreen("Events of web", "\n".join(lines)))
        scroller = app.screen.query_one(VerticalScroll)
        await wait(lambda: scroller.max_scroll_y > 0, "laid out")
        await pilot.press("slash", *"LINE 27", "enter")
        await wait(lambda: "/LINE 27  no match" in screen_text(app), "capitals are meant")
        await pilot.press("slash", "ctrl+u", *"line 27", "enter")
        await wait(lambda: "/line 27  1/11" in screen_text(app), "the first of them")
        assert "line 27 word" in screen_text(app)
        await pilot.press("n")
        await wait(lambda: "/line 27  2/11" in screen_text(app), "the next")
        assert "line 270 " in screen_text(app)
        await pilot.press("N", "N")
        await wait(lambda: "/line 27  11/11" in screen_text(app), "the last, the other way round")
        assert "line 279 " in screen_text(app)
        await pilot.press("g", "w", "n")
        await wait(lambda: "/line 27  1/11" in screen_text(app), "without wrapping")
        assert "line 27 word" in screen_text(app)
        await pilot.press("slash", "escape")
        assert isinstance(app.screen, TextScreen), "only the line is closed"
        await pilot.press("ctrl+s")
        (saved,) = await wait(lambda: list((state_folder() / "saved").glob("*Events-of-web.txt")))
        assert saved.read_text() == "\n".join(lines) + "\n"
        assert stat.S_IMODE(saved.stat().st_mode) == 0o600


async def test_only_matching_lines_of_a_text_are_shown_copied_and_saved(demo: Demo) -> None:
    lines = [f"{'error' if n % 10 == 0 else 'fine'} {n}" for n in range(100)]
    async with running_app(demo.account(), size=(100, 24)) as (app, pilot):
        await show(app, TextScreen("Lines of web", "\n".join(lines)))
        await wait(lambda: "fine 1" in screen_text(app), "drawn")
        await pilot.press("G", "&", *"error !5", "enter")
        await wait(lambda: "&error !5  9 of 100 lines" in screen_text(app), "what is shown")
        assert "fine" not in screen_text(app) and "error 50" not in screen_text(app)
        assert "error 0" in screen_text(app), "from the first one"
        await pilot.press("slash", *"error 9", "enter")
        await wait(lambda: "/error 9  1/1" in screen_text(app), "searched in these")
        await pilot.press("c", "ctrl+s")
        left = [f"error {n}" for n in range(0, 100, 10) if n != 50]
        assert app.clipboard.split("\n") == left
        (saved,) = await wait(lambda: list((state_folder() / "saved").glob("*Lines-of-web.txt")))
        assert saved.read_text().split() == " ".join(left).split()
        await pilot.press("&", "ctrl+u", *"~[", "enter")
        await wait(lambda: "&~[  ✖ unterminated" in screen_text(app), "no regular expression")
        assert "fine 1" in screen_text(app), "then all lines are shown"
        await pilot.press("escape")
        await wait(
            lambda: "&" not in screen_text(app).split("\n")[1], "the filter is dropped first"
        )
        await pilot.press("escape")
        await wait(lambda: app.screen is app.browser, "closed")


async def test_json_and_yaml_have_colours(demo: Demo) -> None:
    async def answer() -> Any:
        return {"label": "spoon", "count": 31415}

    def colour_of(word: str) -> object:
        (found,) = {
            str(segment.style.color)
            for strip in app.screen._compositor.render_strips()
            for segment in strip
            if word in segment.text and segment.style is not None
        }
        return found

    async with running_app(demo.account(), size=(100, 24)) as (app, pilot):
        await show(app, TextScreen("Raw", answer, raw=True))
        for form in ('"label"', "label: spoon"):
            await wait(lambda form=form: form in screen_text(app), "written")
            assert len({colour_of(word) for word in ("label", "spoon", "31415")}) == 3, form
            await pilot.press("y")


async def test_a_text_is_opened_in_the_editor(
    demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script, seen, named = (tmp_path / each for each in ("editor", "seen", "named"))
    script.write_text(f'#!/bin/sh\nbasename "$1" > {named}\ncat "$1" > {seen}\nexit 3\n')
    script.chmod(0o700)
    monkeypatch.setenv("VISUAL", str(script))

    async def answer() -> Any:
        return {"serviceName": "web"}

    def noted() -> bool:
        return any("ended with status 3." in each.message for each in app._notifications)

    async with running_app(demo.account(), size=(100, 24)) as (app, pilot):
        monkeypatch.setattr(app, "suspend", contextlib.nullcontext)
        await show(app, TextScreen("service web", answer, raw=True))
        await wait(lambda: '"serviceName"' in screen_text(app), "the answer")
        await pilot.press("e")
        await wait(noted, "what it said")
        assert named.read_text() == "text.json\n"
        assert seen.read_text() == '{\n  "serviceName": "web"\n}\n'
        app.clear_notifications()
        await pilot.press("y", "e")
        await wait(noted, "again")
        assert (named.read_text(), seen.read_text()) == ("text.yaml\n", "serviceName: web\n")


async def test_favourites_are_set_and_taken_back_and_remembered(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        favourites, told = ["three"], []
        screen = ProfilePicker("Which?", ["one", "two", "three"], "two", favourites,
                            lambda: told.append(list(favourites)))  # fmt: skip
        await show(app, screen)
        assert screen.shown == ["three", "one", "two"]
        await pilot.press("f")
        assert screen.shown == ["three", "two", "one"]
        await pilot.press("k", "f")
        assert screen.shown == ["two", "one", "three"]
        assert told == [["three", "two"], ["two"]]
        await wait(lambda: "★ two" in screen_text(app), "it is marked")


SIGN_IN = """#!/bin/sh
echo "Open https://device.example/start and enter ABCD-EFGH"
trap 'echo ended > {log}; exit 0' TERM
while :; do sleep 0.05; done
"""


@pytest.mark.parametrize("key", ["q", "escape"])
async def test_the_login_copies_its_address_and_ends_the_cli_when_left(
    demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    program, log = tmp_path / "aws", tmp_path / "log"
    program.write_text(SIGN_IN.format(log=log))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("DISPLAY", ":0")
    for name in ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"):
        monkeypatch.delenv(name, raising=False)
    async with running_app(demo.account()) as (app, pilot):
        answers = await show(app, LoginScreen(Login("console", "work")))
        await wait(lambda: "ABCD-EFGH" in screen_text(app), "what the AWS CLI says")
        assert "Log in: profile work" in screen_text(app)
        await pilot.press("c")
        assert app.clipboard == "https://device.example/start"
        await pilot.press(key)
        await wait(lambda: answers, "closed")
        assert answers == [None]
        await wait(log.exists, "the AWS CLI has ended")


async def test_the_doctor_and_its_fix_by_keys(demo: Demo) -> None:
    async with running_app(demo.account(), size=(140, 40)) as (app, pilot):
        await open_services(app, pilot, "staging")
        select(app, "sandbox")
        await pilot.press("D")
        doctor = await shown(app, DoctorScreen)
        await wait(lambda: doctor.over and doctor.finding is not None, "all verdicts")
        findings = list(doctor._shown)
        await pilot.press("j", "j", "k")
        assert doctor.finding == findings[1]
        await pilot.press("c")
        rows = json.loads(app.clipboard)
        assert [row["check"] for row in rows] == [item.check for item in doctor.doctor.findings]
        assert set(rows[0]) == {"check", "container", "outcome", "evidence", "advice"}
        before = doctor.doctor
        await pilot.press("r")
        await wait(lambda: doctor.doctor is not before and doctor.over, "checked again")
        for key, fix_id in (("o", "one-off"), ("t", "tag-task"), ("enter", doctor.finding.fix)):
            await pilot.press(key)
            fix = await shown(app, PlanScreen)
            assert fix.plan.id == fix_id
            await pilot.press("s")  # nothing is ready for a shell yet
            await pilot.press("c")
            assert app.clipboard == fix.plan.command and fix.plan.command.startswith("aws ecs ")
            await pilot.press("k", "k", "k")
            assert fix._stop_after is (fix_id == "one-off")
            await pilot.press("q" if key == "o" else "escape")
            await wait(lambda: app.screen is doctor, "back at the doctor")
            assert fix.state == "shown", "nothing was done"
        await pilot.press("q")
        await wait(lambda: app.screen is app.browser, "closed")
        assert not app.browser.dock.panes


async def test_access_by_keys(demo: Demo) -> None:
    async with running_app(demo.account(), size=(140, 40)) as (app, pilot):
        await open_services(app, pilot, "staging")
        await pilot.press("I")
        screen: AccessScreen = await shown(app, AccessScreen)
        mine: AccessScreen = screen
        count = len(screen.targets)
        await wait(lambda: len(screen.answers) == count > 2, "all answers")
        assert screen.table.cursor == 0, "the worst row"
        await pilot.press("j", "j", "k")
        assert screen.table.cursor == 1
        await pilot.press("slash", *"access:allowed", "enter")
        await wait(lambda: f"/ access:allowed  {count} of {count}" in screen_text(app), "filtered")
        await pilot.press("c")
        copied = json.loads(app.clipboard)
        assert copied["principal"].endswith(":user/alice") and len(copied["rows"]) == count
        await pilot.press("slash", "x", "y", "z")
        await wait(lambda: "No row matches." in screen_text(app), "nothing matches")
        await pilot.press("escape")
        await wait(lambda: not screen.table.filter and len(screen.table.order) == count, "cleared")
        await pilot.press("G", "o", "o", "O")
        assert screen.table.current is not None
        assert "CONTAINER ↓" in screen_text(app)
        row = screen.table.current
        await pilot.press("y")
        await wait(lambda: app.screen is not screen, "its description")
        await wait(lambda: f'"container": "{row.target.container}"' in screen_text(app), "as JSON")
        await pilot.press("escape")
        await wait(lambda: app.screen is screen, "back")
        await pilot.press("p", *"auditor", "escape")
        assert app.screen is mine and mine.principal.endswith(":user/alice")
        await pilot.press("p", "ctrl+u", "enter")
        assert mine.principal.endswith(":user/alice"), "nothing was typed"
        await pilot.press("p", *"admin", "enter")
        await wait(lambda: f"role/admin   {count} allowed" in screen_text(app), "another role")
        await pilot.press("m")
        await wait(lambda: "user/alice" in screen_text(app).split("allowed")[0], "me again")
        await pilot.press("q")
        await wait(lambda: app.screen is app.browser, "closed")


async def test_the_policy_by_keys(demo: Demo) -> None:
    async with running_app(demo.account(), size=(140, 40)) as (app, pilot):
        await open_services(app, pilot, "staging")
        await pilot.press("colon", *"policy", "enter")
        screen = await shown(app, PolicyScreen)
        await wait(
            lambda: '"ecs:ResourceTag/environment": "staging"' in screen.document, "prefilled"
        )
        await pilot.press("tab", "ctrl+u", "tab", *"app", "shift+tab", *"x")
        assert (screen.grant.cluster, screen.grant.container) == ("x", "app")
        await pilot.press("ctrl+y")
        assert json.loads(app.clipboard)["Statement"]
        await pilot.press("escape")
        await wait(lambda: app.screen is app.browser, "closed")


@pytest.mark.parametrize(("key", "opened"), [("o", True), ("c", False), ("escape", False)])
async def test_a_link_is_opened_by_its_key_alone(
    demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str, opened: bool
) -> None:
    log, program = tmp_path / "opened", tmp_path / "browser"
    program.write_text(f'#!/bin/sh\necho "$1" >> {log}\n')
    program.chmod(0o700)
    monkeypatch.setenv("BROWSER", str(program))
    async with running_app(demo.account()) as (app, pilot):
        app.browser.shells.link_clicked("https://real.example/x", "shown")
        await shown(app, LinkScreen)
        await pilot.press(key)
        await wait(lambda: app.screen is app.browser, "closed")
        if opened:
            await wait(log.exists, "the browser")
            assert log.read_text() == "https://real.example/x\n"
        assert log.exists() is opened
        app.browser.shells.link_clicked("file:///etc/passwd", "shown")
        await shown(app, LinkScreen)
        await pilot.press("o")
        assert isinstance(app.screen, LinkScreen)
        assert "Only http and https" in screen_text(app)


async def test_every_key_of_every_dialog_is_in_these_tests() -> None:
    """A new dialog or binding must be added to this module."""
    tested = {
        ConfirmScreen: "y enter n", PasteScreen: "y n", LinkScreen: "o c q",
        ChooseScreen: "j k enter", TextScreen: "y slash ampersand n N w ctrl+s e", HelpScreen: "slash", LoginScreen: "q c",
        Viewer: "q j k c g home G end space ctrl+f pagedown ctrl+b pageup ctrl+d ctrl+u",
        MfaScreen: "enter",
        FilteredChoice: "j k", ProfilePicker: "q f space slash enter", DoctorScreen: "q j k r o t c s space",
        PlanScreen: "y c k s q", AccessScreen: "y c p m", RefusedShellScreen: "D y n enter", TagColumnsScreen: "enter q space slash",
        TableDialog: "q j down k up ctrl+f pagedown ctrl+b pageup ctrl+d ctrl+u g home G end o O slash",
        PolicyScreen: "ctrl+y tab",
        SearchScreen: "", CommandScreen: "enter up down", ScaleScreen: "up down", RunTaskScreen: "ctrl+y",
        LogTimeScreen: "enter", EstimatedSearchScreen: "enter j down k up ctrl+y", SearchLogsScreen: "",  # test_logs_page.py
        ProblemNoteScreen: "enter", EvidenceScreen: "", RollbackScreen: "j k enter",
        ReasonScreen: "enter", SearchTranscriptsScreen: "", ReviewScreen: "c",
    }  # fmt: skip

    def below(kind: type[Any]) -> set[type[Any]]:
        return {each for one in kind.__subclasses__() for each in {one, *below(one)}}

    dialogs = {kind for kind in below(Dialog) if kind.__module__.startswith("ecs_tui.")}
    assert dialogs == set(tested)
    for kind, keys in tested.items():
        own = kind.__dict__.get("BINDINGS", [])
        each_key = (each.key if isinstance(each, Binding) else each[0] for each in own)
        bound = {key for each in each_key for key in each.split(",")}
        assert bound == set(keys.split()), kind
