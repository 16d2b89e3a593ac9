"""Is the cause that the rules name first the one that is expected? For each incident, within 12 calls a suspect.

`INCIDENT_TABLE=FILE` writes the confusion table of docs/problems.md.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from ecs_tui.aws.account import Account
from ecs_tui.config.settings import Settings
from ecs_tui.model.problem import Problem, worst_first
from ecs_tui.problems.asking import MAX_CALLS
from ecs_tui.problems.examine import examine
from ecs_tui.store.connections import Connection
from tests.support.incident_replay import Replay
from tests.support.incidents import Incident, load, paths
from tests.support.stub_aws import StubAws

NONE = "(none)"
RIGHT = 0.95
"""The share of incidents whose first cause must be right."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What the program says of an incident.

    Attributes:
        problems: All problems of all clusters, worst first.
        calls: The most calls about one suspect.
        refused: Operations that the incident cannot answer.
    """

    incident: Incident
    problems: Sequence[Problem]
    calls: int
    refused: Sequence[str]

    @property
    def cause(self) -> str:
        """The first cause that it names, of the expected thing if there is one."""
        expected = self.incident.expected
        found = [each for each in self.problems if expected is None or self._about(each)]
        return found[0].cause if found else NONE

    def _about(self, problem: Problem) -> bool:
        """Whether a problem is of the expected cluster, and of the service if one is expected."""
        expected, thing = self.incident.expected, problem.thing
        assert expected is not None
        if thing.cluster != expected.cluster:
            return False
        return thing.kind != "service" or expected.service in (None, thing.name)

    @property
    def should(self) -> str:
        expected = self.incident.expected
        return expected.cause if expected is not None else NONE


async def diagnosis(stub: StubAws, account: Account, incident: Incident) -> Diagnosis:
    """Ask the program what is wrong: everything from the connection to the rules is the real one."""
    replay = Replay(stub, incident)
    connection = Connection(account, Settings.of(cache=False))
    await connection.identify()
    problems: list[Problem] = []
    calls = 0
    for each in incident.of("ecs:DescribeClusters"):
        for cluster in each.content["clusters"]:
            found = await examine(connection, cluster["clusterName"], incident.moment)
            problems += found.problems
            calls = max(calls, *found.calls.values(), 0)
    await connection.refresher.close()
    return Diagnosis(incident, sorted(problems, key=worst_first), calls, tuple(replay.refused))


@pytest_asyncio.fixture
async def account(stub: StubAws) -> AsyncIterator[Account]:
    made = stub.account(timeout_seconds=10)
    yield made
    await made.close()


def table(found: Sequence[Diagnosis]) -> str:
    """Expected against named causes, in Markdown; only the pairs that occur."""
    pairs = Counter((each.should, each.cause) for each in found)
    rows = [
        f"| `{should}` | `{cause}` | {count} | {'' if should == cause else 'wrong'} |"
        for (should, cause), count in sorted(pairs.items())
    ]
    return "\n".join(("| expected | named first | incidents | |", "|---|---|---|---|", *rows))


def keep(words: str) -> None:
    """Write the table to the file that the environment names, if it does."""
    if file := os.environ.get("INCIDENT_TABLE"):
        Path(file).write_text(words + "\n", "utf-8")


@pytest.mark.asyncio
async def test_the_first_cause_is_named(stub: StubAws, account: Account) -> None:
    found = [await diagnosis(stub, account, load(path)) for path in paths("sick", "healthy")]
    keep(table(found))
    wrong = [
        f"{each.incident.name}: {each.should}, not {each.cause}"
        for each in found
        if each.cause != each.should
    ]
    sick = [each for each in found if each.incident.expected is not None]
    right = [each for each in sick if each.cause == each.should]
    assert len(right) >= RIGHT * len(sick), "\n".join(wrong)
    alarms = [each for each in found if each.incident.expected is None and each.problems]
    assert not alarms, [(each.incident.name, each.problems[0].sentence) for each in alarms]
    assert max(each.calls for each in found) <= MAX_CALLS
    assert not [(each.incident.name, each.refused) for each in found if each.refused]
