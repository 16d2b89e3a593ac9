"""Service revisions of the service of `operation_case`, between which plans roll back."""

from __future__ import annotations

from dataclasses import replace

from ecs_tui.model.rules.revision_changes import changes
from ecs_tui.model.service import Network
from ecs_tui.model.service_revision import ContainerImage, ServiceRevision
from ecs_tui.model.task_definition import ContainerDefinition, TaskDefinition
from ecs_tui.operations.rollback import RollbackChoice
from tests.support.operation_case import BASE

OLD, NEW, OLDEST = (f"{BASE}:service-revision/staging/web/{number}" for number in (1, 2, 0))


def revision(arn: str, number: int, **fields: object) -> ServiceRevision:
    made = ServiceRevision(
        arn, task_definition=f"{BASE}:task-definition/web:{number}",
        network=Network(("a",), ("sg",), "DISABLED"),
        images=(ContainerImage("app", f"app:{number}", f"sha256:{str(number) * 64}"),),
    )  # fmt: skip
    return replace(made, **fields)  # type: ignore[arg-type]


def definition(number: int, **fields: object) -> TaskDefinition:
    app = ContainerDefinition("app", f"app:{number}", memory=128 * number)
    made = TaskDefinition(
        f"{BASE}:task-definition/web:{number}", "web", number, status="ACTIVE", containers=(app,)
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def choice(number: int = 6, *, read: bool = True, **fields: object) -> RollbackChoice:
    made = revision(OLD, number, **fields)
    old = definition(number) if read else None
    return RollbackChoice(made, old, changes(revision(NEW, 7), made, definition(7), old))
