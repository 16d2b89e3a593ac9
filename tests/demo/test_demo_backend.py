"""Parts of the demo account in this process: permissions, keys, ids, events, faults of the link."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from ecs_tui.demo import seed
from ecs_tui.demo.agent import Agent, AgentSession
from ecs_tui.demo.ecs import demo_ecs_backends
from ecs_tui.demo.faulty_link import HEADER_BYTES, FaultyLink, LinkFaults
from ecs_tui.demo.gateway import Gateway
from ecs_tui.demo.iam import ALLOWED, EXPLICIT, IMPLICIT, decide, principal_of
from ecs_tui.demo.keys import issued_keys
from ecs_tui.demo.server import ACCOUNT, REGION, Served
from ecs_tui.demo.standalone import standalone_tasks
from ecs_tui.demo.state import MAX_EVENTS, IdGenerator, ServiceState, when
from ecs_tui.demo.views import task_view
from ecs_tui.session.channel.message import PayloadType, decode
from tests.support.limits import until

EXEC = "ecs:ExecuteCommand"
TASK = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/prod/1"


def role(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


@pytest.mark.parametrize(
    ("name", "tags", "decision"),
    [
        ("dev", {"environment": "staging"}, ALLOWED),
        ("dev", {"environment": "prod"}, IMPLICIT),
        ("dev", {}, IMPLICIT),
        ("auditor", {"environment": "staging"}, IMPLICIT),
        ("web-team", {"team": "web"}, ALLOWED),
        ("web-team", {"team": "other"}, IMPLICIT),
        ("admin", {}, ALLOWED),
        ("nobody", {}, IMPLICIT),
    ],
)
def test_who_may_exec_goes_by_the_tags(
    keys: tuple[str, str], name: str, tags: dict[str, str], decision: str
) -> None:
    context = {f"ecs:ResourceTag/{key}": [value] for key, value in tags.items()}
    found = decide(ACCOUNT, role(name), EXEC, TASK, context)
    assert found.decision == decision
    assert bool(found.matched) == (decision in (ALLOWED, EXPLICIT))


def test_a_key_is_known_by_its_id_and_its_owner(keys: tuple[str, str]) -> None:
    find = issued_keys(ACCOUNT, "portal")
    known = find(keys[0], "")
    assert known is not None and (known.secret, known.token) == (keys[1], "")
    assert (found := find(keys[0], "some")) is not None and found.token == "portal"
    assert find("AKIA0000000000000000", "") is None
    assert principal_of(ACCOUNT, keys[0]).endswith(f"user/{seed.USER}")
    assert principal_of(ACCOUNT, "AKIA0000000000000000") == ""


def test_tasks_without_a_service_are_there(keys: tuple[str, str]) -> None:
    tasks = demo_ecs_backends[ACCOUNT][REGION].tasks["prod"].values()
    groups = Counter(task.group for task in tasks if task.group.startswith("family:"))
    assert groups == {"family:orders": 3, "family:reports": 1}


def test_two_standalone_tasks_have_failed_and_two_run(keys: tuple[str, str]) -> None:
    backend = demo_ecs_backends[ACCOUNT][REGION]
    before = set(backend.tasks["prod"])
    with_network = next(task for task in backend.tasks["prod"].values() if task.attachments)
    details = {each["name"]: each["value"] for each in with_network.attachments[0]["details"]}
    network = {"subnets": [details["subnetId"]], "securityGroups": ["sg-1"]}
    standalone_tasks(backend, {"awsvpcConfiguration": network})
    made = [task for arn, task in backend.tasks["prod"].items() if arn not in before]
    states = {task.task_arn: backend.task_states[task.task_arn] for task in made}
    for arn in states:  # the account is that of all tests here
        del backend.tasks["prod"][arn], backend.task_states[arn]
    codes = Counter(state.stop_code for state in states.values())
    assert codes == {"EssentialContainerExited": 1, "TaskFailedToStart": 1, "": 2}
    assert Counter(task.started_by for task in made) == {
        "alice": 3,
        "events-rule/nightly-report": 1,
    }
    assert [state.exec_enabled for state in states.values()] == [True, True, True, False]


def test_a_task_is_described_as_of_a_time(keys: tuple[str, str]) -> None:
    backend = demo_ecs_backends[ACCOUNT][REGION]
    task = next(task for task in backend.tasks["prod"].values() if task.group == "family:reports")
    state = backend.task_states[task.task_arn]
    begun = state.lifecycle.created_at
    early, late = (task_view(task, state, {}, now) for now in (begun, begun + 100))
    assert (early["lastStatus"], late["lastStatus"]) == ("PROVISIONING", "RUNNING")
    assert "startedAt" not in early and late["startedAt"] == when(state.lifecycle.running_at)


def test_ids_are_the_same_on_every_start() -> None:
    first, second, other = IdGenerator(1), IdGenerator(1), IdGenerator(2)
    ids = [first.hex() for _ in range(3)]
    assert ids == [second.hex() for _ in range(3)] and len(set(ids)) == 3
    assert other.hex() not in ids
    assert all(0 <= first.number(7) < 7 for _ in range(50))


def test_events_are_the_newest_first_and_not_endless() -> None:
    state, ids = ServiceState((), True, 0.0), IdGenerator(1)
    for number in range(MAX_EVENTS + 5):
        state.say(ids, float(number), f"event {number}")
    assert len(state.events) == MAX_EVENTS
    assert state.events[0]["message"] == f"event {MAX_EVENTS + 4}"


def passed(faults: LinkFaults, count: int = 400) -> list[bytes]:
    """Send so many numbered messages; returns those that arrive."""
    arrived: list[bytes] = []
    direction = FaultyLink(faults).direction(arrived.append)
    for number in range(count):
        direction.send(bytes(HEADER_BYTES) + number.to_bytes(2, "big"))
    return arrived


def test_a_link_without_faults_passes_everything_in_order() -> None:
    whole = passed(LinkFaults())
    assert whole == sorted(set(whole)) and len(whole) == 400


@pytest.mark.parametrize(
    ("faults", "least", "most"),
    [
        (LinkFaults(drop=0.5), 120, 280),
        (LinkFaults(double=0.5), 500, 700),
        (LinkFaults(silent=True), 0, 0),
    ],
)
def test_messages_are_lost_or_doubled(faults: LinkFaults, least: int, most: int) -> None:
    assert least <= len(passed(faults)) <= most


def test_messages_are_swapped_or_damaged_but_for_their_header() -> None:
    whole = passed(LinkFaults())
    swapped = passed(LinkFaults(swap=0.3))
    assert swapped != whole and set(swapped) <= set(whole)
    damaged = passed(LinkFaults(damage=0.5))
    assert len(damaged) == 400 and damaged != whole
    assert all(each[:HEADER_BYTES] == bytes(HEADER_BYTES) for each in damaged)


def test_a_fault_with_another_name_is_an_error() -> None:
    link = FaultyLink()
    link.change({"drop": 1.0})
    assert link.faults.drop == 1.0
    with pytest.raises(TypeError):
        link.change({"dorp": 1.0})


def test_what_is_served_is_one_line_with_all_that_a_client_needs() -> None:
    served = Served("http://127.0.0.1:1", REGION, "AKIA", "secret", "token")
    line = json.loads(served.line())
    assert line["environment"]["AWS_ENDPOINT_URL"] == line["endpoint"] == served.endpoint
    assert line["environment"]["AWS_ACCESS_KEY_ID"] == "AKIA" and line["secret"] == "token"


@pytest.mark.parametrize(
    ("key", "asks"), [("", ["SessionType"]), ("alias/exec", ["KMSEncryption", "SessionType"])]
)
def test_the_agent_asks_for_encryption_first_if_the_cluster_has_a_key(
    tmp_path: Path, key: str, asks: list[str]
) -> None:
    session = AgentSession("s", "token", "1", "web/app", "/bin/sh", tmp_path, kms_key=key)
    agent = Agent(lambda blob, context: b"")
    agent._begin_handshake(session)
    request = decode(session.to_send.get_nowait())
    assert request.payload_type == PayloadType.HANDSHAKE_REQUEST
    actions = json.loads(request.payload)["RequestedClientActions"]
    assert [each["ActionType"] for each in actions] == asks
    agent._begin_handshake(session)  # a client that resumes gets what it has not acknowledged
    again = decode(session.to_send.get_nowait())
    assert (again.sequence, again.payload) == (request.sequence, request.payload)


@pytest.mark.asyncio
async def test_a_session_that_nobody_opened_is_not_resumed() -> None:
    gateway = Gateway(lambda blob, context: b"")
    gateway.start()
    try:
        assert gateway.resume("ecs-execute-command-1") == {}
        opened = gateway.open(
            task_id="1", label="web", command="", runtime_id="1-2", target="ecs:prod_1_1-2"
        )
        resumed = gateway.resume(opened["sessionId"])
        assert resumed["TokenValue"] != opened["tokenValue"]  # each token is used once
        assert resumed["StreamUrl"] == opened["streamUrl"]
        gateway.terminate(opened["sessionId"])
        await until(lambda: not gateway._sessions, "its end")
    finally:
        gateway.stop()
