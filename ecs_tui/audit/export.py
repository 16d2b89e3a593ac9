"""Writes rows of the timeline as JSON lines or CSV, for `jq` and for spreadsheets."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Literal

from ecs_tui.model.csv_text import csv_cell
from ecs_tui.resources.audit import AuditRow, flat_row
from ecs_tui.system.echo import well_formed

ExportForm = Literal["jsonl", "csv"]


def json_lines(rows: Iterable[AuditRow]) -> Iterator[str]:
    """A JSON object a line (https://jsonlines.org), with the whole record as `event`.

    Control characters are escaped, so that a terminal shows them as text.
    """
    for row in rows:
        made = {**flat_row(row), "event": dict(row.event.record)}
        text = well_formed(json.dumps(made, ensure_ascii=False))
        yield json.dumps(json.loads(text), ensure_ascii=True) + "\n"


def csv_lines(rows: Iterable[AuditRow]) -> Iterator[str]:
    """CSV (RFC 4180) with a heading; hostile values do not become formulas of spreadsheets."""
    head = False
    for row in rows:
        flat = flat_row(row)
        if not head:
            head = True
            yield _record(list(flat))
        yield _record([csv_cell(value) for value in flat.values()])


def exported(rows: Iterable[AuditRow], form: ExportForm) -> bytes:
    """The rows as a file."""
    lines = json_lines(rows) if form == "jsonl" else csv_lines(rows)
    return "".join(lines).encode("utf-8", "replace")


def _record(cells: list[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue()
