"""`python -m tests.mutants record | run | table`: see docs/testing.md."""

from __future__ import annotations

import argparse
import itertools
import json
import math
import random
import threading
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.mutants.operators import Mutant, mutants
from tests.mutants.tree import PROJECT, Tree

WORK = PROJECT / ".mutants"
REACHED = WORK / "reached.json"
MOST_TESTS = 40
"""Tests run for one mutant, the quickest first, from as many modules as reach it."""

Reached = dict[str, dict[str, list[str]]]


def folder_of(path: str) -> str:
    """The folder a mutant counts for; the program's single files count as one."""
    parts = Path(path).parts[1:-1]
    if not parts:
        return "(files)"
    return "/".join(parts) if parts[0] == "session" else parts[0]


def record(tests: list[str]) -> None:
    """Run the tests once unchanged and keep which test reaches which line."""
    import coverage

    tree = Tree(WORK / "record", measure=True)
    (tree.project / ".reached").mkdir()
    run = tree.run(["-p", "tests.mutants.measure", *tests], 7200, factor=4)
    print(run.output[-1500:])
    lines: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for file in sorted((tree.project / ".reached").iterdir()):
        data = coverage.CoverageData(str(file))
        data.read()
        for measured in data.measured_files():
            path = str(Path(measured).relative_to(tree.project))
            for line, names in data.contexts_by_lineno(measured).items():
                lines[path][line].update(name for name in names if name)
    seconds = {}
    for row in (tree.project / ".durations").read_text("utf-8").splitlines():
        took, name = row.split("\t", 1)
        seconds[name] = float(took)
    failed = tree.project / ".failed"
    for name in failed.read_text("utf-8").splitlines() if failed.exists() else []:
        seconds.pop(name, None)
    found = {
        p: {str(n): sorted(t & set(seconds)) for n, t in by.items()} for p, by in lines.items()
    }
    REACHED.write_text(json.dumps({"seconds": seconds, "lines": found}), "utf-8")


def drawn(count: int, seed: int) -> list[Mutant]:
    """A sample over all folders; a folder's share goes with the root of its size."""
    by_folder: dict[str, list[Mutant]] = defaultdict(list)
    for file in sorted((PROJECT / "ecs_tui").rglob("*.py")):
        path = str(file.relative_to(PROJECT))
        if folder_of(path) != "demo":  # the pretend account is itself a tool of the tests
            by_folder[folder_of(path)] += mutants(path, file.read_bytes())
    whole = sum(math.sqrt(len(found)) for found in by_folder.values())
    chance = random.Random(seed)
    chosen = []
    for found in by_folder.values():
        share = round(count * math.sqrt(len(found)) / whole)
        chosen += chance.sample(found, min(share, len(found)))
    chance.shuffle(chosen)
    return chosen


def tests_for(mutant: Mutant, lines: Reached, seconds: dict[str, float]) -> list[str]:
    """The tests that reach it: the quickest of each module in turn."""
    by_line = lines.get(mutant.path, {})
    found = set(by_line.get(str(mutant.line), []))
    if mutant.scope == (0, 0):  # runs at import: whoever reaches the module at all
        found = {name for names in by_line.values() for name in names}
    modules: dict[str, list[str]] = defaultdict(list)
    for name in sorted(found, key=lambda name: seconds[name]):
        modules[name.split("::")[0]].append(name)
    turns = itertools.zip_longest(*modules.values())
    return [name for turn in turns for name in turn if name][:MOST_TESTS]


def tried(mutant: Mutant, tests: list[str], tree: Tree, seconds: dict[str, float]) -> str:
    """noticed, survived, timeout, or unreached."""
    if not tests:
        return "unreached"
    limit = 60 + 4 * sum(seconds[name] for name in tests)
    tree.put(mutant)
    try:
        run = tree.run(["-x", *tests], limit, factor=2)
    finally:
        tree.restore(mutant)
    if run.status is None:
        return "timeout"
    return "survived" if run.status == 0 else "noticed"


def run_all(count: int, seed: int, results: Path, workers: int) -> None:
    """Try a sample; what stands in `results` already is not tried again."""
    known = json.loads(REACHED.read_text("utf-8"))
    done = {row["key"] for row in read(results)}
    left = [mutant for mutant in drawn(count, seed) if mutant.key not in done]
    lock = threading.Lock()
    source = iter(left)

    def work(number: int) -> None:
        tree = Tree(WORK / f"worker{number}")
        while True:
            with lock:
                mutant = next(source, None)
            if mutant is None:
                return
            tests = tests_for(mutant, known["lines"], known["seconds"])
            verdict = tried(mutant, tests, tree, known["seconds"])
            old = (PROJECT / mutant.path).read_bytes()[mutant.start : mutant.end].decode()
            row = {
                "key": mutant.key, "folder": folder_of(mutant.path), "verdict": verdict,
                "tests": len(tests), "old": old, "new": mutant.new,
            }  # fmt: skip
            with lock, results.open("a", encoding="utf-8") as out:
                out.write(json.dumps(row) + "\n")
            print(verdict, mutant.key, flush=True)

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(work, range(workers)))


def read(results: Path) -> list[dict[str, Any]]:
    """The rows of a results file."""
    if not results.exists():
        return []
    return [json.loads(line) for line in results.read_text("utf-8").splitlines()]


def table(results: Path) -> None:
    """By folder: mutants, noticed, survived, share; then each survivor."""
    rows = read(results)
    print(f"{'folder':18} mutants noticed survived share")
    for folder in sorted({row["folder"] for row in rows}):
        own = [row for row in rows if row["folder"] == folder]
        noticed = sum(row["verdict"] in {"noticed", "timeout"} for row in own)
        share = f"{noticed / len(own):.0%}"
        print(f"{folder:18} {len(own):7} {noticed:7} {len(own) - noticed:8} {share:>5}")
    for row in rows:
        if row["verdict"] in {"survived", "unreached"}:
            print(f"\n{row['verdict']}: {row['key']}\n- {row['old']}\n+ {row['new']}")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants")
    parser.add_argument("step", choices=["record", "run", "table"])
    parser.add_argument("tests", nargs="*", help="of record: test files; all without")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--results", type=Path, default=WORK / "results.jsonl")
    given = parser.parse_args()
    WORK.mkdir(exist_ok=True)
    if given.step == "record":
        record(given.tests)
    elif given.step == "run":
        run_all(given.count, given.seed, given.results, given.workers)
    else:
        table(given.results)


if __name__ == "__main__":
    main()
