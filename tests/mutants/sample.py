"""Which mutants are run: a seeded sample of all folders."""

from __future__ import annotations

import json
import math
import random
from collections import defaultdict
from pathlib import Path

from tests.mutants.operators import Mutant, mutants

_DEMO = {"ecs_tui/demo/folder.py", "ecs_tui/demo/guard.py", "ecs_tui/demo/keys.py"}
"""Modules of the demo account that protect the user's machine; the others serve the tests."""


def folder_of(path: str) -> str:
    """The folder a mutant counts for; the program's single files count as one."""
    parts = Path(path).parts[1:-1]
    if not parts:
        return "(files)"
    return "/".join(parts) if parts[0] == "session" else parts[0]


def by_folder(project: Path) -> dict[str, list[Mutant]]:
    """Every mutant of the program."""
    found: dict[str, list[Mutant]] = defaultdict(list)
    for file in sorted((project / "ecs_tui").rglob("*.py")):
        path = str(file.relative_to(project))
        if folder_of(path) != "demo" or path in _DEMO:
            found[folder_of(path)] += mutants(path, file.read_bytes())
    return found


def drawn(project: Path, count: int, seed: int, kept: Path) -> list[Mutant]:
    """A sample; a folder's share goes with the root of its size.

    Args:
        kept: File that keeps the sample, so that a run resumes with the same mutants after the
            program has changed. Those whose text is gone are left out.
    """
    found = by_folder(project)
    known = {mutant.key: mutant for each in found.values() for mutant in each}
    if kept.exists():
        old = json.loads(kept.read_text("utf-8"))
        if (old["count"], old["seed"]) == (count, seed):
            return [known[key] for key in old["keys"] if key in known]
    whole = sum(math.sqrt(len(each)) for each in found.values())
    chance = random.Random(seed)
    chosen: list[Mutant] = []
    for each in found.values():
        share = round(count * math.sqrt(len(each)) / whole)
        chosen += chance.sample(each, min(share, len(each)))
    chance.shuffle(chosen)
    keys = [mutant.key for mutant in chosen]
    kept.write_text(json.dumps({"count": count, "seed": seed, "keys": keys}), "utf-8")
    return chosen
