"""The header: a block of four lines where the screen is large, else one line; or nothing.

What is cut first where it does not fit, from the last to go: READ-ONLY, the region, the account, the
user, what is wrong, the age of the data, the calls of the API.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from itertools import zip_longest
from typing import Literal

from textual.content import Content
from textual.geometry import Region, Size
from textual.widget import Widget

from ecs_tui.model.problem import Severity
from ecs_tui.model.rules.attention import Attention, Tally
from ecs_tui.model.rules.health import Sign
from ecs_tui.model.text import counted
from ecs_tui.record import dataclass
from ecs_tui.ui.line_parts import Part, column, composed, fitted

BLOCK_ROWS = 30
"""Rows of the screen from which the header is a block."""
BLOCK_COLUMNS = 100
"""Columns of the screen from which the header is a block."""
BLOCK_LINES = 4
_LABEL_CELLS = 9
_AGE_CELLS = len("● updated 59m ago")
_API_CELLS = len("API 100/min (100% of budget)")
_KEY_CELLS = 16
"""Cells of a key and its title, and the gap after it."""
_STYLES = {
    Sign.BAD: "$text-error", Sign.WARNING: "$text-warning", Sign.MOVING: "$text-primary",
    Sign.OFF: "$foreground-muted",
}  # fmt: skip
_MUTED, _SAFE, _KEY = "$foreground-muted", "bold reverse", "$text-accent"

Form = Literal["block", "line", "hidden"]


@dataclass(frozen=True, slots=True)
class HeadFacts:
    """What the header shows.

    Attributes:
        region: The region; "" in a list of several connections.
        read_only: Whether every connection shown is read-only.
        account: The account's alias; "" if it has none, or is not known.
        number: The account's number, or "".
        user: Who is signed in; "…" while it is not known.
        profile: The profile, or "".
        merged: In a list of several connections, how many: (long form, short form).
        several: How many connections are open besides; "" for one.
        endpoint: The endpoint, if it is not AWS's own.
        age: The age of the data, longest form first; each begins with a sign.
        calls: Calls of the API, longest form first.
        attention: What is wrong.
        keys: (key, title) of commands.
        problems: The number of problems, longest form first; () without any.
    """

    region: str = ""
    read_only: bool = False
    account: str = ""
    number: str = ""
    user: str = ""
    profile: str = ""
    merged: tuple[str, str] = ("", "")
    several: str = ""
    endpoint: str = ""
    age: tuple[str, ...] = ("",)
    calls: tuple[str, ...] = ("",)
    attention: Attention = field(default_factory=Attention)
    keys: tuple[tuple[str, str], ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def safe(self) -> str:
        """READ-ONLY, or ""."""
        return "READ-ONLY" if self.read_only else ""


def problem_forms(counts: Mapping[Severity, int]) -> tuple[str, ...]:
    """The number of problems, by the sign of the worst, longest form first; () without any."""
    total = sum(counts.values())
    if not total:
        return ()
    sign = Sign.MOVING
    if counts.get(Severity.DEGRADED):
        sign = Sign.WARNING
    if counts.get(Severity.FAILING):
        sign = Sign.BAD
    return f"{sign} {counted(total, 'problem')}", f"{sign}{total}!"


def problem_part(forms: Sequence[str], *, right: bool = False) -> Part:
    """The number of problems, which is never dropped."""
    style = next((style for sign, style in _STYLES.items() if forms[0].startswith(sign)), "")
    return Part(tuple(forms), (56,), right, style)


def age_part(forms: Sequence[str], *, right: bool = False) -> Part:
    """The age of the data, in as many cells whatever it is."""
    padded = (forms[0].ljust(_AGE_CELLS), *(form.ljust(len("● 59m ago")) for form in forms[1:2]))
    style = next((style for sign, style in _STYLES.items() if forms[0].startswith(sign)), "")
    return Part((*padded, *forms[2:], ""), (85, 70, 65, 64)[: len(forms)], right, style)


def calls_part(forms: Sequence[str], *, right: bool = False) -> Part:
    """The calls of the API; at the right end its left end may move."""
    first = forms[0].rjust(_API_CELLS) if right else forms[0]
    rest = [form.rjust(len("API 100/min")) if right else form for form in forms[1:]]
    return Part((first, *rest, ""), (90, 75)[: len(forms)], right)


def short_attention(found: Attention) -> list[tuple[str, str]]:
    """(text, style) of the health of services in short: `✖1 ▲2 ◐1`; nothing that is 0 or unknown."""
    pairs = (
        (Sign.BAD, found.failing), (Sign.WARNING, found.below), (Sign.MOVING, found.deploying),
    )  # fmt: skip
    return [(f"{sign}{tally.words}", _STYLES[sign]) for sign, tally in pairs if tally.count]


def line_parts(facts: HeadFacts) -> list[Part]:
    """The parts of the line."""
    parts = [
        Part(("ecs-tui", ""), (100,)),
        Part((facts.safe,), style=_SAFE),
        Part((facts.region,)),
    ]
    if facts.merged[0]:
        parts.append(Part(facts.merged, (45,)))
    if facts.account and facts.number:
        parts.append(Part((f"{facts.account} ({facts.number})", facts.account, ""), (60, 40)))
    else:
        parts.append(Part((facts.account or facts.number, ""), (40,)))
    parts += [
        Part((facts.user, ""), (50,)),
        Part((facts.profile, ""), (80,)),
        Part((facts.several, ""), (72,)),
        Part((facts.endpoint, ""), (95,)),
    ]
    if facts.problems:
        parts.append(problem_part(facts.problems, right=True))
    for number, (text, style) in enumerate(short_attention(facts.attention)):
        parts.append(Part((text, ""), (60 + number,), True, style))
    return [*parts, age_part(facts.age, right=True), calls_part(facts.calls, right=True)]


# -- the block

Pieces = list[tuple[str, str]]


def block_lines(facts: HeadFacts, width: int) -> list[Pieces]:
    """(text, style) pieces of its four lines, each `width` cells; columns depend on `width` alone."""
    left = max(40, width * 36 // 100)
    middle = max(28, width * 30 // 100)
    right = max(0, width - left - middle - 2)
    who, wrong = _who(facts, left - _LABEL_CELLS), _wrong(facts.attention)
    nothing: Pieces = []
    lines = zip_longest(who, wrong, _keys(facts.keys, right), fillvalue=nothing)
    return [
        [
            *column(first, left), (" ", ""), *column(second, middle), (" ", ""),
            *column(third, right),
        ]
        for first, second, third in lines
    ]  # fmt: skip


def _who(facts: HeadFacts, room: int) -> list[Pieces]:
    account = facts.merged[0] or facts.account or facts.number
    number = facts.number if facts.account or facts.merged[0] else ""
    rows = (
        ("Account", [Part((account,)), Part((number, ""), (50,), style=_MUTED)]),
        ("User", [Part((facts.user,)), Part((f"profile {facts.profile}" if facts.profile else "", ""),
                                            (50,), style=_MUTED)]),
        ("Region", [
            Part((facts.region,)), Part((facts.safe,), style=_SAFE),
            *([problem_part(facts.problems)] if facts.problems else []),
            Part(("" if facts.merged[0] else facts.several, ""), (60,)),
            Part((facts.endpoint, ""), (70,), style=_MUTED),
        ]),
        ("Data", [age_part(facts.age), calls_part(facts.calls)]),
    )  # fmt: skip
    found: list[Pieces] = []
    for label, parts in rows:
        pieces: Pieces = [(label.ljust(_LABEL_CELLS), _MUTED)]
        for number_of, (part, text) in enumerate(fitted(parts, room)):
            pieces += [("  " if number_of else "", ""), (text, part.style)]
        found.append(pieces)
    return found


def _wrong(found: Attention) -> list[Pieces]:
    below = _tally(Sign.WARNING, "below desired", found.below)
    first = _tally(Sign.BAD, "failing", found.failing)
    if found.below.count:
        first = [*first, ("  ", ""), *below] if found.failing.count else below
    return [
        first,
        _tally(Sign.MOVING, "deploying", found.deploying),
        _tally(Sign.WARNING, "partly ready", found.partly),
        _tally(Sign.OFF, "no shell", found.no_shell),
    ]


def _tally(sign: Sign, what: str, tally: Tally) -> Pieces:
    """A number with the first name; nothing if it is not known."""
    if not tally.words:
        return []
    if not tally.count:
        return [(f"{'0':>5} {what}", _MUTED)]
    return [(f"{sign}{tally.words:>4} {what:<13} ", _STYLES[sign]), (tally.first, "")]


def _keys(keys: Sequence[tuple[str, str]], width: int) -> list[Pieces]:
    """The keys in as many columns as fit, row by row."""
    across = max(1, min(4, width // _KEY_CELLS))
    cells = width // across
    found: list[Pieces] = []
    for start in range(0, min(len(keys), BLOCK_LINES * across), across):
        pieces: Pieces = []
        for key, title in keys[start : start + across]:
            pieces += [*column([(key, _KEY), (f" {title}", "")], cells - 1), (" ", "")]
        found.append(pieces)
    return found


class HeaderBar(Widget):
    """Draws the facts in one of the forms; of a block, only the lines that changed.

    Its size depends on the form only, so new facts do not lay out the screen: they come with nearly
    every answer of AWS.

    Attributes:
        wanted: The form that the operator wants; a block is a line where it does not fit.
        redrawn_lines: How many lines were drawn again so far because what they say has changed.
    """

    DEFAULT_CSS = """
    HeaderBar { height: 1; width: 1fr; background: $surface; color: $foreground; padding: 0 1;
        text-wrap: nowrap; }
    HeaderBar.-block { height: 4; }
    HeaderBar.-hidden { display: none; }
    """

    def __init__(self) -> None:
        super().__init__(classes="head")
        self.wanted: Form = "block"
        self.redrawn_lines = 0
        self._facts = HeadFacts()
        self._drawn: tuple[HeadFacts, Form, int] | None = None
        self._lines: list[Content] = []

    @property
    def form(self) -> Form:
        """The form that is shown."""
        large = fits_block(self.screen.size) if self.is_attached else False
        return "line" if self.wanted == "block" and not large else self.wanted

    def cycle(self) -> None:
        """Change to the next form: the block, the line, nothing."""
        following: dict[Form, Form] = {"block": "line", "line": "hidden", "hidden": "block"}
        self.wanted = following[self.form]

    def write(self, facts: HeadFacts) -> None:
        """Show these facts."""
        self._facts = facts
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def render(self) -> Content:
        """Its lines."""
        return Content("\n").join(self._lines)

    def _draw(self) -> None:
        form, width = self.form, max(0, self.screen.size.width - 2)
        drawn = (self._facts, form, width)
        if drawn == self._drawn:
            return
        same_form = self._drawn is not None and self._drawn[1:] == drawn[1:]
        self._drawn = drawn
        self.set_class(form == "hidden", "-hidden")
        self.set_class(form == "block", "-block")
        before, self._lines = self._lines, []
        if form == "block":
            self._lines = [Content.assemble(*line) for line in block_lines(self._facts, width)]
        elif form == "line":
            self._lines = [composed(line_parts(self._facts), width)]
        if not same_form or len(before) != len(self._lines):
            self.refresh()
            return
        for number, (old, line) in enumerate(zip(before, self._lines, strict=True)):
            if not old.is_same(line):
                self.redrawn_lines += 1
                self.refresh(Region(0, number, width, 1))


def fits_block(size: Size) -> bool:
    """Whether a screen of this size has room for the block."""
    return size.height >= BLOCK_ROWS and size.width >= BLOCK_COLUMNS
