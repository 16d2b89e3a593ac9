"""What the columns of a list with CloudWatch's metrics cost while one looks at them, in words."""

from __future__ import annotations

from ecs_tui.model.metric import USAGE_SECONDS, money, price
from ecs_tui.ui.navigation import Navigation
from ecs_tui.ui.table.table import ResourceTable


def hourly_metrics(at: Navigation, table: ResourceTable) -> int:
    """The metrics that the columns on the screen ask in an hour for the rows in view."""
    if not at.view.listed:
        return 0
    seen, asked = table.rows_in_view, 0
    for column in table.fitted.columns:
        if not column.billed:
            continue
        for each in at.shown:
            rows = seen
            if at.view.merged is not None:
                rows = [row for row in seen if row.inventory is each.inventory]
            asked += column.billed * len(set(column.needs(each.inventory, rows)))
    return round(asked * 3600 / USAGE_SECONDS)


def cost_words(at: Navigation, table: ResourceTable) -> str:
    """`CPU, MEM $0.05/h`, or that the budget of the day is used up; "" without such columns."""
    billed = [column.title for column in table.fitted.columns if column.billed]
    if not billed or not at.view.listed:
        return ""
    names, budget = ", ".join(billed), at.connections.budget
    if not budget.dollars:
        return f"{names} off"
    if not budget.allows(1):
        return f"▲ {names}: today's {money(budget.dollars)} is used up"
    metrics = hourly_metrics(at, table)
    return f"{names} {money(price(metrics))}/h" if metrics else ""
