"""The dialog that searches logs in AWS: what it will scan, how far it is, and what it found."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from ecs_tui.errors import AwsError, EcsTuiError
from ecs_tui.logs.filters import parse_filter
from ecs_tui.logs.insights import InsightsSearch
from ecs_tui.logs.line import LogLine
from ecs_tui.logs.targets import insights_sources, sources_for
from ecs_tui.logs.times import parse_moment
from ecs_tui.logs.view import LineOptions
from ecs_tui.model.log_source import LogSource
from ecs_tui.model.log_target import LogTarget
from ecs_tui.model.task import Task
from ecs_tui.model.text import clean
from ecs_tui.record import dataclass
from ecs_tui.resources import Place
from ecs_tui.resources.logs import LOGS
from ecs_tui.store.connections import Connection
from ecs_tui.store.log_access import LogAccounts
from ecs_tui.ui.dialogs.base import Dialog, bind
from ecs_tui.ui.log_lines.widget import LogLines


@dataclass(frozen=True, slots=True)
class LogSearchTarget:
    """Whose lines are searched.

    Attributes:
        connection: The connection of the tasks.
        place: The place that shows their logs.
    """

    connection: Connection
    place: Place

    async def sources(self) -> list[LogSource]:
        """Where the lines are that can be read.

        Raises:
            AwsError: Tasks or definitions cannot be read.
            NotFound: Container Insights has no log groups here.
        """
        inventory, target = self.connection.inventory, self.place.logs or LogTarget()
        if target.insights:
            return await insights_sources(self.connection.account, self.place.cluster)
        tasks: list[Task] = LOGS.rows(inventory, self.place)
        if not any(each.task_definition for each in tasks):
            for scope in LOGS.scopes(self.place):
                await inventory.load(scope)
            tasks = LOGS.rows(inventory, self.place)
        chosen = target.containers
        known = [each for each in tasks if each.task_definition]
        found = await sources_for(known, inventory.task_definition)
        return [
            each for each in found if each.readable and (not chosen or each.container in chosen)
        ]


class SearchLogsScreen(Dialog[LogLine]):
    """Returns the line that was chosen among the results, to be shown among its neighbours.

    Args:
        target: Whose lines are searched.
        now: Milliseconds since 1970.
    """

    kind = "search-logs"
    BINDINGS = [
        bind("line-accept", "accept", "Estimate what is scanned; on a result: go there"),
        bind("table-down", "move(1)", "Next result"),
        bind("table-up", "move(-1)", "Previous result"),
        bind("search-logs.start", "start", "Start the search", priority=True),
    ]
    types = True
    DEFAULT_CSS = """
    SearchLogsScreen LogLines { height: 1fr; display: none; background: $surface; }
    SearchLogsScreen.-found LogLines { display: block; }
    SearchLogsScreen.-found > .box { height: 90%; width: 96%; max-width: 160; }
    """

    def __init__(self, target: LogSearchTarget, now: int) -> None:
        super().__init__()
        self._target, self._now = target, now
        self._accounts = LogAccounts(target.connection.account)
        self._words = Input(placeholder="words, ~pattern, field:value, !not", compact=True)
        self._since = Input("1h", placeholder="1h, 14:03, 2026-11-29 14:03", compact=True)
        self._state = Static("", markup=False)
        self._lines = LogLines("found-lines")
        self._search: InsightsSearch | None = None
        self._estimated = ("", "")  # what the estimate is about
        self._containers: set[str] = set()
        self._searching = False

    def compose(self) -> ComposeResult:
        place = self._target.place
        task = place.task_arn.rpartition("/")[2][:12]
        about = f"task {task}" if task else place.service or f"cluster {place.cluster}"
        with Vertical(classes="box"):
            title = f"Search the logs of {clean(about)} by Logs Insights"
            yield Static(title, classes="title", markup=False)
            yield self._words
            yield Static("since (a time, or how long ago)", markup=False)
            yield self._since
            yield self._state
            yield self._lines
            yield self.hint_line(
                ("line-accept", "estimate, or go to the result"),
                ("search-logs.start", "start"),
                ("dialog-close", "cancel"),
            )

    def on_mount(self) -> None:
        self._words.focus()

    async def on_unmount(self) -> None:
        await self._accounts.close()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._estimate()

    def action_accept(self) -> None:
        """Return the result under the cursor."""
        if self.focused is self._lines and self._lines.current is not None:
            self.dismiss(self._lines.current)

    def action_move(self, lines: int) -> None:
        """Move among the results."""
        if self.focused is self._lines:
            self._lines.move(lines)

    def action_start(self) -> None:
        """Start the search, if its estimate is shown; else estimate first."""
        if self._searching:
            return
        if self._search is None or self._estimated != self._asked:
            self._estimate()
            return
        self._searching = True
        self.run_worker(self._run(self._search), group="search", exclusive=True)

    @property
    def _asked(self) -> tuple[str, str]:
        return self._words.value.strip(), self._since.value.strip()

    def _estimate(self) -> None:
        if not self._searching:
            self._say("◐ Asking AWS how much there is to scan…")
            self.run_worker(self._prepare(self._asked), group="search", exclusive=True)

    async def _prepare(self, asked: tuple[str, str]) -> None:
        text, since = asked
        wanted = parse_filter(text)
        try:
            start = parse_moment(since, self._now)
        except ValueError:
            self._say(f'✖ "{clean(since)}" is not a time. Use 1h, 2d, 14:03 or ISO 8601.')
            return
        if wanted.problem:
            self._say(f"✖ {clean(wanted.problem)}.")
            return
        try:
            sources = await self._target.sources()
            if not sources:
                self._say("✖ None of these lines are in CloudWatch Logs.")
                return
            regions = dict.fromkeys(each.group.region for each in sources if each.group is not None)
            region, *others = regions or ("",)
            account = self._accounts.of(region).account
            search = InsightsSearch(account, sources, wanted, start, self._now)
            estimate = await search.estimate(self._now)
        except EcsTuiError as error:
            self._say(f"✖ {error}")
            return
        self._search, self._estimated = search, asked
        self._containers = {each.container for each in sources}
        left_out = f" Groups in {', '.join(map(clean, others))} are left out." if others else ""
        self._say(f"{estimate.words}{left_out} {self.keymap.first('search-logs.start')}: start.")

    async def _run(self, search: InsightsSearch) -> None:
        self._say("◐ Starting…")
        self.add_class("-found")
        self._lines.look(LineOptions(now=self._now), self._containers)
        found: tuple[LogLine, ...] = ()
        try:
            async for progress in search.run():
                found = progress.lines
                sign = "●" if progress.ended else "◐"
                self._say(f"{sign} {progress.words}")
        except AwsError as error:
            self._say(f"✖ {error}")
        finally:
            self._searching, self._search = False, None
        self._lines.start_again()
        self._lines.arrived(found)
        self._lines.highlight(parse_filter(self._estimated[0]))
        if found:
            self._lines.focus()

    def _say(self, words: str) -> None:
        self._state.update(words)
