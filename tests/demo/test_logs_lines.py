"""The lines that the demo's containers write: the same whenever and however they are asked for."""

from __future__ import annotations

import itertools
import tracemalloc
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecs_tui.demo import logs_lines
from ecs_tui.demo.logs_lines import ContainerEnd, ContainerLog, LifeSpan, LogRecord, PastSpan, Rate
from ecs_tui.demo.logs_text import FORMATS, Program, joined

START = 1_795_000_000_000
PROGRAM = Program("orders", "app", "0123456789abcdef" * 2, "2026.11 revision 7", 8080)


class Running(LifeSpan):
    """A container that runs on and on."""

    def starts(self) -> int:
        return START

    def ending(self) -> ContainerEnd | None:
        return None


def source(form: str = "java", rate: float = 5.0, span: LifeSpan | None = None) -> ContainerLog:
    return ContainerLog("ecs/app/1", PROGRAM, FORMATS[form], Rate([(0, rate)]), span or Running())


def texts(records: Sequence[LogRecord]) -> list[str]:
    return [record.message for record in records]


cuts = st.lists(st.integers(-3_000, 130_000), min_size=1, max_size=6).map(sorted)
spans = st.sampled_from([Running(), PastSpan(START, ContainerEnd(START + 60_000, 137)),
                         PastSpan(START, ContainerEnd(START + 61_234, 143)),
                         PastSpan(START, ContainerEnd(START + 1_000, 1))])  # fmt: skip
rates = st.sampled_from([0.05, 0.7, 3.0, 40.0])


@settings(deadline=None, max_examples=60)
@given(cuts, spans, rates, st.sampled_from(["java", "json"]))
def test_parts_of_a_span_have_the_lines_of_the_whole(
    cuts: list[int], span: LifeSpan, rate: float, form: str
) -> None:
    one = source(form, rate, span)
    whole = list(one.records(START - 5_000, START + 140_000))
    edges = [START - 5_000, *(START + cut for cut in cuts), START + 140_001]
    parts = [list(one.records(a, b - 1)) for a, b in itertools.pairwise(edges)]
    assert list(itertools.chain(*parts)) == whole
    backwards = [list(one.records(a, b - 1, backwards=True)) for a, b in itertools.pairwise(edges)]
    assert [record for part in backwards for record in reversed(part)] == whole
    ids = [record.id for record in whole]
    assert ids == sorted(set(ids))


@settings(deadline=None, max_examples=60)
@given(cuts, spans, rates)
def test_each_line_is_ingested_once(cuts: list[int], span: LifeSpan, rate: float) -> None:
    one = source("java", rate, span)
    whole = set(one.records(START - 5_000, START + 140_000))
    edges = [START - 5_000, *(START + cut for cut in cuts), START + 200_000]
    found = [record for a, b in itertools.pairwise(edges) for record in one.ingested_between(a, b)]
    assert len(found) == len(set(found))
    written = {record for record in found if record.at <= START + 140_000}
    assert written == whole


def test_lines_are_ingested_late_and_some_out_of_order() -> None:
    records = list(source("json", 50.0).records(START, START + 600_000))
    delays = [record.ingested - record.at for record in records]
    assert min(delays) >= logs_lines.MIN_DELAY_MS
    late = [delay for delay in delays if delay > logs_lines.MAX_DELAY_MS]
    assert 0.003 < len(late) / len(delays) < 0.007
    assert max(delays) <= logs_lines.MAX_DELAY_MS + logs_lines.LATE_MS
    order = sorted(records, key=lambda record: record.ingested)
    assert order != records


@pytest.mark.parametrize("rate", [0.05, 1.0, 25.0, 1000.0])
def test_the_rate_is_kept(rate: float) -> None:
    seconds = 5 if rate > 100 else 3600 if rate < 1 else 300
    begin = START + logs_lines.BOOT_MS
    records = list(source("json", rate).records(begin, begin + seconds * 1000 - 1))
    assert len(records) == pytest.approx(rate * seconds, rel=0.05, abs=12)


def test_a_changed_rate_leaves_the_lines_before_it_as_they_were() -> None:
    rate = Rate([(0, 4.0)], adjustable=True)
    one = ContainerLog("ecs/app/1", PROGRAM, FORMATS["json"], rate, Running())
    change = START + 60_000
    before = list(one.records(START, change))
    rate.steps.append((change, 500.0))
    assert list(one.records(START, change)) == before
    assert len(list(one.records(change + 1000, change + 4999))) == pytest.approx(2000, abs=600)
    assert rate.lines(START, change + 1000) == pytest.approx(4 * 60 + 500)


def test_asking_for_a_few_of_very_many_lines_needs_little_memory() -> None:
    one = source("json", 1000.0)
    tracemalloc.start()
    try:
        count = sum(1 for _ in one.records(START, START + 20_000))
        last = next(iter(one.records(START, START + 10**9, backwards=True)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count > 15_000
    assert START + 10**9 - last.at < 1000
    assert peak < 1 << 20


def test_out_of_memory_is_said_just_before_the_end() -> None:
    end = START + 20_000
    records = list(
        source(rate=3.0, span=PastSpan(START, ContainerEnd(end, 137))).records(START, end)
    )
    at = texts(records).index("java.lang.OutOfMemoryError: Java heap space")
    assert end - 1000 < records[at].at < end
    assert "resizing image" in records[at - 1].message or "Order" in records[at - 1].message
    assert records[-1].message == "Terminating due to java.lang.OutOfMemoryError"
    assert not list(source(span=PastSpan(START, ContainerEnd(end, 137))).records(end, end + 60_000))


def test_a_stopped_container_says_goodbye() -> None:
    end = START + 20_000
    records = list(source(span=PastSpan(START, ContainerEnd(end, 143))).records(end, end + 60_000))
    assert ["SIGTERM" in record.message for record in records] == [True, False, False]


def test_a_trace_is_many_events_or_one() -> None:
    plain = texts(list(source("java", 20.0).records(START, START + 60_000)))
    assert any(text.startswith("\tat ") for text in plain)
    one = source("java", 20.0)
    one.format = joined(one.format)
    multiline = texts(list(one.records(START, START + 60_000)))
    assert not any(text.startswith("\tat ") for text in multiline)
    assert "\n".join(multiline) == "\n".join(plain)


def test_formats_write_what_they_are_called() -> None:
    import json

    def lines(form: str) -> list[str]:
        return texts(list(source(form, 20.0).records(START, START + 30_000)))

    assert {json.loads(text)["level"] for text in lines("json")} >= {"info", "warn"}
    assert {json.loads(text)["level"] for text in lines("pino")} >= {30, 40}
    assert all("level=" in text for text in lines("logfmt"))
    assert all("\x1b[" in text for text in lines("ansi"))
    assert {"\x00", "\x1b"} <= set("".join(lines("hostile")))
    assert any(len(text) > 200_000 for text in lines("hostile"))
    assert all(json.loads(text)["Type"] == "Task" for text in lines("insights"))
