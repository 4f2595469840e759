"""The use case: what is suggested for a message that a person of the shop has before them. Pure."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from helpdesk import access, steps, ticket
from helpdesk.assisting import flagging, looking, quoting, weighing
from helpdesk.assisting.conversing import (
    Conversation,
    Conversations,
    bounded,
    keys_of,
    present,
    turns,
)
from helpdesk.assisting.flagging import HandOver, Matter
from helpdesk.assisting.model import (
    Asked,
    Assisted,
    Compose,
    Composed,
    Material,
    Talked,
    Used,
)
from helpdesk.assisting.weighing import Weighed
from helpdesk.drafting import Said
from helpdesk.drafting.instructing import request_for
from helpdesk.evidence import Evidence
from helpdesk.moving import persistently
from helpdesk.ports import NotFoundError
from helpdesk.records import KeptRecords
from helpdesk.speaking import speaking
from helpdesk.steps import Sign, Situation, Step, Vocabulary
from helpdesk.ticket import Customer
from helpdesk.triage import Answer, Decision, Greet, Understanding


class NoCustomerError(ValueError):
    """Neither a customer nor a conversation is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What assisting needs.

    `predict` says what a text means after another one of the same customer, and what would be
    decided; `compose` writes the draft. `failed` is told of a fault without which the desk goes on.
    """

    predict: Callable[[str, str], tuple[Understanding, Decision]]
    evidence: Evidence
    records: KeptRecords
    compose: Compose
    conversations: Conversations
    to_people: HandOver
    vocabulary: Vocabulary
    clock: Callable[[], datetime]
    failed: Callable[[Exception], None] = lambda _: None


def assist(asked: Asked, desk: Desk) -> Assisted:
    """Return a draft and next steps, and go on with the conversation.

    What people must see becomes a ticket, or a message of the conversation's open one. Raises
    TextError for a blank or over-long message, NoCustomerError, NotFoundError for a conversation
    that is not this customer's, ForbiddenStepError before anything is stored, NoModelError,
    ConflictError if the conversation or its ticket kept changing, and every error of a table.
    """
    now = desk.clock()
    said = Talked(by_customer=True, text=ticket.check_text(asked.text), at=now)
    conversation = _conversation(asked, desk)
    earlier = asked.history or conversation.messages
    weighed = _weighed(present(bounded((*earlier, said)), now), conversation.customer, desk)
    signs = weighed.signs(now)
    follow = steps.following(Situation(weighed.sure_intent, signs), desk.vocabulary)
    draft = _drafted(conversation.id, weighed, desk)
    used = [*weighed.used, *_asked_engine(weighed, draft)]
    if any(each.sign is Sign.PERSON_NEEDED for each in follow):
        follow, told = _flagged(follow, conversation, weighed, desk, now)
        used.append(told)
    reply = Talked(by_customer=False, text=draft.text, at=now)
    _go_on(conversation, asked.history, (said, reply), desk, now)
    would_be = flagging.imagined(_matter(weighed), desk.to_people.terms, now)
    return Assisted(
        conversation=conversation.id,
        draft=draft,
        steps=follow,
        used=tuple(used),
        confidence=weighed.confidence,
        trace=weighing.trace(weighed, follow, draft),
        understanding=weighed.understanding,
        decision=weighed.decision,
        intent=weighed.intent,
        mood=weighed.mood,
        entities=weighed.understanding.entities,
        priority=would_be.urgency.priority(now),
        record=weighed.known.record,
        orders=weighed.known.shown or weighed.known.choices,
        evidence=weighed.found,
        lacking=_lacking(weighed, draft),
    )


def _conversation(asked: Asked, desk: Desk) -> Conversation:
    """Return the conversation that goes on, or a new one. Raises as `assist` does."""
    customer = asked.customer
    if asked.conversation is None:
        if customer is None or not keys_of(customer):
            raise NoCustomerError("name the prospect, or a conversation of one")
        return Conversation(id=access.new_ticket_id(), customer=customer)
    known = access.is_ticket_id(asked.conversation)
    found = desk.conversations.get(asked.conversation) if known else None
    if found is None or (customer and not found.belongs_to(customer)):
        raise NotFoundError("no such conversation of this prospect")
    return found


def _weighed(messages: tuple[Talked, ...], customer: Customer, desk: Desk) -> Weighed:
    """Return all that is known of the present turn.

    If it says too little, it is understood together with the one before it.
    """
    turn, before = turns(messages)
    heard, decision = desk.predict(turn, "")
    entities = heard.entities
    if before and not isinstance(decision, Answer | Greet):
        in_light, again = desk.predict(turn, before)
        if isinstance(again, Answer):
            heard, decision = replace(in_light, sentiment=heard.sentiment), again
    named = entities if looking.names_order(entities) else heard.entities
    asked = weighing.asks_for_order(heard, decision, desk.vocabulary)
    known = looking.known(customer, desk.records, asked=asked, entities=named)
    weighed = Weighed(
        messages=messages,
        text=turn,
        understanding=heard,
        decision=decision,
        vocabulary=desk.vocabulary,
        customer=customer,
        known=known,
        used=known.used,
    )
    if isinstance(decision, Greet):
        return weighed
    spoken = looking.spoken_of(speaking(turn).text, heard, desk.evidence)
    if spoken.missed:
        desk.failed(spoken.missed)
    used = (*known.used, spoken.used)
    return replace(weighed, found=spoken.found, searched=spoken.missed is None, used=used)


def _drafted(conversation_id: str, weighed: Weighed, desk: Desk) -> Composed:
    """Return the draft; an engine sees no link."""
    evidence = looking.evidence_of(weighed.found, weighed.known, weighed.article)
    said = [Said(by_customer=each.by_customer, text=each.text) for each in weighed.messages]
    return desk.compose(
        Material(
            conversation=conversation_id,
            request=request_for(said, evidence),
            quoted=quoting.quoted(weighed, evidence),
            evidence=evidence,
            names=tuple(filter(None, (weighed.customer.name,))),
            links=looking.links(evidence, weighed.known, weighed.article),
        )
    )


def _asked_engine(weighed: Weighed, draft: Composed) -> tuple[Used, ...]:
    """Return the entry in the log of the engine, if one was asked."""
    if draft.asked is None:
        return ()
    given = {
        "messages": str(len(weighed.messages)),
        "evidence": ", ".join(each.passage.id for each in weighed.found),
    }
    came = f"written: {len(draft.parts)} parts"
    return (Used(draft.asked, given, f"failed: {draft.degraded}" if draft.degraded else came),)


def _flagged(
    follow: tuple[Step, ...],
    conversation: Conversation,
    weighed: Weighed,
    desk: Desk,
    now: datetime,
) -> tuple[tuple[Step, ...], Used]:
    """Have people see the turn; return the steps with the ticket, and the entry in the log.

    The conversation names its ticket before that is made: two requests at once make one.
    """

    def claim() -> str:
        latest = _latest(conversation, desk)
        if latest.ticket and flagging.goes_on(latest.ticket, desk.to_people.tickets):
            return latest.ticket
        ticket_id = access.new_ticket_id()
        desk.conversations.put(replace(latest, ticket=ticket_id, version=latest.version + 1), now)
        return ticket_id

    ticket_id = persistently(claim, exhausted=_KEPT_CHANGING)
    matter = _matter(weighed)
    token = flagging.flag(ticket_id, matter, desk.to_people, now)
    details = {"ticket": ticket_id} | ({"token": token} if token else {})
    follow = tuple(
        replace(each, details={**each.details, **details})
        if each.sign is Sign.PERSON_NEEDED
        else each
        for each in follow
    )
    done = f"ticket {ticket_id} made" if token else f"added to ticket {ticket_id}"
    return follow, Used("tickets.flag", {"conversation": conversation.id}, done)


def _matter(weighed: Weighed) -> Matter:
    return Matter(
        text=weighed.text,
        customer=weighed.customer,
        understanding=weighed.understanding,
        decision=weighed.person or weighed.decision,
    )


_KEPT_CHANGING = "the conversation kept changing"


def _latest(conversation: Conversation, desk: Desk) -> Conversation:
    """Return a conversation as it is now. Raises NotFoundError if it was erased meanwhile."""
    found = desk.conversations.get(conversation.id)
    if found is None and conversation.version:
        raise NotFoundError("no such conversation of this prospect")
    return found or conversation


def _go_on(
    conversation: Conversation,
    history: tuple[Talked, ...],
    said: tuple[Talked, ...],
    desk: Desk,
    now: datetime,
) -> None:
    """Store what was said, behind the history that was given or the one that is stored."""

    def attempt() -> None:
        latest = _latest(conversation, desk)
        messages = bounded((*(history or latest.messages), *said))
        desk.conversations.put(replace(latest, messages=messages, version=latest.version + 1), now)

    persistently(attempt, exhausted=_KEPT_CHANGING)


def _lacking(weighed: Weighed, draft: Composed) -> tuple[str, ...]:
    """Return what the draft was made without."""
    silent = (looking.SILENT,) if weighed.known.silent else ()
    if not weighed.searched:
        silent = (*silent, looking.UNSEARCHED)
    why = f"{draft.asked} did not write the draft: {draft.degraded}"
    return (*silent, why) if draft.degraded else silent
