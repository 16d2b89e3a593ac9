"""The words of a log filter, which stack: text, pattern, level, field, task; each may be inverted.

```
timeout            the text, in any case          "two words"   a phrase
~time(d|r)?out     a regular expression           level:warn    this level and above
status:503         a field of JSON or logfmt      status:>=500  as a number
user:~^anon        a field by a pattern           task:4a5a     the start of a task's ID
container:app      a container's name             !healthz      what does not match
```
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from ecs_tui.logs.alternatives import texts_of
from ecs_tui.logs.ansi import harmless
from ecs_tui.logs.fields import FieldValues, values_of
from ecs_tui.logs.levels import Level, level_named
from ecs_tui.logs.line import LineKind, LogLine

MAX_SEARCHED = 8_192
"""Characters of a line that a pattern is searched in: a pattern may take long in a long one."""
_WORD = re.compile(r'(!?)((?:[A-Za-z_@][\w.@-]*:)?~?)(?:"([^"]*)"?|(\S*))')
_FIELD = re.compile(r"([A-Za-z_@][\w.@-]*):(?!//)(~?)(.*)", re.DOTALL)
_NESTED = re.compile(r"\([^()]*[+*}][^()]*\)(?:[+*]|\{\d*,)")
"""A repeated group with a repetition inside may take longer than a lifetime."""
_COMPARED = re.compile(r"(>=|<=|>|<)(-?\d+(?:\.\d+)?)")
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt,
}  # fmt: skip
_MAX_NUMBER = 40
"""Characters of a field's value that are read as a number."""
_MAX_DIGITS = 15
TermKind = Literal["text", "pattern", "level", "field", "task", "container"]


@dataclass(frozen=True)
class LogTerm:
    """One word of a filter.

    Attributes:
        kind: What is compared.
        value: In small letters: the text, the start of a task's ID, the container's name, the
            field's value or its comparison.
        name: The field's name.
        pattern: The regular expression, for patterns and fields.
        level: The lowest level.
        inverted: Whether lines match that do not have it.
        problem: Why it is not valid, in words; such a term matches no line.
    """

    kind: TermKind
    value: str = ""
    name: str = ""
    pattern: re.Pattern[str] | None = None
    level: Level = Level.NONE
    inverted: bool = False
    problem: str = ""

    def has(self, line: LogLine, text: str) -> bool:
        """Whether a line has it, without regard to `inverted`.

        Args:
            text: The line's text, harmless.
        """
        if self.kind == "text":
            return self.value in text.lower()
        if self.kind == "pattern":
            return (
                self.pattern is not None and self.pattern.search(text, 0, MAX_SEARCHED) is not None
            )
        if self.kind == "level":
            return line.level >= self.level
        if self.kind == "task":
            return line.task.startswith(self.value)
        if self.kind == "container":
            return line.container.lower() == self.value
        return self.fits(values_of(line.text, self.name))

    def fits(self, values: FieldValues) -> bool:
        """Whether one of the values of the field fits."""
        return any(map(self._fits, values))

    @cached_property
    def for_small_letters(self) -> re.Pattern[str] | None:
        """The pattern for texts in small letters. Without "ignore case" Python finds it much faster."""
        if self.pattern is None or self.pattern.pattern != self.pattern.pattern.lower():
            return self.pattern
        return re.compile(self.pattern.pattern, re.MULTILINE)

    @cached_property
    def _fits(self) -> Callable[[str], bool]:
        """Whether a value of the field, in small letters, fits."""
        pattern = self.pattern
        if pattern is not None:
            return lambda found: pattern.search(found[:MAX_SEARCHED]) is not None
        if compared := _COMPARED.fullmatch(self.value):
            compare, number = _COMPARE[compared[1]], float(compared[2])
            return lambda found: (value := _number(found)) is not None and compare(value, number)
        return lambda found: self.value in found

    @cached_property
    def misses(self) -> str:
        """A pattern of values that do not fit a comparison; "" if there is none."""
        compared = _COMPARED.fullmatch(self.value) if self.pattern is None else None
        return _misses(compared[1], compared[2]) if compared is not None else ""

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The texts that the pattern stands for, in small letters; () if it is more than some texts."""
        return texts_of(self.pattern.pattern) if self.pattern is not None else ()

    @property
    def column(self) -> str:
        """The field whose values must be looked at in every line; "" where a text tells lines apart."""
        compared = self.kind == "field" and (
            self.pattern is not None or _COMPARED.fullmatch(self.value) is not None
        )
        return self.name.lower() if compared else ""

    @property
    def needle(self) -> str:
        """A text that every line has that has this; "" if there is none."""
        if self.kind == "text":
            return self.value
        if self.kind != "field":
            return ""
        if self.pattern is not None or _COMPARED.fullmatch(self.value):
            return self.name.rpartition(".")[2].lower()
        # JSON may escape other characters.
        plain = self.value.isascii() and not set(self.value) & set('"\\/\n\t')
        return self.value if plain else self.name.rpartition(".")[2].lower()


def _misses(sign: str, number: str) -> str:
    """A pattern of most whole numbers that do not fit a comparison: told by digits, not by values."""
    digits = number.lstrip("0").partition(".")[0]
    if not digits.isdecimal() or len(digits) > _MAX_DIGITS:
        return ""
    first, others = int(digits[0]), len(digits) - 1
    if ">" in sign:
        found = [f"[0-{first - 1}]\\d{{{others}}}"]
        found += [rf"\d{{1,{others}}}"] if others else []
    else:
        found = [f"[{first + 1}-9]\\d{{{others}}}"] if first < 9 else []
        found += [f"[1-9]\\d{{{others + 1},{_MAX_NUMBER - 1}}}"]
    return "|".join(found)


def _number(text: str) -> float | None:
    try:
        return float(text[:_MAX_NUMBER])
    except ValueError:
        return None


@dataclass(frozen=True)
class LogFilter:
    """Words that must all match. The separators where containers ended always do."""

    terms: tuple[LogTerm, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.terms)

    @property
    def problem(self) -> str:
        """Why it is not valid, in words; "" if it is."""
        return next((term.problem for term in self.terms if term.problem), "")

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The fields whose values must be looked at in every line."""
        return tuple(dict.fromkeys(term.column for term in self.terms if term.column))

    def matches(self, line: LogLine) -> bool:
        """Whether a line matches."""
        if line.kind is not LineKind.EVENT or not self.terms:
            return not self._only(line)
        text = harmless(line.text).text
        return all(
            not term.problem and term.has(line, text) != term.inverted for term in self.terms
        )

    def _only(self, line: LogLine) -> bool:
        """Whether a separator is one of a task that is filtered out."""
        return any(
            term.has(line, "") == term.inverted
            for term in self.terms
            if term.kind in ("task", "container") and line.task
        )

    def highlights(self, text: str) -> list[tuple[int, int]]:
        """The parts of a harmless text that made it match: start and end (not included)."""
        found: list[tuple[int, int]] = []
        lower = text.lower()
        for term in self.terms:
            if term.inverted or term.problem:
                continue
            if term.kind == "pattern" and term.pattern is not None:
                found += [each.span() for each in term.pattern.finditer(text, 0, MAX_SEARCHED)]
            elif term.kind in ("text", "field") and term.value and len(lower) == len(text):
                at = lower.find(term.value)
                while at >= 0 and len(found) < 1000:
                    found.append((at, at + len(term.value)))
                    at = lower.find(term.value, at + len(term.value))
        return sorted(each for each in found if each[0] < each[1])


def parse_filter(words: str) -> LogFilter:
    """The filter that an operator typed; words that are not complete yet are left out."""
    terms = []
    for found in _WORD.finditer(words):
        inverted, before, quoted, plain = found.groups()
        term = _term(before, quoted if quoted is not None else plain, quoted is not None)
        if term is not None:
            terms.append(_inverted(term) if inverted else term)
    return LogFilter(tuple(terms))


def text_filter(text: str) -> LogFilter:
    """A filter for one text or, after `~`, one pattern: what a search takes."""
    found = _pattern("pattern", text[1:]) if text.startswith("~") else _text(text)
    return LogFilter((found,) if found is not None else ())


def _inverted(term: LogTerm) -> LogTerm:
    return LogTerm(
        term.kind, term.value, term.name, term.pattern, term.level, True, term.problem
    )  # fmt: skip


def _term(before: str, rest: str, quoted: bool) -> LogTerm | None:
    if before in ("", "~"):
        return _pattern("pattern", rest) if before else _text(rest)
    found = _FIELD.fullmatch(before + rest)
    if found is None or not (found[3] or quoted):
        return _text(before + rest)
    name, pattern, value = found.groups()
    if pattern:
        return _pattern("field", value, name)
    if name.casefold() == "level":
        level = level_named(value)
        known = ", ".join(each.name.lower() for each in Level if each)
        problem = "" if level is not None else f'no level "{value[:40]}"; levels: {known}'
        return LogTerm("level", level=level or Level.NONE, problem=problem)
    if name.casefold() in ("task", "container"):
        kind: TermKind = "task" if name.casefold() == "task" else "container"
        return LogTerm(kind, value.lower())
    return LogTerm("field", value.lower(), name)


def _text(text: str) -> LogTerm | None:
    return LogTerm("text", text.lower()) if text else None


def _pattern(kind: TermKind, source: str, name: str = "") -> LogTerm | None:
    if not source:
        return None
    if _NESTED.search(source):
        return LogTerm(kind, name=name, problem="a repeated group has a repetition inside")
    try:
        return LogTerm(kind, name=name, pattern=re.compile(source, re.IGNORECASE | re.MULTILINE))
    except (re.error, OverflowError, RecursionError) as error:
        return LogTerm(kind, name=name, problem=f"no valid regular expression: {error}")
