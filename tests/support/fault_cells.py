"""The dashboard on the stub of AWS, driven through its pages while operations answer with faults.

A cell is an operation, a fault, and when the fault comes: at the operation's first call ("start"),
or after the operation has been answered ("later"). One run of the app goes through many cells.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot

from ecs_tui.ui.app import EcsTuiApp
from ecs_tui.ui.dock.pane import ShellPane
from tests.support.app import PREFIX, head_text, running_app, screen_text, shell_text
from tests.support.limits import limit, until
from tests.support.peer import (
    OUTPUT,
    Peer,
)
from tests.support.stub_aws import (
    DAEMON_DEFINITION,
    FAULTS,
    MILD,
    TOKEN,
    Fault,
    Reply,
    StubAws,
    body_of,
)
from tests.support.stub_session import PROMPT, answers, open_to_prompt

SAID: dict[str, tuple[str, ...]] = {
    "html-200": ("{}", "HTTP 200"), "html-503": ("{}", "HTTP 503"),
    "empty": ("{}", "HTTP 200 with an empty body"), "null": ("{}", "HTTP 200"),
    "list": ("{}", "HTTP 200"), "truncated": ("{}", "HTTP 200"), "not-utf8": ("{}", "HTTP 200"),
    "deep": ("{}", "HTTP 200"), "500-mb": ("{}", "more than 16 MB"),
    "reset": ("Cannot reach",), "never": ("Cannot reach",), "500": ("{}", "HTTP 500"),
    "expired": ("have expired",), "skew": ("clock",), "scp": ("Access denied: {}",),
    "redirect": ("{}", "a redirect"), "unknown-operation": ("does not know {}",),
    "wrong-types": ("The answer to {} is not usable",),
    "members-missing": ("The answer to {} is not usable",),
}  # fmt: skip
"""What the message for each fault must contain; {} is the operation."""
QUIET = {
    "iam:ListAccountAliases": set(FAULTS),  # most callers may not read it: a failure is only logged
    "ecs:TagResource": {"wrong-types", "members-missing"},  # its answer has no members
}
"""Faults of an operation that need no message."""
TRANSIENT = {
    "html-200", "html-503", "empty", "null", "list", "truncated", "not-utf8", "deep", "500-mb",
    "reset", "never", "500", "redirect", "wrong-types", "members-missing",
}  # fmt: skip
"""Faults of ResumeSession that are retried; the others end the session."""
READ_SECONDS = 0.12
"""Seconds for which a screen that was read is not read again; that takes 8 ms at this size."""
_FRAME = str.maketrans("", "", " \n│╭╮╰╯─┌┐└┘")


def squeezed(text: str) -> str:
    """A text without blanks, line ends and frames, because a message may be wrapped anywhere."""
    return text.translate(_FRAME)


QUIT_SECONDS = 6.0
"""Seconds in which `q` ends the app here. It takes less than two on a machine of its own; in a test
run five processes share two cores. An answer that was waited for would take a minute."""


class Cells:
    """One run of the app.

    Attributes:
        first: The fault of each operation at its first call.
        later: The fault of each operation after it has been answered.
        done: (fault, operation, when) of the cells that are done.
    """

    def __init__(
        self, stub: StubAws, peer: Peer, first: dict[str, str], later: dict[str, str]
    ) -> None:
        self.stub, self.peer, self.first, self.later = stub, peer, first, later
        self.done: list[tuple[str, str, str]] = []
        self.app: EcsTuiApp
        self.pilot: Pilot[None]
        self._read = 0.0, ""
        self._regions = iter(("eu-west-1", "eu-central-1"))
        stub.answers = answers(peer.url)
        self.begin(first)

    def begin(self, faults: dict[str, str]) -> None:
        """Let these operations answer with these faults."""
        for name, fault in faults.items():
            self.stub.faults[name] = self._mild(fault) if fault in MILD else FAULTS[fault]

    def _mild(self, fault: str) -> Fault:
        """A mild fault, made of the answers of this run instead of `ANSWERS`."""
        return lambda name: Reply(200, body_of(name, MILD[fault](self.stub.answers[name])))

    @asynccontextmanager
    async def running(self, timeout_seconds: float = 0.6) -> AsyncIterator[None]:
        """Run the app on a screen that is wide enough for every message.

        Args:
            timeout_seconds: After which a call without an answer has failed.
        """
        account = self.stub.account(timeout_seconds)
        options: dict[str, Any] = {"refresh": 0.5, "cache": False, "plugin": "builtin"}
        async with running_app(account, (230, 60), **options) as (self.app, self.pilot):
            yield

    # -- the screen

    @property
    def text(self) -> str:
        """The whole screen, maybe `READ_SECONDS` old: it costs more than `until` may spend."""
        now = time.monotonic()
        if now - self._read[0] > READ_SECONDS:
            self._read = now, screen_text(self.app)
        return self._read[1]

    def shows(self, *words: str) -> bool:
        """Whether all of these words are on the screen."""
        text = squeezed(self.text)
        return all(squeezed(each) in text for each in words)

    @property
    def message(self) -> str:
        """The message above the list."""
        return self.app.browser.bars.words

    def sentence(self, fault: str, operation: str) -> tuple[str, ...]:
        """What the message about a fault must contain."""
        return tuple(words.format(operation) for words in SAID.get(fault, ()))

    def said(self, fault: str, operation: str, text: str) -> bool:
        """Whether the message about a fault is in `text`."""
        return all(squeezed(w) in squeezed(text) for w in self.sentence(fault, operation))

    async def wait(self, condition: Callable[[], Any], what: str) -> None:
        """The same as `until`; a failure shows the screen."""
        try:
            await until(condition, what, 30)
        except AssertionError as error:
            faults = {name: self.first.get(name) for name in self.stub.faults}
            raise AssertionError(f"{error}\n{faults}\n{self.done[-3:]}\n{self.text}") from None

    async def press(self, *keys: str) -> None:
        """Press keys."""
        await self.pilot.press(*keys)

    async def place(self, view: str) -> None:
        """Wait until this list is shown."""
        await self.wait(
            lambda: self.app.screen is self.app.browser and self.app.browser.place.view == view,
            f"the list of {view}",
        )

    # -- cells

    async def cell(
        self,
        operation: str,
        when: str,
        said: Callable[[str], bool],
        ask: Callable[[], Awaitable[None]] | None,
        recovered: Callable[[], bool],
    ) -> None:
        """Check that the app shows a message about the fault, and recovers when the fault ends.

        Args:
            operation: The operation.
            when: "start" or "later".
            said: Whether the message about a fault is shown.
            ask: Makes the app call the operation; None where the app does so by itself.
            recovered: Whether the app shows what the operation returns.
        """
        fault = self.first[operation] if when == "start" else self.later[operation]
        calls = self.stub.calls[operation]
        if when == "later":
            self.begin({operation: fault})
        if ask is not None:
            await ask()
        what = f"{operation} {fault} {when}"
        sent = self.stub.sent
        await self.wait(
            lambda: self.stub.calls[operation] > (calls if when == "later" else 0),
            f"called: {what}",
        )
        if fault not in MILD and fault not in QUIET.get(operation, ()):
            await self.wait(lambda: said(fault), f"said: {what}")
        assert TOKEN not in self.text
        if fault == "500-mb":
            assert self.stub.sent - sent < 200 * 2**20, what
        self.stub.heal(operation)
        if ask is not None:
            await ask()
        await self.wait(recovered, f"recovered: {what}")
        assert self.app.is_running and self.app.fatal is None
        self.done.append((fault, operation, when))

    async def listed(self, operation: str, view: str, *shown: str) -> None:
        """Go through both cells of an operation that a list calls by itself.

        Args:
            operation: The operation.
            view: The list.
            shown: What the list shows after the fault; "a or b" for either.
        """
        await self.place(view)
        for when in ("start", "later"):
            faults = self.first if when == "start" else self.later

            def recovered(fault: str = faults[operation]) -> bool:
                return all(any(map(self.shows, each.split(" or "))) for each in shown) and (
                    fault in MILD or not self.said(fault, operation, self.message)
                )

            await self.cell(
                operation, when, lambda f: self.said(f, operation, self.message), None, recovered
            )

    async def identity(self) -> None:
        """The caller's identity: at the start, and when another region is opened."""
        for operation, shown in (
            ("sts:GetCallerIdentity", "me"),
            ("iam:ListAccountAliases", "stub-alias"),
        ):

            def said(fault: str, operation: str = operation) -> bool:
                return self.said(fault, operation, self.message)

            def recovered(shown: str = shown) -> bool:
                return shown in head_text(self.app) and not self.message

            if operation.startswith("iam") and self.first[operation] == "scp":
                recovered = lambda: not self.message  # noqa: E731  # an alias that may not be read is not shown
            await self.cell(operation, "start", said, None, recovered)
            region = next(self._regions)

            async def other(region: str = region) -> None:
                if self.app.browser.account.region != region:
                    await self.press("ctrl+r")
                    await self.wait(lambda: self.shows("Select a region"), "the question")
                    await self.press("slash", *region, "enter", "enter")
                    await self.place("clusters")

            if operation.startswith("iam") and self.later[operation] == "scp":
                recovered = lambda: not self.message  # noqa: E731
            await self.cell(operation, "later", said, other, recovered)
            await self.press("escape")
            await self.wait(lambda: self.app.browser.account.region == "us-east-1", "back")

    async def definition(self) -> None:
        """The task definition: called for the list of containers, and for its own page."""
        operation = "ecs:DescribeTaskDefinition"
        await self.place("containers")

        def known() -> bool:
            return bool(self.app.browser.inventory.definitions)

        def noted(fault: str) -> bool:
            return self.said(fault, operation, self.text)

        await self.cell(operation, "start", noted, None, known)

        async def page() -> None:
            if self.app.screen is not self.app.browser:
                await self.press("escape")
                await self.place("containers")
            # The last answer about the task may have lacked its definition.
            await self.wait(
                lambda: self.app.browser.workspace.context().definition, "the row has a definition"
            )
            await self.press("t")

        await self.cell(operation, "later", noted, page, lambda: self.shows('"revision": 7'))
        await self.press("escape")
        await self.place("containers")

    async def daemon(self) -> None:
        """The page of a daemon task definition."""
        operation = "ecs:DescribeDaemonTaskDefinition"
        self.stub.answers = answers(self.peer.url)
        for task in self.stub.answers["ecs:DescribeTasks"]["tasks"]:
            task["taskDefinitionArn"] = DAEMON_DEFINITION
        await self.leave_dialogs()
        await self.place("services")
        await self.press("enter")
        await self.place("tasks")
        await self.wait(lambda: self.shows("agent:3"), "tasks of a daemon")

        async def page() -> None:
            if self.app.screen is not self.app.browser:
                await self.press("escape")
                await self.place("tasks")
            await self.press("t")

        for when in ("start", "later"):
            await self.cell(
                operation, when, lambda f: self.said(f, operation, self.text), page,
                lambda: self.shows('"revision": 3'),
            )  # fmt: skip
        await self.press("escape")
        await self.place("tasks")
        await self.press("escape")
        await self.place("services")

    # -- shells

    @property
    def pane(self) -> ShellPane:
        """The pane of the newest shell."""
        return self.app.browser.dock.panes[-1]

    async def open(self) -> None:
        """Open a new shell from the list of tasks."""
        await self.close()
        self.peer.forget()
        await self.press("s")
        await self.wait(lambda: self.app.browser.dock.panes, "a pane")

    async def close(self) -> None:
        """Close the shell, and a dialog that opened because the shell failed."""
        browser = self.app.browser
        if self.app.screen is not browser:
            await self.press("escape")
            await self.place("tasks")
        if browser.dock.panes:
            alive = self.pane.alive
            if not alive:
                await self.wait(lambda: browser.table.has_focus, "the list has the keys again")
            if not self.pane.view.has_focus:
                browser.dock.focus_current()
                await self.wait(lambda: self.pane.view.has_focus, "the shell has the keys")
            await self.press(*([PREFIX, "x"] if alive else ["x"]))
            await self.wait(lambda: not browser.dock.panes, "the pane is closed")

    async def prompt(self, *, key: bool = False) -> None:
        """Open the session up to the prompt."""
        assert await open_to_prompt(self.peer, self.wait, key=key)
        await self.wait(lambda: PROMPT in shell_text(self.pane), "a prompt")

    async def shells(self) -> None:
        """Sessions: opened, encrypted, resumed, ended."""
        await self.place("tasks")
        for when in ("start", "later"):
            await self._opened(when)
            await self._encrypted(when)
            await self._resumed(when)
            await self._ended(when)

    async def _opened(self, when: str) -> None:
        operation = "ecs:ExecuteCommand"

        def recovered() -> bool:
            return bool(self.peer.openings)

        def said(fault: str) -> bool:
            # Where ECS denies a session, the doctor opens by itself.
            doctor = fault != "scp" or self.app.screen is not self.app.browser
            return doctor and self.said(fault, operation, self.text)

        await self.cell(operation, when, said, self.open, recovered)
        await self.prompt()

    async def _encrypted(self, when: str) -> None:
        operation = "kms:GenerateDataKey"
        fault = (self.first if when == "start" else self.later)[operation]

        async def opened() -> None:
            await self.open()
            if await open_to_prompt(self.peer, self.wait, key=True):
                assert operation not in self.stub.faults or fault in MILD
            else:
                await self.wait(lambda: not self.pane.alive, "the session ends")

        def said(fault: str) -> bool:
            text = shell_text(self.pane)
            return self.said(fault, operation, text) or (
                fault == "never" and "KMS has not answered" in text
            )

        await self.cell(operation, when, said, opened, lambda: PROMPT in shell_text(self.pane))

    async def _resumed(self, when: str) -> None:
        operation = "ssm:ResumeSession"
        fault = (self.first if when == "start" else self.later)[operation]
        await self.open()
        await self.prompt()
        self.peer.openings.clear()
        cut = False

        async def broken() -> None:
            nonlocal cut
            if not cut:
                cut = True
                self.peer.abort()
            elif fault not in TRANSIENT and fault not in MILD:
                # The session has ended with a message: open another one and cut its connection.
                await self.wait(lambda: not self.pane.alive, "the session ends")
                await self.open()
                await self.prompt()
                self.peer.openings.clear()
                self.peer.abort()

        def said(fault: str) -> bool:
            if fault in TRANSIENT:
                return self.shows("connection lost, reconnecting")
            return self.said(fault, operation, shell_text(self.pane))

        def recovered() -> bool:
            return bool(self.peer.openings) and self.peer.openings[0]["TokenValue"] == TOKEN

        await self.cell(operation, when, said, broken, recovered)
        await self.peer.send(OUTPUT, b"resumed # ")
        await self.wait(lambda: "resumed #" in shell_text(self.pane), "output")

    async def _ended(self, when: str) -> None:
        operation = "ssm:TerminateSession"

        async def closed() -> None:
            if not self.app.browser.dock.panes:
                await self.open()
                await self.prompt()
            await self.close()

        calls = 0

        def recovered() -> bool:
            return self.stub.calls[operation] > calls

        def said(fault: str) -> bool:
            nonlocal calls
            calls = self.stub.calls[operation]
            return self.said(fault, operation, self.text.split("\n")[-1])

        if when == "start":
            # Earlier shells have called it already: set the fault again for a pane that is closed.
            self.begin({operation: self.first[operation]})
        await self.cell(operation, when, said, closed, recovered)

    # -- the doctor and its fixes

    async def checked(self, key: str) -> None:
        """Start the doctor with a key, and wait until its checks are done."""
        before = getattr(self.app.screen, "doctor", None)
        await self.press(key)

        def over() -> bool:
            doctor = getattr(self.app.screen, "doctor", None)
            return (
                doctor is not None
                and doctor is not before
                and bool(doctor.findings)
                and self.app.screen.over  # type: ignore[attr-defined]
            )

        await self.wait(over, "the doctor's verdicts")

    async def doctor(self, operation: str, check: str, *beside: str) -> None:
        """Go through both cells of an operation that only the doctor calls.

        Args:
            operation: The operation.
            check: The check whose evidence is about it.
            beside: Operations called at the same time: the evidence may be about one of these.
        """

        async def again() -> None:
            await self.checked("D" if self.app.screen is self.app.browser else "r")

        def said(fault: str, name: str = operation) -> bool:
            findings = self.app.screen.doctor.findings  # type: ignore[attr-defined]
            text = "\n".join(item.evidence for item in findings if item.check == check)
            if fault == "scp":
                return f"missing permission {name}" in text and self.shows(name)
            return self.said(fault, name, text)

        def told(fault: str) -> bool:
            others = [(self.first[name], name) for name in beside if name in self.stub.faults]
            return any(said(*each) for each in [(fault, operation), *others])

        for when in ("start", "later"):
            fault = (self.first if when == "start" else self.later)[operation]
            await self.cell(
                operation, when, told, again,
                lambda fault=fault: fault in MILD or not said(fault),  # type: ignore[misc]
            )  # fmt: skip

    async def apply_fix(self, operation: str, key: str, change: Callable[[Any], None]) -> None:
        """Go through both cells of an operation that a fix of the doctor calls.

        Args:
            operation: The operation.
            key: The doctor's key for the fix.
            change: Changes the answers of the account so that the doctor offers the fix.
        """
        self.stub.answers = answers(self.peer.url)
        change(self.stub.answers)

        async def apply() -> None:
            await self.leave_dialogs()
            await self.checked("D")
            await self.press(key)
            await self.wait(lambda: self.shows("y apply"), f"the change: {operation}")
            await self.press("y")

        for when in ("start", "later"):
            await self.cell(
                operation, when, lambda f: self.said(f, operation, self.text), apply,
                lambda: self.shows("● Accepted"),
            )  # fmt: skip
        await self.press("escape")

    async def leave_dialogs(self) -> None:
        """Close all dialogs."""
        while self.app.screen is not self.app.browser:
            screen = self.app.screen
            await self.press("escape")
            await self.wait(lambda screen=screen: self.app.screen is not screen, "closed")  # type: ignore[misc]

    async def leave_by_q(self) -> None:
        """Quit with an open shell while all operations fail: the app ends within two seconds."""
        browser = self.app.browser
        self.stub.answers = answers(self.peer.url)
        await self.leave_dialogs()
        await self.wait(
            lambda: self.shows("1/1 containers") or self.shows("2/2 containers"), "exec works"
        )
        await self.open()
        await self.prompt()
        await self.press(PREFIX, "l")
        self.begin(self.first)
        calls = sum(self.stub.calls.values())
        await self.press("r")
        await self.wait(lambda: sum(self.stub.calls.values()) > calls, "AWS is asked")
        began = time.monotonic()
        await self.press("q")
        if browser.dock.live:
            await self.wait(lambda: self.app.screen is not browser, "the question")
            began = time.monotonic()
            await self.press("y")
        await self.wait(lambda: not self.app.is_running, "it ends")
        took = time.monotonic() - began
        assert took < limit(QUIT_SECONDS), f"q took {took:.1f} s"
