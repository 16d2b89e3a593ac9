"""The changes: every mutant of a source file, made from its syntax tree."""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

_COMPARE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_BINARY: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult, ast.LShift: ast.RShift, ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
_NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}
_LOGGERS = {"log", "logger", "logging", "_log"}
_EQUIVALENT_KEYWORDS = {"frozen", "slots", "kw_only"}
"""Keyword arguments that make no difference to a user."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One small change of one file.

    Attributes:
        path: The file, relative to the project's root.
        line: 1-based line of the change; `start` and `end` are byte offsets into the file.
        old: The text it replaces by `new`.
        function: Qualified name of the innermost function around it; "" for what runs at import.
        first: The function's first line; 0 without one.
        statement: First and last line of the statement, of a compound one the header.
        number: 1 for the first of several that read the same, 2 for the next.
    """

    path: str
    line: int
    kind: str
    start: int
    end: int
    old: str
    new: str
    function: str
    first: int
    statement: tuple[int, int]
    number: int = 1

    @property
    def key(self) -> str:
        """Names it in results and in the list of equivalent mutants; lines may move."""
        old, new = (" ".join(text.split()) for text in (self.old, self.new))
        again = f" #{self.number}" if self.number > 1 else ""
        return f"{self.path}: {self.function or 'import'}: {self.kind}: {old} -> {new}{again}"

    def applied(self, source: bytes) -> bytes:
        """The file with the change."""
        return source[: self.start] + self.new.encode() + source[self.end :]


class _Finder(ast.NodeVisitor):
    def __init__(self, path: str, source: bytes) -> None:
        self.path, self.source = path, source
        self.found: list[Mutant] = []
        self.seen: Counter[str] = Counter()
        self.names: list[str] = []
        self.function, self.first = "", 0
        self.statement = (0, 0)
        self.starts = [0]
        for line in source.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))

    def add(self, kind: str, node: ast.expr | ast.stmt, new: str) -> None:
        assert node.end_lineno is not None and node.end_col_offset is not None
        start = self.starts[node.lineno - 1] + node.col_offset
        end = self.starts[node.end_lineno - 1] + node.end_col_offset
        mutant = Mutant(
            self.path, node.lineno, kind, start, end, self.source[start:end].decode(), new,
            self.function, self.first, self.statement,
        )  # fmt: skip
        self.seen[mutant.key] += 1
        self.found.append(replace(mutant, number=self.seen[mutant.key]))

    def visit(self, node: ast.AST) -> None:
        """Keep the lines of the statement around what is visited."""
        outer = self.statement
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            end = body[0].lineno - 1 if isinstance(body, list) else node.end_lineno
            self.statement = (node.lineno, max(node.lineno, end or 0))
        super().visit(node)
        self.statement = outer

    def change(self, kind: str, node: ast.expr, **fields: object) -> None:
        """A copy of an expression with other fields, in its place."""
        new = copy.copy(node)
        for name, value in fields.items():
            setattr(new, name, value)
        self.add(kind, node, f"({ast.unparse(new)})")

    # Excluded code

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Before Python 3.12 its parts have no true positions."""

    def visit_Assert(self, node: ast.Assert) -> None:
        """It only tells the type checker something."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.assigned(node)
        if node.value is not None:
            self.visit(node.value)

    def visit_arg(self, node: ast.arg) -> None:
        """Its annotation runs nowhere."""

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for decorator in node.decorator_list:
            self.visit(decorator)
        self.visit(node.args)  # defaults, made where the function is
        outer = self.function, self.first
        self.names.append(node.name)
        self.function, self.first = ".".join(self.names), node.lineno
        self.body(node.body)
        self.names.pop()
        self.function, self.first = outer

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for decorator in node.decorator_list:
            self.visit(decorator)
        outer = self.function, self.first
        self.names.append(node.name)
        self.function, self.first = "", 0  # its statements run at import
        self.body(node.body)
        self.names.pop()
        self.function, self.first = outer

    def visit_Module(self, node: ast.Module) -> None:
        self.body(node.body)

    def body(self, statements: list[ast.stmt]) -> None:
        """Statements without the strings that only document."""
        for statement in statements:
            if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
                self.visit(statement)

    # Statements

    def visit_Expr(self, node: ast.Expr) -> None:
        if _logs(node.value):
            return
        if isinstance(node.value, ast.Call | ast.Await):
            self.add("left out", node, "pass")
        self.generic_visit(node)

    def assigned(self, node: ast.Assign | ast.AugAssign | ast.AnnAssign) -> None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        inside = self.function != "" and getattr(node, "value", None) is not None
        if inside and any(isinstance(t, ast.Attribute | ast.Subscript) for t in targets):
            self.add("left out", node, "pass")

    def visit_Assign(self, node: ast.Assign) -> None:
        if any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets):
            return
        self.assigned(node)
        self.visit(node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.add("left out", node, "pass")
        self.visit(node.value)

    def visit_Delete(self, node: ast.Delete) -> None:
        self.add("left out", node, "pass")

    def visit_Raise(self, node: ast.Raise) -> None:
        self.add("left out", node, "pass")

    def visit_Return(self, node: ast.Return) -> None:
        value = node.value
        if value is None:
            self.add("left out", node, "pass")
            return
        if not (isinstance(value, ast.Constant) and value.value is None):
            self.add("None returned", node, "return None")
        self.visit(value)

    def visit_Break(self, node: ast.Break) -> None:
        self.add("continue for break", node, "continue")

    def visit_Continue(self, node: ast.Continue) -> None:
        self.add("break for continue", node, "break")

    def visit_If(self, node: ast.If | ast.While) -> None:
        if "TYPE_CHECKING" in ast.unparse(node.test):
            return
        if not (isinstance(node.test, ast.Constant)):
            self.add("condition turned", node.test, f"not ({ast.unparse(node.test)})")
        self.visit(node.test)
        self.body(node.body)
        self.body(node.orelse)

    visit_While = visit_If

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if isinstance(node.type, ast.Tuple):
            for index in range(len(node.type.elts)):
                rest = [e for i, e in enumerate(node.type.elts) if i != index]
                self.change("one exception less", node.type, elts=rest)
        elif node.type is not None:
            self.add("not caught", node.type, "ZeroDivisionError")
        self.body(node.body)

    # Expressions

    def visit_Compare(self, node: ast.Compare) -> None:
        for index, operator in enumerate(node.ops):
            ops = list(node.ops)
            ops[index] = _COMPARE[type(operator)]()
            self.change("comparison", node, ops=ops)
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        self.change("and/or", node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
        for index in range(len(node.values)):
            rest = [v for i, v in enumerate(node.values) if i != index]
            self.add("one part less", node, f"({f' {_word(node.op)} '.join(map(_inner, rest))})")
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not | ast.USub):
            self.add("sign", node, f"({ast.unparse(node.operand)})")
        self.visit(node.operand)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if type(node.op) in _BINARY:
            self.change("arithmetic", node, op=_BINARY[type(node.op)]())
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self.change("condition turned", node, test=ast.UnaryOp(ast.Not(), node.test))
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Name) and node.func.id in _NAMES:
            self.add("other function", node.func, _NAMES[node.func.id])
        if isinstance(node.func, ast.Name) and node.func.id in {"TypeVar", "cast", "NewType"}:
            return
        for index, keyword in enumerate(node.keywords):
            if keyword.arg is not None and keyword.arg not in _EQUIVALENT_KEYWORDS:
                rest = [k for i, k in enumerate(node.keywords) if i != index]
                self.change(f"without {keyword.arg}", node, keywords=rest)
        for part in [node.func, *node.args]:
            self.visit(part)
        for keyword in node.keywords:
            if keyword.arg not in _EQUIVALENT_KEYWORDS:
                self.visit(keyword.value)

    def visit_Constant(self, node: ast.Constant) -> None:
        value = node.value
        if isinstance(value, bool):
            self.add("constant", node, str(not value))
        elif isinstance(value, int | float):
            self.add("constant", node, repr(value + 1))
        elif isinstance(value, str) and value and not any(c.isspace() for c in value):
            self.add("constant", node, repr("XX" + value))  # messages are not changed
        elif isinstance(value, bytes) and value:
            self.add("constant", node, repr(b"XX" + value))

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if not (isinstance(node.value, ast.Name) and node.value.id[:1].isupper()):  # a type's
            self.generic_visit(node)


def _word(op: ast.boolop) -> str:
    return "and" if isinstance(op, ast.And) else "or"


def _inner(node: ast.expr) -> str:
    return f"({ast.unparse(node)})"


def _logs(node: ast.expr) -> bool:
    function = node.func if isinstance(node, ast.Call) else None
    return (
        isinstance(function, ast.Attribute)
        and isinstance(function.value, ast.Name)
        and function.value.id in _LOGGERS
    )


def mutants(path: str, source: bytes) -> Iterator[Mutant]:
    """Every mutant of a file.

    Args:
        path: The file, relative to the project's root.
        source: Its text in UTF-8.
    """
    finder = _Finder(path, source)
    finder.visit(ast.parse(source))
    yield from finder.found
