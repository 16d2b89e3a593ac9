"""Commands about transcripts: own recordings, search in all of a cluster, those of open shells."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ecs_tui.config.key_text import KeyText
from ecs_tui.config.state import saved_folder
from ecs_tui.model.text import age
from ecs_tui.model.transcript import TranscriptRef
from ecs_tui.resources.transcript import transcript_place
from ecs_tui.system import wall_clock
from ecs_tui.ui.commands.base import Command
from ecs_tui.ui.context import Context, Workspace

if TYPE_CHECKING:
    from ecs_tui.audit.transcript_search import SessionHit

MAX_RECORDINGS = 200
"""Recordings that are offered, the newest."""


class Recordings(Command):
    """Open one of your own recordings of shells, with their timing."""

    id, title, group, waits = "recordings", "recordings", "Inspect", True

    async def run(self, context: Context, workspace: Workspace) -> None:
        from ecs_tui.ui.dialogs.choose import ChooseScreen

        found = await asyncio.to_thread(_recordings)
        if not found:
            workspace.note(
                KeyText("There are no recordings. {prefix} {record} in a shell records it.")
            )
            return
        now = wall_clock.moment().timestamp()
        choices = [(path, f"{name}  {age(now - at)} ago") for path, name, at in found]
        chosen = await workspace.ask(ChooseScreen("Which recording?", choices, choices[0][0]))
        if chosen is not None:
            name = next(name for path, name, _ in found if path == chosen)
            workspace.go(transcript_place(TranscriptRef(name, recording=chosen)))


def _recordings() -> list[tuple[str, str, float]]:
    """(path, name, when it was written) of own recordings, newest first."""
    found = []
    for path in saved_folder().glob("*.cast"):
        try:
            found.append((str(path), path.stem, path.stat().st_mtime))
        except OSError:
            continue
    return sorted(found, key=lambda each: each[2], reverse=True)[:MAX_RECORDINGS]


class SearchTranscripts(Command):
    """Search all transcripts of the cluster: says first what it reads, which AWS may bill."""

    id, title, group, waits = "search-transcripts", "search transcripts", "Inspect", True

    def obstacle(self, context: Context) -> str:
        return "" if context.cluster else "Select a cluster first."

    async def run(self, context: Context, workspace: Workspace) -> None:
        from ecs_tui.ui.dialogs.search_transcripts import SearchTranscriptsScreen

        connection = context.connection
        asked = SearchTranscriptsScreen(connection.account, context.cluster, wall_clock.now())
        found = await workspace.ask(asked)
        if found is not None:
            place = transcript_place(_of_hit(found, context.cluster))
            workspace.go(place, connection=connection)


def _of_hit(hit: SessionHit, cluster: str) -> TranscriptRef:
    return TranscriptRef(hit.session, cluster, ended=hit.written)


TRANSCRIPT_COMMANDS: tuple[Command, ...] = (Recordings(), SearchTranscripts())
