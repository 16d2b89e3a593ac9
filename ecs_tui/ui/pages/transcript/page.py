"""The page of a session's transcript: found, read, rendered, searched."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.worker import Worker

from ecs_tui.aws.account import Account
from ecs_tui.config.keymap import Keymap
from ecs_tui.config.sections import TerminalSettings, TranscriptSettings
from ecs_tui.errors import EcsTuiError
from ecs_tui.model.transcript import NoTranscript, TranscriptPlace, TranscriptRef
from ecs_tui.resources import Place
from ecs_tui.resources.transcript import TRANSCRIPT, about
from ecs_tui.store.connections import Connection
from ecs_tui.store.inventory import Scope
from ecs_tui.store.log_access import LogAccounts
from ecs_tui.ui.context import ListPart
from ecs_tui.ui.dialogs.text import TextScreen
from ecs_tui.ui.list_pane import ListPane, PageMessage
from ecs_tui.ui.pages.base import Visiting
from ecs_tui.ui.pages.transcript import words
from ecs_tui.ui.pages.transcript.event import HINT, SessionEvent
from ecs_tui.ui.pages.transcript.export import TranscriptOut
from ecs_tui.ui.pages.transcript.head import (
    WIDE_CELLS,
    SearchLine,
    TranscriptHead,
    TypedCommands,
)
from ecs_tui.ui.pages.transcript.jumps import TranscriptJumps
from ecs_tui.ui.pages.transcript.rows import Position
from ecs_tui.ui.pages.transcript.search import RowSearch
from ecs_tui.ui.pages.transcript.view import TranscriptView

if TYPE_CHECKING:
    from ecs_tui.terminal.renderer import Renderer
    from ecs_tui.ui.pages.transcript.document import TranscriptDocument


UNWRAPPED_COLUMNS = 500
"""The width of the terminal for lines that are not wrapped; what does not fit is cut."""


class TranscriptPage(Vertical):
    """Shows one transcript. Its row is the session."""

    DEFAULT_CSS = """
    TranscriptPage > ListPane { display: none; }
    TranscriptPage > Horizontal { height: 1fr; }
    """

    def __init__(
        self,
        keymap: Keymap,
        *,
        flash: bool,
        terminal: TerminalSettings | None = None,
        transcript: TranscriptSettings | None = None,
    ) -> None:
        super().__init__(id="transcript-page")
        self._keymap = keymap
        self._engine = (terminal or TerminalSettings()).engine
        self._settings = transcript or TranscriptSettings()
        self._head, self._message = TranscriptHead(), PageMessage()
        self.view = TranscriptView(self._wanted)
        self.view.mask = self._settings.mask
        self._typed, self._line = TypedCommands(), SearchLine(keymap)
        self._pane = ListPane(TRANSCRIPT, keymap, flash=flash, id="transcript-sessions")
        self._at: Visiting | None = None
        self._accounts: dict[Connection, LogAccounts] = {}
        self._renderer: Renderer | None = None
        self._state, self._problem, self._said = "", "", ""
        self._found: TranscriptPlace | None = None
        self._event = SessionEvent()
        self._wrap, self._typed_shown = True, True
        self.search = RowSearch()
        self._wanted_now: set[int] = set()
        out = TranscriptOut(self.view)
        jumps = self._jumps = TranscriptJumps(self.view, self.search, self.jumped)
        self._actions: dict[str, Callable[[], object]] = {
            "text-search": self._line.open,
            "text-next": lambda: jumps.hit(forward=True),
            "text-previous": lambda: jumps.hit(forward=False),
            "mark-next": lambda: jumps.mark(forward=True),
            "mark-previous": lambda: jumps.mark(forward=False),
            "text-wrap": self._turn_wrap, "raw-format": self._turn_raw,
            "transcript-mask": self._turn_mask, "transcript-typed": self._turn_typed,
            "transcript-event": self._show_event, "dialog-copy": out.copy, "log-editor": out.edit,
            "text-save": lambda: out.save(self.ref.session),
            "viewer-page-down": lambda: self.view.move_page(1),
            "viewer-page-up": lambda: self.view.move_page(-1),
            "viewer-half-down": lambda: self.view.move_page(0.5),
            "viewer-half-up": lambda: self.view.move_page(-0.5),
            "viewer-top": self.view.go_to_start, "viewer-bottom": self.view.go_to_end,
        }  # fmt: skip

    def compose(self) -> ComposeResult:
        yield self._head
        yield self._message
        with Horizontal():
            yield self.view
            yield self._typed
        yield self._line
        yield self._pane

    # -- what every page has

    def scopes(self, place: Place) -> tuple[Scope, ...]:
        """Nothing else."""
        return ()

    def open(self, at: Visiting) -> None:
        """Show a session's transcript; the same one stays as it is."""
        before, self._at = self._at, at
        self._pane.table.show(at.view)
        same = before is not None and (before.connection, before.place) == (at.connection, at.place)
        if not same or self.view.document is None:
            self._begin()

    def take(self, rows: list[object]) -> None:
        """Take the one row."""
        self._pane.take(rows)

    def say(self, words: str) -> None:
        """The list of clusters does not matter here."""

    def draw(self) -> None:
        """Draw the title and the messages."""
        self._draw()

    def refresh_now(self) -> None:
        """Look for it again: it may have been written meanwhile."""
        self._begin()

    @property
    def rows(self) -> ListPane:
        """The hidden list with the session."""
        return self._pane

    @property
    def part(self) -> ListPart:
        """The rows of the transcript."""
        return self.view

    @property
    def target(self) -> Widget:
        """The rows have the focus."""
        return self.view

    @property
    def own_keys(self) -> str:
        """The keys of a transcript."""
        return "transcript"

    def press(self, command: str, key: str = "") -> None:
        """Do what one of its keys does."""
        self._actions[command]()
        self._draw()

    # -- reading

    @property
    def ref(self) -> TranscriptRef:
        """The session."""
        found = self._at.place.transcript if self._at is not None else None
        return found or TranscriptRef("")

    def _begin(self) -> None:
        self._drop()
        self.search.clear()
        self._state, self._problem, self._said = "Looking for the transcript…", "", ""
        # Functions: a coroutine whose worker is replaced before it starts would never be awaited.
        jobs = {"transcript": self._load, "event": self._look_for_event}
        for group, work in jobs.items():
            _: Worker[None] = self.run_worker(work, group=group, exclusive=True)
        self._draw()

    async def _look_for_event(self) -> None:
        assert self._at is not None
        await self._event.look(self._at.connection, self.ref)
        self._draw()

    async def _load(self) -> None:
        assert self._at is not None
        connection, ref = self._at.connection, self.ref
        accounts = self._accounts.setdefault(connection, LogAccounts(connection.account))

        def account_of(region: str) -> Account:
            return accounts.of(region).account

        from ecs_tui.audit.reading import read
        from ecs_tui.audit.transcripts import TranscriptFinder

        try:
            self._own_renderer().warm()
            found = await TranscriptFinder(account_of).find(ref)
            if isinstance(found, NoTranscript):
                self._problem = words.none_words(found)
                return
            self._found = found
            self._state = "Reading…"
            document = self._open_document()
            self._draw()
            await document.load(read(found, account_of))
            feed = connection.audit.opened(ref.region or connection.account.region)
            if feed is not None and not ref.recording:
                feed.note_marks(ref.session, tuple(document.names), document.rules.fingerprint)
        except (EcsTuiError, OSError) as error:
            self._problem = words.error_words(error)
        finally:
            self._state = ""
            self._draw()

    def _open_document(self) -> TranscriptDocument:
        from ecs_tui.audit.marks import chosen_marks
        from ecs_tui.ui.pages.transcript.document import TranscriptDocument

        rules = chosen_marks(self._settings.marks, declared=self._settings.declared)
        document = TranscriptDocument(self._own_renderer(), rules, self._columns(), self._arrived)
        self.view.show(document)
        return document

    def _own_renderer(self) -> Renderer:
        if self._renderer is None:
            from ecs_tui.terminal.renderer import Renderer

            self._renderer = Renderer(self._engine)
        return self._renderer

    def _columns(self) -> int:
        return self.view.room if self._wrap else UNWRAPPED_COLUMNS

    def _arrived(self) -> None:
        """More of it is here."""
        self.view.refresh()
        self._draw()

    def _wanted(self, number: int) -> None:
        """A segment is to be rendered; one after the other."""
        if number in self._wanted_now:
            return
        self._wanted_now.add(number)
        self.run_worker(self._render_segment(number), group=f"segment {number}", exclusive=False)

    async def _render_segment(self, number: int) -> None:
        document = self.view.document
        if document is None or number >= len(document.spool.segments):
            self._wanted_now.discard(number)
            return
        try:
            found = await document.rendered(number)
        except (EcsTuiError, OSError, ValueError) as error:  # ValueError: it was closed meanwhile
            self._problem = words.error_words(error)
        else:
            self._said = words.segment_words(found)
        finally:
            self._wanted_now.discard(number)
        self.view.refresh()
        self._draw()

    def _drop(self) -> None:
        document = self.view.document
        self.workers.cancel_group(self, "transcript")
        self._jumps.stop()
        self.view.show(None)
        if document is not None:
            document.close()
        self._found = None

    def on_hide(self) -> None:
        """Give memory, disk space and the worker back, unless one comes back at once."""
        if self._renderer is not None:
            self._renderer.close()

    async def on_unmount(self) -> None:
        """Close everything."""
        self._drop()
        if self._renderer is not None:
            self._renderer.close()
        for each in self._accounts.values():
            await each.close()

    def on_resize(self) -> None:
        """Render for the new width."""
        self._look()

    def _look(self) -> None:
        document = self.view.document
        if document is not None:
            columns = self._columns()
            if columns != document.columns:
                document.look(columns, raw=document.raw)
                self.view.top = Position(self.view.top.segment, 0)
                self.view.found = None
            self.view.refresh()

    # -- finding

    def on_search_line_given(self, event: SearchLine.Given) -> None:
        """Search from the top of the screen."""
        event.stop()
        self.view.focus()
        self.search.take(event.text)
        self.view.search = self.search.spans
        self._jumps.from_top()
        self.view.refresh()
        self._draw()

    def on_search_line_left(self, event: SearchLine.Left) -> None:
        """Give the keys back to the rows."""
        event.stop()
        self.view.focus()

    def jumped(self, state: str, problem: str) -> None:
        """Take how far a search is, and what went wrong."""
        document = self.view.document
        reading = "" if document is None or document.spool.complete else "Reading…"
        self._state = state or reading
        self._problem = problem or self._problem
        self._draw()

    # -- keys

    def _turn_wrap(self) -> None:
        self._wrap = not self._wrap
        self._look()

    def _turn_raw(self) -> None:
        document = self.view.document
        if document is not None:
            document.look(document.columns, raw=not document.raw)
            self.view.go(Position(self.view.top.segment, 0))
            self.view.found = None

    def _turn_mask(self) -> None:
        self.view.mask = not self.view.mask
        self.view.refresh()

    def _turn_typed(self) -> None:
        self._typed_shown = not self._typed_shown
        self._draw()

    def _show_event(self) -> None:
        """Show the whole record of the event that opened the session."""
        event = self._event.found
        if event is None:
            self.notify(self._event.words or "No event of this session has been read.")
            return

        async def whole() -> object:
            return event.record

        self.app.push_screen(TextScreen(f"Event of {about(self.ref)}", whole, raw=True))

    # -- drawing

    def on_transcript_view_moved(self) -> None:
        """Draw where one is."""
        self._draw()

    def _draw(self) -> None:
        document, view = self.view.document, self.view
        self._head.write(
            f"Transcript of {about(self.ref)}",
            words.state_words(document, self._found, self._state, raw=bool(document and document.raw),
                              mask=view.mask),
        )  # fmt: skip
        row = view.found_row()
        mark = words.mark_words(row, view.found_text()) if row is not None else ""
        hint = self._keymap.fill(HINT) if self._event.found is not None else ""
        said = (f"{self._event.words}   {hint}".strip(), self._problem, mark, self._said)
        self._message.say("\n".join(each for each in said if each))
        self._line.show(self.search.words)
        wide = self.size.width >= WIDE_CELLS and self._typed_shown and document is not None
        if self._typed.display != wide:
            self._typed.display = wide
            self.call_after_refresh(self._look)
        if wide and document is not None:
            offsets = [each.offset for each in document.typed]
            here = document.offset_near(view.top)
            self._typed.show(document.typed, bisect_right(offsets, here) - 1, mask=view.mask)
