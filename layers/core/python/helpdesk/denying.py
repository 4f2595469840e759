"""Whether a message denies the matter that it would be answered about.

"No exchange please, I want my money back" names an exchange, and is not about one. What a message
denies is left out, and the rest is understood again.
"""

from helpdesk.ports import Understander
from helpdesk.triage import Answer, Decision, Escalate, Reason
from helpdesk.wording import affirmed, forbids

SURE = 0.5
"""The probability from which the rest of a message is about a matter: more likely than not."""


def undenied[D: Decision](decision: D, text: str, understander: Understander) -> D | Escalate:
    """Return a decision, or leave the message to people if it denies the matter of the answer.

    It does if without its denials it is about another matter, or if it forbids something and the
    rest is not clearly about the same matter. Other messages are not understood twice.
    """
    if not isinstance(decision, Answer) or (left := affirmed(text)) is None:
        return decision
    ranking = understander.understand(left).ranking if left else ()
    sure = bool(ranking) and ranking[0].probability >= SURE
    same = sure and ranking[0].name == decision.article.intent
    if (sure and not same) or (forbids(text) and not same):
        return Escalate(Reason.AMBIGUOUS, likely=decision.article)
    return decision
