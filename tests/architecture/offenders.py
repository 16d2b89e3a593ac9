"""All exceptions from the rules of this folder, each with its reason.

An entry that breaks no rule any more fails the rule's test: the list only shrinks. "part two" is
the planned rebuilding of the code between the store and the screen.
"""

from __future__ import annotations

from collections.abc import Mapping, Set

_STORE = (
    "part two: the store keeps objects, memberships and feeds apart; its tests are of the whole"
)
_AS_A_PROCESS = "tests start it as a process (tests/cli, tests/terminal)"
_DEMO = "part of the demo account, which tests call as a process of its own (tests/demo)"


def check(rule: str, found: Set[str], listed: Mapping[str, str]) -> None:
    """Fail unless exactly the listed offenders were found.

    Args:
        rule: What is broken, for the message.
        found: What breaks it.
        listed: What is known to break it, each with the reason.
    """
    new, gone = sorted(found - listed.keys()), sorted(listed.keys() - found)
    assert not new, f"{rule}: new: {new}"
    assert not gone, f"{rule}: no offender any more, take it off the list: {gone}"


TO_THE_SCREEN: dict[str, str] = {}
"""Imports that close a circle and point up."""

CIRCLES: dict[str, str] = {}
"""Other imports that close a circle, within one folder."""

ARROWS: dict[str, str] = {
    "ecs_tui.store.connections -> ecs_tui.doctor.access": (
        "part two: whom one may let in is kept beside the connection, not in it"
    ),
}
"""Other imports that the table of `test_arrows.py` does not allow."""

SIZES: dict[str, tuple[int, str]] = {
    "ecs_tui/demo/agent.py": (497, "one end of a protocol: its states are read together"),
    "ecs_tui/demo/ecs.py": (611, "moto's ECS corrected call by call; part two divides it"),
    "ecs_tui/session/channel/client.py": (
        403,
        "one end of a protocol: its states are read together",
    ),
    "ecs_tui/terminal/engines/ghostty.py": (447, "the whole of one engine behind the interface"),
    "ecs_tui/terminal/link.py": (487, "one end of a protocol: its states are read together"),
    "ecs_tui/terminal/widget.py": (
        439,
        "one widget: what it draws and what it is sent share their state",
    ),
    "ecs_tui/ui/table/table.py": (442, "one widget: rows, cursor and drawing share their state"),
}
"""Files of more than 400 lines: their number of lines, which may only fall, and the reason."""

CLASS_NAMES: dict[str, str] = {}
"""Names of classes that two modules have."""

KEY_WORDS: dict[str, str] = {}
"""Modules with a key's name in a sentence."""

UNTESTED: dict[str, str] = {
    "ecs_tui.__main__": _AS_A_PROCESS,
    "ecs_tui.aws.api.elbv2": "one call; tests/app/test_stopping.py shows what comes of its answers",
    "ecs_tui.cli.ask": _AS_A_PROCESS,
    "ecs_tui.demo.responses": _DEMO,
    "ecs_tui.demo.standalone": _DEMO,
    "ecs_tui.session.channel.__main__": _AS_A_PROCESS,
    "ecs_tui.store.draining": _STORE,
    "ecs_tui.terminal.driver": "needs a terminal: tests/terminal runs the program on one",
}
"""Modules that no test imports."""

ANY: dict[str, int] = {
    "aws": 34,
    "cli": 21,
    "doctor": 6,
    "model": 1,
    "operations": 6,
    "resources": 33,
    "session": 1,
    "store": 62,
    "system": 6,
    "terminal": 24,
    "ui": 40,
}
"""How often the modules of each folder may name `Any`. The numbers only fall; together they shall be
below 60."""
