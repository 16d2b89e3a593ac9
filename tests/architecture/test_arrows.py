"""Does a module import only from folders that its own folder may import?"""

from __future__ import annotations

from tests.architecture.offenders import ARROWS, TO_THE_SCREEN, check
from tests.architecture.source import PACKAGE, Sources, arrows, folder, package

BASE = ("errors.py", "system", "config")
MODEL = ("model", "model/rules")
AWS = ("aws", "aws/api", "aws/parse")
BELOW_UI = (
    *BASE, *MODEL, *AWS, "store", "resources", "operations", "session", "terminal",
    "terminal/engines", "doctor", "doctor/checks", "logs", "problems", "problems/rules", "activity",
    "activity/sources", "audit",
)  # fmt: skip

ALLOWED: dict[str, tuple[str, ...]] = {
    "errors.py": (),
    "record.py": (),
    "__main__.py": ("cli",),
    "system": ("errors.py",),
    "config": ("errors.py", "system"),
    "model": ("errors.py",),
    "model/rules": ("model",),
    "aws": (*BASE, "model"),
    "aws/parse": MODEL,
    "aws/api": (*BASE, "model", "aws", "aws/parse"),
    "store": (*BASE, *MODEL, *AWS),
    "resources": (*BASE, *MODEL, *AWS, "store"),
    "operations": (*BASE, *MODEL, *AWS, "store", "resources", "session"),
    "logs": (*BASE, *MODEL, *AWS, "store", "resources", "operations"),
    "activity": (*BASE, *MODEL, *AWS, "store", "resources", "activity/sources", "audit"),
    "activity/sources": (*BASE, *MODEL, *AWS, "store", "resources", "activity"),
    "problems": (*BASE, *MODEL, *AWS, "store", "problems/rules"),
    "problems/rules": (*BASE, *MODEL, "problems"),
    "audit": (*BASE, *MODEL, *AWS, "store", "resources", "operations"),
    "session": (*BASE, *MODEL, *AWS, "session/channel"),
    "session/channel": (*BASE, *MODEL, *AWS),
    "terminal": ("errors.py", "system", "terminal/engines"),
    "terminal/engines": ("errors.py", "terminal"),
    "doctor": (*BASE, *MODEL, *AWS, "store", "operations", "doctor/checks"),
    "doctor/checks": (*BASE, *MODEL, "doctor"),
    "demo": ("system", "model", "session/channel", "demo/incidents"),
    "demo/incidents": ("demo",),
    "ui/table": ("system", "model", "resources"),
    "ui/prompt": ("config", "model", "store", "resources"),
    "ui/dialogs": (
        *BELOW_UI, "ui/table", "ui/log_lines", "ui/line_parts.py", "ui/two_columns.py",
    ),
    "ui/dock": (*BELOW_UI, "ui/dialogs", "ui/drawn.py", "ui/links.py"),
    "ui/commands": (
        *BELOW_UI, "ui/dialogs", "ui/dock",
        "ui/copying.py", "ui/context.py",
    ),
    "ui/log_lines": (*BASE, *MODEL, "logs", "ui/unlisted.py"),
    "ui/charts": MODEL,
    "ui/pages/logs": (
        *BELOW_UI, "ui/table", "ui/dialogs", "ui/pages", "ui/log_lines",
        "ui/context.py", "ui/list_pane.py", "ui/tab_line.py",
    ),
    "ui/pages/problems": (
        *BELOW_UI, "ui/dialogs", "ui/pages", "ui/context.py", "ui/list_pane.py",
    ),
    "ui/pages/audit": (
        *BELOW_UI, "ui/dialogs", "ui/pages", "ui/context.py", "ui/list_pane.py",
    ),
    "ui/pages": (*BELOW_UI, "ui/context.py", "ui/list_pane.py"),
    "ui/pages/activity": (
        *BELOW_UI, "ui/table", "ui/dialogs", "ui/pages", "ui/context.py", "ui/list_pane.py",
    ),
    "ui/pages/transcript": (
        *BELOW_UI, "ui/dialogs", "ui/pages", "ui/context.py", "ui/list_pane.py",
        "ui/unlisted.py",
    ),
    "ui/pages/service": (
        *BELOW_UI, "ui/charts", "ui/table", "ui/dialogs", "ui/pages", "ui/context.py",
        "ui/list_pane.py", "ui/tab_line.py", "ui/two_columns.py", "ui/unlisted.py",
    ),
    "ui": (
        *BELOW_UI, "ui/table", "ui/prompt", "ui/dialogs", "ui/dock", "ui/commands", "ui/pages",
        "ui/pages/service", "ui/pages/logs", "ui/pages/activity", "ui/pages/problems",
        "ui/pages/audit", "ui/pages/transcript", "ui/log_lines",
    ),
    "cli": (*BELOW_UI, "ui", "demo", "demo/incidents"),
}  # fmt: skip
"""What each folder may import besides itself: folders, or single modules by their file's name."""


def _place(module: str, sources: Sources) -> str:
    """A module's folder; for the package's own modules their file."""
    return folder(module, sources) or f"{module.removeprefix(f'{PACKAGE}.')}.py"


def _file(module: str) -> str:
    return "/".join(module.split(".")[1:]) + ".py"


def forbidden(sources: Sources) -> set[str]:
    """Imports that the table does not allow, as `a -> b`."""
    found = set()
    for name, others in arrows(sources).items():
        if name == PACKAGE:
            assert not others, "what everybody imports imports nothing"
            continue
        here = _place(name, sources)
        for other in others - {PACKAGE, f"{PACKAGE}.record"}:  # the version; how classes are made
            there = _place(other, sources)
            if there != here and not {there, _file(other)} & set(ALLOWED[here]):
                found.add(f"{name} -> {other}")
    return found


def test_imports_point_down() -> None:
    check("arrow", forbidden(package()), TO_THE_SCREEN | ARROWS)


def test_the_table_names_folders_and_modules_that_exist() -> None:
    sources = package()
    places = {_place(name, sources) for name in sources} - {f"{PACKAGE}.py"}
    files = {_file(name) for name in sources}
    assert set(ALLOWED) == places
    assert {each for row in ALLOWED.values() for each in row} <= places | files


def test_an_arrow_up_or_across_is_found() -> None:
    made = {
        "ecs_tui": "",
        "ecs_tui.model": "",
        "ecs_tui.model.task": "def f():\n    from ecs_tui.aws.api import ecs",
        "ecs_tui.aws": "",
        "ecs_tui.aws.account": "from ecs_tui import __version__\nimport ecs_tui.model.task",
        "ecs_tui.aws.api": "",
        "ecs_tui.aws.api.ecs": "from ecs_tui.aws.account import Account",
        "ecs_tui.aws.parse": "",
        "ecs_tui.aws.parse.ecs": "from ecs_tui.aws.account import Account",
    }
    assert forbidden(made) == {
        "ecs_tui.model.task -> ecs_tui.aws.api.ecs",
        "ecs_tui.aws.parse.ecs -> ecs_tui.aws.account",
    }
