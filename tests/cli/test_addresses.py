"""`ecs-tui ARN`: the dashboard opens at the thing, in its region, with a profile of its account."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from ecs_tui.aws.profile_accounts import account_of, profile_accounts
from ecs_tui.cli.address import find_start
from ecs_tui.cli.subcommand import Invocation
from ecs_tui.config.settings import Settings
from ecs_tui.errors import AccessDenied, EcsTuiError, NotFound, WrongUsage
from ecs_tui.model.pasted import recognise
from ecs_tui.resources import Place
from ecs_tui.ui.start import StartPlace
from tests.support.aws_files import only_config
from tests.support.command import run_command
from tests.support.demo import Demo
from tests.support.program_terminal import ProgramTerminal
from tests.support.stub_aws import ARN, DEFINITION, FAULTS, INSTANCE, StubAws
from tests.support.stub_clusters import StubClusters

ID = "77".ljust(32, "0")
OLD_ID = "1a2b3c4d-1a2b-3c4d-5e6f-1a2b3c4d5e6f"
TASK = f"{ARN}:task/prod/{ID}"
CONSOLE = "https://us-east-1.console.aws.amazon.com/ecs/v2/clusters"
INSTANCE_ID = "c" * 32
OURS, OTHER = "111122223333", "999999999999"
ALARM_ARN = f"arn:aws:cloudwatch:us-east-1:{OURS}:alarm:web"
KEPT = "ECS keeps stopped tasks for about an hour."


@pytest.fixture
def keys(stub: StubAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The keys are in the environment; there are no profiles."""
    only_config(tmp_path / "none", monkeypatch)
    for name, value in stub.environment().items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def prod(clusters: StubClusters) -> StubClusters:
    made = clusters.add("prod")
    made.service("web")
    made.service("old", serviceArn=f"{ARN}:service/old")
    made.task("77", "web")
    made.tasks[f"{ARN}:task/{OLD_ID}"] = {
        **made.task("66", "old"),
        "taskArn": f"{ARN}:task/{OLD_ID}",
    }
    return clusters


async def start_of(
    address: str, settings: Settings | None = None, profile: str | None = None
) -> tuple[str | None, StartPlace]:
    reference = recognise(address)
    assert reference is not None
    return await find_start(Invocation(settings or Settings(), profile=profile), reference)


@pytest.mark.asyncio
@pytest.mark.usefixtures("keys", "prod")
@pytest.mark.parametrize(
    ("address", "place", "select", "calls"),
    [
        (f"{ARN}:cluster/prod", Place("services", cluster="prod"), "", 0),
        (f"{CONSOLE}/prod/services", Place("services", cluster="prod"), "", 0),
        (f"{ARN}:service/prod/web", Place("tasks", cluster="prod", service="web"), "", 0),
        (f"{CONSOLE}/prod/services/web/health", Place("tasks", cluster="prod", service="web"), "", 0),
        (f"{ARN}:service/old", Place("tasks", cluster="prod", service="old"), "", 2),
        (TASK, Place("containers", cluster="prod", service="web", task_arn=TASK), "", 1),
        (f"{CONSOLE}/prod/tasks/{ID}/configuration",
         Place("containers", cluster="prod", service="web", task_arn=TASK), "", 1),
        (f"{ARN}:container/prod/{ID}/app",
         Place("containers", cluster="prod", service="web", task_arn=TASK), f"{TASK}/app", 1),
        (f"{CONSOLE}/prod/tasks/{ID}/configuration/containers/app",
         Place("containers", cluster="prod", service="web", task_arn=TASK), f"{TASK}/app", 1),
        (f"{ARN}:task/{OLD_ID}",
         Place("containers", cluster="prod", service="old", task_arn=f"{ARN}:task/{OLD_ID}"), "", 2),
        (INSTANCE, Place("instances", cluster="stub"), INSTANCE, 1),
        (f"{CONSOLE}/stub/infrastructure/container-instances/{INSTANCE_ID}",
         Place("instances", cluster="stub"), INSTANCE, 1),
        (f"{ARN}:container-instance/{INSTANCE_ID}", Place("instances", cluster="prod"), INSTANCE, 2),
        (ID, Place("containers", cluster="prod", service="web", task_arn=TASK), "", 2),
        ("770000", Place("containers", cluster="prod", service="web", task_arn=TASK), "", 3),
        (f"ALARM web: {ALARM_ARN}\n[ServiceName = web] [ClusterName = prod]",
         Place("tasks", cluster="prod", service="web"), "", 0),
        (f"{CONSOLE}/prod/infrastructure", Place("instances", cluster="prod"), "", 0),
        (f"{CONSOLE}/prod/services/web/events",
         Place("events", cluster="prod", service="web"), "", 0),
        (f"{ARN}:capacity-provider/prod/managed",
         Place("capacity-providers", cluster="prod"), "managed", 0),
        (f"{ARN}:daemon/prod/agent", Place("daemons", cluster="prod"), f"{ARN}:daemon/prod/agent", 0),
    ],
)  # fmt: skip
async def test_an_address_leads_to_its_place(
    stub: StubAws, address: str, place: Place, select: str, calls: int
) -> None:
    assert await start_of(f" {address}\n") == (None, StartPlace(place, select))
    asked = {name: count for name, count in stub.calls.items() if name.startswith("ecs:")}
    assert sum(asked.values()) == calls, asked
    assert {each.region for each in stub.signed} <= {"us-east-1"}


@pytest.mark.asyncio
@pytest.mark.usefixtures("keys", "prod")
@pytest.mark.parametrize(
    ("address", "said"),
    [
        (f"{ARN}:task/prod/{'f' * 32}", f"Task {'f' * 32} not found in cluster prod. {KEPT}"),
        (f"{ARN}:task/{OLD_ID.replace('1', '2')}",
         f"Task {OLD_ID.replace('1', '2')} not found in 1 cluster. {KEPT}"),
        ("f" * 32, f"Task {'f' * 32} not found in 1 cluster. {KEPT}"),
        ("fffffff", f"Task fffffff not found in 1 cluster. {KEPT}"),
        (INSTANCE, f"Container instance {INSTANCE_ID} not found in cluster stub."),
        (f"{ARN}:container-instance/{INSTANCE_ID}",
         f"Container instance {INSTANCE_ID} not found in 1 cluster."),
        (f"{ARN}:container/prod/{ID}/nope", "Task 770000000000 has no container nope. Containers: app"),
        (f"{ARN}:capacity-provider/spot", "No cluster uses capacity provider spot."),
        (f"arn:aws:elasticloadbalancing:us-east-1:{OURS}:targetgroup/web/0123456789abcdef",
         "No loaded service or cluster uses target group web."),
        (f"arn:aws:logs:us-east-1:{OURS}:log-group:/ecs/web:*",
         "No loaded service or cluster uses log group /ecs/web."),
    ],
)  # fmt: skip
async def test_what_is_not_there(stub: StubAws, address: str, said: str) -> None:
    stub.answers["ecs:DescribeContainerInstances"] = {"containerInstances": [], "failures": []}
    with pytest.raises(NotFound) as refused:
        await start_of(address)
    assert str(refused.value).startswith(said)


@pytest.mark.asyncio
@pytest.mark.usefixtures("keys", "prod")
async def test_a_denied_cluster_may_have_the_instance(stub: StubAws) -> None:
    stub.faults["ecs:DescribeContainerInstances"] = FAULTS["scp"]
    with pytest.raises(AccessDenied):
        await start_of(f"{ARN}:container-instance/{INSTANCE_ID}")


@pytest.mark.asyncio
@pytest.mark.usefixtures("keys")
async def test_a_beginning_of_several_task_ids_names_them(prod: StubClusters) -> None:
    prod.clusters["prod"].task("77" + "1" * 30, "web")
    prod.clusters["prod"].task("77000011", "web")
    with pytest.raises(NotFound) as refused:
        await start_of("770000")
    assert str(refused.value) == (
        "2 task IDs in prod start with 770000: 770000000000…, 770000110000…. Use a longer prefix."
    )


@pytest.mark.asyncio
@pytest.mark.usefixtures("keys")
async def test_a_task_is_found_in_the_last_of_many_clusters(
    stub: StubAws, clusters: StubClusters
) -> None:
    for number in range(20):
        clusters.add(f"c{number:02}")
    clusters.clusters["c01"].denied.add("DescribeTasks")
    task = clusters.clusters["c19"].task("77", "web")
    _, start = await start_of(ID)
    assert start.place == Place(
        "containers", cluster="c19", service="web", task_arn=task["taskArn"]
    )
    assert stub.calls["ecs:DescribeTasks"] == 20
    del clusters.clusters["c19"].tasks[task["taskArn"]]
    with pytest.raises(AccessDenied):
        await start_of(ID)


@pytest.mark.asyncio
@pytest.mark.usefixtures("keys", "prod")
@pytest.mark.parametrize("address", [DEFINITION, "task family: TaskDefinitionFamily=web"])
async def test_a_task_definition_is_shown_at_the_first_place(stub: StubAws, address: str) -> None:
    _, start = await start_of(address)
    assert start == StartPlace(None, definition=DEFINITION if address == DEFINITION else "web")
    assert not [name for name in stub.calls if name.startswith("ecs:")]


# -- whose account it is


@pytest.mark.parametrize(
    ("profile", "account"),
    [
        ({"sso_account_id": OURS}, OURS),
        ({"role_arn": f"arn:aws:iam::{OTHER}:role/x", "sso_account_id": OURS}, OTHER),
        ({"role_arn": f"arn:aws-us-gov:iam::{OTHER}:role/x"}, OTHER),
        ({"region": "eu-west-1"}, ""),
        ({"role_arn": "nonsense"}, ""),
    ],
)
def test_the_account_in_a_profile(profile: dict[str, str], account: str) -> None:
    assert account_of(profile) == account


CONFIG = f"""
[profile dev]
sso_account_id = {OTHER}
[profile other-dev]
role_arn = arn:aws:iam::{OTHER}:role/ops
source_profile = dev
[profile ops]
role_arn = arn:aws:iam::{OURS}:role/ops
source_profile = dev
[profile plain]
region = us-east-1
"""
SECOND = f"[profile read]\nsso_account_id = {OURS}\n"


def write(path: Path, text: str) -> None:
    path.write_text(text)


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration with profiles of two accounts; the profile in use is `dev`."""
    path = tmp_path / "config"
    write(path, CONFIG)
    only_config(path, monkeypatch)
    monkeypatch.setenv("AWS_PROFILE", "dev")
    return path


@pytest.mark.asyncio
async def test_the_accounts_of_profiles(config: Path) -> None:
    assert await profile_accounts() == {"dev": OTHER, "other-dev": OTHER, "ops": OURS}
    write(config, "[broken")
    with pytest.raises(EcsTuiError):
        await profile_accounts()


@pytest.mark.asyncio
async def test_the_only_profile_of_the_account_is_used_without_a_call(
    stub: StubAws, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = StartPlace(Place("services", cluster="prod"))
    assert await start_of(f"{ARN}:cluster/prod") == ("ops", place)
    monkeypatch.setenv("AWS_PROFILE", "ops")
    assert await start_of(f"{ARN}:cluster/prod") == (None, place)
    assert await start_of(f"{CONSOLE}/prod/services") == (None, place), "a URL names no account"
    assert not stub.calls


OF_OTHER = (
    f"The target is in account {OURS}, but the profile in use (dev) belongs to account {OTHER}. "
    "Select another with --profile: "
)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("more", "settings", "profile", "said"),
    [
        (SECOND, Settings(), None, f"{OF_OTHER}ops, read."),
        ("", Settings.of(profile="dev"), "dev", f"{OF_OTHER}ops."),
        ("".join(SECOND.replace("read", f"p{n}") for n in range(6)), Settings(), None,
         f"{OF_OTHER}ops, p0, p1, p2, p3 and 2 more."),
    ],
)  # fmt: skip
async def test_it_is_said_which_profiles_there_are(
    config: Path, more: str, settings: Settings, profile: str | None, said: str
) -> None:
    write(config, CONFIG + more)
    with pytest.raises(WrongUsage) as refused:
        await start_of(f"{ARN}:cluster/prod", settings, profile)
    assert str(refused.value) == said


@pytest.mark.asyncio
@pytest.mark.usefixtures("keys")
async def test_keys_of_another_account_are_told_by_sts(stub: StubAws, tmp_path: Path) -> None:
    address = f"{ARN.replace(OURS, OTHER)}:cluster/prod"
    with pytest.raises(WrongUsage) as refused:
        await start_of(address)
    assert str(refused.value) == (
        f"The target is in account {OTHER}, but the profile in use (environment keys) belongs to "
        f"account {OURS}. Select another with --profile."
    )
    assert dict(stub.calls) == {"sts:GetCallerIdentity": 1}
    write(tmp_path / "none", f"[profile dev]\nsso_account_id = {OTHER}\n")
    assert (await start_of(address))[0] == "dev", "a profile fits"
    stub.faults["sts:GetCallerIdentity"] = FAULTS["scp"]
    assert (await start_of(address))[0] is None, "then other calls say what is wrong"


# -- the places on the way


CLUSTERS, SERVICES = Place(), Place("services", cluster="prod")
TASKS = Place("tasks", cluster="prod", service="web")


@pytest.mark.parametrize(
    ("place", "places"),
    [
        (None, [CLUSTERS]),
        (SERVICES, [CLUSTERS, SERVICES]),
        (TASKS, [CLUSTERS, SERVICES, TASKS]),
        (Place("instances", cluster="prod"), [CLUSTERS, SERVICES, Place("instances", cluster="prod")]),
        (Place("containers", "prod", "web", TASK),
         [CLUSTERS, SERVICES, TASKS, Place("containers", "prod", "web", TASK)]),
        (Place("containers", "prod", "", TASK), [CLUSTERS, SERVICES, Place("containers", "prod", "", TASK)]),
    ],
)  # fmt: skip
def test_the_lists_that_lead_back(place: Place | None, places: list[Place]) -> None:
    assert StartPlace(place).places(several=False) == places
    assert StartPlace(place).places(several=True) == [Place("accounts"), *places[1:]]


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        (Settings(), None),
        (Settings.of(cluster="prod"), SERVICES),
        (Settings.of(cluster=f"{ARN}:cluster/prod", service=f"{ARN}:service/prod/web"), TASKS),
        (Settings.of(service="web"), None),
        (Settings.of(cluster="prod", accounts=("a@eu-west-1",)), None),
    ],
)
def test_the_place_of_the_settings(settings: Settings, place: Place | None) -> None:
    assert StartPlace.of(settings) == StartPlace(place)


# -- the program


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("arn:aws:s3:::bucket",), "is not a complete ECS ARN"),
        (("https://example.com/",), "is not an AWS console URL"),
        (("dashboard", "prod"), "'prod' contains no ARN, console URL or task ID."),
        (("prod",), "No such command 'prod'."),
        (("ALARM: nothing of ECS",), "No such command"),
        ((ID,), "the dashboard needs a terminal"),
        ((f"ALARM\n{ARN}:service/prod/web\n",), "the dashboard needs a terminal"),
        ((f"{ARN}:cluster/prod",), "the dashboard needs a terminal"),
        ((f"{ARN}:cluster/prod", "more"), "unexpected extra argument"),
    ],
)
def test_without_a_terminal_or_with_another_address(
    stub: StubAws, argv: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **stub.environment()}
    done = run_command(env, *argv)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr and "Traceback" not in done.stderr
    assert not stub.calls


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ((f"{ARN}:cluster/prod",), f"The target is in account {OURS}"),
        (("--region", "eu-west-1", "arn:aws:ecs:us-east-1:123456789012:cluster/prod"),
         "--region is eu-west-1, but the target is in us-east-1. Leave --region out."),
        (("arn:aws:ecs:us-east-1:123456789012:task/prod/" + "f" * 32,), "not found in cluster prod"),
    ],
)  # fmt: skip
async def test_what_cannot_be_opened_is_said_in_the_shell(
    demo: Demo, tmp_path: Path, argv: tuple[str, ...], said: str
) -> None:
    outer = ProgramTerminal({**demo.environment, "HOME": str(tmp_path)}, *argv, size=(200, 10))
    try:
        assert await outer.ends() in (1, 2)
        assert said in outer.screen
        assert b"\x1b[?1049h" not in outer.raw, "the dashboard was not opened"
    finally:
        outer.close()


@pytest.mark.asyncio
async def test_the_dashboard_opens_there_and_leads_back(demo: Demo, tmp_path: Path) -> None:
    env = {**os.environ, **demo.environment, "HOME": str(tmp_path), "AWS_REGION": "eu-west-1"}
    env |= {"AWS_DEFAULT_REGION": "eu-west-1"}
    listed = run_command(
        {**os.environ, **demo.environment}, "ls", "tasks", "prod", "--service", "web", "--json"
    )
    task = json.loads(listed.stdout)[0]["taskArn"]
    outer = ProgramTerminal(env, task, size=(120, 30))
    try:
        await outer.shows("prod › web", "envoy", "CONTAINER")
        assert "us-east-1" in outer.screen
        outer.keys("\x1b")
        await outer.shows("prod › web", "AGENTS")
        outer.keys("\x1b")
        await outer.shows("checkout", "payments")
        outer.keys("q")
        assert await outer.ends() == 0
    finally:
        outer.close()


@pytest.mark.asyncio
async def test_an_alarm_as_an_argument_and_a_paste_on_a_terminal(
    demo: Demo, tmp_path: Path
) -> None:
    env = {**os.environ, **demo.environment, "HOME": str(tmp_path)}
    alarm = (
        "ALARM: cpu\n- Dimensions: [ServiceName = web] [ClusterName = prod]\n- Region: us-east-1\n"
    )
    outer = ProgramTerminal(env, alarm, size=(120, 30))
    try:
        await outer.shows("prod › web", "AGENTS")
        page = "https://us-east-1.console.aws.amazon.com/ecs/v2/clusters/staging/services"
        # In one write, as by a terminal that sends the key and the paste together.
        outer.keys(f":\x1b[200~see\r\n{page}\r\n\x1b[201~")
        await outer.shows("▸ cluster staging in us-east-1")
        outer.keys("\r")
        await outer.shows("staging › services", "checkout")
        outer.keys("q")
        assert await outer.ends() == 0
    finally:
        outer.close()
