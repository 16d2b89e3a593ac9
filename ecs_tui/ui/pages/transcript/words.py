"""The words around a transcript: where it is kept, how far it is read, why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecs_tui.model.rules.scan_cost import size_words
from ecs_tui.model.text import clean
from ecs_tui.model.transcript import (
    LoggedTranscript,
    NoTranscript,
    StoredTranscript,
    TranscriptPlace,
)
from ecs_tui.ui.pages.transcript.rows import (
    MAX_MARKED,
    TranscriptRow,
    TranscriptSegment,
)

if TYPE_CHECKING:
    from ecs_tui.ui.pages.transcript.document import TranscriptDocument


def place_words(place: TranscriptPlace | None) -> str:
    """Where a transcript is kept."""
    if isinstance(place, LoggedTranscript):
        return clean(place.group.name)
    if isinstance(place, StoredTranscript):
        return clean(f"s3://{place.bucket}/{place.key}")
    return "own recording" if place is not None else ""


def state_words(
    document: TranscriptDocument | None,
    place: TranscriptPlace | None,
    state: str,
    *,
    raw: bool,
    mask: bool,
) -> list[str]:
    """What stands at the right of the title, the most important first."""
    found = [f"◐ {state}"] if state else []
    if document is not None:
        marks = len(document.marked)
        more = "+" if marks >= MAX_MARKED else ""
        found.append(f"▲ {marks:,}{more} {'mark' if marks == 1 else 'marks'}" if marks else "")
        found.append("raw bytes" if raw else "")
        found.append("" if mask else "secrets shown")
        of = getattr(place, "size", 0)
        arrived = size_words(document.spool.size)
        whole = document.spool.complete or not of
        found.append(arrived if whole else f"{arrived} of {size_words(of)}")
    found.append(place_words(place))
    return found


def none_words(found: NoTranscript) -> str:
    """Why there is no transcript."""
    return f"○ No transcript: {found.words}" + (f"\n{found.next_step}" if found.next_step else "")


def error_words(error: Exception) -> str:
    """What went wrong."""
    if isinstance(error, OSError):
        return f"✖ The transcript could not be kept on the disk: {error.strerror or error}."
    return f"✖ {clean(str(error))}"


def segment_words(segment: TranscriptSegment) -> str:
    """What must be said about a segment."""
    if segment.failed:
        return "The terminal engine failed at this part: it is shown as plain text."
    if segment.dropped:
        return "The first rows of this part are left out: there are more than 10,000."
    return ""


def mark_words(row: TranscriptRow, text: str) -> str:
    """Why a row stands out.

    Args:
        text: Its text without secrets.
    """
    if row.mark is None:
        return ""
    return f"▲ {clean(row.mark.name)}: {clean(row.mark.reason)} {text.strip()[:80]}"
