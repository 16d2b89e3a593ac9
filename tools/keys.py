"""Writes docs/keys.md from the program: `python -m tools.keys` prints it, `--update` writes it."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
from collections.abc import Iterable
from pathlib import Path

from textual.binding import Binding

from ecs_tui.config.key_text import KeyText
from ecs_tui.config.key_words import WORDS
from ecs_tui.config.keymap import (
    ACTIVITY,
    ANYWHERE,
    AUDIT,
    CLOSED,
    COPY_MODE,
    LOGS,
    METRICS,
    PROBLEMS,
    PROMPT,
    TRANSCRIPT,
    default_keymap,
)
from ecs_tui.ui import dialogs
from ecs_tui.ui.commands import COMMANDS, DOCK
from ecs_tui.ui.dialogs.base import Dialog

DOCUMENT = Path(__file__).parents[1] / "docs" / "keys.md"
_HEAD = """# Keys

`?` shows the keys that work where you are, in lists, shells (after the prefix) and dialogs; `f1` does where you type.
This page is made from the program by `python -m tools.keys --update`.

## Your own keys

`[keys]` in the config file gives commands other keys, by their id:

```toml
[keys]
shell = "f5"                # one key
open = ["enter", "right"]   # several; the first one is shown
exec-check = []             # none: run it with `:`
"plan.apply" = "Y"
```

A key is a character, a name (`enter`, `esc`, `tab`, `space`, `backspace`, `delete`, `insert`, `home`, `end`, `pgup`, `pgdn`, `up`,
`down`, `left`, `right`, `f1` to `f24`), or one of them with `ctrl+`, `alt+` or `shift+`. An unknown id or key, and two commands with
one key in the same place, are errors when ecs-tui starts. The keys of `dock` are the setting `prefix`.

A command that changes something in AWS opens a dialog first, whatever its key is.
"""

_TEXT_KEYS = "It also has the keys of the dialog `text` that move, search, wrap, copy and save"
_PAGES = (
    ("logs", LOGS, f"{_TEXT_KEYS}. All of them come before those of lists."),
    ("metrics", METRICS, ""),
    ("activity", ACTIVITY, ""),
    ("problems", PROBLEMS, ""),
    ("the audit", AUDIT, "It also has the keys of lists; these come before them."),
    (
        "a transcript",
        TRANSCRIPT,
        f"{_TEXT_KEYS}, and that of raw descriptions: it shows raw bytes.",
    ),
)
"""The pages with keys of their own: what it is a page of, its keys, and which others it has."""


def _table(rows: Iterable[tuple[str, str, str]]) -> list[str]:
    """A table of (keys, id, what it does)."""
    lines = ["| keys | id | what it does |", "|---|---|---|"]
    for keys, name, words in rows:
        shown = f"`{keys}`" if keys else ""
        lines.append(f"| {shown} | `{name}` | {words} |".replace("|  |", "| |"))
    return lines


def _shown(name: str) -> str:
    keymap = default_keymap()
    return keymap.all(name) if keymap.of(name) else ""


def dialog_kinds() -> list[type[Dialog[object]]]:
    """The kinds of dialogs, by their names."""
    for each in pkgutil.iter_modules(dialogs.__path__, f"{dialogs.__name__}."):
        importlib.import_module(each.name)

    def below(kind: type[Dialog[object]]) -> set[type[Dialog[object]]]:
        return {one for each in kind.__subclasses__() for one in {each, *below(each)}}

    named = {kind for kind in below(Dialog) if vars(kind).get("kind")}
    found = {kind for kind in named if kind.__module__.startswith("ecs_tui.")}
    return sorted(found, key=lambda kind: kind.kind)


def document() -> str:
    """The text of docs/keys.md."""
    keymap = default_keymap()
    lines = [_HEAD]
    for commands in (COMMANDS, DOCK):
        for group in dict.fromkeys(command.group for command in commands):
            rows = [
                (_shown(each.id), each.id, keymap.fill(each.help))
                for each in commands
                if each.group == group
            ]
            lines += [f"## {keymap.fill(KeyText(group))}", "", *_table(rows), ""]
    lines += ["The prefix, pressed twice, is sent to the shell.", ""]
    fixed = ", ".join(f"`{key}` {words}" for key, words in COPY_MODE)
    lines += [
        f"Copy mode has vi's keys, which cannot be changed: {fixed}; [shells](shells.md) has all.",
        "",
    ]
    for title, ids in (
        ("In a closed shell", CLOSED), ("In the line of `/` and `:`", PROMPT), ("Outside of shells", ANYWHERE),
    ):  # fmt: skip
        lines += [f"## {title}", "", *_table((_shown(name), name, WORDS[name]) for name in ids), ""]
    lines += [
        "The tab with a task definition has the keys of the dialog `text` that move, search, turn, copy and"
        " save; there they come before those above.",
        "",
    ]
    for title, page, more in _PAGES:
        table = _table((_shown(name), name, WORDS[name]) for name in page)
        lines += [f"## On the page of {title}", "", *table, ""]
        lines += [more, ""] if more else []
    lines += ["## In all dialogs", "", *_table(_of_dialog(Dialog.own_keys())), ""]
    common = {binding.id for binding in Dialog.own_keys()}
    for kind in dialog_kinds():
        own = [binding for binding in kind.own_keys() if binding.id not in common]
        lines += [f"## In the dialog {kind.kind}", "", *_table(_of_dialog(own)), ""]
    return "\n".join(lines).rstrip() + "\n"


def _of_dialog(bindings: Iterable[Binding]) -> list[tuple[str, str, str]]:
    """Rows of a table for keys of a dialog, each of which has an id."""
    rows = [(each.id or "", each.description) for each in bindings]
    return [(_shown(name), name, words[:1].upper() + words[1:]) for name, words in rows]


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.keys", description=__doc__)
    parser.add_argument("--update", action="store_true", help=f"write it to {DOCUMENT.name}")
    if parser.parse_args().update:
        DOCUMENT.write_text(document(), "utf-8")
    else:
        print(document(), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
