"""Answers without a body: right for operations that answer by their status only, else not from AWS."""

from __future__ import annotations

import botocore.session
import pytest

from ecs_tui.aws.exchange import Exchange
from ecs_tui.aws.gate import _body_of


@pytest.mark.parametrize(
    ("service", "operation", "kind"),
    [
        ("logs", "CreateLogGroup", "none"),
        ("logs", "PutRetentionPolicy", "none"),
        ("logs", "DescribeLogGroups", "json"),
        ("ecs", "TagResource", "json"),
        ("ecs", "UpdateCluster", "json"),
        ("s3", "CreateBucket", "none"),
        ("s3", "PutBucketVersioning", "none"),
        ("s3", "GetBucketVersioning", ""),
        ("iam", "GetRole", "xml"),
    ],
)
def test_the_kind_of_body_of_an_operation(service: str, operation: str, kind: str) -> None:
    model = botocore.session.get_session().get_service_model(service)
    assert _body_of(model, operation) == kind


@pytest.mark.parametrize(
    ("kind", "head", "right"),
    [
        ("none", b"", True),
        ("none", b"{}", True),
        ("none", b"<?xml", True),
        ("none", b"hello", False),
        ("none", b"<html>", False),
        ("json", b"", False),
        ("json", b"{}", True),
        ("xml", b"", False),
        ("", b"hello", True),
        ("", b"", False),
    ],
)
def test_what_can_be_an_answer(kind: str, head: bytes, right: bool) -> None:
    assert (Exchange("Any", kind, status=200, head=head).problem == "") is right
