"""The query language of Logs Insights: the commands that searches of logs use.

fields, display, filter, parse, dedup, stats, sort, limit. Source: "CloudWatch Logs Insights language
query syntax" in the user guide of CloudWatch Logs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field

from ecs_tui.record import dataclass

Row = Mapping[str, str]
"""The fields of one event."""
Condition = Callable[[Row], bool]
DEFAULT_FIELDS = ("@timestamp", "@message")
_TOKEN = re.compile(
    r"""\s*(?:(?P<regex>/(?:[^/\\]|\\.)+/)|(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
    r"""|(?P<op>=~|!=|<=|>=|[=<>()\[\],|*+])|(?P<word>`[^`]+`|[@\w.\-:]+))"""
)
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
_AGGREGATES = ("count", "sum", "avg", "min", "max", "count_distinct", "earliest", "latest")


class MalformedQuery(ValueError):
    """The query cannot be compiled.

    Attributes:
        at: The first character that does not fit.
    """

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One result of `stats`: a function of a field ("*" for all events), and its name."""

    function: str
    of: str
    name: str


@dataclass(frozen=True, slots=True)
class Stats:
    """`stats`: aggregates by groups; `bin_seconds` 0 means that none is by time."""

    aggregates: tuple[Aggregate, ...]
    by: tuple[str, ...] = ()
    bin_seconds: float = 0.0
    bin_name: str = ""


@dataclass(slots=True)
class Query:
    """A compiled query.

    Attributes:
        fields: The fields of the result: names in events, and in the result.
        steps: What is done with each event, in order: adds fields, or says that it is dropped.
        sort: (field, whether descending), the first one decides first.
    """

    fields: list[tuple[str, str]] = field(default_factory=list)
    steps: list[Callable[[dict[str, str]], bool]] = field(default_factory=list)
    stats: Stats | None = None
    sort: list[tuple[str, bool]] = field(default_factory=list)
    dedup: tuple[str, ...] = ()
    limit: int | None = None

    def selects(self, row: dict[str, str]) -> bool:
        """Whether an event is in the result; `parse` adds fields to it."""
        return all(step(row) for step in self.steps)


def number(value: str) -> float | None:
    """A field as a number; None if it is none."""
    try:
        return float(value)
    except ValueError:
        return None


def compile_query(text: str) -> Query:
    """A query in the language of Logs Insights.

    Raises:
        MalformedQuery: It has an unknown command, or one that cannot be read.
    """
    return _Parser(text).query()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens: list[tuple[str, str, int]] = []
        end, stripped = 0, text.rstrip()
        while end < len(stripped):
            found = _TOKEN.match(stripped, end)
            if found is None:
                raise MalformedQuery(f"unexpected symbol found {stripped[end:].lstrip()[:1]}", end)
            end = found.end()
            kind = str(found.lastgroup)
            self._tokens.append((kind, found[kind], found.start(kind)))
        self._at = 0

    # -- tokens

    def _peek(self) -> tuple[str, str, int]:
        if self._at < len(self._tokens):
            return self._tokens[self._at]
        return "end", "", len(self._text)

    def _take(self) -> str:
        kind, text, _ = self._peek()
        if kind == "end":
            raise self._error()
        self._at += 1
        return text

    def _if(self, *words: str) -> str:
        """Take the next token if it is one of these words or operators; "" if it is not."""
        kind, text, _ = self._peek()
        if kind in ("word", "op") and text.lower() in words:
            self._at += 1
            return text.lower()
        return ""

    def _need(self, word: str) -> None:
        if not self._if(word):
            raise self._error()

    def _error(self) -> MalformedQuery:
        _, text, at = self._peek()
        return MalformedQuery(f"unexpected symbol found {text or 'end of query'}", at)

    def _name(self) -> str:
        kind, text, _ = self._peek()
        if kind != "word":
            raise self._error()
        self._at += 1
        return text.strip("`")

    def _number(self) -> int:
        _, text, at = self._peek()
        if not text.isdecimal():
            raise MalformedQuery("a number is expected", at)
        self._at += 1
        return int(text)

    # -- commands

    def query(self) -> Query:
        query = Query()
        if not self._tokens:
            return query
        while True:
            _, word, at = self._peek()
            command = getattr(self, f"_{word.lower()}_command", None)
            if command is None:
                raise MalformedQuery(f"unexpected symbol found {word}", at)
            self._at += 1
            command(query)
            if self._peek()[0] == "end":
                return query
            self._need("|")

    def _fields_command(self, query: Query) -> None:
        query.fields += self._named()

    def _display_command(self, query: Query) -> None:
        query.fields = self._named()

    def _named(self) -> list[tuple[str, str]]:
        found = []
        while True:
            name = self._name()
            found.append((name, self._name() if self._if("as") else name))
            if not self._if(","):
                return found

    def _filter_command(self, query: Query) -> None:
        query.steps.append(self._either())

    def _limit_command(self, query: Query) -> None:
        query.limit = self._number()

    _head_command = _limit_command

    def _sort_command(self, query: Query) -> None:
        while True:
            name = self._name()
            query.sort.append((name, self._if("asc", "desc") != "asc"))
            if not self._if(","):
                return

    def _dedup_command(self, query: Query) -> None:
        query.dedup = tuple(name for name, _ in self._named())

    def _parse_command(self, query: Query) -> None:
        name = self._name() if self._peek()[0] == "word" else "@message"
        kind, text, at = self._peek()
        self._at += 1
        if kind == "regex":
            expression = self._compiled(text, at)
            names = tuple(expression.groupindex)
        elif kind == "text":
            self._need("as")
            names = tuple(given for given, _ in self._named())
            parts = [re.escape(part) for part in text[1:-1].split("*")]
            if len(parts) - 1 != len(names):
                raise MalformedQuery("each * needs a name", at)
            expression = re.compile(parts[0] + "".join(
                f"(.*?){part}" if part else r"(\S+)" for part in parts[1:]
            ))  # fmt: skip
        else:
            self._at -= 1
            raise self._error()

        def parse(row: dict[str, str]) -> bool:
            found = expression.search(row.get(name, ""))
            if found is not None:
                for given, value in zip(names, found.groups(), strict=False):
                    row[given] = value or ""
            return True

        query.steps.append(parse)

    def _stats_command(self, query: Query) -> None:
        aggregates = [self._aggregate()]
        while self._if(","):
            aggregates.append(self._aggregate())
        by: list[str] = []
        seconds, bin_name = 0.0, ""
        if self._if("by"):
            while True:
                name = self._name()
                if name == "bin":
                    self._need("(")
                    length, at = self._name(), self._peek()[2]
                    found = re.fullmatch(r"(\d+)(ms|s|m|h|d)", length)
                    if found is None:
                        raise MalformedQuery("a duration is expected", at)
                    seconds = int(found[1]) * _UNITS[found[2]]
                    self._need(")")
                    bin_name = self._name() if self._if("as") else f"bin({length})"
                else:
                    by.append(name)
                if not self._if(","):
                    break
        query.stats = Stats(tuple(aggregates), tuple(by), seconds, bin_name)

    def _aggregate(self) -> Aggregate:
        _, function, at = self._peek()
        if function.lower() not in _AGGREGATES:
            raise MalformedQuery(f"unexpected symbol found {function}", at)
        self._at += 1
        self._need("(")
        of = "*" if self._if("*") else self._name()
        self._need(")")
        name = self._name() if self._if("as") else f"{function}({of})"
        return Aggregate(function.lower(), of, name)

    # -- conditions

    def _either(self) -> Condition:
        tests = [self._both()]
        while self._if("or"):
            tests.append(self._both())
        return tests[0] if len(tests) == 1 else lambda row: any(test(row) for test in tests)

    def _both(self) -> Condition:
        tests = [self._one()]
        while self._if("and"):
            tests.append(self._one())
        return tests[0] if len(tests) == 1 else lambda row: all(test(row) for test in tests)

    def _one(self) -> Condition:
        if self._if("not"):
            inside = self._one()
            return lambda row: not inside(row)
        if self._if("("):
            inside = self._either()
            self._need(")")
            return inside
        if (function := self._if("ispresent", "isempty", "isblank")) != "":
            self._need("(")
            name = self._name()
            self._need(")")
            if function == "ispresent":
                return lambda row: name in row
            return lambda row: not row.get(name, "").strip()
        return self._comparison(self._name())

    def _comparison(self, name: str) -> Condition:
        negated = bool(self._if("not"))
        operator = self._if("like", "in", "=~", "=", "!=", "<", "<=", ">", ">=")
        if not operator:
            raise self._error()
        if operator == "in":
            values = self._list()
            return lambda row: (row.get(name) in values) is not negated
        kind, text, at = self._peek()
        self._at += 1
        if kind not in ("regex", "text", "word"):
            self._at -= 1
            raise self._error()
        if operator in ("like", "=~") or kind == "regex":
            if kind == "regex":
                search = self._compiled(text, at).search
                wanted = operator != "!="
                return lambda row: (search(row.get(name, "")) is not None) is (wanted != negated)
            part = _plain(text)
            return lambda row: (part in row.get(name, "")) is not negated
        compared = _compare(operator, _plain(text))
        return lambda row: name in row and compared(row[name]) is not negated

    def _list(self) -> frozenset[str]:
        self._need("[")
        values = [_plain(self._take())]
        while self._if(","):
            values.append(_plain(self._take()))
        self._need("]")
        return frozenset(values)

    @staticmethod
    def _compiled(text: str, at: int) -> re.Pattern[str]:
        try:
            return re.compile(text[1:-1].replace("(?<", "(?P<").replace("(?P<=", "(?<=")
                              .replace("(?P<!", "(?<!"))  # fmt: skip
        except re.error as error:
            raise MalformedQuery(f"invalid regular expression: {error}", at) from None


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if text[:1] in "\"'" else text.strip("`")


def _compare(operator: str, wanted: str) -> Callable[[str], bool]:
    limit = number(wanted)

    def test(value: str) -> bool:
        found = number(value)
        if limit is not None and found is not None:
            return _ordered(operator, (found > limit) - (found < limit))
        return _ordered(operator, (value > wanted) - (value < wanted))

    return test


def _ordered(operator: str, sign: int) -> bool:
    return {
        "=": sign == 0, "!=": sign != 0, "<": sign < 0, "<=": sign <= 0, ">": sign > 0,
        ">=": sign >= 0,
    }[operator]  # fmt: skip


def sorted_rows(
    rows: Iterable[dict[str, str]], sort: list[tuple[str, bool]]
) -> list[dict[str, str]]:
    """Rows by the fields of `sort`: numbers before text, rows without the field last."""
    found = list(rows)
    for name, descending in reversed(sort):

        def key(row: dict[str, str], name: str = name) -> tuple[int, float, str]:
            value = row[name]
            as_number = number(value)
            return (1, 0.0, value) if as_number is None else (0, as_number, "")

        having = [row for row in found if name in row]
        lacking = [row for row in found if name not in row]
        found = sorted(having, key=key, reverse=descending) + lacking
    return found
