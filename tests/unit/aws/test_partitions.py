"""GovCloud, China, isolated and European partitions: every ARN is in the resource's partition."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from ecs_tui.aws.account import Account, Credentials
from ecs_tui.doctor.facts import ClusterFact, Facts, TaskFact
from ecs_tui.model.arn import partition_of
from ecs_tui.model.cluster import Cluster, ExecConfiguration
from ecs_tui.model.permission import Grant, operator_policy, principal_arn, task_role_policy
from ecs_tui.model.task import Task
from ecs_tui.store.access import full_principal

PARTITIONS = [
    ("aws", "eu-west-1"),
    ("aws-us-gov", "us-gov-west-1"),
    ("aws-cn", "cn-north-1"),
    ("aws-iso", "us-iso-east-1"),
    ("aws-iso-b", "us-isob-east-1"),
    ("aws-iso-e", "eu-isoe-west-1"),
    ("aws-iso-f", "us-isof-south-1"),
    ("aws-eusc", "eusc-de-east-1"),
]
CONFIGURATION = ExecConfiguration(
    kms_key_id="alias/exec", logging="OVERRIDE", log_group="/exec", s3_bucket="exec-logs"
)


def arns_in(document: object) -> set[str]:
    return set(re.findall(r"arn:([a-z-]+):", json.dumps(document)))


@pytest.mark.parametrize(("partition", "region"), PARTITIONS)
def test_policies_and_principals_are_of_the_own_partition(partition: str, region: str) -> None:
    account = "111122223333"
    assert partition_of(f"arn:{partition}:ecs:{region}:{account}:cluster/c") == partition
    role = task_role_policy(CONFIGURATION, region, account, partition)
    assert arns_in(role) == {partition}
    assert f"arn:{partition}:s3:::exec-logs/*" in json.dumps(role)
    grant = Grant("team", "web", "prod", "app")
    assert arns_in(operator_policy(grant, region, account, partition, "alias/k")) == {partition}
    assert full_principal("dev", account, partition) == f"arn:{partition}:iam::{account}:role/dev"
    session = f"arn:{partition}:sts::{account}:assumed-role/dev/me"
    assert principal_arn(session) == f"arn:{partition}:iam::{account}:role/dev"


def test_the_doctor_asks_in_the_partition_of_the_task() -> None:
    arn = "arn:aws-cn:ecs:cn-north-1:111122223333:task/prod/" + "a" * 32
    cluster = Cluster(arn.replace("task/prod/" + "a" * 32, "cluster/prod"), "prod")
    facts = Facts("cn-north-1").add(
        TaskFact(Task(arn=arn, id="a" * 32, cluster_arn=cluster.arn)),
        ClusterFact(replace(cluster, exec_configuration=CONFIGURATION)),
    )
    assert facts.partition == "aws-cn"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("region", "some", "none"),
    [
        ("us-gov-west-1", {"us-gov-east-1", "us-gov-west-1"}, "us-east-1"),
        ("cn-north-1", {"cn-north-1", "cn-northwest-1"}, "eu-west-1"),
        ("eu-west-1", {"us-east-1", "ap-south-1"}, "cn-north-1"),
        # A region that botocore does not know yet.
        ("eu-west-99", {"us-east-1"}, "cn-north-1"),
    ],
)
async def test_the_regions_of_the_own_partition_are_offered(
    region: str, some: set[str], none: str
) -> None:
    account = Account(None, region, credentials=Credentials("A", "s"))
    found = await account.regions()
    assert some <= set(found)
    assert none not in found
    await account.close()
