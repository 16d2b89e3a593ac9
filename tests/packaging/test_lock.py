"""The lock file pins everything that is installed, with hashes, and the set-up obeys it."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.limits import limit

ROOT = Path(__file__).parents[2]
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def locked() -> dict[str, Requirement]:
    """Name → pinned requirement; each line of the file is a pin or one of its hashes."""
    found: dict[str, Requirement] = {}
    text = (ROOT / "requirements.lock").read_text()
    for entry in text.replace("\\\n", " ").splitlines():
        words, *hashes = re.split(r"\s+(?=--)", entry.strip())
        assert hashes and all(HASH.fullmatch(word) for word in hashes), words
        pin = Requirement(words)
        assert re.fullmatch(r"==[^=,*]+", str(pin.specifier)) and pin.url is None, words
        assert pin.name not in found
        found[canonicalize_name(pin.name)] = pin
    return found


def asked() -> list[Requirement]:
    """The requirements in pyproject.toml: program, extras, developers' tools, build.

    Without `login`: the set-up does not install it.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    texts = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    for extra, more in project["project"]["optional-dependencies"].items():
        texts += more if extra != "login" else []
    for more in project["dependency-groups"].values():
        texts += more
    return [Requirement(text) for text in texts]


@pytest.mark.parametrize("wanted", asked(), ids=str)
def test_each_dependency_is_bounded_and_pinned_within_its_bounds(wanted: Requirement) -> None:
    assert any(part.operator in ("<", "==") for part in wanted.specifier), "no upper bound"
    pin = locked()[canonicalize_name(wanted.name)]
    version = str(pin.specifier).removeprefix("==")
    assert wanted.specifier.contains(version), f"{version}: make lock"


def test_the_lock_file_holds_what_its_packages_need_and_no_more() -> None:
    """Direct and indirect requirements of pyproject.toml, by the metadata of installed packages."""
    pins = locked()
    todo = [(canonicalize_name(wanted.name), frozenset(wanted.extras)) for wanted in asked()]
    reached: set[tuple[str, frozenset[str]]] = set()
    while todo:
        item = todo.pop()
        if item in reached:
            continue
        reached.add(item)
        name, extras = item
        assert name in pins, f"{name} is not pinned: make lock"
        marker = pins[name].marker
        if marker is not None and not marker.evaluate():
            continue
        for text in metadata.requires(name) or []:
            need = Requirement(text)
            if need.marker and not any(need.marker.evaluate({"extra": x}) for x in (*extras, "")):
                continue
            of_need = canonicalize_name(need.name)
            if of_need in pins and metadata.version(name) == str(pins[name].specifier)[2:]:
                assert need.specifier.contains(str(pins[of_need].specifier)[2:]), (name, text)
            todo.append((of_need, frozenset(need.extras)))
    elsewhere = {name for name, pin in pins.items() if pin.marker and not pin.marker.evaluate()}
    assert set(pins) - {name for name, _ in reached} == elsewhere


def test_the_lock_file_names_no_address_and_no_option() -> None:
    text = (ROOT / "requirements.lock").read_text()
    assert "://" not in text and "@" not in text
    assert set(re.findall(r"--[a-z-]+", text)) == {"--hash"}


# -- the set-up, with a folder as index

BACKEND = '''
import zipfile
def build_editable(folder, settings=None, metadata=None):
    with zipfile.ZipFile(f"{folder}/own-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("own-1.0.dist-info/METADATA", """Metadata-Version: 2.1
Name: own
Version: 1.0
Provides-Extra: demo
""")
        wheel.writestr("own-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("own-1.0.dist-info/RECORD", "")
    return "own-1.0-py3-none-any.whl"
'''
PROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "own"
version = "1.0"
[dependency-groups]
dev = ["pinned<3"]
"""


def wheel(folder: Path, version: str, content: str = "") -> str:
    """Put a package `pinned` into a folder; returns its digest."""
    path = folder / f"pinned-{version}-py3-none-any.whl"
    info = f"pinned-{version}.dist-info"
    body = f"version = {version!r}\n{content}".encode()
    digest = base64.urlsafe_b64encode(hashlib.sha256(body).digest()).rstrip(b"=").decode()
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("pinned.py", body)
        made.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: pinned\nVersion: {version}\n"
        )
        made.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        made.writestr(f"{info}/RECORD", f"pinned.py,sha256={digest},{len(body)}\n")
    return hashlib.sha256(path.read_bytes()).hexdigest()


TOOLS = ("cat", "grep", "mktemp", "rm", "sh")


@pytest.fixture(scope="module", params=["pip", "uv"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project, a folder as index, and the programs on the set-up's PATH."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "backend.py").write_text(BACKEND)
    (folder / "pyproject.toml").write_text(PROJECT)
    (folder / "index").mkdir()
    uv = f'[pip]\nno-index = true\nfind-links = ["{folder / "index"}"]\n'
    (folder / "uv.toml").write_text(uv)
    (folder / "bin").mkdir()
    (folder / "bin" / "python3").symlink_to(Path(sys.base_prefix) / "bin" / "python3")
    for name in (*TOOLS, "uv") if request.param == "uv" else TOOLS:
        found = shutil.which(name)
        if found is None:
            pytest.skip(f"{name} is not installed")
        (folder / "bin" / name).symlink_to(found)
    return folder


def set_up(
    place: Path, pinned: str, digest: str, venv: str = "venv", **more: str
) -> tuple[int, str, str]:
    """Run the set-up; returns exit status, output, and the installed version ("": none)."""
    for wheel_of_before in place.glob(f"{venv}/lib/*/site-packages/pinned*"):
        if wheel_of_before.is_file():
            wheel_of_before.unlink()
        else:
            for file in wheel_of_before.iterdir():
                file.unlink()
            wheel_of_before.rmdir()
    (place / "requirements.lock").write_text(f"pinned=={pinned} --hash=sha256:{digest}\n")
    env = {
        "PATH": str(place / "bin"),
        "HOME": str(place),
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(place / "index"),
        "PIP_CONFIG_FILE": os.devnull,
        "UV_CONFIG_FILE": str(place / "uv.toml"),
        "UV_NO_CACHE": "1",
        **more,
    }
    ran = subprocess.run(
        [str(ROOT / "tools" / "set_up.sh"), venv],
        cwd=place, env=env, capture_output=True, text=True, check=False, timeout=limit(120),
    )  # fmt: skip
    found = [*place.glob(f"{venv}/lib/*/site-packages/pinned.py")]
    version = found[0].read_text().split("'")[1] if found else ""
    return ran.returncode, ran.stdout + ran.stderr, version


def test_the_set_up_installs_what_is_pinned(place: Path) -> None:
    digest = wheel(place / "index", "1.0")
    wheel(place / "index", "2.0")
    said = "Installing 1 packages into venv: a minute or two, the first time only.\n"
    assert set_up(place, "1.0", digest) == (0, said, "1.0")


def test_the_set_up_installs_nothing_whose_hash_differs(place: Path) -> None:
    wheel(place / "index", "1.0", "import antigravity\n")
    wheel(place / "index", "2.0")
    status, said, version = set_up(place, "1.0", "0" * 64)
    assert (status, version) == (1, "")
    assert re.search("DO NOT MATCH THE HASHES|Hash mismatch", said)
    assert "instead" not in said


def test_where_the_index_lacks_a_pinned_file_the_set_up_says_so_and_goes_on(place: Path) -> None:
    wheel(place / "index", "2.0")
    status, said, version = set_up(place, "2.5", "0" * 64)
    assert (status, version) == (0, "2.0"), said
    assert "pinned==2.5" in said
    assert "The package index lacks a file that requirements.lock pins" in said


def test_any_other_failure_of_the_set_up_is_its_end(place: Path) -> None:
    (place / "index" / "pinned-2.0-py3-none-any.whl").write_bytes(b"")
    digest = hashlib.sha256(b"").hexdigest()
    status, said, version = set_up(place, "2.0", digest)
    assert (status, version) == (1, "") and said
    assert "instead" not in said


@pytest.mark.parametrize("place", ["pip"], indirect=True)
def test_python_is_the_one_that_was_asked_for_and_stays(place: Path) -> None:
    digest = wheel(place / "index", "1.0")
    status, said, version = set_up(place, "1.0", digest, "other", PYTHON=str(place / "nowhere"))
    assert (status, version) == (1, "") and said.startswith("Python 3.11 or newer")
    asked = place / "asked" / "python3"
    asked.parent.mkdir()
    asked.symlink_to(Path(sys.base_prefix) / "bin" / "python3")
    for more in ({"PYTHON": str(asked)}, {}):
        status, said, version = set_up(place, "1.0", digest, "other", **more)
        assert (status, version) == (0, "1.0"), said
        settings = (place / "other" / "pyvenv.cfg").read_text()
        assert f"home = {asked.parent}\n" in settings
