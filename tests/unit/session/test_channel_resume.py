"""The built-in client without answers, and with a connection that breaks."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator

import pytest

from ecs_tui.session.channel import report
from ecs_tui.session.channel.connection import (
    GIVE_UP_SECONDS,
    PING_SECONDS,
    STALLED_SECONDS,
)
from ecs_tui.session.channel.resume import (
    MAX_PAUSE_SECONDS,
    RESUME_SECONDS,
)
from tests.support.channel_client import client, reached, shell
from tests.support.peer import OUTPUT, Peer
from tests.support.virtual_io import run


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    return


def events(talk: object) -> list[str]:
    return [event for event, _ in talk.reports]  # type: ignore[attr-defined]


def test_a_silent_far_end_is_pinged_and_an_answer_is_enough() -> None:
    async def story() -> None:
        async with shell() as (peer, talk):
            await asyncio.sleep(120)
            assert events(talk) == []
            assert len(peer.openings) == 1
            pauses = [b - a for a, b in zip(peer.pings[1:], peer.pings[2:], strict=False)]
            assert all(PING_SECONDS <= pause <= PING_SECONDS + 1.5 for pause in pauses)

    run(story())


def test_silence_is_told_and_then_the_connection_is_given_up() -> None:
    async def story() -> None:
        async with shell() as (peer, talk):
            peer.resumes()
            peer.pongs = False
            await asyncio.sleep(1)
            began = talk.passed
            await reached(lambda: report.STALLED in events(talk), "told")
            assert STALLED_SECONDS < talk.passed - began < PING_SECONDS + STALLED_SECONDS + 2
            await reached(lambda: peer.called("ResumeSession"), "resumed")
            assert GIVE_UP_SECONDS - 2 < talk.passed - began < GIVE_UP_SECONDS + 2
            peer.pongs = True
            await reached(lambda: report.RESUMED in events(talk), "a word on the new one")
            assert [opening["TokenValue"] for opening in peer.openings] == ["token-0", "token-1"]
            await asyncio.sleep(30)
            assert len(peer.called("ResumeSession")) == 1

    run(story())


def test_a_key_that_is_not_acknowledged_is_told_once_and_taken_back() -> None:
    async def story() -> None:
        async with shell() as (peer, talk):
            peer.acks = False
            talk.type(b"k")
            began = talk.passed
            await reached(lambda: report.STALLED in events(talk), "told")
            assert STALLED_SECONDS <= talk.passed - began < STALLED_SECONDS + 1
            await asyncio.sleep(30)  # pongs come: the connection is not given up
            assert events(talk) == [report.STALLED]
            assert len(peer.openings) == 1
            await peer.acknowledge(peer.stream(OUTPUT)[0])
            await reached(lambda: events(talk) == [report.STALLED, report.ANSWERING], "taken back")

    run(story())


def test_after_a_break_all_that_was_not_acknowledged_goes_out_again_at_once() -> None:
    async def story() -> None:
        async with shell() as (peer, talk):
            peer.resumes()
            peer.acks = False
            for key in (b"a", b"b", b"c"):
                talk.type(key)
                await reached(
                    lambda key=key: (
                        peer.stream(OUTPUT)[-1:]  # type: ignore[misc]
                        and peer.stream(OUTPUT)[-1].payload == key
                    ),
                    "the key",
                )
            await peer.acknowledge(peer.stream(OUTPUT)[0])
            await asyncio.sleep(0)
            before = len(peer.received)
            peer.abort()
            peer.acks = True
            await reached(lambda: len(peer.openings) == 2, "another connection")
            began = talk.passed
            await reached(lambda: len(peer.received) >= before + 2, "both")
            assert talk.passed - began < 0.1
            again = [wire.payload for wire in peer.received[before:]][:2]
            assert again == [b"b", b"c"]
            base = peer.sequence
            await peer.send(OUTPUT, b"known", base - 1)  # from before the break: a duplicate
            await peer.send(OUTPUT, b"on")
            await reached(lambda: talk.out == b"on", "what is new")
            await asyncio.sleep(0.2)
            assert peer.acknowledged()[-2:] == [base - 1, base]

    run(story())


def test_tries_come_at_growing_pauses() -> None:
    async def story() -> None:
        async with shell() as (peer, talk):
            peer.resumes()
            peer.refuse = True
            peer.abort()
            await reached(lambda: ("resuming", "8") in talk.reports, "tries")
            times = [at for at, _ in peer.called("ResumeSession")]
            pauses = [b - a for a, b in itertools.pairwise(times)]
            for pause, wanted in zip(pauses, (0.2, 0.4, 0.8, 1.6, 3.2), strict=False):
                assert 0.8 * wanted <= pause <= 1.2 * wanted + 0.1
            assert all(
                0.8 * MAX_PAUSE_SECONDS <= p <= 1.2 * MAX_PAUSE_SECONDS + 0.1 for p in pauses[5:]
            )
            assert len(set(pauses[5:])) > 1  # with jitter: not all clients at the same moment
            assert talk.reports[:2] == [("resuming", "1"), ("resuming", "2")]

    run(story())


def test_tries_end_after_three_minutes() -> None:
    async def story() -> None:
        async with shell() as (peer, talk):
            peer.answers["ResumeSession"] = BROKEN
            peer.abort()
            began = talk.passed
            assert await talk.ends() == 1
            assert RESUME_SECONDS < talk.passed - began < RESUME_SECONDS + 20
            words = "The connection to the session was lost. No answer for 180 s."
            assert talk.reports[-1] == (report.LOST, words)
            assert words.encode() in talk.out

    run(story())


def test_tries_that_end_name_what_answered_instead() -> None:
    async def story() -> None:
        async with shell() as (peer, talk):
            peer.answers["ResumeSession"] = GATEWAY
            peer.abort()
            assert await talk.ends() == 1
            event, words = talk.reports[-1]
            assert event == report.LOST
            assert words.startswith(
                "The connection to the session was lost. No answer for 180 s. "
                "ssm:ResumeSession failed: HTTP 503"
            ), words

    run(story())


def test_a_gateway_that_answers_again_ends_the_tries_and_the_next_break_starts_anew() -> None:
    async def story() -> None:
        async with shell() as (peer, talk):
            peer.resumes()
            peer.refuse = True
            peer.abort()
            await reached(lambda: ("resuming", "4") in talk.reports, "tries")
            peer.refuse = False
            await reached(lambda: report.RESUMED in events(talk), "resumed")
            await asyncio.sleep(200)  # longer than the client tries: no old attempt is left
            began = talk.passed
            peer.abort()
            await reached(lambda: events(talk).count(report.RESUMED) == 2, "again")
            assert talk.passed - began < 1
            assert talk.reports[-2] == ("resuming", "1")

    run(story())


REFUSED = (400, {"__type": "AccessDeniedException", "message": "no ssm:ResumeSession"})
GONE = (400, {"__type": "DoesNotExistException", "message": "gone"})
SLOW = (400, {"__type": "ThrottlingException", "message": "Rate exceeded"})
BROKEN = (500, {"__type": "InternalServerError", "message": "oops"})
EMPTY = (200, {"SessionId": "ecs-session", "TokenValue": "", "StreamUrl": ""})


@pytest.mark.parametrize(
    ("answer", "words", "last"),
    [
        (REFUSED, "It cannot be resumed: Access denied", report.LOST),
        (GONE, "The session has ended.", report.CLOSED),
        (EMPTY, "The session has ended.", report.CLOSED),
    ],
)
def test_what_aws_refuses_ends_the_session_with_the_reason(
    answer: tuple[int, dict[str, str]], words: str, last: str
) -> None:
    async def story() -> None:
        async with shell() as (peer, talk):
            peer.answers["ResumeSession"] = answer
            peer.abort()
            assert await talk.ends() == 1
            assert words in talk.out.decode()
            assert last in events(talk)
            assert report.CLOSED in events(talk) or last == report.LOST
            assert talk.passed < 30

    run(story())


GATEWAY = (503, {"message": "no healthy upstream"})
ELSE = (200, {"welcome": "sign in"})


@pytest.mark.parametrize(
    "answer", [SLOW, BROKEN, GATEWAY, ELSE], ids=["throttled", "broken", "gateway", "else"]
)
def test_what_passes_is_asked_again(answer: tuple[int, dict[str, str]]) -> None:
    async def story() -> None:
        async with shell() as (peer, talk):
            peer.answers["ResumeSession"] = answer
            peer.abort()
            await reached(lambda: ("resuming", "2") in talk.reports, "the second try")
            peer.resumes()
            await reached(lambda: report.RESUMED in events(talk), "resumed")

    run(story())


def test_a_first_connection_that_fails_is_not_tried_again() -> None:
    async def story() -> None:
        async with Peer() as other:
            url = other.url
        async with client(stream_url=url) as (peer, talk):
            assert await talk.ends() == 1
            assert b"Could not connect to the session: " in talk.out
            assert talk.reports[-1][0] == report.LOST
            assert not peer.calls

    run(story())
