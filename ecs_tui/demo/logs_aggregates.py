"""The command `stats` of Logs Insights: aggregates of fields by groups of events."""

from __future__ import annotations

from datetime import UTC, datetime

from ecs_tui.demo.logs_insights import Aggregate, Row, Stats, number


class Aggregation:
    """Adds up events, one by one."""

    def __init__(self, stats: Stats) -> None:
        self._stats = stats
        self._groups: dict[tuple[str, ...], list[_Total]] = {}

    def add(self, row: Row) -> None:
        """Count one event; newest first."""
        key = tuple(row.get(name, "") for name in self._stats.by)
        if self._stats.bin_seconds:
            key += (_bin(row["@timestamp"], self._stats.bin_seconds),)
        totals = self._groups.get(key)
        if totals is None:
            totals = [_Total(each) for each in self._stats.aggregates]
            self._groups[key] = totals
        for total in totals:
            total.add(row)

    def rows(self) -> list[dict[str, str]]:
        """One row for each group."""
        names = [*self._stats.by, *([self._stats.bin_name] if self._stats.bin_name else [])]
        return [
            {name: value for name, value in zip(names, key, strict=True) if value}
            | {total.name: text for total in totals if (text := total.text()) is not None}
            for key, totals in self._groups.items()
        ]


def _bin(timestamp: str, seconds: float) -> str:
    at = datetime.fromisoformat(timestamp).replace(tzinfo=UTC).timestamp()
    start = datetime.fromtimestamp(at - at % seconds, UTC)
    return f"{start:%Y-%m-%d %H:%M:%S}.{start.microsecond // 1000:03}"


class _Total:
    """One aggregate of one group."""

    def __init__(self, aggregate: Aggregate) -> None:
        self.name = aggregate.name
        self._function, self._of = aggregate.function, aggregate.of
        self._count, self._sum = 0, 0.0
        self._least: float | None = None
        self._most: float | None = None
        self._values: set[str] = set()
        self._newest = self._oldest = ""

    def add(self, row: Row) -> None:
        value = row.get(self._of) if self._of != "*" else ""
        if value is None:
            return
        self._count += 1
        if self._function == "count_distinct":
            self._values.add(value)
        self._newest = self._newest or value
        self._oldest = value
        found = number(value)
        if found is not None:
            self._sum += found
            self._least = found if self._least is None else min(self._least, found)
            self._most = found if self._most is None else max(self._most, found)

    def text(self) -> str | None:
        if self._function == "count":
            return str(self._count)
        if self._function == "count_distinct":
            return str(len(self._values))
        if self._function in ("earliest", "latest"):
            return (self._oldest if self._function == "earliest" else self._newest) or None
        if self._least is None or self._most is None:
            return None
        return {
            "sum": f"{self._sum:g}", "avg": f"{self._sum / self._count:.4f}",
            "min": f"{self._least:g}", "max": f"{self._most:g}",
        }[self._function]  # fmt: skip
