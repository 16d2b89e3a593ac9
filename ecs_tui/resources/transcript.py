"""The page of a session's transcript: its one row is the session."""

from __future__ import annotations

from ecs_tui.model.arn import short_name
from ecs_tui.model.text import clean
from ecs_tui.model.transcript import TranscriptRef
from ecs_tui.resources.base import Column, Place, Resource, plain
from ecs_tui.store.inventory import Kind, Scope

TRANSCRIPT_VIEW = "transcript"
"""The view of places that show a transcript."""


def transcript_place(ref: TranscriptRef) -> Place:
    """The place that shows the transcript of a session, or says why there is none."""
    return Place(TRANSCRIPT_VIEW, cluster=short_name(ref.cluster), transcript=ref)


def about(ref: TranscriptRef) -> str:
    """A session in a few words: `bob · web · app`."""
    task = short_name(ref.task)[:12]
    parts = (ref.who, short_name(ref.cluster), task, ref.container)
    return " · ".join(clean(each) for each in parts if each) or clean(ref.session)


def _rows(place: Place) -> list[TranscriptRef]:
    return [] if place.transcript is None else [place.transcript]


TRANSCRIPT: Resource[TranscriptRef] = Resource(
    name=TRANSCRIPT_VIEW,
    kind="session",
    row=TranscriptRef,
    within="",
    listed=False,
    columns=(
        Column("session", "SESSION", lambda row, _: plain(row.session), lambda row: row.session,
               priority=0),
    ),
    scopes=lambda place: (Scope(Kind.CLUSTER),),
    rows=lambda inventory, place: _rows(place),
    key=lambda row: row.session,
    name_of=lambda row: row.session,
    enter=lambda place, row: None,
    cluster_of=lambda row: short_name(row.cluster),
    is_empty=lambda *_: True,
    empty="",
)  # fmt: skip
"""The session whose transcript is shown."""
