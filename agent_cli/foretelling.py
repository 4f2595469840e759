"""What a change of one article would do, asked of the knowledge in force and of the trainer."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpdesk.knowledge import Amendment, Article

from agent_cli.words import foretold

if TYPE_CHECKING:
    from helpdesk.linting import Knowledge, Limits

    from agent_cli.desk import Desk


@dataclass(frozen=True, slots=True)
class Trial:
    """What the trainer says in lines, and the golden cases for people that the article takes."""

    lines: tuple[str, ...]
    taken: tuple[str, ...] = ()


def outlook(desk: "Desk", before: Article | None, after: Article) -> Iterator[str]:
    """Yield in lines what follows from an edit: for other articles, golden cases and `lint`."""
    from helpdesk.linting import Limits
    from helpdesk.linting import outlook as ask

    yield from foretold.of_the_knowledge(ask(before, after, deployed(desk, Limits())), after)


def trial(desk: "Desk", amendment: Amendment) -> Trial:
    """Have the trainer try a change. A trainer that cannot be asked is told, and no hindrance.

    Raises NotAllowedError for an agent who is not a lead.
    """
    from botocore.exceptions import BotoCoreError, ClientError
    from helpdesk.composition import ResourceError
    from helpdesk.learning import LessonError

    try:
        found = desk.foretell(amendment)
    except (LessonError, ResourceError, BotoCoreError, ClientError) as error:
        return Trial((f"what the gate would decide is not known: {error}",))
    own = {each.text for each in amendment.golden}
    taken = tuple(each for each in found.taken if each not in own)
    return Trial(tuple(foretold.of_the_gate(found)), taken)


def deployed(desk: "Desk", limits: "Limits") -> "Knowledge":
    """Return the knowledge in force, as rules read it."""
    from helpdesk.linting import Knowledge

    editions = desk.parts.editions
    edition = editions.edition(editions.in_force().number)
    return Knowledge(
        articles=edition.articles,
        golden=edition.golden,
        facts=edition.facts.values,
        limits=limits,
        today=desk.clock().date(),
    )
