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


AT_FIRST_USE = (
    "ecs_tui.activity", "ecs_tui.problems", "ecs_tui.ui.charts", "plotille", "ecs_tui.cli", "ecs_tui.demo", "ecs_tui.doctor", "ecs_tui.operations",
    "ecs_tui.session.channel", "ecs_tui.session.manager", "ecs_tui.session.session",
    "ecs_tui.session.shell_session", "ecs_tui.session.plugin", "ecs_tui.session.recording",
    "ecs_tui.terminal.widget", "ecs_tui.terminal.engines", "ecs_tui.terminal.link",
    "ecs_tui.model.address", "ecs_tui.model.pasted", "ecs_tui.resources.locate",
    "ecs_tui.resources.console_links", "ecs_tui.store.access", "ecs_tui.store.reach",
    "ecs_tui.ui.copying", "ecs_tui.ui.destinations", "ecs_tui.ui.dock.pane", "ecs_tui.ui.help",
    "ecs_tui.ui.landing", "ecs_tui.ui.prompt.matcher", "tomllib", "ecs_tui.logs",
    "ecs_tui.ui.log_lines", "ecs_tui.ui.pages.activity", "ecs_tui.ui.pages.logs",
    "ecs_tui.ui.pages.problems", "ecs_tui.ui.pages.service",
    "ecs_tui.audit", "ecs_tui.ui.pages.audit", "ecs_tui.ui.pages.transcript",
    "ecs_tui.model.rules.cluster_record", "ecs_tui.aws.downloads",
)  # fmt: skip
"""What the first rows do not need: it is imported when a key asks for it."""
DIALOGS_AT_START = {
    "ecs_tui.ui.dialogs",
    "ecs_tui.ui.dialogs.base",  # the app binds its keys and answers for its own
}
MAX_MODULES = 266
"""Own modules that the dashboard imports at its start, with some room; each costs 0.5 ms. Rows of
services also have what surrounds them and their pauses, the header the number of problems."""


def within(modules: set[str], packages: tuple[str, ...]) -> list[str]:
    """The modules that are one of these, or inside one."""
    return sorted(
        name
        for name in modules
        if name in packages or name.startswith(tuple(f"{each}." for each in packages))
    )


def test_the_first_rows_import_no_dialog_no_shell_and_no_aws_library() -> None:
    modules = loaded("import ecs_tui.ui.app")
    assert heavy(modules, {"textual", "rich"}) == set()
    assert within(modules, AT_FIRST_USE) == []
    assert set(within(modules, ("ecs_tui.ui.dialogs",))) == DIALOGS_AT_START
    assert len(within(modules, ("ecs_tui",))) <= MAX_MODULES


def test_what_is_imported_at_first_use_exists() -> None:
    found = loaded("\n".join(f"import {name}" for name in AT_FIRST_USE))
    assert {*AT_FIRST_USE} <= found
    assert within({"a", "a.b", "ab"}, ("a",)) == ["a", "a.b"]


def test_what_is_heavy_is_found() -> None:
    assert heavy(loaded("import aiohttp.web"), {"rich"}) == {"aiohttp"}
