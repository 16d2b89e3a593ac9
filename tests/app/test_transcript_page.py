"""The page of a transcript by keys: of the demo account's sessions, and of an own recording."""

from __future__ import annotations

import contextlib
import json
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from ecs_tui.audit.spool import TranscriptSpool
from ecs_tui.audit.typed import typed_command
from ecs_tui.config.state import saved_folder
from ecs_tui.model.rules.scan_cost import size_words
from ecs_tui.model.transcript import LoggedTranscript, NoTranscript, TranscriptRef
from ecs_tui.resources.transcript import about, transcript_place
from ecs_tui.ui.app import EcsTuiApp
from ecs_tui.ui.commands.shell_transcript import ShellTranscript
from ecs_tui.ui.commands.transcript import TRANSCRIPT_COMMANDS
from ecs_tui.ui.dialogs.choose import ChooseScreen
from ecs_tui.ui.dialogs.search_transcripts import SearchTranscriptsScreen
from ecs_tui.ui.dialogs.text import TextScreen
from ecs_tui.ui.pages.transcript import words
from ecs_tui.ui.pages.transcript.document import TranscriptDocument
from ecs_tui.ui.pages.transcript.drawing import RowDrawer
from ecs_tui.ui.pages.transcript.event import event_words
from ecs_tui.ui.pages.transcript.export import text_parts
from ecs_tui.ui.pages.transcript.head import TypedCommands
from ecs_tui.ui.pages.transcript.jumps import TranscriptJumps
from ecs_tui.ui.pages.transcript.page import TranscriptPage
from ecs_tui.ui.pages.transcript.rows import Position, TypedCommand
from ecs_tui.ui.pages.transcript.search import RowSearch
from ecs_tui.ui.pages.transcript.view import TranscriptView
from tests.support import audit_events as made
from tests.support.app import (
    PREFIX,
    open_services,
    pane_text,
    running_app,
    screen_text,
    select,
    too_wide,
)
from tests.support.demo import Demo
from tests.support.demo_logs import boto_client
from tests.support.limits import until
from tests.support.stub_aws import StubAws, error_reply

SECRET = "s3cr3t-passw0rd"


def page_of(app: EcsTuiApp) -> TranscriptPage:
    return app.browser.query_one(TranscriptPage)


async def opened(app: EcsTuiApp, ref: TranscriptRef) -> TranscriptPage:
    place = transcript_place(ref)
    app.browser.workspace.go(place)
    await until(lambda: app.browser.place == place, "it is shown, and its page made before")
    return page_of(app)


async def read_whole(page: TranscriptPage) -> TranscriptDocument:
    await until(
        lambda: page.view.document is not None and page.view.document.spool.complete, "it is read"
    )
    assert page.view.document is not None
    return page.view.document


def put(demo: Demo, session: str, text: str) -> None:
    """A transcript in the log group of cluster prod."""
    logs = boto_client(demo, "logs")
    logs.create_log_stream(logGroupName="/ecs/exec", logStreamName=session)
    events = [{"timestamp": int(time.time() * 1000), "message": text}]
    logs.put_log_events(logGroupName="/ecs/exec", logStreamName=session, logEvents=events)


TEXT = (
    "Script started on 2026-11-29 03:12:00+00:00 [<not executed on terminal>]\n"
    "\x1b[1m[orders/app 1234567] # \x1b[0mls\n\x1b[34mapp\x1b[0m\n"
    + "".join(f"line {number}\n" for number in range(60))
    + "[orders/app 1234567] # pg_dump orders > /tmp/x.sql\n"
    + "".join(f"row {number}\n" for number in range(60))
    + f"[orders/app 1234567] # cat /run/secrets/db\npostgres://app:{SECRET}@db/orders\n"
    "[orders/app 1234567] # exit\nexit\n"
)


@pytest.mark.asyncio
async def test_a_transcript_is_read_searched_and_saved(demo: Demo) -> None:
    session = "ecs-execute-command-0123456789abcdef0"
    put(demo, session, TEXT)
    async with running_app(demo.account(), size=(120, 30)) as (app, pilot):
        page = await opened(app, TranscriptRef(session, "prod", container="app", who="bob"))
        await until(lambda: "[orders/app 1234567] # ls" in screen_text(app), "the first screen")
        await read_whole(page)
        shown = screen_text(app)
        assert "Transcript of bob · prod · app" in shown and "▲ 2 marks" in shown
        assert "/ecs/exec" in shown and "Typed (a guess)" in shown and "Script started" in shown
        assert too_wide(app) == []
        await pilot.press("}")
        await until(lambda: "dump:" in screen_text(app), "the first mark")
        await pilot.press("}")
        await until(lambda: "secret:" in screen_text(app), "the second mark")
        assert SECRET not in screen_text(app) and "•••" in screen_text(app)
        await pilot.press("ctrl+x")
        await until(lambda: SECRET in screen_text(app), "secrets are shown on request")
        await pilot.press("ctrl+x", "{")
        await until(lambda: "dump:" in screen_text(app), "back")
        await pilot.press("slash")
        await until(lambda: isinstance(app.focused, Input), "the line is open")
        await pilot.press(*"row 59", "enter")
        await until(lambda: "row 59" in screen_text(app) and page.view.found, "it is found")
        await pilot.press("g", "y")
        await until(lambda: "\\x1b[1m" in screen_text(app), "raw bytes")
        await pilot.press("y", "ctrl+s")
        await until(lambda: list(saved_folder().glob("*transcript*.txt")), "it is saved")
        (saved,) = saved_folder().glob("*transcript*.txt")
        text = saved.read_text()
        assert SECRET not in text and "postgres://••••••••@db/orders" in text
        assert "pg_dump orders" in text and saved.stat().st_mode & 0o777 == 0o600
        await pilot.press("escape")
        await until(lambda: app.browser.place.view != "transcript", "back")
        await until(lambda: page._renderer is None or page._renderer.pid == 0, "no worker is left")


@pytest.mark.asyncio
async def test_a_secret_that_is_broken_over_two_rows_is_hidden_in_both(demo: Demo) -> None:
    session = "ecs-execute-command-0123456789abcdef2"
    token, known = "QzWxEcRvTbYnUm", "ecs-execute-command-" + "aB3" * 13
    pads = range(40, 90, 2)
    lines = [f"{'-' * pad} password={token}\n" for pad in pads]
    lines += [f"{'-' * pad} /ssm/{known}.log\n" for pad in pads]
    put(demo, session, "".join([*lines, "the end\n"]))
    async with running_app(demo.account(), size=(90, 120)) as (app, pilot):
        page = await opened(app, TranscriptRef(session, "prod"))
        await read_whole(page)
        await until(lambda: "the end" in screen_text(app), "all rows")
        pieces = {token[at : at + 3] for at in range(len(token) - 2)}
        shown = screen_text(app)
        assert not [piece for piece in pieces if piece in shown], shown
        assert "•" not in shown[shown.index("/ssm/") :], "a session's ID is no secret"
        await pilot.press("c")
        assert "password=" in app.clipboard and "••••" in app.clipboard
        assert not [piece for piece in pieces if piece in app.clipboard]
        await pilot.press("ctrl+x")
        await until(lambda: "QzWxEc" in screen_text(app), "shown on request")


@pytest.mark.asyncio
async def test_a_transcript_is_opened_in_the_editor_without_secrets(
    demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script, seen, named = (tmp_path / each for each in ("editor", "seen", "named"))
    script.write_text(f'#!/bin/sh\nprintf %s "$1" > {named}\ncat "$1" > {seen}\nexit 3\n')
    script.chmod(0o700)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", str(script))
    session = "ecs-execute-command-0123456789abcdef3"
    put(demo, session, TEXT)

    def ended() -> bool:
        return any("ended with status 3." in each.message for each in app._notifications)

    async with running_app(demo.account(), size=(120, 30)) as (app, pilot):
        monkeypatch.setattr(app, "suspend", contextlib.nullcontext)
        await read_whole(await opened(app, TranscriptRef(session, "prod")))
        await pilot.press("e")
        await until(ended, "what the editor said")
        text = seen.read_text()
        assert "pg_dump orders" in text and "row 59\n" in text and "\x1b" not in text
        assert SECRET not in text and "postgres://••••••••@db/orders" in text
        name = named.read_text()
        assert name.endswith("/transcript.txt") and not os.path.exists(name), "it is deleted"  # noqa: ASYNC240
        app.clear_notifications()
        await pilot.press("ctrl+x", "e")
        await until(ended, "again")
        assert SECRET in seen.read_text(), "as it is shown"


@pytest.mark.asyncio
async def test_why_there_is_none_and_looking_again(demo: Demo) -> None:
    session = "ecs-execute-command-0123456789abcdef1"
    async with running_app(demo.account()) as (app, pilot):
        await opened(app, TranscriptRef(session, "prod", began=time.time(), open=True))
        await until(lambda: "The session is still open" in screen_text(app), "why")
        put(demo, session, TEXT)
        await pilot.press("r")
        await until(lambda: "# ls" in screen_text(app), "it is there now")
        await opened(app, TranscriptRef(session, "batch"))
        await until(lambda: "its exec logging is NONE" in screen_text(app), "another reason")
        demo.set_faults(deny=["ecs:DescribeClusters"])
        await opened(app, TranscriptRef(session, "staging"))
        await until(lambda: "not allowed to look" in screen_text(app), "denied")
        demo.heal()


def test_an_event_in_a_line_without_what_could_hurt_a_terminal() -> None:
    event = made.event(made.exec_record(who=made.SSO, command="/bin/sh\x1b[2J"))
    at = made.NOW - timedelta(minutes=10)
    assert event_words(event) == (
        f"CloudTrail: ExecuteCommand at {at.astimezone():%H:%M:%S} by bob@example.com (SSO Admin) "
        "from 203.0.113.7 with CLI 2.31.0: /bin/sh�[2J"
    )


@pytest.mark.asyncio
async def test_the_event_stands_above_the_transcript_and_what_is_missing_is_said(
    stub: StubAws,
) -> None:
    lookup = "cloudtrail:LookupEvents"
    more: dict[str, Any] = {"now": datetime.now(UTC), "cluster": "stub", "who": made.SSO}
    known = made.exec_record("ecs-execute-command-1", minutes=5, **more)
    stub.answers[lookup] = made.TrailAnswers(known)
    young = time.time() - 300
    async with running_app(stub.account(timeout_seconds=5.0), refresh=600) as (app, pilot):
        await opened(app, TranscriptRef("ecs-execute-command-1", "stub", began=young))
        await until(lambda: "by bob@example.com (SSO Admin)" in screen_text(app), "its event")
        await pilot.press("d")
        await until(lambda: isinstance(app.screen, TextScreen), "all of it")
        await until(lambda: "eventVersion" in screen_text(app), "as CloudTrail has it")
        await pilot.press("escape")
        await opened(app, TranscriptRef("ecs-execute-command-2", "stub", began=young))
        await until(lambda: "does not have its event yet" in screen_text(app), "not there yet")
        before = stub.calls[lookup]
        await opened(app, TranscriptRef("ecs-execute-command-1", "stub", began=young - 2 * 86_400))
        stub.answers[lookup] = error_reply(lookup, "AccessDeniedException", "no")
        await opened(app, TranscriptRef("ecs-execute-command-3", "stub", began=young))
        await until(lambda: "Its event in CloudTrail is not known" in screen_text(app), "denied")
        assert stub.calls[lookup] == before + 1, "nothing is asked for about an old session"


@pytest.mark.asyncio
async def test_a_shell_and_its_transcript(demo: Demo) -> None:
    assert ShellTranscript.id == "shell-transcript"
    async with running_app(demo.account()) as (app, pilot):
        await shell_in_orders(app, pilot)
        await pilot.press(*"echo said-$((3+4))", "enter")
        await until(lambda: "said-7" in screen_text(app), "the answer")
        await pilot.press(PREFIX, "t")
        await until(lambda: "The session is still open" in screen_text(app), "open")
        await pilot.press(PREFIX)
        await pilot.press(*"exit", "enter")
        await until(lambda: not app.browser.dock.panes[0].alive, "it has ended")
        await pilot.press(PREFIX, "t")
        page = page_of(app)

        def there() -> bool:
            if "No transcript" in screen_text(app):
                page.refresh_now()  # as the key of it does
            return "said-7" in screen_text(app) and "Script done" in screen_text(app)

        await until(there, "its transcript", 60)


async def shell_in_orders(app: EcsTuiApp, pilot: Pilot[None]) -> None:
    await open_services(app, pilot)
    select(app, "orders")
    await pilot.press("s")
    await until(lambda: "#" in pane_text(app), "a prompt", 40)


@pytest.mark.asyncio
async def test_an_own_recording_has_its_timing(demo: Demo) -> None:
    folder = saved_folder()
    folder.mkdir(parents=True, exist_ok=True)
    header = {"version": 2, "width": 60, "height": 20, "timestamp": 1}
    events = [[0.5, "o", "# id\r\n"], [62.0, "o", "uid=0(root)\r\n"], [65.0, "o", "# exit\r\n"]]
    lines = [json.dumps(each) for each in (header, *events)]
    (folder / "20261129-031200-app.cast").write_text("\n".join(lines))
    assert [command.id for command in TRANSCRIPT_COMMANDS] == ["recordings", "search-transcripts"]
    async with running_app(demo.account()) as (app, pilot):
        await pilot.press("colon", *"recordings", "enter")
        await until(lambda: isinstance(app.screen, ChooseScreen), "the choice")
        await pilot.press("enter")
        await until(lambda: "uid=0(root)" in screen_text(app), "the recording")
        assert "01:02" in screen_text(app) and "own recording" in screen_text(app)


@pytest.mark.asyncio
async def test_all_transcripts_are_searched(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        await until(lambda: "prod" in screen_text(app), "clusters")
        app.browser.table.select_key(
            next(row.arn for row in app.browser.table.rows if row.name == "prod")  # type: ignore[attr-defined]
        )
        await pilot.press("colon", *"search-transcripts", "enter")
        await until(lambda: isinstance(app.screen, SearchTranscriptsScreen), "the dialog")
        await pilot.press(*"pg_dump", "tab")
        app.screen.query(Input)[1].value = "90d"
        await pilot.press("enter")
        await until(lambda: "Estimate: " in screen_text(app), "the estimate")
        await pilot.press("ctrl+y")
        await until(lambda: "Complete" in screen_text(app), "the results", 60)
        assert "ecs-execute-command-" in screen_text(app)
        await pilot.press("enter")
        await until(lambda: app.browser.place.view == "transcript", "its transcript")
        page = page_of(app)
        document = await read_whole(page)
        assert any("pg_dump" in each.command for each in document.typed)


# -- parts


def test_words_of_a_transcript() -> None:
    ref = TranscriptRef(
        "s-1", "arn:aws:ecs:r:1:cluster/prod", task="1234567890abcdef", who="b\x1bob"
    )
    assert about(ref) == "b�ob · prod · 1234567890ab"
    assert about(TranscriptRef("s-1")) == "s-1"
    none = NoTranscript("no logging", "It is NONE.", "Turn it on.")
    assert words.none_words(none) == "○ No transcript: It is NONE.\nTurn it on."
    assert words.place_words(None) == "" and size_words(1_500) == "1.5 kB"
    assert LoggedTranscript.__slots__ and Position(1, 2) > Position(1, 1) > Position(0, 9)
    assert (
        RowDrawer and TypedCommands and TranscriptJumps and TranscriptView and TypedCommand(0, "x")
    )
    assert typed_command("# ls") == "ls"


def test_what_is_searched() -> None:
    search = RowSearch()
    assert not search.active and search.spans("x") == []
    search.take("a.b")
    assert search.spans("xA.B a.b") == [(1, 4), (5, 8)] and search.words == "/ a.b"
    search.take("~a.b")
    assert search.fits("axb")
    search.take("~(")
    assert not search.active and "✖" in search.words


def test_saved_text_is_masked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    spool = TranscriptSpool()
    spool.append(f"a\r\npassword={SECRET}\r\n".encode())
    spool.finish()
    assert b"".join(text_parts(spool, mask=True)).decode() == "a\npassword=••••••••\n"
    assert SECRET.encode() in b"".join(text_parts(spool, mask=False))
    spool.close()
