"""How `ecs-tui ls` lists a resource: its objects, and their flat rows by the names of ECS's API.

Names and nesting of the keys are those of the API's structures (botocore's service model). Other keys
are declared as `Listing.ours`: results of our own rules, and IDs that are parts of ARNs;
docs/command-line.md explains them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import field
from typing import Any, Generic, Literal

from ecs_tui.aws.account import Account
from ecs_tui.model.arn import short_name
from ecs_tui.record import dataclass
from ecs_tui.resources.facts import Tagged
from ecs_tui.store.reading import read
from ecs_tui.store.source import ItemT, Scope, Source

Row = dict[str, Any]
"""The flat row of an object: what JSON and CSV contain."""
LAUNCH_TYPES = ("EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES")
"""The values of the API's LaunchType."""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of a table.

    Attributes:
        head: The heading: one word, so that scripts can split lines at spaces.
        value: Returns a row's value for this column.
        shrinks: Whether long values may be shortened in the middle to fit a terminal.
        priority: On a narrow terminal, columns with the highest number are left out first;
            columns with 0 are never left out.
        key: The column's name in JSON and CSV; "" for the heading in small letters.
    """

    head: str
    value: Callable[[Row], object]
    shrinks: bool = False
    priority: int = 0
    key: str = ""

    @property
    def name(self) -> str:
        """Its name in JSON and CSV."""
        return self.key or self.head.casefold()


def itself(item: Tagged) -> Tagged:
    """For `Listing.tagged`: the object has the tags."""
    return item


@dataclass(frozen=True, slots=True)
class Listing(Generic[ItemT]):
    """How `ls` lists a resource.

    Attributes:
        pages: Yields its objects page by page; takes the account, and the names or ARNs of the
            cluster and the service, each "" for all.
        flat: The flat row of an object.
        columns: The columns of the table.
        blank: An object without facts, whose flat row has all keys.
        ours: The keys that the API does not have.
        by: What it can be restricted to: nothing (it lists clusters), a cluster, or a service too.
        whole: Whether it can be listed without naming what it is restricted to.
        tagged: What has the tags of an object; None if its kind has no tags.
        words: What its objects are, in a sentence; "" for the resource's name.
    """

    pages: Callable[[Account, str, str], AsyncIterator[list[ItemT]]]
    flat: Callable[[ItemT], Row]
    columns: tuple[TableColumn, ...]
    blank: ItemT
    ours: frozenset[str] = field(default_factory=frozenset)
    by: Literal["", "cluster", "service"] = "cluster"
    whole: bool = True
    tagged: Callable[[ItemT], Tagged] | None = None
    words: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of its flat rows, in order."""
        return tuple(self.flat(self.blank))


def pages_of(
    source: Source[ItemT],
) -> Callable[[Account, str, str], AsyncIterator[list[ItemT]]]:
    """For `Listing.pages`: the objects of a source."""
    return lambda account, cluster, service: read(account, Scope(source, cluster, service))


def value_of(key: str) -> Callable[[Row], object]:
    """For `TableColumn.value`: the value of a key."""
    return lambda row: row[key]


def name_in(key: str) -> Callable[[Row], object]:
    """The last part of an ARN; `family:revision` for a task definition."""
    return lambda row: short_name(row[key] or "")


CLUSTER_COLUMN = TableColumn("CLUSTER", value_of("clusterName"), shrinks=True)


def launch_value(row: Row) -> object:
    """The capacity provider, which is more specific (FARGATE_SPOT), else the launch type."""
    if "capacityProviderName" in row:
        return row["capacityProviderName"] or row["launchType"]
    providers = [item["capacityProvider"] for item in row["capacityProviderStrategy"]]
    return "+".join(providers) or row["launchType"]


def with_nulls(row: Row) -> Row:
    """Replace "", the model's value for what AWS did not return, by None, at every level."""
    return {key: _with_nulls(value) for key, value in row.items()}


def _with_nulls(value: object) -> object:
    if isinstance(value, dict):
        return with_nulls(value)
    if isinstance(value, list):
        return [_with_nulls(each) for each in value]
    return None if value == "" else value
