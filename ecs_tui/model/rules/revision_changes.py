"""What differs between two service revisions, container by container.

Values of environment variables are never kept, so only their names are compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ecs_tui.model.arn import short_name, target_group_name
from ecs_tui.model.load_balancer import LoadBalancer
from ecs_tui.model.service import Network
from ecs_tui.model.service_connect import ServiceConnect
from ecs_tui.model.service_revision import ServiceRevision
from ecs_tui.model.task_definition import ContainerDefinition, HealthCheck, TaskDefinition
from ecs_tui.record import dataclass

DIGEST_CHARACTERS = 12
"""Characters of a digest that are shown, as `docker images` does."""
NONE = "–"
"""In place of a value that one of two revisions does not have."""
SERVICE = "service"
TASK = "task"


@dataclass(frozen=True, slots=True)
class RevisionChange:
    """One difference.

    Attributes:
        thing: The container's name, `TASK` or `SERVICE`.
        name: What differs: image, memory, secrets …
        before, after: Both values in words, `NONE` for none.
        restored: Whether deploying the older task definition brings the value before back.
    """

    thing: str
    name: str
    before: str
    after: str
    restored: bool = True

    def __str__(self) -> str:
        return f"{self.thing} {self.name} {self.before} → {self.after}"


def changes(
    before: ServiceRevision,
    after: ServiceRevision,
    old: TaskDefinition | None,
    new: TaskDefinition | None,
) -> tuple[RevisionChange, ...]:
    """All differences: of the containers, of the task, and of the service's other settings.

    Args:
        before: The revision before.
        after: The other one.
        old: The task definition of `before`; None while it is not loaded.
        new: That of `after`; None while it is not loaded.
    """
    found: list[RevisionChange] = []
    if old is not None and new is not None:
        found += definition_changes(old, new)
    found += _digests(before, after)
    return (*found, *_service_changes(before, after))


def definition_changes(old: TaskDefinition, new: TaskDefinition) -> list[RevisionChange]:
    """The differences of two task definitions, the containers first; the order of containers and
    of variables does not count."""
    found: list[RevisionChange] = []
    names = dict.fromkeys(item.name for item in (*old.containers, *new.containers))
    for name in names:
        first, second = old.container(name), new.container(name)
        if first is None and second is not None:
            found.append(RevisionChange(name, "container", NONE, second.image or "added"))
        elif first is not None and second is None:
            found.append(RevisionChange(name, "container", first.image or "there", NONE))
        elif first is not None and second is not None and first != second:
            found += _images(name, first.image, second.image)
            found += _differing(name, _container(first), _container(second))
            found += _commands(name, first, second)
            found += _names(name, "environment", first.environment_names, second.environment_names)
            found += _names(name, "secrets", first.secret_names, second.secret_names)
            found += _secret_sources(name, first, second)
    return [*found, *_differing(TASK, _task(old), _task(new))]


def summary(found: Sequence[RevisionChange], most: int = 3) -> str:
    """The first differences in a line: `app image web:1 → web:2; app memory 512 → 1024 MiB; 2 more`."""
    if not found:
        return "nothing differs"
    shown = "; ".join(map(str, found[:most]))
    more = len(found) - most
    return f"{shown}; {more} more" if more > 0 else shown


def image_words(image: str, digest: str = "") -> str:
    """An image without its registry, and the beginning of its digest: `web:2.1 @1f3a5b7c9d0e`."""
    name = image.split("@", 1)[0].rsplit("/", 1)[-1]
    pinned = image.split("@", 1)[1] if "@" in image else ""
    shown = short_digest(digest or pinned)
    return f"{name} @{shown}".strip() if shown else name


def short_digest(digest: str) -> str:
    """The beginning of a digest without its algorithm: `sha256:1f3a…` as `1f3a5b7c9d0e`."""
    return digest.rpartition(":")[2][:DIGEST_CHARACTERS]


def _differing(
    thing: str, old: Mapping[str, str], new: Mapping[str, str], *, restored: bool = True
) -> list[RevisionChange]:
    return [
        RevisionChange(thing, name, old[name] or NONE, new[name] or NONE, restored)
        for name in old
        if old[name] != new[name]
    ]


def _container(item: ContainerDefinition) -> dict[str, str]:
    logging = item.logging
    return {
        "cpu": str(item.cpu or ""),
        "memory": _mib(item.memory),
        "memory reservation": _mib(item.memory_reservation),
        "health check": _check(item.health_check),
        "ports": " ".join(sorted(map(str, item.ports))),
        "essential": "yes" if item.essential else "no",
        "environment files": " ".join(item.environment_files),
        "read-only root": "yes" if item.readonly_root else "no",
        "restart policy": "on" if item.restarts else "off",
        "stop timeout": f"{item.stop_timeout} s" if item.stop_timeout is not None else "",
        "depends on": " ".join(item.depends_on),
        "logging": " ".join(
            word for word in (logging.driver, logging.options.get("awslogs-group", "")) if word
        ),
    }


def _task(item: TaskDefinition) -> dict[str, str]:
    return {
        "cpu": item.cpu,
        "memory": f"{item.memory} MiB" if item.memory else "",
        "architecture": item.architecture,
        "operating system": item.os_family,
        "network mode": item.network_mode,
        "task role": short_name(item.task_role_arn),
        "execution role": short_name(item.execution_role_arn),
    }


def _images(thing: str, old: str, new: str) -> list[RevisionChange]:
    """Another image; without the registry where only the name, the tag or the digest differs."""
    if old == new:
        return []
    first, second = image_words(old), image_words(new)
    if old.rpartition("/")[0] != new.rpartition("/")[0] or first == second:
        first, second = old, new
    return [RevisionChange(thing, "image", first or NONE, second or NONE)]


def _commands(
    thing: str, old: ContainerDefinition, new: ContainerDefinition
) -> list[RevisionChange]:
    """Whether another command runs. It is not shown: arguments may be passwords."""
    if (old.entry_point, old.command) == (new.entry_point, new.command):
        return []
    return [RevisionChange(thing, "command", "one", "another (not shown)")]


def _mib(value: int | None) -> str:
    return "" if value is None else f"{value} MiB"


def _check(item: HealthCheck | None) -> str:
    if item is None:
        return ""
    times = (
        ("every", item.interval), ("timeout", item.timeout), ("grace", item.start_period),
    )  # fmt: skip
    words = [" ".join(item.command)]
    words += [f"{name} {value} s" for name, value in times if value is not None]
    words += [f"{item.retries} retries"] if item.retries is not None else []
    return ", ".join(word for word in words if word)


def _names(thing: str, name: str, old: Iterable[str], new: Iterable[str]) -> list[RevisionChange]:
    """The names that only one of two containers has."""
    first, second = set(old), set(new)
    if first == second:
        return []
    gone, came = " ".join(sorted(first - second)), " ".join(sorted(second - first))
    return [RevisionChange(thing, f"{name} names", gone or NONE, came or NONE)]


def _secret_sources(
    thing: str, old: ContainerDefinition, new: ContainerDefinition
) -> list[RevisionChange]:
    """Secrets that are read from another place than before."""
    first = dict(zip(old.secret_names, old.secret_sources, strict=False))
    second = dict(zip(new.secret_names, new.secret_sources, strict=False))
    return [
        RevisionChange(thing, f"secret {name} from", first[name], second[name])
        for name in first
        if name in second and first[name] != second[name]
    ]


def _digests(before: ServiceRevision, after: ServiceRevision) -> list[RevisionChange]:
    """Containers with another digest of the same image: the tag has been moved."""
    found = []
    for old in before.images:
        new = after.image(old.container)
        if new is None or new.image != old.image or not (old.digest and new.digest):
            continue
        if old.digest != new.digest:
            first, second = image_words(old.image, old.digest), image_words(new.image, new.digest)
            found.append(RevisionChange(old.container, "digest", first, second, restored=False))
    return found


def _service_changes(before: ServiceRevision, after: ServiceRevision) -> list[RevisionChange]:
    return _differing(SERVICE, _settings(before), _settings(after), restored=False)


def _settings(item: ServiceRevision) -> dict[str, str]:
    network = item.network or Network()
    capacity = [f"{each.provider} base {each.base} weight {each.weight}" for each in item.capacity]
    return {
        "launch type": item.launch_type,
        "capacity providers": ", ".join(capacity),
        "platform version": item.platform_version,
        "cpu architecture": item.cpu_architecture,
        "subnets": " ".join(sorted(network.subnets)),
        "security groups": " ".join(sorted(network.security_groups)),
        "public IP": network.public_ip.lower(),
        "load balancers": ", ".join(sorted(map(_balancer, item.load_balancers))),
        "service registries": " ".join(sorted(short_name(each.arn) for each in item.registries)),
        "service connect": _connect(item.connect),
        "volumes": ", ".join(
            f"{each.name} {each.type} {each.gib if each.gib is not None else '?'} GiB"
            for each in item.volumes
        ),
        "VPC Lattice": " ".join(sorted(map(short_name, item.lattice))),
        "GuardDuty": "on" if item.guard_duty else "off",
    }


def _balancer(item: LoadBalancer) -> str:
    groups = "+".join(map(target_group_name, item.target_groups)) or item.name
    return f"{groups} → {item.container}:{item.port}" if item.container else groups


def _connect(item: ServiceConnect | None) -> str:
    if item is None or not item.enabled:
        return ""
    names = [each.discovery_name or each.port_name for each in item.services]
    return " ".join((short_name(item.namespace), *sorted(names)))
