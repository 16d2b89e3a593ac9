"""Pages of the AWS console: their hosts by partition, and their addresses.

The console shows the account that the browser is signed in to; no address selects another one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote

REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-\d+")
_HOSTS = {
    "aws": "console.aws.amazon.com",
    "aws-us-gov": "console.amazonaws-us-gov.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-eusc": "console.amazonaws-eusc.eu",
}
"""By partition. The hosts of the isolated partitions (aws-iso …) are not public.

https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/using-govcloud-endpoints.html
https://docs.amazonaws.cn/en_us/aws/latest/userguide/endpoints-Beijing.html
https://docs.aws.eu/ (European Sovereign Cloud)
"""
HOST = re.compile(
    r"(?:(?P<account>\d{12})-[a-z0-9]+\.)?(?:(?P<region>[a-z0-9-]+)\.)?(?:"
    + "|".join(map(re.escape, _HOSTS.values()))
    + ")"
)
"""Host of the console. With several accounts signed in at once, it starts with the account ID.

https://docs.aws.amazon.com/awsconsolehelpdocs/latest/gsg/multisession.html
"""
_PARTITIONS = (
    ("cn-", "aws-cn"), ("us-gov-", "aws-us-gov"), ("eusc-", "aws-eusc"), ("us-iso-", "aws-iso"),
    ("us-isob-", "aws-iso-b"), ("eu-isoe-", "aws-iso-e"), ("us-isof-", "aws-iso-f"),
    ("eu-isof-", "aws-iso-f"),
)  # fmt: skip
"""Beginnings of region names, from botocore's partitions.json; all other regions are in `aws`."""


def partition_of_region(region: str) -> str:
    """The partition of a region: `aws`, `aws-cn`, `aws-us-gov` …; "" for no region."""
    if not region:
        return ""
    return next((name for start, name in _PARTITIONS if region.startswith(start)), "aws")


def ecs_page(region: str, steps: Sequence[str]) -> str:
    """The address of a page of the ECS console.

    Args:
        region: The region; it decides the host.
        steps: The path's parts after `/ecs/v2/`, such as `("clusters", "prod", "services")`.

    Returns:
        The address, or "" if the region is unknown or its partition has no public console.
    """
    host = _HOSTS.get(partition_of_region(region))
    if host is None or not REGION.fullmatch(region):
        return ""
    path = "/".join(quote(step, safe="") for step in steps)
    return f"https://{region}.{host}/ecs/v2/{path}?region={region}"
