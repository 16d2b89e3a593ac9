"""The access review: what principals may, beside what they did."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ecs_tui.audit.review import (
    REVIEW_KEYS,
    AccessNow,
    ReviewRow,
    ReviewVerdict,
    Use,
    csv_of,
    flat_review,
    granted_principals,
    review,
    uses,
)
from ecs_tui.audit.review_reading import access_now
from ecs_tui.aws.account import Account, Credentials
from ecs_tui.cli.review import TABLE
from ecs_tui.model.audit_event import AuditEvent, AuditTarget, Principal, pack
from ecs_tui.model.rules.principals import principal_of_event, went_round
from ecs_tui.store.access import AccessChecker

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
ROLE = "arn:aws:iam::1:role/team/dev"
ALICE = Principal("role", "dev", "alice", "1", "arn:aws:sts::1:assumed-role/dev/alice")
CAROL = Principal("role", "dev", "carol", "1", "arn:aws:sts::1:assumed-role/dev/carol")
BOB = Principal("user", "bob", account="1", arn="arn:aws:iam::1:user/bob")
ECS_ITSELF = Principal(
    "role", "AWSServiceRoleForECS", "ecs-execute-command", "1",
    "arn:aws:sts::1:assumed-role/AWSServiceRoleForECS/ecs-execute-command", invoked_by="ecs.amazonaws.com",
)  # fmt: skip
PROD = AuditTarget("prod", task="a" * 32)
ISSUER = pack({"userIdentity": {"sessionContext": {"sessionIssuer": {"arn": ROLE}}}})


def event(
    identity: str, who: Principal, name: str = "ExecuteCommand", error: str = "", *,
    target: AuditTarget = PROD, minutes: int = 0,
) -> AuditEvent:  # fmt: skip
    service = "ssm" if name == "StartSession" else "ecs"
    return AuditEvent(
        identity, name, service, NOON + timedelta(minutes=minutes), who=who, error_code=error,
        target=target, packed=ISSUER if who.kind == "role" and who is not ECS_ITSELF else b"",
    )  # fmt: skip


def test_what_was_done_is_counted_by_principal() -> None:
    found = uses(
        [
            event("1", ALICE),
            event("2", CAROL, minutes=5),
            event("3", ALICE, error="AccessDenied"),
            event("4", ALICE, error="TargetNotConnectedException"),
            event("5", BOB, "StartSession"),
            event("6", ECS_ITSELF, "StartSession"),
            event("7", BOB, target=AuditTarget("staging")),
            event("8", BOB, "UpdateService"),
            event("9", BOB, "StartSession", target=AuditTarget()),
            event("10", Principal(), error="AccessDenied"),
        ],
        "prod",
    )
    assert found == {
        ROLE: Use(2, 0, 1, 1, ("alice", "carol"), NOON + timedelta(minutes=5)),
        BOB.arn: Use(0, 1, 0, 0, ("bob",), NOON),
        "": Use(0, 0, 1, 0, ("unknown",), NOON),
    }


@pytest.mark.parametrize(
    ("who", "arn"),
    [
        (BOB, BOB.arn),
        (Principal("root", arn="arn:aws:iam::1:root"), "arn:aws:iam::1:root"),
        (Principal(), ""),
        (Principal("service", "ecs.amazonaws.com"), ""),
        (Principal("sso", "Administrator", "eve"), ""),
    ],
)
def test_the_principal_of_an_event(who: Principal, arn: str) -> None:
    assert principal_of_event(event("1", who)) == arn


def test_a_role_without_its_issuer_is_known_by_its_session() -> None:
    bare = AuditEvent("1", "ExecuteCommand", "ecs", NOON, who=ALICE)
    assert principal_of_event(bare) == "arn:aws:iam::1:role/dev"


ALL, SOME, NONE = AccessNow(2, 2), AccessNow(1, 2), AccessNow(0, 2)
UNSURE, FAILED = AccessNow(0, 2, uncertain=True), AccessNow(error="not allowed to look")


@pytest.mark.parametrize(
    ("now", "use", "verdict"),
    [
        (ALL, Use(3), "used"),
        (SOME, Use(3, 1), "used"),
        (NONE, Use(3), "may no longer"),
        (UNSURE, Use(3), "used"),
        (FAILED, Use(3), "used"),
        (ALL, Use(0, 1), "only round the record"),
        (NONE, Use(0, 1, 4), "only round the record"),
        (ALL, Use(denied=1), "denied"),
        (NONE, Use(denied=1), "denied"),
        (ALL, Use(failed=1), "never used"),
        (SOME, Use(), "never used"),
        (NONE, Use(), "no access"),
        (UNSURE, Use(), "unknown"),
        (FAILED, Use(), "unknown"),
        (AccessNow(), Use(), "unknown"),
    ],
)
def test_how_both_go_together(now: AccessNow, use: Use, verdict: ReviewVerdict) -> None:
    row = ReviewRow("arn", now, use)
    assert row.verdict == verdict
    printed = flat_review(row)
    assert tuple(printed) == REVIEW_KEYS and printed["verdict"] == verdict
    assert all(column.value(printed) is not Ellipsis for column in TABLE)
    if now.error:
        assert printed["allowedContainers"] is None and printed["notKnown"] == now.error


def test_what_deserves_a_look_comes_first() -> None:
    rows = review(
        {"a": Use(1), "b": Use(0, 2), "c": Use(denied=1)}, {"a": ALL, "d": ALL, "e": NONE}, ["e"]
    )
    assert [row.principal for row in rows] == ["b", "c", "d", "a", "e"]
    assert rows[0].now.may == "unknown"


def test_principals_that_were_let_in() -> None:
    def attach(subject: str, error: str = "") -> AuditEvent:
        return AuditEvent(
            subject, "AttachRolePolicy", "iam", NOON, account="1", who=BOB, subject=subject,
            error_code=error,
        )  # fmt: skip

    events = [
        attach("role ops"), attach("user eve"), attach("policy x"), attach("role no", "AccessDenied")
    ]  # fmt: skip
    assert granted_principals(events) == ["arn:aws:iam::1:role/ops", "arn:aws:iam::1:user/eve"]


def test_a_hostile_name_is_no_formula() -> None:
    text = csv_of([ReviewRow("=1+1\n", ALL)])
    assert text.splitlines()[1].startswith("'=1+1")


def test_who_went_round_the_record() -> None:
    events = [
        event("1", ALICE, "StartSession"),
        event("2", BOB, "StartSession", error="AccessDenied"),
        event("3", ECS_ITSELF, "StartSession"),
        event("4", Principal("root", arn="arn:aws:iam::1:root"), "StartSession"),
        event("5", BOB, "StartSession", target=AuditTarget("staging")),
        event("6", BOB),
    ]
    assert went_round(events, "prod") == [ROLE]


@pytest.mark.asyncio
async def test_where_no_task_runs_nothing_is_asked_and_nothing_known() -> None:
    account = Account(None, "eu-west-1", "http://127.0.0.1:9", credentials=Credentials("a", "b"))
    try:
        found = await access_now(account, AccessChecker(account), ROLE, ())
    finally:
        await account.close()
    assert found == AccessNow() and found.may == "unknown"
