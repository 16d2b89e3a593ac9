"""Is a process started anywhere but in the two modules that do it safely?"""

from __future__ import annotations

import ast

import pytest

from tests.architecture.source import Sources, package, tree

MAY = {"ecs_tui.system.child", "ecs_tui.system.pty"}
"""`child.py`, and `pty.py` for a child on its own terminal."""

STARTS = {
    "subprocess": {"Popen", "run", "call", "check_call", "check_output", "getoutput"},
    "asyncio": {"create_subprocess_exec", "create_subprocess_shell"},
    "asyncio.subprocess": {"create_subprocess_exec", "create_subprocess_shell"},
    "os": {"fork", "forkpty", "posix_spawn", "posix_spawnp", "system", "popen"},
    "pty": {"fork", "spawn"},
    "concurrent.futures": {"ProcessPoolExecutor"},
}
PREFIXES = {"os": ("exec", "spawn")}
WHOLE = ("multiprocessing",)
"""Modules that do nothing else."""


def _starts(module: str, name: str) -> bool:
    return name in STARTS.get(module, ()) or name.startswith(PREFIXES.get(module, ("\0",)))


def starters(sources: Sources) -> set[str]:
    """Calls and imports that start processes, as `module: function`; types do not count."""
    found = set()
    for name, text in sources.items():
        for node in ast.walk(tree(text)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                if _starts(ast.unparse(node.func.value), node.func.attr):
                    found.add(f"{name}: {ast.unparse(node.func)}")
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    if _starts(node.module or "", alias.name) or node.module in WHOLE:
                        found.add(f"{name}: {node.module}.{alias.name}")
            elif isinstance(node, ast.Import):
                found |= {f"{name}: {a.name}" for a in node.names if a.name in WHOLE}
    return {each for each in found if each.split(":")[0] not in MAY}


def test_children_are_started_in_one_place() -> None:
    assert starters(package()) == set()


@pytest.mark.parametrize(
    "line",
    [
        "subprocess.Popen(['ls'])",
        "asyncio.create_subprocess_exec('ls')",
        "os.fork()",
        "os.execvp('ls', ['ls'])",
        "pty.fork()",
        "from subprocess import run",
        "import multiprocessing",
    ],
)
def test_another_place_is_found(line: str) -> None:
    assert starters({"ecs_tui.aws.x": line})
    assert not starters({"ecs_tui.system.child": line})


def test_types_and_constants_are_no_start() -> None:
    text = "import subprocess\nchild: subprocess.Popen[bytes]\nraise subprocess.TimeoutExpired\nos.kill(1)"
    assert not starters({"ecs_tui.aws.x": text})
