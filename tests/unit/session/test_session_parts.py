"""Small parts of a session: tilde escapes, idle time, recordings, reports."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ecs_tui.session.activity import COUNTDOWN_SECONDS, IDLE_SECONDS, SessionActivity
from ecs_tui.session.channel import report
from ecs_tui.session.channel.connection import CLIENT_VERSION
from ecs_tui.session.channel.crypto import KEY_BYTES, Cipher, CipherError
from ecs_tui.session.escape import Escape, Tilde
from ecs_tui.session.plugin import BUILTIN
from ecs_tui.session.recording import Recording
from ecs_tui.ui.links import may_open, url_at
from tests.support.limits import limit


@pytest.mark.parametrize(
    ("typed", "out", "escape"),
    [
        ("~.", "", Escape.END),
        ("ls\r~.", "ls\r", Escape.END),
        ("ls ~.", "ls ~.", None),
        ("~~.", "~.", None),
        ("~x", "~x", None),
        ("~?", "", Escape.HELP),
        ("cd ~\r", "cd ~\r", None),
        ("\r~/bin/x\r", "\r~/bin/x\r", None),
    ],
)
def test_tilde(typed: str, out: str, escape: Escape | None) -> None:
    for pieces in ([typed], list(typed)):
        tilde, got, found = Tilde(), b"", None
        for piece in pieces:
            data, found = tilde.feed(piece.encode())
            got += data
            if found:
                break
        assert (got.decode(), found) == (out, escape)


def test_idleness_and_silence() -> None:
    activity = SessionActivity()
    assert activity.countdown(0) is None
    activity.received(100)
    assert activity.idle_left(100) == IDLE_SECONDS
    assert activity.countdown(100 + IDLE_SECONDS - COUNTDOWN_SECONDS - 1) is None
    assert activity.countdown(100 + IDLE_SECONDS - 60) == 60
    assert activity.unanswered_for(150) == 0
    activity.typed(200)
    activity.typed(204)
    assert activity.unanswered_for(209) == 9  # from the first key
    activity.received(210)
    assert activity.unanswered_for(300) == 0
    assert activity.idle_left(210 + 2 * IDLE_SECONDS) == 0


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def events(path: Path) -> list[list[object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_recording_is_an_asciicast(tmp_path: Path) -> None:
    clock = Clock()
    path = tmp_path / "rec" / "x.cast"
    recording = Recording(path, 80, 24, "prod t1 app", clock=clock)
    clock.now = 1.5
    recording.output("grün".encode()[:3])
    recording.output("grün".encode()[3:] + b"\x1b[1mx")
    recording.input(b"secret")
    clock.now = 2
    recording.resize(100, 30)
    recording.close()
    header, *rest = events(path)
    assert header["version"] == 2  # type: ignore[call-overload]
    assert (header["width"], header["height"]) == (80, 24)  # type: ignore[call-overload]
    assert [row[1] for row in rest] == ["o", "o", "r"]
    assert "".join(str(row[2]) for row in rest[:2]) == "grün\x1b[1mx"
    assert rest[2] == [2, "r", "100x30"]
    assert path.stat().st_mode & 0o777 == 0o600
    assert "secret" not in path.read_text()
    with pytest.raises(FileExistsError):
        Recording(path, 80, 24, "again")


def test_input_is_recorded_only_as_far_as_it_is_echoed(tmp_path: Path) -> None:
    clock = Clock()
    path = tmp_path / "x.cast"
    recording = Recording(path, 80, 24, "t", with_input=True, clock=clock)
    for char in "ls\r":
        recording.input(char.encode())
        recording.output(b"\r\n" if char == "\r" else char.encode())
    recording.output(b"Password: ")
    for char in "hunter2\r":
        clock.now += 0.1
        recording.input(char.encode())
    recording.output(b"\r\nwelcome hunter\r\n")
    clock.now += 5
    recording.output(b"hunter2")
    recording.close()
    typed = "".join(str(row[2]) for row in events(path)[1:] if row[1] == "i")
    assert typed == "ls\r"


def test_the_builtin_client_imports_nothing_from_the_current_directory(tmp_path: Path) -> None:
    for name in ("asyncio", "json", "aiohttp", "msgspec", "click", "ecs_tui", "uuid"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\nraise OSError")
    child = subprocess.run(
        [*BUILTIN.argv, "--version"],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=limit(30),
    )  # fmt: skip
    assert (child.returncode, child.stdout.strip()) == (0, CLIENT_VERSION)
    assert not (tmp_path / "ran").exists()


UNECHOED = {
    "nothing comes": [("i", "secret\r")],
    "only the end of the line": [("i", "secret\r"), ("o", "\r\nwelcome\r\n")],
    "at once": [("i", "secret"), ("o", "\r\n")],
    "letter by letter": [("i", char) for char in "secret"] + [("o", "\r\nsecret agent\r\n")],
    "the same first letter": [("i", "s"), ("o", "sorry, wrong\r\n")],
    "the same first letters": [("i", "secret\r"), ("o", "second try\r\n")],
    "after what was echoed": [("i", "su\rsecret\r"), ("o", "su\r\nPassword: "), ("o", "\r\n# ")],
    "stars": [("i", "secret"), ("o", "******")],
    "too late": [("i", "secret"), ("wait", ""), ("o", "secret\r\n")],
    "after other output": [("i", "secret"), ("o", "tick\r\n"), ("o", "secret\r\n")],
    "a control key": [("i", "\x03"), ("o", "^C\r\n")],
}


@pytest.mark.parametrize("name", UNECHOED)
@pytest.mark.parametrize("pieces", ["at once", "by key"])
def test_what_is_typed_unechoed_is_in_no_recording(tmp_path: Path, name: str, pieces: str) -> None:
    clock = Clock()
    path = tmp_path / "x.cast"
    recording = Recording(path, 80, 24, "t", with_input=True, clock=clock)
    for kind, text in UNECHOED[name]:
        clock.now += 5 if kind == "wait" else 0.01
        if kind == "o":
            recording.output(text.encode())
        for data in [text] if pieces == "at once" else text:
            if kind == "i":
                recording.input(data.encode())
    recording.close()
    typed = "".join(str(row[2]) for row in events(path)[1:] if row[1] == "i")
    assert typed == ("su\r" if name == "after what was echoed" else "")


def test_without_being_asked_for_no_key_is_recorded(tmp_path: Path) -> None:
    path = tmp_path / "x.cast"
    recording = Recording(path, 80, 24, "t")
    recording.input(b"ls\r")
    recording.output(b"ls\r\n")
    recording.close()
    assert [row[1] for row in events(path)[1:]] == ["o"]


FULL = """
import resource, sys
from pathlib import Path
from ecs_tui.session.recording import Recording

recording = Recording(Path(sys.argv[1]), 80, 24, "t")
size = Path(sys.argv[1]).stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size + int(sys.argv[2]), resource.RLIM_INFINITY))
for number in range(40):
    recording.output(b"0123456789 " * 3)
print(recording.error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
recording.output(b"later")
recording.close()
"""


@pytest.mark.parametrize("room", [0, 1, 30, 400, 401, 437, 1000])
def test_a_full_disk_leaves_whole_lines_only(tmp_path: Path, room: int) -> None:
    path = tmp_path / "x.cast"
    child = subprocess.run(
        [sys.executable, "-c", FULL, str(path), str(room)],
        capture_output=True, text=True, check=False, timeout=limit(30),
    )  # fmt: skip
    assert child.stdout.strip() == "File too large", child.stderr
    text = path.read_text()
    assert text.endswith("\n")
    assert all(isinstance(json.loads(line), dict | list) for line in text.splitlines())
    assert "later" not in text
    lines = len(text.splitlines()) - 1
    assert room // 60 <= lines <= room // 40


def test_reports_are_lines_and_nonsense_is_left_out() -> None:
    reading = report.ReportReader()
    assert reading.take(b'{"event": "stal') == []
    assert reading.take(b'led", "words": "7"}\n[1]\nx\n{"event": "resumed"}\n') == [
        report.Report("stalled", "7"),
        report.Report("resumed", ""),
    ]


def test_both_ends_of_a_key_understand_each_other_and_nobody_else() -> None:
    key = bytes(range(KEY_BYTES))
    client, agent = Cipher(key), Cipher(key, agent=True)
    assert agent.decrypt(client.encrypt(b"keys")) == b"keys"
    assert client.decrypt(agent.encrypt(b"output")) == b"output"
    assert client.encrypt(b"same") != client.encrypt(b"same")
    for wrong in (client.encrypt(b"x"), b"", b"x" * 40):
        with pytest.raises(CipherError):
            client.decrypt(wrong)
    with pytest.raises(CipherError):
        Cipher(b"short")


def test_addresses_under_the_mouse() -> None:
    line = "see 漢 https://example.com/a?b=1, and (http://x.org)."
    assert url_at(line, 8) == "https://example.com/a?b=1"
    assert url_at(line, 3) == ""
    assert url_at(line, line.index("http://x") + 2) == "http://x.org"
    assert may_open("https://example.com/")
    for bad in ("file:///etc/passwd", "javascript:alert(1)", "https://", "http://a\x1b[2J", "x"):
        assert not may_open(bad)
