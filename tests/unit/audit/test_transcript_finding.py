"""Transcripts of the demo account: each found where it is kept, or the reason why there is none."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from ecs_tui.audit.reading import read
from ecs_tui.audit.transcript_places import places_of_cluster
from ecs_tui.audit.transcript_search import SessionHit, searches
from ecs_tui.audit.transcripts import TranscriptFinder
from ecs_tui.aws.account import Account
from ecs_tui.aws.api import s3
from ecs_tui.aws.downloads import PIECE_BYTES
from ecs_tui.errors import AccessDenied, AwsError
from ecs_tui.model.transcript import (
    LoggedTranscript,
    NoTranscript,
    StoredTranscript,
    TranscriptPlace,
    TranscriptRef,
)
from ecs_tui.store.log_access import LogAccounts
from tests.support.demo import Demo
from tests.support.demo_logs import boto_client, task_ids

BUCKET = "example-corp-exec-logs"


@pytest.fixture(scope="module", autouse=True)
def unlimited(demo: Demo) -> None:
    demo.set_audit(rate=0)


@pytest_asyncio.fixture
async def accounts(demo: Demo) -> AsyncIterator[LogAccounts]:
    account = demo.account()
    found = LogAccounts(account)
    yield found
    await found.close()
    await account.close()


def account_in(accounts: LogAccounts) -> Any:
    def of(region: str) -> Account:
        return accounts.of(region).account

    return of


def sessions(demo: Demo, region: str = "us-east-1") -> list[dict[str, Any]]:
    """The records of ExecuteCommand that succeeded, newest first."""
    trail = boto_client(demo, "cloudtrail", region_name=region)
    pages = trail.get_paginator("lookup_events").paginate(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "ExecuteCommand"}]
    )
    records = [json.loads(each["CloudTrailEvent"]) for page in pages for each in page["Events"]]
    return [each for each in records if each.get("responseElements")]


def ref_of(record: dict[str, Any], **changed: Any) -> TranscriptRef:
    answer = record["responseElements"]
    began = time.mktime(time.strptime(record["eventTime"], "%Y-%m-%dT%H:%M:%SZ")) - time.timezone
    ref = TranscriptRef(
        answer["session"]["sessionId"],
        answer["clusterArn"],
        record["awsRegion"],
        answer["taskArn"],
        answer["containerName"],
        began=began,
    )
    return replace(ref, **changed)


def ref_in(
    demo: Demo, cluster: str, container: str = "app", region: str = "us-east-1", **changed: Any
) -> TranscriptRef:
    """The newest ended session of the history in a cluster."""
    for record in sessions(demo, region):
        answer = record["responseElements"]
        at_cluster = answer["clusterArn"].endswith(f"/{cluster}")
        ref = ref_of(record, **changed)
        if at_cluster and answer["containerName"] == container and ref.began < time.time() - 3600:
            return ref
    raise AssertionError(cluster)


async def find(accounts: LogAccounts, ref: TranscriptRef) -> TranscriptPlace | NoTranscript:
    return await TranscriptFinder(account_in(accounts)).find(ref)


async def whole(accounts: LogAccounts, place: TranscriptPlace) -> bytes:
    return b"".join([each.data async for each in read(place, account_in(accounts))])


@pytest.mark.asyncio
async def test_transcripts_are_found_where_they_are_kept(demo: Demo, accounts: LogAccounts) -> None:
    logged = await find(accounts, ref_in(demo, "prod"))
    assert isinstance(logged, LoggedTranscript) and logged.group.name == "/ecs/exec"
    default = await find(accounts, ref_in(demo, "staging"))
    assert isinstance(default, LoggedTranscript) and default.group.name == "/ecs/staging/payments"
    stored = await find(accounts, ref_in(demo, "exec-cases"))
    assert isinstance(stored, StoredTranscript) and stored.bucket == BUCKET and stored.size > 100
    for place in (logged, default, stored):
        data = await whole(accounts, place)
        assert data.startswith(b"Script started on") and b"exit" in data
        assert data.count(b"\n") == data.count(b"\r\n")


@pytest.mark.asyncio
async def test_each_reason_why_there_is_none(demo: Demo, accounts: LogAccounts) -> None:
    prod = ref_in(demo, "prod")
    web = task_ids(demo, "web", "staging")[0]
    old = next(
        each
        for each in sessions(demo)
        if each["responseElements"]["clusterArn"].endswith("/staging")
        and ref_of(each).began < time.time() - 2 * 86_400
    )
    expected: list[tuple[str, TranscriptRef]] = [
        ("no logging", ref_in(demo, "batch", "transform")),
        ("no script", ref_in(demo, "prod", "envoy")),
        ("region", ref_in(demo, "prod-eu", region="eu-west-1")),
        ("unknown", ref_of(old)),  # its task is gone
        ("round", replace(prod, direct=True)),
        ("open", replace(prod, session="ecs-execute-command-0", open=True)),
        ("not yet", replace(prod, session="ecs-execute-command-0", ended=time.time())),
        ("gone", replace(prod, cluster="nowhere")),
    ]
    for reason, ref in expected:
        found = await find(accounts, ref)
        assert isinstance(found, NoTranscript) and found.reason == reason, (reason, found)
        assert found.words.endswith((".", ")")), found.words
    # Of an open session that CloudTrail has the start of, Session Manager tells that it is open.
    (listed, *_) = boto_client(demo, "ssm").describe_sessions(State="Active")["Sessions"]
    running = replace(prod, session=listed["SessionId"], began=listed["StartDate"].timestamp())
    found = await find(accounts, running)
    assert isinstance(found, NoTranscript) and found.reason == "open", found
    # The group of staging's service web keeps events for a day.
    found = await find(accounts, ref_of(old, task=web))
    assert isinstance(found, NoTranscript) and found.reason == "expired", found


@pytest.mark.asyncio
async def test_configurations_without_a_place(demo: Demo, accounts: LogAccounts) -> None:
    ecs = boto_client(demo, "ecs")
    ref = ref_in(demo, "batch", "transform")
    export = TranscriptRef(ref.session, "batch", "", task_ids(demo, "export", "batch")[0], "export")
    for configuration, chosen, reason in (
        ({"logging": "DEFAULT"}, export, "no awslogs"),
        ({"logging": "OVERRIDE"}, ref, "no destination"),
    ):
        ecs.update_cluster(
            cluster="batch", configuration={"executeCommandConfiguration": configuration}
        )
        found = await find(accounts, chosen)
        assert isinstance(found, NoTranscript) and found.reason == reason, found
    ecs.update_cluster(
        cluster="batch", configuration={"executeCommandConfiguration": {"logging": "NONE"}}
    )


@pytest.mark.asyncio
async def test_what_may_not_be_read_is_said(demo: Demo, accounts: LogAccounts) -> None:
    ref = ref_in(demo, "prod")
    for denied in ("ecs:DescribeClusters", "logs:DescribeLogStreams"):
        demo.set_faults(deny=[denied])
        found = await find(accounts, ref)
        assert isinstance(found, NoTranscript) and found.reason == "denied"
        assert denied in found.words
    demo.heal()


@pytest.mark.asyncio
async def test_objects_are_read_in_pieces_and_refusals_have_codes(
    demo: Demo, accounts: LogAccounts
) -> None:
    account = accounts.of("").account
    body = bytes(range(256)) * 2_000
    boto_client(demo, "s3").put_object(Bucket=BUCKET, Key="exec/large.bin", Body=body)
    async with s3.read_object(account, BUCKET, "exec/large.bin") as (found, pieces):
        read_back = [each async for each in pieces]
    assert b"".join(read_back) == body and found.size == len(body)
    assert all(len(each) <= PIECE_BYTES for each in read_back)
    listed = [each async for page in s3.list_objects(account, BUCKET, "exec/") for each in page]
    assert {"exec/large.bin"} < {each.key for each in listed}
    assert all(each.size and each.modified for each in listed)
    for bucket, code in ((BUCKET, "NoSuchKey"), ("no-such-bucket-of-ours", "NoSuchBucket")):
        with pytest.raises(AwsError) as caught:
            async with s3.read_object(account, bucket, "nothing"):
                pass
        assert caught.value.code == code and not isinstance(caught.value, AccessDenied)


@pytest.mark.asyncio
async def test_all_transcripts_of_a_cluster_are_searched(demo: Demo, accounts: LogAccounts) -> None:
    account = accounts.of("").account
    now = time.time()

    async def search(cluster: str, text: str) -> tuple[list[SessionHit], str]:
        places = await places_of_cluster(account, cluster)
        assert not isinstance(places, str)
        (made,) = searches(account_in(accounts), places, text, now - 95 * 86_400, now)
        estimate = await made.estimate(now)
        last = None
        async for progress in made.run():
            last = progress
        assert last is not None and last.ended and last.words
        return list(last.hits), estimate

    hits, estimate = await search("prod", "PG_DUMP -h")
    assert hits and "Estimate: " in estimate
    assert all("pg_dump -h" in line for hit in hits for line in hit.lines)
    assert [hit.written for hit in hits] == sorted((hit.written for hit in hits), reverse=True)
    hits, estimate = await search("exec-cases", "script started on")
    assert len(hits) >= 1 and "to read" in estimate
    assert "records no sessions" in str(await places_of_cluster(account, "batch"))
    assert "DEFAULT" in str(await places_of_cluster(account, "staging"))
