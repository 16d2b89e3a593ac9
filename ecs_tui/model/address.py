"""What an ARN or a URL of the AWS console names: a cluster, a service, a task, and so on.

Pure: no calls. `resources/locate.py` finds in AWS what a reference names.
"""

from __future__ import annotations

import re
from dataclasses import field, replace
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from ecs_tui.errors import WrongUsage
from ecs_tui.model.arn import Arn, is_task_id, parse_arn, short_name, target_group_name
from ecs_tui.model.console import HOST, REGION
from ecs_tui.model.text import clean
from ecs_tui.record import dataclass

NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")
"""Names of clusters, services and containers, as CreateCluster, CreateService and ContainerDefinition allow.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
"""
ACCOUNT = re.compile(r"\d{12}")
_TASK_PREFIX = re.compile(r"[0-9a-f][0-9a-f-]*")
_DEFINITION = re.compile(r"[A-Za-z0-9_-]{1,255}(:\d{1,9})?")
_LOG_GROUP = re.compile(r"[A-Za-z0-9_./#-]{1,512}")
"""https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html"""
_COLLECTIONS = {
    "clusters": "cluster", "services": "service", "tasks": "task", "containers": "container",
    "container-instances": "instance", "containerInstances": "instance",
    "capacity-providers": "provider", "capacityProviders": "provider", "daemons": "daemon",
}  # fmt: skip
"""Segments in the paths of the console's pages; a name follows, unless it is a tab of a page."""
_TABS = {"tasks": "tasks", "infrastructure": "instances", "containerInstances": "instances",
         "events": "events", "deployments": "deployments", "daemons": "daemons",
         "capacityProviders": "capacity-providers"}  # fmt: skip
"""Tabs of the console that have a list of their own here."""
_DEFINITIONS = ("task-definitions", "taskDefinitions")
_MAX_QUOTED_CHARACTERS = 100
"""Characters of an invalid word that an error message repeats."""
_SHORT_ID = 8
"""Characters of a task ID that tell it from the others on the screen."""
_ADVICE = "Give the ARN of a cluster, service, task or container."


@dataclass(frozen=True, slots=True)
class Reference:
    """What the operator named; "" for what the words do not say.

    Attributes:
        cluster: The cluster's name.
        service: A service name, if the words say that it is one.
        task: A complete task ID or a task ARN.
        name: A service name or a task ID prefix: only AWS knows which.
        container: The container's name.
        container_arn: The container's ARN, which does not contain its name.
        service_arn: The service's ARN, if that was given.
        region, account: From an ARN or a URL.
        instance: A container instance's ID or ARN. This and what follows come only from `parse_address`.
        definition: A task definition: its ARN, `family:revision`, or a family for its newest revision.
        provider: The name of a capacity provider.
        daemon: The name of a daemon.
        target_group: The ARN of a target group.
        log_group: The name of a log group.
        tab: The list that the page of the console showed, as a place is called here.
    """

    cluster: str = ""
    service: str = ""
    task: str = ""
    name: str = ""
    container: str = ""
    container_arn: str = ""
    service_arn: str = ""
    region: str = ""
    account: str = ""
    instance: str = ""
    definition: str = ""
    provider: str = ""
    daemon: str = ""
    target_group: str = ""
    log_group: str = ""
    tab: str = field(default="", compare=False)

    @property
    def whole_cluster(self) -> bool:
        """Whether only a cluster is named."""
        return not (
            self.service or self.task or self.name or self.container_arn or self.is_address_only
        )

    @property
    def is_address_only(self) -> bool:
        """Whether it is of a kind that only an address names, never CLUSTER and TARGET."""
        return bool(
            self.instance or self.definition or self.provider or self.daemon
            or self.target_group or self.log_group
        )  # fmt: skip

    @property
    def may_be_task(self) -> bool:
        """Whether `name` may be a task ID prefix: IDs are hex digits (old ones UUIDs)."""
        return _TASK_PREFIX.fullmatch(self.name) is not None

    @property
    def kind(self) -> str:
        """What it is, in one or two words: "task", "container instance"."""
        if self.container_arn or (self.container and self.task):
            return "container"
        kinds = {
            "task": self.task or self.name, "service": self.service,
            "container instance": self.instance, "daemon": self.daemon,
            "capacity provider": self.provider, "task definition": self.definition,
            "target group": self.target_group, "log group": self.log_group,
        }  # fmt: skip
        return next((kind for kind, value in kinds.items() if value), "cluster")

    @property
    def label(self) -> str:
        """Its name as it is shown: the first characters of an ID, else the whole name."""
        match self.kind:
            case "task":
                return _short(self.task or self.name)
            case "container":
                task = f" of task {_short(self.task)}" if self.task else ""
                return f"{self.container or _short(self.container_arn)}{task}"
            case "container instance":
                return _short(self.instance)
            case "target group":
                return target_group_name(self.target_group)
            case "task definition":
                return short_name(self.definition)
        return self.service or self.daemon or self.provider or self.log_group or self.cluster

    @property
    def words(self) -> str:
        """What it is and where: `task 7d62f3a1… in prod, us-east-1, account 111122223333`."""
        named = "" if self.whole_cluster else self.cluster
        account = f"account {self.account}" if self.account else ""
        where = ", ".join(part for part in (named, self.region, account) if part)
        return clean(f"{self.kind} {self.label}{f' in {where}' if where else ''}")


def _short(arn_or_id: str) -> str:
    name = short_name(arn_or_id)
    return name if len(name) <= _SHORT_ID else f"{name[:_SHORT_ID]}…"


def is_address(text: str) -> bool:
    """Whether `text` looks like an ARN or a URL."""
    text = text.strip()
    return text.startswith("arn:") or text.casefold().startswith(("https://", "http://"))


def parse_address(text: str) -> Reference | None:
    """What an ARN or a URL of the AWS console names; None when `text` is neither.

    Raises:
        WrongUsage: It is one, but of nothing that can be shown.
    """
    text = text.strip()
    if not is_address(text):
        return None
    return _parse_arn(text) if text.startswith("arn:") else _parse_url(text)


def _parse_arn(text: str) -> Reference:
    arn = parse_arn(text)
    if arn is None or not ACCOUNT.fullmatch(arn.account) or not REGION.fullmatch(arn.region):
        raise WrongUsage(f"{shown(text)} is not a complete ECS ARN.", "Copy it again.")
    where = Reference(region=arn.region, account=arn.account)
    if arn.service != "ecs":
        found = _of_other_service(arn, where)
        if found is None:
            raise WrongUsage(
                f"{shown(text)} is an ARN of {clean(arn.service)}, not of ECS.", _ADVICE
            )
        return found
    kind, _, rest = arn.resource.partition("/")
    parts = rest.split("/")
    if kind in ("task-definition", "daemon-task-definition"):
        if len(parts) == 1 and _DEFINITION.fullmatch(rest):
            return replace(where, definition=text)
        raise WrongUsage(f"{shown(text)} is not a complete ECS ARN.", "Copy it again.")
    if kind in _KINDS and not all(NAME.fullmatch(part) for part in parts):
        raise WrongUsage(f"{shown(text)} is not a complete ECS ARN.", "Copy it again.")
    found = _of_ecs(text, kind, parts, where)
    if found is None:
        raise names_nothing(text, "ARN")
    return found


_OF_SERVICES = ("task-set", "service-deployment", "service-revision")
_OF_DAEMONS = ("daemon-deployment", "daemon-revision")
_KINDS = (
    "cluster", "service", "task", "container", "container-instance", "capacity-provider", "daemon",
    *_OF_SERVICES, *_OF_DAEMONS,
)  # fmt: skip


def _of_ecs(text: str, kind: str, parts: list[str], where: Reference) -> Reference | None:
    """An ARN of ECS, in the new format or the old one, which does not contain the cluster.

    Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
    """
    match kind, parts:
        case "cluster", [cluster]:
            return replace(where, cluster=cluster)
        case "service", [*cluster, service] if len(cluster) < 2:
            return replace(where, cluster="".join(cluster), service=service, service_arn=text)
        case "task", [*cluster, _] if len(cluster) < 2:
            return replace(where, cluster="".join(cluster), task=text)
        case "container", [_]:
            return replace(where, container_arn=text)
        case "container", [cluster, task, _]:
            return replace(where, cluster=cluster, task=task, container_arn=text)
        case "container-instance", [*cluster, _] if len(cluster) < 2:
            return replace(where, cluster="".join(cluster), instance=text)
        case "capacity-provider", [*cluster, provider] if len(cluster) < 2:
            return replace(where, cluster="".join(cluster), provider=provider)
        case "daemon", [cluster, daemon]:
            return replace(where, cluster=cluster, daemon=daemon)
        case _, [cluster, service, _] if kind in _OF_SERVICES:
            return replace(where, cluster=cluster, service=service)
        case _, [cluster, daemon, _] if kind in _OF_DAEMONS:
            return replace(where, cluster=cluster, daemon=daemon)
    return None


def _of_other_service(arn: Arn, where: Reference) -> Reference | None:
    """A target group or a log group, which belongs to services and tasks."""
    if arn.service == "elasticloadbalancing" and arn.resource.startswith("targetgroup/"):
        return replace(where, target_group=str(arn))
    kind, _, rest = arn.resource.partition(":")
    group = rest.split(":", 1)[0]
    if (arn.service, kind) == ("logs", "log-group") and _LOG_GROUP.fullmatch(group):
        return replace(where, log_group=group)
    return None


def names_nothing(text: str, what: str) -> WrongUsage:
    """The error for an ARN, or a page in the console, of nothing that can be shown."""
    return WrongUsage(
        f"{shown(text)} does not name a cluster, service, task or container.",
        f"Give the {what} of one of these.",
    )


def _parse_url(text: str) -> Reference:
    try:
        url = urlsplit(text)
        host = HOST.fullmatch(url.hostname or "")
    except ValueError:
        host = None
    if host is None:
        raise WrongUsage(
            f"{shown(text)} is not an AWS console URL.",
            "Give the page of a cluster, service, task or container in the ECS console.",
        )
    region = _region_of(url) or host["region"] or ""
    if not REGION.fullmatch(region):
        raise WrongUsage(f"{shown(text)} has no region.", "Copy the whole address, with its query.")
    found = _parse_log_page(url) or _parse_path(url, text)
    return replace(found, region=region, account=host["account"] or "")


def _region_of(url: SplitResult) -> str:
    """The region that the page shows; the host may belong to another region."""
    return parse_qs(url.query).get("region", [""])[0]


def _parse_log_page(url: SplitResult) -> Reference | None:
    """A log group's page, `/cloudwatch/home?region=R#logsV2:log-groups/log-group/$252Fecs$252Fweb`."""
    before, found, rest = url.fragment.partition("log-groups/log-group/")
    if not url.path.startswith("/cloudwatch/") or not found or not before.startswith("logs"):
        return None
    group = unquote(unquote(rest.split("/", 1)[0].replace("$25", "%")))
    return Reference(log_group=group) if _LOG_GROUP.fullmatch(group) else None


def _parse_path(url: SplitResult, text: str) -> Reference:
    """Names in a page's path: `/ecs/v2/clusters/C/services/S/…`, or after `#` in the old console.

    A collection without a name after it is a tab of the page.
    """
    at_cluster = "/clusters/" in url.path or "/v2/" in url.path
    path = url.path if at_cluster else url.fragment.partition("?")[0]
    steps = [unquote(step) for step in path.strip("/").split("/")]
    ours = (url.path + "/").startswith("/ecs/")
    if ours and (definition := _definition_in(steps)):
        return Reference(definition=definition)
    found = dict.fromkeys(_COLLECTIONS.values(), "")
    rest, tab = iter(steps), ""
    for step in rest:
        kind = _COLLECTIONS.get(step, "")
        name = "" if not kind or found[kind] else next(rest, "")
        if name:
            found[kind] = name
        else:
            tab = _TABS.get(step, tab)
    whole = all(NAME.fullmatch(name) for name in found.values() if name)
    if not ours or not found["cluster"] or not whole:
        raise names_nothing(text, "page in the ECS console")
    cluster, service, task, container = list(found.values())[:4]
    for kind in ("instance", "provider", "daemon"):
        if found[kind]:
            return replace(Reference(cluster=cluster), **{kind: found[kind]})
    if task and not is_task_id(task):
        raise WrongUsage(f"{shown(text)} has no complete task ID.", "Copy the whole address.")
    if not service and not task:
        return Reference(cluster=cluster, tab=tab)
    return Reference(cluster, "" if task else service, task, container=container, tab=tab)


def _definition_in(steps: list[str]) -> str:
    """`family:revision`, or a family, in the path of a task definition's page; else ""."""
    at = next((number for number, step in enumerate(steps) if step in _DEFINITIONS), None)
    if at is None or "clusters" in steps[:at]:
        return ""
    family, revision = [*steps[at + 1 : at + 3], "", ""][:2]
    named = f"{family}:{revision}" if revision.isdecimal() else family
    return named if _DEFINITION.fullmatch(named) else ""


def shown(text: str) -> str:
    """An invalid word as an error message shows it."""
    text = clean(text[: _MAX_QUOTED_CHARACTERS + 1])
    return repr(
        text if len(text) <= _MAX_QUOTED_CHARACTERS else f"{text[: _MAX_QUOTED_CHARACTERS - 1]}…"
    )
