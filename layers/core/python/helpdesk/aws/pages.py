"""Lists of tickets read from any position, and counted, by the indexes of the tickets table.

A list is spread over the partitions of an index. They are merged, and a position names, for each
partition, the last entry of it that was taken. DynamoDB begins a query after any key, whether its
item is still there or not: so a position stays good while tickets move, and what stands before it
is not read again.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime
from heapq import merge
from itertools import batched
from operator import itemgetter

from helpdesk.agents.ports import Count, Entry, Exactness, Part, Positions
from helpdesk.aws import items
from helpdesk.aws.conditions import Key
from helpdesk.aws.items import Item
from helpdesk.aws.tables import READ_AT_ONCE, Table
from helpdesk.ticket import Awaiting, Listing, Ticket, place

SMALL_PAGE = 10
"""Entries read at once from each partition of an index that is spread."""

FEW = 25
"""Tickets that most readers of a whole list take: they need only the first ones."""

LARGE_PAGE = 250
"""Entries read at once from each partition for a reader who takes many."""

SPARE = 1.5
"""How much more than its share is read from each partition: tickets are not spread evenly."""

FOUND_BY = {
    Listing.RECEIVED: Awaiting.INTAKE,
    Listing.ASKED: Awaiting.CHOICE,
    Listing.ESCALATED: Awaiting.ESCALATION,
    Listing.SNOOZED: Awaiting.WAKING,
}
"""By what the tickets of an open list are found in the index of what is awaited."""

_OWED = "due"
"""An event has this attribute if the desk owed a reply after it."""


class TicketPages:
    """The lists of the tickets in a table, page by page."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def entries(self, part: Part, after: Positions, wanted: int) -> Iterator[Entry]:
        """Yield the entries of a part from a position on; see `TicketLists.entries`.

        Received, asked and snoozed tickets are found by what they wait for, done tickets by their
        last event. Only the index of tickets for agents holds whole tickets.
        """
        if part.listings == (Listing.ESCALATED,):
            for item, stands in self._positioned("by-state", part, after, wanted):
                yield Entry(items.ticket(item), stands)
            return
        index = "happened" if part.day else "by-awaiting"
        keys = self._positioned(index, part, after, wanted)
        for some in batched(keys, min(READ_AT_ONCE, max(SMALL_PAGE, wanted)), strict=False):
            named = {key["pk"] for key, _ in some if _OWED not in key or not part.day}
            found = self._batch([{"pk": pk, "sk": "TICKET"} for pk in sorted(named)])
            for key, stands in some:
                stored = found.get(key["pk"])
                here = items.ticket(stored) if stored else None
                yield Entry(here if here and _stands(here, key, part) else None, stands)

    def listed(self, listing: Listing, day: date | None = None) -> Iterator[Ticket]:
        """Yield the tickets of a listing; may be seconds old.

        Open tickets come in the order of their listing, done tickets of a day the newest first.
        """
        found = self.entries(Part((listing,), day), {}, FEW)
        return (entry.ticket for entry in found if entry.ticket)

    def oldest(self, listing: Listing) -> datetime | None:
        """Return since when the first ticket of an open listing waits; may be seconds old.

        The whole list is read: the most urgent ticket comes first in it, not the oldest.
        """
        found = self.entries(Part((listing,)), {}, LARGE_PAGE * items.SHARDS_OF_A_LIST)
        waits = (entry.ticket.urgency.since for entry in found if entry.ticket)
        return min(waits, default=None)

    def count(self, part: Part, up_to: int) -> Count:
        """Count the tickets of a part by keys and events; see `TicketLists.count`."""
        index, name, _ = _index("happened" if part.day else "by-awaiting")
        settled: Item = {"FilterExpression": f"attribute_not_exists({_OWED})"} if part.day else {}
        counted = examined = 0
        for shard in _shards(index, part):
            for page in self._table.query_pages(
                IndexName=index,
                Select="COUNT",
                KeyConditionExpression=Key(name).eq(shard),
                page_size=max(1, up_to - examined),
                after=None,
                **settled,
            ):
                counted += page["Count"]
                examined += page["ScannedCount"]
                if examined >= up_to:
                    return Count(0 if part.day else counted, Exactness.AT_LEAST)
        return Count(counted, Exactness.AT_MOST if part.day else Exactness.EXACTLY)

    def _positioned(
        self, index: str, part: Part, after: Positions, wanted: int
    ) -> Iterator[tuple[Item, Positions]]:
        """Yield the entries of an index after a position, each with the position after it."""
        _, name, order = _index(index)
        shards = _shards(index, part)
        share = round(SPARE * wanted / len(shards))
        parts = [
            _numbered(
                str(number),
                self._table.query(
                    IndexName=index,
                    KeyConditionExpression=Key(name).eq(shard),
                    ScanIndexForward=part.day is None,
                    page_size=max(SMALL_PAGE, min(LARGE_PAGE, share)),
                    after=_key(after[str(number)], name, shard, order)
                    if str(number) in after
                    else None,
                ),
            )
            for number, shard in enumerate(shards)
        ]
        stands = dict(after)
        ordered = merge(*parts, key=lambda each: each[1][order], reverse=part.day is not None)
        for number, item in ordered:
            stands[number] = " ".join(itemgetter(order, "pk", "sk")(item))
            yield item, dict(stands)

    def found(self, ids: Collection[str]) -> dict[str, Ticket]:
        """Return the tickets with these ids, at most a hundred, as far as they are there."""
        found = self._batch([{"pk": items.pk(each), "sk": "TICKET"} for each in ids])
        return {here.id: here for here in map(items.ticket, found.values())}

    def _batch(self, keys: list[Item]) -> dict[str, Item]:
        """Return the items of keys, by partition."""
        return {item["pk"]: item for item in self._table.get_all(keys)}


def _stands(found: Ticket, key: Mapping[str, object], part: Part) -> bool:
    """Tell whether a ticket is still where an entry of an index says.

    Of the events of a done ticket, only the last one stands for it, so that it is listed once.
    """
    here = place(found)
    if here.listing not in part.listings:
        return False
    return part.day is None or (here.day == part.day and key["number"] == found.version)


def _index(name: str) -> tuple[str, str, str]:
    """Return an index with the names of its two keys."""
    keys = {
        "by-state": ("listing", "order"),
        "by-awaiting": ("awaiting", "due"),
        "happened": ("day", "moment"),
    }
    return (name, *keys[name])


def _shards(index: str, part: Part) -> list[str]:
    """Return the partitions of an index over which a part is spread."""
    if part.day:
        return items.shards_of(part.day)
    (listing,) = part.listings
    if index == "by-state":
        return items.shards_of_list(listing)
    return items.shards(FOUND_BY[listing])


def _numbered(number: str, entries: Iterable[Item]) -> Iterator[tuple[str, Item]]:
    return ((number, entry) for entry in entries)


def _key(position: str, name: str, shard: str, order: str) -> Item:
    """Return the key of the entry at a position of a partition."""
    value, pk, sk = position.split(" ")
    return {name: shard, order: value, "pk": pk, "sk": sk}
