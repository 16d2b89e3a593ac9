"""Does a key, or a command's name, mean one thing in its context?"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections import Counter
from collections.abc import Iterable, Sequence

from textual.binding import Binding
from textual.screen import Screen

from ecs_tui.ui import dialogs
from ecs_tui.ui.commands import ACTIONS, DOCK, Action

CONTEXTS: dict[str, Sequence[Action]] = {"the list": ACTIONS, "after the prefix": DOCK}


def doubled(each: Iterable[str]) -> set[str]:
    """Items that occur more than once."""
    return {name for name, count in Counter(each).items() if count > 1}


def clashes(commands: Sequence[Action]) -> set[str]:
    """Names and keys that several commands of one context have."""
    keys = doubled(key for command in commands for key in command.keys)
    return keys | doubled(command.name for command in commands)


def bound(screen: type[Screen[object]]) -> list[str]:
    """The keys that a class of screens binds itself."""
    own = screen.__dict__.get("BINDINGS", [])
    return [
        key
        for each in own
        for key in (each.key if isinstance(each, Binding) else each[0]).split(",")
    ]


def screens() -> list[type[Screen[object]]]:
    """The dialogs' classes."""
    found = []
    for each in pkgutil.iter_modules(dialogs.__path__, f"{dialogs.__name__}."):
        module = importlib.import_module(each.name)
        for made in vars(module).values():
            own = inspect.isclass(made) and made.__module__ == module.__name__
            if own and issubclass(made, Screen):
                found.append(made)
    return found


def test_commands_and_keys_are_unique_in_their_context() -> None:
    for context, commands in CONTEXTS.items():
        assert clashes(commands) == set(), context
        assert all(command.name and command.help for command in commands), context


def test_a_command_has_one_name_everywhere() -> None:
    assert doubled(command.name for each in CONTEXTS.values() for command in each) == set()


def test_a_dialog_binds_a_key_once() -> None:
    found = screens()
    assert len(found) > 10
    for screen in found:
        assert doubled(bound(screen)) == set(), screen


def test_what_two_commands_claim_is_found() -> None:
    class One(Action):
        """One."""

        name, keys = "one", ("a", "b")

    class Two(Action):
        """Two."""

        name, keys = "one", ("b", "c")

    class Twice(Screen[object]):
        BINDINGS = [("q", "leave", "close"), Binding("y,q", "yes", "yes")]

    assert clashes([One(), Two()]) == {"one", "b"}
    assert clashes([One()]) == set()
    assert doubled(bound(Twice)) == {"q"}
