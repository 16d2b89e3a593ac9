"""A transcript out of the program: saved in a private file, or opened in an editor, as text."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from textual.app import SuspendNotSupported

from ecs_tui.audit.masks import masked
from ecs_tui.audit.plain import plain_lines
from ecs_tui.audit.spool import TranscriptSpool
from ecs_tui.config.state import saved_file
from ecs_tui.system.atomic_file import write_private_parts
from ecs_tui.system.editor import edit_text
from ecs_tui.ui.pages.transcript.view import TranscriptView

MAX_EDITED_BYTES = 32 << 20
"""Bytes of a transcript that an editor is given; larger ones can be saved."""


def text_parts(spool: TranscriptSpool, *, mask: bool) -> Iterator[bytes]:
    """A transcript's text, piece by piece; secrets are hidden if `mask`."""
    for data in spool.pieces():
        lines = (each.text for each in plain_lines(data))
        text = "\n".join(masked(line) if mask else line for line in lines)
        yield f"{text}\n".encode("utf-8", "replace")


def save(spool: TranscriptSpool, session: str, *, mask: bool) -> Path:
    """Save a transcript's text in a file that only the operator can read; returns its path.

    Raises:
        OSError: It cannot be written.
    """
    path = saved_file("txt", f"transcript-{session}", datetime.now())
    write_private_parts(path, text_parts(spool, mask=mask))
    return path


class TranscriptOut:
    """What the keys that copy, save and edit do.

    Args:
        view: The transcript.
    """

    def __init__(self, view: TranscriptView) -> None:
        self._view = view

    def copy(self) -> None:
        """Copy the row that was found, else what is on the screen."""
        view, rows = self._view, self._view.shown_text()
        if rows:
            view.app.copy_to_clipboard("\n".join(rows))
            view.notify("Copied the row." if len(rows) == 1 else f"Copied {len(rows)} rows.")

    def save(self, session: str) -> None:
        """Save the whole transcript as text."""
        if self._view.document is not None:
            job = self._save(self._view.document.spool, session)
            self._view.run_worker(job, group="save transcript")

    async def _save(self, spool: TranscriptSpool, session: str) -> None:
        view, mask = self._view, self._view.mask
        try:
            path = await asyncio.to_thread(save, spool, session, mask=mask)
        except (OSError, ValueError) as error:  # ValueError: it was closed meanwhile
            view.notify(f"The transcript could not be saved: {error}.")
            return
        hidden = " What looks like a secret is hidden." if mask else ""
        view.notify(f"Saved the transcript to {path}.{hidden}", timeout=15)

    def edit(self) -> None:
        """Open the transcript's text in the operator's editor."""
        view, document = self._view, self._view.document
        if document is None:
            return
        if document.spool.size > MAX_EDITED_BYTES:
            view.notify("This transcript is too large for an editor. Save it instead.")
            return
        view.run_worker(self._edit(document.spool), group="edit transcript", exclusive=True)

    async def _edit(self, spool: TranscriptSpool) -> None:
        view, mask = self._view, self._view.mask
        try:
            problem = await edit_text(
                lambda: text_parts(spool, mask=mask), "transcript.txt", os.environ, view.app.suspend
            )
        except SuspendNotSupported:
            problem = "This terminal cannot be given to an editor."
        except OSError as error:
            problem = f"The transcript could not be written to a file: {error.strerror}."
        except ValueError:  # it was closed meanwhile
            return
        if problem:
            view.notify(problem)
