"""Addresses of pages in the console: the host of each partition, and that we read what we write."""

from __future__ import annotations

import pytest

from ecs_tui.model.address import Reference, parse_address
from ecs_tui.model.console import ecs_page, partition_of_region


@pytest.mark.parametrize(
    ("region", "partition", "host"),
    [
        ("eu-west-1", "aws", "eu-west-1.console.aws.amazon.com"),
        ("us-gov-west-1", "aws-us-gov", "us-gov-west-1.console.amazonaws-us-gov.com"),
        ("cn-north-1", "aws-cn", "cn-north-1.console.amazonaws.cn"),
        ("eusc-de-east-1", "aws-eusc", "eusc-de-east-1.console.amazonaws-eusc.eu"),
        ("us-iso-east-1", "aws-iso", ""),
        ("us-isob-east-1", "aws-iso-b", ""),
        ("eu-isoe-west-1", "aws-iso-e", ""),
        ("us-isof-south-1", "aws-iso-f", ""),
    ],
)
def test_the_host_of_a_partition(region: str, partition: str, host: str) -> None:
    assert partition_of_region(region) == partition
    link = ecs_page(region, ("clusters", "prod", "services"))
    expected = f"https://{host}/ecs/v2/clusters/prod/services?region={region}" if host else ""
    assert link == expected
    if link:
        assert parse_address(link) == Reference("prod", region=region)


@pytest.mark.parametrize("region", ["", "nowhere", "eu-west-1/../x", "eu-west-1.evil.example#"])
def test_without_a_region_there_is_no_link(region: str) -> None:
    assert ecs_page(region, ("clusters",)) == ""


def test_hostile_names_stay_within_the_path() -> None:
    link = ecs_page("eu-west-1", ("clusters", "a/../b?c#d e", "services"))
    assert "/ecs/v2/clusters/a%2F..%2Fb%3Fc%23d%20e/services?region=eu-west-1" in link


def test_no_region_has_no_partition() -> None:
    assert partition_of_region("") == ""
