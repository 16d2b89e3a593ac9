"""What EC2 knows of a task's place: its instance's role, and the way from its subnet to SSM."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from ecs_tui.aws.account import Account
from ecs_tui.aws.fields import flag, part, parts, text
from ecs_tui.errors import AwsError, BadAnswer
from ecs_tui.model.way import Endpoint, Machine, Way


async def way_to_aws(account: Account, subnet: str, services: Sequence[str]) -> Way:
    """How `subnet` reaches AWS: its VPC's interface endpoints for `services`, and its route out.

    Args:
        services: Short names, such as `ssmmessages`.
    """
    ec2 = await account.client("ec2")
    found = await account.call(ec2.describe_subnets, SubnetIds=[subnet])
    if not found["Subnets"]:
        raise AwsError(f"EC2 does not know the subnet {subnet}.")
    vpc = found["Subnets"][0]["VpcId"]
    in_vpc = {"Name": "vpc-id", "Values": [vpc]}
    # China's names begin otherwise (cn.com.amazonaws): only the end tells which service it is.
    names = [
        f"{prefix}com.amazonaws.{account.region}.{service}"
        for service in services
        for prefix in ("", "cn.")
    ]
    endpoints, tables = await asyncio.gather(
        account.call(
            ec2.describe_vpc_endpoints,
            Filters=[in_vpc, {"Name": "service-name", "Values": names}],
        ),
        account.call(ec2.describe_route_tables, Filters=[in_vpc]),
    )
    found_endpoints = tuple(
        Endpoint(
            text(item, "VpcEndpointId"),
            text(item, "ServiceName").rsplit(".", 1)[-1],
            text(item, "State"),
            flag(item, "PrivateDnsEnabled"),
        )
        for item in endpoints["VpcEndpoints"]
        if text(item, "ServiceName") in names
    )
    return Way(subnet, vpc, found_endpoints, _way_out(tables["RouteTables"], subnet))


async def public_address(account: Account, interface: str) -> str:
    """The public IPv4 address of a network interface (`eni-…`), "" without one."""
    ec2 = await account.client("ec2")
    answer = await account.call(ec2.describe_network_interfaces, NetworkInterfaceIds=[interface])
    found = parts(answer, "NetworkInterfaces")
    if not found:
        raise AwsError(f"EC2 does not know the network interface {interface}.")
    return text(part(found[0], "Association"), "PublicIp")


def _way_out(tables: Any, subnet: str) -> str:
    """The target of the default route of `subnet`'s table, or of the VPC's main one."""

    def associated(table: Any) -> bool:
        return any(item.get("SubnetId") == subnet for item in parts(table, "Associations"))

    def main(table: Any) -> bool:
        return any(item.get("Main") for item in parts(table, "Associations"))

    table = next((t for t in tables if associated(t)), None) or next(
        (t for t in tables if main(t)), None
    )
    for route in parts(table, "Routes") if table else ():
        if route.get("DestinationCidrBlock") != "0.0.0.0/0" or route.get("State") == "blackhole":
            continue
        for key in ("NatGatewayId", "TransitGatewayId", "GatewayId", "InstanceId"):
            if route.get(key):
                return str(route[key])
        return str(route.get("NetworkInterfaceId", "a route"))
    return ""


async def machine(account: Account, instance_id: str) -> Machine:
    """The EC2 instance under a container instance."""
    ec2 = await account.client("ec2")
    answer = await account.call(ec2.describe_instances, InstanceIds=[instance_id])
    found = [item for found in answer["Reservations"] for item in parts(found, "Instances")]
    if answer["Reservations"] and not found:
        operation = "ec2:DescribeInstances"
        raise BadAnswer(
            f"The answer to {operation} is not usable: no Instances.", operation=operation
        )
    if not found:
        raise AwsError(f"EC2 does not know the instance {instance_id}.")
    profile = text(part(found[0], "IamInstanceProfile"), "Arn")
    return Machine(
        instance_id, text(found[0], "SubnetId"), profile, text(found[0], "PublicIpAddress")
    )
