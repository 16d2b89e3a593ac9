"""Draws which folder imports which: `python -m tests.architecture.graph`.

It prints DOT; `--svg FILE` draws it where Graphviz is installed; `--mermaid` prints the graph of
docs/architecture.md, and `--update` writes it there.

Arrows to `model` and to the base (`errors.py`, `system`, `config`) are left out: nearly every
folder has them. Dashed arrows are listed offenders.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

from tests.architecture.offenders import ARROWS, TO_THE_SCREEN
from tests.architecture.source import ROOT, Sources, arrows, folder, package

DOCUMENT = ROOT / "docs" / "architecture.md"
BEGIN, END = "```mermaid\n", "```\n"
LEFT_OUT = {"", "system", "config", "model", "model/rules"}
"""Folders that are not drawn; "" are the package's own files."""

Arrow = tuple[str, str]


def folder_arrows(sources: Sources, listed: Collection[str]) -> dict[Arrow, bool]:
    """Each arrow between two folders that are drawn, and whether an offender is among its imports.

    Args:
        listed: Offenders, as `module -> module`.
    """
    found: dict[Arrow, bool] = {}
    for name, others in arrows(sources).items():
        for other in others:
            pair = folder(name, sources), folder(other, sources)
            if pair[0] != pair[1] and not LEFT_OUT & set(pair):
                found[pair] = found.get(pair, False) or f"{name} -> {other}" in listed
    return dict(sorted(found.items()))


def dot(drawn: dict[Arrow, bool]) -> str:
    """The graph in Graphviz's language."""
    lines = ["digraph ecs_tui {", '  node [shape=box, fontname="sans-serif"];']
    for (start, end), dashed in drawn.items():
        lines.append(f'  "{start}" -> "{end}"{" [style=dashed]" if dashed else ""};')
    return "\n".join([*lines, "}", ""])


def mermaid(drawn: dict[Arrow, bool]) -> str:
    """The graph in Mermaid's language, which GitHub draws."""

    def node(name: str) -> str:
        return f'{name.replace("/", "_")}["{name}"]'

    lines = ["flowchart TD"]
    for (start, end), dashed in drawn.items():
        lines.append(f"  {node(start)} {'-.->' if dashed else '-->'} {node(end)}")
    return "\n".join([*lines, ""])


def block(text: str) -> str:
    """The graph that a document shows."""
    return text.split(BEGIN, 1)[1].split(END, 1)[0]


def replaced(text: str, graph: str) -> str:
    """A document with another graph."""
    before, rest = text.split(BEGIN, 1)
    return f"{before}{BEGIN}{graph}{END}{rest.split(END, 1)[1]}"


def program() -> dict[Arrow, bool]:
    """The graph of this program."""
    return folder_arrows(package(), {**TO_THE_SCREEN, **ARROWS})


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.architecture.graph", description=__doc__)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--svg", type=Path, metavar="FILE", help="draw it with Graphviz's dot")
    form.add_argument("--mermaid", action="store_true", help="print it in Mermaid's language")
    form.add_argument("--update", action="store_true", help=f"put it into {DOCUMENT.name}")
    given = parser.parse_args()
    drawn = program()
    if given.svg:
        if shutil.which("dot") is None:
            print("Graphviz is not installed: there is no dot on PATH.", file=sys.stderr)
            return 1
        argv = ["dot", "-Tsvg", "-o", str(given.svg)]
        return subprocess.run(argv, input=dot(drawn), text=True, check=False).returncode
    if given.update:
        text = DOCUMENT.read_text("utf-8")
        DOCUMENT.write_text(replaced(text, mermaid(drawn)), "utf-8")
        return 0
    print(mermaid(drawn) if given.mermaid else dot(drawn), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
