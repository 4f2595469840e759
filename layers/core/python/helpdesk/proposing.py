"""A draft for a ticket that people get, written at once from what the desk knows.

It only quotes, so it needs no engine and waits for none. What sounds like danger or the law gets
none: people find their own words there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from helpdesk.drafting import Cited, Draft, Said
from helpdesk.drafting.composing import written
from helpdesk.drafting.extracting import ANGRY, Kind, extractive
from helpdesk.drafting.instructing import request_for
from helpdesk.evidence import Evidence, Found, Origin, Place
from helpdesk.knowledge import Link
from helpdesk.ports import Articles
from helpdesk.speaking import speaking
from helpdesk.ticket import Conversation, Source
from helpdesk.triage import Escalate, Reason, Understanding

OWN_WORDS = frozenset(
    {
        Reason.DANGER,
        Reason.INJURY,
        Reason.THREAT,
        Reason.TAKEOVER,
        Reason.LEGAL,
        Reason.FRAUD,
        Reason.DEATH,
        Reason.MINOR,
        Reason.UNREADABLE,
        Reason.LANGUAGE,
    }
)
"""Why people get tickets for which no draft is written."""


type Propose = Callable[[Conversation, Understanding, Escalate], Draft | None]
"""Writes a draft for a ticket that people get; None where it has nothing to say."""


@dataclass(frozen=True, slots=True)
class Proposer:
    """Writes first drafts out of evidence."""

    evidence: Evidence
    articles: Articles
    clock: Callable[[], datetime]

    def __call__(
        self, conversation: Conversation, understanding: Understanding, decision: Escalate
    ) -> Draft | None:
        """Return a draft for what was said since the last reply; None without evidence for it.

        Raises every error of the evidence.
        """
        if decision.reason in OWN_WORDS:
            return None
        said = turn(conversation)
        sure = decision.likely if not decision.guesses else None
        known = self.evidence.found(said, understanding, likely=[sure.intent] if sure else [])
        found = _new(known, conversation, decision)
        if not found:
            return None
        name = conversation.ticket.customer.name
        quoted = extractive(
            said,
            _sure(found) if decision.reason is Reason.REVIEW else found,
            name=name,
            mood=understanding.sentiment,
            kind=_kind(said, understanding),
            slots={each.kind: each.value for each in understanding.entities},
        )
        composed = written(
            None,
            request_for(said_in(conversation), found),
            quoted,
            found,
            known=(name,) if name else (),
            links={each.number: links_of(each.passage.id, self.articles) for each in found},
        )
        return Draft(
            number=0,
            basis=conversation.ticket.messages,
            at=self.clock(),
            parts=composed.parts,
            evidence=tuple(map(Cited.of, found)),
            engine=composed.engine,
            faults=composed.faults,
        )


def said_in(conversation: Conversation) -> list[Said]:
    """Return what was said on a ticket, as engines and the check of drafts get it."""
    return [
        Said(by_customer=each.source is Source.CUSTOMER, text=each.text)
        for each in conversation.messages
    ]


def links_of(passage_id: str, articles: Articles) -> Sequence[Link]:
    """Return the links of the article that a passage is of; none of any other text."""
    place = Place.of(passage_id)
    of_article = place is not None and place.origin is Origin.ARTICLE
    article = articles.get(place.name) if place and of_article else None
    return article.links if article else ()


def turn(conversation: Conversation) -> str:
    """Return what speaks of what the customer wrote since the last reply."""
    return speaking("\n".join(each.text for each in conversation.since_reply)).text


def _new(
    known: Sequence[Found], conversation: Conversation, decision: Escalate
) -> tuple[Found, ...]:
    """Return the evidence that the customer has not read yet, numbered from 1.

    The acknowledgement is about to be sent; what was sent before did not help.
    """
    sent = decision.acknowledgement.intent if decision.acknowledgement else None
    texts = [each.text for each in conversation.messages if each.source is not Source.CUSTOMER]
    fresh = (
        each
        for each in known
        if _intent(each) != sent and not any(each.passage.text in text for text in texts)
    )
    return tuple(replace(each, number=number) for number, each in enumerate(fresh, start=1))


def _intent(found: Found) -> str | None:
    place = Place.of(found.passage.id)
    return place.name if place else None


def _sure(found: Sequence[Found]) -> list[Found]:
    """Return evidence of which the first is meant for sure: the desk would have sent it."""
    return [replace(found[0], score=1.0), *found[1:]]


def _kind(said: str, understanding: Understanding) -> Kind:
    if understanding.sentiment <= ANGRY:
        return Kind.COMPLAINT
    return Kind.QUESTION if "?" in said else Kind.REQUEST
