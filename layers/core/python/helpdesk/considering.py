"""What the desk decides on a text: each door, the worker and the golden set ask this one function.

What speaks is understood, without greeting, signature and quoted mails. Words of danger, law or
death count in all that the customer wrote.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from helpdesk import severity
from helpdesk.denying import undenied
from helpdesk.knowledge import Article, Priority
from helpdesk.matters import matched
from helpdesk.ports import Understander
from helpdesk.speaking import own_words, speaking
from helpdesk.triage import (
    FEARED,
    NO_MENU,
    Answer,
    Ask,
    Decision,
    Escalate,
    Greet,
    Policy,
    Reason,
    Understanding,
    candidates,
    decide,
)
from helpdesk.wording import is_courtesy, kinds_in, without_courtesy

type Found = Callable[[str], Article | None]


def considered(
    text: str,
    *,
    articles: Found,
    understander: Understander,
    policy: Policy,
    names: Sequence[str] = (),
    may_ask: bool = True,
    in_parts: bool = True,
) -> tuple[Understanding, Decision]:
    """Return what a text means, and what the desk decides on it.

    `articles` finds the article of an intent. `names` are those of the people in the conversation.
    Without `may_ask` the desk does not ask back; without `in_parts` the parts of the text are not
    looked at, such as those that were answered before.
    """
    spoken = speaking(text)
    understanding = understander.understand(without_courtesy(spoken.text, names))
    if is_courtesy(text, names) or is_courtesy(spoken.text, names):
        return understanding, Greet()
    own = own_words(text, spoken)
    decision = _decided(understanding, articles, policy, wording=own, may_ask=may_ask)
    decision = undenied(decision, spoken.text, understander)
    decision = _graver(decision, own)
    if not in_parts:
        return understanding, decision

    def alone(part: str, meant: Understanding) -> Decision:
        found = _decided(meant, articles, policy, wording=part, may_ask=False)
        return undenied(found, part, understander)

    return understanding, matched(decision, understanding, spoken.text, understander, alone)


def _graver(decision: Decision, own: str) -> Decision:
    """Return a decision, or leave what sounds like the law to people: in doubt, they read it."""
    if isinstance(decision, Answer | Ask):
        found = severity.of_text(own, "", severity.shipped())
        if found and found.legal:
            chosen = decision.article if isinstance(decision, Answer) else decision.choices[0]
            return Escalate(Reason.LEGAL, likely=chosen)
    return decision


def _decided(
    understanding: Understanding,
    articles: Found,
    policy: Policy,
    *,
    wording: str,
    may_ask: bool,
) -> Decision:
    """Decide on what is understood; what a person gets has its best guess with it."""
    likely = candidates(understanding, policy)
    found = {name: article for name in likely if (article := articles(name))}
    decision = decide(understanding, found, policy, wording=kinds_in(wording), may_ask=may_ask)
    if isinstance(decision, Ask) and (feared := _feared(understanding, articles, NO_MENU)):
        return Escalate(Reason.AMBIGUOUS, likely=decision.choices[0], feared=feared)
    if isinstance(decision, Escalate) and likely:
        feared = None if decision.acknowledgement else _feared(understanding, articles)
        return replace(decision, likely=found.get(likely[0]), feared=feared)
    return decision


def _feared(understanding: Understanding, articles: Found, least: float = FEARED) -> Article | None:
    """Return the article of an urgent matter that a message may be about, if there is one."""
    for each in understanding.ranking:
        if each.probability < least:
            break
        article = articles(each.name)
        if article and article.needs_person and article.priority is Priority.URGENT:
            return article
    return None
