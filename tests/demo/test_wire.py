"""The protocols that the demo speaks besides moto, against botocore's own reading and writing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from hypothesis import given
from hypothesis import strategies as st

from ecs_tui.demo import cbor, wire
from tests.support.demo_backend import model

AT = datetime(2026, 11, 29, 14, 30, tzinfo=UTC)
ASKED = {
    "MetricDataQueries": [
        {
            "Id": "cpu",
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/ECS",
                    "MetricName": "CPUUtilization",
                    "Dimensions": [{"Name": "ClusterName", "Value": "prod"}],
                },
                "Period": 60,
                "Stat": "Average",
            },
            "ReturnData": True,
        }
    ],
    "StartTime": AT,
    "EndTime": AT.replace(hour=15),
}
ANSWER = {
    "MetricDataResults": [
        {
            "Id": "cpu",
            "Label": "CPU",
            "Timestamps": [AT],
            "Values": [41.25],
            "StatusCode": "Complete",
        }
    ],
    "Messages": [],
}
PROTOCOLS: dict[wire.Protocol, str] = {
    "cbor": "smithy-rpc-v2-cbor", "json": "json", "query": "query",
}  # fmt: skip


@pytest.mark.parametrize("protocol", list(PROTOCOLS))
def test_a_call_is_read_as_botocore_writes_it(protocol: wire.Protocol) -> None:
    operation = model("cloudwatch").operation_model("GetMetricData")
    serializer = create_serializer(PROTOCOLS[protocol], include_validation=False)
    request = serializer.serialize_to_request(dict(ASKED), operation)
    body = request["body"]
    if isinstance(body, dict):
        body = "&".join(f"{name}={value}" for name, value in body.items()).replace("+", "%2B")
    body = body if isinstance(body, bytes) else body.encode()
    path, target = request["url_path"], request["headers"].get("X-Amz-Target", "")
    environ = {"PATH_INFO": path, "HTTP_X_AMZ_TARGET": target}
    assert wire.operation_of(environ, body) == ("GetMetricData", protocol)
    assert wire.read_call("cloudwatch", "GetMetricData", protocol, body).params == ASKED


@pytest.mark.parametrize("protocol", list(PROTOCOLS))
def test_an_answer_is_read_by_botocore(protocol: wire.Protocol) -> None:
    call = wire.WireCall("cloudwatch", "GetMetricData", {}, protocol)
    body, headers = wire.written(call, ANSWER)
    shape = model("cloudwatch").operation_model("GetMetricData").output_shape
    response = {"body": body, "headers": dict(headers), "status_code": 200}
    parsed = create_parser(PROTOCOLS[protocol]).parse(response, shape)
    del parsed["ResponseMetadata"]
    assert parsed["MetricDataResults"] == ANSWER["MetricDataResults"]


@pytest.mark.parametrize("protocol", list(PROTOCOLS))
def test_an_error_is_read_by_botocore(protocol: wire.Protocol) -> None:
    error = wire.WireError("ValidationError", "StartTime < EndTime, please")
    status, body, headers = wire.refused(protocol, error)
    assert status == "400 Bad Request"
    shape = model("cloudwatch").operation_model("GetMetricData").output_shape
    response = {"body": body, "headers": dict(headers), "status_code": 400}
    parsed = create_parser(PROTOCOLS[protocol]).parse(response, shape)
    assert parsed["Error"]["Code"] == "ValidationError"
    assert "StartTime < EndTime" in parsed["Error"]["Message"]


@pytest.mark.parametrize(
    ("protocol", "body"),
    [("cbor", b"\xff"), ("json", b"{"), ("cbor", b"\x83\x01"), ("json", b"[]")],
)
def test_a_damaged_body_is_an_error_of_the_caller(protocol: wire.Protocol, body: bytes) -> None:
    with pytest.raises(wire.WireError) as error:
        wire.read_call("cloudwatch", "GetMetricData", protocol, body)
    assert error.value.code == "SerializationException"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=300)
    | st.floats(allow_nan=False) | st.binary(max_size=70),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=12,
)  # fmt: skip


@given(VALUES)
def test_cbor_is_read_as_it_was_written(value: Any) -> None:
    assert cbor.decode(cbor.encode(value)) == value


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"\xbf\x61a\x01\xff", {"a": 1}),
        (b"\x9f\x01\x02\xff", [1, 2]),
        (b"\xf9\x3c\x00", 1.0),
        (b"\xfa\x3f\x80\x00\x00", 1.0),
        (b"\xc1\x1a\x00\x00\x00\x00", datetime(1970, 1, 1, tzinfo=UTC)),
        (b"\xf7", None),
    ],
)
def test_cbor_has_other_forms_too(data: bytes, value: Any) -> None:
    assert cbor.decode(data) == value


def test_json_has_numbers_for_times() -> None:
    body, _ = wire.written(wire.WireCall("cloudwatch", "GetMetricData", {}, "json"), ANSWER)
    assert json.loads(body)["MetricDataResults"][0]["Timestamps"] == [AT.timestamp()]
