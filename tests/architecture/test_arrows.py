"""Does a module import only from folders that its own folder may import?"""

from __future__ import annotations

from tests.architecture.offenders import ARROWS, TO_THE_SCREEN, check
from tests.architecture.source import PACKAGE, Sources, arrows, folder, package

BASE = ("errors.py", "system", "config")
MODEL = ("model", "model/rules")
AWS = ("aws", "aws/api", "aws/parse")
BELOW_UI = (
    *BASE, *MODEL, *AWS, "store", "resources", "session", "terminal", "terminal/engines",
    "doctor", "doctor/checks",
)  # fmt: skip

ALLOWED: dict[str, tuple[str, ...]] = {
    "errors.py": (),
    "__main__.py": ("cli",),
    "system": ("errors.py",),
    "config": ("errors.py", "system"),
    "model": ("errors.py",),
    "model/rules": ("model",),
    "aws": (*BASE, "model"),
    "aws/parse": ("model",),
    "aws/api": (*BASE, "model", "aws", "aws/parse"),
    "store": (*BASE, *MODEL, *AWS),
    "resources": (*BASE, *MODEL, *AWS, "store"),
    "session": (*BASE, *MODEL, *AWS, "session/channel"),
    "session/channel": (*BASE, *MODEL, *AWS),
    "terminal": ("errors.py", "system", "terminal/engines"),
    "terminal/engines": ("errors.py", "terminal"),
    "doctor": (*BASE, *MODEL, *AWS, "store", "doctor/checks"),
    "doctor/checks": (*BASE, *MODEL, "doctor"),
    "demo": ("system", "model", "session/channel"),
    "ui/table": ("model", "resources"),
    "ui/prompt": ("model", "store", "resources"),
    "ui/dialogs": BELOW_UI,
    "ui/dock": (*BELOW_UI, "ui/dialogs", "ui/drawn.py", "ui/links.py"),
    "ui/commands": (
        *BELOW_UI, "ui/dialogs", "ui/dock",
        "ui/copying.py", "ui/status_bar.py",
    ),
    "ui": (
        *BELOW_UI, "ui/table", "ui/prompt", "ui/dialogs", "ui/dock", "ui/commands",
    ),
    "cli": (*BELOW_UI, "ui", "demo"),
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
        for other in others - {PACKAGE}:  # the version
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
