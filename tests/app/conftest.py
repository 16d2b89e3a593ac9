"""Fixtures of the tests that drive the app: accounts on the stub of AWS."""

from __future__ import annotations

import pytest

from tests.support.odd_aws import OddAccount
from tests.support.stub_aws import StubAws


@pytest.fixture
def odd(stub: StubAws) -> OddAccount:
    """An account on the stub, with the empty cluster `stub`."""
    made = OddAccount()
    made.cluster()
    made.serve(stub)
    return made


@pytest.fixture
def stub_keys(stub: StubAws, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process and its children, such as session clients, call the stub."""
    for name, value in stub.environment().items():
        monkeypatch.setenv(name, value)
