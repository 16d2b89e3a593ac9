"""Parses what services, task sets, service deployments and service revisions have in common."""

from __future__ import annotations

from ecs_tui.aws.parse.fields import (
    Raw,
    decimal,
    flag,
    number,
    part,
    parts,
    shared,
    text,
    texts,
    whole,
)
from ecs_tui.model.capacity_provider import StrategyItem
from ecs_tui.model.load_balancer import LoadBalancer
from ecs_tui.model.service import DeploymentSettings, HookSettings, Network
from ecs_tui.model.service_connect import ConnectAlias, ConnectService, ServiceConnect


def network(raw: Raw) -> Network | None:
    """`networkConfiguration.awsvpcConfiguration`; None for another network mode than awsvpc."""
    vpc = part(part(raw, "networkConfiguration"), "awsvpcConfiguration")
    if not vpc:
        return None
    return Network(
        texts(vpc, "subnets"), texts(vpc, "securityGroups"), shared(vpc, "assignPublicIp")
    )


def strategy(raw: Raw) -> tuple[StrategyItem, ...]:
    """`capacityProviderStrategy[]`."""
    return tuple(
        StrategyItem(shared(item, "capacityProvider"), number(item, "base"), number(item, "weight"))
        for item in parts(raw, "capacityProviderStrategy")
    )


def load_balancers(raw: Raw) -> tuple[LoadBalancer, ...]:
    """`loadBalancers[]`, each with the members of its `advancedConfiguration`."""
    found = []
    for item in parts(raw, "loadBalancers"):
        more = part(item, "advancedConfiguration")
        found.append(
            LoadBalancer(
                target_group=shared(item, "targetGroupArn"),
                name=text(item, "loadBalancerName"),
                container=shared(item, "containerName"),
                port=number(item, "containerPort"),
                alternate=shared(more, "alternateTargetGroupArn"),
                production_rule=shared(more, "productionListenerRule"),
                test_rule=shared(more, "testListenerRule"),
            )
        )
    return tuple(found)


def target_groups(raw: Raw) -> tuple[str, ...]:
    """The ARNs in `loadBalancers[]`, including the alternate one of a blue/green deployment."""
    return tuple(arn for item in load_balancers(raw) for arn in item.target_groups)


def service_connect(raw: Raw) -> ServiceConnect | None:
    """`serviceConnectConfiguration`; None if it is missing."""
    found = part(raw, "serviceConnectConfiguration")
    if not found:
        return None
    return ServiceConnect(
        enabled=flag(found, "enabled"),
        namespace=shared(found, "namespace"),
        services=tuple(
            ConnectService(
                text(item, "portName"),
                text(item, "discoveryName"),
                tuple(
                    ConnectAlias(text(each, "dnsName"), number(each, "port"))
                    for each in parts(item, "clientAliases")
                ),
            )
            for item in parts(found, "services")
        ),
    )


def deployment_settings(raw: Raw) -> DeploymentSettings | None:
    """`deploymentConfiguration`; None if it is missing."""
    found = part(raw, "deploymentConfiguration")
    if not found:
        return None
    breaker, alarms = part(found, "deploymentCircuitBreaker"), part(found, "alarms")
    linear, canary = part(found, "linearConfiguration"), part(found, "canaryConfiguration")
    watches = flag(alarms, "enable")
    return DeploymentSettings(
        whole(found, "minimumHealthyPercent"),
        whole(found, "maximumPercent"),
        flag(breaker, "enable"),
        flag(breaker, "rollback"),
        shared(found, "strategy"),
        bake_minutes=whole(found, "bakeTimeInMinutes"),
        step_percent=decimal(linear, "stepPercent"),
        step_bake_minutes=whole(linear, "stepBakeTimeInMinutes"),
        canary_percent=decimal(canary, "canaryPercent"),
        canary_bake_minutes=whole(canary, "canaryBakeTimeInMinutes"),
        alarms=texts(alarms, "alarmNames") if watches else (),
        alarm_rollback=watches and flag(alarms, "rollback"),
        hooks=tuple(_hook(item) for item in parts(found, "lifecycleHooks")),
    )


def _hook(raw: Raw) -> HookSettings:
    timeout = part(raw, "timeoutConfiguration")
    return HookSettings(
        target_type=shared(raw, "targetType", "AWS_LAMBDA"),
        target_arn=text(raw, "hookTargetArn"),
        stages=texts(raw, "lifecycleStages"),
        timeout_minutes=whole(timeout, "timeoutInMinutes"),
        timeout_action=shared(timeout, "action"),
    )
