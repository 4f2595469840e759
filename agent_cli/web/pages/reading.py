"""A ticket in the words of its page: messages, draft, files, history, and what may be done."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from helpdesk.agents import Dossier
from helpdesk.drafting import Draft
from helpdesk.files import State as FileState
from helpdesk.ticket import Agent, Message, State, Ticket

from agent_cli.words import drafted, facts, files
from agent_cli.words.drafted import Remark
from agent_cli.words.files import FileView
from agent_cli.words.history import what
from agent_cli.words.spoken import Passage, passages
from agent_cli.words.tickets import EventView


@dataclass(frozen=True, slots=True)
class Spoken:
    """A message in words; `new` says that the agent has not seen it."""

    number: int
    source: str
    heading: str
    passages: tuple[Passage, ...]
    new: bool


@dataclass(frozen=True, slots=True)
class Text:
    """A text with its heading. `ready` says of a file that it can be saved."""

    number: int
    heading: str
    text: str
    ready: bool = False


@dataclass(frozen=True, slots=True)
class Drafted:
    """The draft in words: each part with what stands below it."""

    draft: Draft
    heading: str
    degraded: str | None
    parts: tuple[tuple[str, tuple[Remark, ...]], ...]


@dataclass(frozen=True, slots=True)
class Happened:
    """A move of the history in words."""

    at: datetime
    who: str
    move: str
    what: str


@dataclass(frozen=True, slots=True)
class May:
    """What the page offers to an agent: what the use cases would refuse is not offered.

    `writes` says that a reply can be sent, and `adds` that it would be another message on an
    answered ticket. `theirs` is the colleague who holds the ticket.
    """

    works: bool
    leads: bool
    mine: bool
    theirs: str | None
    takes: bool
    writes: bool
    adds: bool
    transfers: bool
    overrides: bool
    closes: bool
    reopens: bool
    spams: bool
    merges: bool

    @classmethod
    def of(cls, ticket: Ticket, agent: Agent, now: datetime) -> "May":
        """Return what an agent may do with a ticket at a moment."""
        held = ticket.held_by(now)
        works, waits = agent.works, ticket.state is State.ESCALATED
        mine = works and waits and held is not None and held.agent == agent.name
        theirs = held.agent if held and not mine else None
        answered = ticket.state is State.ANSWERED
        ended = ticket.state is State.CLOSED
        return cls(
            works=works,
            leads=agent.leads,
            mine=mine,
            theirs=theirs,
            takes=works and waits and held is None and ticket.entrusted(agent),
            writes=works and (mine or answered),
            adds=works and answered,
            transfers=works and waits and (mine or agent.leads),
            overrides=waits and not mine and agent.leads,
            closes=works and (mine or answered),
            reopens=works and not ticket.state.is_open and not ticket.merged_into,
            spams=works and not ended and theirs is None,
            merges=works and not ticket.merged_into and not ticket.merged and theirs is None,
        )


def spoken(messages: tuple[Message, ...], *, seen: int, of: str = "") -> tuple[Spoken, ...]:
    """Return messages in words; those after number `seen` are new. `of` is their merged ticket."""
    more = f" · merged {of}" if of else ""
    return tuple(
        Spoken(
            number=each.number,
            source=each.source,
            heading=facts.heading_of_message(each) + more,
            passages=passages(each),
            new=each.number > seen,
        )
        for each in messages
    )


def drafted_of(dossier: Dossier) -> Drafted | None:
    """Return the draft that waits for an agent in words."""
    if (draft := dossier.draft) is None:
        return None
    parts = ((each.text, tuple(drafted.below(draft, at))) for at, each in enumerate(draft.parts))
    return Drafted(draft, drafted.heading(draft), drafted.degraded(draft), tuple(parts))


def files_of(dossier: Dossier) -> Iterator[Text]:
    """Yield the files of a ticket in words, with the text that was found in them."""
    for view in map(FileView.of, dossier.files):
        ready = view.state is FileState.READY
        yield Text(view.number, files.heading(view), files.told(view), ready=ready)


def suggestions_of(dossier: Dossier) -> Iterator[tuple[str, Text]]:
    """Yield what the knowledge suggests: the intent, then the text under its heading."""
    for number, each in enumerate(dossier.suggestions, start=1):
        yield each.intent, Text(number, facts.heading_of_suggestion(number, each), each.text)


def notes_of(dossier: Dossier) -> Iterator[Text]:
    """Yield the notes of colleagues."""
    for each in dossier.notes:
        yield Text(each.number, facts.heading_of_note(each), each.note or "")


def history_of(dossier: Dossier) -> Iterator[Happened]:
    """Yield every move of a ticket, the oldest first."""
    for each in map(EventView.of, dossier.events):
        yield Happened(each.at, each.actor, each.move, what(each))
