"""The keys of all commands: the defaults by command id, and the operator's own from `[keys]`.

A key is written here and in the config file as it is shown: `x`, `?`, `ctrl+d`, `f5`, `esc`. Ids are
those of commands (`ui/commands/`) and of the keys of dialogs. Keys of copy mode are vi's and fixed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from ecs_tui.config.key_names import shown_key, textual_name
from ecs_tui.config.key_text import KeyText
from ecs_tui.config.prefix import DEFAULT as DEFAULT_PREFIX
from ecs_tui.config.prefix import Prefix

_TO_12 = " ".join(f"f{number}" for number in range(1, 12))
"""F12 is an alias of the prefix."""

LIST: dict[str, str] = {
    "down": "j down", "up": "k up", "page-down": "ctrl+f pagedown", "page-up": "ctrl+b pageup",
    "half-page-down": "ctrl+d", "half-page-up": "ctrl+u", "top": "g home", "bottom": "G end",
    "open": "enter l right", "back": "esc h left", "place-before": "[", "place-after": "]",
    "filter": "/", "goto": ":", "help": "?", "tags": "", "group": "",
    "mark": "space", "mark-range": "ctrl+space ctrl+@", "mark-all": "*",
    "sort": "o", "reverse": "O", "sort-column": _TO_12, "wide": "ctrl+w", "refresh": "r",
    "all-services": "0", "stopped": "x", "clusters": "", "services": "", "tasks": "N",
    "instances": "n", "capacity-providers": "", "daemons": "", "problems": "!", "problems-only": "z",
    "next-tab": "tab", "previous-tab": "shift+tab", "tab-number": "1 2 3 4 5 6 7 8 9",
    "overview": "", "details": "d", "details-down": "J", "details-up": "K", "raw": "y", "events": "w",
    "deployments": "p", "definition": "t", "metrics": "m", "copy": "c", "console": "b",
    "logs": "L", "container-insights": "", "log-time": "", "search-logs": "", "activity": "A",
    "shell": "s", "exec": "E", "forget-shell": "", "split": "v",
    "deploy": "f", "scale": "u", "stop": "S", "run-task": "T", "rollback": "R", "continue": "", "waiting": "",
    "exec-check": "D", "access": "I", "policy": "",
    "recordings": "", "search-transcripts": "",
    "profiles": "ctrl+p", "regions": "ctrl+r", "accounts": "", "login": "i",
    "header": "ctrl+e", "suspend": "ctrl+z", "quit": "q ctrl+c",
    "audit": "", "audit-all": "", "sessions": "", "end-session": "ctrl+k", "left-sessions": "",
    "recording": "", "record-sessions": "", "verify-recording": "", "review": "", "iam-policy": "",
}  # fmt: skip
"""The main screen. `dock` has the setting `prefix` as its keys."""

SHELL: dict[str, str] = {
    "list": "l esc h", "next-shell": "n tab", "previous-shell": "p",
    "shell-number": "1 2 3 4 5 6 7 8 9",
    "shell-left": "left", "shell-right": "right", "shell-above": "up", "shell-below": "down",
    "zoom": "z", "turn-split": "v", "arrange": "s space", "columns": "%", "rows": '"',
    "background": "m", "rename": "R ,", "broadcast": "B", "copy-mode": "c [", "search": "/",
    "scroll-up": "u pageup", "scroll-down": "d pagedown", "save-text": "w", "record": "r",
    "keep-alive": "a", "clipboard": "y", "successor": "o", "save-lost": "b", "reopen": "enter",
    "other-command": "e", "close-shell": "x",
    "go-to-task": "g", "shell-transcript": "t",
    "shell-keys": "?",
}  # fmt: skip
"""In a shell, after the prefix."""

CLOSED: dict[str, str] = {
    "closed-reopen": "enter", "closed-command": "e", "closed-close": "x q", "closed-list": "esc",
}  # fmt: skip
"""In the pane of a shell that has ended."""

PROMPT: dict[str, str] = {
    "prompt-accept": "enter", "prompt-leave": "esc", "prompt-next": "down ctrl+n tab",
    "prompt-previous": "up ctrl+p shift+tab",
}  # fmt: skip
"""In the line of a filter or a destination."""

DIALOGS: dict[str, str] = {
    "dialog-close": "esc", "dialog-help": "? f1", "viewer-close": "q",
    "dialog-down": "j", "dialog-up": "k", "dialog-select": "enter", "dialog-copy": "c",
    "viewer-top": "g home", "viewer-bottom": "G end", "viewer-page-down": "space ctrl+f pagedown",
    "viewer-page-up": "ctrl+b pageup", "viewer-half-down": "ctrl+d", "viewer-half-up": "ctrl+u",
    "raw-format": "y", "help-filter": "/", "text-search": "/", "text-only": "&", "text-next": "n",
    "text-previous": "N", "text-wrap": "w", "text-save": "ctrl+s", "text-editor": "e",
    "confirm-yes": "y", "confirm-no": "n enter", "refused-check": "D", "paste-yes": "y", "paste-no": "n",
    "line-accept": "enter", "line-older": "up", "line-newer": "down",
    "link-open": "o", "picker-mark": "space", "picker-favourite": "f", "picker-filter": "/",
    "table-down": "j down", "table-up": "k up", "table-page-down": "ctrl+f pagedown",
    "table-page-up": "ctrl+b pageup", "table-half-down": "ctrl+d", "table-half-up": "ctrl+u",
    "table-top": "g home", "table-bottom": "G end", "table-sort": "o", "table-reverse": "O",
    "table-filter": "/", "access-raw": "y", "access-principal": "p", "access-me": "m", "policy-next": "tab", "policy-copy": "ctrl+y",
    "exec-check.close": "q", "exec-check.down": "j", "exec-check.up": "k", "exec-check.again": "r",
    "exec-check.debug-copy": "o", "exec-check.tag": "t", "exec-check.copy": "c",
    "exec-check.shell": "s", "exec-check.passed": "space",
    "plan.apply": "y", "plan.copy": "c", "plan.stop-afterwards": "k", "plan.shell": "s",
    "plan.close": "q", "scale.more": "up", "scale.fewer": "down", "run-task.submit": "ctrl+y",
    "search-logs.start": "ctrl+y",
}  # fmt: skip
"""In dialogs; each has some of them (`DIALOG_KEYS`)."""

TRANSCRIPT: dict[str, str] = {
    "mark-next": "}", "mark-previous": "{", "transcript-mask": "ctrl+x", "transcript-typed": "ctrl+t",
    "transcript-event": "d",
}  # fmt: skip
"""On the page of a transcript, besides those of a text."""

LOGS: dict[str, str] = {
    "log-follow": "G end", "log-task": "1 2 3 4 5 6 7 8 9", "log-all": "0", "log-shorter": "<",
    "log-longer": ">", "log-mark": "M", "log-previous": "p", "log-unfold": "enter", "log-only": "&",
    "log-times": "t", "log-editor": "e",
}  # fmt: skip
"""On the page of logs, besides those of a text."""

METRICS: dict[str, str] = {"metrics-shorter": "<", "metrics-longer": ">"}
"""On the tab of metrics."""

ACTIVITY: dict[str, str] = {
    "activity-layer": "1 2 3 4 5 6 7 8 9", "activity-shorter": "<", "activity-longer": ">",
    "activity-open": "enter",
}  # fmt: skip
"""On the page of activity, besides those of lists."""

PROBLEMS: dict[str, str] = {"problem-evidence": "enter l right", "problem-hide": "H"}
"""On the page of problems, besides those of all lists."""

COPY_MODE: tuple[tuple[str, str], ...] = (
    ("v", "select"), ("y", "copy"), ("/", "search"), ("n N", "next"), ("q", "quit"),
)  # fmt: skip
"""The keys of copy mode that are shown, and what they do. They are vi's and cannot be changed."""
COPY_CLEAR = "esc clear selection"
"""Shown as well while something is selected."""
AUDIT: dict[str, str] = {
    "audit-layer": "1 2 3 4 5 6 7 8 9", "audit-shorter": "<", "audit-longer": ">",
    "audit-flagged": "z", "audit-group": "ctrl+o", "audit-stop": "X", "audit-save": "ctrl+s",
}  # fmt: skip
"""On the page of the audit, besides those of a list."""

_EVERY = ("dialog-close", "dialog-help")
_MOVE = ("dialog-down", "dialog-up")
_VIEWER = (
    *_EVERY, "viewer-close", *_MOVE, "viewer-top", "viewer-bottom", "viewer-page-down",
    "viewer-page-up", "viewer-half-down", "viewer-half-up", "dialog-copy",
)  # fmt: skip
_TABLE = (
    *_EVERY, "viewer-close", "table-down", "table-up", "table-page-down", "table-page-up",
    "table-half-down", "table-half-up", "table-top", "table-bottom", "table-sort", "table-reverse",
    "table-filter",
)  # fmt: skip
DIALOG_KEYS: dict[str, tuple[str, ...]] = {
    "text": (
        *_VIEWER, "raw-format", "text-search", "text-only", "text-next", "text-previous", "text-wrap",
        "text-save", "text-editor",
    ),
    "help": (*_VIEWER, "help-filter"),
    "confirm": (*_EVERY, "confirm-yes", "confirm-no"),
    "refused-shell": (*_EVERY, "refused-check", "confirm-yes", "confirm-no"),
    "paste": (*_EVERY, "paste-yes", "paste-no"),
    "choose": (*_EVERY, *_MOVE, "dialog-select"),
    "tags": (*_EVERY, "viewer-close", *_MOVE, "dialog-select", "picker-mark", "picker-filter"),
    "command": (*_EVERY, "line-accept", "line-older", "line-newer"),
    "link": (*_EVERY, "viewer-close", "link-open", "dialog-copy"),
    "login": (*_EVERY, "viewer-close", "dialog-copy"),
    "mfa": (*_EVERY, "line-accept"),
    "picker": (
        *_EVERY, "viewer-close", *_MOVE, "dialog-select", "picker-mark", "picker-favourite",
        "picker-filter",
    ),
    "search": _EVERY,
    "access": (*_TABLE, "access-raw", "dialog-copy", "access-principal", "access-me"),
    "policy": (*_EVERY, "policy-next", "policy-copy"),
    "exec-check": (*_EVERY, *(name for name in DIALOGS if name.startswith("exec-check."))),
    "plan": (*_EVERY, *(name for name in DIALOGS if name.startswith("plan."))),
    "search-logs": (*_EVERY, "line-accept", "table-down", "table-up", "search-logs.start"),
    "log-time": (*_EVERY, "line-accept"), "problem-note": (*_EVERY, "line-accept"),
    "rollback": (*_EVERY, *_MOVE, "dialog-select"),
    "search-transcripts": (*_EVERY, "line-accept", "table-down", "table-up", "search-logs.start"),
    "scale": (*_EVERY, "scale.more", "scale.fewer"), "run-task": (*_EVERY, "run-task.submit"),
    "reason": (*_EVERY, "line-accept"), "review": (*_TABLE, "dialog-copy"),
}  # fmt: skip
"""The ids of each dialog."""

PAGE_KEYS: dict[str, tuple[str, ...]] = {
    "audit": tuple(AUDIT),
    "text": (
        *(name for name in DIALOG_KEYS["text"] if name not in (*_EVERY, "viewer-close")),
    ),
    "transcript": (
        "text-search", "text-next", "text-previous", "text-wrap", "dialog-copy", "text-save",
        "raw-format", "log-editor", *TRANSCRIPT, "viewer-page-down", "viewer-page-up",
        "viewer-half-down", "viewer-half-up", "viewer-top", "viewer-bottom",
    ),
    "logs": (
        "text-search", "text-next", "text-previous", *LOGS, "text-wrap", "dialog-copy", "text-save",
        "viewer-page-down", "viewer-page-up", "viewer-half-down", "viewer-half-up", "viewer-top",
    ),
    "metrics": tuple(METRICS),
    "activity": tuple(ACTIVITY),
    "problems": tuple(PROBLEMS),
}  # fmt: skip
"""The ids of pages with keys of their own, which come before those of the main screen."""

ANYWHERE: dict[str, str] = {"quit-anywhere": "ctrl+q"}
"""Outside of shells."""

DEFAULTS: dict[str, str] = {
    **LIST, **SHELL, **CLOSED, **PROMPT, **DIALOGS, **LOGS, **METRICS, **ACTIVITY, **PROBLEMS,
    **AUDIT, **TRANSCRIPT, **ANYWHERE,
}  # fmt: skip
"""The keys of each id, separated by spaces."""

CONTEXTS: dict[str, tuple[str, ...]] = {
    "the list": (*LIST, *ANYWHERE), "a shell after the prefix": tuple(SHELL),
    "a closed shell": tuple(CLOSED), "the prompt": (*PROMPT, *ANYWHERE),
    **{f"the dialog {name}": (*ids, *ANYWHERE) for name, ids in DIALOG_KEYS.items()},
    **{f"the page {name}": (*ids, *ANYWHERE) for name, ids in PAGE_KEYS.items()},
}  # fmt: skip
"""Ids that are in use at the same time, so that no two of them may have a key in common."""

_ROWS = {"sort-column": tuple(LIST), "tab-number": tuple(LIST), "shell-number": tuple(SHELL),
         "log-task": PAGE_KEYS["logs"], "activity-layer": PAGE_KEYS["activity"],
         "audit-layer": PAGE_KEYS["audit"]}  # fmt: skip
"""Commands whose first key means another thing than the second. Their default keys give way to the
operator's own keys of the other commands, and each of the rest keeps its meaning."""

_RUN = re.compile(r"(?:f[0-9]+|[0-9])")
_PLACEHOLDER = re.compile(r"\{([a-z][a-z-]*)\}")


@dataclass(frozen=True)
class Keymap:
    """The keys in use.

    Attributes:
        keys: The keys of each id, as they are written in the config file; "" in place of a default
            key that the prefix or another command has.
        prefix: The keys that bring a shell to the front; in a shell, the next key is a command.
    """

    keys: Mapping[str, tuple[str, ...]]
    prefix: Prefix
    _changed: frozenset[str] = field(default=frozenset())

    @classmethod
    def make(cls, own: Mapping[str, str | Sequence[str]], prefix: Prefix) -> Keymap:
        """The defaults with the operator's own keys.

        Args:
            own: A key or several by id, from `[keys]`; an empty list takes a command's keys away.
            prefix: The setting `prefix`. A default key that is the prefix is taken away.

        Raises:
            ValueError: An id or a key is unknown, or two commands have the same key.
        """
        for name in own:
            if name == "dock":
                raise ValueError('The keys of "dock" are the setting prefix.')
            if name not in DEFAULTS:
                raise ValueError(f'"{name}" is no command. {_similar(name)}')
        keys = {name: tuple(text.split()) for name, text in DEFAULTS.items()}
        given = {
            name: (value,) if isinstance(value, str) else tuple(value)
            for name, value in own.items()
        }
        for name, value in given.items():
            if name in DIALOGS and not value:
                raise ValueError(f'"{name}" needs a key.')
            for key in value:
                try:
                    textual_name(key)
                except ValueError as error:
                    raise ValueError(f"{name}: {error}") from None
        keys |= given
        for name in LIST.keys() - given.keys():
            keys[name] = _without(keys[name], prefix.names)
        for name in _ROWS.keys() - given.keys():
            own_keys = [key for other in _ROWS[name] for key in given.get(other, ())]
            keys[name] = _without(keys[name], [textual_name(key) for key in own_keys])
        made = cls(keys, prefix, frozenset(given))
        made._refuse_conflicts()
        return made

    def _refuse_conflicts(self) -> None:
        for context, ids in CONTEXTS.items():
            outside = context in ("the list", "a shell after the prefix")
            taken = dict.fromkeys(self.prefix.names, "dock") if outside else {}
            for name in ids:
                for key in self.of(name):
                    other = taken.setdefault(textual_name(key), name)
                    if other != name:
                        raise ValueError(
                            f'"{key}" is the key of both "{other}" and "{name}" in {context}.'
                        )

    def of(self, command: str) -> tuple[str, ...]:
        """The keys of a command as they are written in the config file; () without one."""
        if command == "dock":
            return tuple(key.shown for key in self.prefix.keys)
        return tuple(key for key in self.keys[command] if key)

    def names(self, command: str) -> tuple[str, ...]:
        """Textual's names of the keys of a command."""
        return (
            self.prefix.names if command == "dock" else tuple(map(textual_name, self.of(command)))
        )

    def position(self, command: str, key: str) -> int | None:
        """Which key of a command it is, from 0, by Textual's name; None for another key."""
        names = [textual_name(each) if each else "" for each in self.keys[command]]
        return names.index(key) if key and key in names else None

    def first(self, command: str) -> str:
        """The first key of a command as it is shown; without one, how it is typed: `:accounts`."""
        keys = self.of(command)
        return shown_key(keys[0]) if keys else f":{command}"

    def typed_over(self, command: str) -> str:
        """The first key that is no character, as it is shown: it works in an input line too."""
        keys = self.of(command)
        return shown_key(next((key for key in keys if len(key) > 1), keys[0])) if keys else ""

    def all(self, command: str) -> str:
        """All keys of a command as they are shown, `enter l →`; several in a row as `f1…f11`."""
        shown = list(dict.fromkeys(map(shown_key, self.of(command))))
        if len(shown) > 3 and all(_RUN.fullmatch(key) for key in shown):
            return f"{shown[0]}…{shown[-1]}"
        return " ".join(shown) or f":{command}"

    def taken(self, page: str) -> frozenset[str]:
        """Textual's names of the keys that a page has for itself (`PAGE_KEYS`); "" for no page."""
        ids = PAGE_KEYS.get(page, ())
        return frozenset(key for name in ids for key in self.names(name))

    def without(self, page: str) -> Keymap:
        """The keymap without the keys of the main screen that a page has for itself."""
        taken = self.taken(page)
        if not taken:
            return self
        keys = {name: _without(self.keys[name], taken) for name in LIST}
        return Keymap({**self.keys, **keys}, self.prefix, self._changed)

    def in_shell(self, command: str) -> str:
        """The prefix and the key of a command of a shell: `ctrl+] x`."""
        return f"{self.prefix.shown} {self.first(command)}"

    def command(self, context: str, key: str, character: str | None = None) -> str:
        """The id of a key's command, or "".

        Args:
            context: One of `CONTEXTS`.
            key: Textual's name of the key.
            character: What the key types, if anything.
        """
        found = self._by_key[context]
        return found.get(key) or found.get(character or "", "")

    @cached_property
    def _by_key(self) -> dict[str, dict[str, str]]:
        made = {}
        for context, ids in CONTEXTS.items():
            pairs = [(key, name) for name in ids for key in self.names(name)]
            pairs += [(key, name) for name in ids for key in self.of(name) if len(key) == 1]
            made[context] = dict(pairs)
        made["the list"] |= dict.fromkeys(self.prefix.names, "dock")
        return made

    def fill(self, text: str) -> str:
        """A `KeyText` with the key of a command in place of each of its ids; other texts as they are."""
        if not isinstance(text, KeyText):
            return text

        def key(match: re.Match[str]) -> str:
            name = match[1]
            if name == "prefix":
                return self.prefix.both
            return self.first(name) if name in self.keys or name == "dock" else match[0]

        return _PLACEHOLDER.sub(key, text)

    def for_textual(self) -> dict[str, str]:
        """The operator's own keys as Textual's `set_keymap` takes them, by the id of a binding."""
        return {
            name: ",".join(self.names(name))
            for name in self._changed & (DIALOGS.keys() | ANYWHERE.keys())
        }


def _without(keys: tuple[str, ...], taken: Collection[str]) -> tuple[str, ...]:
    """The keys, with "" in place of those with a name that is taken."""
    return tuple("" if key and textual_name(key) in taken else key for key in keys)


def default_names(command: str) -> str:
    """Textual's names of the default keys of an id, separated by commas, as a `Binding` takes them."""
    return ",".join(textual_name(key) for key in DEFAULTS[command].split())


def _similar(name: str) -> str:
    import difflib

    near = difflib.get_close_matches(name, DEFAULTS, n=3, cutoff=0.5)
    return f"Did you mean {' or '.join(near)}?" if near else "docs/keys.md lists them all."


@lru_cache(1)
def default_keymap() -> Keymap:
    """The keymap without a config file."""
    return Keymap.make({}, Prefix.parse(DEFAULT_PREFIX))
