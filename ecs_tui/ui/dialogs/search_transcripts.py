"""The dialog that searches all transcripts of a cluster: what it will read, how far it is, the sessions."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from ecs_tui.audit.masks import masked
from ecs_tui.audit.transcript_places import places_of_cluster
from ecs_tui.audit.transcript_search import (
    SessionHit,
    TranscriptSearch,
    searches,
)
from ecs_tui.aws.account import Account
from ecs_tui.model.arn import short_name
from ecs_tui.model.text import age, clean, counted
from ecs_tui.ui.dialogs.estimated_search import EstimatedSearchScreen, SearchWords

SHOWN_LINES = 3
"""Lines of a session that are shown."""


class SearchTranscriptsScreen(EstimatedSearchScreen[SessionHit, list[TranscriptSearch]]):
    """Returns the session that was chosen among the results.

    Args:
        account: The cluster's account.
        cluster: The cluster's name or ARN.
        now: Seconds since 1970.
    """

    kind = "search-transcripts"

    def __init__(self, account: Account, cluster: str, now: float) -> None:
        words = SearchWords(
            title=f"Search the transcripts of cluster {clean(short_name(cluster))}",
            hint="a text that was typed or shown",
            since="7d",
            asking="Asking AWS how much there is to read…",
            accept="estimate, or open the transcript",
        )
        self._account, self._cluster = account, cluster
        self._sessions, self._hits = OptionList(markup=False), list[SessionHit]()
        super().__init__(account, words, int(now * 1000), self._sessions)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._hits[event.option_index])

    @property
    def found(self) -> bool:
        """Whether there are sessions."""
        return bool(self._hits)

    def choose(self) -> None:
        """Return the session under the cursor."""
        self._sessions.action_select()

    def action_move(self, lines: int) -> None:
        """Move among the sessions."""
        if self.focused is self._sessions and lines > 0:
            self._sessions.action_cursor_down()
        elif self.focused is self._sessions:
            self._sessions.action_cursor_up()

    async def prepare(self, text: str, start: int) -> tuple[list[TranscriptSearch], str] | str:
        """A search for each place with transcripts, and what they will read."""
        if not text:
            return "Type what is to be searched."
        places = await places_of_cluster(self._account, self._cluster)
        if isinstance(places, str):
            return places
        now = self._now / 1000
        found = searches(
            lambda region: self._accounts.of(region).account, places, text, start / 1000, now
        )
        return found, " ".join([await each.estimate(now) for each in found])

    async def search(self, prepared: list[TranscriptSearch]) -> None:
        """Show the sessions as they are found, one place after the other."""
        found: dict[str, SessionHit] = {}
        self._show([])
        words = ""
        for search in prepared:
            async for progress in search.run():
                for hit in progress.hits:
                    found.setdefault(hit.session, hit)
                words = progress.words
                self.say(f"◐ {words}; {counted(len(found), 'session')} found")
                self._show(list(found.values()))
        self.say(f"● {words}; {counted(len(found), 'session')} found")

    def _show(self, hits: list[SessionHit]) -> None:
        hits.sort(key=lambda hit: hit.written, reverse=True)
        if hits == self._hits:
            return
        self._hits = hits
        at = self._sessions.highlighted
        self._sessions.clear_options()
        self._sessions.add_options([Option(Content(self._words_of(hit))) for hit in hits])
        self._sessions.highlighted = min(at or 0, len(hits) - 1)

    def _words_of(self, hit: SessionHit) -> str:
        when = f"{age(self._now / 1000 - hit.written)} ago" if hit.written else ""
        lines = [f"  {masked(line.strip())[:150]}" for line in hit.lines[:SHOWN_LINES]]
        more = hit.found - len(lines)
        head = f"{clean(hit.session)}  {when}  {counted(hit.found, 'line')}"
        return "\n".join([head, *lines, *([f"  … and {more} more"] if more > 0 else [])])
