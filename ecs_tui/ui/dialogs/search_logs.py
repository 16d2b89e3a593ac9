"""The dialog that searches logs in AWS: what it will scan, how far it is, and what it found."""

from __future__ import annotations

from ecs_tui.logs.filters import parse_filter
from ecs_tui.logs.insights import InsightsSearch
from ecs_tui.logs.line import LogLine
from ecs_tui.logs.targets import insights_sources, sources_for
from ecs_tui.logs.view import LineOptions
from ecs_tui.model.log_source import LogSource
from ecs_tui.model.log_target import LogTarget
from ecs_tui.model.task import Task
from ecs_tui.model.text import clean
from ecs_tui.record import dataclass
from ecs_tui.resources import Place
from ecs_tui.resources.logs import LOGS
from ecs_tui.store.connections import Connection
from ecs_tui.ui.dialogs.estimated_search import EstimatedSearchScreen, SearchWords
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


class SearchLogsScreen(EstimatedSearchScreen[LogLine, InsightsSearch]):
    """Returns the line that was chosen among the results, to be shown among its neighbours.

    Args:
        target: Whose lines are searched.
        now: Milliseconds since 1970.
    """

    kind = "search-logs"

    def __init__(self, target: LogSearchTarget, now: int) -> None:
        place = target.place
        task = place.task_arn.rpartition("/")[2][:12]
        about = f"task {task}" if task else place.service or f"cluster {place.cluster}"
        words = SearchWords(
            title=f"Search the logs of {clean(about)} by Logs Insights",
            hint="words, ~pattern, field:value, !not",
            since="1h",
            asking="Asking AWS how much there is to scan…",
            accept="estimate, or go to the result",
        )
        self._target, self._lines = target, LogLines("found-lines")
        self._containers: set[str] = set()
        self._found: tuple[LogLine, ...] = ()
        super().__init__(target.connection.account, words, now, self._lines)

    @property
    def found(self) -> bool:
        """Whether there are lines."""
        return bool(self._found)

    def choose(self) -> None:
        """Return the line under the cursor."""
        if self._lines.current is not None:
            self.dismiss(self._lines.current)

    def action_move(self, lines: int) -> None:
        """Move among the lines."""
        if self.focused is self._lines:
            self._lines.move(lines)

    async def prepare(self, text: str, start: int) -> tuple[InsightsSearch, str] | str:
        """The query, and what it will scan."""
        wanted = parse_filter(text)
        if wanted.problem:
            return f"{clean(wanted.problem)}."
        sources = await self._target.sources()
        if not sources:
            return "None of these lines are in CloudWatch Logs."
        regions = dict.fromkeys(each.group.region for each in sources if each.group is not None)
        region, *others = regions or ("",)
        account = self._accounts.of(region).account
        search = InsightsSearch(account, sources, wanted, start, self._now)
        estimate = await search.estimate(self._now)
        self._containers = {each.container for each in sources}
        left_out = f" Groups in {', '.join(map(clean, others))} are left out." if others else ""
        return search, f"{estimate.words}{left_out}"

    async def search(self, prepared: InsightsSearch) -> None:
        """Show the lines at the end, also of a query that failed."""
        self._lines.look(LineOptions(now=self._now), self._containers)
        self._found = ()
        try:
            async for progress in prepared.run():
                self._found = progress.lines
                sign = "●" if progress.ended else "◐"
                self.say(f"{sign} {progress.words}")
        finally:
            self._lines.start_again()
            self._lines.arrived(self._found)
            self._lines.highlight(parse_filter(self._estimated[0]))
