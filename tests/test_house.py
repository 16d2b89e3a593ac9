"""The house itself: import directions, lazy imports, files that say what they own."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "ecs_tui"
GROUND = {
    "children",
    "crash",
    "echo",
    "errors",
    "files",
    "hangup",
    "prefix",
    "pty",
    "redact",
    "streams",
    "__init__",
}
LAYERS = {
    "model": set(),
    "aws": {"model"},
    "inventory": {"model", "aws"},
    "doctor": {"model", "aws"},
    "session": {"model", "aws"},
    "terminal": set(),
    "ui": {"model", "aws", "inventory", "doctor", "session", "terminal", "settings", "remembered"},
    "demo": {"model", "session.channel"},
    "find": {"model", "aws"},
    "listing": {"model", "aws"},
    "shell": {"model", "aws", "session", "settings", "find"},
    "settings": set(),
    "remembered": set(),
    "examine": {"model", "aws", "doctor", "session", "settings", "find"},
    "cli": {"aws", "inventory.cache", "ui", "settings", "listing", "shell", "examine", "demo"},
    "__main__": {"cli"},
}
FORBIDDEN = {
    "model": ("textual", "botocore", "aiobotocore", "asyncio", "aiohttp", "time"),
    "aws": ("textual", "rich", "moto"),
    "inventory": ("textual", "rich", "moto", "botocore", "aiobotocore"),
    "doctor": ("textual", "rich", "moto", "botocore", "aiobotocore"),
    "session": ("textual", "rich", "moto"),
    "terminal": ("moto", "botocore", "aiobotocore"),
    "ui": ("moto", "botocore", "aiobotocore", "aiohttp", "pyghostty", "pyte"),
}


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def _files() -> list[Path]:
    return sorted(ROOT.rglob("*.py"))


@pytest.mark.parametrize("path", _files(), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_down(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0].removesuffix(".py")
    if room in GROUND:
        assert not {name for name in _imports(path) if name.startswith("ecs_tui.")} - {
            f"ecs_tui.{ground}" for ground in GROUND
        }
        return
    for name in _imports(path):
        if not name.startswith("ecs_tui"):
            assert not name.startswith(FORBIDDEN.get(room, ())), f"{path}: {name}"
            continue
        target = name.removeprefix("ecs_tui").removeprefix(".")
        parts = target.split(".")
        if not target or parts[0] in GROUND or parts[0] == room:
            continue
        allowed = LAYERS[room]
        assert parts[0] in allowed or ".".join(parts[:2]) in allowed, f"{path} imports {name}"


@pytest.mark.parametrize("path", _files(), ids=lambda p: str(p.relative_to(ROOT)))
def test_every_file_says_what_it_owns(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text("utf-8")))


@pytest.mark.parametrize("path", _files(), ids=lambda p: str(p.relative_to(ROOT)))
def test_no_wait_for(path: Path) -> None:
    # Before Python 3.12 it swallows a cancellation that comes with the result: what is awaited in a
    # loop then never ends. `asyncio.timeout` does not.
    assert "asyncio.wait_for(" not in path.read_text("utf-8")


def test_version_imports_nothing_heavy() -> None:
    code = (
        "import sys; from ecs_tui.cli import main\n"
        "try: main(['--version'])\n"
        "except SystemExit: pass\n"
        "print(sorted({m.split('.')[0] for m in sys.modules} "
        "& {'botocore', 'aiobotocore', 'textual', 'moto', 'aiohttp', 'rich'}))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "[]"


def test_the_app_does_not_import_botocore_before_it_paints() -> None:
    code = (
        "import sys, ecs_tui.ui.app\n"
        "print(sorted({m.split('.')[0] for m in sys.modules} "
        "& {'botocore', 'aiobotocore', 'moto', 'aiohttp', 'pyghostty'}))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
