"""Fixtures of the tests of `ecs_tui.doctor`."""

from __future__ import annotations

import pytest

from tests.support.doctor_case import Case, DoctorRun, doctor_run, ready_case
from tests.support.stub_aws import StubAws


@pytest.fixture
def case(stub: StubAws) -> Case:
    """A task that is ready for exec."""
    return ready_case(stub)


@pytest.fixture
def run(case: Case, capfd: pytest.CaptureFixture[str]) -> DoctorRun:
    """`ecs-tui doctor` on it."""
    return doctor_run(case, capfd)
