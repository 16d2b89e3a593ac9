"""A copy of the project on disk in which every Python process, children included, runs that copy.

The copy has an environment of its own. A start-up file in it puts the copy first on the import
path of every interpreter, also of those that start with `-I` and without environment variables, as
the terminal worker does. While coverage is recorded, the same file starts the measurement.

Where Linux allows it, the tests run in a process namespace: a mutant that sends signals to wrong
processes reaches no others, and all its processes end with it.
"""

from __future__ import annotations

import functools
import itertools
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
import venv
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.operators import Mutant

PROJECT = Path(__file__).parents[2]
_LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", ".mutants", "__pycache__", ".*_cache", ".hypothesis", "*.egg-info", "dist"
)
_START = """
import sys
sys.path.insert(0, {root!r})
if {measure!r}:
    from tests.mutants import measure
    measure.start({root!r})
"""
_NAMESPACE = (
    *("unshare", "--pid", "--fork", "--kill-child", "--mount-proc"),
    *("/bin/sh", "-c", '"$@"; exit $?', "sh"),  # the first process, which also reaps
)
_stamps = itertools.count(1_000_000_000)
"""Modification times: Python takes a compiled file as fresh by whole seconds and size."""


@dataclass(frozen=True)
class Ended:
    """How a run of tests ended; `status` is None after the time limit."""

    status: int | None
    output: str
    seconds: float


@functools.cache
def _namespace() -> tuple[str, ...]:
    """The prefix that starts a command in a process namespace, () where that is not allowed."""
    if shutil.which(_NAMESPACE[0]) is None:
        return ()
    allowed = subprocess.run([*_NAMESPACE, "true"], capture_output=True, check=False)
    return _NAMESPACE if allowed.returncode == 0 else ()


class Tree:
    """Make a copy of the project in `root`."""

    def __init__(self, root: Path, *, measure: bool = False) -> None:
        self.root = root
        self.project = root / "project"
        if root.exists():
            shutil.rmtree(root)
        shutil.copytree(PROJECT, self.project, ignore=_LEFT_OUT)
        venv.EnvBuilder(symlinks=True, with_pip=False).create(root / "venv")
        self.python = root / "venv" / "bin" / "python"
        packages = next((root / "venv" / "lib").glob("python3*")) / "site-packages"
        ours = sysconfig.get_path("purelib")
        text = _START.format(root=str(self.project), measure=measure)
        (packages / "_mutants_start.py").write_text(text, "utf-8")
        (packages / "mutants.pth").write_text(f"{ours}\nimport _mutants_start\n", "utf-8")

    def remove(self) -> None:
        """Delete it."""
        shutil.rmtree(self.root, ignore_errors=True)

    def put(self, mutant: Mutant) -> bytes:
        """Change one file of the copy; returns what `restore` takes."""
        source = (self.project / mutant.path).read_bytes()
        self._write(mutant.path, mutant.applied(source))
        return source

    def restore(self, mutant: Mutant, source: bytes) -> None:
        """Undo `put`."""
        self._write(mutant.path, source)

    def _write(self, path: str, data: bytes) -> None:
        file = self.project / path
        file.write_bytes(data)
        stamp = next(_stamps)
        os.utime(file, (stamp, stamp))

    def run(self, arguments: list[str], limit: float, *, factor: float = 1) -> Ended:
        """pytest in the copy.

        Args:
            limit: Seconds after which all its processes are killed.
            factor: By what the tests' own limits are scaled.
        """
        temporary = self._temporary()
        environment = {
            **os.environ,
            "TEST_TIME_FACTOR": str(factor),
            "TMPDIR": str(temporary),
            "HOME": str(temporary),  # a mutant may write, or delete, in wrong places
        }
        environment.pop("PYTHONPATH", None)
        begun = time.monotonic()
        with (self.root / "output").open("wb") as output:
            child = subprocess.Popen(
                [
                    *_namespace(), str(self.python),
                    "-m", "pytest", "-p", "no:cacheprovider", *arguments,
                ],
                cwd=self.project,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip
            try:
                status: int | None = child.wait(limit)
            except subprocess.TimeoutExpired:
                status = None
            finally:
                self._end(child)
        text = (self.root / "output").read_text("utf-8", "replace")
        return Ended(status, text, time.monotonic() - begun)

    def _temporary(self) -> Path:
        folder = self.root / "tmp"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder

    def _end(self, child: subprocess.Popen[bytes]) -> None:
        """End pytest and whatever a broken program left behind in other process groups."""
        if child.poll() is None:
            child.kill()
            child.wait()
        for entry in Path("/proc").glob("[0-9]*") if sys.platform == "linux" else ():
            try:
                argv0 = (entry / "cmdline").read_bytes().split(b"\0", 1)[0]
                if argv0 == os.fsencode(self.python):
                    os.kill(int(entry.name), signal.SIGKILL)
            except (OSError, ValueError):
                continue  # gone meanwhile, or another user's
