"""Is a heavy library imported before it is needed? Operators wait for the start."""

from __future__ import annotations

import subprocess
import sys

HEAVY = {"botocore", "aiobotocore", "textual", "moto", "aiohttp", "rich", "pyghostty"}
_REPORT = "print(*sorted(sys.modules))"


def loaded(code: str) -> set[str]:
    """The modules that an interpreter has loaded after `code`."""
    argv = [sys.executable, "-c", f"import sys\n{code}\n{_REPORT}"]
    run = subprocess.run(argv, capture_output=True, text=True, check=True)
    return set(run.stdout.splitlines()[-1].split())


def heavy(modules: set[str], allowed: set[str]) -> set[str]:
    """The heavy libraries among them."""
    return {name.split(".")[0] for name in modules} & (HEAVY - allowed)


def test_version_imports_nothing_heavy() -> None:
    code = "from ecs_tui.cli.main import main\ntry: main(['--version'])\nexcept SystemExit: pass"
    assert heavy(loaded(code), set()) == set()


def test_the_app_imports_neither_botocore_nor_the_doctor_before_it_paints() -> None:
    modules = loaded("import ecs_tui.ui.app")
    assert heavy(modules, {"textual", "rich"}) == set()
    doctors = ("ecs_tui.doctor", "ecs_tui.ui.dialogs.doctor")
    assert [name for name in modules if name.startswith(doctors)] == []


def test_what_is_heavy_is_found() -> None:
    assert heavy(loaded("import aiohttp.web"), {"rich"}) == {"aiohttp"}
