"""A terminal that runs the program, and the keys that lead to a shell."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from tests.support.outer_terminal import SIZE, OuterTerminal


class ProgramTerminal(OuterTerminal):
    """An xterm-256color with UTF-8 that runs `ecs-tui` from this source tree."""

    def __init__(
        self,
        environment: Mapping[str, str],
        *argv: str,
        size: tuple[int, int] = SIZE,
        within: Sequence[str] = (),
    ) -> None:
        """Start it.

        Args:
            environment: Variables beside TERM and LANG, or instead of them.
            argv: Arguments of `ecs-tui`.
            size: (columns, lines) of the terminal.
            within: A command line that runs the one that follows it, such as that of tmux.
        """
        super().__init__(
            [*within, sys.executable, "-m", "ecs_tui", *argv],
            {"TERM": "xterm-256color", "LANG": "C.UTF-8", **environment},
            size=size,
        )


async def into_containers(outer: ProgramTerminal) -> None:
    """Go from the services of the demo's cluster `prod` to the containers of a task of `web`."""
    await outer.shows("checkout")
    await outer.shows("16/16 containers")
    outer.keys(":web\r")
    await outer.shows("prod › web")
    await outer.shows("AGENTS")
    await outer.shows("2/2")
    outer.keys("\r")
    await outer.shows("envoy")


async def into_a_shell(outer: ProgramTerminal) -> None:
    """Go there, and open a shell in the container `app`."""
    await into_containers(outer)
    outer.keys("s")
    await outer.shows("[web/app")
