"""Messages about resources that AWS does not know."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from ecs_tui import errors
from ecs_tui.aws.errors import translate


@pytest.mark.parametrize(
    ("code", "thing", "cluster", "region", "words"),
    [
        (
            "ClusterNotFoundException", "", "prod", "eu-west-1",
            'Cluster "prod" not found in eu-west-1 (ecs:X).',
        ),
        ("ClusterNotFoundException", "cluster/prod", "", "", 'Cluster "prod" not found (ecs:X).'),
        ("ClusterNotFoundException", "task/1", "", "", "ecs:X failed on task/1: said."),
        ("ServiceNotFoundException", "service/web", "prod", "", 'Service "web" not found (ecs:X).'),
        (
            "ServiceNotActiveException", "service/web", "prod", "eu-west-1",
            'Service "web" is not active in eu-west-1 (ecs:X).',
        ),
        ("ServiceNotFoundException", "task/1", "prod", "", "ecs:X failed on task/1: said."),
        ("ResourceNotFoundException", "task/1", "prod", "", "ecs:X failed on task/1: said."),
        ("ResourceNotFoundException", "", "prod", "", "ecs:X failed: said."),
    ],
)  # fmt: skip
def test_what_is_gone_is_named(
    code: str, thing: str, cluster: str, region: str, words: str
) -> None:
    raised = ClientError({"Error": {"Code": code, "Message": "said."}}, "X")
    found = translate(raised, operation="ecs:X", thing=thing, cluster=cluster, region=region)
    assert isinstance(found, errors.ResourceGone)
    assert str(found) == f"{words} Check the name and the region."
