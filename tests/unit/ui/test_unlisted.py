"""A text answers the keys of lists with nothing, whatever shows it."""

from __future__ import annotations

from ecs_tui.ui.log_lines.widget import LogLines
from ecs_tui.ui.pages.service.scrolled import ScrolledPart
from ecs_tui.ui.pages.transcript.view import TranscriptView
from ecs_tui.ui.unlisted import Unlisted


def test_a_text_has_nothing_to_mark_sort_or_select() -> None:
    part = Unlisted()
    assert (part.shown_columns, part.sort_key, part.rows) == ((), "", ())
    assert part.toggle_wide() is False
    part.select_key("a")
    part.sort_by("name")
    part.mark()
    part.mark_range()
    part.mark_all()
    assert (part.sort_key, part.rows) == ("", ())


def test_lines_of_logs_and_scrolled_texts_are_such() -> None:
    assert all(issubclass(each, Unlisted) for each in (LogLines, ScrolledPart, TranscriptView))
