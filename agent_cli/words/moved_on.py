"""Why a draft can no longer be sent: who moved, and what the agent does next."""

from collections.abc import Iterable

from helpdesk.ticket import Drafted, Event, Fate, Move

from agent_cli.words.times import clock

_SAID = {
    Move.FOLLOWED_UP: "wrote again",
    Move.REPLIED: "replied",
    Move.ADDED: "wrote to the customer",
    Move.CLOSED: "closed the ticket",
    Move.SNOOZED: "put the ticket aside",
    Move.MERGED: "merged the ticket",
    Move.ANSWERED: "answered",
    Move.CLAIMED: "took the ticket",
    Move.RELEASED: "gave the ticket back",
    Move.TRANSFERRED: "transferred the ticket",
}
_FATES = {Fate.USED: "sent it", Fate.EDITED: "sent it, edited", Fate.DISMISSED: "dismissed it"}
_ACTORS = {"customer": "the customer", "helpdesk": "the desk"}


def moved_on(number: int, events: Iterable[Event]) -> str | None:
    """Return who ended the draft with this number, when and how; None if the events do not say."""
    open_ = False
    for event in events:
        if "draft" not in event.changed:
            continue
        mark: Drafted | None = event.changed["draft"]
        if mark is not None and mark.number == number and mark.fate is Fate.OPEN:
            open_ = True
        elif open_:
            return f"{_ended(event, mark, number)} at {clock(event.at)}"
    return None


def told(number: int, events: Iterable[Event], error: Exception) -> str:
    """Return why the draft with this number was refused: who ended it, or else the `error`."""
    why = moved_on(number, events)
    return f"draft {number} is not open any more: {why}" if why else str(error)


def latest(events: Iterable[Event], *, agent: str) -> str | None:
    """Return what happened last, as in "bob replied at 09:00 CET"; None if the agent did it."""
    last = max(events, key=lambda event: event.number, default=None)
    if last is None or last.actor == agent:
        return None
    who = _ACTORS.get(last.actor, last.actor)
    return f"{who} {_SAID.get(last.move, f'moved the ticket ({last.move})')} at {clock(last.at)}"


def _ended(event: Event, mark: Drafted | None, number: int) -> str:
    if mark is not None and mark.number != number:
        return f"draft {mark.number} took its place"
    who = _ACTORS.get(event.actor, event.actor)
    if mark is not None:
        return f"{who} {_FATES[mark.fate]}"
    return f"{who} {_SAID.get(event.move, f'moved the ticket ({event.move})')}"


def what_next(ticket_id: str, open_: int | None, *, kept: bool = False) -> str:
    """Return the commands that go on.

    `open_` is the draft that is open now, if one is; `kept` says that a text of the agent is kept.
    """
    look = f"helpdesk ticket show {ticket_id}"
    if kept:
        return (
            f"read it: {look}; then send your kept text: helpdesk ticket reply {ticket_id} --edit"
        )
    if open_ is not None:
        return f"look at draft {open_}: {look}; then: helpdesk ticket approve {ticket_id} {open_}"
    return f"look at the ticket: {look}; then: helpdesk ticket reply {ticket_id}"
