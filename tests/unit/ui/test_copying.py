"""What the key c offers to copy, for a row of every list."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ecs_tui.aws.account import Account, Credentials
from ecs_tui.resources.accounts import AccountClusterRow
from ecs_tui.resources.clusters import ClusterRow
from ecs_tui.store.inventory import Inventory
from ecs_tui.ui.copying import copyable
from tests.support.list_rows import (
    CLUSTER,
    CLUSTER_ARN,
    CONTAINER,
    INSTANCE,
    SERVICE,
    TASK,
    container_row,
    service_row,
)

HERE = " --region eu-west-1 --profile work"
CONSOLE = "https://eu-west-1.console.aws.amazon.com/ecs/v2"
THERE = "?region=eu-west-1"
DEFINITION = f"{CONSOLE}/task-definitions/web/7/containers{THERE}"


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Account:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    return Account("work", "eu-west-1")


def offered(row: object, account: Account) -> dict[str, str]:
    return {item.name: item.text for item in copyable(row, account)}


def test_a_cluster_also_in_the_list_of_several_accounts(account: Account) -> None:
    row = ClusterRow(CLUSTER, 1, 1)
    expected = {
        "ARN": CLUSTER_ARN,
        "name": "prod",
        "console link": f"{CONSOLE}/clusters/prod/services{THERE}",
        "command": f"aws ecs describe-clusters --clusters {CLUSTER_ARN}{HERE}",
    }
    assert offered(row, account) == expected
    inventory = Inventory(account)
    assert offered(AccountClusterRow("work@eu-west-1", row, inventory), account) == expected
    assert offered(AccountClusterRow("work@eu-west-1", None, inventory), account) == {}
    assert offered(None, account) == {}


def test_a_service_and_an_instance(account: Account) -> None:
    service = offered(service_row(SERVICE), account)
    words = f"describe-services --cluster {CLUSTER_ARN} --services arn"
    assert service == {
        "ARN": "arn",
        "name": "web",
        "console link": f"{CONSOLE}/clusters/prod/services/web/health{THERE}",
        "definition link": DEFINITION,
        "command": f"aws ecs {words}{HERE}",
    }
    instance = offered(INSTANCE, account)
    assert (instance["ARN"], instance["EC2 instance"]) == (INSTANCE.arn, "i-0abc")
    words = f"--cluster {CLUSTER_ARN} --container-instances {INSTANCE.id}"
    assert instance["command"] == f"aws ecs describe-container-instances {words}{HERE}"


def test_a_task_and_a_container_with_their_addresses(account: Account) -> None:
    command = f"aws ecs describe-tasks --cluster prod --tasks {TASK.id}{HERE}"
    shell = (
        f"aws ecs execute-command --cluster prod --task {TASK.id} --container {CONTAINER.name}"
        f" --interactive --command /bin/sh{HERE}"
    )
    assert offered(TASK, account) == {
        "ARN": TASK.arn, "id": TASK.id, "IP": "10.0.0.7",
        "console link": f"{CONSOLE}/clusters/prod/tasks/{TASK.id}/configuration{THERE}",
        "definition link": DEFINITION, "command": command, "exec command": shell,
    }  # fmt: skip
    for off in (replace(TASK, exec_enabled=False), replace(TASK, last_status="STOPPED")):
        assert "exec command" not in offered(off, account)
    windows = offered(replace(TASK, platform_family="WINDOWS_SERVER_2022_CORE"), account)
    assert "--command cmd.exe" in windows["exec command"]
    six = offered(replace(TASK, private_ip="", ipv6="2600::7"), account)
    assert (six["IPv6"], "IP" in six) == ("2600::7", False)
    container = replace(CONTAINER, arn="container-arn", addresses=("10.0.0.7", "2600::7"))
    found = offered(container_row(TASK, container), account)
    assert list(found) == [
        "ARN",
        "name",
        "task ARN",
        "IP",
        "IPv6",
        "runtime id",
        "image",
        "console link",
        "definition link",
        "command",
        "exec command",
    ]
    assert (found["ARN"], found["task ARN"]) == ("container-arn", TASK.arn)
    assert (found["IP"], found["IPv6"]) == ("10.0.0.7", "2600::7")
    assert (found["command"], found["exec command"]) == (command, shell)


def test_the_command_is_quoted_for_a_shell(account: Account) -> None:
    row = ClusterRow(replace(CLUSTER, arn="arn; rm -rf $HOME"), 0, 0)
    assert "--clusters 'arn; rm -rf $HOME' --region" in offered(row, account)["command"]


def test_the_demo_account_has_no_profile_but_an_endpoint() -> None:
    keys = Credentials("AKIA", "not-a-secret")
    account = Account(None, "us-east-1", "http://127.0.0.1:9", credentials=keys)
    command = offered(ClusterRow(CLUSTER, 0, 0), account)["command"]
    assert command.endswith("--region us-east-1 --endpoint-url http://127.0.0.1:9")
    assert "not-a-secret" not in command
