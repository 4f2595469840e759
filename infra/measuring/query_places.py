"""Which partitions of the tables a question touches, and which of them all questions share.

A partition takes so many units a second, even while the rest of the table is idle. What belongs to
one ticket or one customer is in partitions of its own. This finds those that other questions need
too: by asking two questions of two customers through one application, and by how the indexes spread
tickets.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from helpdesk import customers, processing
from helpdesk.access import ALPHABET, IdempotencyKey
from helpdesk.aws import items
from helpdesk.customers import Question
from helpdesk.ticket import Customer, Listing
from helpdesk.triage import Policy

from infra.measuring.meter import Place
from infra.measuring.past_year import TERMS
from infra.measuring.table_cost import NOW, RULES, Desk, Understander, desk

ANSWERED, FOR_A_PERSON = "where is my order?", "would you sponsor our school?"
"""A question of either kind; the desk of the measurement tells them apart."""


def largest_share(spread: Callable[[str], str]) -> float:
    """Return the share of all tickets in the fullest partition; `spread` gets a ticket's id.

    The last character of an id is any of the alphabet's, each as often as any other.
    """
    return max(Counter(map(spread, ALPHABET)).values()) / len(ALPHABET)


SPREAD: Mapping[str, float] = {
    "by-awaiting": largest_share(lambda ticket_id: items.shard("intake", ticket_id)),
    "by-state": largest_share(lambda ticket_id: items.shard_of_list(Listing.ESCALATED, ticket_id)),
    "happened": largest_share(lambda ticket_id: items.shard_of(NOW.date(), ticket_id)),
}
"""The share of all tickets in the fullest partition of each index that all questions share."""


@dataclass(frozen=True, slots=True)
class Touched:
    """The units that one question writes and reads, by table and index.

    `fullest` are the most that it writes to one partition of each index. `shared_reads` and
    `shared_writes` are those of partitions of the tables that all questions share, by table and
    partition.
    """

    writes: Mapping[tuple[str, str], float]
    reads: Mapping[tuple[str, str], float]
    fullest: Mapping[str, float]
    shared_writes: Mapping[tuple[str, str], float]
    shared_reads: Mapping[tuple[str, str], float]

    def hottest(self, index: str) -> float:
        """Return the units that a question writes on average to the fullest partition of an index.

        The index is one of SPREAD.
        """
        return SPREAD[index] * self.fullest.get(index, 0.0)


@cache
def touched(text: str) -> Touched:
    """Return what a question touches: its POST, the worker's message, and a GET with the answer.

    The desk has just answered another one, so what is kept for some seconds is not read again.
    """
    with desk(lag=timedelta(days=1)) as at:
        _ask(at, text, "lin")
        before = {*at.meter.written, *at.meter.read}
        at.meter.written.clear()
        at.meter.read.clear()
        _ask(at, text, "kim")
        written, read = dict(at.meter.written), dict(at.meter.read)
    tables = {place for place in before if not place.of}
    return Touched(
        writes=_by_index(written),
        reads=_by_index(read),
        fullest=_fullest(written),
        shared_writes=_shared(written, tables),
        shared_reads=_shared(read, tables),
    )


def _ask(at: Desk, text: str, who: str) -> None:
    receipt = customers.submit(
        Question(text=text, customer=Customer(email=f"{who}@example.com"), channel="web"),
        key=IdempotencyKey("shop", who),
        tickets=at.tickets,
        intake=at.intake,
        terms=TERMS,
        now=NOW,
    )
    processing.process(
        receipt.ticket_id,
        tickets=at.tickets,
        articles=at.articles,
        texts=at.texts,
        understander=Understander(),
        escalations=at.escalations,
        policy=Policy(),
        clock=lambda: NOW,
        rules=RULES,
    )
    customers.fetch(receipt.ticket_id, receipt.token, tickets=at.tickets, now=NOW)


def _by_index(places: Mapping[Place, float]) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], float] = {}
    for place, units in places.items():
        name = (place.table, place.of)
        found[name] = found.get(name, 0) + units
    return found


def _fullest(places: Mapping[Place, float]) -> dict[str, float]:
    found: dict[str, float] = {}
    for place, units in places.items():
        found[place.of] = max(units, found.get(place.of, 0.0))
    return found


def _shared(places: Mapping[Place, float], tables: set[Place]) -> dict[tuple[str, str], float]:
    return {(place.table, place.key): units for place, units in places.items() if place in tables}
