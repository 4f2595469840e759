"""Why people must see a message, which signs there are, how sure the desk is, and why. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

from helpdesk.assisting.looking import Known
from helpdesk.assisting.model import MOOD, Composed, Mood, Talked, Used
from helpdesk.evidence import Found
from helpdesk.knowledge import Article, Lookup
from helpdesk.steps import Sign, Step, Vocabulary
from helpdesk.ticket import Customer
from helpdesk.triage import Answer, Ask, Decision, Escalate, Greet, Reason, Understanding
from helpdesk.wording import Kind, kinds_in

ANGRY = -0.7
"""The sentiment, from -1 to 1, up to which a customer is angry."""


def intent_of(heard: Understanding) -> str | None:
    """Return what a text is about, if it is about something that the desk knows."""
    known = heard.ranking and heard.scope >= heard.scope_required
    return heard.ranking[0].name if known else None


def asks_for_order(heard: Understanding, decision: Decision, vocabulary: Vocabulary) -> bool:
    """Tell whether an order is asked for: by the intent, or by what the article needs."""
    needs = isinstance(decision, Answer) and any(
        each.needs is Lookup.ORDER for each in decision.articles
    )
    return needs or vocabulary.asked("order", intent_of(heard))


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """All that is known of a turn before a draft is written.

    `messages` are those of the present episode, `text` is what the customer said since the last
    reply. `found` is what was admitted as evidence, `used` the log of tools.
    """

    messages: tuple[Talked, ...]
    text: str
    understanding: Understanding
    decision: Decision
    vocabulary: Vocabulary
    customer: Customer
    known: Known
    found: tuple[Found, ...] = ()
    searched: bool = True
    used: tuple[Used, ...] = ()

    @property
    def intent(self) -> str | None:
        """What the turn is about, if it is about something that the desk knows."""
        return intent_of(self.understanding)

    @property
    def article(self) -> Article | None:
        """The article of the matter, if the desk is sure of it."""
        match self.decision:
            case Answer(article):
                return article
            case Escalate() as handed if not handed.guesses:
                return handed.likely
        return None

    @property
    def sure_intent(self) -> str | None:
        """The intent, if the desk is sure of it: only then steps follow from it."""
        match self.decision:
            case Answer():
                return self.intent
            case Escalate() as handed if not handed.guesses:
                return self.intent
        return None

    @property
    def mood(self) -> Mood:
        """What the customer's sentiment is called."""
        sentiment = self.understanding.sentiment
        if sentiment <= -MOOD or Kind.ANGER in kinds_in(self.text):
            return Mood.NEGATIVE
        return Mood.POSITIVE if sentiment >= MOOD else Mood.NEUTRAL

    @property
    def person(self) -> Escalate | None:
        """Why people must see it; None if they need not."""
        decision = self.decision
        match decision:
            case Escalate():
                return decision
            case Greet():
                return None
            case Ask(choices):
                return Escalate(Reason.AMBIGUOUS, likely=choices[0])
            case Answer(article):
                reason = self._against_an_answer()
                return Escalate(reason, likely=article) if reason else None

    def _against_an_answer(self) -> Reason | None:
        """Return why a matter that the desk could answer is for people."""
        sentiment = self.understanding.sentiment
        if sentiment <= ANGRY or Kind.ANGER in kinds_in(self.text):
            return Reason.ANGRY
        if self.vocabulary.asked("complaint", self.intent):
            return Reason.NEEDS_PERSON
        if self.known.asked and self.known.silent:
            return Reason.LOOKUP_FAILED
        if self.known.asked and self.known.connected and not self.known.found_orders:
            return Reason.NEEDS_PERSON
        if not self.found and not self.known.shown:
            return Reason.NO_ARTICLE if self.searched else Reason.LOOKUP_FAILED
        return None

    @property
    def confidence(self) -> float:
        """How sure the desk is, from 0 to 1: of the matter, and of what a draft rests on.

        It is the smaller of the intent's probability and the best score of the evidence; an order
        that was found needs no other evidence. Courtesy is sure.
        """
        if isinstance(self.decision, Greet):
            return 1.0
        ranking = self.understanding.ranking
        sure = ranking[0].probability if ranking and self.intent else 0.0
        borne = 1.0 if self.known.shown else max((each.score for each in self.found), default=0.0)
        return round(max(0.0, min(sure, borne, 1.0)), 4)

    def signs(self, now: datetime) -> Mapping[Sign, Mapping[str, str]]:
        """Return what next steps follow from, each with what must be known to do it."""
        return dict(self._signs(now))

    def _signs(self, now: datetime) -> Iterator[tuple[Sign, Mapping[str, str]]]:
        known = self.known
        if known.record:
            yield Sign.RECORD_FOUND, {"last_engaged": now.isoformat(timespec="seconds")}
        if self.found:
            yield Sign.EVIDENCE_ADMITTED, {"evidence": _listed(e.passage.id for e in self.found)}
        if person := self.person:
            yield Sign.PERSON_NEEDED, {"reason": person.reason}
        if known.shown:
            yield (
                Sign.ORDER_FOUND,
                {
                    "orders": _listed(each.number for each in known.shown),
                    "status": _listed(each.status for each in known.shown),
                },
            )
        if known.asked and not known.proven:
            yield Sign.NOT_PROVEN, {"reason": "No one vouches for the customer's address."}
        if known.choices:
            yield Sign.WHICH_ORDER, {"orders": _listed(each.number for each in known.choices)}


def _listed(values: Iterable[str]) -> str:
    return ", ".join(values)


def trace(weighed: Weighed, steps: Sequence[Step], draft: Composed) -> tuple[str, ...]:
    """Return the reasons in plain words, a line each, without a word that a customer wrote."""
    number = len(list(takewhile(lambda each: each.by_customer, reversed(weighed.messages))))
    turn = f"The last {number} messages are" if number > 1 else "The last message is"
    lines = [f"{turn} the present turn.", _decided(weighed)]
    lines.append(_of_evidence(weighed))
    lines += _of_records(weighed.known)
    if weighed.person:
        lines.append(f"A person must see it: {weighed.person.reason}.")
    lines += [f"{each.action}: {_WHY[each.sign]}." for each in steps]
    lines.append(_of_draft(draft))
    return tuple(lines)


_WHY: Mapping[Sign | None, str] = {
    Sign.RECORD_FOUND: "a record of the customer was found",
    Sign.EVIDENCE_ADMITTED: "evidence was admitted",
    Sign.PERSON_NEEDED: "the desk hands over or is not sure",
    Sign.ORDER_FOUND: "an own order was asked for and found",
    Sign.NOT_PROVEN: "an order was asked for, and no one vouches for the customer",
    Sign.WHICH_ORDER: "an order was asked for, and there are several",
    None: "the desk configured it for this intent",
}


def _decided(weighed: Weighed) -> str:
    heard, decision = weighed.understanding, weighed.decision
    best = heard.ranking[0] if heard.ranking else None
    likely = f"{best.name} {best.probability:.2f}, needs {best.required:.2f}" if best else "none"
    scope = f"scope {heard.scope:.2f}, needs {heard.scope_required:.2f}"
    match decision:
        case Answer():
            return f"The desk would answer it: {likely}; {scope}."
        case Ask(choices):
            names = _listed(each.intent for each in choices)
            return f"The desk would ask back which of these is meant: {names}; {scope}."
        case Escalate(reason):
            return f"The desk would hand it over, for {reason}: {likely}; {scope}."
        case Greet():
            return "It is mere courtesy."


def _of_evidence(weighed: Weighed) -> str:
    found = weighed.found
    if not weighed.searched:
        return "What the desk knows cannot be searched now."
    if not found:
        return "No passage is admitted as evidence."
    best = found[0]
    number = f"{len(found)} passages are" if len(found) > 1 else "One passage is"
    return f"{number} admitted; the first is {best.passage.id} at {best.score:.2f}."


def _of_records(known: Known) -> Iterator[str]:
    if known.silent:
        yield "The records cannot be read now."
    elif known.connected:
        yield "A record of the customer was found." if known.record else "There is no record."
    if known.asked and known.connected and not known.silent:
        number = len(known.shown) or len(known.choices)
        yield f"An order was asked for; {number} of this customer may be meant."


def _of_draft(draft: Composed) -> str:
    rests = sorted({number for each in draft.parts for number in each.rests_on})
    on = f"rests on passages {', '.join(map(str, rests))}" if rests else "states no fact"
    why = f"; {draft.asked} did not write it: {draft.degraded}" if draft.degraded else ""
    return f"The draft is by {draft.engine} and {on}{why}."
