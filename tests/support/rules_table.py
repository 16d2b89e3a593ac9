"""The table of all rules in docs/problems.md: `python -m tests.support.rules_table` prints it."""

from __future__ import annotations

from ecs_tui.problems.causes import STOP_CAUSES
from ecs_tui.problems.reasons import REASONS
from ecs_tui.problems.rules.all import RULES

HEAD = "| rule | it finds | causes | AWS's page |\n|---|---|---|---|"


def table() -> str:
    """The rows, in the order of the rules; the causes of stopped tasks have a name of their own."""
    lines = [HEAD]
    stops = set(STOP_CAUSES)
    for rule in RULES:
        own = [f"`{cause}`" for cause in rule.causes]
        of_tasks = {each.id for each in REASONS} <= set(rule.causes)
        if of_tasks:
            own = [f"`{cause}`" for cause in rule.causes if cause not in stops]
            own.append("those of stopped tasks")
        lines.append(f"| `{rule.id}` | {rule.about} | {', '.join(own)} | [page]({rule.source}) |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
