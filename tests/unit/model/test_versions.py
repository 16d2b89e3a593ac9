"""Which version each task of a service runs, and which of them differ."""

from __future__ import annotations

from dataclasses import replace

from ecs_tui.model.container import Container
from ecs_tui.model.rules.versions import TaskVersion, task_version, usual_versions
from tests.support.list_rows import CONTAINER, TASK

DIGEST, OTHER = f"sha256:{'1' * 64}", f"sha256:{'2' * 64}"
APP = replace(CONTAINER, image="shop/app:7", image_digest=DIGEST)
ENVOY = Container("envoy", "", "", "RUNNING", image="envoy:1", image_digest=DIGEST)
USUAL = replace(TASK, containers=(ENVOY, APP))


def version(*containers: Container) -> TaskVersion:
    every = [USUAL, USUAL, replace(TASK, containers=containers)]
    return task_version(every[2], usual_versions(every, TASK.task_definition))


def test_all_alike() -> None:
    assert version(ENVOY, APP) == TaskVersion(f"app:7 @{'1' * 12}")


def test_another_digest_of_the_same_tag_stands_out() -> None:
    assert version(ENVOY, replace(APP, image_digest=OTHER)) == TaskVersion(
        f"app:7 @{'2' * 12}", True
    )


def test_a_digest_that_is_not_known_is_no_difference() -> None:
    assert not version(ENVOY, replace(APP, image_digest="")).differs


def test_a_sidecar_that_differs_is_named() -> None:
    found = version(replace(ENVOY, image="envoy:2"), APP)
    assert found == TaskVersion(f"envoy envoy:2 @{'1' * 12}", True)


def test_the_revision_of_the_service_is_the_usual_one_even_if_fewer_run_it() -> None:
    new = replace(TASK, task_definition="d8", containers=(replace(APP, image="shop/app:8"),))
    usual = usual_versions([USUAL, USUAL, new], "d8")
    assert usual == {"app": ("shop/app:8", DIGEST)}
    assert task_version(USUAL, usual).differs and not task_version(new, usual).differs
    assert usual_versions([], "d8") == {}
    assert task_version(replace(TASK, containers=()), {}) == TaskVersion()
