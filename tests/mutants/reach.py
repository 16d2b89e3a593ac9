"""Which tests reach which line, recorded once for each test file in `.mutants/reached/`.

A line is recorded as the function around it and the offset from the function's first line, so that
the record stays right when other functions of the file change.
"""

from __future__ import annotations

import ast
import json
import os
import queue
import shutil
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tests.mutants.operators import Mutant
from tests.mutants.tree import PROJECT, Tree

_LIMIT_SECONDS = 1800
"""Seconds for one test file."""


def functions(source: bytes) -> list[tuple[int, int, str]]:
    """Each function's first line, last line and qualified name, outer ones first."""
    found = []

    def walk(node: ast.AST, prefix: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                name = f"{prefix}{child.name}"
                if not isinstance(child, ast.ClassDef):
                    found.append((child.lineno, child.end_lineno or child.lineno, name))
                walk(child, f"{name}.")
            else:
                walk(child, prefix)

    walk(ast.parse(source), "")
    return found


def place(line: int, known: list[tuple[int, int, str]]) -> tuple[str, int]:
    """The innermost function around a line and the offset in it; ("", 0) outside of all."""
    name, offset = "", 0
    for first, last, qualified in known:
        if first < line <= last or first == line == last:
            name, offset = qualified, line - first
    return name, offset


@dataclass
class Reached:
    """What all recorded test files reach.

    Attributes:
        lines: By path, function and offset: the tests.
        seconds: What each test takes once its module is set up.
        setup: Seconds of each module's set-up.
        imports: The files that each test module names in its own imports.
    """

    lines: dict[str, dict[str, dict[int, set[str]]]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    setup: dict[str, float] = field(default_factory=dict)
    imports: dict[str, set[str]] = field(default_factory=dict)

    def tests(self, mutant: Mutant) -> set[str]:
        """The tests that reach a mutant.

        The line decides; where it is not recorded (some lines of a long statement never are), the
        whole statement; then the function. Outside of functions: all that reach the file, and
        those whose module imports it, since that happens before any test.
        """
        file = self.lines.get(mutant.path, {})
        if not mutant.function:
            all_of_it = set().union(*(tests for by in file.values() for tests in by.values()))
            return all_of_it | {
                name
                for name in self.seconds
                if mutant.path in self.imports.get(name.split("::")[0], ())
            }
        found = file.get(mutant.function, {})
        line = found.get(mutant.line - mutant.first)
        if line:
            return line
        first, last = (each - mutant.first for each in mutant.statement)
        statement = set().union(*(t for n, t in found.items() if first <= n <= last))
        return statement or set().union(*found.values())


def _imports(module: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(module.read_bytes())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ecs_tui"):
            base = Path(*(node.module or "").split("."))
            found.add(f"{base}.py")
            found |= {f"{base / name.name}.py" for name in node.names}
            found |= {str(base / each.name) for each in (PROJECT / base).glob("*.py")}
    return found


def load(folder: Path) -> Reached:
    """Everything recorded so far."""
    reached = Reached()
    for file in sorted(folder.glob("*.json")):
        kept = json.loads(file.read_text("utf-8"))
        reached.seconds |= dict(zip(kept["tests"], kept["seconds"], strict=True))
        reached.setup[kept["module"]] = kept["setup"]
        reached.imports[kept["module"]] = _imports(PROJECT / kept["module"])
        for path, by_function in kept["lines"].items():
            into = reached.lines.setdefault(path, {})
            for function, by_offset in by_function.items():
                offsets = into.setdefault(function, {})
                for offset, numbers in by_offset.items():
                    names = offsets.setdefault(int(offset), set())
                    names.update(kept["tests"][number] for number in numbers)
    return reached


def record(modules: list[str], folder: Path, work: Path, workers: int) -> None:
    """Run test files unchanged, each in a run of its own, and keep what their tests reach."""
    folder.mkdir(parents=True, exist_ok=True)
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
    for module in modules:
        waiting.put(module)

    def work_on(number: int) -> None:
        tree = Tree(work / f"record{os.getpid()}-{number}", measure=True)
        while True:
            try:
                module = waiting.get_nowait()
            except queue.Empty:
                break
            _record_one(tree, module, folder)
        tree.remove()

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(work_on, range(workers)))


def _record_one(tree: Tree, module: str, folder: Path) -> None:
    import coverage

    data_folder, phases = tree.project / ".reached", tree.project / ".phases"
    shutil.rmtree(data_folder, ignore_errors=True)
    data_folder.mkdir()
    phases.write_text("")
    ended = tree.run(["-p", "tests.mutants.measure", module], _LIMIT_SECONDS, factor=4)
    seconds: dict[str, float] = defaultdict(float)
    failed = set()
    setup = 0.0
    for row in phases.read_text("utf-8").splitlines():
        when, verdict, took, name = row.split("\t", 3)
        if when == "setup":
            setup = max(setup, float(took))
        else:
            seconds[name] += float(took)
        if verdict == "failed":
            failed.add(name)
    for name in failed:
        seconds.pop(name, None)
    lines: dict[str, dict[str, dict[int, set[int]]]] = {}
    numbers = {name: number for number, name in enumerate(seconds)}
    known: dict[str, list[tuple[int, int, str]]] = {}
    for file in sorted(data_folder.iterdir()):
        data = coverage.CoverageData(str(file))
        data.read()
        for measured in data.measured_files():
            path = str(Path(measured).relative_to(tree.project))
            if path not in known:
                known[path] = functions(Path(measured).read_bytes())
            for line, names in data.contexts_by_lineno(measured).items():
                function, offset = place(line, known[path])
                found = {numbers[name] for name in names if name in numbers}
                if found:
                    by_offset = lines.setdefault(path, {}).setdefault(function, {})
                    by_offset.setdefault(offset, set()).update(found)
    kept = {
        "module": module,
        "setup": setup,
        "tests": list(seconds),
        "seconds": [round(each, 3) for each in seconds.values()],
        "lines": {
            path: {
                function: {offset: sorted(found) for offset, found in by_offset.items()}
                for function, by_offset in by_function.items()
            }
            for path, by_function in lines.items()
        },
    }
    (folder / f"{Path(module).stem}.json").write_text(json.dumps(kept), "utf-8")
    print(f"{module}: {len(seconds)} tests in {ended.seconds:.0f} s", flush=True)
    for name in sorted(failed):
        print(f"  fails unchanged, not used: {name}", flush=True)
    if ended.status not in {0, 1}:
        print(ended.output[-1500:], flush=True)
