"""Which keys are one customer, and which customer a text means that a person typed."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice

from helpdesk.belonging.bonds import Bonds, CustomersTickets
from helpdesk.ticket import Customer, CustomerKey, Kind

MOST_KEYS = 100
"""Keys that are looked at for one customer. With more than that, a shop uses one key for many."""

MOST_NAMED = 10
"""How many customers of the same name a message names."""


class AmbiguousCustomerError(Exception):
    """Several customers have this name; the message lists their keys."""


class TooManyKeysError(Exception):
    """A key belongs together with so many others that it cannot be one customer's."""


@dataclass(frozen=True, slots=True)
class Person:
    """One customer: the addresses and references that belong together, and the names.

    `whole` is False if there are more of them than were looked for, mostly MOST_KEYS.
    """

    keys: tuple[CustomerKey, ...]
    names: tuple[CustomerKey, ...] = ()
    whole: bool = True

    def __str__(self) -> str:
        return ", ".join(map(str, (*self.keys, *self.names)))

    def check_whole(self) -> None:
        """Raise TooManyKeysError unless every key of the customer is known."""
        if not self.whole:
            raise TooManyKeysError(
                f"more than {MOST_KEYS} keys belong together with {self.keys[0]}, so it is "
                "not a key of one customer; separate it from them first"
            )


def person_of(key: CustomerKey, bonds: Bonds, *, most: int = MOST_KEYS) -> Person:
    """Return the customer of an address or reference, which may be this key alone.

    Of more than `most` keys it is not whole.
    """
    found, names = {key: None}, set[CustomerKey]()
    waiting, whole = deque([key]), True
    while waiting:
        for near in neighbours(waiting.popleft(), bonds):
            if near.kind is Kind.NAME:
                names.add(near)
            elif near not in found:
                if len(found) == most:
                    whole = False
                    break
                found[near] = None
                waiting.append(near)
    return Person(tuple(sorted(found)), tuple(sorted(names)), whole)


def are_one(one: Customer, other: Customer, bonds: Bonds) -> bool:
    """Tell whether two tickets' customers are surely one person.

    Both must be verified: any visitor of a page can type an address that is not theirs.
    """
    if not (one.verified and other.verified and one.key and other.key):
        return False
    person = person_of(one.keys[0], bonds)
    return person.whole and other.keys[0] in person.keys


def neighbours(key: CustomerKey, bonds: Bonds) -> Iterator[CustomerKey]:
    """Yield the keys that belong directly together with a key, at most one more than MOST_KEYS."""
    decided = {each.other: each.together for each in bonds.decisions(key)}
    shown = (each.other for each in bonds.of(key))
    joined = (other for other, together in decided.items() if together)
    both = dict.fromkeys((*joined, *islice(shown, MOST_KEYS + 1)))
    yield from (other for other in both if decided.get(other, True))


def whose(text: str, tickets: CustomersTickets) -> Person:
    """Return the customer whom a person means by an address, a reference or a name.

    `email:`, `reference:` and `name:` before it say which it is. A customer of whom nothing is
    known is returned with that key alone. Raises AmbiguousCustomerError.
    """
    key = CustomerKey.typed(text)
    if key.kind is Kind.NAME:
        found = _named(key, tickets.bonds)
        if not found:
            return Person((), (key,))
    else:
        found = [person_of(key, tickets.bonds)]
        if key == CustomerKey.of(Kind.REFERENCE, text):
            named = _named(CustomerKey.of(Kind.NAME, text), tickets.bonds)
            if named and not is_known(key, tickets):
                found = []
            found = _apart([*found, *named])
    if len(found) > 1:
        listed = "; ".join(f"({replace(each, names=())})" for each in found[:MOST_NAMED])
        more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
        raise AmbiguousCustomerError(
            f"{len(found)} customers are known as {text!r}: {listed}{more}; "
            "name the one you mean by one of these keys"
        )
    return found[0]


def is_known(key: CustomerKey, tickets: CustomersTickets) -> bool:
    """Tell whether anything is kept of an address or reference: a ticket, a bond or a decision."""
    listed = tickets.of_customer(Customer.known_by(key))
    kept = chain(tickets.bonds.of(key), tickets.bonds.decisions(key), listed)
    return next(kept, None) is not None


def _named(name: CustomerKey, bonds: Bonds) -> list[Person]:
    found: list[Person] = []
    for each in islice(bonds.of(name), MOST_KEYS + 1):
        if not any(each.other in person.keys for person in found):
            found.append(person_of(each.other, bonds))
    return found


def _apart(persons: Iterable[Person]) -> list[Person]:
    """Return each person once."""
    return list({each.keys: each for each in persons}.values())
