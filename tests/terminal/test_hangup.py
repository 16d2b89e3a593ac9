"""When the terminal is lost everything ends: sessions, workers, clients, the demo account's server.

A case is how the terminal is lost, what the shell does, and which dialog is open. `make test` loses
it in each way once, with the shell's states and the dialogs in turn; `make exhaustive` goes round 20
times, so that each dialog is combined with each pair of the first two.
"""

from __future__ import annotations

from itertools import product

import pytest

from tests.support.demo import Demo
from tests.support.limits import EXHAUSTIVE, SEED, until
from tests.support.losable_terminal import CAUSES, LosableTerminal, possible
from tests.support.processes import children

pytestmark = [
    pytest.mark.asyncio,
    pytest.mark.exhaustive,
    pytest.mark.usefixtures("fresh_demo"),
]
ROUNDS = 20
SHELLS = ("idle", "printing", "opening", "stalled")
CASES = (
    list(product(CAUSES, SHELLS, range(ROUNDS)))
    if EXHAUSTIVE
    else [(cause, SHELLS[(SEED + at) % len(SHELLS)], 0) for at, cause in enumerate(CAUSES)]
)
PASTE = "\x1b[200~echo a\necho b\x1b[201~"
DIALOGS = {
    "none": ("", ""),
    "quit": ("q", "close 1 open shell?"),
    "doctor": ("D", "Exec check ·"),
    "help": ("?", "Keyboard shortcuts"),
    "finder": (":zqx", "No match. Resources appear"),
    "filter": ("/web", "web"),
    "profiles": ("\x10", "rofile"),
    "paste": (PASTE, "Paste 2 lines into"),
    "copy": ("\x1dc", "COPY "),
}
IN_A_SHELL = {"paste", "copy"}
NEEDS_A_SHELL = {"opening": {"paste", "copy"}, "stalled": {"copy"}}
"""By the state of a shell: dialogs that cannot be opened then."""


async def shell(demo: Demo | None, outer: LosableTerminal, state: str) -> None:
    """From the list of tasks, open a shell and bring it into this state; it has the focus."""
    await outer.shows("1/1")
    if state == "opening":
        assert demo is not None
        demo.set_faults(latency=2.0)
    outer.keys("s")
    if state == "opening":
        assert demo is not None
        await until(lambda: demo.sessions()[0] == 1, "ECS is asked")
        demo.set_faults(latency=0.0)  # that call is answered two seconds later
        return
    await outer.shows("] #")
    if state == "printing":
        outer.keys("while :; do echo $((n+=1)) 'and so on'; done\r")
        await outer.shows("0 and so on")
    elif state == "stalled":
        assert demo is not None
        demo.set_link(silent=True)
        outer.keys("echo\r")
        await outer.shows("not responding for")


async def dialog(outer: LosableTerminal, name: str) -> None:
    """Open a dialog."""
    keys, shown = DIALOGS[name]
    if name not in IN_A_SHELL:
        outer.keys("\x1dl")
        await outer.shows("ctrl+] shells (1)")
    outer.keys(keys)
    await outer.shows(shown)


def over(cause: str, shells: str, turn: int) -> str:
    """The dialog of a case."""
    names = [name for name in DIALOGS if name not in NEEDS_A_SHELL.get(shells, ())]
    return names[(turn + 4 * CAUSES.index(cause) + SHELLS.index(shells)) % len(names)]


@pytest.mark.parametrize(("cause", "shells", "turn"), CASES)
async def test_the_terminal_goes(demo: Demo, cause: str, shells: str, turn: int) -> None:
    if not possible(cause):
        pytest.skip("tmux is not installed")
    before = children(demo.pid)  # an earlier failed test may have left some
    outer = LosableTerminal(
        cause, demo.environment, "--plugin", "builtin", "--no-cache",
        "--cluster", "prod", "--service", "orders",
    )  # fmt: skip
    try:
        await shell(demo, outer, shells)
        await dialog(outer, over(cause, shells, turn))
        await outer.end_by_loss(2 if shells == "opening" else 3)
        assert demo.sessions() == (1, 1)
        await until(lambda: children(demo.pid) == before, "the shell in the container ends")
    finally:
        outer.end()
