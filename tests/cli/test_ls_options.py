"""`ecs-tui ls` with columns, order, filter and tags; all clusters at once; where it is listed."""

from __future__ import annotations

import json
import os
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ecs_tui.cli.parallel import MAX_CLUSTERS
from tests.support.command import run_command
from tests.support.limits import limit
from tests.support.program_terminal import ProgramTerminal
from tests.support.stub_aws import ARN, INSTANCE, StubAws, error_reply
from tests.support.stub_clusters import StubClusters

DESCRIBE = {
    "clusters": "ecs:DescribeClusters",
    "services": "ecs:DescribeServices",
    "tasks": "ecs:DescribeTasks",
    "containers": "ecs:DescribeTasks",
    "instances": "ecs:DescribeContainerInstances",
}


@pytest.fixture
def env(stub: StubAws, tmp_path: Path) -> dict[str, str]:
    base = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8"}
    return base | stub.environment()


def ls(env: dict[str, str], *argv: str, status: int = 0) -> str:
    """What `ls` prints; without messages."""
    done = run_command(env, "ls", *argv)
    assert (done.returncode, done.stderr) == (status, ""), done.stderr
    return done.stdout


def tags(**values: str) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in values.items()]


def included(stub: StubAws, operation: str) -> set[tuple[str, ...]]:
    """The values of `include` in the calls of an operation."""
    return {
        tuple(json.loads(body).get("include", ()))
        for name, body in stub.bodies
        if name == operation
    }


@pytest.fixture
def shop(clusters: StubClusters) -> StubClusters:
    """Two clusters with services of three teams."""
    prod, staging = clusters.add("prod"), clusters.add("staging")
    prod.service("web", runningCount=9, tags=tags(team="front", environment="production"))
    prod.service("api-10", runningCount=20, tags=tags(team="back", environment="production"))
    prod.service("api-9", runningCount=3)
    staging.service("web", runningCount=1, tags=tags(team="front", environment="test"))
    return clusters


@pytest.mark.parametrize("kind", DESCRIBE)
def test_tags_are_asked_for_only_where_they_are_needed(
    stub: StubAws, shop: StubClusters, env: dict[str, str], kind: str
) -> None:
    """A caller without ecs:ListTagsForResource is then not refused first."""
    shop.clusters["prod"].task("77", "web")
    ls(env, kind, "--json")
    assert not any("TAGS" in each for each in included(stub, DESCRIBE[kind]))


def test_columns_order_and_no_headings(shop: StubClusters, env: dict[str, str]) -> None:
    out = ls(env, "services", "--columns", "cluster,service", "--columns", "runningCount",
             "--sort", "cluster,-runningCount", "--no-headers")  # fmt: skip
    assert [line.split() for line in out.splitlines()] == [
        ["prod", "api-10", "20"], ["prod", "web", "9"], ["prod", "api-9", "3"],
        ["staging", "web", "1"],
    ]  # fmt: skip
    out = ls(env, "services", "prod", "--sort", "service", "--columns", "service", "--no-headers")
    assert out.split() == ["api-9", "api-10", "web"]


def test_tags_are_columns(shop: StubClusters, env: dict[str, str]) -> None:
    assert all("tags" not in row for row in json.loads(ls(env, "services", "--json")))
    argv = ("services", "--columns", "service,tag:team", "--output", "csv", "--filter", "!api-9")
    assert ls(env, *argv) == "service,tag:team\r\nweb,front\r\napi-10,back\r\nweb,front\r\n"


@pytest.mark.parametrize("kind", DESCRIBE)
def test_each_resource_can_have_its_tags(
    stub: StubAws, shop: StubClusters, env: dict[str, str], kind: str
) -> None:
    shop.clusters["prod"].task("77", "web", tags=tags(team="front"))
    rows = json.loads(ls(env, kind, "--columns", "tags,tag:team", "--json"))
    assert rows and all(list(row) == ["tags", "tag:team"] for row in rows)
    assert any("TAGS" in each for each in included(stub, DESCRIBE[kind]))
    if kind in ("tasks", "containers"):
        assert rows[0] == {"tags": tags(team="front"), "tag:team": "front"}


def test_a_filter_by_tag_asks_for_tags_and_prints_none(
    shop: StubClusters, env: dict[str, str]
) -> None:
    argv = ("services", "--filter", "tag:environment=production !~^api", "--output", "jsonl")
    (line,) = ls(env, *argv).splitlines()
    row = json.loads(line)
    assert (row["serviceName"], "tags" in row) == ("web", False)
    assert ls(env, "services", "--filter", "none", "--output", "jsonl") == ""


def test_tags_that_may_not_be_read_are_said(
    stub: StubAws, shop: StubClusters, env: dict[str, str]
) -> None:
    whole = stub.answers["ecs:DescribeServices"]
    denied = "not authorized to perform: ecs:ListTagsForResource"
    stub.answers["ecs:DescribeServices"] = lambda body: (
        error_reply("ecs:DescribeServices", "AccessDeniedException", denied)
        if "TAGS" in body
        else whole(body)
    )
    done = run_command(env, "ls", "services", "--columns", "service,tag:team", "--no-headers")
    lines = done.stdout.splitlines()
    assert (lines[0].split(), len(lines)) == (["web", "-"], 4), "the rows are there"
    assert done.returncode == 3
    assert done.stderr.startswith("ecs-tui: Tags could not be read: AccessDenied")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "argv",
    [
        ("--columns", "service,none"), ("--sort", "-none"), ("--filter", "none:x"),
        ("--columns", "none", "--json"),
    ],
)  # fmt: skip
def test_an_unknown_column_is_said_before_aws_is_asked(
    stub: StubAws, env: dict[str, str], argv: tuple[str, ...]
) -> None:
    done = run_command(env, "ls", "services", *argv)
    assert (done.returncode, done.stdout) == (2, "")
    assert 'Services have no column "none".' in done.stderr
    assert "deployment" in done.stderr and "serviceName" in done.stderr and "tag:KEY" in done.stderr
    assert not stub.calls


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (("services", "staging"), ["staging"]),
        (("services", "--cluster", "staging"), ["staging"]),
        (("services", f"{ARN}:cluster/staging"), ["staging"]),
        (("services", f"{ARN}:service/staging/web"), ["staging"]),
        (("services", "staging", "--service", "web"), ["staging"]),
        (("services",), ["prod", "prod", "prod", "staging"]),
        (("clusters", "staging"), ["staging"]),
        (("instances", "staging"), ["stub"]),
    ],
)
def test_the_cluster_may_be_an_argument(
    shop: StubClusters, env: dict[str, str], argv: tuple[str, ...], expected: list[str]
) -> None:
    out = ls(env, *argv, "--columns", "cluster", "--no-headers")
    assert out.split() == expected


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("services", "prod", "--cluster", "prod"), "not both"),
        (("services", f"{ARN}:service/prod/web", "--service", "web"), "not both"),
        (("services", f"{ARN}:service/prod/web", "--cluster", "staging"), "Two clusters are named"),
        (("services", INSTANCE), "does not name a cluster"),
        (("services", "a b"), "cannot be the name of a cluster"),
    ],
)
def test_places_that_contradict_each_other(
    env: dict[str, str], argv: tuple[str, ...], said: str
) -> None:
    done = run_command(env, "ls", *argv)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_profile_and_region_may_stand_after_the_subcommand(
    stub: StubAws, shop: StubClusters, env: dict[str, str]
) -> None:
    assert run_command(env, "--region", "eu-west-1", "ls", "services").returncode == 0
    assert {each.region for each in stub.signed} == {"eu-west-1"}
    stub.signed.clear()
    argv = ("--region", "eu-west-1", "ls", "services", "--region", "ap-south-1")
    assert run_command(env, *argv).returncode == 0
    assert {each.region for each in stub.signed} == {"ap-south-1"}, "the one after it wins"
    done = run_command(env, "ls", "clusters", "--profile", "nope")
    assert done.returncode == 3 and "nope" in done.stderr
    done = run_command(env, "ls", "services", f"{ARN}:cluster/prod", "--region", "eu-west-1")
    assert (
        done.returncode,
        "--region is eu-west-1, but the target is in us-east-1" in done.stderr,
    ) == (2, True)


# -- all clusters at once


class Gate:
    """Holds back ListServices of all clusters until so many wait; counts them."""

    def __init__(self, stub: StubAws, wanted: int) -> None:
        self._inner = stub.answers["ecs:ListServices"]
        self._lock, self._wanted = threading.Lock(), wanted
        self._open = threading.Event()
        self.waiting = self.most = 0
        stub.answers["ecs:ListServices"] = self._answer

    def _answer(self, body: str) -> Any:
        with self._lock:
            self.waiting += 1
            self.most = max(self.most, self.waiting)
            if self.waiting >= self._wanted:
                self._open.set()
        met = self._open.wait(limit(30))
        with self._lock:
            self.waiting -= 1
        assert met, "so many clusters are not asked at the same time"
        return self._inner(body)


def test_clusters_are_asked_at_the_same_time_and_printed_in_order(
    stub: StubAws, clusters: StubClusters, env: dict[str, str]
) -> None:
    names = [f"c{number:02}" for number in range(2 * MAX_CLUSTERS)]
    for name in names:
        clusters.add(name).service("web")
    clusters.clusters["c03"].denied = {"ListServices"}
    gate = Gate(stub, MAX_CLUSTERS)
    done = run_command(env, "ls", "services", "--columns", "cluster", "--no-headers")
    assert done.stdout.split() == [name for name in names if name != "c03"]
    assert gate.most == MAX_CLUSTERS
    assert done.returncode == 3
    assert done.stderr.startswith("ecs-tui: Rows are missing for cluster c03. Access denied")
    calls = Counter(
        json.loads(body)["cluster"] for name, body in stub.bodies if name == "ecs:ListServices"
    )
    assert set(calls.values()) == {1}, "no cluster is asked twice"


@pytest.mark.asyncio
async def test_a_long_listing_says_how_far_it_is_on_a_terminal(
    stub: StubAws, clusters: StubClusters, env: dict[str, str]
) -> None:
    for number in range(3):
        clusters.add(f"c{number}").service("web")
    pages, go_on = stub.answers["ecs:ListServices"], threading.Event()

    def held(body: str) -> Any:
        if "c2" in body:
            go_on.wait(limit(60))
        return pages(body)

    stub.answers["ecs:ListServices"] = held
    outer = ProgramTerminal({**env, "TERM": "xterm"}, "ls", "services", size=(80, 20))
    try:
        await outer.shows("c0", "c1", "Reading services: 2 of 3 clusters")
        go_on.set()
        assert await outer.ends() == 0
    finally:
        go_on.set()
        outer.close()
    lines = [line.rstrip() for line in outer.screen.splitlines() if line.strip()]
    assert len(lines) == 4, outer.screen
    assert not any("Reading" in line for line in lines), "the line is erased"
