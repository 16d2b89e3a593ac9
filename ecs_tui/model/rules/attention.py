"""What needs attention among services: how many fail, deploy, or have no shell, with the first of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field

from ecs_tui.model.rules.health import Sign
from ecs_tui.record import dataclass


@dataclass(frozen=True, slots=True)
class Tally:
    """A number of services or clusters.

    Attributes:
        count: How many are known.
        first: The first one's name in alphabetical order, "" without any.
        complete: Whether all have been looked at: otherwise there may be more.
    """

    count: int = 0
    first: str = ""
    complete: bool = False

    @property
    def words(self) -> str:
        """The number, `2+` if there may be more; "" if nothing is known, which is not the same as 0."""
        if self.complete:
            return str(self.count)
        return f"{self.count}+" if self.count else ""

    def __add__(self, other: Tally) -> Tally:
        first = min((name for name in (self.first, other.first) if name), default="")
        return Tally(self.count + other.count, first, self.complete and other.complete)


@dataclass(frozen=True, slots=True)
class Attention:
    """What needs attention.

    Attributes:
        failing: Services whose sign is bad.
        below: Services with fewer running tasks than desired, or rolling back.
        deploying: Services that are changing.
        partly: Services with a shell in some of their containers only.
        no_shell: Running services without a shell.
    """

    failing: Tally = field(default_factory=Tally)
    below: Tally = field(default_factory=Tally)
    deploying: Tally = field(default_factory=Tally)
    partly: Tally = field(default_factory=Tally)
    no_shell: Tally = field(default_factory=Tally)

    def __add__(self, other: Attention) -> Attention:
        return Attention(
            self.failing + other.failing,
            self.below + other.below,
            self.deploying + other.deploying,
            self.partly + other.partly,
            self.no_shell + other.no_shell,
        )


NOTHING = Attention(*[Tally(complete=True)] * 5)
"""Known to be nothing at all: the start of a sum."""


@dataclass(frozen=True, slots=True)
class ServiceSigns:
    """What is counted of a service.

    Attributes:
        name: Its name.
        health: Its health; None while it is not described.
        shell: Whether its containers have a shell: fine in all, a warning in some, off in none; None
            if that is not known, or it runs no task.
        shell_known: Whether it is known.
    """

    name: str
    health: Sign | None
    shell: Sign | None
    shell_known: bool = True


def attention(services: Iterable[ServiceSigns], *, listed: bool = True) -> Attention:
    """Count services.

    Args:
        services: The services.
        listed: Whether these are all services there are.
    """
    health: dict[Sign, list[str]] = {}
    shells: dict[Sign, list[str]] = {}
    described = checked = listed
    for each in services:
        if each.health is None:
            described = False
        else:
            health.setdefault(each.health, []).append(each.name)
        if each.shell is not None:
            shells.setdefault(each.shell, []).append(each.name)
        elif not each.shell_known:
            checked = False

    def tally(found: list[str] | None, complete: bool) -> Tally:
        names = found or []
        return Tally(len(names), min(names, default=""), complete)

    return Attention(
        tally(health.get(Sign.BAD), described),
        tally(health.get(Sign.WARNING), described),
        tally(health.get(Sign.MOVING), described),
        tally(shells.get(Sign.WARNING), checked),
        tally(shells.get(Sign.OFF), checked),
    )
