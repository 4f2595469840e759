"""Whether a message asks for one thing, for two, or for more than the desk may answer by itself.

A message is read as a whole and in its parts. The parts may take an answer back: one that surely
asks for something else, or asks for what the desk does not understand, is not passed over. Where
the whole is torn between two matters, the parts may show that both are asked for. Half an answer is
never sent.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from helpdesk.ports import Understander
from helpdesk.triage import Answer, Ask, Decision, Escalate, Greet, Reason, Understanding
from helpdesk.wording import Part, parts

SURE = 0.6
"""The probability from which a part is about a matter, also if the whole is about another."""

SHARED = 0.2
"""The probability from which a part may be about the matter of the answer too."""

WORRYING = 0.3
"""The probability from which an urgent matter in a part keeps a message with people."""

WHOLE = 0.1
"""The probability that the whole must give to what a part is answered with."""

MOST_PARTS = 12
"""What has more parts is a story that a person reads."""

_UNSURE = {Reason.LOW_CONFIDENCE, Reason.AMBIGUOUS, Reason.OUT_OF_SCOPE}


@dataclass(frozen=True, slots=True)
class _Read:
    """A part as it is understood by itself, and what would be decided on it alone."""

    part: Part
    understanding: Understanding
    decision: Decision

    @property
    def surely(self) -> str | None:
        """The intent that this part is surely about."""
        ranking = self.understanding.ranking
        known = self.understanding.scope >= self.understanding.scope_required
        return ranking[0].name if ranking and known and ranking[0].probability >= SURE else None

    @property
    def tells(self) -> bool:
        """Tell whether this part is no mere background: it asks, or it is for a person."""
        return self.part.asks or (
            isinstance(self.decision, Escalate) and bool(self.decision.acknowledgement)
        )

    @property
    def worries(self) -> bool:
        """Tell whether this part may well be about an urgent matter."""
        feared = self.decision.feared if isinstance(self.decision, Escalate) else None
        return feared is not None and any(
            each.name == feared.intent and each.probability >= WORRYING
            for each in self.understanding.ranking
        )

    def shares(self, intents: Sequence[str]) -> bool:
        """Tell whether this part may be about one of the intents."""
        return any(
            each.name in intents and each.probability >= SHARED
            for each in self.understanding.ranking
        )


def matched(
    decision: Decision,
    understanding: Understanding,
    text: str,
    understander: Understander,
    decide: Callable[[str, Understanding], Decision],
) -> Decision:
    """Return a decision on a text, changed if its parts say something else.

    `understanding` is that of the whole text; `decide` decides on a part by itself. Parts are
    understood only where they can change something.
    """
    if isinstance(decision, Greet) or len(said := parts(text)) < 2:
        return decision
    if isinstance(decision, Answer):
        if len(said) > MOST_PARTS:
            return Escalate(Reason.SEVERAL_MATTERS, likely=decision.article)
        return _checked(decision, _read(said, understander, decide))
    torn = {each.name for each in understanding.ranking if each.probability >= WHOLE}
    speaks = len(torn) > 1 or isinstance(decision, Ask)
    if not speaks or len(said) > MOST_PARTS or not _is_unsure(decision):
        return decision
    read = _read(said, understander, decide)
    otherwise = _offered(decision, read) if isinstance(decision, Ask) else decision
    return _both(torn, read) or otherwise


def _offered(asked: Ask, read: Sequence[_Read]) -> Ask | Escalate:
    """Return the question which matter is meant, if the parts speak of one that is offered."""
    names = [each.intent for each in asked.choices]
    spoken = {each.surely for each in read if each.tells} - {None}
    lost = any(each.part.asks and not each.shares(names) for each in read)
    if lost or len(spoken) > 1 or not spoken <= set(names) or any(each.worries for each in read):
        return Escalate(Reason.SEVERAL_MATTERS, likely=asked.choices[0])
    return asked


def _is_unsure(decision: Ask | Escalate) -> bool:
    """Tell whether the desk hesitates, and not for a matter that is for a person."""
    if isinstance(decision, Ask):
        return True
    for_person = decision.likely is not None and decision.likely.needs_person
    return decision.reason in _UNSURE and not for_person


def _read(
    said: Sequence[Part],
    understander: Understander,
    decide: Callable[[str, Understanding], Decision],
) -> list[_Read]:
    read = []
    for part in said:
        understanding = understander.understand(part.text)
        read.append(_Read(part, understanding, decide(part.text, understanding)))
    return read


def _checked(answer: Answer, read: Sequence[_Read]) -> Decision:
    """Return an answer, that answer with a second one, or leave the message to a person."""
    mine = answer.article.intent
    if any(each.worries for each in read):
        return Escalate(Reason.SEVERAL_MATTERS, likely=answer.article)
    others = [each for each in read if each.surely not in {None, mine} and each.tells]
    asking = [each for each in read if each.part.asks]
    lost = [each for each in asking if each not in others and not each.shares([mine])]
    if not others and not lost:
        return answer
    second = _one([each.decision for each in others])
    if lost or second is None or not any(each.shares([mine]) for each in read):
        return Escalate(Reason.SEVERAL_MATTERS, likely=answer.article)
    return Answer(answer.article, also=second.article)


def _one(decisions: Sequence[Decision]) -> Answer | None:
    """Return the answer that all decisions agree on, if they do."""
    answers = [each for each in decisions if isinstance(each, Answer)]
    intents = {each.article.intent for each in answers}
    return answers[0] if len(answers) == len(decisions) and len(intents) == 1 else None


def _both(torn: Collection[str], read: Sequence[_Read]) -> Answer | None:
    """Return the two answers to the parts that ask, if each is answered and none differs.

    `torn` are the intents that the whole may be about. A single answer is not found in this way:
    then the parts would make the desk bolder than the whole does.
    """
    given: dict[str, Answer] = {}
    for each in read:
        if each.part.asks and isinstance(each.decision, Answer):
            given.setdefault(each.decision.article.intent, each.decision)
    if len(given) != 2 or not given.keys() <= set(torn) or any(each.worries for each in read):
        return None
    for each in read:
        if isinstance(each.decision, Answer):
            continue
        differs = each.surely is not None and each.surely not in given
        if differs or (each.part.asks and not each.shares(list(given))):
            return None
    first, second = given.values()
    return Answer(first.article, also=second.article)
