"""jq (https://jqlang.org), which reads JSON more strictly than Python does."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import pytest


def through_jq(text: str) -> list[Any]:
    """The values that jq reads from a text; skips the test where jq is not installed.

    Raises:
        AssertionError: jq refuses the text.
    """
    found = shutil.which("jq")
    if found is None:
        pytest.skip("jq is not installed: apt-get install jq")
    argv = [found, "--compact-output", "."]
    done = subprocess.run(argv, input=text, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]
