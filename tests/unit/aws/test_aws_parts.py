"""How clients are set up, and what is logged about unexpected errors."""

from __future__ import annotations

import asyncio

import pytest

from ecs_tui.aws.account import Account, Credentials
from ecs_tui.aws.api import ecs
from ecs_tui.errors import NoRegion, ResourceGone
from ecs_tui.system import crash
from tests.support.demo import Demo

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize(("timeout_seconds", "connect"), [(30.0, 5.0), (5.0, 5.0), (2.0, 2.0)])
async def test_a_connection_is_given_up_sooner_than_an_answer(
    timeout_seconds: float, connect: float
) -> None:
    account = Account(
        None,
        "eu-west-1",
        "http://127.0.0.1:1",
        timeout_seconds=timeout_seconds,
        credentials=Credentials("a", "b"),
    )
    client = await account.client("ecs")
    config = client.meta.config
    assert (config.connect_timeout, config.read_timeout) == (connect, timeout_seconds)
    assert (client.meta.region_name, client.meta.endpoint_url) == (
        "eu-west-1",
        "http://127.0.0.1:1",
    )
    assert await account.client("ecs") is client
    await account.close()


async def test_without_a_region_no_client_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    account = Account(credentials=Credentials("a", "b"))
    with pytest.raises(NoRegion, match="No AWS region is configured"):
        await account.client("ecs")
    await account.close()


async def test_a_client_also_works_outside_of_the_accounts_own_calls(demo: Demo) -> None:
    """botocore makes some calls by itself, to get credentials."""
    account = demo.account()
    client = await account.client("ecs")
    answer = await client.list_clusters()
    assert len(answer["clusterArns"]) == 4
    await account.close()


async def test_calls_wait_while_the_account_is_held(demo: Demo) -> None:
    account = demo.account()
    account.hold()
    clients = [asyncio.create_task(account.client(name)) for name in ("ecs", "sts")]
    await asyncio.wait(clients, timeout=0.05)
    assert not any(each.done() for each in clients)
    account.release()
    assert len(await asyncio.gather(*clients)) == 2
    await account.close()


async def test_a_crash_file_holds_no_control_character_and_one_mark_for_each() -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - it is raised here
        raise ValueError("a\x1b[2Jb\u202ec")
    text = crash.traceback_text(caught.value)
    assert crash.summary(caught.value) == "ValueError: a�[2Jb�c"
    assert text.endswith("ValueError: a�[2Jb�c\n")
    assert text.startswith("Traceback (most recent call last):\n")
    assert all(char.isprintable() or char == "\n" for char in text)


async def test_a_raw_description_is_of_the_thing_that_was_asked_for(demo: Demo) -> None:
    account = demo.account()
    (task,) = [page[0] async for page in ecs.list_tasks(account, "prod", "web")][:1]
    (instance,) = [page[0] async for page in ecs.list_instances(account, "batch")][:1]
    for kind, cluster, name, member, value in (
        ("cluster", "prod", "prod", "clusterName", "prod"),
        ("service", "prod", "web", "serviceName", "web"),
        ("task", "prod", task, "taskArn", task),
        ("instance", "batch", instance, "containerInstanceArn", instance),
        ("task-definition", "prod", "web", "family", "web"),
    ):
        raw = await ecs.raw_description(account, kind, cluster, name)
        assert raw[member] == value, kind
    for kind, name in (("cluster", "none"), ("service", "none"), ("task", task[:-4] + "0000")):
        with pytest.raises(ResourceGone, match=f"{kind.capitalize()} .* no longer exists"):
            await ecs.raw_description(account, kind, "prod", name)
    await account.close()
