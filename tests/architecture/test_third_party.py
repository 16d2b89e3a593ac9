"""Is a library imported only in the folders that wrap it?"""

from __future__ import annotations

import sys

from tests.architecture.source import PACKAGE, Sources, folder, imported, package

UI = (
    "ui", "ui/charts", "ui/commands", "ui/dialogs", "ui/dock", "ui/log_lines", "ui/pages",
    "ui/pages/activity", "ui/pages/audit", "ui/pages/logs", "ui/pages/problems",
    "ui/pages/service", "ui/pages/transcript", "ui/prompt", "ui/table",
)  # fmt: skip

MAY: dict[str, tuple[str, ...]] = {
    "textual": ("terminal", *UI),
    "rich": ("cli", "terminal", "terminal/engines", *UI),
    "aiobotocore": ("aws",),
    "botocore": ("aws", "demo"),
    "types_aiobotocore_ecs": ("aws", "aws/api", "aws/parse"),
    "types_aiobotocore_iam": ("aws", "aws/api"),
    "types_aiobotocore_ssm": ("aws",),
    "types_aiobotocore_sts": ("aws",),
    "typing_extensions": ("store",),
    "aiohttp": ("session", "session/channel", "demo"),
    "yarl": ("session/channel",),
    "cryptography": ("session/channel",),
    "msgspec": ("config", "aws", "store", "problems", "session/channel", "terminal", "demo"),
    "platformdirs": ("system", "config", "store"),
    "click": ("cli",),
    "plotille": ("ui/charts",),
    "pyghostty": ("terminal/engines",),
    "pyte": ("terminal/engines",),
    "wcwidth": ("terminal/engines",),
    "moto": ("demo",),
    "flask": ("demo",),
    "werkzeug": ("demo",),
}
"""Each library, and the folders that may import it."""

PURE = {"model": ("asyncio", "time", "os"), "model/rules": ("asyncio", "time", "os")}
"""Parts of the standard library that rules may not use: they get the time as an argument."""


def misplaced(sources: Sources) -> set[str]:
    """Imports of libraries where the tables do not allow them, as `module: library`."""
    found = set()
    for name, text in sources.items():
        here = folder(name, sources)
        for library in {full.split(".")[0] for full in imported(text, sources)} - {PACKAGE}:
            standard = library in sys.stdlib_module_names
            if library in PURE.get(here, ()) if standard else here not in MAY.get(library, ()):
                found.add(f"{name}: {library}")
    return found


def test_libraries_are_imported_where_they_may() -> None:
    assert misplaced(package()) == set()


def test_the_table_names_what_is_used() -> None:
    sources = package()
    used = {
        (library, folder(name, sources))
        for name, text in sources.items()
        for library in {full.split(".")[0] for full in imported(text, sources)}
    }
    unused = {(library, place) for library, row in MAY.items() for place in row} - used
    # All of `ui/` may draw with Textual and Rich, whether or not each folder does so now.
    assert {each for each in unused if each[1] not in UI} == set()


def test_a_library_elsewhere_is_found() -> None:
    made = {
        "ecs_tui": "",
        "ecs_tui.model": "",
        "ecs_tui.model.task": "import time, enum",
        "ecs_tui.ui": "",
        "ecs_tui.ui.app": "def f():\n    from botocore.session import Session",
        "ecs_tui.aws": "",
        "ecs_tui.aws.account": "import time, botocore.session, requests",
    }
    assert misplaced(made) == {
        "ecs_tui.model.task: time",
        "ecs_tui.ui.app: botocore",
        "ecs_tui.aws.account: requests",
    }
