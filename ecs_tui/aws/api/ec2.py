"""EC2: the instance of a task, and the network path from its subnet to AWS."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from ecs_tui.aws.account import Account
from ecs_tui.aws.parse.fields import Raw, flag, part, parts, text
from ecs_tui.errors import AwsError, BadAnswer
from ecs_tui.model.network_path import Ec2Instance, Endpoint, NetworkPath


async def network_path(account: Account, subnet: str, services: Sequence[str]) -> NetworkPath:
    """How `subnet` reaches AWS: its VPC's interface endpoints for `services`, and its route out.

    Args:
        services: Short service names, such as `ssmmessages`.
    """
    ec2 = await account.client("ec2")
    found = await account.call(ec2.describe_subnets, SubnetIds=[subnet])
    subnets = parts(found, "Subnets")
    if not subnets:
        raise AwsError(f"Subnet {subnet} not found.")
    vpc, owner = text(subnets[0], "VpcId"), text(subnets[0], "OwnerId")
    in_vpc = {"Name": "vpc-id", "Values": [vpc]}
    # Names in China have another prefix (cn.com.amazonaws), so only the last part is used.
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
        for item in parts(endpoints, "VpcEndpoints")
        if text(item, "ServiceName") in names
    )
    return NetworkPath(
        subnet, vpc, found_endpoints, _default_route(parts(tables, "RouteTables"), subnet), owner
    )


async def public_address(account: Account, interface: str) -> str:
    """The public IPv4 address of a network interface (`eni-…`), "" if it has none."""
    ec2 = await account.client("ec2")
    answer = await account.call(ec2.describe_network_interfaces, NetworkInterfaceIds=[interface])
    found = parts(answer, "NetworkInterfaces")
    if not found:
        raise AwsError(f"Network interface {interface} not found.")
    return text(part(found[0], "Association"), "PublicIp")


def _default_route(tables: Iterable[Raw], subnet: str) -> str:
    """The target of the default route in `subnet`'s route table, or in the VPC's main one."""

    def associated(table: Raw) -> bool:
        return any(item.get("SubnetId") == subnet for item in parts(table, "Associations"))

    def main(table: Raw) -> bool:
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


async def ec2_instance(account: Account, instance_id: str) -> Ec2Instance:
    """The EC2 instance of a container instance."""
    ec2 = await account.client("ec2")
    answer = await account.call(ec2.describe_instances, InstanceIds=[instance_id])
    reservations = parts(answer, "Reservations")
    found = [item for each in reservations for item in parts(each, "Instances")]
    if reservations and not found:
        operation = "ec2:DescribeInstances"
        raise BadAnswer(
            f"The answer to {operation} is not usable: no Instances.", operation=operation
        )
    if not found:
        raise AwsError(f"EC2 instance {instance_id} not found.")
    profile = text(part(found[0], "IamInstanceProfile"), "Arn")
    return Ec2Instance(
        instance_id, text(found[0], "SubnetId"), profile, text(found[0], "PublicIpAddress")
    )
