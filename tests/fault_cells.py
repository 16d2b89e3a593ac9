"""The dashboard on the stub of AWS, taken from place to place while operations answer with faults.

A cell is a fault, an operation, and when: at the operation's first call ("start"), or after it has
been answered ("later"). One start of the app goes through many cells.
"""

from __future__ import annotations

import base64
import copy
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot

from ecs_tui.ui.app import EcsTuiApp
from ecs_tui.ui.widgets.pane import ShellPane
from tests.peer import (
    CHALLENGE,
    CHALLENGED,
    COMPLETE,
    HANDSHAKE,
    KMS_ACTION,
    OUTPUT,
    RESPONSE,
    Peer,
    seal,
    shell_request,
)
from tests.stub_aws import ANSWERS, FAULTS, MILD, TOKEN, Fault, Reply, StubAws, body_of
from tests.support import limit, running_app, screen_text, shell_text, until

SAID: dict[str, tuple[str, ...]] = {
    "html-200": ("{}", "HTTP 200"), "html-503": ("{}", "HTTP 503"),
    "empty": ("{}", "HTTP 200 with an empty body"), "null": ("{}", "HTTP 200"),
    "list": ("{}", "HTTP 200"), "truncated": ("{}", "HTTP 200"), "not-utf8": ("{}", "HTTP 200"),
    "deep": ("{}", "HTTP 200"), "500-mb": ("{}", "more than 16 MB"),
    "reset": ("cannot be reached",), "never": ("cannot be reached",), "500": ("{}", "HTTP 500"),
    "expired": ("have expired",), "skew": ("clock",), "scp": ("Access denied: {}",),
    "redirect": ("{}", "a redirect"), "unknown-operation": ("does not know {}",),
    "wrong-types": ("The answer to {} is not usable",),
    "members-missing": ("The answer to {} is not usable",),
}  # fmt: skip
"""What a sentence must hold for each fault; {} is the operation."""
QUIET = {
    "iam:ListAccountAliases": set(FAULTS),  # an ornament that few may read: only the log tells
    "ecs:TagResource": {"wrong-types", "members-missing"},  # its answer has no members
}
"""Where a fault needs no sentence."""
TRANSIENT = {
    "html-200", "html-503", "empty", "null", "list", "truncated", "not-utf8", "deep", "500-mb",
    "reset", "never", "500", "redirect", "wrong-types", "members-missing",
}  # fmt: skip
"""Faults after which a session that was cut goes on when they end; the others end it."""
PREFIX = "ctrl+right_square_bracket"
_FRAME = str.maketrans("", "", " \n│╭╮╰╯─┌┐└┘")


def squeezed(text: str) -> str:
    """Without blanks, line ends and frames: a sentence may be wrapped anywhere."""
    return text.translate(_FRAME)


class Cells:
    """One start of the app, and the faults that its operations meet.

    Attributes:
        first: The fault of each operation until it was healed for the first time.
        later: The one that it meets after that.
        done: The cells that were gone through.
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
        """From now on these operations answer with these faults."""
        for name, fault in faults.items():
            self.stub.faults[name] = self._mild(fault) if fault in MILD else FAULTS[fault]

    def _mild(self, fault: str) -> Fault:
        """Of this account's answers, not of the stub's own."""
        return lambda name: Reply(200, body_of(name, MILD[fault](self.stub.answers[name])))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The app, on a screen that is wide enough for every sentence."""
        account = self.stub.account()
        options: dict[str, Any] = {"refresh": 0.2, "cache": False, "plugin": "builtin"}
        async with running_app(account, (230, 60), **options) as (self.app, self.pilot):
            yield

    # -- what is on the screen

    @property
    def text(self) -> str:
        """The whole screen, at most 50 ms old: `until` looks more often than reading it is cheap."""
        now = time.monotonic()
        if now - self._read[0] > 0.05:
            self._read = now, screen_text(self.app)
        return self._read[1]

    def shows(self, *words: str) -> bool:
        """Whether all of these are on the screen."""
        text = squeezed(self.text)
        return all(squeezed(each) in text for each in words)

    @property
    def message(self) -> str:
        """What is shown above the list."""
        return self.app.browser._message_words

    def sentence(self, fault: str, operation: str) -> tuple[str, ...]:
        """What must be said."""
        return tuple(words.format(operation) for words in SAID.get(fault, ()))

    def said(self, fault: str, operation: str, text: str) -> bool:
        """Whether it is said in `text`."""
        return all(squeezed(w) in squeezed(text) for w in self.sentence(fault, operation))

    async def wait(self, condition: Callable[[], Any], what: str) -> None:
        """As `until`; the failure shows the screen."""
        try:
            await until(condition, what, 30)
        except AssertionError as error:
            faults = {name: self.first.get(name) for name in self.stub.faults}
            raise AssertionError(f"{error}\n{faults}\n{self.done[-3:]}\n{self.text}") from None

    async def press(self, *keys: str) -> None:
        """Type."""
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
        """The fault is met and told of; it ends, and what the operation is for works.

        Args:
            operation: Which one.
            when: "start" or "later".
            said: Whether its sentence, for this fault, is shown.
            ask: What makes the app ask; None where it asks by itself.
            recovered: Whether it works.
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
        """Both cells of an operation that a list asks for by itself."""
        await self.place(view)
        for when in ("start", "later"):
            faults = self.first if when == "start" else self.later

            def recovered(fault: str = faults[operation]) -> bool:
                return self.shows(*shown) and (
                    fault in MILD or not self.said(fault, operation, self.message)
                )

            await self.cell(
                operation, when, lambda f: self.said(f, operation, self.message), None, recovered
            )

    async def identity(self) -> None:
        """Who we are: at the start, and when another region is opened."""
        for operation, shown in (
            ("sts:GetCallerIdentity", "me"),
            ("iam:ListAccountAliases", "stub-alias"),
        ):

            def said(fault: str, operation: str = operation) -> bool:
                return self.said(fault, operation, self.message)

            def recovered(shown: str = shown) -> bool:
                return shown in self.text.split("\n")[0] and not self.message

            if operation.startswith("iam") and self.first[operation] == "scp":
                recovered = lambda: not self.message  # noqa: E731  # who may not read it
            await self.cell(operation, "start", said, None, recovered)
            region = next(self._regions)

            async def other(region: str = region) -> None:
                if self.app.browser.account.region != region:
                    await self.press("ctrl+r")
                    await self.wait(lambda: self.shows("Which region"), "the question")
                    await self.press("slash", *region, "enter", "enter")
                    await self.place("clusters")

            if operation.startswith("iam") and self.later[operation] == "scp":
                recovered = lambda: not self.message  # noqa: E731
            await self.cell(operation, "later", said, other, recovered)
            await self.press("escape")
            await self.wait(lambda: self.app.browser.account.region == "us-east-1", "back")

    async def definition(self) -> None:
        """A task's containers need it at first; its own page asks for it again."""
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
            await self.press("t")

        await self.cell(operation, "later", noted, page, lambda: self.shows('"revision": 7'))
        await self.press("escape")
        await self.place("containers")

    # -- shells

    @property
    def pane(self) -> ShellPane:
        """The newest shell."""
        return self.app.browser.dock.panes[-1]

    async def open(self) -> None:
        """From the list of tasks, a shell: a new one."""
        await self.close()
        self.peer.openings.clear()
        self.peer.received.clear()
        self.peer.sequence = 0
        await self.press("s")
        await self.wait(lambda: self.app.browser.dock.panes, "a pane")

    async def close(self) -> None:
        """Close the shell that is open, and what opened because it failed."""
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
        """Go through the handshake, see the prompt."""
        assert await shake(self.peer, self.wait, key=key)
        await self.wait(lambda: "a prompt #" in shell_text(self.pane), "a prompt")

    async def shells(self) -> None:
        """A session is opened, encrypted, resumed, ended."""
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
            # Where ECS denies it, the doctor opens by itself.
            doctor = fault != "scp" or self.app.screen is not self.app.browser
            return doctor and self.said(fault, operation, self.text)

        await self.cell(operation, when, said, self.open, recovered)
        await self.prompt()

    async def _encrypted(self, when: str) -> None:
        operation = "kms:GenerateDataKey"
        fault = (self.first if when == "start" else self.later)[operation]

        async def opened() -> None:
            await self.open()
            if await shake(self.peer, self.wait, key=True):
                assert operation not in self.stub.faults or fault in MILD
            else:
                await self.wait(lambda: not self.pane.alive, "the session ends")

        def said(fault: str) -> bool:
            text = shell_text(self.pane)
            return self.said(fault, operation, text) or (
                fault == "never" and "KMS has not answered" in text
            )

        await self.cell(
            operation, when, said, opened, lambda: "a prompt #" in shell_text(self.pane)
        )

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
                # The session has ended and said why: another one is opened and cut.
                await self.wait(lambda: not self.pane.alive, "the session ends")
                await self.open()
                await self.prompt()
                self.peer.openings.clear()
                self.peer.abort()

        def said(fault: str) -> bool:
            if fault in TRANSIENT:
                return self.shows("connection lost, resuming")
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
            # What shells before this one have left; the cell is about a pane that is closed.
            self.begin({operation: self.first[operation]})
        await self.cell(operation, when, said, closed, recovered)

    # -- the doctor and what it does

    async def examined(self, key: str) -> None:
        """Have the doctor look, by this key, and wait until it is through."""
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

    async def doctor(self, operation: str, *beside: str) -> None:
        """Both cells of an operation that only the doctor calls.

        `beside` are called at the same time: the sentence may be about one of these.
        """

        async def again() -> None:
            await self.examined("D" if self.app.screen is self.app.browser else "r")

        def said(fault: str, name: str = operation) -> bool:
            findings = self.app.screen.doctor.findings  # type: ignore[attr-defined]
            text = "\n".join(item.evidence for item in findings)
            if fault == "scp":
                return f"{name} is missing" in text and self.shows(name)
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

    async def cure(self, operation: str, key: str, change: Callable[[Any], None]) -> None:
        """Both cells of a change: by a key of the doctor, where the account is so."""
        self.stub.answers = answers(self.peer.url)
        change(self.stub.answers)

        async def apply() -> None:
            while self.app.screen is not self.app.browser:
                screen = self.app.screen
                await self.press("escape")
                await self.wait(lambda screen=screen: self.app.screen is not screen, "closed")  # type: ignore[misc]
            await self.examined("D")
            await self.press(key)
            await self.wait(lambda: self.shows("y do it"), f"the change: {operation}")
            await self.press("y")

        for when in ("start", "later"):
            await self.cell(
                operation, when, lambda f: self.said(f, operation, self.text), apply,
                lambda: self.shows("● done"),
            )  # fmt: skip
        await self.press("escape")

    async def leave_by_q(self) -> None:
        """With a shell, and with all the faults there again: q, and it is over in two seconds."""
        browser = self.app.browser
        self.stub.answers = answers(self.peer.url)
        while self.app.screen is not browser:
            screen = self.app.screen
            await self.press("escape")
            await self.wait(lambda screen=screen: self.app.screen is not screen, "closed")  # type: ignore[misc]
        await self.wait(lambda: self.shows("1/1 agents") or self.shows("2/2 agents"), "exec works")
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
        assert took < limit(2.0), f"q took {took:.1f} s"


async def shake(peer: Peer, wait: Callable[..., Awaitable[Any]], *, key: bool = False) -> bool:
    """The far end of a session that is being opened, to its prompt.

    Args:
        peer: It.
        wait: As `until`.
        key: Whether it asks for encryption.

    Returns:
        False where the client has no key: the session is over.
    """
    await wait(lambda: peer.openings, "the client connects")
    await peer.send(HANDSHAKE, shell_request(*((KMS_ACTION,) if key else ())))
    await wait(lambda: peer.stream(RESPONSE), "the handshake's answer")
    if key:
        if peer.stream(RESPONSE)[0].json()["ProcessedClientActions"][0]["ActionStatus"] != 1:
            await peer.close_channel()
            return False
        text = base64.b64encode(seal(b"prove it")).decode()
        await peer.send(CHALLENGE, json.dumps({"Challenge": text}).encode())
        await wait(lambda: peer.stream(CHALLENGED), "the challenge's answer")
    await peer.send(COMPLETE, b"{}")
    await peer.send(OUTPUT, seal(b"a prompt # ") if key else b"a prompt # ")
    return True


def answers(url: str) -> dict[str, Any]:
    """The stub's answers with a session behind `url`, on an instance whose role the agent has."""
    made: dict[str, Any] = copy.deepcopy(ANSWERS)
    made["ecs:ExecuteCommand"]["session"]["streamUrl"] = url
    made["ssm:ResumeSession"]["StreamUrl"] = url
    made["kms:GenerateDataKey"]["Plaintext"] = base64.b64encode(bytes(range(64))).decode()
    made["ecs:DescribeServices"]["services"][0]["tags"] = [{"key": "team", "value": "web"}]
    made["sts:GetCallerIdentity"]["Arn"] = "arn:aws:sts::111122223333:assumed-role/web/me"
    for task in made["ecs:DescribeTasks"]["tasks"]:
        task["attachments"], task["launchType"] = [], "EC2"
    del made["ecs:DescribeTaskDefinition"]["taskDefinition"]["taskRoleArn"]
    instance = made["ec2:DescribeInstances"]["reservationSet"][0]["instancesSet"][0]
    instance["iamInstanceProfile"] = {"arn": "arn:aws:iam::111122223333:instance-profile/web"}
    return made
