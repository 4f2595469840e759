"""A stored mail as it is written. Pure."""

from dataclasses import dataclass, field
from itertools import islice

from helpdesk.mail import (
    WITHOUT_SUBJECT,
    Address,
    Outgoing,
    Said,
    Standing,
    reply_address,
    return_path,
)
from helpdesk.outbox.outbound import Correspondence, Outbound
from helpdesk.ticket import Conversation, Message, Source

MOST_QUOTED = 2
"""Messages that are quoted below a mail."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Who the desk is in mails: its mailbox, its name, and the key that signs addresses.

    Without a key, replies and bounces come to the mailbox itself.
    """

    mailbox: str
    name: str
    key: str = field(default="", repr=False)

    def reply_to(self, mail: Outbound) -> str:
        """Return the address at which the ticket of a mail is answered."""
        if not self.key:
            return self.mailbox
        return reply_address(self.mailbox, mail.ticket_id, self.key)

    def return_path(self, mail: Outbound) -> str:
        """Return the address to which a mail comes back if it does not arrive."""
        if not self.key:
            return self.mailbox
        return return_path(self.mailbox, mail.ticket_id, mail.number, self.key)


def written(
    mail: Outbound, said: Conversation, known: Correspondence | None, desk: Desk
) -> Outgoing:
    """Return the mail that carries its message. Raises ValueError if there is nothing to carry."""
    carried = next((each for each in said.messages if each.number == mail.number), None)
    if carried is None or mail.recipient is None:
        raise ValueError(f"mail {mail.id} has no message, or no one to go to")
    customer = known.customer if known else Address(mail.recipient, said.ticket.customer.name or "")
    on_a_page = bool(known and known.on_a_page)
    proven = bool(known and known.standing is Standing.PROVEN)
    quotes = proven or not (mail.is_automatic or on_a_page)
    earlier = [each for each in reversed(said.messages) if each.number < mail.number]
    return Outgoing(
        sender=Address(desk.mailbox, desk.name),
        to=Address(mail.recipient, customer.name),
        reply_to=desk.reply_to(mail),
        subject=(known.subject if known else "")
        or (WITHOUT_SUBJECT if on_a_page else said.ticket.subject),
        text=carried.text,
        at=mail.created_at,
        message_id=f"{mail.id}@{desk.mailbox.rpartition('@')[2]}",
        in_reply_to=known.message_id if known else None,
        references=known.references if known else (),
        automatic=mail.is_automatic,
        answers=not on_a_page,
        earlier=tuple(
            Said(author=_author(each, customer, desk), at=each.at, text=each.text)
            for each in islice(earlier if quotes else (), MOST_QUOTED)
        ),
    )


def _author(said: Message, customer: Address, desk: Desk) -> str:
    if said.source is Source.CUSTOMER:
        return customer.name or customer.address
    return desk.name or desk.mailbox
