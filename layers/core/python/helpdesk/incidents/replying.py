"""One reply to every ticket of an incident that waits: each its own step, each at most once.

A run that was broken off is made again: a ticket that has the reply is left alone. Tickets that
moved since the lead looked, or that need an answer of their own, are left to people, and named.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from helpdesk.agents import Workplace
from helpdesk.incidents.model import Incident, Voice
from helpdesk.ports import ConflictError, NotFoundError
from helpdesk.severity import MANAGEMENT
from helpdesk.ticket import (
    Conversation,
    IllegalMoveError,
    LeaseError,
    NewsError,
    NotAllowedError,
    Source,
    State,
)


class Outcome(StrEnum):
    """What became of a ticket."""

    REPLIED = "replied"
    HAS_IT = "has_it"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Step:
    """A ticket of the incident, what became of it and, if it was skipped, why."""

    ticket_id: str
    outcome: Outcome
    why: str | None = None


def reply_to_all(
    incident: Incident, text: str, lead: Workplace, *, dry_run: bool = False
) -> Iterator[Step]:
    """Reply to each ticket of an incident as a lead; yield what became of it, one by one.

    With `dry_run` nothing is stored, and it is yielded what would be. Raises NotAllowedError if the
    agent does not lead and TextError for a text that shows nothing, before the first ticket.
    """
    if not lead.agent.leads:
        raise NotAllowedError(
            f"only leads reply to all tickets of an incident; {lead.agent.name} is not a lead"
        )
    ready = lead.ready(incident.id, text)
    return (_step(each, ready, lead, dry_run=dry_run) for each in incident.voices)


def _step(voice: Voice, text: str, lead: Workplace, *, dry_run: bool) -> Step:
    found = lead.tickets.conversation(voice.id)
    messages = found.messages if found else ()
    if any(each.source is Source.AGENT and each.text == text for each in messages):
        return Step(voice.id, Outcome.HAS_IT)
    if why := _reason_against(voice, found, lead):
        return Step(voice.id, Outcome.SKIPPED, why)
    if not dry_run and (why := _failed(voice, text, lead)):
        return Step(voice.id, Outcome.SKIPPED, why)
    return Step(voice.id, Outcome.REPLIED)


def _reason_against(voice: Voice, found: Conversation | None, lead: Workplace) -> str | None:
    """Return why a ticket does not get the reply; None if it may."""
    if found is None:
        return "it was erased"
    ticket = found.ticket
    held = ticket.held_by(lead.clock())
    reasons = {
        f"it was merged into {ticket.merged_into}": ticket.merged_into,
        f"it is {ticket.state}": ticket.state is not State.ESCALATED,
        f"level {ticket.level} needs an answer of its own": ticket.level >= MANAGEMENT,
        f"{held.agent if held else None} holds it": held and held.agent != lead.agent.name,
        "more was said on it since you looked": len(found.messages) > voice.messages,
    }
    return next((why for why, applies in reasons.items() if applies), None)


def _failed(voice: Voice, text: str, lead: Workplace) -> str | None:
    """Take a ticket and reply to it. Return why it did not work: another move came first."""
    holds = True
    try:
        holds = lead.holds(lead.get(voice.id))
        if not holds:
            lead.claim(voice.id)
        lead.reply(voice.id, text, seen=voice.messages)
    except (
        ConflictError, IllegalMoveError, LeaseError, NewsError, NotAllowedError, NotFoundError,
    ) as error:  # fmt: skip
        if not holds:
            lead.give_back(voice.id)
        return str(error)
    return None
