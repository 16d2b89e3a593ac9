"""Answers with members of wrong types: such a member counts as missing, the others are kept."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import botocore.session
import pytest

from ecs_tui.aws.parse import fields
from ecs_tui.aws.tolerant import TolerantFactory

ODD = {
    "text": "web", "half": "a\ud800b", "pair": "\ud83d\ude00", "number": 3, "huge": 10**30, "yes": True,
    "when": datetime(2026, 1, 2), "part": {"a": 1}, "list": ["a", 1, {"b": 2}, "c"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("read", "name", "value"),
    [
        (fields.text, "text", "web"), (fields.text, "number", ""), (fields.text, "half", "a�b"),
        (fields.text, "pair", "😀"),
        (fields.number, "number", 3), (fields.number, "yes", 0), (fields.number, "huge", 0),
        (fields.whole, "number", 3), (fields.whole, "text", None),
        (fields.flag, "yes", True), (fields.flag, "number", False),
        (fields.moment, "when", datetime(2026, 1, 2, tzinfo=UTC)), (fields.moment, "text", None),
        (fields.part, "part", {"a": 1}), (fields.part, "list", {}),
        (fields.parts, "list", [{"b": 2}]), (fields.parts, "text", []),
        (fields.texts, "list", ("a", "c")), (fields.texts, "part", ()),
    ],
)  # fmt: skip
def test_a_member_of_another_type_counts_as_missing(read: Any, name: str, value: object) -> None:
    assert read(ODD, name) == value
    assert not read({}, name)


async def parsed(operation: str, answer: dict[str, Any]) -> dict[str, Any]:
    """An answer of ECS, parsed by the tolerant parser."""
    model = botocore.session.get_session().get_service_model("ecs").operation_model(operation)
    response = {
        "body": json.dumps(answer).encode(), "headers": {}, "status_code": 200,
    }  # fmt: skip
    parser = TolerantFactory().create_parser("json")
    found: dict[str, Any] = await parser._do_parse(response, model.output_shape)
    return found


@pytest.mark.asyncio
async def test_one_damaged_date_costs_no_page() -> None:
    good = {"serviceName": "web", "desiredCount": 2, "createdAt": 1.5e9}
    bad = {"serviceName": "api", "createdAt": "yesterday", "deployments": "none", "tags": [3]}
    found = (await parsed("DescribeServices", {"services": [good, bad]}))["services"]
    assert [each["serviceName"] for each in found] == ["web", "api"]
    assert found[0]["createdAt"].year == 2017
    assert found[1].get("createdAt") is None and found[1].get("deployments") is None
