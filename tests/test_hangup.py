"""When the terminal goes away, everything goes: sessions, workers, clients, the demo's server.

A state is how the terminal goes, what the shells do, and what lies over the list. `make test` goes
through each pair of the first two once, the dialogs in turn; `make exhaustive` 20 times, so that each
dialog comes with each of the pairs.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.support import EXHAUSTIVE, Demo, demo_account, limit, until
from tests.terminals import CAUSES, LosableTerminal, living, possible, processes
from tests.test_end_to_end import children

pytestmark = [pytest.mark.asyncio, pytest.mark.exhaustive]
WITHIN = 5.0
"""Seconds from the loss of the terminal to the end of the process."""
ROUNDS = 20 if EXHAUSTIVE else 1
ASKED, TOLD = "ecs:ExecuteCommand", "ssm:TerminateSession"
SHELLS = ("idle", "printing", "opening", "stalled")
PASTE = "\x1b[200~echo a\necho b\x1b[201~"
DIALOGS = {
    "none": ("", ""),
    "quit": ("q", "end 1 open shell?"),
    "doctor": ("D", "Doctor ·"),
    "help": ("?", "Keys"),
    "finder": (":che", "Nothing known is called so"),
    "filter": ("/web", "web"),
    "profiles": ("\x10", "rofile"),
    "paste": (PASTE, "Paste 2 lines into"),
    "copy": ("\x1dc", "COPY "),
}
IN_A_SHELL = {"paste", "copy"}
NEEDS_A_SHELL = {"opening": {"paste", "copy"}, "stalled": {"copy"}}
"""Dialogs that shells in such a state do not offer."""


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    with demo_account() as served:
        yield served


@pytest.fixture(autouse=True)
def kind(demo: Demo) -> None:
    demo.mood(latency=0.0, deny=[])
    demo.line(silent=False)
    demo.counts(reset=True)


def told(demo: Demo) -> tuple[int, int]:
    """How many sessions were asked for, and how many AWS was told to end."""
    calls = demo.counts()["calls"]
    return calls.get(ASKED, 0), calls.get(TOLD, 0)


async def shell(demo: Demo | None, outer: LosableTerminal, state: str) -> None:
    """From the list of tasks to a shell in such a state, which has the keys."""
    await outer.shows("1/1 running")
    if state == "opening":
        assert demo is not None
        demo.mood(latency=2.0)
    outer.keys("s")
    if state == "opening":
        assert demo is not None
        await until(lambda: told(demo)[0] == 1, "ECS is asked")
        demo.mood(latency=0.0)  # the answer to that call is still two seconds away
        return
    await outer.shows("] #")
    if state == "printing":
        outer.keys("while :; do echo $((n+=1)) 'and so on'; done\r")
        await outer.shows("0 and so on")
    elif state == "stalled":
        assert demo is not None
        demo.line(silent=True)
        outer.keys("echo\r")
        await outer.shows("stalled")


async def dialog(outer: LosableTerminal, name: str) -> None:
    """Have this over the list."""
    keys, shown = DIALOGS[name]
    if name not in IN_A_SHELL:
        outer.keys("\x1dl")
        await outer.shows("ctrl+] dock")
    outer.keys(keys)
    await outer.shows(shown)


async def lose(outer: LosableTerminal, least: int) -> None:
    """Take the terminal away: the process is gone in time, and with it all that it started."""
    app, ours = outer.app, [*processes(outer.mark)]
    assert len(ours) >= least, "workers, clients and servers are seen"
    await outer.lose()
    began = time.monotonic()
    await until(lambda: not living([app]), "the program ends", WITHIN)
    assert time.monotonic() - began < limit(WITHIN)
    await until(lambda: not living(ours), "what it started ends", WITHIN)
    await until(lambda: not processes(outer.mark), "nothing of it is left", WITHIN)


def over(cause: str, shells: str, turn: int) -> str:
    """The dialog of one round of a state."""
    names = [name for name in DIALOGS if name not in NEEDS_A_SHELL.get(shells, ())]
    return names[(turn + 4 * CAUSES.index(cause) + SHELLS.index(shells)) % len(names)]


@pytest.mark.parametrize("turn", range(ROUNDS))
@pytest.mark.parametrize("shells", SHELLS)
@pytest.mark.parametrize("cause", CAUSES)
async def test_the_terminal_goes(demo: Demo, cause: str, shells: str, turn: int) -> None:
    if not possible(cause):
        pytest.skip("tmux is not installed")
    before = children(demo.pid)  # what a failed round may have left
    outer = LosableTerminal(
        cause, demo.environment, "--plugin", "builtin", "--no-cache",
        "--cluster", "prod", "--service", "orders",
    )  # fmt: skip
    try:
        await shell(demo, outer, shells)
        await dialog(outer, over(cause, shells, turn))
        await lose(outer, 2 if shells == "opening" else 3)
        assert told(demo) == (1, 1)
        await until(lambda: children(demo.pid) == before, "the shell in the container ends")
    finally:
        outer.end()
