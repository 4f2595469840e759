"""What a ticket names, in its messages and in its files, each with its origin. Pure.

The seven kinds that every desk knows have plural names (`KINDS`); what else is recognised keeps its
own. Nothing is merged: the same order in a message and in a file is named twice, with each origin.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from helpdesk.triage import Entity

KINDS: Mapping[str, str] = {
    "order_number": "orders",
    "amount": "amounts",
    "date": "dates",
    "product": "products",
    "phone": "phones",
    "email": "mail_addresses",
    "place": "places",
}
"""The kinds by the names under which they are recognised."""

MOST_NAMED = 40
"""Entities that a ticket keeps: a table of prices names hundreds."""

_LAST = frozenset({"product", "date", "place"})
"""Kinds that make room for the others: a ticket is found by its orders, and not by its goods."""


def located(entities: Iterable[Entity], messages: Mapping[int, str]) -> tuple[Entity, ...]:
    """Return what messages name with the latest message in which each is spelled like that."""
    found = []
    for each in entities:
        holding = (n for n, text in messages.items() if each.spelling and each.spelling in text)
        number = max(holding, default=max(messages, default=1))
        found.append(replace(each, where=f"message {number}"))
    return tuple(found)


def with_files(
    named: Sequence[Entity], of_files: Mapping[int, Iterable[Entity]]
) -> tuple[Entity, ...]:
    """Add what files name, each thing once for each file; at most MOST_NAMED in all.

    Where there are more, goods, dates and places make room.
    """
    known = {(each.kind, each.value, each.where): each for each in named}
    for number, entities in of_files.items():
        for each in entities:
            there = replace(each, where=f"file {number}")
            known.setdefault((there.kind, there.value, there.where), there)
    first = sorted(known, key=lambda key: known[key].kind in _LAST)[:MOST_NAMED]
    kept = frozenset(first)
    return tuple(each for key, each in known.items() if key in kept)
