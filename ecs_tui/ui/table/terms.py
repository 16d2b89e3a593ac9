"""The words of a filter: text, `column:value`, `tag:key=value`; `!` inverts, `~` is a pattern."""

from __future__ import annotations

import re
from collections.abc import Callable

from ecs_tui.record import dataclass
from ecs_tui.resources.base import Column, Resource
from ecs_tui.resources.tags import tags_of
from ecs_tui.resources.trouble import ONLY_PROBLEMS

TAG = "tag"
"""The name before the colon for tags."""


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a filter. All words must match.

    Attributes:
        column: The column to look at, None for all.
        of_tags: Whether it is compared with the row's tags instead.
        value: The text to find, case-folded; "" if the word is not complete yet.
        pattern: The regular expression to find instead of `value`, or None.
        inverted: Whether rows match that do not have it.
        broken: Whether the regular expression is not valid.
        of_problems: Whether it matches rows that have a problem instead.
    """

    column: Column | None = None
    of_tags: bool = False
    value: str = ""
    pattern: re.Pattern[str] | None = None
    inverted: bool = False
    broken: bool = False
    of_problems: bool = False

    @property
    def incomplete(self) -> bool:
        """Whether nothing is to be found yet, as while it is typed."""
        return not (self.value or self.pattern or self.broken or self.of_problems)

    @property
    def live(self) -> bool:
        """Whether its matches change with time alone."""
        return self.of_problems or (self.column is not None and self.column.live)

    @property
    def test(self) -> Callable[[str], bool]:
        """Whether a case-folded text has it, without regard to `inverted`."""
        if self.broken:
            return lambda text: self.inverted  # no row matches
        if self.pattern is not None:
            search = self.pattern.search
            return lambda text: search(text) is not None
        value = self.value
        return lambda text: value in text

    def has_tag(self, row: object) -> bool:
        """Whether a tag of the row has it: `key=value`, or `key` alone."""
        if self.broken:
            return self.inverted  # no row matches
        key, equals, value = self.value.partition("=")
        for name, text in tags_of(row).items():
            if self.pattern is not None:
                if self.pattern.search(f"{name}={text}"):
                    return True
            elif equals:
                if name.casefold() == key and value in text.casefold():
                    return True
            elif key in name.casefold():
                return True
        return False


def implies(new: Term, old: Term) -> bool:
    """Whether all rows that match `new` match `old` too, as while a word is typed on."""
    if new.live or old.live:
        return False
    if new == old:
        return True
    texts = all(
        not (term.of_tags or term.inverted or term.broken) and term.pattern is None
        for term in (new, old)
    )
    return texts and old.column in (None, new.column) and old.value in new.value


def parse_term(word: str, view: Resource) -> Term:
    """A word of a filter of a view's list, as it was typed."""
    inverted = word.startswith("!")
    rest = word[inverted:]
    if rest.startswith("~"):
        return _term(rest, inverted)
    name, colon, value = rest.partition(":")
    column = column_called(view, name.casefold()) if colon else None
    if rest.casefold() == ONLY_PROBLEMS and column is None:
        return Term(of_problems=True, inverted=inverted)
    if colon and column is None and name.casefold() == TAG:
        return _term(value, inverted, of_tags=True)
    return _term(value if column else rest, inverted, column)


def _term(
    text: str, inverted: bool, column: Column | None = None, *, of_tags: bool = False
) -> Term:
    if not text.startswith("~"):
        return Term(column, of_tags, text.casefold(), None, inverted)
    try:
        pattern = re.compile(text[1:], re.IGNORECASE) if text != "~" else None
    except re.error:
        return Term(column, of_tags, inverted=inverted, broken=True)
    return Term(column, of_tags, "", pattern, inverted)


def title_word(column: Column) -> str:
    """A column's title as typed in a filter: lower case, one word (`private-ip`)."""
    return "-".join(column.title.casefold().split())


def column_called(view: Resource, name: str) -> Column | None:
    """The column with this title, as typed in a filter, else with this key, else None."""
    wanted = name.replace("_", "-")
    by_title = {title_word(column): column for column in reversed(view.columns)}
    by_title |= {word.replace("-", ""): column for word, column in reversed(by_title.items())
                 if word.replace("-", "") not in by_title}  # fmt: skip
    return by_title.get(wanted) or next((c for c in view.columns if c.key == name), None)


def unknown_column(view: Resource, text: str) -> str:
    """The first name before a colon in a filter that names no column, or ""."""
    for word in text.casefold().split():
        name, colon, _ = word.removeprefix("!").partition(":")
        known = (
            name == TAG
            or word.removeprefix("!") == ONLY_PROBLEMS
            or name.startswith("~")
            or column_called(view, name) is not None
        )
        if colon and name and not known:
            return name
    return ""


def broken_pattern(view: Resource, text: str) -> str:
    """The first word of a filter whose regular expression is not valid, or ""."""
    return next((word for word in text.split() if parse_term(word, view).broken), "")
