"""Runs mutants: each in a copy of the project, against the tests that reach it."""

from __future__ import annotations

import json
import re
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.mutants.operators import Mutant
from tests.mutants.reach import Reached
from tests.mutants.sample import folder_of
from tests.mutants.tree import Ended, Tree

_MAX_TESTS = 150
_BUDGET = 60.0
"""Seconds that the tests of one mutant take unchanged; ten times as much when tried again."""
_FAILED = re.compile(r"^(?:FAILED|ERROR) (tests/.+?)(?: - |$)", re.MULTILINE)
_GONE = re.compile(r"not found: \S*?(tests/.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant.

    Attributes:
        word: "noticed", "survived", "timeout" (no end within the limit, while the tests alone end
            within half of it), "unreached" (by no test) or "undecided".
        by: The test that noticed it.
        tests: How many tests were chosen.
    """

    word: str
    by: str = ""
    tests: int = 0


@dataclass
class Unsteady:
    """Tests that also fail without a mutant on this machine, or do not exist any more."""

    names: set[str] = field(default_factory=set)
    passed: Counter[str] = field(default_factory=Counter)


def chosen(mutant: Mutant, reached: Reached, *, without: set[str], again: bool) -> list[str]:
    """The tests to run, in order, grouped by module because each sets up an account of its own.

    The cheapest next one is taken, its module's set-up counted, until the budget is spent; modules
    that import the mutant's file or are named after it or its folder come first.
    """
    by_module: dict[str, list[str]] = defaultdict(list)
    for name in sorted(reached.tests(mutant) - without, key=reached.seconds.__getitem__):
        by_module[name.split("::")[0]].append(name)
    words = set(Path(mutant.path).with_suffix("").parts[1:])
    left = _BUDGET * (10 if again else 1)
    most = _MAX_TESTS * (5 if again else 1)
    taken: dict[str, list[str]] = {}

    def cost(module: str) -> float:
        return reached.seconds[by_module[module][0]] + (
            0 if module in taken else reached.setup[module]
        )

    def rank(module: str) -> tuple[bool, float]:
        near = mutant.path in reached.imports.get(module, ()) or any(
            word in Path(module).stem for word in words
        )
        return not near, cost(module)

    while by_module and most > 0 and (left > 0 or not taken):
        module = min(by_module, key=rank)
        left -= cost(module)
        most -= 1
        taken.setdefault(module, []).append(by_module[module].pop(0))
        if not by_module[module]:
            del by_module[module]
    return [name for names in taken.values() for name in names]


def tried(
    mutant: Mutant, reached: Reached, tree: Tree, unsteady: Unsteady, *, again: bool, factor: float
) -> Verdict:
    """Run the chosen tests with the mutant until the first fails.

    A failure counts only if that test passes without the mutant on the same machine.
    """
    while True:
        tests = chosen(mutant, reached, without=unsteady.names, again=again)
        if not tests:
            return Verdict("unreached")
        modules = {name.split("::")[0] for name in tests}
        alone = sum(reached.seconds[each] for each in tests)
        alone += sum(reached.setup[each] for each in modules)
        limit = 60 * factor + 4 * alone
        run = _with(mutant, tests, tree, limit, factor)
        if run.status == 4:
            same = tree.run(["--collect-only", *tests], limit)
            if gone := set(_GONE.findall(same.output)) & set(tests):
                unsteady.names |= gone  # recorded before the tests were changed
                continue
            # Names that come from a changed value are not found.
            run = _with(mutant, sorted(modules), tree, limit, factor)
        if run.status == 0:
            return Verdict("survived", tests=len(tests))
        if run.status is None:
            same = tree.run(["-x", *tests], limit, factor=factor)
            ends = same.status == 0 and same.seconds < limit / 2
            return Verdict("timeout" if ends else "undecided", tests=len(tests))
        found = _FAILED.search(run.output)
        if found is None or "::" not in found[1]:  # not even collected
            return Verdict("noticed", by="collection", tests=len(tests))
        name = found[1] if found[1] in tests else found[1].split("[")[0]
        waited = "not within" in run.output or "Timeout" in run.output
        if unsteady.passed[name] < (3 if waited else 1):
            if tree.run([name], limit, factor=factor).status != 0:
                unsteady.names |= {each for each in tests if each.startswith(name)}
                print(f"fails unchanged, not used: {name}", flush=True)
                continue
            unsteady.passed[name] += 1
        return Verdict("noticed", by=name, tests=len(tests))


def _with(mutant: Mutant, tests: list[str], tree: Tree, limit: float, factor: float) -> Ended:
    source = tree.put(mutant)
    try:
        return tree.run(["-x", *tests], limit, factor=factor)
    finally:
        tree.restore(mutant, source)


def run_all(
    mutants: Iterable[Mutant],
    reached: Reached,
    trees: list[Tree],
    results: Path,
    *,
    again: bool,
    factor: float,
) -> None:
    """Try mutants, one in each tree at a time, and append each verdict to `results` at once.

    Those with quick tests come first.
    """

    def cost(mutant: Mutant) -> float:
        tests = chosen(mutant, reached, without=set(), again=again)
        modules = {name.split("::")[0] for name in tests}
        return sum(map(reached.seconds.__getitem__, tests)) + sum(
            map(reached.setup.__getitem__, modules)
        )

    lock = threading.Lock()
    source = iter(sorted(mutants, key=cost))
    unsteady = Unsteady()

    def work(tree: Tree) -> None:
        while True:
            with lock:
                mutant = next(source, None)
            if mutant is None:
                break
            verdict = tried(mutant, reached, tree, unsteady, again=again, factor=factor)
            row = {
                "key": mutant.key, "folder": folder_of(mutant.path), "verdict": verdict.word,
                "by": verdict.by, "tests": verdict.tests, "line": mutant.line,
            }  # fmt: skip
            with lock, results.open("a", encoding="utf-8") as out:
                out.write(json.dumps(row, ensure_ascii=False) + "\n")
            print(verdict.word, mutant.key, verdict.by, flush=True)
        tree.remove()

    with ThreadPoolExecutor(len(trees)) as pool:
        list(pool.map(work, trees))


def read(results: Path) -> dict[str, dict[str, Any]]:
    """The last row of each mutant."""
    if not results.exists():
        return {}
    rows = [json.loads(line) for line in results.read_text("utf-8").splitlines()]
    return {row["key"]: row for row in rows}
