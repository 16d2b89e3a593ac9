"""Keys, pastes and the prefix as pure functions: splitting, re-encoding, names."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events

from ecs_tui.config.prefix import DEFAULT, Prefix
from ecs_tui.terminal.input import (
    ESCAPE_SECONDS,
    MAX_PASTE_BYTES,
    PASTE_END,
    PASTE_REST_SECONDS,
    PASTE_SECONDS,
    PASTE_START,
    REPORT_SECONDS,
    SEQUENCE_SECONDS,
    Key,
    Paste,
    TerminalReport,
    Token,
    Tokenizer,
)
from ecs_tui.terminal.paste import Pasted
from ecs_tui.terminal.protocol import Mode
from ecs_tui.terminal.recode import canonical, recode
from ecs_tui.terminal.typed import KeyNames, PastedText, TypedKey
from tests.support.keytable import kitty, legacy

REPORTS = [
    b"\x1b[I", b"\x1b[O", b"\x1b[<0;5;3M", b"\x1b[<35;12;7m", b"\x1b[M !!", b"\x1b[M\x20\xff\xfe",
    b"\x1b[?62;22c", b"\x1b[>1;10;0c", b"\x1b[0n", b"\x1b[?997;1n", b"\x1b[24;80R", b"\x1b[?5u",
    b"\x1b[?2026;2$y", b"\x1b[48;24;80;480;800t", b"\x1b[8;24;80t", b"\x1b]10;rgb:ff/ff/ff\x1b\\",
    b"\x1b]11;rgb:0/0/0\x07", b"\x1bP>|XTerm(390)\x1b\\", b"\x1bP1$r0m\x1b\\", b"\x1bP1+r544e=78\x1b\\",
    b"\x1bP!|00000000\x1b\\", b"\x1b_Gi=1;OK\x1b\\",
]  # fmt: skip
PIECES = st.one_of(
    st.sampled_from([data for _, data in legacy()]),
    st.sampled_from([sent for _, sent, _ in kitty()]),
    st.sampled_from(REPORTS),
    st.builds(lambda text: PASTE_START + text + PASTE_END, st.binary(max_size=40)),
    st.sampled_from(
        [PASTE_START, PASTE_END, b"\x1b[200", b"\x1b[", b"\x1bO", b"\x1b]1", b"\xe6\xbc"]
    ),
    st.binary(max_size=8),
)


def cut(*parts: bytes) -> list[Token]:
    tokenizer = Tokenizer()
    found = [token for part in parts for token in tokenizer.feed(part)]
    while tokenizer.wait is not None:
        more = tokenizer.expire()
        assert more, "what has begun ends"
        found += more
    return found


@given(st.lists(PIECES, max_size=6), st.lists(st.integers(0, 200), max_size=12))
def test_however_bytes_are_split_the_tokens_are_the_same(
    pieces: list[bytes], at: list[int]
) -> None:
    data = b"".join(pieces)
    cuts = sorted({0, len(data), *(n for n in at if n < len(data))})
    parts = [data[a:b] for a, b in itertools.pairwise(cuts)]
    assert cut(*parts) == cut(data) == cut(*(data[n : n + 1] for n in range(len(data))))


@given(st.lists(PIECES, max_size=6))
def test_no_byte_is_lost_or_changed(pieces: list[bytes]) -> None:
    data = b"".join(pieces)
    found = b"".join(
        PASTE_START + token.data + PASTE_END if isinstance(token, Paste) else token.data
        for token in cut(data)
    )
    without = found.replace(PASTE_START, b"").replace(PASTE_END, b"")
    ended = cut(data + PASTE_END)  # an unfinished paste
    assert without == data.replace(PASTE_START, b"").replace(PASTE_END, b"") or ended != cut(data)


@pytest.mark.parametrize("report", REPORTS)
def test_reports_are_not_typed(report: bytes) -> None:
    assert cut(b"a" + report + b"b") == [Key(b"a"), TerminalReport(report), Key(b"b")]
    assert cut(*(report[n : n + 1] for n in range(len(report)))) == [TerminalReport(report)]
    assert not any(
        isinstance(each, events.Key) for each in KeyNames().messages(TerminalReport(report))
    )


def test_no_key_swallows_the_next_one() -> None:
    for name, data in legacy():
        if len(data) > 2 or data[:1] != b"\x1b":
            assert cut(data + b"|") == [*cut(data), Key(b"|")], name


def test_every_key_of_the_tables_is_passed_on_as_it_was_sent() -> None:
    rows = legacy()
    assert len(rows) > 900
    for name, data in rows:
        tokens = cut(data)
        assert all(isinstance(token, Key) for token in tokens), name
        sent = b"".join(recode(token.data, Mode(0)) for token in tokens)
        assert sent == data, name


def test_every_key_of_the_kitty_protocol_becomes_its_legacy_form() -> None:
    rows = kitty()
    assert len(rows) > 500
    for name, sent, expected in rows:
        assert cut(sent) == [Key(sent)], name
        assert recode(sent, Mode(0)) == expected, name


@pytest.mark.parametrize(
    ("data", "modes", "kitty_flags", "expected"),
    [
        (b"\x1b[A", Mode.CURSOR_KEYS, 0, b"\x1bOA"),
        (b"\x1b[H", Mode.CURSOR_KEYS, 0, b"\x1bOH"),
        (b"\x1b[1;2A", Mode.CURSOR_KEYS, 0, b"\x1b[1;2A"),
        (b"\x1b[1;129A", Mode.CURSOR_KEYS, 0, b"\x1bOA"),
        (b"a", Mode(0), 1, b"a"),
        (b"A", Mode(0), 1, b"A"),
        (b"\x03", Mode(0), 1, b"\x1b[99;5u"),
        (b"\x1b[99;5u", Mode(0), 1, b"\x1b[99;5u"),
        (b"\x1b", Mode(0), 1, b"\x1b[27u"),
        (b"\x1bb", Mode(0), 1, b"\x1b[98;3u"),
        (b"\x1b\r", Mode(0), 1, b"\x1b[13;3u"),
        (b"\r", Mode(0), 1, b"\r"),
        (b"\t", Mode(0), 1, b"\t"),
        (b"\x1b[Z", Mode(0), 1, b"\x1b[9;2u"),
        (b"\x7f", Mode(0), 1, b"\x7f"),
        (b"\x1bOP", Mode(0), 1, b"\x1b[P"),
        (b"\x1b[1;5R", Mode(0), 1, b"\x1b[13;5~"),
        (b"\x1b[A", Mode(0), 1, b"\x1b[A"),
        (b"\x1b[3~", Mode(0), 1, b"\x1b[3~"),
        (b"a", Mode(0), 8, b"\x1b[97u"),
        (b"A", Mode(0), 8 | 16, b"\x1b[97;2;65u"),
        (b"\r", Mode(0), 8, b"\x1b[13u"),
        (b"\x1b[97;3:3u", Mode(0), 1, b""),
        (b"\x1b[97;3:3u", Mode(0), 3, b"\x1b[97;3:3u"),
        (b"\x1b[44:60;4u", Mode(0), 1, b"\x1b[44;4u"),
        (b"\x1b[44:60;4u", Mode(0), 5, b"\x1b[44:60;4u"),
        ("é".encode(), Mode(0), 1, "é".encode()),
    ],
)
def test_keys_follow_the_modes_of_the_program(
    data: bytes, modes: Mode, kitty_flags: int, expected: bytes
) -> None:
    assert recode(data, modes, kitty_flags) == expected


@given(st.binary(max_size=20), st.integers(0, 31), st.sampled_from([0, 1]))
def test_no_input_breaks_the_encoder(data: bytes, flags: int, modes: int) -> None:
    for token in cut(data):
        recode(token.data, Mode(modes), flags)
        list(KeyNames().messages(token))


@given(st.integers(0, 2**31), st.integers(0, 300), st.integers(0, 9), st.integers(0, 31))
def test_no_number_breaks_the_encoder(code: int, mods: int, event: int, flags: int) -> None:
    data = f"\x1b[{code}:{code}:{code};{mods}:{event};{code}u".encode()
    recode(data, Mode(0), flags)
    list(KeyNames().messages(Key(data)))


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"a", "a"), (b"A", "A"), (b"\r", "enter"), (b"\x1b", "escape"), (b"\x1b[A", "up"),
        (b"\x1bOA", "up"), (b"\x1b[1;5C", "ctrl+right"), (b"\x10", "ctrl+p"), (b"/", "slash"),
        (b":", "colon"), (b"\x1b[5~", "pageup"), (b"\x1b[Z", "shift+tab"), (b"\x7f", "backspace"),
        (b"\x1b[112;5u", "ctrl+p"), (b"\x1b[27u", "escape"), (b"\x1b[1;129A", "up"),
        (b"\x1b[47:63;2u", "question_mark"), (b"\x1b[57414u", "enter"), ("é".encode(), "é"),
        (b"\x1b[24~", "f12"), (b"\x1bOP", "f1"), (b"\x1d", "ctrl+right_square_bracket"),
        (b"\x1b[93;5u", "ctrl+right_square_bracket"),
    ],
)  # fmt: skip
def test_lists_keep_their_names(data: bytes, name: str) -> None:
    (event,) = KeyNames().messages(Key(data))
    assert isinstance(event, TypedKey)
    assert (event.key, event.data, event.handler_name) == (name, data, "on_key")


def test_an_escape_waits_and_nothing_waits_longer_than_it_must() -> None:
    tokenizer = Tokenizer()
    assert tokenizer.wait is None
    assert tokenizer.feed(b"\x1b") == []
    assert tokenizer.wait == ESCAPE_SECONDS
    assert tokenizer.expire() == [Key(b"\x1b")]
    assert tokenizer.wait is None
    assert tokenizer.feed(b"\x1b:wq") == [Key(b"\x1b:"), Key(b"w"), Key(b"q")]


@pytest.mark.parametrize(
    ("data", "tokens"),
    [
        (b"\x1b[", [b"\x1b["]),
        (b"\x1b[\r", [b"\x1b[", b"\r"]),
        ("\x1b[é".encode(), [b"\x1b[", "é".encode()]),
        (b"\x1b[1", [b"\x1b[", b"1"]),
        (b"\x1b[1\x1b[A", [b"\x1b[", b"1", b"\x1b[A"]),
        (b"\x1b[[", [b"\x1b[", b"["]),
        (b"\x1b[[x", [b"\x1b[", b"[", b"x"]),
        (b"\x1b[\x1b", [b"\x1b[", b"\x1b"]),
        (b"\x1bO", [b"\x1bO"]),
        (b"\x1bO\r", [b"\x1bO", b"\r"]),
        (b"\x1b]", [b"\x1b]"]),
        (b"\x1bP1", [b"\x1bP", b"1"]),
    ],
)
def test_alt_and_a_bracket_is_a_key_of_its_own(data: bytes, tokens: list[bytes]) -> None:
    assert cut(data) == [Key(each) for each in tokens]
    assert cut(*(data[n : n + 1] for n in range(len(data)))) == [Key(each) for each in tokens]
    named = [event for token in cut(data) for event in KeyNames().messages(token)]
    assert all(isinstance(event, TypedKey) for event in named)
    if data[1:2] == b"[":
        assert next(event.key for event in named if isinstance(event, TypedKey)) == (
            "alt+left_square_bracket"
        )


# -- sequences that are interrupted on a slow connection


def late(*parts: bytes) -> list[Token]:
    """The tokens if each part comes after the time for an unfinished sequence."""
    tokenizer = Tokenizer()
    found = []
    for part in parts:
        found += tokenizer.feed(part)
        while tokenizer.wait is not None:
            found += tokenizer.expire()
    return found


CTRL_C = b"\x1b[99;5u"
SENT_AT_ONCE = [
    *(report for report in REPORTS if report[2:3] in (b"<", b"?", b">") or report[1:2] in b"]P_"),
    CTRL_C,
]


@pytest.mark.parametrize("whole", SENT_AT_ONCE)
def test_what_no_person_types_is_not_typed_however_late_its_rest_comes(whole: bytes) -> None:
    for at in range(1, len(whole)):
        found = late(whole[:at], whole[at:])
        last = found[-1]
        assert last == (Key(whole) if whole == CTRL_C else TerminalReport(whole)), at
        # Output so far: at most the keys that began the sequence, and none of them twice.
        before = b"".join(token.data for token in found[:-1])
        assert before == whole[:at]


@pytest.mark.parametrize(
    "part",
    [b"\x1b[<3", b"\x1b[<35;3", b"\x1b[?6", b"\x1b[?2026;2$", b"\x1b]11;", b"\x1b]11;rgb:0",
     b"\x1bP>|", b"\x1bP1$r", b"\x1b_G"],
)  # fmt: skip
def test_a_report_whose_rest_never_comes_is_not_typed(part: bytes) -> None:
    assert cut(part) == [TerminalReport(part)]


@pytest.mark.parametrize("at", range(1, len(PASTE_START)))
def test_a_paste_is_a_paste_however_late_the_rest_of_its_start_comes(at: int) -> None:
    found = late(PASTE_START[:at], PASTE_START[at:] + b"rm a\rrm b\r" + PASTE_END)
    assert found[-1] == Paste(b"rm a\rrm b\r")
    assert b"".join(token.data for token in found[:-1]) == PASTE_START[:at]


def test_how_long_a_sequence_may_stay_incomplete() -> None:
    for data, wait in (
        (b"\x1b", ESCAPE_SECONDS), (b"\x1b[", SEQUENCE_SECONDS), (b"\x1bO", SEQUENCE_SECONDS),
        (b"\xe6", SEQUENCE_SECONDS), (b"\x1b[<35", REPORT_SECONDS), (b"\x1b]11;", REPORT_SECONDS),
        (PASTE_START[:-1], REPORT_SECONDS), (PASTE_START, PASTE_SECONDS), (PASTE_START + b"x", PASTE_SECONDS),
    ):  # fmt: skip
        tokenizer = Tokenizer()
        assert tokenizer.feed(data) == []
        assert tokenizer.wait == wait, data


@pytest.mark.parametrize("at", range(len(PASTE_END)))
def test_a_paste_without_an_end_is_given_out_as_a_part(at: int) -> None:
    tokenizer = Tokenizer()
    assert tokenizer.feed(PASTE_START + b"ls\r" + PASTE_END[:at]) == []
    assert tokenizer.expire() == [Paste(b"ls\r" + PASTE_END[:at], part=True)]
    assert tokenizer.wait is None
    if at:  # the rest of the end is not typed
        assert tokenizer.feed(PASTE_END[at:]) == []
        assert tokenizer.feed(b"a") == [Key(b"a")]


@pytest.mark.parametrize("key", [b"a", b"\r", "é".encode(), b"\x1d", b"\x1b[A", b"\x1b[<0;5;3M"])
def test_keys_work_again_after_a_paste_without_an_end(key: bytes) -> None:
    now = 0.0
    tokenizer = Tokenizer(clock=lambda: now)
    tokenizer.feed(PASTE_START + b"ls")
    tokenizer.expire()
    for keys in (b"\x1dlist", b"ls\r", b"\x1bw"):
        assert b"".join(token.data for token in tokenizer.feed(keys)) == keys
    now = PASTE_REST_SECONDS - 0.1
    assert tokenizer.feed(b"\rrm x\r") == []
    assert tokenizer.expire() == [Paste(b"\rrm x\r", part=True)]
    now += PASTE_REST_SECONDS
    assert len(tokenizer.feed(b"ls -l\r")) == 6, "it lasts no longer"
    tokenizer.feed(PASTE_START + b"ls")
    tokenizer.expire()
    for _ in range(2):
        assert tokenizer.feed(key) == [TerminalReport(key) if b"<" in key else Key(key)]
    assert tokenizer.feed(b"\x1b[A\x1b[<0;5;3M") == [
        Key(b"\x1b[A"),
        TerminalReport(b"\x1b[<0;5;3M"),
    ]
    assert tokenizer.feed(b"\x1b[201~") == []
    assert tokenizer.feed(b"bc") == [Key(b"b"), Key(b"c")]


@pytest.mark.parametrize(
    ("rest", "tokens"),
    [
        (b"rm a\rrm b\r" + PASTE_END, [Paste(b"rm a\rrm b\r", part=True)]),
        (b"\r" + PASTE_END + b"x", [Paste(b"\r", part=True), Key(b"x")]),
        (b"\x1b[31mrm a\r" + PASTE_END, [Paste(b"\x1b[31mrm a\r", part=True)]),
        (PASTE_END, []),
        (b"rm a\rrm b\r", [Paste(b"rm a\rrm b\r", part=True)]),
        (b"\x1b[31mrm a\r", [Paste(b"\x1b[31mrm a\r", part=True)]),
        (PASTE_START + b"ls" + PASTE_END, [Paste(b"ls")]),
        (b"\x1b[A" + PASTE_START + b"ls" + PASTE_END, [Key(b"\x1b[A"), Paste(b"ls")]),
    ],
)
def test_the_rest_of_a_paste_that_stalled_is_not_typed(rest: bytes, tokens: list[Token]) -> None:
    tokenizer = Tokenizer()
    tokenizer.feed(PASTE_START + b"echo one\r")
    assert tokenizer.expire() == [Paste(b"echo one\r", part=True)]
    assert tokenizer.feed(b"n") == [Key(b"n")]  # the answer to the question
    found = tokenizer.feed(rest)
    if tokenizer.wait is not None:
        found += tokenizer.expire()
    assert found == tokens
    if PASTE_END in rest:  # nothing has changed
        assert tokenizer.feed(b"bc") == [Key(b"b"), Key(b"c")]


def test_a_paste_is_kept_up_to_its_limit_and_no_further() -> None:
    chunk = b"x" * 65536
    for size in (MAX_PASTE_BYTES, MAX_PASTE_BYTES + 1, 3 * MAX_PASTE_BYTES):
        tokenizer = Tokenizer()
        tokenizer.feed(PASTE_START)
        for start in range(0, size, len(chunk)):
            assert tokenizer.feed(chunk[: size - start]) == []
            assert len(tokenizer._paste or b"") <= MAX_PASTE_BYTES
        over = size > MAX_PASTE_BYTES
        expected = Paste(b"", dropped=size) if over else Paste(b"x" * size)
        assert tokenizer.feed(PASTE_END + b"a") == [expected, Key(b"a")]


# -- pastes


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_lines_of_a_paste_are_lines(end: str) -> None:
    pasted = Pasted.of(f"one{end}two{end}".encode())
    assert (pasted.lines, pasted.controls) == (2, 0)
    assert pasted.asks(Mode(0))
    assert not pasted.asks(Mode.BRACKETED_PASTE)
    assert pasted.encode(Mode(0)) == b"one\rtwo\r"
    assert pasted.encode(Mode.BRACKETED_PASTE) == b"\x1b[200~one\rtwo\r\x1b[201~"
    assert pasted.shown() == "one\ntwo"


@pytest.mark.parametrize("modes", [Mode(0), Mode.BRACKETED_PASTE])
@pytest.mark.parametrize(
    "text",
    [
        "rm\u00a0-i\u00a0a",
        "a\u3000b\u202fc",
        "👩\u200d💻",
        "\U0001fae8 \U0001cc00",
        "a\tb",
        "\ue0b0",
    ],
)
def test_all_text_arrives_whole_and_unasked(text: str, modes: Mode) -> None:
    pasted = Pasted.of(text.encode())
    assert not pasted.asks(modes)
    assert text.encode() in pasted.encode(modes)


@pytest.mark.parametrize("modes", [Mode(0), Mode.BRACKETED_PASTE])
@pytest.mark.parametrize("control", ["\x03", "\0", "\x1b", "\x7f", "\x15", "\x9b", "\x85", "\x0b"])
def test_control_characters_are_asked_about_and_shown(control: str, modes: Mode) -> None:
    pasted = Pasted.of(f"echo a{control}b".encode())
    assert pasted.asks(modes)
    assert "1 control character" in pasted.effect(modes)
    assert control not in pasted.shown()
    assert pasted.shown() != "echo ab"


@given(st.text(alphabet=st.sampled_from("\x1b[201~\x9b\0a\r\n"), max_size=40))
def test_nothing_ends_the_brackets(text: str) -> None:
    data = Pasted.of(text.encode()).encode(Mode.BRACKETED_PASTE)
    assert data.startswith(PASTE_START) and data.endswith(PASTE_END)
    inside = data[len(PASTE_START) : -len(PASTE_END)]
    assert b"\x1b" not in inside and b"\xc2\x9b" not in inside


def test_a_paste_keeps_its_bytes_and_is_handled_as_a_paste() -> None:
    (event,) = KeyNames().messages(Paste(b"a\0\xff"))
    assert isinstance(event, PastedText)
    assert (event.paste.data, event.text, event.handler_name) == (b"a\0\xff", "a\ufffd", "on_paste")


@pytest.mark.parametrize("modes", [Mode(0), Mode.BRACKETED_PASTE])
def test_a_part_of_a_paste_is_asked_about(modes: Mode) -> None:
    pasted = Pasted.of(b"one", part=True)
    assert pasted.asks(modes)
    assert "did not send the end" in pasted.effect(modes)
    more = pasted.followed_by(b" two\rthree")
    assert (more.data, more.lines, more.part) == (b"one two\nthree", 2, True)


# -- the prefix


@pytest.mark.parametrize(
    ("text", "shown", "names", "data"),
    [
        (DEFAULT, "ctrl+]", ("ctrl+right_square_bracket", "f12"), b"\x1d"),
        ("ctrl+right_square_bracket", "ctrl+]", ("ctrl+right_square_bracket",), b"\x1d"),
        ("ctrl+t", "ctrl+t", ("ctrl+t",), b"\x14"),
        ("Ctrl+B", "ctrl+b", ("ctrl+b",), b"\x02"),
        ("f12", "f12", ("f12",), b"\x1b[24~"),
        ("ctrl+^", "ctrl+^", ("ctrl+circumflex_accent",), b"\x1e"),
        ("ctrl+\\", "ctrl+\\", ("ctrl+backslash",), b"\x1c"),
        ("ctrl+space", "ctrl+space", ("ctrl+@",), b"\0"),
    ],
)
def test_prefixes(text: str, shown: str, names: tuple[str, ...], data: bytes) -> None:
    prefix = Prefix.parse(text)
    assert (prefix.shown, prefix.names) == (shown, names)
    assert prefix.match(data) and canonical(data) == data
    (event,) = KeyNames().messages(Key(data))
    assert isinstance(event, TypedKey)
    assert event.key == names[0]


@pytest.mark.parametrize(
    "text",
    ["", "x", "ctrl", "ctrl+", "ctrl+i", "ctrl+m", "ctrl+[", "ctrl+h", "ctrl+ä", "ctrl+1", "f13",
     "alt+x", "ctrl+a ctrl+b ctrl+t", "f12 f12"],
)  # fmt: skip
def test_what_cannot_be_the_prefix(text: str) -> None:
    with pytest.raises(ValueError, match="Expected"):
        Prefix.parse(text)
