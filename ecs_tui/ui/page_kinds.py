"""The pages beside the list, each imported and made when its first place is shown.

A new page is a widget that has what `pages/base.py` asks for, and an entry here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ecs_tui.config.keymap import Keymap
from ecs_tui.config.settings import Settings
from ecs_tui.record import dataclass
from ecs_tui.resources import Place
from ecs_tui.resources.activity import ACTIVITY_VIEW
from ecs_tui.resources.audit import AUDIT_VIEW
from ecs_tui.resources.logs import LOGS_VIEW
from ecs_tui.resources.problems import PROBLEMS_VIEW
from ecs_tui.resources.service_page import has_tabs
from ecs_tui.resources.transcript import TRANSCRIPT_VIEW
from ecs_tui.ui.pages.base import Page

if TYPE_CHECKING:
    from ecs_tui.ui.problem_center import ProblemCenter


@dataclass(frozen=True, slots=True)
class PageOptions:
    """What pages are made with.

    Attributes:
        keymap: The keys of all commands.
        settings: The settings.
        problems: The watch of problems.
    """

    keymap: Keymap
    settings: Settings
    problems: ProblemCenter


@dataclass(frozen=True, slots=True)
class PageKind:
    """A page that may not exist yet.

    Attributes:
        shows: Whether it is the page of a place.
        module: The module of its widget, imported in a thread before it is made.
        make: Makes it.
    """

    shows: Callable[[Place], bool]
    module: str
    make: Callable[[PageOptions], Page]


def _service(options: PageOptions) -> Page:
    from ecs_tui.ui.pages.service.page import ServicePage

    return ServicePage(options.keymap, flash=options.settings.flash)


def _logs(options: PageOptions) -> Page:
    from ecs_tui.ui.pages.logs.page import LogsPage

    return LogsPage(options.keymap, flash=options.settings.flash)


def _activity(options: PageOptions) -> Page:
    from ecs_tui.ui.pages.activity.page import ActivityPage

    return ActivityPage(options.keymap, flash=options.settings.flash)


def _problems(options: PageOptions) -> Page:
    from ecs_tui.ui.pages.problems.page import ProblemsPage

    settings = options.settings
    return ProblemsPage(options.keymap, options.problems, settings, flash=settings.flash)


def _audit(options: PageOptions) -> Page:
    from ecs_tui.ui.pages.audit.page import AuditPage

    settings = options.settings
    return AuditPage(options.keymap, flash=settings.flash, marks=settings.transcript)


def _transcript(options: PageOptions) -> Page:
    from ecs_tui.ui.pages.transcript.page import TranscriptPage

    return TranscriptPage(
        options.keymap,
        flash=options.settings.flash,
        terminal=options.settings.terminal,
        transcript=options.settings.transcript,
    )


PAGE_KINDS = (
    PageKind(lambda place: place.view == LOGS_VIEW, "ecs_tui.ui.pages.logs.page", _logs),
    PageKind(
        lambda place: place.view == ACTIVITY_VIEW, "ecs_tui.ui.pages.activity.page", _activity
    ),
    PageKind(
        lambda place: place.view == PROBLEMS_VIEW, "ecs_tui.ui.pages.problems.page", _problems
    ),
    PageKind(lambda place: place.view == AUDIT_VIEW, "ecs_tui.ui.pages.audit.page", _audit),
    PageKind(
        lambda place: place.view == TRANSCRIPT_VIEW,
        "ecs_tui.ui.pages.transcript.page",
        _transcript,
    ),
    PageKind(has_tabs, "ecs_tui.ui.pages.service.page", _service),
)
"""The first that shows a place is its page: the logs of a service have its line of tabs. All other
places are lists."""


def kind_of(place: Place) -> PageKind | None:
    """The kind of the page of a place; None for a list."""
    return next((kind for kind in PAGE_KINDS if kind.shows(place)), None)
