"""Whether what a file says counts for a ticket, and whether it is worth waiting for.

A message speaks first. Only where it says too little is a file asked, and what the file says then
tells what the ticket is about and how urgent it is. It is never answered automatically: a file is
made by many hands, and most of what stands in one is not what its sender asks.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from helpdesk.files.looking import has_text
from helpdesk.files.model import Attachment
from helpdesk.files.ports import Files
from helpdesk.ticket import MAX_TEXT
from helpdesk.triage import Answer, Ask, Decision, Escalate, Greet, Reason

UNCLEAR = frozenset(
    {Reason.OUT_OF_SCOPE, Reason.LOW_CONFIDENCE, Reason.UNREADABLE, Reason.LANGUAGE}
)
"""Why people get a ticket whose message says too little of what it is about."""


MOST_LOOKED_AT = 3
"""Files of a ticket that are asked: more would keep other tickets waiting."""


class Use(StrEnum):
    """What to do about the files of a ticket."""

    NONE = "none"
    WAIT = "wait"
    READ = "read"


def says_enough(decision: Decision) -> bool:
    """Tell whether a message says by itself what it is about, or that a person must see it."""
    return not isinstance(decision, Escalate) or decision.reason not in UNCLEAR


def use_of(
    files: Collection[Attachment], *, since: datetime, now: datetime, patience: timedelta
) -> Use:
    """Return what to do about the files of a ticket whose message, of `since`, says too little.

    Files that are on their way are waited for until the message is `patience` old.
    """
    if now - since < patience and any(each.is_awaited(now) for each in files):
        return Use.WAIT
    return Use.READ if readable(files) else Use.NONE


def readable(files: Collection[Attachment]) -> tuple[Attachment, ...]:
    """Return the files in which a text was found."""
    return tuple(filter(has_text, files))


def texts(ticket_id: str, there: Collection[Attachment], files: Files) -> dict[int, str]:
    """Return what the files of a ticket that can be read say, by their numbers."""
    return {each.number: files.text(ticket_id, each.number)[:MAX_TEXT] for each in readable(there)}


def all_texts(ticket_id: str, files: Files) -> dict[int, str]:
    """Return what the files of a ticket say as they are now, as `texts` does."""
    return texts(ticket_id, files.of(ticket_id), files)


def looked_at(files: Collection[Attachment]) -> tuple[int, ...]:
    """Return the numbers of the files that are asked what they say: the first that have a text."""
    return tuple(each.number for each in readable(files)[:MOST_LOOKED_AT])


def weighed(message: Escalate, of_file: Decision) -> Escalate:
    """Return the decision on a message that says too little, in the light of what its file says.

    A file that people must see by itself, for instance for danger, decides. Otherwise the ticket
    stays with people for the message's own reason, and the file says what it is likely about.
    """
    match of_file:
        case Answer(article):
            return replace(message, likely=article)
        case Ask(choices):
            return replace(message, likely=choices[0])
        case Greet():
            return message
        case Escalate():
            if of_file.reason in UNCLEAR:
                return replace(message, feared=message.feared or of_file.feared)
            return of_file
