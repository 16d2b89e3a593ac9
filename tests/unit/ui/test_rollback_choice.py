"""What the dialog of earlier revisions says of each, and when the commands about deployments are possible."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ecs_tui.model.service import Network
from ecs_tui.operations.rollback import RollbackChoice
from ecs_tui.resources import Place
from ecs_tui.ui.commands.base import refusal
from ecs_tui.ui.commands.rollback import ContinueDeployment, RollBack, Waiting
from ecs_tui.ui.dialogs.rollback import differences
from tests.support.contexts import contexts
from tests.support.list_rows import SERVICE, TASK, service_row
from tests.support.rollback_case import choice


def test_what_comes_back_and_what_does_not() -> None:
    found = choice(network=Network(("b",), ("sg",), "DISABLED"))
    assert differences(found) == [
        "Comes back:",
        "  app image: app:7 → app:6",
        "  app memory: 896 MiB → 768 MiB",
        "Is not restored:",
        "  service subnets stays a, was b",
    ]


def test_a_revision_that_brings_nothing_back() -> None:
    same: RollbackChoice = choice(7)
    assert differences(same) == ["Nothing comes back."]
    assert "unknown" in differences(choice(read=False))[0]


@pytest.mark.asyncio
async def test_when_they_are_possible() -> None:
    row = service_row(SERVICE, TASK)
    async with contexts() as made:
        for command in (RollBack(), ContinueDeployment()):
            on_service = made.make("services", row, place=Place("services", cluster="prod"))
            assert refusal(command, on_service) == ""
            both = replace(on_service, rows=(row, row))
            assert refusal(command, both) == "This changes one service, and 2 are marked."
            assert refusal(command, made.make("clusters")) == "Select a service first."
        assert refusal(Waiting(), made.make("clusters")) == ""
    async with contexts(read_only=True) as made:
        words = refusal(
            RollBack(), made.make("services", row, place=Place("services", cluster="prod"))
        )
        assert words == "Read-only mode: roll back is disabled."
