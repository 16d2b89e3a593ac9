"""The command line's own words: every option is explained, and where its messages go."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from ecs_tui.cli import main
from tests.support import limit


def commands(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    yield name, command
    if isinstance(command, click.Group):
        for each, sub in command.commands.items():
            yield from commands(sub, f"{name} {each}")


@pytest.mark.parametrize(("name", "command"), list(commands(main, "ecs-tui")))
def test_every_command_and_option_is_explained(name: str, command: click.Command) -> None:
    assert command.help or command.short_help, name
    for option in command.params:
        if isinstance(option, click.Option) and not option.hidden:
            assert option.help and option.help.endswith((".", "]")), f"{name} {option.name}"


def test_without_a_terminal_the_dashboard_says_so_on_stderr() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ecs_tui"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=limit(30),
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("ecs-tui: the dashboard needs a terminal")
