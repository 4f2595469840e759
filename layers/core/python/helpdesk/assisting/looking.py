"""What the shop knows of the customer, and what the desk knows of the matter. Pure.

Each tool leaves an entry in the log: names of fields and digests, no values beyond those shown.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from helpdesk.assisting.conversing import keys_of
from helpdesk.assisting.model import Used
from helpdesk.evidence import Evidence, Found, Origin, Passage
from helpdesk.knowledge import Article, Link
from helpdesk.ports import NoModelError
from helpdesk.records import KeptRecords, Order, Record, RecordsUnavailableError
from helpdesk.ticket import Customer
from helpdesk.tracking import status_answer
from helpdesk.triage import Entity, Understanding

ORDER_NUMBER = "order_number"
"""The kind of entity that names an order."""

LIKELY = 0.15
"""The probability from which the article of a candidate may be evidence, as for asking back."""

MOST_NUMBERS = 3
"""Orders of one message that are looked up."""

MOST_VALUE = 80
"""Characters of a value of a record that a draft may quote."""

SEARCH = "knowledge.search"
"""What the search for evidence is called in the log."""

UNSEARCHED = "What the desk knows cannot be searched now."
"""Why something is degraded for which no evidence was looked for."""

SILENT = "The records cannot be read now."
"""Why something is degraded in which no record was looked up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the shop knows. `asked` tells whether an order was asked for.

    `shown` are the orders that answer it, `choices` those of which the customer must name one.
    """

    asked: bool = False
    record: Record | None = None
    shown: tuple[Order, ...] = ()
    choices: tuple[Order, ...] = ()
    proven: bool = True
    silent: bool = False
    connected: bool = False
    used: tuple[Used, ...] = ()

    @property
    def found_orders(self) -> bool:
        """Whether an order of the customer was found."""
        return bool(self.shown or self.choices)


def known(
    customer: Customer, records: KeptRecords, *, asked: bool, entities: Sequence[Entity]
) -> Known:
    """Return what the shop knows of its customer. `entities` are what the present turn names.

    Orders are looked up only if one is `asked` for. Of a customer who is not verified nothing is
    looked up, nor where the shop keeps no records. Records that cannot be read are no error.
    """
    if not customer.verified:
        return Known(asked=asked, proven=False)
    noted = _Noted(records, customer)
    try:
        if not records.kept():
            return Known(asked=asked)
        found = Known(asked=asked, record=noted.customer(), connected=True)
        if asked:
            found = _with_orders(found, noted, _numbers(entities))
    except RecordsUnavailableError:
        found = Known(asked=asked, silent=True, connected=True)
    return replace(found, used=tuple(noted.log))


@dataclass(slots=True)
class _Noted:
    """The records of one customer; each look-up leaves an entry in the log."""

    records: KeptRecords
    principal: Customer
    log: list[Used] = field(default_factory=list)

    def customer(self) -> Record | None:
        """Return the record. Raises RecordsUnavailableError."""
        found = self._looked("records.customer", {}, lambda: self.records.customer(self.principal))
        names = ", ".join(name for name, _ in found.fields) if found else ""
        self._came(f"fields: {names}" if found else "nothing")
        return found

    def orders(self, number: str | None = None) -> tuple[Order, ...]:
        """Return all orders, or the one with this number. Raises RecordsUnavailableError."""
        given = {"order": digest(number)} if number else {}
        found = self._looked(
            "records.orders", given, lambda: self.records.orders(self.principal, number)
        )
        self._came(f"orders: {len(found)}" if found else "nothing")
        return found

    def _looked[T](self, tool: str, more: Mapping[str, str], look: Callable[[], T]) -> T:
        keys = {each.kind.value: digest(each.stored) for each in keys_of(self.principal)}
        self.log.append(Used(tool, {**keys, **more}, "unavailable"))
        return look()

    def _came(self, output: str) -> None:
        self.log[-1] = replace(self.log[-1], output=output)


def names_order(entities: Sequence[Entity]) -> bool:
    """Tell whether an order is named."""
    return any(each.kind == ORDER_NUMBER for each in entities)


def _numbers(entities: Sequence[Entity]) -> tuple[str, ...]:
    named = dict.fromkeys(each.value for each in entities if each.kind == ORDER_NUMBER)
    return tuple(named)[:MOST_NUMBERS]


def _with_orders(found: Known, noted: _Noted, numbers: Sequence[str]) -> Known:
    """Return what is known with the orders that are asked for, or of which one is to be named.

    Of the latter only number and date are told.
    """
    if numbers:
        return replace(found, shown=tuple(each for n in numbers for each in noted.orders(n)))
    every = noted.orders()
    likely = tuple(each for each in every if each.open) or every
    if len(likely) == 1:
        return replace(found, shown=likely)
    named = (Order(number=each.number, status="", placed_on=each.placed_on) for each in likely)
    return replace(found, choices=tuple(named))


def digest(value: str) -> str:
    """Return what the log shows of a value: enough to tell two apart, not to read one."""
    return hashlib.sha256(value.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Spoken:
    """What the desk knows of a matter, best first, with the entry in the log.

    `missed` is the fault that kept the desk from searching.
    """

    found: tuple[Found, ...]
    used: Used
    missed: Exception | None = None


def spoken_of(text: str, heard: Understanding, evidence: Evidence) -> Spoken:
    """Return what the desk knows of a matter. Raises NoModelError; any other fault is told."""
    in_scope = heard.scope >= heard.scope_required
    ranked = [each.name for each in heard.ranking[:3] if each.probability >= LIKELY]
    likely = ranked if in_scope else []
    given = {"text": digest(text), "characters": str(len(text)), "likely": ", ".join(likely)}
    try:
        found = evidence.found(text, heard, likely=likely)
    except NoModelError:
        raise
    except Exception as error:  # people get it then, and the door tells the fault
        return Spoken((), Used(SEARCH, given, "unavailable"), error)
    told = ", ".join(f"{e.passage.id} v{e.passage.version} {e.score:.2f}" for e in found)
    return Spoken(found, Used(SEARCH, given, told or "nothing"))


def evidence_of(found: Sequence[Found], known: Known, article: Article | None) -> tuple[Found, ...]:
    """Return what a draft may rest on.

    To a question about an order that is looked up, the orders alone: what the desk says of orders
    in general would be a guess about this one.
    """
    if not (known.asked and known.connected):
        return tuple(found)
    return tuple(
        Found(number=number, passage=_passage(each, article), score=1.0)
        for number, each in enumerate(known.shown, 1)
    )


def links(
    evidence: Sequence[Found], known: Known, article: Article | None
) -> dict[int, tuple[Link, ...]]:
    """Return the links that the desk trusts, by the numbers of the passages they belong to.

    They are those of the orders that are shown, and of the article of the answer.
    """
    tracked = {
        f"{Origin.RECORD}:order:{each.number}": (
            Link(title=f"Order {_short(each.number)}", url=each.tracking),
        )
        for each in known.shown
        if each.tracking
    }
    of_article = {f"{Origin.ARTICLE}:{article.intent}": article.links} if article else {}
    trusted = tracked | of_article
    return {each.number: trusted.get(each.passage.id, ()) for each in evidence}


def _passage(order: Order, article: Article | None) -> Passage:
    """Return an order as a passage: what the desk says of its status, or else its facts.

    A link has no place in it.
    """
    told = status_answer(article, order) if article else None
    by_desk = told if told and not (order.tracking and order.tracking in told) else None
    return Passage(
        id=f"{Origin.RECORD}:order:{order.number}",
        origin=Origin.RECORD,
        version=1,
        title=f"Order {order.number}",
        text=by_desk or _facts(order),
    )


def _facts(order: Order) -> str:
    """Return what is known of an order, a sentence each."""
    said = [f"Your order {_short(order.number)} has the status {_short(order.status)}."]
    if order.placed_on:
        said.append(f"It was placed on {order.placed_on.isoformat()}.")
    if order.expected_on:
        said.append(f"It is expected on {order.expected_on.isoformat()}.")
    if order.carrier:
        said.append(f"The carrier is {_short(order.carrier)}.")
    return " ".join(said)


def _short(value: str) -> str:
    """Return a value of a record as a draft may quote it: one short line."""
    return " ".join(value.split())[:MOST_VALUE]
