"""The rates at which AWS throttles API operations, as it publishes them, each with its source.

AWS counts per account and region. A quota whose page gives only a rate has that many calls as its
burst. For operations that are not here AWS publishes no rate (IAM, STS, Systems Manager, Application
Auto Scaling, ECS's daemons and task sets), or one that is never reached (KMS, S3); they get the default
budget of `pace.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from ecs_tui.record import dataclass

ECS = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html"
CLOUDTRAIL = "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html"
LOGS = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html"
CLOUDWATCH = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html"
ELB = "https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-throttling.html"
CLOUDTRAIL_READS = (
    "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html"
)
ATHENA = "https://docs.aws.amazon.com/athena/latest/ug/service-limits.html"
EC2 = "https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html"


@dataclass(frozen=True, slots=True)
class Quota:
    """Operations that AWS counts together, in one token bucket.

    Attributes:
        service: botocore's name of the service.
        name: The operations' group; a row of the source's table.
        operations: Names of operations; none means all of the service's.
        burst: Calls at once.
        rate: Calls per second after that.
        source: The page that publishes it.
        in_regions: The burst and rate, as one number, of regions where they differ.
    """

    service: str
    name: str
    operations: tuple[str, ...]
    burst: float
    rate: float
    source: str
    in_regions: Mapping[str, float] = field(default_factory=dict)

    def limits(self, region: str) -> tuple[float, float]:
        """(burst, rate) in a region."""
        here = self.in_regions.get(region)
        return (self.burst, self.rate) if here is None else (here, here)


def _ecs(name: str, burst: float, rate: float, *operations: str) -> Quota:
    return Quota("ecs", name, operations, burst, rate, ECS)


def _per_second(service: str, operation: str, rate: float, source: str, **regions: float) -> Quota:
    """A quota of one operation; `regions` have `_` for `-` in their names."""
    elsewhere = {name.replace("_", "-"): value for name, value in regions.items()}
    return Quota(service, operation, (operation,), rate, rate, source, elsewhere)


def _ec2(operation: str, burst: float, rate: float) -> Quota:
    # EC2 counts each operation by itself.
    return Quota("ec2", operation, (operation,), burst, rate, EC2)


QUOTAS: tuple[Quota, ...] = (
    _ecs("cluster reads", 50, 20, "DescribeClusters", "ListClusters"),
    _ecs(
        "cluster changes", 20, 1,
        "CreateCluster", "DeleteCluster", "PutClusterCapacityProviders", "UpdateCluster",
        "UpdateClusterSettings",
    ),
    _ecs("service reads", 100, 20, "DescribeServices", "ListServices"),
    _ecs("service changes", 50, 5, "CreateService", "DeleteService", "UpdateService"),
    _ecs("services by namespace", 10, 1, "ListServicesByNamespace"),
    _ecs("service deployments", 50, 20, "DescribeServiceDeployments", "ListServiceDeployments"),
    _ecs("service revisions", 50, 20, "DescribeServiceRevisions"),
    _ecs(
        "cluster resource reads", 100, 20,
        "DescribeContainerInstances", "DescribeTasks", "ListAttributes", "ListContainerInstances",
        "ListTasks",
    ),
    _ecs(
        "cluster resource changes", 100, 40,
        "DeleteAttributes", "DeregisterContainerInstance", "ExecuteCommand", "PutAttributes",
        "RunTask", "StartTask", "StopTask", "UpdateContainerAgent",
        "UpdateContainerInstancesState",
    ),
    _ecs("task protection", 200, 80, "GetTaskProtection", "UpdateTaskProtection"),
    _ecs(
        "task definition reads", 50, 20,
        "DescribeTaskDefinition", "ListTaskDefinitionFamilies", "ListTaskDefinitions",
    ),
    _ecs(
        "task definition changes", 20, 1, "DeregisterTaskDefinition", "RegisterTaskDefinition"
    ),
    _ecs("task definition deletions", 5, 1, "DeleteTaskDefinitions"),
    _ecs("capacity provider reads", 50, 20, "DescribeCapacityProviders"),
    _ecs(
        "capacity provider changes", 10, 1,
        "CreateCapacityProvider", "DeleteCapacityProvider", "UpdateCapacityProvider",
    ),
    _ecs("tag reads", 50, 20, "ListTagsForResource"),
    _ecs("tag changes", 20, 10, "TagResource", "UntagResource"),
    _ecs("setting reads", 50, 20, "ListAccountSettings"),
    _ecs(
        "setting changes", 10, 1,
        "DeleteAccountSetting", "PutAccountSetting", "PutAccountSettingDefault",
    ),
    _per_second("cloudtrail", "LookupEvents", 2, CLOUDTRAIL),
    _per_second(
        "logs", "FilterLogEvents", 10, LOGS, us_east_1=25, ap_northeast_3=5, ap_southeast_3=5,
        ca_west_1=5, eu_central_1=5, il_central_1=5,
    ),
    _per_second(
        "logs", "GetLogEvents", 25, LOGS, us_west_2=10, ap_northeast_3=10, ap_southeast_3=10,
        ca_west_1=10, eu_central_1=10, eu_west_1=10, eu_west_3=30, il_central_1=10,
    ),
    _per_second("logs", "DescribeLogGroups", 10, LOGS),
    _per_second("logs", "DescribeLogStreams", 25, LOGS),
    _per_second("logs", "StartLiveTail", 5, LOGS),
    _per_second("logs", "StartQuery", 10, LOGS),
    _per_second("logs", "GetQueryResults", 10, LOGS),
    _per_second("cloudwatch", "GetMetricData", 500, CLOUDWATCH),
    _per_second("cloudwatch", "GetMetricStatistics", 400, CLOUDWATCH),
    _per_second("cloudwatch", "ListMetrics", 25, CLOUDWATCH),
    _per_second("cloudwatch", "DescribeAlarms", 9, CLOUDWATCH),
    _per_second("cloudwatch", "DescribeAlarmHistory", 3, CLOUDWATCH),
    # Each group of operations has a bucket, and all of them share this one besides.
    Quota("elbv2", "all operations", (), 40, 10, ELB),
    Quota(
        "cloudtrail", "reads", ("DescribeTrails", "GetEventSelectors", "GetTrailStatus"), 10, 10,
        CLOUDTRAIL_READS,
    ),
    Quota(
        "athena", "queries", ("StartQueryExecution", "StopQueryExecution"), 80, 20, ATHENA
    ),
    Quota("athena", "results", ("GetQueryExecution", "GetQueryResults"), 200, 100, ATHENA),
    _ec2("DescribeSubnets", 100, 20),
    _ec2("DescribeRouteTables", 100, 20),
    _ec2("DescribeVpcEndpoints", 100, 20),
    # "Unfiltered and unpaginated": they are called with ids.
    _ec2("DescribeInstances", 50, 10),
    _ec2("DescribeNetworkInterfaces", 50, 10),
)  # fmt: skip


class QuotaTable:
    """Finds the quota of an operation.

    Args:
        quotas: The quotas; tests give their own.
    """

    def __init__(self, quotas: tuple[Quota, ...] = QUOTAS) -> None:
        self._by_operation = {(q.service, name): q for q in quotas for name in q.operations}
        self._by_service = {q.service: q for q in quotas if not q.operations}

    def find(self, service: str, operation: str) -> Quota | None:
        """The quota of an operation, or None if AWS publishes none."""
        return self._by_operation.get((service, operation)) or self._by_service.get(service)
