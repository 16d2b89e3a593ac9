"""Commands about problems: their page, and showing only what has one in any list."""

from __future__ import annotations

from ecs_tui.resources.problems import PROBLEMS, PROBLEMS_VIEW
from ecs_tui.resources.trouble import ONLY_PROBLEMS, may_have_trouble
from ecs_tui.ui.commands.base import Command
from ecs_tui.ui.context import Context, Workspace


class Problems(Command):
    """Problems of the watched clusters in all open accounts, worst first, with their evidence."""

    id, title, footer, group = "problems", "problems", True, "Places"

    def title_here(self, context: Context) -> str:
        return "leave" if context.place.view == PROBLEMS_VIEW else self.title

    async def run(self, context: Context, workspace: Workspace) -> None:
        workspace.toggle(PROBLEMS.at(""))


class ProblemsOnly(Command):
    """Show only rows that have a problem, or all rows again."""

    id, title, group, in_lists = "problems-only", "problems only", "Lists", True

    def obstacle(self, context: Context) -> str:
        return "" if may_have_trouble(context.resource.name) else "Rows of this list have no state."

    async def run(self, context: Context, workspace: Workspace) -> None:
        words = workspace.filter.split()
        kept = [word for word in words if word != ONLY_PROBLEMS]
        workspace.set_filter(" ".join(kept if len(kept) < len(words) else [*kept, ONLY_PROBLEMS]))


PROBLEM_COMMANDS: tuple[Command, ...] = (Problems(), ProblemsOnly())
