"""What an agent does with a draft: approve it, send it edited, or dismiss it."""

from dataclasses import dataclass

from helpdesk import ticket
from helpdesk.agents.workplace import Workplace
from helpdesk.drafting import Cited, Draft
from helpdesk.evidence import Origin, Place
from helpdesk.ticket import StaleDraftError, Ticket


class EvidenceChangedError(StaleDraftError):
    """What a draft rests on says something else now; `changes` tell what it said and says."""

    def __init__(self, changes: tuple["Changed", ...]) -> None:
        titles = ", ".join(dict.fromkeys(each.title for each in changes))
        super().__init__(f"what the draft rests on was edited since it was written: {titles}")
        self.changes = changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A source of a draft that was edited: what the draft quotes, and what stands there now.

    `now` is None if the source is gone.
    """

    title: str
    quoted: str
    now: str | None = None


def approve(
    place: Workplace,
    ticket_id: str,
    number: int,
    *,
    text: str | None = None,
    seen: int | None = None,
) -> Ticket:
    """Send the draft with this number, or with `text` the reply that an agent made of it.

    The agent takes the ticket if no agent holds it. A draft is refused that is not the open one,
    that lacks evidence, or that rests on what was edited since; with a `text` of their own agents
    may send it all the same. `seen` is as in `Workplace.reply`. Raises NotFoundError,
    StaleDraftError, EvidenceChangedError and every error of `claim` and `reply`; the ticket then
    is as it was before.
    """
    draft = _expect(place, ticket_id, number)
    if text is None:
        check_as_it_is(draft, place)
    holds = place.holds(place.get(ticket_id))
    if not holds:
        place.claim(ticket_id)
    try:
        return place.reply(ticket_id, text or draft.text, seen=seen, draft=draft)
    except Exception:
        if not holds:
            place.give_back(ticket_id)
        raise


def check_as_it_is(draft: Draft, place: Workplace) -> None:
    """Refuse a draft that may not be sent as it is. Raises StaleDraftError, EvidenceChangedError.

    It lacks evidence, or rests on what was edited since.
    """
    if not draft.ready:
        raise StaleDraftError(
            f"draft {draft.number} says what its evidence does not; edit it first"
        )
    if changes := changed_since(draft, place):
        raise EvidenceChangedError(changes)


def dismiss(place: Workplace, ticket_id: str, number: int) -> Ticket:
    """Put the draft with this number away; the ticket still waits for a reply.

    Raises NotFoundError, StaleDraftError, NotAllowedError, IllegalMoveError or ConflictError.
    """
    return place.move(
        ticket_id,
        lambda found: ticket.dismiss(found, place.agent, number, now=place.clock()),
    ).after


def changed_since(draft: Draft, place: Workplace) -> tuple[Changed, ...]:
    """Return the articles of a draft's evidence that were edited since it was written."""
    return tuple(filter(None, (_changed(each, place) for each in draft.evidence)))


def _changed(cited: Cited, place: Workplace) -> Changed | None:
    source = Place.of(cited.id)
    if source is None or source.origin is not Origin.ARTICLE:
        return None
    article = place.articles.get(source.name)
    if article and article.version == cited.version:
        return None
    now = article.answer if article else None
    return Changed(title=cited.title, quoted=cited.quote, now=now)


def _expect(place: Workplace, ticket_id: str, number: int) -> Draft:
    """Return the open draft. Raises NotFoundError or StaleDraftError."""
    found = place.get(ticket_id)
    ticket.expect_draft(found, number)
    if draft := place.tickets.draft(ticket_id, number):
        return draft
    raise StaleDraftError(f"draft {number} is gone")
