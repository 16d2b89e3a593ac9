"""The network of the demo account: endpoints of its VPCs, and the subnets of its tasks."""

from __future__ import annotations

from typing import Any

from moto.ec2.models import ec2_backends


def endpoints(account: str, region: str) -> str:
    """Create endpoints for sessions in the default VPC; returns a subnet of a VPC without any."""
    ec2 = ec2_backends[account][region]
    subnet = ec2.describe_subnets()[0]
    for service in ("ssmmessages", "kms", "logs"):
        ec2.create_vpc_endpoint(
            vpc_id=subnet.vpc_id,
            service_name=f"com.amazonaws.{region}.{service}",
            endpoint_type="Interface",
            policy_document=None,
            route_table_ids=[],
            subnet_ids=[subnet.id],
            private_dns_enabled=True,
        )
    vpc = ec2.create_vpc("10.66.0.0/16")
    ec2.modify_vpc_attribute(vpc.id, "enable_dns_hostnames", "true")
    return str(ec2.create_subnet(vpc.id, "10.66.1.0/24", availability_zone=f"{region}a").id)


def network_of(account: str, region: str) -> dict[str, Any]:
    """`networkConfiguration` of the services on Fargate: three subnets of the default VPC."""
    ec2 = ec2_backends[account][region]
    subnets = [subnet.id for subnet in ec2.describe_subnets()][:3]
    group = next(iter(ec2.describe_security_groups())).id
    return {
        "awsvpcConfiguration": {
            "subnets": subnets,
            "securityGroups": [group],
            "assignPublicIp": "DISABLED",
        }
    }
