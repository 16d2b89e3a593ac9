"""All exceptions from the rules of this folder, each with its reason.

An entry that breaks no rule any more fails the rule's test: the list only shrinks. "part two" is
the planned rebuilding of the code between the store and the screen.
"""

from __future__ import annotations

from collections.abc import Mapping, Set

_CONTEXT = "part two: commands and the dock get a context and a protocol instead of the screen"
_PANE = "part two: the words about a shell come from the session, which has no widget"
_LOOKED_UP = "part two: a shown key is looked up in the bindings"
_BY_KEYS = "part two: rebuilt; until then driven by keys in tests/app"
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


TO_THE_SCREEN: dict[str, str] = {
    "ecs_tui.ui.commands.accounts -> ecs_tui.ui.main_screen": _CONTEXT,
    "ecs_tui.ui.commands.base -> ecs_tui.ui.main_screen": _CONTEXT,
    "ecs_tui.ui.commands.browse -> ecs_tui.ui.main_screen": _CONTEXT,
    "ecs_tui.ui.commands.dock -> ecs_tui.ui.main_screen": _CONTEXT,
    "ecs_tui.ui.commands.doctor -> ecs_tui.ui.main_screen": _CONTEXT,
    "ecs_tui.ui.commands.inspect -> ecs_tui.ui.main_screen": _CONTEXT,
    "ecs_tui.ui.commands.shell -> ecs_tui.ui.main_screen": _CONTEXT,
    "ecs_tui.ui.dock.controller -> ecs_tui.ui.main_screen": _CONTEXT,
    "ecs_tui.ui.dock.shell_choice -> ecs_tui.ui.main_screen": _CONTEXT,
    "ecs_tui.ui.dock.successors -> ecs_tui.ui.main_screen": _CONTEXT,
}
"""Imports that close a circle and point up."""

CIRCLES: dict[str, str] = {
    "ecs_tui.ui.footer -> ecs_tui.ui.main_screen": _CONTEXT,
    "ecs_tui.ui.status_bar -> ecs_tui.ui.main_screen": _CONTEXT,
    "ecs_tui.ui.dock.pane_title -> ecs_tui.ui.dock.pane": _PANE,
}
"""Other imports that close a circle, within one folder."""

ARROWS: dict[str, str] = {
    "ecs_tui.store.connections -> ecs_tui.doctor.access": (
        "part two: whom one may let in is kept beside the connection, not in it"
    ),
    "ecs_tui.ui.dock.controller -> ecs_tui.ui.commands.doctor": _CONTEXT,
    "ecs_tui.ui.dock.controller -> ecs_tui.ui.footer": _CONTEXT,
}
"""Other imports that the table of `test_arrows.py` does not allow."""

SIZES: dict[str, tuple[int, str]] = {
    "ecs_tui/aws/account.py": (517, "part two: connection, the gate for calls and quotas go apart"),
    "ecs_tui/aws/errors.py": (404, "one table from AWS's codes to sentences"),
    "ecs_tui/cli/main.py": (
        438,
        "the subcommands' options; each moves to its own file with output.py in part two",
    ),
    "ecs_tui/demo/agent.py": (497, "one end of a protocol: its states are read together"),
    "ecs_tui/demo/ecs.py": (611, "moto's ECS corrected call by call; part two divides it"),
    "ecs_tui/doctor/facts.py": (479, "part two: gathering goes apart from the facts"),
    "ecs_tui/doctor/plans.py": (528, "part two: becomes operations/, a file for each kind of plan"),
    "ecs_tui/session/channel/client.py": (
        403,
        "one end of a protocol: its states are read together",
    ),
    "ecs_tui/session/session.py": (
        419,
        "part two: warnings and typing ahead go to the manager of sessions",
    ),
    "ecs_tui/terminal/engines/ghostty.py": (447, "the whole of one engine behind the interface"),
    "ecs_tui/terminal/link.py": (487, "one end of a protocol: its states are read together"),
    "ecs_tui/terminal/widget.py": (
        439,
        "one widget: what it draws and what it is sent share their state",
    ),
    "ecs_tui/ui/dock/pane.py": (511, "part two: sessions live without widgets, a pane draws one"),
    "ecs_tui/ui/main_screen.py": (794, "part two: divided into context, navigation and pages"),
    "ecs_tui/ui/table/table.py": (442, "one widget: rows, cursor and drawing share their state"),
}
"""Files of more than 400 lines: their number of lines, which may only fall, and the reason."""

CLASS_NAMES: dict[str, str] = {}
"""Names of classes that two modules have."""

KEY_WORDS: dict[str, str] = {
    "ecs_tui.ui.detail_pane": _LOOKED_UP,
    "ecs_tui.ui.dialogs.access": _LOOKED_UP,
    "ecs_tui.ui.dialogs.choose": _LOOKED_UP,
    "ecs_tui.ui.dialogs.command": _LOOKED_UP,
    "ecs_tui.ui.dialogs.confirm": _LOOKED_UP,
    "ecs_tui.ui.dialogs.doctor": _LOOKED_UP,
    "ecs_tui.ui.dialogs.link": _LOOKED_UP,
    "ecs_tui.ui.dialogs.login": _LOOKED_UP,
    "ecs_tui.ui.dialogs.mfa": _LOOKED_UP,
    "ecs_tui.ui.dialogs.paste": _LOOKED_UP,
    "ecs_tui.ui.dialogs.plan": _LOOKED_UP,
    "ecs_tui.ui.dialogs.policy": _LOOKED_UP,
    "ecs_tui.ui.dialogs.profile_picker": _LOOKED_UP,
    "ecs_tui.ui.dialogs.text": _LOOKED_UP,
    "ecs_tui.ui.dock.controller": _LOOKED_UP,
    "ecs_tui.ui.dock.pane": _LOOKED_UP,
    "ecs_tui.ui.dock.pane_title": _LOOKED_UP,
    "ecs_tui.ui.dock.successors": _LOOKED_UP,
    "ecs_tui.ui.footer": _LOOKED_UP,
    "ecs_tui.ui.status_bar": _LOOKED_UP,
    "ecs_tui.resources.accounts": _LOOKED_UP,
    "ecs_tui.resources.clusters": _LOOKED_UP,
}
"""Modules with a key's name in a sentence."""

UNTESTED: dict[str, str] = {
    "ecs_tui.__main__": _AS_A_PROCESS,
    "ecs_tui.aws.api.elbv2": "one call; tests/app/test_stopping.py shows what comes of its answers",
    "ecs_tui.cli.ask": _AS_A_PROCESS,
    "ecs_tui.cli.exec": _AS_A_PROCESS,
    "ecs_tui.cli.info": _AS_A_PROCESS,
    "ecs_tui.cli.sign_in": _AS_A_PROCESS,
    "ecs_tui.demo.responses": _DEMO,
    "ecs_tui.demo.standalone": _DEMO,
    "ecs_tui.session.channel.__main__": _AS_A_PROCESS,
    "ecs_tui.store.draining": _STORE,
    "ecs_tui.store.lists": _STORE,
    "ecs_tui.terminal.driver": "needs a terminal: tests/terminal runs the program on one",
    "ecs_tui.ui.commands.accounts": _BY_KEYS,
    "ecs_tui.ui.commands.base": _BY_KEYS,
    "ecs_tui.ui.commands.browse": _BY_KEYS,
    "ecs_tui.ui.commands.dock": _BY_KEYS,
    "ecs_tui.ui.commands.doctor": _BY_KEYS,
    "ecs_tui.ui.commands.inspect": _BY_KEYS,
    "ecs_tui.ui.commands.shell": _BY_KEYS,
    "ecs_tui.ui.dock.controller": _BY_KEYS,
    "ecs_tui.ui.dock.dock": _BY_KEYS,
    "ecs_tui.ui.dock.pane_title": _BY_KEYS,
    "ecs_tui.ui.dock.shell_choice": _BY_KEYS,
    "ecs_tui.ui.dock.successors": _BY_KEYS,
    "ecs_tui.ui.footer": _BY_KEYS,
    "ecs_tui.ui.prompt.prompt": _BY_KEYS,
    "ecs_tui.ui.status_bar": _BY_KEYS,
}
"""Modules that no test imports."""
