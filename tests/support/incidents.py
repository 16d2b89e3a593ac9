"""The incidents of `tests/incidents`: reads the files, and makes times of what is relative in them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from botocore.model import ListShape, OperationModel, ServiceModel, Shape, StructureShape
from botocore.session import Session

Json = dict[str, Any]
FOLDER = Path(__file__).parents[1] / "incidents"
_RELATIVE = re.compile(
    r"(?P<sign>[+-])(?:(?P<days>\d+)d)?(?:(?P<hours>\d+)h)?(?:(?P<minutes>\d+)m)?"
    r"(?:(?P<seconds>\d+(?:\.\d+)?)s)?"
)
"""A time as it is written in the files: `-14m30s`, `+1d19h`."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What AWS answers to a request.

    Attributes:
        operation: `ecs:DescribeTasks`.
        asked: Members of the requests that it answers; empty: any.
        content: Its members; times are relative to the moment.
    """

    operation: str
    asked: Mapping[str, Any]
    content: Json


@dataclass(frozen=True, slots=True)
class Expected:
    """What should be said of an incident.

    Attributes:
        cause: One of `causes()`.
        service: The service's name; None if it is about none.
        container: The container to blame, or None.
        since: The time of AWS that dates it, relative to the moment; None if AWS sends none.
        evidence: Words of an answer that show the cause.
    """

    cause: str
    cluster: str
    service: str | None
    since: str | None
    evidence: str
    container: str | None = None


@dataclass(frozen=True, slots=True)
class Incident:
    """An account at one moment.

    Attributes:
        path: Its file.
        unsure: What is not certain about AWS's wording, or "".
        expected: None if the account is healthy.
    """

    path: Path
    name: str
    story: str
    sources: tuple[str, ...]
    unsure: str
    moment: datetime
    expected: Expected | None
    answers: tuple[Answer, ...]

    def of(self, operation: str) -> Iterator[Answer]:
        """Its answers of one operation."""
        return (each for each in self.answers if each.operation == operation)


def paths(*folders: str) -> list[Path]:
    """The files in these folders, by name."""
    return sorted(path for folder in folders for path in (FOLDER / folder).glob("*.json"))


@cache
def load(path: Path) -> Incident:
    """Read a file.

    Raises:
        KeyError, TypeError: A member is missing, or is not known.
    """
    raw = json.loads(path.read_text("utf-8"))
    expected = raw.pop("expected")
    return Incident(
        path=path,
        name=raw.pop("name"),
        story=raw.pop("story"),
        sources=tuple(raw.pop("sources")),
        unsure=raw.pop("unsure", ""),
        moment=datetime.fromisoformat(raw.pop("moment")),
        expected=Expected(**expected) if expected is not None else None,
        answers=tuple(
            Answer(each.pop("operation"), each.pop("asked", {}), each.pop("answer"), **each)
            for each in raw.pop("answers")
        ),
        **raw,
    )


def causes() -> set[str]:
    """The causes in the table of `README.md`."""
    table = (FOLDER / "README.md").read_text("utf-8").partition("## Causes")[2]
    rows = (line.split("|")[1] for line in table.splitlines() if line.startswith("| `"))
    return {name for row in rows for name in re.findall(r"`([a-z0-9-]+)`", row)}


def relative(words: str) -> timedelta:
    """How long after the moment a time is.

    Raises:
        ValueError: It is not written as in `_RELATIVE`.
    """
    found = _RELATIVE.fullmatch(words)
    if found is None or len(words) < 3:
        raise ValueError(f"not a relative time: {words!r}")
    parts = found.groupdict()
    span = timedelta(**{name: float(parts[name] or 0) for name in parts if name != "sign"})
    return -span if parts["sign"] == "-" else span


# -- in the shapes of AWS


@cache
def _service(name: str) -> ServiceModel:
    return _session().get_service_model(name)


@cache
def _session() -> Session:
    return Session()


def operation_model(operation: str) -> OperationModel:
    """botocore's model of `ecs:DescribeTasks`.

    Raises:
        OperationNotFoundError, UnknownServiceError: AWS has no such operation.
    """
    service, _, name = operation.partition(":")
    return _service(service).operation_model(name)


def content_at(answer: Answer, moment: datetime) -> Json:
    """An answer's members with the times as the operation's protocol sends them."""
    model = operation_model(answer.operation)
    in_seconds = _service(answer.operation.partition(":")[0]).resolved_protocol == "json"
    made = _timed(model.output_shape, answer.content, moment, in_seconds)
    assert isinstance(made, dict)
    return made


def _timed(shape: Shape | None, value: Any, moment: datetime, in_seconds: bool) -> Any:
    """Seconds since the epoch in JSON, else ISO 8601; milliseconds where the model has a number."""
    if isinstance(shape, StructureShape):
        return {
            name: _timed(shape.members[name], item, moment, in_seconds)
            for name, item in value.items()
        }
    if isinstance(shape, ListShape):
        return [_timed(shape.member, item, moment, in_seconds) for item in value]
    if shape is None or not isinstance(value, str):
        return value
    if shape.type_name == "timestamp":
        at = (moment + relative(value)).astimezone(UTC)
        return at.timestamp() if in_seconds else at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if shape.type_name == "long":
        return round((moment + relative(value)).timestamp() * 1000)
    return value
