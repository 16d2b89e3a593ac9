"""Fixtures of the tests of `ecs_tui.aws`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.aws_files import Files, clear_environment
from tests.support.stub_aws import StubAws


@pytest.fixture
def files(stub: StubAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Files:
    """An empty home folder; the AWS variables are the stub's endpoint and that there is no IMDS."""
    clear_environment(monkeypatch)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_ENDPOINT_URL", stub.endpoint)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return Files(tmp_path)
