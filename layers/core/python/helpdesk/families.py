"""Tickets that were merged into one: how a family is seen from one of its members. Pure."""

from collections.abc import Iterator
from dataclasses import replace

from helpdesk.ports import NotFoundError, Tickets
from helpdesk.ticket import Conversation, Ticket


def seen_from(own: Conversation, root: Conversation) -> Conversation:
    """Return what the customer of a merged ticket sees: the own messages, then the root's new ones.

    The numbers go on from the own messages, and the version grows with either ticket's.
    """
    since = own.ticket.merged_at
    later = (said for said in root.messages if since is None or said.at > since)
    messages = [
        *own.messages,
        *(
            replace(said, number=number)
            for number, said in enumerate(later, start=len(own.messages) + 1)
        ),
    ]
    return Conversation(
        replace(standing_for(own.ticket, root.ticket), messages=len(messages)), tuple(messages)
    )


def standing_for(own: Ticket, root: Ticket) -> Ticket:
    """Return the root as its customer knows it: by the id, the token and the subject of the own."""
    return replace(
        root,
        id=own.id,
        version=own.version + root.version,
        created_at=own.created_at,
        token_hash=own.token_hash,
        token_expires_at=own.token_expires_at,
        channel=own.channel,
        customer=own.customer,
        subject=own.subject,
    )


def members(ticket: Ticket, tickets: Tickets) -> Iterator[Ticket]:
    """Yield the tickets of a family, its root last; a ticket without one is its own.

    Raises NotFoundError if the root is gone.
    """
    root = ticket
    if ticket.merged_into:
        found = tickets.get(ticket.merged_into)
        if found is None:
            raise NotFoundError(f"no ticket {ticket.merged_into}")
        root = found
    for each in sorted(root.merged):
        if member := tickets.get(each):
            yield member
    yield root
