"""`ecs-tui ls`: rows while pages arrive, denied clusters, each format, AWS's member names."""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import json
import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import botocore
import pytest

from ecs_tui.cli.output import TableColumn, TableWriter, shorten
from ecs_tui.cli.parallel import MAX_CLUSTERS
from ecs_tui.resources import LISTINGS
from ecs_tui.resources.flat import LAUNCH_TYPES
from tests.support.command import run_command
from tests.support.limits import limit, sample
from tests.support.program_terminal import ProgramTerminal
from tests.support.stub_aws import ARN, FAULTS, StubAws, error_reply
from tests.support.stub_clusters import StubCluster, StubClusters

KEYS = {name: each.keys for name, each in LISTINGS.items()}
OURS = frozenset[str]().union(*(listing.ours for listing in LISTINGS.values()))
MANY = 2000
LONG = "ShopStack-CheckoutServiceB0A5F1E2-hQ3x9TzKp1Lm-with-a-tail"


@pytest.fixture
def env(stub: StubAws, tmp_path: Path) -> dict[str, str]:
    """With a wide call budget: 2,000 services are 220 calls."""
    config = tmp_path / "config" / "ecs-tui" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text("[refresh]\nburst = 10000.0\nrate = 10000.0\n")
    return {
        "PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8",
        "XDG_CONFIG_HOME": str(tmp_path / "config"), **stub.environment(),
    }  # fmt: skip


def ls(env: dict[str, str], *argv: str) -> subprocess.CompletedProcess[str]:
    return run_command(env, "ls", *argv)


def cells(text: str) -> list[list[str]]:
    """The cells of a table. Columns are at least two blanks apart."""
    return [re.split(" {2,}", line) for line in text.splitlines()]


def fill(cluster: StubCluster, count: int) -> None:
    for number in range(count):
        cluster.service(f"service-{number:04}")


# -- several clusters


def test_a_forbidden_cluster_is_passed_over_and_said(
    clusters: StubClusters, env: dict[str, str]
) -> None:
    for name in ("first", "secret", "hidden", "last"):
        clusters.add(name).service(f"web-{name}")
    for name in ("secret", "hidden"):
        clusters.clusters[name].denied = {"ListServices"}
    done = ls(env, "services", "--json")
    assert [row["serviceName"] for row in json.loads(done.stdout)] == ["web-first", "web-last"]
    assert done.returncode == 3
    assert done.stderr.startswith(
        "ecs-tui: Rows are missing for clusters secret, hidden. Access denied: ecs:ListServices"
    )
    assert done.stderr.count("\n") == 1


def test_one_refused_page_costs_its_rows_only(
    stub: StubAws, clusters: StubClusters, env: dict[str, str]
) -> None:
    fill(clusters.add("prod"), 30)
    clusters.add("last").service("web")
    whole = stub.answers["ecs:DescribeServices"]
    stub.answers["ecs:DescribeServices"] = lambda body: (
        error_reply("ecs:DescribeServices", "ServerException", "It is us.")
        if "service-0010" in body
        else whole(body)
    )
    done = ls(env, "services", "--json")
    names = [row["serviceName"] for row in json.loads(done.stdout)]
    assert names == [f"service-{number:04}" for number in (*range(10), *range(20, 30))] + ["web"]
    assert (done.returncode, done.stderr.count("\n")) == (3, 1)
    assert done.stderr.startswith("ecs-tui: Rows are missing for cluster prod. ")


def test_a_forbidden_cluster_that_was_asked_for_is_an_error(
    clusters: StubClusters, env: dict[str, str]
) -> None:
    clusters.add("secret").denied = {"ListTasks"}
    done = ls(env, "tasks", "--cluster", "secret")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("ecs-tui: Access denied: ecs:ListTasks")


@pytest.mark.parametrize("kind", ["services", "tasks", "containers"])
def test_clusters_without_the_service_are_passed_over(
    clusters: StubClusters, env: dict[str, str], kind: str
) -> None:
    clusters.add("first").service("api")
    with_it = clusters.add("second")
    with_it.service("web")
    with_it.task("77", "web")
    done = ls(env, kind, "--service", "web", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert [row["clusterName"] for row in json.loads(done.stdout)] == ["second"]


@pytest.mark.parametrize("kind", ["services", "tasks", "containers"])
def test_a_service_that_no_cluster_has(
    clusters: StubClusters, env: dict[str, str], kind: str
) -> None:
    clusters.add("first").service("api")
    clusters.add("second").service("nope", status="INACTIVE")
    done = ls(env, kind, "--service", "none", "--json")
    assert (done.returncode, json.loads(done.stdout)) == (1, [])
    assert done.stderr.startswith("ecs-tui: No cluster has a service 'none'.")
    if kind == "services":  # a deleted service is not found
        assert ls(env, kind, "--service", "nope").returncode == 1
    clusters.clusters["first"].denied = {"DescribeServices", "ListTasks"}
    done = ls(env, kind, "--service", "none", "--json")
    assert done.returncode == 3, "it may be in the cluster that could not be asked"


def test_a_service_without_tasks_is_there(clusters: StubClusters, env: dict[str, str]) -> None:
    clusters.add("prod").service("idle")
    done = ls(env, "tasks", "--service", "idle", "--json")
    assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")


def test_an_arn_or_url_names_cluster_and_region(
    stub: StubAws, clusters: StubClusters, env: dict[str, str]
) -> None:
    clusters.add("first").service("web")
    clusters.add("second").service("web")
    for named in (
        f"{ARN}:service/second/web",
        "https://us-east-1.console.aws.amazon.com/ecs/v2/clusters/second/services/web/health",
    ):
        stub.signed.clear()
        done = ls({**env, "AWS_REGION": "eu-west-1"}, "services", "--service", named, "--json")
        assert [row["clusterName"] for row in json.loads(done.stdout)] == ["second"], done.stderr
        assert {each.region for each in stub.signed} == {"us-east-1"}
    done = ls(
        env, "services", "--cluster", f"{ARN.replace('111122223333', '9' * 12)}:cluster/first"
    )
    assert (done.returncode, "The target is in account 999999999999" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("instances", "--service", "web"), "belong to a cluster"),
        (("services", "--json", "--output", "csv"), "contradict each other"),
        (("services", "--output", "xml"), "'xml' is not one of"),
        (("services", "--cluster", "a b"), "'a b' cannot be the name of a cluster"),
        (("services", "--service", f"{ARN}:cluster/x"), "is not a service"),
        (("pods",), "'pods' is not one of"),
    ],
)
def test_wrong_usage_is_a_sentence(env: dict[str, str], argv: tuple[str, ...], said: str) -> None:
    done = ls(env, *argv)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr and "Traceback" not in done.stderr


def test_a_cluster_that_is_not_there(clusters: StubClusters, env: dict[str, str]) -> None:
    clusters.add("prod")
    done = ls(env, "clusters", "--cluster", "nowhere")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith('ecs-tui: Cluster "nowhere" not found in us-east-1.')


def test_container_instances(stub: StubAws, clusters: StubClusters, env: dict[str, str]) -> None:
    clusters.add("prod")
    instance = {
        "containerInstanceArn": f"{ARN}:container-instance/{'c' * 32}", "ec2InstanceId": "i-1",
        "status": "DRAINING", "agentConnected": False, "runningTasksCount": 3,
        "versionInfo": {"agentVersion": "1.89.2"},
        "registeredResources": [{"name": "CPU", "integerValue": 2048},
                                {"name": "MEMORY", "integerValue": 3900}],
        "remainingResources": [{"name": "CPU", "integerValue": 512},
                               {"name": "MEMORY", "integerValue": 100}],
        "attributes": [{"name": "ecs.instance-type", "value": "m5.large"},
                       {"name": "ecs.availability-zone", "value": "us-east-1a"}],
    }  # fmt: skip
    stub.answers["ecs:DescribeContainerInstances"] = {"containerInstances": [instance]}
    heads, row = cells(ls(env, "instances").stdout)
    assert dict(zip(heads, row, strict=True)) == {
        "CLUSTER": "prod", "INSTANCE": "i-1", "STATUS": "DRAINING", "AGENT": "1.89.2 disconnected",
        "RUNNING": "3", "TYPE": "m5.large", "ZONE": "us-east-1a", "CPU_FREE": "512/2048",
        "MIB_FREE": "100/3900",
    }  # fmt: skip
    (told,) = json.loads(ls(env, "instances", "--json").stdout)
    assert told["clusterArn"] == f"{ARN}:cluster/prod"
    for member in ("registeredResources", "remainingResources", "attributes"):
        assert told[member] == instance[member]


# -- rows while pages arrive


@pytest.mark.exhaustive
@pytest.mark.parametrize("form", sample(["table", "json", "jsonl", "csv"], 2))
def test_the_first_rows_are_there_before_the_last_page_was_asked_for(
    stub: StubAws, clusters: StubClusters, env: dict[str, str], form: str
) -> None:
    fill(clusters.add("prod"), MANY)
    go_on = threading.Event()
    pages = stub.answers["ecs:ListServices"]

    def held(body: str) -> Any:
        if f'"{MANY // 2}"' in body:  # the page in the middle is held back
            go_on.wait(limit(60))
        return pages(body)

    stub.answers["ecs:ListServices"] = held
    argv = [sys.executable, "-m", "ecs_tui", "ls", "services", "--output", form]
    with subprocess.Popen(argv, env=env, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        try:
            seen = b""
            while b"service-0999" not in seen:
                seen += child.stdout.read1()
            assert stub.calls["ecs:ListServices"] <= MANY // 200 + 1
            assert b"service-1000" not in seen
        finally:
            go_on.set()
        rest = child.stdout.read()
    text = (seen + rest).decode()
    assert child.returncode == 0
    names = {"table": re.findall(r"service-\d{4}\b", text)}
    if form == "json":
        names["json"] = [row["serviceName"] for row in json.loads(text)]
    if form == "jsonl":
        names["jsonl"] = [json.loads(line)["serviceName"] for line in text.splitlines()]
    if form == "csv":
        names["csv"] = [row["serviceName"] for row in csv.DictReader(io.StringIO(text))]
    assert names[form] == [f"service-{number:04}" for number in range(MANY)]
    assert stub.calls["ecs:ListServices"] == MANY // 100


def test_json_that_ends_early_is_still_a_list(
    stub: StubAws, clusters: StubClusters, env: dict[str, str]
) -> None:
    fill(clusters.add("prod"), 250)
    others = [clusters.add(f"last-{number}") for number in range(2 * MAX_CLUSTERS)]
    for each in others:
        each.service("web")
    pages = stub.answers["ecs:ListServices"]
    stub.answers["ecs:ListServices"] = lambda body: (
        error_reply("ecs:ListServices", "ExpiredTokenException", "The token has expired.")
        if '"200"' in body
        else pages(body)
    )
    done = ls(env, "services", "--json")
    assert len(json.loads(done.stdout)) == 200
    assert (done.returncode, done.stderr.count("\n")) == (3, 1)
    assert "have expired" in done.stderr
    most = 3 + MAX_CLUSTERS - 1
    assert stub.calls["ecs:ListServices"] <= most, "with these keys no more clusters need be asked"


def test_json_of_nothing_is_a_list(stub: StubAws, env: dict[str, str]) -> None:
    stub.answers["ecs:ListClusters"] = {"clusterArns": []}
    done = ls(env, "tasks", "--json")
    assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")
    stub.faults["ecs:ListClusters"] = FAULTS["scp"]
    done = ls(env, "tasks", "--json")
    assert (done.returncode, done.stdout) == (3, "[]\n")


def test_a_reader_that_goes_ends_the_questions(
    stub: StubAws, clusters: StubClusters, env: dict[str, str]
) -> None:
    fill(clusters.add("prod"), MANY)
    line = f"{sys.executable} -m ecs_tui ls services | head -1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", line], env=env, capture_output=True, text=True, check=False,
        timeout=limit(60),
    )  # fmt: skip
    assert (done.returncode, done.stderr, done.stdout.split()[0]) == (141, "", "CLUSTER")
    assert stub.calls["ecs:ListServices"] < MANY // 100


# -- tables

KINDS = ("clusters", "services", "tasks", "containers")
TABLES = list(itertools.product(KINDS, (40, 60, 80, 100, 132, 240)))


@pytest.mark.asyncio
@pytest.mark.exhaustive
@pytest.mark.parametrize(("kind", "width"), sample(TABLES, 8))
async def test_a_table_fits_the_terminal(
    clusters: StubClusters, env: dict[str, str], width: int, kind: str
) -> None:
    prod = clusters.add("a-cluster-with-a-long-name-in-it")
    for number in range(3):
        name = f"{LONG}-{number}"
        prod.service(name, taskDefinition=f"{ARN}:task-definition/{LONG}:{number}")
        prod.task(f"{number}" * 32, name, taskDefinitionArn=f"{ARN}:task-definition/{LONG}:7")
    outer = ProgramTerminal({**env, "TERM": "xterm"}, "ls", kind, size=(width, 30))
    await outer.ends()
    outer.pty.close()
    lines = outer.raw.decode().replace("\r\n", "\n").splitlines()
    assert outer.status == 0
    assert len(lines) == (2 if kind == "clusters" else 4)
    assert max(map(len, lines)) <= width
    assert lines[0].startswith("CL")
    if kind == "services":
        shown = [line.split()[1] for line in lines[1:]]
        head = LONG[:3] if width >= 60 else ""
        for number, name in enumerate(shown):
            assert name.startswith(head), lines
            assert name == f"{LONG}-{number}" or ("…" in name and name.endswith(str(number))), lines
        assert len(set(shown)) == 3, "the ends of names tell them apart"


def test_into_a_pipe_nothing_is_shortened(clusters: StubClusters, env: dict[str, str]) -> None:
    prod = clusters.add("prod")
    for number in range(150):
        prod.service(f"s{number}")
    prod.service(f"{LONG}-{'x' * 150}")
    done = ls({**env, "COLUMNS": "40"}, "services")
    rows = cells(done.stdout)
    assert rows[0] == [
        "CLUSTER", "SERVICE", "STATUS", "DESIRED", "RUNNING", "PENDING", "TASK_DEFINITION",
        "LAUNCH", "EXEC", "DEPLOYMENT",
    ]  # fmt: skip
    assert {len(row) for row in rows} == {len(rows[0])}
    assert rows[-1][1] == f"{LONG}-{'x' * 150}"
    assert rows[1] == ["prod", "s0", "ACTIVE", "2", "2", "0", "web:7", "FARGATE", "on", "steady"]


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("abcdefgh", 8, "abcdefgh"), ("abcdefgh", 7, "abc…fgh"), ("abcdefgh", 6, "abc…gh"),
        ("abcdefgh", 4, "ab…h"), ("abcdefgh", 2, "a…"), ("abcdefgh", 1, "…"), ("", 0, ""),
    ],
)  # fmt: skip
def test_what_is_too_long_loses_its_middle(text: str, width: int, shown: str) -> None:
    assert shorten(text, width) == shown


def test_a_later_page_widens_its_columns_while_there_is_room(
    capsys: pytest.CaptureFixture[str],
) -> None:
    columns = [
        TableColumn("NAME", lambda row: row["a"], shrinks=True),
        TableColumn("STATUS", lambda row: row["b"]),
    ]
    table = TableWriter(columns, 30)
    table.page([{"a": "x", "b": "ACTIVE"}])
    table.page([{"a": "y" * 12, "b": "DEPROVISIONING"}])
    table.page([{"a": "z" * 40, "b": "ACTIVE"}])
    table.end(whole=True)
    assert capsys.readouterr().out.splitlines() == [
        "NAME  STATUS",
        "x     ACTIVE",
        "yyyyyyyyyyyy  DEPROVISIONING",
        "zzzzzzz…zzzzzz  ACTIVE",
    ]


def test_blanks_within_a_cell_do_not_part_columns(capsys: pytest.CaptureFixture[str]) -> None:
    table = TableWriter([TableColumn("REASON", lambda row: row["a"])])
    table.page([{"a": "  out of   memory "}, {"a": "  "}])
    assert capsys.readouterr().out.splitlines() == ["REASON", "out of memory", "-"]


# -- JSON and CSV


def test_a_cell_is_no_formula_of_a_spreadsheet(clusters: StubClusters, env: dict[str, str]) -> None:
    prod = clusters.add("prod")
    reasons = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", 'say "so", please', "fine"]
    for number, reason in enumerate(reasons):
        prod.task(f"{number}" * 32, stoppedReason=reason)
    done = ls(env, "tasks", "--output", "csv")
    lines = done.stdout.split("\r\n")
    assert lines[-1] == "" and "\n" not in done.stdout.replace("\r\n", "")
    rows = list(csv.DictReader(io.StringIO(done.stdout, newline="")))
    assert [row["stoppedReason"] for row in rows] == [
        "'=1+1", "'+1", "'-1", "'@SUM(A1)", "'�x", "'�x", 'say "so", please', "fine",
    ]  # fmt: skip
    assert tuple(rows[0]) == KEYS["tasks"]
    assert rows[0]["enableExecuteCommand"] == "true" and rows[0]["stopCode"] == ""


def test_csv_of_nothing_has_its_header(stub: StubAws, env: dict[str, str]) -> None:
    stub.answers["ecs:ListClusters"] = {"clusterArns": []}
    assert ls(env, "services", "--output", "csv").stdout == ",".join(KEYS["services"]) + "\r\n"


def test_services_name_their_controller_and_task_sets(
    clusters: StubClusters, env: dict[str, str]
) -> None:
    task_set = {
        "id": "ecs-svc/1", "status": "PRIMARY", "stabilityStatus": "STABILIZING",
        "scale": {"value": 50.0, "unit": "PERCENT"}, "computedDesiredCount": 1, "runningCount": 2,
        "pendingCount": 3, "taskDefinition": f"{ARN}:task-definition/web:7", "externalId": "d-1",
        "launchType": "FARGATE", "startedBy": "CODE_DEPLOY",
    }  # fmt: skip
    clusters.add("prod").service(
        "web", deploymentController={"type": "CODE_DEPLOY"}, taskSets=[task_set], deployments=[]
    )
    (row,) = json.loads(ls(env, "services", "--json").stdout)
    assert row["deploymentController"] == {"type": "CODE_DEPLOY"}
    told = row["taskSets"][0]
    assert {key: told[key] for key in task_set} == task_set
    assert row["rolloutState"] is None
    raw = clusters.clusters["prod"].service("external", deploymentController={"type": "EXTERNAL"})
    del raw["taskDefinition"]
    told = json.loads(ls(env, "services", "--json").stdout)[1]
    assert (told["taskDefinition"], told["platformVersion"]) == (None, None)
    assert cells(ls(env, "services").stdout)[2][6] == "-"


SPOT = {"capacityProviderName": "FARGATE_SPOT", "launchType": "FARGATE"}


@pytest.mark.parametrize(
    ("task", "launch_type", "provider", "shown"),
    [
        (SPOT, "FARGATE", "FARGATE_SPOT", "FARGATE_SPOT"),
        ({"launchType": "EC2"}, "EC2", None, "EC2"),
        ({"launchType": "", "capacityProviderName": "spare"}, None, "spare", "spare"),
    ],
)
def test_how_a_task_was_launched(
    clusters: StubClusters, env: dict[str, str], task: dict[str, str], launch_type: str | None,
    provider: str | None, shown: str,
) -> None:  # fmt: skip
    clusters.add("prod").task("77", **task)
    (row,) = json.loads(ls(env, "tasks", "--json").stdout)
    assert (row["launchType"], row["capacityProviderName"]) == (launch_type, provider)
    heads, line = cells(ls(env, "tasks").stdout)
    assert line[heads.index("LAUNCH")] == shown


def test_a_capacity_provider_strategy_is_no_launch_type(
    clusters: StubClusters, env: dict[str, str]
) -> None:
    strategy = [{"capacityProvider": name, "weight": 1} for name in ("FARGATE", "FARGATE_SPOT")]
    clusters.add("prod").service("web", launchType="", capacityProviderStrategy=strategy)
    (row,) = json.loads(ls(env, "services", "--json").stdout)
    assert row["launchType"] is None
    assert row["capacityProviderStrategy"] == [
        {"capacityProvider": "FARGATE", "weight": 1, "base": 0},
        {"capacityProvider": "FARGATE_SPOT", "weight": 1, "base": 0},
    ]  # fmt: skip
    heads, line = cells(ls(env, "services").stdout)
    assert line[heads.index("LAUNCH")] == "FARGATE+FARGATE_SPOT"


MODEL = Path(botocore.__file__).parent / "data/ecs/2014-11-13/service-2.json.gz"
SHAPES = {
    "clusters": ("Cluster",),
    "services": ("Service", "Cluster", "Deployment"),
    "tasks": ("Task", "Service", "Cluster", "NetworkInterface"),
    "containers": ("Container", "Task", "Service", "Cluster"),
    "instances": ("ContainerInstance", "Cluster"),
}
"""By kind: the AWS structures whose member names its rows use, its own structure first."""


@pytest.fixture(scope="module")
def shapes() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gzip.decompress(MODEL.read_bytes()))["shapes"]
    return found


def unknown_members(row: Any, members: dict[str, Any], shapes: dict[str, Any]) -> list[str]:
    """Keys in `row` and in its values that AWS's structures do not have."""
    found = []
    for key, value in row.items():
        if key not in members:
            found.append(key)
            continue
        shape = shapes[members[key]["shape"]]
        for each in value if isinstance(value, list) else [value]:
            inner = shapes[shape["member"]["shape"]] if shape["type"] == "list" else shape
            if isinstance(each, dict):
                found += unknown_members(each, inner["members"], shapes)
    return found


@pytest.mark.parametrize("kind", SHAPES)
def test_the_keys_are_awss_own_or_documented_as_ours(
    stub: StubAws, clusters: StubClusters, env: dict[str, str], shapes: dict[str, Any], kind: str
) -> None:
    prod = clusters.add("prod")
    prod.service(
        "web", taskSets=[{"id": "1"}], capacityProviderStrategy=[{"capacityProvider": "x"}]
    )
    prod.task("77", "web")
    (row,) = json.loads(ls(env, kind, "--json").stdout)
    assert tuple(row) == KEYS[kind]
    members: dict[str, Any] = {}
    for name in SHAPES[kind]:
        members = {**shapes[name]["members"], **members}
    ours = {key: value for key, value in row.items() if key in OURS}
    assert unknown_members({k: v for k, v in row.items() if k not in ours}, members, shapes) == []
    assert not set(ours) & set(shapes[SHAPES[kind][0]]["members"]), "AWS has that name"


def test_our_own_keys_are_explained() -> None:
    text = Path("docs/command-line.md").read_text("utf-8")
    used = {key for keys in KEYS.values() for key in keys}
    assert used >= OURS
    for key in OURS:
        assert f"`{key}`" in text, key


def test_the_launch_types_are_awss(shapes: dict[str, Any]) -> None:
    assert set(LAUNCH_TYPES) == set(shapes["LaunchType"]["enum"])
