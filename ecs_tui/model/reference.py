"""What the words CLUSTER and TARGET of a command line refer to: names, ids, ARNs, console URLs.

Pure: no calls. `ecs_tui/cli/find.py` looks a reference up in AWS.
"""

from __future__ import annotations

from dataclasses import replace

from ecs_tui.errors import WrongUsage
from ecs_tui.model.address import NAME, Reference, is_address, names_nothing, parse_address, shown
from ecs_tui.model.arn import is_task_id

__all__ = [
    "Reference", "is_address", "parse_address", "parse_place", "parse_resource", "parse_target",
]  # fmt: skip


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
                f"{shown(cluster)} is not a cluster.", "Give a service with --service."
            )
    if service:
        named = parse_resource(service) or Reference(service=_name(service, "a service"))
        if not named.service:
            raise WrongUsage(f"{shown(service)} is not a service.", "Give its name, ARN or URL.")
        found = _join(found, named)
    return found


def parse_resource(text: str) -> Reference | None:
    """What an ARN or a URL of the AWS console refers to; None when `text` is neither.

    Raises:
        WrongUsage: It is one, but does not name a cluster, service, task or container.
    """
    found = parse_address(text)
    if found is not None and found.is_address_only:
        raise names_nothing(text.strip(), "ARN or the console URL")
    return found


def _parse_word(target: str) -> Reference:
    resource = parse_resource(target)
    if resource is not None:
        return resource
    name, slash, container = target.partition("/")
    if "/" in container or (slash and not container):
        raise WrongUsage(
            f"{shown(target)} is not a target.", "Give SERVICE[/CONTAINER] or TASK[/CONTAINER]."
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


def _name(text: str, what: str) -> str:
    if not text.strip():
        raise WrongUsage(f"The name of {what} is missing.", "It is empty.")
    if not NAME.fullmatch(text):
        raise WrongUsage(
            f"{shown(text)} cannot be the name of {what}.",
            "Names contain only letters, digits, - and _ (at most 255).",
        )
    return text
