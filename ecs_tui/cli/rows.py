"""The rows of `ecs-tui ls`: what those of each resource consist of, and how they are read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import field

from ecs_tui.aws.account import Account
from ecs_tui.cli.columns import TAGS, RowFormat
from ecs_tui.record import dataclass
from ecs_tui.resources import LISTINGS
from ecs_tui.resources.flat import Listing, Row


def _format(name: str, listing: Listing) -> RowFormat:
    words = listing.words or name.replace("-", " ")
    return RowFormat(words, listing.keys, listing.columns, tagged=listing.tagged is not None)


FORMATS: dict[str, RowFormat] = {name: _format(name, each) for name, each in LISTINGS.items()}
"""What the rows of each resource consist of, by its name."""


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What is listed, besides the cluster.

    Attributes:
        account: The account that is asked.
        listing: How the resource is listed.
        service: Name or ARN of a service; "" for all.
        tags: Whether the rows have their tags.
        untagged: Filled while pages are read: why tags could not be read.
    """

    account: Account
    listing: Listing
    service: str = ""
    tags: bool = False
    untagged: set[str] = field(default_factory=set)

    async def pages(self, cluster: str) -> AsyncIterator[list[Row]]:
        """Yield pages of rows of one cluster (name or ARN); for clusters, "" is all of them.

        Raises:
            NotFound: There is no such cluster.
            AwsError: A call failed.
        """
        async for page in self.listing.pages(self.account, cluster, self.service):
            yield [self.row(item) for item in page]

    def row(self, item: object) -> Row:
        """The row of an object, with its tags if they are asked for: None if AWS refused them."""
        row = self.listing.flat(item)
        if self.tags and self.listing.tagged is not None:
            tagged = self.listing.tagged(item)
            reason = tagged.not_read.get("TAGS", "")
            row[TAGS] = [{"key": key, "value": value} for key, value in tagged.tags.items()]
            if reason:
                self.untagged.add(reason)
                row[TAGS] = None
        return row
