"""What a customer is told of a change beside a reply: that a person has the question. Pure."""

from dataclasses import dataclass, replace

from helpdesk.ticket.model import Change, Message, Move, Source, State

COURTESY = "courtesy"
"""The name of the text that answers mere courtesy; the others are named after reasons."""

DANGER = "danger"
"""The name of the text for a person in danger."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a text is for: its name and the customer's language, an ISO 639-1 code."""

    name: str
    language: str


def occasion(change: Change) -> Occasion | None:
    """Return for which text a change gives occasion; None if the customer is told nothing.

    Customers are told when the desk or their own act hands the ticket to people, once for each
    hand-over, and when a message shows that a person is in danger. What agents do they see.
    """
    before, after, move = change.before, change.after, change.event.move
    understanding = after.understanding
    language = understanding.language if understanding else ""
    if move is Move.ANSWERED and not change.messages:
        return Occasion(COURTESY, language)
    if after.state is not State.ESCALATED or move not in _TOLD:
        return None
    danger = after.urgency.at_once
    if before is None or before.state is not State.ESCALATED:
        return Occasion(DANGER if danger else str(after.reason), language)
    return Occasion(DANGER, language) if danger and not before.urgency.at_once else None


_TOLD = {Move.ESCALATED, Move.RATED, Move.FOLLOWED_UP}


def tell(change: Change, text: str) -> Change:
    """Return the change with a text for the customer, below the article's answer if it has one."""
    *others, last = change.messages or (None,)
    if last and last.source is Source.AUTOMATIC:
        told = replace(last, text=f"{last.text.rstrip()}\n\n{text}")
        return replace(change, messages=(*filter(None, others), told))
    number = change.after.messages + 1
    told = Message(number=number, source=Source.AUTOMATIC, text=text, at=change.event.at)
    return replace(
        change,
        after=replace(change.after, messages=number),
        event=replace(change.event, changed={**change.event.changed, "messages": number}),
        messages=(*change.messages, told),
    )
