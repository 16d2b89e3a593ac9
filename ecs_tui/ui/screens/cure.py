"""A cure: exactly what it will do; then, if the operator wants it, that it is done and works."""

from __future__ import annotations

from dataclasses import dataclass

from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Input, Static

from ecs_tui.aws.account import Account
from ecs_tui.doctor.cures import Cure, apply, watch
from ecs_tui.errors import EcsTuiError
from ecs_tui.model.task import Task
from ecs_tui.model.words import clean
from ecs_tui.ui.screens.modal import Box


@dataclass(frozen=True)
class Cured:
    """How it ended: the task that is ready for a shell, and whether to stop it afterwards."""

    task: Task | None = None
    stop_after: bool = False


class CureScreen(Box[Cured]):
    """Shows the calls and the difference, asks, does, and watches until the verdict turns."""

    DEFAULT_CSS = """
    CureScreen VerticalScroll { height: 1fr; }
    CureScreen #effect { height: auto; margin-bottom: 1; }
    CureScreen #progress { height: auto; max-height: 10; border-top: solid $primary; }
    CureScreen Input { display: none; }
    CureScreen.-typing Input { display: block; }
    """
    BINDINGS = [
        ("y", "go", "do it"),
        ("c", "copy", "copy"),
        ("k", "turn_stop", "stop afterwards"),
        ("s", "shell", "shell"),
        ("q", "leave", "close"),
    ]

    def __init__(self, account: Account, cure: Cure) -> None:
        super().__init__()
        self._account, self.cure = account, cure
        self.state = "shown"
        self._stop_after = False
        self._ready: Task | None = None
        self._said: list[str] = []
        self._progress = Static("", id="progress", markup=False)
        self._keys = Static("", classes="keys", markup=False)
        self._typed = Input(placeholder=f"type {clean(cure.harder)} to go on", compact=True)

    def compose(self) -> ComposeResult:
        """Title, effect, the difference, the calls or the policy, progress, keys."""
        cure = self.cure
        with Vertical(classes="box -tall"):
            yield Static(clean(cure.title), classes="title", markup=False)
            yield Static(clean(cure.effect), id="effect", markup=False)
            with VerticalScroll():
                yield Static(self._body(), markup=False)
            yield self._progress
            yield self._typed
            yield self._keys

    def on_mount(self) -> None:
        """Show what can be done here."""
        self.query_one(VerticalScroll).focus()
        self._progress.display = False
        self._draw_keys()

    def _body(self) -> str:
        lines = []
        if self.cure.changes:
            width = max(len(name) for name, _, _ in self.cure.changes)
            lines += [f"{n.ljust(width)}  {before} → {after}"
                      for n, before, after in self.cure.changes] + [""]  # fmt: skip
        lines += [part for call in self.cure.calls for part in str(call).split("\n")]
        lines += self.cure.document.split("\n") if self.cure.document else []
        return "\n".join(clean(line) for line in lines)

    @property
    def _refused(self) -> str:
        if not self.cure.calls:
            return "ecs-tui never changes IAM: copy it"
        return "read-only mode: shown, not run" if self._account.read_only else ""

    def _draw_keys(self) -> None:
        if self.state == "shown" and self._refused:
            words = f"{self._refused}   c copy   esc close"
        elif self.state == "shown":
            stop = ""
            if self.cure.id == "one-off":
                stop = f"   k stop it when the shell ends: {'yes' if self._stop_after else 'no'}"
            words = f"y do it{stop}   c copy   esc do nothing"
        elif self.state == "running":
            words = "esc close (what was begun goes on)"
        elif self._ready is not None:
            words = "s open a shell   esc close"
        else:
            words = "esc close"
        self._keys.update(words)

    def action_go(self) -> None:
        """Do it; where customers may be behind it, only after its name was typed."""
        if self.state != "shown" or self._refused:
            return
        if self.cure.harder and not self.has_class("-typing"):
            self.add_class("-typing")
            self._typed.focus()
            self._keys.update(f"type {clean(self.cure.harder)} and enter   esc do nothing")
            return
        self._run()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """The name must be the one."""
        if event.value.strip() == self.cure.harder:
            self.remove_class("-typing")
            self.query_one(VerticalScroll).focus()
            self._run()
        else:
            self._keys.update(f"That is not {clean(self.cure.harder)}.   esc do nothing")

    @work(exclusive=True, group="cure")
    async def _run(self) -> None:
        self.state = "running"
        self._progress.display = True
        self._draw_keys()
        self._say("◐ asking ECS …")
        try:
            started = await apply(self._account, self.cure)
            self._say("● done; watching until it works")
            async for progress in watch(self._account, self.cure, started):
                self._say(progress.words)
                self._ready = progress.ready
        except EcsTuiError as error:
            self._say(f"✖ {error}")
        self.state = "over"
        self._draw_keys()

    def _say(self, words: str) -> None:
        self._said.append(clean(words))
        self._progress.update("\n".join(self._said[-8:]))

    def action_turn_stop(self) -> None:
        """Whether a one-off ends with its shell."""
        if self.cure.id == "one-off" and self.state == "shown":
            self._stop_after = not self._stop_after
            self._draw_keys()

    def action_copy(self) -> None:
        """The policy or the calls."""
        text = self.cure.document or "\n".join(str(call) for call in self.cure.calls)
        self.app.copy_to_clipboard(text)
        self.notify("Copied.")

    def action_shell(self) -> None:
        """Into the task that is ready."""
        if self._ready is not None:
            self.dismiss(Cured(self._ready, self._stop_after))

    def action_leave(self) -> None:
        """Close; nothing that was begun is undone."""
        self.dismiss(None if self.state == "shown" else Cured())
