"""What leads do to the desk's facts: set one, remove one. No answer is left with a variable."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from helpdesk.curation.leads import check_lead
from helpdesk.knowledge import Article, Facts, check_facts, check_nested, naming, reached
from helpdesk.ports import ConflictError, NotFoundError
from helpdesk.ticket import Agent


class StatedFacts(Protocol):
    """The desk's facts, and the articles that use them."""

    def all(self) -> tuple[Article, ...]:
        """Return every article, by intent."""

    def facts(self, names: Collection[str] = ()) -> Facts:
        """Return the desk's facts; `names` are those that must not be missed."""

    def state(self, facts: Facts, *, instead_of: Facts) -> None:
        """Put facts in force. Raises ConflictError if they are not `instead_of` any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stater:
    """A lead at the desk's facts.

    Every change raises NotAllowedError for an agent who is not a lead, and ConflictError if another
    lead changed the facts meanwhile.
    """

    lead: Agent
    knowledge: StatedFacts
    clock: Callable[[], datetime]

    def set(self, name: str, text: str) -> Facts:
        """Set a fact, in place of the one of its name. Raises InvalidFactError."""
        return put(self.knowledge, {name: text.strip()}, lead=self.lead, now=self.clock())

    def remove(self, name: str) -> Facts:
        """Remove a fact.

        Raises NotFoundError, or ConflictError if an article uses the fact.
        """
        check_lead(self.lead)
        before = self.knowledge.facts()
        if name not in before.values:
            known = ", ".join(sorted(before.values)) or "none"
            raise NotFoundError(f"no fact {name!r}; there are: {known}")
        left = {each: text for each, text in before.values.items() if each != name}
        holding = [each for each, text in left.items() if name in reached(text, left)]
        users = [*naming(self.knowledge.all(), name, before.values), *holding]
        if users:
            raise ConflictError(f"the fact {name} is used by {', '.join(users)}; edit them first")
        return _state(self.knowledge, left, before, lead=self.lead, now=self.clock())


def put(knowledge: StatedFacts, facts: Mapping[str, str], *, lead: Agent, now: datetime) -> Facts:
    """Set facts, in place of those of their names. Nothing is written if all say the same.

    Raises NotAllowedError, InvalidFactError or ConflictError.
    """
    check_lead(lead)
    check_facts(facts)
    before = knowledge.facts()
    after = dict(sorted({**before.values, **facts}.items()))
    check_nested(after)
    if after == before.values:
        return before
    return _state(knowledge, after, before, lead=lead, now=now)


def _state(
    knowledge: StatedFacts, values: dict[str, str], before: Facts, *, lead: Agent, now: datetime
) -> Facts:
    after = Facts(values=values, version=before.version + 1, at=now, by=lead.name)
    knowledge.state(after, instead_of=before)
    return after
