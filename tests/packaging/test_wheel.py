"""The wheel: its contents, its metadata, and the program installed from it."""

from __future__ import annotations

import email
import email.message
import hashlib
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from trove_classifiers import classifiers

from ecs_tui import __version__
from tests.support.limits import EXHAUSTIVE, limit
from tests.support.outer_terminal import OuterTerminal
from tools.wheels import locked, pythons, unlisted

ROOT = Path(__file__).parents[2]
STORED = Path(sys.prefix) / "wheels"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
INFO = f"ecs_tui-{__version__}.dist-info"
PYTHONS = pythons()
NEWEST = list(PYTHONS)[-1:]
"""The Python for `make test`, whose own is mostly an older one; `make exhaustive` takes all."""


def run(*argv: str | Path, cwd: Path = ROOT, status: int = 0, **env: str) -> str:
    """Run a program with only these variables, outside the source tree; returns its output."""
    done = subprocess.run(
        [str(part) for part in argv], cwd=cwd, capture_output=True, text=True, check=False,
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LANG": "C.UTF-8", **env},
        timeout=limit(120),
    )  # fmt: skip
    assert done.returncode == status, f"{argv} ended with {done.returncode}\n{done.stderr}"
    return done.stdout + done.stderr


def pip(*argv: str | Path, cwd: Path = ROOT) -> str:
    """pip of the development environment, without an index."""
    return run(
        sys.executable, "-m", "pip", *argv, cwd=cwd, PIP_NO_INDEX="1", PIP_CONFIG_FILE=os.devnull,
        PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_NO_CACHE_DIR="1",
    )  # fmt: skip


@dataclass(frozen=True)
class Built:
    """The wheel as it is built from the tree, and from the source distribution."""

    wheel: Path
    sdist: Path
    from_sdist: Path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """By the build backend that is installed: no isolation, nothing fetched."""
    folder = tmp_path_factory.mktemp("dist")
    build = ("wheel", "-q", "--no-deps", "--no-build-isolation", "-w")
    pip(*build, folder / "tree", ROOT)
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", folder)
    (sdist,) = folder.glob("*.tar.gz")
    pip(*build, folder / "sdist", sdist, cwd=folder)
    (wheel,), (again,) = (folder / "tree").iterdir(), (folder / "sdist").iterdir()
    return Built(wheel, sdist, again)


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as file:
        return {name: file.read(name) for name in file.namelist()}


@pytest.fixture(scope="module")
def wheel_metadata(built: Built) -> email.message.Message:
    return email.message_from_string(contents(built.wheel)[f"{INFO}/METADATA"].decode())


def test_the_wheel_holds_the_package_and_nothing_else(built: Built) -> None:
    assert built.wheel.name == f"ecs_tui-{__version__}-py3-none-any.whl"
    package = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "ecs_tui").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    info = ("METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE")
    assert set(contents(built.wheel)) == package | {f"{INFO}/{name}" for name in info}
    assert {"ecs_tui/py.typed", "ecs_tui/cli/main.py", "ecs_tui/demo/server.py"} <= package


def test_the_source_distribution_builds_the_same_wheel(built: Built) -> None:
    assert contents(built.from_sdist) == contents(built.wheel)


def test_the_metadata_is_what_the_project_says(
    built: Built, wheel_metadata: email.message.Message
) -> None:
    found = wheel_metadata
    assert (found["Name"], found["Version"]) == ("ecs-tui", __version__)
    assert found["Requires-Python"] == ">=3.11"
    assert (found["License-Expression"], found["License-File"]) == ("Apache-2.0", "LICENSE")
    assert found["Summary"] == PROJECT["description"]
    assert found["Description-Content-Type"] == "text/markdown"
    assert found.get_payload() == (ROOT / "README.md").read_text("utf-8")
    asked = [Requirement(text) for text in found.get_all("Requires-Dist") or []]
    extras = PROJECT["optional-dependencies"]
    assert set(found.get_all("Provides-Extra") or []) == set(extras) == {"demo", "login"}
    for extra, wanted in {"": PROJECT["dependencies"], **extras}.items():
        needs = {
            (need.name, str(need.specifier))
            for need in asked
            if (f'"{extra}"' in str(need.marker) if extra else "extra" not in str(need.marker))
        }
        assert needs == {
            (Requirement(text).name, str(Requirement(text).specifier)) for text in wanted
        }
    assert contents(built.wheel)[f"{INFO}/licenses/LICENSE"] == (ROOT / "LICENSE").read_bytes()
    assert contents(built.wheel)[f"{INFO}/entry_points.txt"].decode().split("\n")[:2] == [
        "[console_scripts]",
        "ecs-tui = ecs_tui.cli.main:main",
    ]


def test_the_classifiers_exist_and_name_the_pythons_that_are_tried(
    wheel_metadata: email.message.Message,
) -> None:
    found = wheel_metadata.get_all("Classifier") or []
    assert set(found) <= set(classifiers)
    versions = [name.rpartition(" ")[2] for name in found if re.search(r":: 3\.\d+$", name)]
    assert versions[0] == "3.11"
    assert set(PYTHONS) <= set(versions), "a newer Python is here than the classifiers name"
    assert "Typing :: Typed" in found


def test_the_stored_wheels_are_those_that_are_pinned_and_installed() -> None:
    pins, hashes = locked((ROOT / "requirements.lock").read_text("utf-8"))
    stored = {path.name.split("-")[0]: path.name.split("-")[1] for path in STORED.glob("*.whl")}
    assert stored, f"no wheels are stored in {STORED}: make setup"
    here = {
        dist.name.replace("-", "_").replace(".", "_").lower(): dist.version
        for dist in distributions()
    }
    assert {name: here.get(name, version) for name, version in stored.items()} == stored
    assert unlisted(STORED, pins, hashes) == []


def test_a_wheel_that_is_not_what_is_pinned_is_named(tmp_path: Path) -> None:
    (tmp_path / "some_thing-1.0-py3-none-any.whl").write_bytes(b"good")
    good = hashlib.sha256(b"good").hexdigest()
    pins, hashes = locked(f"some-thing==1.0 \\\n    --hash=sha256:{good}\n")
    assert unlisted(tmp_path, pins, hashes) == []
    (tmp_path / "some_thing-1.0-cp311-none-any.whl").write_bytes(b"bad")
    assert unlisted(tmp_path, pins, hashes) == ["some_thing-1.0-cp311-none-any.whl"]


# -- installed into an empty environment, for each Python of this machine

IMPORTS = """
import importlib, pkgutil, sys
import ecs_tui
for found in pkgutil.walk_packages(ecs_tui.__path__, "ecs_tui."):
    if not found.name.endswith("__main__") and not found.name.startswith(tuple(sys.argv[1:])):
        importlib.import_module(found.name)
print(ecs_tui.__file__)
"""
"""Imports every module of the program but those whose names begin as the arguments say."""


@dataclass
class Installed:
    """An environment with only the program and its dependencies."""

    version: str
    folder: Path
    elsewhere: Path
    wheel: Path

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def program(self) -> Path:
        return self.folder / "bin" / "ecs-tui"

    def install(self, extra: str = "") -> None:
        """Install from stored wheels; a missing one fails the test."""
        assert STORED.is_dir(), f"no wheels are stored in {STORED}: make setup"
        pip(
            "--python", self.python, "install", "-q", "--no-compile", "--only-binary", ":all:",
            "--find-links", STORED, f"{self.wheel}{extra}", cwd=self.elsewhere,
        )  # fmt: skip

    def run(self, *argv: str, status: int = 0) -> str:
        return run(self.program, *argv, cwd=self.elsewhere, status=status, HOME=str(self.elsewhere))


@pytest.fixture(scope="module", params=NEWEST if not EXHAUSTIVE else PYTHONS)
def installed(
    request: pytest.FixtureRequest, built: Built, tmp_path_factory: pytest.TempPathFactory
) -> Installed:
    """The program without its extras."""
    folder = tmp_path_factory.mktemp(f"python{request.param}")
    run(PYTHONS[request.param], "-m", "venv", "--without-pip", folder / "env")
    made = Installed(str(request.param), folder / "env", folder, built.wheel)
    made.install()
    return made


def started(installed: Installed) -> OuterTerminal:
    env = {"TERM": "xterm-256color", "LANG": "C.UTF-8", "HOME": str(installed.elsewhere)}
    return OuterTerminal([str(installed.program), "demo"], env, cwd=str(installed.elsewhere))


@pytest.mark.exhaustive
def test_it_says_which_it_is(installed: Installed) -> None:
    assert installed.run("--version") == f"ecs-tui, version {__version__}\n"
    version = run(installed.python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])")
    assert version.strip() == installed.version


@pytest.mark.exhaustive
def test_every_module_is_there_and_none_is_the_source_trees(installed: Installed) -> None:
    found = run(installed.python, "-c", IMPORTS, "ecs_tui.demo", cwd=installed.elsewhere)
    assert found.strip().startswith(str(installed.folder))
    assert not found.strip().startswith(str(ROOT))


@pytest.mark.exhaustive
def test_info_without_an_account(installed: Installed) -> None:
    said = installed.run("info", status=3)
    assert re.search(rf"ecs-tui +{re.escape(__version__)}\n", said)
    assert re.search(rf"python +{re.escape(installed.version)}\.", said)
    assert re.search(r"moto +not installed", said)
    assert "No AWS region is configured" in said
    assert "Traceback" not in said


@pytest.mark.asyncio
@pytest.mark.exhaustive
async def test_the_demo_without_its_extra_names_it_and_with_it_opens(installed: Installed) -> None:
    outer = started(installed)
    try:
        assert await outer.ends() == 1
        assert outer.raw.decode() == (
            "ecs-tui: The demo account needs moto. Install the extra `demo`: "
            "pip install 'ecs-tui[demo]'\r\n"
        )
    finally:
        outer.close()
    installed.install("[demo]")
    pip("--python", installed.python, "check")
    run(installed.python, "-c", IMPORTS, cwd=installed.elsewhere)
    outer = started(installed)
    try:
        await outer.shows("prod", "staging", deadline=60)
        outer.keys("q")
        assert await outer.ends() == 0
    finally:
        outer.close()
