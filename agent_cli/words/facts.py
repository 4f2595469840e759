"""The facts of a ticket, as pairs of a name and a text, and the authors of its messages."""

from collections.abc import Iterable
from datetime import datetime

from helpdesk.agents import Dossier, Suggestion
from helpdesk.priority import Tier
from helpdesk.severity import ANYONE
from helpdesk.ticket import Customer, Event, Message, Source, Ticket
from helpdesk.triage import Entity

from agent_cli.words.tickets import TicketRow
from agent_cli.words.times import age, due, minute

SPEAKERS = {
    Source.CUSTOMER: "customer",
    Source.AUTOMATIC: "automatic reply",
    Source.AGENT: "agent",
}
NOT_VERIFIED = "not verified"
MAILED = "replies go by mail too"
"""What stands beside a customer for whom neither a server nor a shop's signature vouches."""

OTHER = "not the customer"
"""What stands beside the address of another person who wrote to a ticket by mail."""

LIKELY = 0.05
"""The probability from which an intent is shown."""
UNHAPPY = -0.35
"""The sentiment, from -1 to 1, up to which a customer is called unhappy."""
NAMED = 3
"""How many intents and other tickets are named; of the rest, only the number is shown."""


def facts(dossier: Dossier, now: datetime) -> Iterable[tuple[str, str]]:
    """Yield the known facts of a ticket as pairs of name and text."""
    ticket = dossier.ticket
    row = TicketRow.of(ticket, now)
    yield "ticket", ticket.id
    yield "state", f"{ticket.state}{f' ({ticket.reason})' if ticket.reason else ''}"
    if ticket.state.is_open:
        yield "urgency", ticket.urgency.explained(now)
        yield "due", due(row, now).text
        yield "waiting", age(now - ticket.urgency.since)
    yield from _seriousness(ticket)
    customer = ticket.customer
    who = [customer.name, customer.email, customer.reference, customer.country]
    who.append(f"{customer.tier} customer" if customer.tier is not Tier.STANDARD else None)
    said = ", ".join(part for part in who if part) or "did not say"
    beside = [NOT_VERIFIED] * (not customer.verified) + [MAILED] * customer.mailed
    yield "customer", f"{said} ({', '.join(beside)})" if beside else said
    own = set(customer.keys)
    if known_as := [str(key) for key in dossier.person.keys if key not in own]:
        more = len(known_as) - NAMED
        yield "also", ", ".join(known_as[:NAMED]) + (f" and {more} more" if more > 0 else "")
    if understood := ticket.understanding:
        likely = [each for each in understood.ranking[:NAMED] if each.probability >= LIKELY]
        best = (f"{each.name} {each.probability:.0%}" for each in likely)
        yield "intent", ", ".join(best) or "no likely intent"
        mood = "unhappy" if understood.sentiment <= UNHAPPY else "calm"
        yield "language", f"{understood.language}, {mood} ({understood.sentiment:+.2f})"
        if understood.entities:
            yield "named", ", ".join(map(_entity, understood.entities))
    if ticket.department:
        guess = " (a guess)" if ticket.matter_guessed else ""
        yield "department", f"{ticket.department}, {ticket.category}{guess}"
    yield from _belonging(dossier, now)


def _entity(each: Entity) -> str:
    """Return what is named as it is written, with its normal form and origin if they say more."""
    shown = each.spelling or each.value
    plain = "".join(shown.casefold().split())
    normal = "".join(each.value.casefold().split())
    more = f" = {each.value}" if plain != normal else ""
    return f"{each.kind} {shown}{more}{f' ({each.where})' if 'file' in each.where else ''}"


def _seriousness(ticket: Ticket) -> Iterable[tuple[str, str]]:
    """Yield how serious a ticket is and why, which team settles it, and how long that takes."""
    if not (found := ticket.severity):
        return
    yield "level", found.explained
    marks = {"legal": found.legal, "compensation": found.compensation}
    if shown := [name for name, there in marks.items() if there]:
        yield "marks", ", ".join(shown)
    if found.needs != ANYONE and not ticket.urgency.at_once:
        yield "may be taken by", f"a {found.needs}, or the agent to whom one gave it"
    if found.team:
        yield "team", f"{found.team}, {found.matter}, {found.least} to {found.most} h"
    if found.expected:
        yield "expected", f"about {found.expected} h, {found.expected_by}"


def _belonging(dossier: Dossier, now: datetime) -> Iterable[tuple[str, str]]:
    """Yield which agent a ticket belongs to, its tags, and the tickets it has to do with."""
    ticket = dossier.ticket
    if held := ticket.held_by(now):
        yield "held by", f"{held.agent}, {age(held.until - now)} left"
    elif ticket.assignee:
        yield "belongs to", ticket.assignee
    if ticket.tags:
        yield "tags", ", ".join(sorted(ticket.tags))
    if ticket.merged_into:
        yield "merged into", ticket.merged_into
    if ticket.merged:
        yield "holds", ", ".join(sorted(ticket.merged))
    if dossier.others:
        known = (f"{other.id} {other.state}" for other in dossier.others[:NAMED])
        more = len(dossier.others) - NAMED
        yield "other tickets", ", ".join(known) + (f" and {more} more" if more > 0 else "")


def heading_of_message(message: Message) -> str:
    """Return who said a message and when, as in "customer · 02 Mar 09:00 UTC"."""
    return f"{speaker(message.source, message.author)} · {minute(message.at)}"


def speaker(source: Source, author: str | None) -> str:
    """Return who said a message; another sender than the customer is called so."""
    if source is Source.CUSTOMER and author:
        return f"{author} ({OTHER})"
    return author or SPEAKERS[source]


def heading_of_note(event: Event) -> str:
    """Return who wrote a note and when."""
    return f"note of {event.actor} · {minute(event.at)}"


def heading_of_suggestion(number: int, suggestion: Suggestion) -> str:
    """Return which article a suggestion is from, and how probable its intent is."""
    source = f"{suggestion.intent} v{suggestion.version}, {suggestion.probability:.0%}"
    return f"suggestion {number}: {source} · not sent"


def to_the_customer(dossier: Dossier) -> str:
    """Return how to call the customer of a ticket."""
    return named(dossier.ticket.customer)


def named(customer: Customer) -> str:
    """Return how to call a customer, and that the customer is not verified."""
    name = customer.name or customer.email or customer.reference or "the customer"
    return name if customer.verified else f"{name} ({NOT_VERIFIED})"
