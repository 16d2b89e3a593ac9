"""Filter patterns of CloudWatch Logs: which events a `filterPattern` selects.

Source: "Filter pattern syntax for metric filters, subscription filters, filter log events, and Live
Tail" in the user guide of CloudWatch Logs. Patterns are case-sensitive.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

Matches = Callable[[str], bool]
"""Whether a message is selected."""
MAX_EXPRESSIONS = 2
"""Regular expressions in one pattern."""
_TERM = re.compile(
    r'\s*(?P<sign>[-?]?)(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|%(?P<regex>[^%]+)%|(?P<word>[^\s"%?\-][^\s"%]*))'
)
_REGEX = re.compile(r"[\w:#=@/;,\-^$?\[\]{}|\\*+. ]+")
"""The characters that AWS allows in regular expressions; it supports no parentheses."""


class InvalidPattern(ValueError):
    """The pattern does not follow the syntax."""

    def __init__(self) -> None:
        super().__init__("Invalid filter pattern")


def compile_pattern(pattern: str) -> Matches:
    """What a pattern selects; an empty one selects everything.

    Raises:
        InvalidPattern: It does not follow the syntax.
    """
    text = pattern.strip()
    if not text:
        return lambda message: True
    if pattern.count("%") > 2 * MAX_EXPRESSIONS:
        raise InvalidPattern
    if text.startswith("{"):
        if not text.endswith("}"):
            raise InvalidPattern
        return _JsonPattern(text[1:-1]).compile()
    if text.startswith("["):
        if not text.endswith("]"):
            raise InvalidPattern
        return _columns(text[1:-1])
    return _terms(text)


def _expression(text: str) -> re.Pattern[str]:
    if _REGEX.fullmatch(text) is None:
        raise InvalidPattern
    try:
        return re.compile(text)
    except re.error:
        raise InvalidPattern from None


def _contains(term: str) -> Matches:
    return lambda message: term in message


def _finds(expression: re.Pattern[str]) -> Matches:
    return lambda message: expression.search(message) is not None


def _terms(text: str) -> Matches:
    """Terms: all must occur, those with `-` must not; only `?` terms: one must occur.

    As in AWS, `?` terms are ignored besides others.
    """
    wanted: list[Matches] = []
    unwanted: list[Matches] = []
    optional: list[Matches] = []
    end = 0
    while end < len(text):
        found = _TERM.match(text, end)
        if found is None or found.end() == end:
            raise InvalidPattern
        end = found.end()
        if (regex := found["regex"]) is not None:
            test = _finds(_expression(regex))
        else:
            quoted = found["quoted"]
            term = found["word"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
            test = _contains(term)
        {"-": unwanted, "?": optional, "": wanted}[found["sign"]].append(test)
    if wanted or unwanted:
        return lambda message: (
            all(test(message) for test in wanted) and not any(test(message) for test in unwanted)
        )
    return lambda message: any(test(message) for test in optional)


# -- JSON patterns: { $.level = "error" && ($.status >= 500 || $.error IS NULL) }

_TOKEN = re.compile(
    r'\s*(?:(?P<op>&&|\|\||<=|>=|!=|[=<>()])|(?P<path>\$(?:\.[\w@\-]+|\[(?:\d+|\*|"[^"]*")\])+)'
    r'|"(?P<quoted>(?:[^"\\]|\\.)*)"|%(?P<regex>[^%]+)%|(?P<word>[^\s()=<>!&|"%]+))'
)
_MISSING = object()


class _JsonPattern:
    """A parser by recursive descent: or, and, comparison."""

    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        end, text = 0, text.rstrip()
        while end < len(text):
            found = _TOKEN.match(text, end)
            if found is None:
                raise InvalidPattern
            end = found.end()
            kind = str(found.lastgroup)
            self._tokens.append((kind, found[kind]))
        self._at = 0

    def compile(self) -> Matches:
        """What the pattern selects: an event that is not a JSON object never is."""
        test = self._either()
        if self._at != len(self._tokens):
            raise InvalidPattern

        def matches(message: str) -> bool:
            if "{" not in message:
                return False
            try:
                value = json.loads(message)
            except ValueError:
                return False
            return isinstance(value, dict) and test(value)

        return matches

    def _next(self, kind: str = "", text: str = "") -> str | None:
        """The next token's text, if it is of this kind and text; then it is taken."""
        if self._at < len(self._tokens):
            found, value = self._tokens[self._at]
            if found == kind and (not text or value.upper() == text):
                self._at += 1
                return value
        return None

    def _either(self) -> Callable[[Any], bool]:
        tests = [self._both()]
        while self._next("op", "||"):
            tests.append(self._both())
        return lambda value: any(test(value) for test in tests)

    def _both(self) -> Callable[[Any], bool]:
        tests = [self._one()]
        while self._next("op", "&&"):
            tests.append(self._one())
        return lambda value: all(test(value) for test in tests)

    def _one(self) -> Callable[[Any], bool]:
        if self._next("op", "("):
            inside = self._either()
            if not self._next("op", ")"):
                raise InvalidPattern
            return inside
        path = self._next("path")
        if path is None:
            raise InvalidPattern
        steps = re.findall(r'\.([\w@\-]+)|\[(\d+|\*)\]|\["([^"]*)"\]', path)
        keys = [name or quoted or index for name, index, quoted in steps]
        test = self._test()
        return lambda value: test(_at(value, keys))

    def _test(self) -> Callable[[Any], bool]:
        if self._next("word", "IS"):
            word = self._next("word")
            expected = {"NULL": None, "TRUE": True, "FALSE": False}
            if word is None or word.upper() not in expected:
                raise InvalidPattern
            wanted = expected[word.upper()]
            return lambda value: value is wanted
        if self._next("word", "NOT"):
            if not self._next("word", "EXISTS"):
                raise InvalidPattern
            return lambda value: value is _MISSING
        operator = self._next("op")
        if operator is None or operator not in _COMPARISONS:
            raise InvalidPattern
        regex = self._next("regex")
        if regex is not None:
            if operator not in ("=", "!="):
                raise InvalidPattern
            return _equals(_expression(regex).search, operator)
        quoted = self._next("quoted")
        if quoted is not None:
            return _equals(_wildcard(re.sub(r"\\(.)", r"\1", quoted)).fullmatch, operator)
        word = self._next("word")
        if word is None:
            raise InvalidPattern
        return _compared(operator, word)


def _equals(search: Callable[[str], Any], operator: str) -> Callable[[Any], bool]:
    if operator not in ("=", "!="):
        raise InvalidPattern
    wanted = operator == "="

    def test(value: Any) -> bool:
        if value is _MISSING or value is None or isinstance(value, (dict, list)):
            return False
        return (search(_plain(value)) is not None) is wanted

    return test


def _compared(operator: str, word: str) -> Callable[[Any], bool]:
    try:
        number = float(word)
    except ValueError:
        return _equals(_wildcard(word).fullmatch, operator)
    compare = _COMPARISONS[operator]

    def test(value: Any) -> bool:
        if isinstance(value, str):
            try:
                value = float(value)
            except ValueError:
                return operator == "!="
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return False
        return compare(value, number)

    return test


_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "=": lambda value, number: value == number,
    "!=": lambda value, number: value != number,
    "<": lambda value, number: value < number,
    ">": lambda value, number: value > number,
    "<=": lambda value, number: value <= number,
    ">=": lambda value, number: value >= number,
}


def _wildcard(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in text.split("*")), re.DOTALL)


def _plain(value: Any) -> str:
    return json.dumps(value) if isinstance(value, (bool, int, float)) else str(value)


def _at(value: Any, keys: list[str]) -> Any:
    for key in keys:
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            return _MISSING
    return value


# -- space-delimited patterns: [ip, user, ..., status = 4*, bytes > 1000]

_COLUMN = re.compile(
    r"\s*(?P<name>[\w\-]+|\.\.\.)\s*(?:(?P<op><=|>=|!=|=|<|>)\s*(?P<value>.+?))?\s*"
)
_FIELD = re.compile(r'"[^"]*"|\[[^\]]*\]|\S+')


def _columns(text: str) -> Matches:
    """A test of each column; `...` stands for any number of them."""
    tests: list[Callable[[Any], bool] | None] = []
    for part in text.split(","):
        found = _COLUMN.fullmatch(part)
        if found is None:
            raise InvalidPattern
        if found["name"] == "...":
            tests.append(None)
        elif found["op"] is None:
            tests.append(lambda value: True)
        elif found["value"][0] == '"' == found["value"][-1]:
            tests.append(_equals(_wildcard(found["value"][1:-1]).fullmatch, found["op"]))
        elif found["value"][0] == "%" == found["value"][-1]:
            tests.append(_equals(_expression(found["value"][1:-1]).search, found["op"]))
        else:
            tests.append(_compared(found["op"], found["value"]))
    if tests.count(None) > 1:
        raise InvalidPattern

    def matches(message: str) -> bool:
        fields = [field.strip('"[]') for field in _FIELD.findall(message)]
        wanted = list(tests)
        if None in wanted:
            gap = wanted.index(None)
            wanted[gap : gap + 1] = [lambda value: True] * (len(fields) - len(wanted) + 1)
        if len(wanted) != len(fields):
            return False
        return all(test is None or test(value) for test, value in zip(wanted, fields, strict=True))

    return matches
