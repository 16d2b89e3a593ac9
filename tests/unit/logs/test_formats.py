"""What lines say, as tables: levels, JSON and logfmt, colours, times; and what is hostile."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ecs_tui.logs import times
from ecs_tui.logs.ansi import AnsiStyle, StyledSpan, StyledText, harmless
from ecs_tui.logs.levels import Level, level_named, level_of
from ecs_tui.logs.line import LineKind, LogLine, end_line
from ecs_tui.logs.messages import field_values, parse_message
from ecs_tui.logs.times import TimeStyle, parse_moment, shown_time
from ecs_tui.logs.view import LineOptions, TaskNames, copied, folded, unfolded
from ecs_tui.model.log_source import ContainerExit

RED = AnsiStyle(foreground="1")


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ('{"level":"error","msg":"x"}', Level.ERROR),
        ('{"msg":"level is \\"fatal\\"", "severity": "WARNING"}', Level.WARN),
        ('{"level":30,"msg":"pino"}', Level.INFO),
        ('{"level":50}', Level.ERROR),
        ('{"level":3,"_container":"gelf"}', Level.ERROR),
        ('{"levelname":"CRITICAL"}', Level.FATAL),
        ('{"msg":"no level, but an ERROR in the text"}', Level.NONE),
        ("level=warn msg=x", Level.WARN),
        ('time=1 lvl=eror msg="typo"', Level.NONE),
        ("2026-11-29 09:11:45,740 INFO  [exec-13] c.e.Order - placed", Level.INFO),
        ("2026-11-29 09:12:16 - batch - WARNING - job retried", Level.WARN),
        ("[error] 7#7: *1 open() failed", Level.ERROR),
        ("warning: deprecated", Level.WARN),
        ("E1129 09:11:45.1 1 server.go:12] oops", Level.ERROR),
        ("<4>kernel: slow", Level.WARN),
        ("<7>kernel: chatty", Level.DEBUG),
        ("Traceback (most recent call last):", Level.ERROR),
        ("java.lang.OutOfMemoryError: Java heap space", Level.ERROR),
        ("panic: runtime error: index out of range", Level.FATAL),
        ("\x1b[31mERROR\x1b[0m red", Level.ERROR),
        ("GET /errors?level=x HTTP/1.1", Level.NONE),
        ("GET /INFO/x 200", Level.NONE),
        ("the informal meeting", Level.NONE),
        ("x" * 500 + " ERROR", Level.NONE),
        ("", Level.NONE),
    ],
)
def test_the_level(text: str, level: Level) -> None:
    assert level_of(text) is level


def test_levels_are_named_in_any_case() -> None:
    assert (level_named("Warning"), level_named("nonsense")) == (Level.WARN, None)


@pytest.mark.parametrize(
    ("text", "form", "message", "others"),
    [
        ('{"msg":"hi","a":1}', "json", "hi", (("a", "1"),)),
        ('{"a":{"b":{"c":true}},"message":"m"}', "json", "m", (("a.b.c", "true"),)),
        ('{"a":[1,2],"message":"two\\nlines"}', "json", "two\nlines", (("a", "[1, 2]"),)),
        ('{"message":"", "log":"kept"}', "json", "kept", (("message", ""),)),
        ('{"a":1}', "json", '{"a":1}', (("a", "1"),)),
        ("{}", "plain", "{}", ()),
        ('{"broken":', "plain", '{"broken":', ()),
        ("[" * 90_000, "plain", "[" * 90_000, ()),
        ('{"a":' * 90_000, "plain", '{"a":' * 90_000, ()),
        ('{"n":' + "9" * 5000 + "}", "plain", '{"n":' + "9" * 5000 + "}", ()),
        ('level=info msg="a \\"b\\"" n=2', "logfmt", 'a "b"', (("level", "info"), ("n", "2"))),
        ("a=1 b=", "logfmt", "a=1 b=", (("a", "1"), ("b", ""))),
        ("a=1", "plain", "a=1", ()),
        ("GET /x a=1 b=2", "plain", "GET /x a=1 b=2", ()),
        ("a=1 and then b=2", "plain", "a=1 and then b=2", ()),
    ],
)
def test_the_message_and_the_fields(
    text: str, form: str, message: str, others: tuple[tuple[str, str], ...]
) -> None:
    found = parse_message(text)
    assert (found.form, found.message, found.others) == (form, message, others)


def test_fields_are_found_by_the_last_part_of_their_names() -> None:
    text = '{"req":{"Id":7},"id":"x"}'
    assert field_values(text, "id") == ["7", "x"]
    assert field_values(text, "req.id") == ["7"]
    assert field_values("plain", "id") == []


@pytest.mark.parametrize(
    ("text", "shown", "spans"),
    [
        ("plain ü 漢", "plain ü 漢", ()),
        ("\x1b[31mred\x1b[0m.", "red.", (StyledSpan(0, 3, RED),)),
        ("\x1b[1;38;5;208mx", "x", (StyledSpan(0, 1, AnsiStyle("208", bold=True)),)),
        ("\x1b[48;2;1;2;255mx", "x", (StyledSpan(0, 1, AnsiStyle(background="#0102ff")),)),
        ("\x1b[38:5:9mx", "x", (StyledSpan(0, 1, AnsiStyle("9")),)),
        ("\x1b[97;41mx", "x", (StyledSpan(0, 1, AnsiStyle("15", "1")),)),
        ("\x1b[31;39mx", "x", ()),
        ("\x1b[8mhidden", "hidden", ()),
        ("\x1b[38;5;999mx\x1b[38mx", "xx", ()),
        ("a\x1b[2J\x1b[1;1Hb", "ab", ()),
        ("\x1b]0;title\x07x", "x", ()),
        ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link", ()),
        ("\x1bPq#0\x1b\\x\x1bcx", "xx", ()),
        ("\x1b]52;c;not ended", "52;c;not ended", ()),
        ("\x9b31mx\x9d0;t\x9cy", "xy", ()),
        ("a\x00b\x07c\x7f", "a�b�c�", ()),
        ("tab\there", "tab    here", ()),
        ("crlf\r\nnext\rover", "crlf\nnext�over", ()),
        ("evil \u202egnp.exe \u200b\ufeff", "evil �gnp.exe ��", ()),
        ("half \ud800", "half �", ()),
    ],
)
def test_colours_stay_and_nothing_else(
    text: str, shown: str, spans: tuple[StyledSpan, ...]
) -> None:
    found = harmless(text)
    assert (found.text, found.spans) == (shown, spans)


@given(some.text(max_size=200))
def test_any_text_becomes_printable(text: str) -> None:
    found = harmless("\x1b[3" + text + "m\x1b" + text)
    assert all(char.isprintable() or char == "\n" for char in found.text)
    assert all(0 <= each.start < each.end <= len(found.text) for each in found.spans)


NOW = 1_795_943_573_480  # 2026-11-29 09:12:53.480 UTC
ZONE = timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    ("at", "style", "shown"),
    [
        (NOW, TimeStyle.UTC, "09:12:53.480Z"),
        (NOW, TimeStyle.LOCAL, "11:12:53.480"),
        (NOW - 65_000, TimeStyle.RELATIVE, "1m ago"),
        (NOW + 5_000, TimeStyle.RELATIVE, "in 5s"),
        (NOW - 86_400_000, TimeStyle.UTC, "2026-11-28 09:12:53.480Z"),
        (NOW + 14 * 3_600_000, TimeStyle.LOCAL, "2026-11-30 01:12:53.480"),
        (-1, TimeStyle.UTC, "-"),
        (2**62, TimeStyle.LOCAL, "-"),
    ],
)
def test_times_are_shown(at: int, style: TimeStyle, shown: str) -> None:
    assert shown_time(at, style, NOW, ZONE) == shown


def test_the_styles_of_times_go_round() -> None:
    assert TimeStyle.LOCAL.next.next.next is TimeStyle.LOCAL


def test_ranges_are_stepped_through() -> None:
    assert [times.longer(each) for each in (60, 900, 604_800)] == [300, 3600, 604_800]
    assert [times.shorter(each) for each in (60, 900, 1000)] == [60, 300, 900]
    assert times.range_words(900) == "15m"


def utc(*parts: int) -> int:
    return round(datetime(*parts, tzinfo=UTC).timestamp() * 1000)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("now", NOW),
        ("15m", NOW - 900_000),
        ("1.5h ago", NOW - 5_400_000),
        ("2 days", NOW - 172_800_000),
        ("1w", NOW - 604_800_000),
        ("500ms", NOW - 500),
        ("11:12", utc(2026, 11, 29, 9, 12)),
        ("11:13", utc(2026, 11, 28, 9, 13)),
        ("09:12:53.4Z", utc(2026, 11, 29, 9, 12, 53) + 400),
        ("2026-11-29T09:00:00Z", utc(2026, 11, 29, 9)),
        ("2026-11-29 11:00", utc(2026, 11, 29, 9)),
        ("2026-11-29", utc(2026, 11, 28, 22)),
        ("1795943573", 1_795_943_573_000),
        ("1795943573480", NOW),
    ],
)
def test_a_moment_is_understood(text: str, at: int) -> None:
    assert parse_moment(text, NOW, ZONE) == at


@pytest.mark.parametrize("text", ["", "soon", "25:00", "12:61", "15 parsecs", "2026-13-01", "-5m"])
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(ValueError, match=r"^|."):
        parse_moment(text, NOW, ZONE)


OPTIONS = LineOptions(TimeStyle.UTC, NOW)


def show(text: str) -> tuple[str, str]:
    view = folded(LogLine(NOW, text, 1, "4a5a" * 8, "app"), TaskNames(), OPTIONS)
    return view.body.text, view.hidden


@pytest.mark.parametrize(
    ("text", "shown", "hidden"),
    [
        ("plain", "plain", ""),
        ('{"msg":"hi","a":1,"b":2}', "hi", "2 fields"),
        ('{"msg":"hi","a":1}', "hi", "1 field"),
        ("level=info msg=hi", "hi", "1 field"),
        ('{"a":1}', '{"a":1}', ""),
        ("first\nsecond\nthird\n", "first", "2 lines"),
        ("ends\r\n", "ends", ""),
        ("x" * 5_000, "x" * 4_096 + " …", "904 characters"),
        ("\n" * 1_000_000, "", ""),
        ("\x00" * 262_144, "�" * 4_096 + " …", "258048 characters"),
        ('{"msg":"\\u001b[31mred\\u001b[0m"}', "red", ""),
        ("[bold]markup[/] [link=x]", "[bold]markup[/] [link=x]", ""),
    ],
)
def test_a_line_in_one_row(text: str, shown: str, hidden: str) -> None:
    assert show(text) == (shown, hidden)


def test_unfolding_shows_all() -> None:
    rows = [each.text for each in unfolded(LogLine(0, json.dumps({"a": {"b": 1}, "m": "ü"})))]
    assert rows == ["{", '  "a": {', '    "b": 1', "  },", '  "m": "ü"', "}"]
    assert [each.text for each in unfolded(LogLine(0, "level=info message=hi"))] == [
        "level    info", "message  hi",
    ]  # fmt: skip
    red = unfolded(LogLine(0, "a\n\x1b[31mb\nc\x1b[0m"))
    assert red == [
        StyledText("a"),
        StyledText("b", (StyledSpan(0, 1, RED),)),
        StyledText("c", (StyledSpan(0, 1, RED),)),
    ]
    assert len(unfolded(LogLine(0, "\n" * 1_000_000))) <= 2_000


def test_tasks_keep_their_colours_and_names_get_longer_where_they_must() -> None:
    names = TaskNames()
    assert not names.add("aaaa1111") and not names.add("bbbb1111") and not names.add("")
    assert (names.name("aaaa1111"), names.colour("bbbb1111"), names.colour("x")) == ("aaaa", 1, -1)
    assert names.add("aaaa1222"), "rows must be drawn again"
    assert names.name("aaaa1111") == "aaaa11"
    assert names.colour("aaaa1111") == 0
    assert (names.numbered(2), names.numbered(9)) == ("bbbb1111", None)


def test_a_separator_and_copied_lines() -> None:
    end = end_line(ContainerExit("4a5a" * 8, "app", NOW, "exit 137 OutOfMemoryError", True))
    view = folded(end, TaskNames(), OPTIONS)
    assert (view.kind, view.level, view.task) == (LineKind.END, Level.ERROR, "4a5a")
    assert view.body.text == "app stopped: exit 137 OutOfMemoryError"
    line = LogLine(NOW, "\x1b[31mhi", 1, "4a5a" * 8, "app")
    assert copied([line, end]).splitlines() == [
        "2026-11-29 09:12:53.480Z 4a5a4a5a/app hi",
        "2026-11-29 09:12:53.480Z 4a5a4a5a/app app stopped: exit 137 OutOfMemoryError",
    ]
