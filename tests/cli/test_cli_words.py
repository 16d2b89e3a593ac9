"""Help texts: every command and option has one; and where messages are printed."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from ecs_tui.cli.main import main
from tests.support.cli_commands import commands
from tests.support.limits import limit


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
