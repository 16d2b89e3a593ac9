"""Which policy documents let somebody open sessions."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from ecs_tui.model.rules.session_grants import session_grants

EXEC, START = "ecs:ExecuteCommand", "ssm:StartSession"


@pytest.mark.parametrize(
    ("statements", "granted"),
    [
        ({"Effect": "Allow", "Action": EXEC}, (EXEC,)),
        ({"Effect": "Allow", "Action": ["ecs:Describe*", "ECS:executecommand"]}, (EXEC,)),
        ({"Effect": "Allow", "Action": "*"}, (EXEC, START)),
        ([{"Effect": "Allow", "Action": "ssm:Start*"}, {"Effect": "Allow", "Action": "ecs:Ex?cuteCommand"}],
         (EXEC, START)),
        ({"Effect": "Deny", "Action": "*"}, ()),
        ({"Effect": "Allow", "NotAction": "iam:*"}, (EXEC, START)),
        ({"Effect": "Allow", "NotAction": ["ecs:*", "s3:*"]}, (START,)),
        ({"Effect": "Allow", "Action": "ecs:Describe*"}, ()),
        ({"Effect": "Allow", "Action": "ecs:[E]xecuteCommand"}, ()),
        ({"Effect": "Allow"}, ()),
        ({"Effect": "Allow", "Action": [7, None]}, ()),
        ([None, "x", 7], ()),
        (None, ()),
    ],
)  # fmt: skip
def test_grants(statements: object, granted: tuple[str, ...]) -> None:
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    assert session_grants(document) == granted
    assert session_grants(quote(document)) == granted


@pytest.mark.parametrize("document", ["", "{", "[]", "7", "null", "[" * 50_000, "%7B"])
def test_what_is_no_document_grants_nothing(document: str) -> None:
    assert session_grants(document) == ()
