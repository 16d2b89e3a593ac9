"""What stands around the lines: title, legend, messages, and the line of filter and search."""

from __future__ import annotations

from ecs_tui.config.keymap import Keymap
from ecs_tui.logs.targets import TargetTasks
from ecs_tui.logs.times import shown_time
from ecs_tui.resources.service_page import shown_service
from ecs_tui.resources.services import pause_of
from ecs_tui.system import wall_clock
from ecs_tui.ui.list_pane import PageMessage
from ecs_tui.ui.log_lines.widget import LogLines
from ecs_tui.ui.pages.base import Visiting
from ecs_tui.ui.pages.logs import words
from ecs_tui.ui.pages.logs.head import LogHead
from ecs_tui.ui.pages.logs.line_input import LogInput
from ecs_tui.ui.pages.logs.search import LineSearch
from ecs_tui.ui.pages.logs.session import LogSession
from ecs_tui.ui.tab_line import TabLine


class LogFrame:
    """Draws it.

    Args:
        keymap: The keys of all commands.
        lines: The lines.
        search: What is shown and searched of them.

    Attributes:
        said: What is wrong with the list of tasks.
        new: Lines that came since it stopped following.
        paused: Whether nothing is read.
    """

    def __init__(self, keymap: Keymap, lines: LogLines, search: LineSearch) -> None:
        self._keymap, self._lines, self._search = keymap, lines, search
        self.tabs = TabLine()
        self.title, self.legend = LogHead("-title"), LogHead("-hidden")
        self.message, self.input = PageMessage(), LogInput(keymap, lines)
        self.said, self.new, self.paused = "", 0, False

    def draw_tabs(self, at: Visiting) -> None:
        """Draw the tabs of the service's page, if the lines are those of a service."""
        inventory = at.connection.inventory
        service = shown_service(inventory, at.place)
        waits = service is not None and pause_of(inventory, service) is not None
        self.tabs.write(at.place, service, waits=waits)

    def draw(self, at: Visiting, session: LogSession, instead: TargetTasks | None) -> None:
        """Draw it.

        Args:
            instead: The task before, if it is shown instead of the target.
        """
        self.draw_tabs(at)
        lines, names = self._lines, self._lines.names
        before = ""
        if instead is not None:
            before = next((each.task for each in instead.sources if each.task), "?")
        only = self._search.task
        until = ""
        if session.until:
            now = wall_clock.milliseconds()
            until = shown_time(session.until, lines.options.lines.times, now)
            until = until if session.until < now else "now"
        state = words.state(
            loading=session.loading,
            following=lines.window.following and session.following,
            how=session.how,
            rate=session.rate(),
            new=self.new,
            paused=self.paused,
            until=until,
        )
        shown, every = len(lines.shown), len(lines.shown.buffer)
        where = "" if lines.window.following else words.position(lines.window.index, shown, every)
        title = words.title(at.place, len(session.tasks), names.name(only) if only else "", before)
        self.title.write(title, [state, words.since(session.seconds), where])
        tasks = words.legend(names, max(20, lines.size.width - 2))
        numbered = [names.numbered(number + 1) for number in range(len(tasks))]
        self.legend.write_tasks(tasks, numbered.index(only) if only in numbered else -1)
        self.input.show(self._search.words)
        self.draw_message(session)

    def draw_message(self, session: LogSession | None) -> None:
        """Say what is wrong, or why there are no lines."""
        found = [self.said]
        if session is not None:
            found.append(words.problem_words(session.problems))
            shown = self._lines.shown
            readable = any(each.readable for each in session.sources)
            if not shown.has_events and session.first_read and not session.loading and readable:
                filtered = len(shown.buffer) > 0
                nothing = words.nothing_words(session.seconds, filtered=filtered)
                found.append(self._keymap.fill(nothing))
        self.message.say("\n".join(each for each in found if each))
