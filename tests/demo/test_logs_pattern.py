"""Filter patterns: what AWS's documented syntax selects."""

from __future__ import annotations

import json

import pytest

from ecs_tui.demo.logs_pattern import InvalidPattern, compile_pattern

EVENT = json.dumps({
    "level": "error", "status": 503, "ms": 12.5, "user": None, "ok": True, "n": "7",
    "req": {"url": "/cart/7", "tags": ["a", "b"]},
})  # fmt: skip


@pytest.mark.parametrize(
    ("pattern", "message", "selected"),
    [
        ("", "anything", True),
        ("ERROR", "[ERROR 400] BAD REQUEST", True),
        ("error", "[ERROR 400] BAD REQUEST", False),
        ("ERROR REQUEST", "[ERROR 400] BAD REQUEST", True),
        ("ERROR SUCCESS", "[ERROR 400] BAD REQUEST", False),
        ('"BAD REQUEST"', "[ERROR 400] BAD REQUEST", True),
        ('"REQUEST BAD"', "[ERROR 400] BAD REQUEST", False),
        (r'"say \"hi\""', 'say "hi"', True),
        ("ERROR -BAD", "[ERROR 400] BAD REQUEST", False),
        ("ERROR -GOOD", "[ERROR 400] BAD REQUEST", True),
        ('-"BAD REQUEST"', "[ERROR 400] BAD REQUEST", False),
        ("?ERROR ?WARN", "WARN: low", True),
        ("?ERROR ?WARN", "INFO: fine", False),
        ("?ERROR ?WARN fine", "INFO: fine", True),
        ("%ERR[A-Z]+ 4[0-9]{2}%", "[ERROR 400]", True),
        ("%^ERR%", "[ERROR 400]", False),
        ('{ $.level = "error" }', EVENT, True),
        ('{ $.level = "err*" }', EVENT, True),
        ('{ $.level = "warn" }', EVENT, False),
        ("{ $.level = error }", EVENT, True),
        ('{ $.level != "warn" }', EVENT, True),
        ('{ $.missing != "warn" }', EVENT, False),
        ("{ $.status >= 500 && $.status < 600 }", EVENT, True),
        ("{ $.status = 200 || $.ms > 12 }", EVENT, True),
        ("{ ($.status = 200 || $.ms > 12) && $.level = warn }", EVENT, False),
        ("{ $.n = 7 }", EVENT, True),
        ("{ $.user IS NULL }", EVENT, True),
        ("{ $.ok IS TRUE }", EVENT, True),
        ("{ $.ok IS FALSE }", EVENT, False),
        ("{ $.nothing NOT EXISTS }", EVENT, True),
        ("{ $.user NOT EXISTS }", EVENT, False),
        ('{ $.req.url = "/cart/*" }', EVENT, True),
        ('{ $.req.tags[1] = "b" }', EVENT, True),
        ('{ $.req.tags[7] = "b" }', EVENT, False),
        ("{ $.req.url = %/cart/[0-9]% }", EVENT, True),
        ('{ $.level = "error" }', "level=error", False),
        ('{ $.level = "error" }', "[1]", False),
        ("[ip, user, ..., status = 4*, bytes]", '10.0.0.1 bob "GET /x y" 404 12', True),
        ("[ip, user, ..., status = 4*, bytes]", '10.0.0.1 bob "GET /x y" 200 12', False),
        ("[ip, user, request, status >= 400, bytes]", '10.0.0.1 bob "GET /x y" 404 12', True),
        ("[ip, user]", "10.0.0.1 bob more", False),
        ("[..., last = done]", "a b done", True),
    ],
)
def test_what_a_pattern_selects(pattern: str, message: str, selected: bool) -> None:
    assert compile_pattern(pattern)(message) is selected


@pytest.mark.parametrize(
    "pattern",
    ['"open', "{ $.a = 1", "{ a = 1 }", "{ $.a }", "{ $.a IS MAYBE }", "{ $.a > x }", "[a, ..., b, ...]",
     "%(x)%", "%a% %b% %c%", "{ $.a = 1 && }", "{ ($.a = 1 }", "{ $.a = 1 ) }", "%[%", "-"],
)  # fmt: skip
def test_a_wrong_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidPattern, match="Invalid filter pattern"):
        compile_pattern(pattern)
