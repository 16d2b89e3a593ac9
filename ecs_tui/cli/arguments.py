"""Argument types of the command line: values with units, and a target before a command."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ecs_tui.model.reference import Reference

_AFTER = "ecs_tui.after"
"""The key in a context's `meta` for the words after `--`."""


class ParsedValue(click.ParamType):  # type: ignore[type-arg]  # generic in newer releases only
    """A type of flag: `parse` converts the text or raises ValueError; `form` is for the message."""

    def __init__(self, name: str, parse: Callable[[str], object], form: str) -> None:
        self.name, self._parse, self._form = name, parse, form

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> object:
        """The parsed value, or a usage error with the valid form."""
        if not isinstance(value, str):
            return value
        try:
            return self._parse(value)
        except ValueError:
            self.fail(f'"{value}" is not {self._form}', param, ctx)


def _seconds(text: str) -> float:
    scale = 0.001 if text.endswith("ms") else 1.0
    return _positive(text.removesuffix("ms").removesuffix("s")) * scale


def _bucket(text: str) -> tuple[float, float]:
    burst, _, rate = text.partition(",")
    return _positive(burst), _positive(rate)


def _percentage(text: str) -> float:
    value = _positive(text.removesuffix("%"))
    return min(1.0, value / 100 if text.endswith("%") else value)


def _positive(text: str) -> float:
    value = float(text)
    if not 0 <= value < float("inf"):
        raise ValueError(text)
    return value


DURATION = ParsedValue("duration", _seconds, "a valid duration (use 50ms or 0.2s)")
BUCKET = ParsedValue("bucket", _bucket, "a valid bucket (use BURST,RATE, e.g. 100,20)")
PERCENTAGE = ParsedValue("share", _percentage, "a valid percentage (use 1%)")


class WithCommand(click.Command):
    """A command that takes another program's command line after `--`, word by word."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the words after `--` first: click drops it, so a container looks like a command."""
        if "--" in args:
            at = args.index("--")
            ctx.meta[_AFTER] = args[at + 1 :]
            args = args[:at]
        return super().parse_args(ctx, args)


def target_and_command(ctx: click.Context, words: Sequence[str]) -> tuple[Reference, list[str]]:
    """Parse `CLUSTER TARGET [CONTAINER] [-- COMMAND…]`; an ARN or URL may replace the first two.

    Returns:
        The target, and the command's words ([] if there are none).

    Raises:
        click.UsageError: There are too few words, or too many.
        WrongUsage: A word is not a valid cluster, target or container, or they contradict.
    """
    from ecs_tui.model.reference import parse_resource, parse_target

    resource = parse_resource(words[0]) if words else None
    alone = resource is not None and not resource.whole_cluster
    before = 1 if alone else 2
    if len(words) < before:
        raise click.UsageError("Give CLUSTER TARGET, or an ARN or URL of a service or task.", ctx)
    container = words[before] if len(words) > before else ""
    reference = parse_target(words[0], None if alone else words[1], container)
    rest = list(words[before + 1 :])
    after: list[str] | None = ctx.meta.get(_AFTER)
    if after is not None and rest:
        raise click.UsageError(f"Unexpected argument {rest[0]!r} before --.", ctx)
    return reference, rest if after is None else after
