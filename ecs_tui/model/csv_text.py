"""Cells of CSV files that spreadsheets open: hostile values do not become formulas."""

from __future__ import annotations

import json

from ecs_tui.model.text import clean

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""First characters by which a spreadsheet takes a cell for a formula.

https://owasp.org/www-community/attacks/CSV_Injection
"""


def csv_cell(value: object) -> str:
    """A value as a cell; one that looks like a formula gets an apostrophe first.

    Lists and mappings become JSON; control characters become �.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return clean(f"'{text}" if text.startswith(_FORMULA) else text)
