"""What EC2 knows of a task's place: its instance's role, and the way from its subnet to SSM."""

from __future__ import annotations

import asyncio
from typing import Any

from ecs_tui.aws.account import Account
from ecs_tui.aws.fields import part, parts, text
from ecs_tui.errors import AwsError, BadAnswer
from ecs_tui.model.way import Machine, Way


async def way_to_ssmmessages(account: Account, subnet: str) -> Way:
    """How `subnet` reaches ssmmessages: an interface endpoint of its VPC, or a route out."""
    ec2 = await account.client("ec2")
    found = await account.call(ec2.describe_subnets, SubnetIds=[subnet])
    if not found["Subnets"]:
        raise AwsError(f"EC2 does not know the subnet {subnet}.")
    vpc = found["Subnets"][0]["VpcId"]
    in_vpc = {"Name": "vpc-id", "Values": [vpc]}
    service = f"com.amazonaws.{account.region}.ssmmessages"
    endpoints, tables = await asyncio.gather(
        account.call(
            ec2.describe_vpc_endpoints,
            Filters=[in_vpc, {"Name": "service-name", "Values": [service]}],
        ),
        account.call(ec2.describe_route_tables, Filters=[in_vpc]),
    )
    states = [item for item in endpoints["VpcEndpoints"] if item["ServiceName"] == service]
    endpoint = next((text(item, "VpcEndpointId") for item in states), "")
    return Way(subnet, vpc, endpoint, _way_out(tables["RouteTables"], subnet))


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
    return Machine(instance_id, text(found[0], "SubnetId"), profile)
