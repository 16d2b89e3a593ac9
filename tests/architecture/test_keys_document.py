"""Does docs/keys.md show the program's keys, and do they follow the table of keys?"""

from __future__ import annotations

import pytest

from ecs_tui.config.key_names import textual_name
from ecs_tui.config.keymap import DEFAULTS, DIALOG_KEYS, LIST, default_keymap
from tools.keys import DOCUMENT, dialog_kinds, document

TABLE: dict[str, str] = {
    # move, everywhere
    "down": "j down", "up": "k up", "top": "g home", "bottom": "G end",
    "page-down": "ctrl+f", "page-up": "ctrl+b", "half-page-down": "ctrl+d", "half-page-up": "ctrl+u",
    "open": "enter l right", "back": "esc h left", "place-before": "[", "place-after": "]",
    # find, everywhere
    "filter": "/", "goto": ":", "help": "?",
    # places
    "all-services": "0", "tasks": "N", "instances": "n", "stopped": "x", "profiles": "ctrl+p", "regions": "ctrl+r",
    "login": "i", "problems": "!",
    # service page
    "next-tab": "tab", "previous-tab": "shift+tab", "tab-number": "1 2 3 4 5 6 7 8 9",
    # inspect the selected thing
    "details": "d", "details-down": "J", "details-up": "K", "raw": "y", "events": "w",
    "deployments": "p", "definition": "t", "metrics": "m", "exec-check": "D", "access": "I", "copy": "c", "console": "b",
    "activity": "A",
    # act on the selected thing or the marked ones
    "shell": "s", "exec": "E", "deploy": "f", "scale": "u", "stop": "S", "run-task": "T",
    "rollback": "R",
    # lists
    "mark": "space", "mark-range": "ctrl+space ctrl+@", "mark-all": "*", "sort": "o", "reverse": "O",
    "sort-column": "f1 f2 f3 f4 f5 f6 f7 f8 f9 f10 f11", "wide": "ctrl+w", "refresh": "r", "problems-only": "z",
    # screen
    "split": "v", "header": "ctrl+e", "suspend": "ctrl+z", "quit": "q ctrl+c",
    # text
    "viewer-page-down": "space", "viewer-close": "q", "raw-format": "y", "dialog-copy": "c",
    "text-search": "/", "text-next": "n", "text-previous": "N", "text-wrap": "w", "text-save": "ctrl+s",
    # dialogs
    "dialog-close": "esc", "confirm-yes": "y", "plan.apply": "y",
    # a shell: after the prefix
    "shell-keys": "?", "shell-left": "left", "shell-right": "right", "shell-above": "up",
    "shell-below": "down", "arrange": "space", "columns": "%", "rows": '"', "close-shell": "x",
}  # fmt: skip
"""What the keys of ecs-tui are to be, for what there is today: the first ones of each id."""

NOT_YET = (
    "F", "C", "U", "a", "P", "ctrl+s",
)  # fmt: skip
"""Keys of lists that stand for something that does not exist yet: nothing else may take them."""


def test_the_document_shows_the_programs_keys() -> None:
    assert DOCUMENT.read_text("utf-8") == document(), "python -m tools.keys --update"


def test_each_id_is_in_the_document() -> None:
    text = document()
    assert [name for name in DEFAULTS if f"`{name}`" not in text] == []
    assert {kind.kind for kind in dialog_kinds()} == DIALOG_KEYS.keys()


@pytest.mark.parametrize("name", TABLE)
def test_a_key_is_the_one_of_the_table(name: str) -> None:
    assert set(TABLE[name].split()) <= set(default_keymap().of(name))


def test_what_does_not_exist_yet_has_no_key_and_nothing_takes_it() -> None:
    taken = {key for name in LIST for key in default_keymap().names(name)}
    assert taken & {textual_name(key) for key in NOT_YET} == set()
