"""Telling customers that a person has their question, and by when the desk aims to answer.

A hand-over and its announcement are one change: either both are stored, or none.
"""

from datetime import UTC, datetime, timedelta

from helpdesk import ticket
from helpdesk.knowledge import ANY_LANGUAGE, Text, shipped
from helpdesk.ports import Texts, TextsUnavailableError
from helpdesk.ticket import Change

STEP = timedelta(minutes=15)
"""A moment is told to the next quarter of an hour, and never too early."""


def announced(change: Change, texts: Texts) -> Change:
    """Return a change with what its customer is told beside an article's answer, if anything.

    A text in the language of the customer comes first, then the desk's English one, as leads wrote
    them or as the product brings them. A hand-over does not wait for texts that cannot be read: the
    customer then gets what the product brings.
    """
    occasion = ticket.occasion(change)
    if occasion is None:
        return change
    due = promise(change.after.urgency.due_at_desk, change.event.at)
    return ticket.tell(change, worded(occasion.name, occasion.language, texts).filled(due))


def promise(due: datetime, now: datetime) -> str | None:
    """Return the moment by which the desk aims to answer, in the time zone of `due`.

    None if the moment is past or is now: then nothing is known.
    """
    if due <= now:
        return None
    past = (due.replace(tzinfo=UTC) - datetime.min.replace(tzinfo=UTC)) % STEP
    told = due + (STEP - past if past else timedelta(0))
    return f"{told:%Y-%m-%d %H:%M %Z}"


def worded(name: str, language: str, texts: Texts) -> Text:
    """Return a text by its name, in a language or else in English.

    A text that cannot be read is the one that the product brings.
    """
    languages = dict.fromkeys((language, ANY_LANGUAGE))
    written = (texts.text(name, each) for each in languages if each)
    try:
        found = next((each for each in written if each), None)
    except TextsUnavailableError:
        found = None
    return found or Text(name=name, language=ANY_LANGUAGE, text=shipped()[name])
