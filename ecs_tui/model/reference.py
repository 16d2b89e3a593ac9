"""What the words CLUSTER and TARGET of a command line refer to: names, ids, ARNs, console URLs.

Pure: no calls. `ecs_tui/cli/find.py` looks a reference up in AWS.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from ecs_tui.errors import WrongUsage
from ecs_tui.model.arn import is_task_id, parse_arn
from ecs_tui.model.text import clean

_NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")
"""Names of clusters, services and containers, as CreateCluster, CreateService and ContainerDefinition allow.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
"""
_TASK_PREFIX = re.compile(r"[0-9a-f][0-9a-f-]*")
_REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-\d+")
_ACCOUNT = re.compile(r"\d{12}")
_CONSOLE = re.compile(
    r"(?:(?P<account>\d{12})-[a-z0-9]+\.)?(?:(?P<region>[a-z0-9-]+)\.)?"
    r"console\.(?:aws\.amazon\.com|amazonaws-us-gov\.com|amazonaws\.cn)"
)
"""Host of the console. With several accounts signed in at once, it starts with the account ID.

https://docs.aws.amazon.com/awsconsolehelpdocs/latest/gsg/multisession.html
"""
_KINDS = ("cluster", "service", "task", "container")
_COLLECTIONS = ("clusters", "services", "tasks", "containers", "container-instances")
"""Segments in the paths of the console's pages; one cannot exec into the last one."""
_MAX_QUOTED_CHARACTERS = 100
"""Characters of an invalid word that an error message repeats."""


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

    @property
    def whole_cluster(self) -> bool:
        """Whether only a cluster is named."""
        return not (self.service or self.task or self.name or self.container_arn)

    @property
    def may_be_task(self) -> bool:
        """Whether `name` may be a task ID prefix: IDs are hex digits (old ones UUIDs)."""
        return _TASK_PREFIX.fullmatch(self.name) is not None


def parse_target(cluster: str, target: str | None = None, container: str = "") -> Reference:
    """What `CLUSTER TARGET` refers to.

    Args:
        cluster: A cluster name, or the ARN or console URL of a cluster or of something in one.
        target: `SERVICE[/CONTAINER]`, `TASK[/CONTAINER]`, an ARN or a URL; None for none. After
            an ARN or URL that names a service or task already, a container's name.
        container: A container's name that was given apart, "" for none.

    Raises:
        WrongUsage: A word is none of these, or two words contradict each other.
    """
    first = parse_resource(cluster)
    if first is None:
        first = Reference(cluster=_name(cluster, "a cluster"))
    if target is None:
        found = first
    elif not first.whole_cluster:
        found = _with_container(first, _name(target, "a container"))
    else:
        found = _join(first, _parse_word(target))
    return _with_container(found, _name(container, "a container")) if container else found


def parse_place(cluster: str, service: str = "") -> Reference:
    """What `--cluster` and `--service` refer to: names, ARNs or console URLs; "" for none.

    Raises:
        WrongUsage: One is none of these, or they contradict each other.
    """
    found = Reference()
    if cluster:
        found = parse_resource(cluster) or Reference(cluster=_name(cluster, "a cluster"))
        if not found.whole_cluster:
            raise WrongUsage(
                f"{_shown(cluster)} is not a cluster.", "Give a service with --service."
            )
    if service:
        named = parse_resource(service) or Reference(service=_name(service, "a service"))
        if not named.service:
            raise WrongUsage(f"{_shown(service)} is not a service.", "Give its name, ARN or URL.")
        found = _join(found, named)
    return found


def parse_resource(text: str) -> Reference | None:
    """What an ARN or a URL of the AWS console refers to; None when `text` is neither.

    Raises:
        WrongUsage: It is one, but does not name a cluster, service, task or container.
    """
    text = text.strip()
    if text.casefold().startswith(("https://", "http://")):
        return _parse_url(text)
    return _parse_arn(text) if text.startswith("arn:") else None


def _parse_word(target: str) -> Reference:
    resource = parse_resource(target)
    if resource is not None:
        return resource
    name, slash, container = target.partition("/")
    if "/" in container or (slash and not container):
        raise WrongUsage(
            f"{_shown(target)} is not a target.", "Give SERVICE[/CONTAINER] or TASK[/CONTAINER]."
        )
    name = _name(name, "a service or a task")
    found = Reference(task=name) if is_task_id(name) else Reference(name=name)
    return replace(found, container=_name(container, "a container")) if slash else found


def _join(first: Reference, second: Reference) -> Reference:
    """The second word within the cluster that the first names."""
    for what, one, other in (
        ("cluster", first.cluster, second.cluster),
        ("region", first.region, second.region),
        ("account", first.account, second.account),
    ):
        if one and other and one != other:
            raise WrongUsage(
                f"Two {what}s are named: {one} and {other}.",
                "An ARN or a URL can stand alone, without the name of its cluster.",
            )
    if second.whole_cluster:
        raise WrongUsage("TARGET is a cluster.", "Give a service or a task of it.")
    return replace(
        second,
        cluster=second.cluster or first.cluster,
        region=second.region or first.region,
        account=second.account or first.account,
    )


def _with_container(reference: Reference, container: str) -> Reference:
    if reference.whole_cluster:
        return replace(reference, container=container)
    if reference.container_arn or reference.container not in ("", container):
        raise WrongUsage(
            f"Two containers are named: {reference.container or 'by ARN'} and {container}.",
            "Give one.",
        )
    return replace(reference, container=container)


def _parse_arn(text: str) -> Reference:
    arn = parse_arn(text)
    if arn is None or not _ACCOUNT.fullmatch(arn.account) or not _REGION.fullmatch(arn.region):
        raise WrongUsage(f"{_shown(text)} is not a complete ECS ARN.", "Copy it again.")
    if arn.service != "ecs":
        raise WrongUsage(
            f"{_shown(text)} is an ARN of {clean(arn.service)}, not of ECS.",
            "Give the ARN of a cluster, service, task or container.",
        )
    kind, _, rest = arn.resource.partition("/")
    parts = rest.split("/")
    where = Reference(region=arn.region, account=arn.account)
    if kind in _KINDS and not all(_NAME.fullmatch(part) for part in parts):
        raise WrongUsage(f"{_shown(text)} is not a complete ECS ARN.", "Copy it again.")
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
    raise WrongUsage(
        f"{_shown(text)} does not name a cluster, service, task or container.",
        "Give the ARN of one of these.",
    )


def _parse_url(text: str) -> Reference:
    try:
        url = urlsplit(text)
        host = _CONSOLE.fullmatch(url.hostname or "")
    except ValueError:
        host = None
    if host is None:
        raise WrongUsage(
            f"{_shown(text)} is not an AWS console URL.",
            "Give the page of a cluster, service, task or container in the ECS console.",
        )
    region = _region_of(url) or host["region"] or ""
    if not _REGION.fullmatch(region):
        raise WrongUsage(
            f"{_shown(text)} has no region.", "Copy the whole address, with its query."
        )
    found = _parse_path(url, text)
    return replace(found, region=region, account=host["account"] or "")


def _region_of(url: SplitResult) -> str:
    """The region that the page shows; the host may belong to another region."""
    return parse_qs(url.query).get("region", [""])[0]


def _parse_path(url: SplitResult, text: str) -> Reference:
    """Names in a page's path: `/ecs/v2/clusters/C/services/S/…`, or after `#` in the old console.

    A collection without a name after it is a tab of the page.
    """
    path = url.path if "/clusters/" in url.path else url.fragment.partition("?")[0]
    steps = iter([unquote(step) for step in path.strip("/").split("/")])
    found = dict.fromkeys(_COLLECTIONS, "")
    for step in steps:
        if step in found and not found[step]:
            found[step] = next(steps, "")
    cluster, service, task, container, other = found.values()
    whole = all(_NAME.fullmatch(name) for name in found.values() if name)
    if not (url.path + "/").startswith("/ecs/") or not cluster or other or not whole:
        raise WrongUsage(
            f"{_shown(text)} does not name a cluster, service, task or container.",
            "Give the page of one of these in the ECS console.",
        )
    if task and not is_task_id(task):
        raise WrongUsage(f"{_shown(text)} has no complete task ID.", "Copy the whole address.")
    if not service and not task:
        return Reference(cluster=cluster)
    return Reference(cluster, "" if task else service, task, container=container)


def _name(text: str, what: str) -> str:
    if not text.strip():
        raise WrongUsage(f"The name of {what} is missing.", "It is empty.")
    if not _NAME.fullmatch(text):
        raise WrongUsage(
            f"{_shown(text)} cannot be the name of {what}.",
            "Names contain only letters, digits, - and _ (at most 255).",
        )
    return text


def _shown(text: str) -> str:
    """An invalid word as an error message shows it."""
    text = clean(text)
    return repr(
        text if len(text) <= _MAX_QUOTED_CHARACTERS else f"{text[: _MAX_QUOTED_CHARACTERS - 1]}…"
    )
