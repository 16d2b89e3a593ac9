"""A form for a task to run; the plan is shown after it."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Checkbox, Input, Static

from ecs_tui.errors import WrongUsage
from ecs_tui.model.text import clean
from ecs_tui.operations.run_task import (
    LAUNCH_TYPES,
    RunRequest,
    check,
    parse_strategy,
    parse_tags,
)
from ecs_tui.ui.dialogs.base import Dialog, KeyLine, bind
from ecs_tui.ui.dialogs.key_line import key_line

_FIELDS = {
    "definition": ("task definition", "family, or family:revision"),
    "count": ("count", "1 to 10"),
    "like": ("like service", "where the network and the launch type are taken from"),
    "launch": ("run on", "FARGATE, EC2, or capacity providers as NAME:WEIGHT:BASE"),
    "tags": ("tags", "key=value, separated by spaces"),
}


class RunTaskScreen(Dialog[RunRequest]):
    """Returns what is to be run, or None. Nothing is run yet: the plan follows.

    Args:
        request: What is filled in.
        wrong: Why that could not be run, or "".
    """

    DEFAULT_CSS = """
    RunTaskScreen Horizontal { height: 1; }
    RunTaskScreen .name { width: 18; }
    RunTaskScreen #wrong { color: $text-error; height: auto; }
    """
    kind = "run-task"
    BINDINGS = [bind("run-task.submit", "submit", "Show the plan")]
    types = True

    def __init__(self, request: RunRequest, wrong: str = "") -> None:
        super().__init__()
        self._request = request
        strategy = (f"{item.provider}:{item.weight}:{item.base}" for item in request.strategy)
        values = {
            "definition": request.definition,
            "count": str(request.count),
            "like": request.like,
            "launch": request.launch_type or " ".join(strategy),
            "tags": " ".join(f"{key}={value}" for key, value in request.tags.items()),
        }
        self._inputs = {
            name: Input(values[name], placeholder=hint, compact=True)
            for name, (_, hint) in _FIELDS.items()
        }
        self._exec = Checkbox("ECS Exec", request.exec_enabled, compact=True)
        self._wrong = Static(clean(wrong), id="wrong", markup=False)
        self._keys = KeyLine()

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            title = f"Run a task in {clean(self._request.cluster)}"
            yield Static(title, classes="title", markup=False)
            for name, (title, _) in _FIELDS.items():
                with Horizontal():
                    yield Static(title, classes="name", markup=False)
                    yield self._inputs[name]
            yield self._exec
            yield self._wrong
            yield self._keys

    def on_mount(self) -> None:
        self._inputs["definition"].focus()

    def on_descendant_focus(self) -> None:
        """Show the keys of the focused field."""
        does = {"submit": "show the plan", "app.focus_next": "next field", "leave": "cancel"}
        self._keys.say(key_line(self, does))

    def on_input_submitted(self) -> None:
        self.action_submit()

    def action_submit(self) -> None:
        """Return what is to be run; if a field is wrong, say why."""
        try:
            self.dismiss(self._read())
        except WrongUsage as error:
            self._wrong.update(clean(str(error)))

    def _read(self) -> RunRequest:
        """What the fields say.

        Raises:
            WrongUsage: A field is wrong.
        """
        values = {name: item.value.strip() for name, item in self._inputs.items()}
        if not values["definition"]:
            raise WrongUsage("The task definition is missing.", "Give a family.")
        count = values["count"] or "1"
        if not (count.isascii() and count.isdigit()):
            raise WrongUsage(f"{count!r} is not a number of tasks.", "Give 1 to 10.")
        launch = values["launch"]
        launch_type = launch.upper() if launch.upper() in LAUNCH_TYPES else ""
        found = RunRequest(
            self._request.cluster,
            values["definition"],
            int(count),
            values["like"],
            launch_type,
            () if launch_type else parse_strategy(launch.split()),
            self._exec.value,
            parse_tags(values["tags"].split()),
            self._request.started_by,
        )
        check(found)
        return found
