"""Parts of the demo's deployments and neighbours: past deployments, records, actions, datapoints."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest
from botocore import xform_name

from ecs_tui.demo import cbor, rpc
from ecs_tui.demo.deployment_history import image_of
from ecs_tui.demo.deployment_records import ACTIVE
from ecs_tui.demo.deployment_responses import DeploymentActions
from ecs_tui.demo.deployment_views import deployment_arn, revision_arn
from ecs_tui.demo.ecs import DemoEcsBackend
from ecs_tui.demo.metrics import LATE_SECONDS, DemoMetric, ServiceView, point
from ecs_tui.demo.network import network_of
from ecs_tui.demo.on_request import clusters_on_request
from ecs_tui.demo.recording import begin_record, breaker_view, follow, revision_of
from ecs_tui.demo.seed_services import tags_of
from ecs_tui.demo.server import REGION
from ecs_tui.system import wall_clock
from tests.support.demo_backend import filled, model

ACCOUNT = "111100000021"


@pytest.fixture(scope="module")
def ecs() -> Iterator[DemoEcsBackend]:
    with wall_clock.restored():
        yield filled(ACCOUNT)


@pytest.mark.parametrize(
    ("image", "back", "earlier"),
    [
        ("registry/app:2026.11", 0, "registry/app:2026.11"),
        ("registry/app:2026.11", 2, "registry/app:2026.09"),
        ("registry/app:2026.11", -1, "registry/app:2026.11"),
        ("registry/app:stable", 1, "registry/app:stable"),
        ("registry/app:2026.01", 1, "registry/app:2026.01"),
        ("envoy:v1.29.12.1-prod", 1, "envoy:v1.29.12.1-prod"),
    ],
)
def test_earlier_versions_have_the_tags_of_earlier_months(
    image: str, back: int, earlier: str
) -> None:
    assert image_of(image, back) == earlier


def test_the_usual_account_has_a_history_and_shows_what_it_showed(ecs: DemoEcsBackend) -> None:
    records = ecs.service_states["prod:web"].records
    assert len(records) == 3 and not any(each.active for each in records)
    assert ecs.service_states["prod:checkout"].records[0].status in ACTIVE
    assert set(ecs.clusters) == {"prod", "staging", "batch", "exec-cases"}


def test_a_record_follows_its_roll_out(ecs: DemoEcsBackend) -> None:
    service = ecs.services["prod:mailer"]
    state = ecs.service_states["prod:mailer"]
    now = wall_clock.now()
    ecs.deploy(service, state, state.primary.task_definition, now)
    record = state.record
    assert record is not None and record.active and record.desired == -1
    assert breaker_view(record, 3) == {"status": "DISABLED", "failureCount": 0, "threshold": 3}
    definition = ecs.describe_task_definition(state.primary.task_definition)
    newer = begin_record(
        service, state, revision_of(service, state, state.primary, definition), now
    )
    assert newer is not None and record.status == "STOPPED"  # the newer one replaces it
    state.primary.rollout, state.primary.updated_at = "COMPLETED", now + 60
    follow(service, state, now + 61)
    assert (newer.status, newer.finished_at, newer.desired) == ("SUCCESSFUL", now + 60, 3)
    assert (
        deployment_arn(service, newer).split(":service-deployment/")[1].startswith("prod/mailer/")
    )
    assert revision_arn(service, newer.target).endswith(f"prod/mailer/{newer.target.number}")


def test_each_operation_has_its_action() -> None:
    known = {xform_name(name) for name in model("ecs").operation_names}
    actions = {name for name in vars(DeploymentActions) if not name.startswith("_")}
    assert {name for name in actions if "deployment" in name or "revision" in name} <= known
    assert len(actions & known) == 5


def test_a_datapoint_is_there_when_its_period_has_ended() -> None:
    minutes: list[int] = []

    def value(minute: int, statistic: str) -> float:
        minutes.append(minute)
        return math.nan if minute == 12 else float(minute)

    metric = DemoMetric("AWS/ECS", "CPUUtilization", (), value)
    assert point(metric, 600.0, 60, "Average", 660.0) is None
    assert point(metric, 600.0, 60, "Average", 660.0 + LATE_SECONDS) == 10.0
    assert point(metric, 600.0, 180, "Sum", 1000.0) == pytest.approx(10.5 * 3)
    assert point(metric, 600.0, 180, "Maximum", 1000.0) == 11.0
    assert point(metric, 600.0, 180, "Minimum", 1000.0) == 10.0
    assert point(metric, 600.0, 180, "SampleCount", 1000.0) == 3.0
    assert point(metric, 720.0, 60, "Average", 1000.0) is None
    minutes.clear()
    point(metric, 0.0, 3600, "Average", 1e6)
    assert len(minutes) <= 6  # a long period is not computed minute by minute


def test_tasks_that_nobody_remembers_are_as_many_as_desired(ecs: DemoEcsBackend) -> None:
    now = wall_clock.now()
    seen = ServiceView(ecs, ecs.services["prod:web"], now)
    assert not seen.knows(now - 7200) and seen.knows(now)
    assert seen.running(int((now - 7200) // 60)) == seen.desired(int(now // 60)) == 8


def test_clusters_are_added_on_request_only() -> None:
    assert clusters_on_request(cases=False, incident="") == ()
    found = [each.name for each in clusters_on_request(cases=True, incident="memory")]
    assert found == ["deployment-cases", "failure-cases", "instance-cases", "shop"]
    assert tags_of((("team", "shop"),)) == [{"key": "team", "value": "shop"}]


def test_tasks_have_three_subnets() -> None:
    assert len(network_of(ACCOUNT, REGION)["awsvpcConfiguration"]["subnets"]) == 3


@pytest.mark.parametrize(
    ("path", "operation"),
    [
        ("/service/GraniteServiceVersion20100801/operation/GetMetricData", "GetMetricData"),
        ("/", None),
        ("/service/a/b/operation/X", None),
    ],
)
def test_a_request_is_known_by_its_path(path: str, operation: str | None) -> None:
    found = rpc.RPC_PATH.match(path)
    assert (found and found[1]) == operation


def test_a_refusal_names_its_type() -> None:
    body = cbor.decode(rpc.error_body("AccessDeniedException", "no"))
    assert body == {"__type": "AccessDeniedException", "message": "no"}
