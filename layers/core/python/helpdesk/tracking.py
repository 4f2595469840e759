"""The answer of an article that needs a look at the customer's own orders.

Only a customer for whom a server or a signature vouches is told an order, and only orders of that
customer are read. An order of another customer and one that does not exist are told in the same
words, which name no number. Where the desk keeps no records, the general answer is sent.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from helpdesk.announcing import worded
from helpdesk.knowledge import Article, Lookup
from helpdesk.ports import Texts, Understander
from helpdesk.records import KeptRecords, Order, RecordsUnavailableError, number_key
from helpdesk.speaking import speaking
from helpdesk.ticket import Conversation, Message, Source
from helpdesk.triage import Answer, Ask, Decision, Escalate, Reason, carry_out, chosen

WHICH, UNKNOWN, PARTLY = "order_which", "order_unknown", "order_partly"
"""The names of the texts: which order is meant, none was found, some were not found."""

MOST_NUMBERS = 5
"""Orders that are looked up for one reply. Who names more gets a person."""

MOST_LISTED = 5
"""Orders from which a customer is asked to choose: the newest."""

_UNCLEAR = frozenset(
    {Reason.UNREADABLE, Reason.LANGUAGE, Reason.OUT_OF_SCOPE, Reason.LOW_CONFIDENCE,
     Reason.AMBIGUOUS, Reason.NO_ARTICLE}
)  # fmt: skip
"""Why a reply that is only a number would go to people."""

_NUMBERS = ("order_number", "tracking_number")
"""What a customer may call an order by: "parcel 12345" is one as well."""

_CODE = re.compile(r"(?<![\w-])#?((?=[A-Za-z-]{0,8}\d)[A-Za-z0-9][A-Za-z0-9-]{1,24})(?![\w-])")
_LISTED = re.compile(r"^(\d+)\. ((\S+)\b.*)$", re.MULTILINE)
_BRACKETS = str.maketrans("[]{}<>", "()()()")


@dataclass(frozen=True, slots=True)
class _Told:
    """What a lookup gives to say. It may be a question."""

    text: str
    asks: bool = False


def tracked(
    decision: Decision,
    conversation: Conversation,
    *,
    language: str,
    records: KeptRecords,
    understander: Understander,
    texts: Texts,
) -> Decision:
    """Return a decision, with what the customer's orders say where its article needs that.

    Without such an article nothing is looked up. A question for the number is asked once; then, and
    where the records cannot be read, a person gets the ticket.
    """
    article = _needing(decision)
    customer = conversation.ticket.customer
    proven = customer.verified and customer.key is not None
    if not isinstance(decision, Answer) or article is None or not proven:
        return decision
    question = asked_for(conversation)
    numbers = _numbers(conversation, understander, question)
    if len(numbers) > MOST_NUMBERS:
        return Escalate(Reason.SEVERAL_MATTERS, likely=article)
    try:
        told = _Desk(records, texts, language).told(article, conversation, numbers)
    except RecordsUnavailableError:
        return Escalate(Reason.LOOKUP_FAILED, likely=article)
    if told is None:
        return decision
    said = _with(decision, article, told.text)
    if told.asks:
        to_people = Escalate(Reason.AMBIGUOUS, likely=article)
        return to_people if question else Ask((article,), said.text)
    again = any(told.text in each.text for each in conversation.messages if _is_desks(each))
    return Escalate(Reason.REPEATED, likely=article) if again else said


def taken_up(
    text: str,
    decision: Decision,
    conversation: Conversation,
    article_of: Callable[[str], Article | None],
) -> Decision | None:
    """Return what follows from a reply to the question for a number; None if it is another reply.

    `decision` is the one on the reply by itself: what it says clearly comes first.
    """
    if (question := asked_for(conversation)) is None:
        return None
    article = article_of(question.intent or "")
    if article is None or article.needs is not Lookup.ORDER:
        return None
    grave = isinstance(decision, Escalate) and decision.reason not in _UNCLEAR
    other = isinstance(decision, Answer) and decision.article.intent != article.intent
    spoken = speaking(text).text
    if grave or other or not (_place(spoken, question) or _codes(spoken)):
        return None
    return carry_out(article)


def asked_for(conversation: Conversation) -> Message | None:
    """Return the desk's last message if it asks for the number of an order."""
    last = next(filter(_is_desks, reversed(conversation.messages)), None)
    choices = conversation.ticket.choices
    asks = last is not None and last.source is Source.AUTOMATIC and choices == (last.intent,)
    return last if asks else None


@dataclass(frozen=True, slots=True)
class _Desk:
    """What a desk knows of orders, and in which words it says so."""

    records: KeptRecords
    texts: Texts
    language: str

    def told(
        self, article: Article, conversation: Conversation, numbers: Sequence[str]
    ) -> _Told | None:
        """Return what to say; None if the desk keeps no records."""
        principal = conversation.ticket.customer
        if numbers:
            of_each = [self.records.orders(principal, number) for number in numbers]
            found = [order for orders in of_each for order in orders[:1]]
            partly = not all(of_each)
        else:
            own = self.records.orders(principal)
            found = [each for each in own if each.open] or list(own)
            partly = False
        if not found:
            return _Told(self._worded(UNKNOWN), asks=True) if self.records.kept() else None
        if not numbers and len(found) > 1:
            return _Told(self._which(found), asks=True)
        said = list(dict.fromkeys(_answer(article, order) for order in found))
        return _Told("\n\n".join([*said, self._worded(PARTLY)] if partly else said))

    def _which(self, orders: Iterable[Order]) -> str:
        lines = [self._worded(WHICH)]
        for place, order in enumerate(list(orders)[:MOST_LISTED], start=1):
            placed = f" of {_day(order.placed_on)}" if order.placed_on else ""
            lines.append(f"{place}. {number_key(order.number)}{placed}")
        return "\n".join(lines)

    def _worded(self, name: str) -> str:
        return worded(name, self.language, self.texts).filled(None)


def _needing(decision: Decision) -> Article | None:
    """Return the article of an answer that needs a look at orders."""
    if not isinstance(decision, Answer):
        return None
    return next((each for each in decision.articles if each.needs is Lookup.ORDER), None)


def _with(answer: Answer, article: Article, text: str) -> Answer:
    """Return an answer in which one of its articles says a text."""
    found = [each.saying(text) if each is article else each for each in answer.articles]
    return Answer(*found)


def _numbers(
    conversation: Conversation, understander: Understander, question: Message | None
) -> tuple[str, ...]:
    """Return the numbers of orders that the customer names: since the last reply, or else before.

    If the desk asked for a number, what was said before its question is settled.
    """
    now = conversation.since_reply
    if question is not None:
        text = "\n".join(speaking(each.text).text for each in now)
        place = _place(text, question)
        return place or _named(now, understander) or _unique(_codes(text))
    return _named(now, understander) or _named(conversation.messages, understander)


def _named(messages: Iterable[Message], understander: Understander) -> tuple[str, ...]:
    """Return the numbers of orders in messages or, without any, those of parcels."""
    found = [
        entity
        for each in messages
        if each.source is Source.CUSTOMER
        for entity in understander.understand(speaking(each.text).text).entities
    ]
    by_kind = (_unique(e.value for e in found if e.kind == kind) for kind in _NUMBERS)
    return next(filter(None, by_kind), ())


def _place(text: str, question: Message) -> tuple[str, ...]:
    """Return the number of the order that a reply names by its place in the question's list."""
    listed = [(found[2], found[3]) for found in _LISTED.finditer(question.text)]
    place = chosen(text, [line for line, _ in listed]) if listed else None
    return (listed[place - 1][1],) if place is not None and place <= len(listed) else ()


def _codes(text: str) -> list[str]:
    """Return what may be the number of an order where one was asked for."""
    return [found[1] for found in _CODE.finditer(text) if len(found[1]) > len("12")]


def _unique(numbers: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for each in numbers if (key := number_key(each))))


def _answer(article: Article, order: Order) -> str:
    """Return the first answer for the order's status that is full, or else the general one."""
    return status_answer(article, order) or article.answer.strip()


def status_answer(article: Article, order: Order) -> str | None:
    """Return the first answer for the order's status that is full; None if there is none."""
    values = _values(order)
    fitting = (each.told(values) for each in article.by_status if each.status == order.status)
    found = next(filter(None, fitting), None)
    return found.strip() if found else None


def _values(order: Order) -> Mapping[str, str]:
    """Return what the slots say: brackets are round, so that nothing reads as a placeholder."""
    said = {
        "number": order.number,
        "status": order.status.replace("_", " "),
        "carrier": order.carrier or "",
        "expected": _day(order.expected_on),
        "placed": _day(order.placed_on),
        "items": ", ".join(order.items),
    }
    plain = {name: text.translate(_BRACKETS) for name, text in said.items()}
    return {**plain, "tracking": order.tracking or ""}


def _day(day: date | None) -> str:
    return f"{day.day} {day:%B %Y}" if day else ""


def _is_desks(message: Message) -> bool:
    return message.source is not Source.CUSTOMER
