"""Elastic Load Balancing V2 of the demo account: what it answers about the services' load balancers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.ecs.models import Service

from ecs_tui.demo.balancing import (
    balanced_services,
    listener_arn,
    load_balancer_arn,
    rule_arn,
    target_groups,
    target_health,
)
from ecs_tui.demo.ecs import DemoEcsBackend
from ecs_tui.demo.state import when
from ecs_tui.demo.tasks import service_key
from ecs_tui.demo.wire import WireError

PAGE_SIZE = 400
_VPC = "vpc-0c3d1f5a9b7e24680"
_CREATED = 1_750_000_000.0
Params = dict[str, Any]


def describe_target_health(backend: DemoEcsBackend, params: Params, now: float) -> Params:
    """The targets of one group.

    Raises:
        WireError: There is no such group.
    """
    arn = params.get("TargetGroupArn", "")
    for service, found, alternate in _groups(backend):
        if found == arn:
            targets = target_health(backend, service, now, alternate=alternate)
            asked = {item["Id"] for item in params.get("Targets") or ()}
            kept = [item for item in targets if not asked or item["Target"]["Id"] in asked]
            return {"TargetHealthDescriptions": kept}
    raise WireError("TargetGroupNotFound", "One or more target groups not found")


def describe_target_groups(backend: DemoEcsBackend, params: Params, now: float) -> Params:
    """Target groups by ARN, name or load balancer."""
    arns, names = params.get("TargetGroupArns"), params.get("Names")
    balancer = params.get("LoadBalancerArn")
    found = []
    for service, arn, _ in _groups(backend):
        of = load_balancer_arn(backend.region_name, service.cluster_name)
        wanted = (not arns or arn in arns) and (not names or _name(arn) in names)
        if wanted and balancer in (None, of):
            found.append(_group(service, arn, of))
    if arns and len(found) < len(set(arns)):
        raise WireError("TargetGroupNotFound", "One or more target groups not found")
    return _page("TargetGroups", found, params)


def describe_load_balancers(backend: DemoEcsBackend, params: Params, now: float) -> Params:
    """Load balancers by ARN or name: one for each cluster that has services behind one."""
    arns, names = params.get("LoadBalancerArns"), params.get("Names")
    clusters = dict.fromkeys(service.cluster_name for service in balanced_services(backend))
    region = backend.region_name
    found = [
        {
            "LoadBalancerArn": load_balancer_arn(region, cluster),
            "LoadBalancerName": cluster,
            "DNSName": f"{cluster}-1734012345.{region}.elb.amazonaws.com",
            "CreatedTime": when(_CREATED),
            "Scheme": "internet-facing",
            "Type": "application",
            "VpcId": _VPC,
            "State": {"Code": "active"},
            "IpAddressType": "ipv4",
            "AvailabilityZones": [{"ZoneName": f"{region}{zone}"} for zone in "abc"],
        }
        for cluster in clusters
        if (not names or cluster in names)
        and (not arns or load_balancer_arn(region, cluster) in arns)
    ]
    if (arns or names) and not found:
        raise WireError("LoadBalancerNotFound", "One or more load balancers not found")
    return _page("LoadBalancers", found, params)


def describe_listeners(backend: DemoEcsBackend, params: Params, now: float) -> Params:
    """The one listener of each load balancer."""
    region, balancer = backend.region_name, params.get("LoadBalancerArn")
    wanted = params.get("ListenerArns")
    found = []
    for cluster in dict.fromkeys(item.cluster_name for item in balanced_services(backend)):
        arn, of = listener_arn(region, cluster), load_balancer_arn(region, cluster)
        if (balancer and balancer != of) or (wanted and arn not in wanted):
            continue
        fixed = {"StatusCode": "404", "ContentType": "text/plain"}
        action = {"Type": "fixed-response", "Order": 1, "FixedResponseConfig": fixed}
        found.append(
            {
                "ListenerArn": arn, "LoadBalancerArn": of, "Port": 443, "Protocol": "HTTPS",
                "DefaultActions": [action],
            }
        )  # fmt: skip
    return _page("Listeners", found, params)


def describe_rules(backend: DemoEcsBackend, params: Params, now: float) -> Params:
    """A rule for each service, with the weights of its target groups."""
    region, listener = backend.region_name, params.get("ListenerArn")
    wanted = params.get("RuleArns")
    found = []
    for number, service in enumerate(balanced_services(backend), 1):
        arn = rule_arn(region, service.cluster_name, service.name)
        if listener and listener != listener_arn(region, service.cluster_name):
            continue
        if wanted and arn not in wanted:
            continue
        forward = {"TargetGroups": list(_weights(backend, service))}
        host = f"{service.name}.{service.cluster_name}.example.com"
        condition = {
            "Field": "host-header", "Values": [host], "HostHeaderConfig": {"Values": [host]},
        }  # fmt: skip
        found.append(
            {
                "RuleArn": arn, "Priority": str(number), "Conditions": [condition],
                "Actions": [{"Type": "forward", "Order": 1, "ForwardConfig": forward}],
                "IsDefault": False,
            }
        )  # fmt: skip
    if wanted and not found:
        raise WireError("RuleNotFound", "One or more rules not found")
    return _page("Rules", found, params)


def _weights(backend: DemoEcsBackend, service: Service) -> Iterator[dict[str, Any]]:
    record = backend.service_states[service_key(service)].record
    shifting = record is not None and record.active and bool(record.stage)
    share = round(record.weight) if record is not None and shifting else 0
    for arn, alternate in target_groups(service):
        yield {"TargetGroupArn": arn, "Weight": share if alternate else 100 - share}


def _groups(backend: DemoEcsBackend) -> Iterator[tuple[Service, str, bool]]:
    for service in balanced_services(backend):
        for arn, alternate in target_groups(service):
            yield service, arn, alternate


def _name(arn: str) -> str:
    return arn.split("/")[1]


def _group(service: Service, arn: str, balancer: str) -> dict[str, Any]:
    port = service.load_balancers[0]["containerPort"]
    return {
        "TargetGroupArn": arn,
        "TargetGroupName": _name(arn),
        "Protocol": "HTTP",
        "Port": port,
        "VpcId": _VPC,
        "HealthCheckProtocol": "HTTP",
        "HealthCheckPort": "traffic-port",
        "HealthCheckEnabled": True,
        "HealthCheckIntervalSeconds": 10,
        "HealthCheckTimeoutSeconds": 5,
        "HealthyThresholdCount": 2,
        "UnhealthyThresholdCount": 2,
        "HealthCheckPath": "/health",
        "Matcher": {"HttpCode": "200"},
        "LoadBalancerArns": [balancer],
        "TargetType": "instance" if service.launch_type == "EC2" else "ip",
        "ProtocolVersion": "HTTP1",
        "IpAddressType": "ipv4",
    }


def _page(key: str, found: list[dict[str, Any]], params: Params) -> Params:
    """A page, as `Marker` and `PageSize` ask for it."""
    start = int(params.get("Marker") or 0)
    end = start + min(int(params.get("PageSize") or PAGE_SIZE), PAGE_SIZE)
    answer: Params = {key: found[start:end]}
    if end < len(found):
        answer["NextMarker"] = str(end)
    return answer


OPERATIONS = {
    "DescribeTargetHealth": describe_target_health,
    "DescribeTargetGroups": describe_target_groups,
    "DescribeLoadBalancers": describe_load_balancers,
    "DescribeListeners": describe_listeners,
    "DescribeRules": describe_rules,
}
"""What answers which operation."""
