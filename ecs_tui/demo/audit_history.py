"""90 days of CloudTrail events before the demo began: the same ones in each run, times aside.

A few of them are declared, those that an auditor looks for; the others are drawn at random from a
fixed seed. Times are relative to the start of the demo. Nothing is computed before it is asked for.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ecs_tui.demo.account import DAY, HOUR
from ecs_tui.demo.audit_people import (
    ALICE,
    BOB,
    CAROL,
    COPILOT,
    DENIED_CALLERS,
    ERIN,
    EXEC_CALLERS,
    FRANK,
    GRACE,
    HEIDI,
    IVAN,
    PIPELINE,
    ROOT,
    SCALING,
    SCHEDULER,
)
from ecs_tui.demo.audit_writer import (
    ECS,
    HOME_REGION,
    IAM,
    SSM,
    HistoryWriter,
    PastSession,
    PlacedTask,
    base36,
)
from ecs_tui.demo.cloudtrail_record import SECRET_TEXTS, TrailIdentity, TrailRecord, digest
from ecs_tui.record import dataclass

HISTORY_DAYS = 90
_SEED = 20261129
_RECENT = 2 * DAY
"""The random part of the history ends so long ago (s): tasks of that age are gone."""


@dataclass(frozen=True, slots=True)
class PastEvents:
    """The events, oldest first, and the sessions that they opened, by ID."""

    records: Sequence[TrailRecord]
    sessions: Mapping[str, PastSession]


COMMANDS = ("/bin/sh", "/bin/bash", "bash", "/bin/sh -c 'cat /proc/1/status'", "rails console",
            "python manage.py shell", "psql", "sh -c 'env'")  # fmt: skip
"""Commands of ExecuteCommand, the usual ones first."""


def history(
    account: str, began: float, count: int, running: Mapping[str, Sequence[PlacedTask]]
) -> PastEvents:
    """The history of the account before `began`.

    Args:
        began: When the demo began, in seconds since 1970.
        count: About how many events there are.
        running: The tasks that run, by `region/cluster/service`, in the order of their start.
    """
    writer = HistoryWriter(account, began, running)
    _declared(writer)
    rng = random.Random(_SEED)
    span = HISTORY_DAYS * DAY - _RECENT - HOUR
    number = 0
    while len(writer.records) < count:
        number += 1
        at = began - _RECENT - span * rng.random() ** 1.15
        _draw(writer, rng, at, number)
    writer.records.sort(key=lambda record: record.position)
    return PastEvents(writer.records, writer.sessions)


def _policy(*actions: str) -> str:
    listed = ", ".join(f'"{action}"' for action in actions)
    return (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": '
        f'[{listed}], "Resource": "*"}}]}}'
    )


def _declared(writer: HistoryWriter) -> None:
    """The events that are always there."""
    began = writer.began
    web, orders = writer.place("prod", "web"), writer.place("prod", "orders")
    # Sessions that are open now.
    writer.exec(began - 25 * 60, CAROL, web, "/bin/bash", open_now=True)
    writer.exec(began - 12 * 60, BOB, writer.place("batch", "ingest"), "/bin/sh", open_now=True)
    writer.direct(began - 40 * 60, GRACE, orders, open_now=True)
    # Recent sessions that have ended: recorded, in an image without `script`, in each kind of place.
    writer.exec(began - 3 * HOUR, IVAN, orders, "psql", length=1260)
    writer.exec(began - 4 * HOUR, ALICE, web, "/bin/sh", container="envoy", length=240)
    writer.exec(began - 2.2 * HOUR, CAROL, writer.place("staging", "payments"), "/bin/sh")
    writer.exec(began - 2.5 * HOUR, GRACE, writer.place("batch", "transform"), "/bin/sh")
    writer.exec(began - 1.4 * HOUR, ALICE, writer.place("exec-cases", "healthy"), "/bin/sh")
    writer.exec(began - 1.2 * HOUR, BOB, writer.place("prod-eu", "checkout-eu"), "/bin/sh")
    writer.exec(began - 3 * DAY, CAROL, writer.place("staging", "web"), "/bin/sh", by_arn=True)
    writer.exec(
        began - 5 * DAY, COPILOT, writer.place("prod", "search"),
        "sh -c '\n  for i in 1 2 3; do\n    curl -s localhost:9200/_cluster/health\n  done'",
        sent_container=False, length=30,
    )  # fmt: skip
    # Round the record, and what never succeeded.
    writer.direct(began - 2 * DAY, FRANK, writer.place("prod", "cart"))
    for hours, null in ((6, True), (7, False), (30, True)):
        writer.denied(began - hours * HOUR, HEIDI, orders, null=null)
    _failed(writer, began - 9 * HOUR, DAY)
    _opened_doors(writer, began)


def _failed(writer: HistoryWriter, at: float, every: float) -> None:
    """ExecuteCommand that failed for other reasons than IAM."""
    reports = writer.place("prod", "reports")
    asked = {"cluster": "prod", "command": "/bin/sh", "interactive": True}
    texts = (
        ("InvalidParameterException", "The execute command failed because execute command was not "
         "enabled when the task was run or the execute command agent isn’t running. Wait and try "
         "again or run a new task with execute command enabled and try again."),
        ("TargetNotConnectedException", "The execute command failed due to an internal error. Try "
         "again later."),
        ("ClusterNotFoundException", "Cluster not found."),
    )  # fmt: skip
    for number, error in enumerate(texts):
        when = at - number * every
        task = writer.task_at(reports, when).id
        writer.call(when, BOB, ECS, "ExecuteCommand", {**asked, "task": task}, error=error)


def _opened_doors(writer: HistoryWriter, began: float) -> None:
    """Changes that made exec possible, or changed how it is recorded."""
    web = writer.place("prod", "web")
    writer.update_service(
        began - 21 * DAY, COPILOT, web, enableExecuteCommand=True, forceNewDeployment=True
    )
    writer.update_service(
        began - 4 * DAY, ERIN, writer.place("prod", "invoices"), enableExecuteCommand=True
    )
    for ago, logging in ((12, "NONE"), (80, "DEFAULT")):
        asked = {
            "cluster": "batch",
            "configuration": {"executeCommandConfiguration": {"logging": logging}},
        }
        writer.call(began - ago * DAY, ERIN, ECS, "UpdateCluster", asked, {"cluster": {}})
    daemon = {
        "daemonName": "security-agent",
        "clusterArn": f"arn:aws:ecs:{HOME_REGION}:{writer.account}:cluster/batch",
        "enableExecuteCommand": True,
    }
    writer.call(began - 28 * DAY, ERIN, ECS, "CreateDaemon", daemon, {"status": "ACTIVE"})
    run = {
        "cluster": "prod",
        "taskDefinition": "orders",
        "enableExecuteCommand": True,
        "startedBy": "alice",
        "launchType": "FARGATE",
    }
    writer.call(began - 8 * DAY, ALICE, ECS, "RunTask", run, {"tasks": [], "failures": []})
    grants = _policy("ecs:ExecuteCommand", "ecs:DescribeTasks")
    iam: tuple[tuple[float, TrailIdentity, str, Mapping[str, Any]], ...] = (
        (30, ROOT, "PutRolePolicy",
         {"roleName": "dev", "policyName": "exec", "policyDocument": grants}),
        (17, ERIN, "PutUserPolicy",
         {"userName": "judy", "policyName": "sessions",
          "policyDocument": _policy("ssm:StartSession", "ssm:ResumeSession")}),
        (16, ERIN, "PutGroupPolicy",
         {"groupName": "readers", "policyName": "look", "policyDocument": _policy("ecs:List*")}),
        (45, ERIN, "CreatePolicy",
         {"policyName": "exec-everywhere", "policyDocument": _policy("ecs:*")}),
        (44, ERIN, "CreatePolicyVersion",
         {"policyArn": f"arn:aws:iam::{writer.account}:policy/exec-everywhere",
          "policyDocument": grants, "setAsDefault": False}),
        (43, ERIN, "SetDefaultPolicyVersion",
         {"policyArn": f"arn:aws:iam::{writer.account}:policy/exec-everywhere", "versionId": "v2"}),
        (42, ROOT, "AttachRolePolicy",
         {"roleName": "break-glass",
          "policyArn": "arn:aws:iam::aws:policy/AmazonECS_FullAccess"}),
        (41, ERIN, "AttachUserPolicy",
         {"userName": "judy", "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
    )  # fmt: skip
    for days, who, name, parameters in iam:
        writer.call(began - days * DAY, who, IAM, name, parameters)


# -- the random part


def _draw(writer: HistoryWriter, rng: random.Random, at: float, number: int) -> None:
    """One more event, or an ExecuteCommand with its StartSession."""
    kind = rng.random()
    if kind < 0.42:
        _draw_exec(writer, rng, at)
    elif kind < 0.46:
        place = rng.choice(writer.places)
        writer.denied(at, _weighted(rng, DENIED_CALLERS), place, null=rng.random() < 0.5)
    elif kind < 0.62:
        place = rng.choice(writer.places)
        revision = rng.randint(1, place.service.revision)
        writer.update_service(
            at, PIPELINE, place, taskDefinition=f"{place.service.name}:{revision}"
        )
    elif kind < 0.78:
        place = rng.choice(writer.places)
        writer.update_service(at, SCALING, place, desiredCount=rng.randint(1, 12))
    elif kind < 0.92:
        asked = {
            "cluster": "prod", "taskDefinition": "reports", "count": 1,
            "startedBy": "events-rule/nightly-report",
        }  # fmt: skip
        writer.call(at, SCHEDULER, ECS, "RunTask", asked, {"tasks": [], "failures": []})
    elif kind < 0.96:
        _draw_instance_session(writer, rng, at, number)
    else:
        policy = {
            "roleName": rng.choice(("lambda-thumbnails", "ecs-exec-task-role", "ci")),
            "policyName": "inline",
            "policyDocument": _policy("s3:GetObject", "sqs:SendMessage"),
        }
        writer.call(at, ERIN, IAM, "PutRolePolicy", policy)


def _draw_exec(writer: HistoryWriter, rng: random.Random, at: float) -> None:
    prod = rng.random() < 0.88
    places = [each for each in writer.places if (each.cluster == "prod") == prod]
    place = rng.choice([each for each in places if each.service.exec_enabled] or places)
    command = COMMANDS[min(int(rng.expovariate(0.9)), len(COMMANDS) - 1)]
    session = writer.exec(
        at, _weighted(rng, EXEC_CALLERS), place, command,
        length=rng.expovariate(1 / 480) + 8, by_arn=rng.random() < 0.3,
    )  # fmt: skip
    found = writer.sessions[session]
    if rng.random() < 0.05:
        for name in ("ResumeSession", "TerminateSession"):
            when = at + 60 if name == "ResumeSession" else found.ended
            asked = {"sessionId": session}
            writer.call(when, found.who, SSM, name, asked, asked, region=place.region)


def _draw_instance_session(
    writer: HistoryWriter, rng: random.Random, at: float, number: int
) -> None:
    """A session at an EC2 instance: not ECS's."""
    who = _weighted(rng, EXEC_CALLERS)
    instance = f"i-0{digest('instance', number)[:16]}"
    answer = {"sessionId": f"{who.username}-{base36(number, 17)}", "tokenValue": SECRET_TEXTS[SSM]}
    writer.call(at, who, SSM, "StartSession", {"target": instance}, answer)


def _weighted(rng: random.Random, choices: Iterable[tuple[TrailIdentity, int]]) -> TrailIdentity:
    listed = list(choices)
    return rng.choices([who for who, _ in listed], [weight for _, weight in listed])[0]


def recent_first(
    records: Sequence[TrailRecord], others: Iterable[TrailRecord]
) -> Iterator[TrailRecord]:
    """Records, which are sorted by their positions, and a few others: newest first."""
    more = sorted(others, key=lambda record: record.position)
    left, right = len(records) - 1, len(more) - 1
    while left >= 0 or right >= 0:
        if right < 0 or (left >= 0 and records[left].position > more[right].position):
            yield records[left]
            left -= 1
        else:
            yield more[right]
            right -= 1
