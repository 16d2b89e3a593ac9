"""Flags with units, and where the command to run begins."""

from __future__ import annotations

from typing import Any

import click
import pytest

from ecs_tui.cli.arguments import BUCKET, DURATION, WithCommand, target_and_command

SERVICE = "arn:aws:ecs:eu-west-1:111122223333:service/prod/web"


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (DURATION, "50ms", 0.05), (DURATION, "0.2s", 0.2), (DURATION, "3", 3.0),
        (BUCKET, "100,20", (100.0, 20.0)),
    ],
)  # fmt: skip
def test_a_value_with_its_unit(kind: click.ParamType[Any], text: str, value: object) -> None:
    assert kind.convert(text, None, None) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [(DURATION, "soon"), (DURATION, "-1s"), (DURATION, "inf"), (BUCKET, "100"), (BUCKET, "a,b")],
)
def test_what_is_none_is_refused_with_the_form(kind: click.ParamType[Any], text: str) -> None:
    with pytest.raises(click.BadParameter, match=r"is not a valid \w+ \(use .+\)$"):
        kind.convert(text, None, None)


def split(*words: str) -> tuple[str, list[str]]:
    """(reference, command) of a command line, as texts."""
    command = WithCommand("exec", params=[click.Argument(["words"], nargs=-1)])
    with command.make_context("exec", list(words)) as ctx:
        reference, rest = target_and_command(ctx, ctx.params["words"])
        return reference.container, rest


@pytest.mark.parametrize(
    ("words", "container", "command"),
    [
        (("prod", "web"), "", []),
        (("prod", "web", "app"), "app", []),
        (("prod", "web", "--", "ls", "-l"), "", ["ls", "-l"]),
        (("prod", "web", "app", "--", "ls", "--", "x"), "app", ["ls", "--", "x"]),
        (("prod", "web", "app", "ls"), "app", ["ls"]),
        ((SERVICE, "app", "--", "ls"), "app", ["ls"]),
    ],
)
def test_where_the_command_begins(
    words: tuple[str, ...], container: str, command: list[str]
) -> None:
    assert split(*words) == (container, command)


@pytest.mark.parametrize("words", [(), ("prod",), ("prod", "web", "app", "one", "--", "ls")])
def test_words_that_are_missing_or_too_many_are_a_usage_error(words: tuple[str, ...]) -> None:
    with pytest.raises(click.UsageError):
        split(*words)
