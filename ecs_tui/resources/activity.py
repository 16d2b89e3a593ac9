"""The timeline of what happened: its entries as rows of a list. The page and the command line read them."""

from __future__ import annotations

from datetime import UTC, datetime

from ecs_tui.model.rules.health import Sign
from ecs_tui.model.text import age_of, clean, iso
from ecs_tui.record import dataclass
from ecs_tui.resources.base import TONES, Cell, Column, Place, Resource, plain, signed, told_by_page
from ecs_tui.resources.facts import Fact, when
from ecs_tui.resources.flat import Row, TableColumn, value_of, with_nulls
from ecs_tui.store.inventory import Kind, Scope, calls

ACTIVITY_VIEW = "activity"
"""The view of places that show the timeline."""
NEVER = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class ActivityEntry:
    """One thing that happened, as AWS's own times date it. Texts are as AWS wrote them, not cleaned.

    Attributes:
        key: Its identity, the same whenever it is read.
        layer: The name of its layer.
        at: When it happened; None if AWS does not say.
        who: Who did it: ECS, auto scaling, CloudWatch, the load balancer, a person.
        what: What happened, in a sentence.
        sign: How it is to be taken.
        service: The service's name; "" if it is about none.
        thing: The task, deployment, alarm or target that it is about; "" for the service itself.
        details: Names and values for its details, the most important first.
        place: Where it leads, such as the log lines before an exit; None: to its details.
        until: When the last of several such things happened; None if it happened once.
        count: How many there were.
        seen: Whether `at` is when it was seen, because AWS does not say since when it is so.
    """

    key: str
    layer: str
    at: datetime | None
    who: str
    what: str
    sign: Sign = Sign.FINE
    service: str = ""
    thing: str = ""
    details: tuple[tuple[str, str], ...] = ()
    place: Place | None = None
    until: datetime | None = None
    count: int = 1
    seen: bool = False

    @property
    def words(self) -> str:
        """What happened, with the number of times: `app exit 137 ×14, the last at 03:02:11`."""
        if self.count == 1:
            return self.what
        last = f", the last at {self.until.astimezone():%H:%M:%S}" if self.until else ""
        return f"{self.what} ×{self.count}{last}"


def flat_entry(entry: ActivityEntry) -> Row:
    """The entry for files and programs."""
    return with_nulls(
        {
            "time": iso(entry.at),
            "until": iso(entry.until),
            "layer": entry.layer,
            "sign": _SIGNS[entry.sign],
            "who": entry.who,
            "what": entry.what,
            "count": entry.count,
            "seen": entry.seen,
            "serviceName": entry.service,
            "thing": entry.thing,
            "details": {name: value for name, value in entry.details if value},
        }
    )


_SIGNS = {
    Sign.FINE: "ok",
    Sign.MOVING: "in progress",
    Sign.WARNING: "warning",
    Sign.BAD: "bad",
    Sign.OFF: "off",
}
"""Signs in words, for programs."""
ACTIVITY_TABLE = (
    TableColumn("TIME", value_of("time"), key="time"),
    TableColumn("LAYER", value_of("layer"), key="layer"),
    TableColumn("WHO", value_of("who"), priority=2, key="who"),
    TableColumn("SERVICE", value_of("serviceName"), shrinks=True, priority=1, key="serviceName"),
    TableColumn("THING", value_of("thing"), shrinks=True, priority=3, key="thing"),
    TableColumn("COUNT", value_of("count"), priority=4, key="count"),
    TableColumn("WHAT", value_of("what"), shrinks=True, key="what"),
)
"""The columns of `ecs-tui activity`."""


def _time(entry: ActivityEntry, now: datetime) -> Cell:
    """The local time; with the date if it is not today's."""
    if entry.at is None:
        return Cell("unknown", TONES[Sign.OFF])
    then, today = entry.at.astimezone(), now.astimezone().date()
    return Cell(f"{then:%H:%M:%S}" if then.date() == today else f"{then:%Y-%m-%d %H:%M:%S}")


def _what(entry: ActivityEntry, _: datetime) -> Cell:
    made = signed(entry.sign, entry.words)
    return Cell(made.text, made.tone, sentence=True)


def entry_facts(entry: ActivityEntry, now: datetime) -> list[Fact]:
    """The facts about an entry, the most important first."""
    return [
        ("what", entry.what),
        ("time", when(entry.at, now)),
        ("since", "AWS does not say; this is when it was seen" if entry.seen else ""),
        ("last", when(entry.until, now) if entry.count > 1 else ""),
        ("times", entry.count if entry.count > 1 else ""),
        *entry.details,
        ("who", entry.who),
        ("service", entry.service),
        ("about", entry.thing),
        ("layer", entry.layer),
    ]


def details_text(entry: ActivityEntry, now: datetime) -> str:
    """All that is known of an entry as text, cleaned, for a dialog."""
    facts = [(name, value) for name, value in entry_facts(entry, now) if value]
    width = max((len(name) for name, _ in facts), default=0)
    return "\n".join(f"{clean(name):{width}}  {clean(str(value))}" for name, value in facts)


def _scopes(place: Place) -> tuple[Scope, ...]:
    """The tasks, for shells and log lines; the page reads the timeline itself."""
    if not place.cluster:
        return (Scope(Kind.CLUSTER),)
    return calls(Scope(Kind.TASK, place.cluster, place.service))


ACTIVITY: Resource[ActivityEntry] = Resource(
    name=ACTIVITY_VIEW,
    kind="entry",
    row=ActivityEntry,
    within="cluster",
    columns=(
        Column("time", "TIME", _time, lambda row: row.at or NEVER, priority=0),
        Column("age", "AGE", lambda row, now: plain(age_of(row.at, now)),
               lambda row: -(row.at or NEVER).timestamp(), right=True, live=True, priority=2),
        Column("layer", "LAYER", lambda row, _: plain(row.layer), lambda row: row.layer, priority=1),
        Column("who", "WHO", lambda row, _: plain(row.who), lambda row: row.who, priority=1,
               widest=24),
        Column("service", "SERVICE", lambda row, _: plain(row.service), lambda row: row.service,
               priority=3, middle=True, widest=24),
        Column("what", "WHAT", _what, lambda row: row.what, priority=0, widest=100),
        Column("thing", "ABOUT", lambda row, _: plain(row.thing[:20]), lambda row: row.thing,
               priority=4, widest=20),
    ),
    scopes=_scopes,
    rows=lambda inventory, place: [],
    key=lambda row: row.key,
    name_of=lambda row: row.thing or row.service,
    enter=lambda place, row: row.place,
    facts=lambda row, _, now: entry_facts(row, now),
    in_order=True,
    is_empty=told_by_page,
    empty="Nothing happened in this range.",
)  # fmt: skip
"""The timeline."""


def activity_place(
    cluster: str, service: str = "", task_arn: str = "", around: datetime | None = None
) -> Place:
    """The place with the timeline of a cluster, a service or a task.

    Args:
        around: The time around which it shows; None for now.
    """
    milliseconds = round(around.timestamp() * 1000) if around is not None else 0
    return Place(
        ACTIVITY_VIEW, cluster=cluster, service=service, task_arn=task_arn, around=milliseconds
    )
