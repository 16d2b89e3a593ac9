"""Stores wheels for tests/packaging/test_wheel.py: `PYTHON tools/wheels.py FOLDER`, in the environment's Python.

Stored are those of the program and its extra `demo`, in the versions that are installed in the
environment, for each Python from 3.11 on that this machine has. They are only downloaded, never
built or run here; one that requirements.lock pins must have a hash that is listed there.
"""

from __future__ import annotations

import glob
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[1]
OLDEST, NEWEST = 11, 30
"""Minor versions of Python 3 that are looked for."""
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)")


def pythons() -> dict[str, str]:
    """Minor version, such as "3.12" → an interpreter of it; this one's first.

    Looked for on PATH, in the system's folders and where pyenv and uv install.
    """
    found = {f"3.{sys.version_info.minor}": sys.executable}
    for minor in range(OLDEST, NEWEST):
        for path in _candidates(f"python3.{minor}"):
            if f"3.{minor}" not in found and _runs(path, minor):
                found[f"3.{minor}"] = path
    return found


def _candidates(name: str) -> list[str]:
    home = Path.home()
    pyenv = os.environ.get("PYENV_ROOT", str(home / ".pyenv"))
    uv = os.environ.get("UV_PYTHON_INSTALL_DIR", str(home / ".local/share/uv/python"))
    on_path = [path for path in (shutil.which(name),) if path]
    folders = ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"]
    return [
        *on_path,
        *(f"{folder}/{name}" for folder in folders if Path(folder, name).exists()),
        *sorted(glob.glob(f"{pyenv}/versions/*/bin/{name}"), reverse=True),
        *sorted(glob.glob(f"{uv}/*/bin/{name}"), reverse=True),
    ]


def _runs(path: str, minor: int) -> bool:
    """Whether it is what it is called (pyenv's stand-ins may lead nowhere) and has what is needed."""
    code = "import sys, venv, ssl, zlib; print(sys.version_info[1], sys.implementation.name)"
    try:
        run = subprocess.run([path, "-c", code], capture_output=True, text=True, check=False)
    except OSError:
        return False
    return run.stdout.split() == [str(minor), "cpython"]


def locked(lock: str) -> tuple[dict[str, str], set[str]]:
    """Versions and hashes that a lock file pins."""
    pins = dict(match.groups() for line in lock.splitlines() if (match := _PIN.match(line)))
    return {_plain(name): version for name, version in pins.items()}, set(
        re.findall(r"sha256:([0-9a-f]{64})", lock)
    )


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def unlisted(folder: Path, pins: dict[str, str], hashes: set[str]) -> list[str]:
    """The wheels in `folder` of a pinned version whose hash is none of those listed."""
    found = []
    for wheel in sorted(folder.glob("*.whl")):
        name, version = wheel.name.split("-")[:2]
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        if pins.get(_plain(name)) == version and digest not in hashes:
            found.append(wheel.name)
    return found


def wanted() -> list[str]:
    """What the program and its demo ask for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return [*project["dependencies"], *project["optional-dependencies"]["demo"]]


def main(folder: Path) -> None:
    """Download what is missing in `folder`; what is not needed any more goes.

    Where wheels cannot be had for a Python that is said, and its test fails.
    """
    pins, hashes = locked((ROOT / "requirements.lock").read_text("utf-8"))
    here = {_plain(dist.name): dist.version for dist in metadata.distributions()}
    versions = pins | {name: version for name, version in here.items() if name in pins}
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as new:
        constraints, wheels = Path(new, "constraints.txt"), Path(new, "wheels")
        constraints.write_text("".join(f"{n}=={v}\n" for n, v in versions.items()), "utf-8")
        wheels.mkdir()
        lacking = [
            version
            for version, python in pythons().items()
            if not _download(python, constraints, folder, wheels)
        ]
        for name in unlisted(wheels, pins, hashes):
            sys.exit(f"{name} has a SHA-256 that requirements.lock does not list.")
        shutil.rmtree(folder)
        wheels.rename(folder)
    if lacking:
        print(
            f"Not all wheels for Python {', '.join(lacking)} could be stored (above):"
            " tests/packaging/test_wheel.py will fail.",
            file=sys.stderr,
        )
    else:
        (folder / ".stored").touch()


def _download(python: str, constraints: Path, before: Path, into: Path) -> bool:
    argv = [sys.executable, "-m", "pip", "--python", python, "download", "-q"]
    argv += ["--disable-pip-version-check", "--only-binary", ":all:", "-c", str(constraints)]
    argv += ["--find-links", str(before), "-d", str(into), *wanted()]
    return subprocess.run(argv, check=False).returncode == 0


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
