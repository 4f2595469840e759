"""What the desk makes of a ticket: of its messages together, and of its files."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from types import MappingProxyType

from helpdesk import naming, ticket, tracking
from helpdesk.considering import considered
from helpdesk.denying import undenied
from helpdesk.files import weighing
from helpdesk.ports import (
    Articles,
    Understander,
)
from helpdesk.processing.sendable import NO_CATEGORIES, Sendable
from helpdesk.speaking import speaking
from helpdesk.ticket import Conversation, Message, Ticket
from helpdesk.triage import (
    UNKNOWN_LANGUAGE,
    Answer,
    Decision,
    Escalate,
    Greet,
    Policy,
    Reason,
    Understanding,
    carry_out,
    chosen,
)

NOTHING_SAID: Mapping[int, str] = MappingProxyType({})


def triaged(
    conversation: Conversation, articles: Sendable, understander: Understander, policy: Policy
) -> tuple[Understanding, Decision]:
    """Decide on what the customer said since the last reply, together with what was said before.

    If the desk offered choices, a reply may name one of them. If a message is not clear by itself,
    it is understood together with the question before it. The desk does not send the same answer
    twice; a person gets the ticket instead. Courtesy beside a question does not blur it.
    """
    received, said = conversation.ticket, conversation.messages
    names = [name for name in (received.customer.name, received.assignee) if name]
    latest = conversation.since_reply
    replied = len(latest) < len(said)
    text = "\n".join(message.text for message in latest)

    def consider(
        what: str, *, may_ask: bool, in_parts: bool = True
    ) -> tuple[Understanding, Decision]:
        return considered(
            what,
            articles=articles.get,
            understander=understander,
            policy=policy,
            names=names,
            may_ask=may_ask,
            in_parts=in_parts,
        )

    understanding, decision = consider(text, may_ask=not received.asked)
    if number := tracking.taken_up(text, decision, conversation, articles.get):
        return understanding, number
    if taken := _chosen(text, received, articles):
        return understanding, _unrepeated(taken, said)
    if replied and not isinstance(decision, Answer | Greet):
        found = consider(conversation.written, may_ask=False, in_parts=False)
        if isinstance(undenied(found[1], text, understander), Answer):
            understanding, decision = found
    return understanding, _unrepeated(decision, said)


def weighed_by_files(
    of_message: tuple[Understanding, Decision],
    texts: Iterable[str],
    articles: Sendable,
    understander: Understander,
    policy: Policy,
) -> tuple[Understanding, Decision]:
    """Decide on a message that says too little in the light of the first file that says more.

    Mood and language stay those of the message: the customer need not have written the file.
    """
    understanding, decision = of_message
    if not isinstance(decision, Escalate):
        return of_message
    for text in texts:
        in_file, of_file = considered(
            text,
            articles=articles.get,
            understander=understander,
            policy=policy,
            may_ask=False,
            in_parts=False,
        )
        if (weighed := weighing.weighed(decision, of_file)) != decision:
            spoken = understanding.language
            language = in_file.language if spoken == UNKNOWN_LANGUAGE else spoken
            mood = understanding.sentiment
            return replace(in_file, language=language, sentiment=mood), weighed
    return of_message


def _unrepeated(decision: Decision, said: Sequence[Message]) -> Decision:
    """Return a decision, or leave to a person what would send an answer that was sent before."""
    if not isinstance(decision, Answer):
        return decision
    for article in decision.articles:
        same = (each.intent for each in said if article.needs is None)
        if article.intent in same or any(article.answer in each.text for each in said):
            return Escalate(Reason.REPEATED, likely=article)
    return decision


def _chosen(text: str, received: Ticket, articles: Sendable) -> Decision | None:
    """Return what follows from the customer's choice; None if there was none, or not any more.

    A choice of which an article has vanished meanwhile is none: its numbers mean nothing now.
    """
    offered = [found for intent in received.choices if (found := articles.get(intent))]
    if not offered or tuple(article.intent for article in offered) != received.choices:
        return None
    number = chosen(speaking(text).text, [article.title for article in offered])
    if number is None:
        return None
    return carry_out(offered[number - 1]) if number <= len(offered) else Escalate(Reason.AMBIGUOUS)


def predict(
    text: str,
    *,
    articles: Articles,
    understander: Understander,
    policy: Policy,
    now: datetime,
    files: Mapping[int, str] = NOTHING_SAID,
    scale: str = "",
    before: str = "",
    reviewed: frozenset[str] = NO_CATEGORIES,
) -> tuple[Understanding, Decision]:
    """Return what a text means and what the desk would decide; nothing is stored or sent.

    `files` are the texts of files by their numbers: they count as those of a ticket do. `before` is
    what the same customer said before the last reply: it helps a text that is not clear by itself.
    `reviewed` is as in `Sendable`.
    """
    sendable = Sendable(articles, now, reviewed=reviewed)
    consider = partial(considered, articles=sendable.get, understander=understander, policy=policy)
    heard, decision = consider(text)
    if before and not isinstance(decision, Answer | Greet):
        found = consider(f"{before}\n{text}", may_ask=False, in_parts=False)
        if isinstance(undenied(found[1], text, understander), Answer):
            heard, decision = found
    if not files:
        return heard, decision
    understanding = heard
    if not weighing.says_enough(decision):
        asked = [files[number] for number in sorted(files)[: weighing.MOST_LOOKED_AT]]
        understanding, decision = weighed_by_files(
            (heard, decision), asked, sendable, understander, policy
        )
    of_files = {n: understander.understand(said).entities for n, said in sorted(files.items())}
    named = naming.with_files(naming.located(heard.entities, {1: text}), of_files)
    decision = ticket.for_people(decision, files, scale=scale)
    return replace(understanding, entities=named), decision
