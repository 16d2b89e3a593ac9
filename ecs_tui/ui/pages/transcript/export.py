"""A transcript out of the program: saved in a private file, or opened in an editor, as text."""

from __future__ import annotations

import asyncio
import os
import shlex
import tempfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from textual.app import SuspendNotSupported

from ecs_tui.audit.masks import masked
from ecs_tui.audit.plain import plain_lines
from ecs_tui.audit.spool import TranscriptSpool
from ecs_tui.config.state import saved_file
from ecs_tui.system.atomic_file import write_private_parts
from ecs_tui.system.child import open_child
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


def edit(spool: TranscriptSpool, environment: Mapping[str, str], *, mask: bool) -> str:
    """Open a transcript's text in the operator's editor and wait; returns what went wrong, or "".

    The file is private, and is deleted afterwards.
    """
    words = _editor(environment)
    with tempfile.TemporaryDirectory(prefix="ecs-tui-") as folder:
        path = Path(folder) / "transcript.txt"
        write_private_parts(path, text_parts(spool, mask=mask))
        try:
            editor = open_child(
                [*words, str(path)], stdin=0, stdout=1, stderr=2,
                env={**os.environ, **environment},
            )  # fmt: skip
            status = editor.wait()
        except OSError as error:
            return f"{words[0]} did not start: {error.strerror}. Set EDITOR to your editor."
    return "" if status == 0 else f"{words[0]} ended with status {status}."


def _editor(environment: Mapping[str, str]) -> list[str]:
    for name in ("VISUAL", "EDITOR"):
        try:
            words = shlex.split(environment.get(name, ""))
        except ValueError:  # an unclosed quote
            words = []
        if words:
            return words
    return ["vi"]


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
            view.app.copy_to_clipboard("\n".join(masked(row) if view.mask else row for row in rows))
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
        try:
            with view.app.suspend():
                problem = edit(document.spool, os.environ, mask=view.mask)
        except SuspendNotSupported:
            problem = "This terminal cannot be given to an editor."
        except OSError as error:
            problem = f"The transcript could not be written to a file: {error.strerror}."
        if problem:
            view.notify(problem)
