"""Which test reaches which line: coverage of every process, by the test that ran at that time.

A child writes its data every moment, because terminal workers end by SIGKILL. The name of the
running test is in a file: some children start without environment variables, and some (the demo
account, a warm worker) run during several tests.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import coverage
import pytest

_SAMPLE_SECONDS = 0.05
"""Seconds between two looks at the running test's name."""
_here: coverage.Coverage | None = None
"""The measurement of this process, where pytest runs in it: it switches exactly between tests."""
_pytest = threading.Event()


def _name_file(root: str | Path) -> Path:
    return Path(root, ".mutants-test")


def start(root: str) -> None:
    """Measure this process, whose code is in `root`; called as each interpreter starts."""
    global _here  # noqa: PLW0603 - one for each process
    measured = coverage.Coverage(
        data_file=str(Path(root, ".reached", f"{os.getpid()}-{time.monotonic_ns()}")),
        source=[str(Path(root, "ecs_tui"))],
        config_file=False,
    )
    measured.set_option("run:disable_warnings", ["no-data-collected", "module-not-imported"])
    measured.start()
    _here = measured
    with contextlib.suppress(FileNotFoundError):  # collection
        measured.switch_context(_name_file(root).read_text("utf-8"))
    atexit.register(measured.save)
    threading.Thread(target=_keep, args=(measured, _name_file(root)), daemon=True).start()


def _keep(measured: coverage.Coverage, file: Path) -> None:
    now = ""
    while True:
        try:
            name = file.read_text("utf-8")
        except FileNotFoundError:  # collection
            name = ""
        if name != now and not _pytest.is_set():
            measured.switch_context(name)
            now = name
        measured.save()
        time.sleep(_SAMPLE_SECONDS)


class Names:
    """A pytest plugin that writes the running test's name, and how long each phase of it took."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Around one test with its fixtures."""
        file = _name_file(item.config.rootpath)
        new = file.with_suffix(".new")
        new.write_text(item.nodeid, "utf-8")
        new.replace(file)
        time.sleep(2 * _SAMPLE_SECONDS)  # every process has taken the name
        if _here is not None:
            _here.switch_context(item.nodeid)
        result = yield
        time.sleep(2 * _SAMPLE_SECONDS)  # the last lines are kept under this name
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Iterator[None]:
        """A test that fails without a mutant cannot notice one."""
        report = yield
        verdict = "failed" if report.failed else "passed"
        with Path(item.config.rootpath, ".phases").open("a", encoding="utf-8") as out:
            out.write(f"{call.when}\t{verdict}\t{call.duration:.3f}\t{item.nodeid}\n")
        return report


def pytest_configure(config: pytest.Config) -> None:
    """Called for `-p tests.mutants.measure`."""
    _pytest.set()
    config.pluginmanager.register(Names())
