"""The keymap: names of keys, the operator's own keys, conflicts, and keys in sentences."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecs_tui.config.key_names import shown_key, textual_name
from ecs_tui.config.key_text import KeyText
from ecs_tui.config.key_words import WORDS
from ecs_tui.config.keymap import (
    ACTIVITY,
    ANYWHERE,
    AUDIT,
    CLOSED,
    DEFAULTS,
    LOGS,
    METRICS,
    PROBLEMS,
    PROMPT,
    TRANSCRIPT,
    Keymap,
    default_keymap,
)
from ecs_tui.config.prefix import DEFAULT, Prefix
from ecs_tui.config.settings import load
from ecs_tui.errors import SettingsError


def made(own: dict[str, str | list[str]], prefix: str = DEFAULT) -> Keymap:
    return Keymap.make(own, Prefix.parse(prefix))


@pytest.mark.parametrize(
    ("key", "name", "shown"),
    [
        ("x", "x", "x"), ("?", "question_mark", "?"), ("+", "plus", "+"), ("-", "minus", "-"),
        ("esc", "escape", "esc"), ("escape", "escape", "esc"), ("enter", "enter", "enter"),
        ("down", "down", "↓"), ("pgdn", "pagedown", "pgdn"), ("f5", "f5", "f5"),
        ("ctrl+d", "ctrl+d", "ctrl+d"), ("ctrl+]", "ctrl+right_square_bracket", "ctrl+]"),
        ("ctrl+@", "ctrl+@", "ctrl+@"), ("shift+tab", "shift+tab", "shift+tab"),
        ("alt+x", "alt+x", "alt+x"), ("ctrl++", "ctrl+plus", "ctrl++"), ("é", "é", "é"),
    ],
)  # fmt: skip
def test_a_key_has_a_name_and_a_form_on_the_screen(key: str, name: str, shown: str) -> None:
    assert (textual_name(key), shown_key(key)) == (name, shown)


@pytest.mark.parametrize("key", ["", "xy", "hyper+x", "ctrl+ctrl+x", "shift+x", "ctrl+f99", " "])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="is not a key"):
        textual_name(key)


@pytest.mark.parametrize(
    ("key", "other"), [("ctrl+i", "tab"), ("ctrl+m", "enter"), ("ctrl+[", "escape")]
)
def test_keys_that_terminals_cannot_tell_apart_are_refused(key: str, other: str) -> None:
    with pytest.raises(ValueError, match=f"cannot be told from {other}"):
        textual_name(key)


def test_a_command_has_the_keys_that_the_operator_gave_it() -> None:
    keymap = made(
        {"shell": "f5", "open": ["enter", "alt+o"], "wide": [], "sort-column": ["1", "2"]}
    )
    assert keymap.command("the list", "f5") == "shell"
    assert keymap.command("the list", "s") == ""
    assert (keymap.first("shell"), keymap.all("open")) == ("f5", "enter alt+o")
    assert (keymap.first("wide"), keymap.all("wide")) == (":wide", ":wide")
    assert keymap.names("sort-column") == ("1", "2")


def test_keys_in_a_row_are_shown_as_one() -> None:
    keymap = default_keymap()
    assert keymap.all("sort-column") == "f1…f11"
    assert keymap.all("shell-number") == "1…9"
    assert keymap.all("open") == "enter l →"
    assert keymap.all("dock") == "ctrl+] f12"


@pytest.mark.parametrize(
    ("own", "words"),
    [
        ({"shell": "d"}, '"d" is the key of both "details" and "shell" in the list.'),
        ({"shell": ["f5", "x"]}, '"x" is the key of both "stopped" and "shell" in the list.'),
        ({"zoom": "n"}, '"n" is the key of both "next-shell" and "zoom" in a shell after the prefix.'),
        ({"confirm-yes": "enter"}, '"enter" is the key of both "confirm-yes" and "confirm-no"'),
        ({"shell": "ctrl+]"}, '"ctrl+]" is the key of both "dock" and "shell" in the list.'),
        ({"mark": "ctrl+q"}, '"ctrl+q" is the key of both "mark" and "quit-anywhere" in the list.'),
        ({"shel": "f5"}, '"shel" is no command. Did you mean shell'),
        ({"xyzzy": "f5"}, '"xyzzy" is no command. docs/keys.md lists them all.'),
        ({"shell": "f99"}, 'shell: "f99" is not a key.'),
        ({"dock": "f5"}, 'The keys of "dock" are the setting prefix.'),
        ({"dialog-close": []}, '"dialog-close" needs a key.'),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_named_in_a_sentence(
    own: dict[str, str | list[str]], words: str
) -> None:
    with pytest.raises(ValueError) as found:  # noqa: PT011
        made(own)
    assert str(found.value).startswith(words)


def test_default_keys_of_columns_give_way_and_the_others_keep_their_columns() -> None:
    keymap = made({"shell": "f3", "zoom": "2"})
    assert keymap.command("the list", "f3") == "shell"
    assert keymap.position("sort-column", "f2") == 1
    assert keymap.position("sort-column", "f3") is None
    assert keymap.position("sort-column", "f4") == 3
    assert keymap.position("shell-number", "3") == 2
    assert keymap.position("shell-number", "") is None
    assert "f3" not in keymap.of("sort-column")
    assert made({}, "f1").position("sort-column", "f2") == 1
    with pytest.raises(ValueError, match='"f3" is the key of both'):
        made({"shell": "f3", "sort-column": ["f2", "f3"]})


def test_swapped_keys_are_no_conflict() -> None:
    keymap = made({"details": "y", "raw": "d"})
    assert keymap.command("the list", "y") == "details"
    assert keymap.command("the list", "d") == "raw"


def test_the_prefix_takes_the_key_of_a_command_that_has_it_by_default() -> None:
    keymap = made({}, "ctrl+w f5")
    assert keymap.of("wide") == ()
    assert keymap.command("the list", "f5") == "dock"
    assert keymap.command("the list", "ctrl+w") == "dock"
    assert keymap.in_shell("close-shell") == "ctrl+w x"


def test_ids_in_braces_become_keys() -> None:
    keymap = made({"refresh": "f5"})
    text = "Press {refresh}, {accounts} or {dock}; {prefix} and {unknown} {x y}"
    filled = "Press f5, :accounts or ctrl+]; ctrl+] or f12 and {unknown} {x y}"
    assert keymap.fill(KeyText(text)) == filled


def test_braces_in_a_text_from_elsewhere_stay() -> None:
    keymap = made({})
    refused = f"✖ AWS said: no {{shell}} for {'{refresh}'}"
    assert keymap.fill(refused) == refused
    assert keymap.fill(KeyText("Press {refresh}: ") + "the task {shell} is gone") == (
        "Press {refresh}: the task {shell} is gone"
    )


def test_a_key_that_is_no_character_works_in_an_input_line_too() -> None:
    assert default_keymap().typed_over("dialog-help") == "f1"
    assert default_keymap().typed_over("dialog-copy") == "c"


def test_textual_gets_only_what_differs_in_dialogs() -> None:
    keymap = made({"shell": "f5", "confirm-yes": ["Y", "?"], "dialog-help": "f1"})
    assert keymap.for_textual() == {"confirm-yes": "Y,question_mark", "dialog-help": "f1"}


def test_the_config_file_has_keys(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[keys]\nshell = "f5"\nopen = ["enter", "o"]\nsort = []\n')
    keymap = load({}, str(path)).keymap
    assert (keymap.first("shell"), keymap.of("open"), keymap.of("sort")) == (
        "f5",
        ("enter", "o"),
        (),
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('shell = "d"', '"d" is the key of both "details" and "shell" in the list.'),
        ('nonsense = "d"', '"nonsense" is no command.'),
        ('shell = "bogus"', '"bogus" is not a key.'),
        ("shell = 5", "Expected"),
        ("shell = [5]", "Expected"),
    ],
)
def test_the_config_files_keys_are_checked(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f"[keys]\n{text}\n")
    with pytest.raises(SettingsError) as found:
        load({}, str(path))
    assert words in str(found.value)
    assert str(path) in str(found.value)
    assert "[keys]" in str(found.value)


def test_each_key_that_belongs_to_no_command_has_words() -> None:
    of_pages = {**LOGS, **METRICS, **ACTIVITY, **PROBLEMS, **AUDIT, **TRANSCRIPT}
    assert {**CLOSED, **PROMPT, **ANYWHERE, **of_pages}.keys() == WORDS.keys()
    assert WORDS.keys() <= DEFAULTS.keys()
