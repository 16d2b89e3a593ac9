"""A short run of the fuzzer: the app survives everything that happens to the worker."""

from __future__ import annotations

import subprocess
import sys


def test_a_short_run_with_a_fixed_seed(tmp_path: object) -> None:
    done = subprocess.run(
        [
            sys.executable, "-m", "benchmarks.fuzz_terminal",
            "--seconds", "6", "--seed", "7", "--out", str(tmp_path),
        ],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
