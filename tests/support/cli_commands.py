"""The commands of the command line, as click has them."""

from __future__ import annotations

from collections.abc import Iterator

import click


def commands(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    """A command and its subcommands, each with the words that call it: `ecs-tui cache clear`."""
    yield name, command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=name)
        for each in command.list_commands(context):
            sub = command.get_command(context, each)
            assert sub is not None
            yield from commands(sub, f"{name} {each}")
