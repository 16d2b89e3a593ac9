"""Does a key, or a command's name, mean one thing in its context? Is each in the one keymap?"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections import Counter
from collections.abc import Iterable

from textual.binding import Binding
from textual.keys import _character_to_key
from textual.screen import Screen

from ecs_tui.config.key_names import textual_name
from ecs_tui.config.keymap import (
    CONTEXTS,
    DEFAULTS,
    DIALOG_KEYS,
    LIST,
    SHELL,
    Keymap,
    default_keymap,
)
from ecs_tui.resources import RESOURCES
from ecs_tui.ui import dialogs
from ecs_tui.ui.commands import BY_ID, COMMANDS, DOCK, Command
from ecs_tui.ui.dialogs.base import Dialog


def doubled(each: Iterable[str]) -> set[str]:
    """Items that occur more than once."""
    return {name for name, count in Counter(each).items() if count > 1}


def clashes(keymap: Keymap) -> set[str]:
    """Keys that several ids of one context have."""
    return {
        key for ids in CONTEXTS.values() for key in doubled(n for i in ids for n in keymap.names(i))
    }


def bound(screen: type[Screen[object]]) -> list[str]:
    """The keys that a class of screens binds itself."""
    own = screen.__dict__.get("BINDINGS", [])
    return [
        key
        for each in own
        for key in (each.key if isinstance(each, Binding) else each[0]).split(",")
    ]


def screens() -> list[type[Dialog[object]]]:
    """The dialogs' classes."""
    found = []
    for each in pkgutil.iter_modules(dialogs.__path__, f"{dialogs.__name__}."):
        module = importlib.import_module(each.name)
        for made in vars(module).values():
            own = inspect.isclass(made) and made.__module__ == module.__name__
            if own and issubclass(made, Dialog):
                found.append(made)
    return found


def test_commands_and_keys_are_unique_in_their_context() -> None:
    assert clashes(default_keymap()) == set()
    every = (*COMMANDS, *DOCK)
    names = [name for command in every for name in (command.id, *command.aliases)]
    assert doubled(names) == set()
    assert all(command.id and command.help and command.title for command in every)
    assert [each.id for each in every if "\n" in str(each.help)] == [], (
        "it is one line of the prompt"
    )


def test_each_command_is_in_the_keymap_and_each_id_is_a_command() -> None:
    assert {command.id for command in COMMANDS} == LIST.keys() | {"dock"}
    assert {command.id for command in DOCK} == SHELL.keys()
    assert set(BY_ID) == LIST.keys() | SHELL.keys() | {"dock"}


def test_each_key_of_a_dialog_is_in_the_keymap() -> None:
    found = [screen for screen in screens() if screen.kind]
    assert {screen.kind for screen in found} == DIALOG_KEYS.keys()
    for screen in found:
        assert {each.id for each in screen.own_keys()} == set(DIALOG_KEYS[screen.kind]), screen
        for binding in screen.own_keys():
            keys = ",".join(map(textual_name, DEFAULTS[binding.id or ""].split()))
            assert binding.key == keys, binding
            assert binding.description


def test_a_dialog_binds_a_key_once() -> None:
    found = screens()
    assert len(found) > 10
    for screen in found:
        assert doubled(bound(screen)) == set(), screen


def test_commands_name_lists_that_exist() -> None:
    named = {name for command in COMMANDS for name in command.fits}
    assert named <= RESOURCES.keys()


def test_an_id_in_a_sentence_is_a_command() -> None:
    """Sentences with keys of commands in braces: those of commands and of empty lists."""
    texts = [view.empty for view in RESOURCES.values()]
    modules = {type(command).__module__ for command in (*COMMANDS, *DOCK)}
    texts += [inspect.getsource(importlib.import_module(name)) for name in modules]
    named = set()
    for text in texts:
        named |= set(re.findall(r'(?<!f)"[^"\n]*?\{([a-z]+(?:-[a-z]+)*)\}', text))
    assert {"regions", "refresh", "shell", "details"} <= named
    assert named - DEFAULTS.keys() - {"prefix", "dock"} == set()


def test_keys_have_textuals_names() -> None:
    for code in (*range(33, 127), *map(ord, "éß€")):
        assert textual_name(chr(code)) == _character_to_key(chr(code))


def test_what_two_commands_claim_is_found() -> None:
    class Twice(Screen[object]):
        BINDINGS = [("q", "leave", "close"), Binding("y,q", "yes", "yes")]

    keymap = default_keymap()
    both = Keymap({**keymap.keys, "shell": ("s", "d")}, keymap.prefix)
    assert clashes(both) == {"d"}
    assert doubled(bound(Twice)) == {"q"}
    assert issubclass(type(BY_ID["shell"]), Command)
