"""`python -m tests.mutants record | run | table`: see docs/testing.md."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

from tests.mutants import reach, sample
from tests.mutants.run import read, run_all
from tests.mutants.tree import PROJECT, Tree

WORK = PROJECT / ".mutants"
REACHED = WORK / "reached"
EQUIVALENT = Path(__file__).with_name("equivalent.json")
"""Mutants that no test needs to notice, each with the reason."""
_NOTICED = {"noticed", "timeout"}


def table(results: Path) -> None:
    """By folder: how many were noticed of those that matter; then each that was not."""
    reasons = json.loads(EQUIVALENT.read_text("utf-8"))
    rows = list(read(results).values())
    print("| folder | mutants | equivalent | noticed | not noticed | share |")
    print("|---|---|---|---|---|---|")
    for folder in [*sorted({row["folder"] for row in rows}), "all"]:
        own = [row for row in rows if folder in {row["folder"], "all"}]
        noticed = sum(row["verdict"] in _NOTICED for row in own)
        equal = sum(row["key"] in reasons and row["verdict"] not in _NOTICED for row in own)
        matter = len(own) - equal
        share = f"{noticed / matter:.0%}" if matter else "–"
        print(f"| {folder} | {len(own)} | {equal} | {noticed} | {matter - noticed} | {share} |")
    for row in rows:
        if row["verdict"] not in _NOTICED and row["key"] not in reasons:
            print(f"\n{row['verdict']} ({row['tests']} tests): line {row['line']}\n{row['key']}")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants")
    parser.add_argument("step", choices=["record", "run", "table"])
    parser.add_argument("tests", nargs="*", help="of record: test files; without, all not recorded")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", help="of run: only the mutants of this folder")
    parser.add_argument(
        "--file", action="append", help="of run: all mutants of this file instead of the sample"
    )
    parser.add_argument(
        "--again", action="store_true", help="of run: those not noticed so far, with more tests"
    )
    parser.add_argument("--factor", type=float, default=1, help="of run: scales the tests' limits")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--results", type=Path, default=WORK / "results.jsonl")
    given = parser.parse_intermixed_args()
    WORK.mkdir(exist_ok=True)
    if given.step == "record":
        files = sorted(
            str(each.relative_to(PROJECT)) for each in (PROJECT / "tests").rglob("test_*.py")
        )
        new = [each for each in files if not (REACHED / f"{Path(each).stem}.json").exists()]
        reach.record(given.tests or new, REACHED, WORK, given.workers)
    elif given.step == "run":
        trees = [Tree(WORK / f"worker{os.getpid()}-{number}") for number in range(given.workers)]
        project = trees[0].project
        if given.file:
            everything = sample.by_folder(project).values()
            mutants = [each for some in everything for each in some if each.path in given.file]
        else:
            kept = WORK / f"sample{given.seed}.json"
            mutants = sample.drawn(project, given.count, given.seed, kept)
        known = read(given.results)
        if given.again:
            reasons = json.loads(EQUIVALENT.read_text("utf-8"))
            known = {k: v for k, v in known.items() if v["verdict"] in _NOTICED or k in reasons}
        left = [
            mutant
            for mutant in mutants
            if mutant.key not in known and given.folder in {None, sample.folder_of(mutant.path)}
        ]
        run_all(
            left, reach.load(REACHED), trees, given.results, again=given.again, factor=given.factor
        )
    else:
        table(given.results)


if __name__ == "__main__":
    main()
