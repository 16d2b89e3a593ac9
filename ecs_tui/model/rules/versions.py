"""Which version each task of a service runs, and what differs from the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from ecs_tui.model.container import Container
from ecs_tui.model.rules.exec_readiness import likely_container
from ecs_tui.model.rules.revision_changes import image_words
from ecs_tui.model.task import Task
from ecs_tui.record import dataclass

Versions = Mapping[str, tuple[str, str]]
"""(image, digest) by the name of a container."""


@dataclass(frozen=True, slots=True)
class TaskVersion:
    """What a task runs.

    Attributes:
        words: Image and digest of its main container, or of the first one that differs, with its name.
        differs: Whether a container's image or digest is not the service's usual one.
    """

    words: str = ""
    differs: bool = False


def usual_versions(tasks: Iterable[Task], definition: str) -> Versions:
    """The image and digest that most running tasks of a service have, for each container.

    Tasks of the service's own task definition count; without any, all do. Of equally frequent ones the
    first is taken.

    Args:
        tasks: The tasks of the service.
        definition: The ARN of its task definition.
    """
    running = [task for task in tasks if task.last_status == "RUNNING"]
    own = [task for task in running if task.task_definition == definition] or running
    counts: dict[str, Counter[tuple[str, str]]] = {}
    for task in own:
        for container in task.containers:
            counts.setdefault(container.name, Counter())[_version(container)] += 1
    return {name: found.most_common(1)[0][0] for name, found in counts.items()}


def task_version(task: Task, usual: Versions) -> TaskVersion:
    """The version of a task.

    A digest that ECS did not return for one of two containers is no difference.
    """
    odd = [item for item in task.containers if _differs(item, usual)]
    main = likely_container(task)
    if main is None and task.containers:
        main = task.containers[0]
    if odd and (main is None or main not in odd):
        return TaskVersion(f"{odd[0].name} {_words(odd[0])}", True)
    return TaskVersion(_words(main) if main is not None else "", bool(odd))


def _words(item: Container) -> str:
    return image_words(item.image, item.image_digest) if item.image else ""


def _version(item: Container) -> tuple[str, str]:
    return item.image, item.image_digest


def _differs(item: Container, usual: Versions) -> bool:
    known = usual.get(item.name)
    if known is None or not item.image:
        return False
    image, digest = known
    return item.image != image or bool(digest and item.image_digest and digest != item.image_digest)
