"""What ends a ticket for good, after a page that asks: revoke its token, erase it."""

from helpdesk import erasure
from helpdesk.ports import NotFoundError
from helpdesk.ticket import NotAllowedError, Ticket

from agent_cli.web.asking import Asked, Led, Page, Shown
from agent_cli.web.pages import ticket as pages


def _found(asked: Asked) -> Ticket:
    found = asked.desk.parts.tickets.get(asked.path("ticket"))
    if found is None:
        raise NotFoundError(f"no ticket {asked.path('ticket')}")
    return found


def ask_to_revoke(asked: Asked) -> Shown:
    """Ask whether the customer shall be locked out."""
    return Shown("ticket_revoke.html", {"ticket": _found(asked)})


def revoked(asked: Asked) -> Led | Shown:
    """Lock the customer out of the ticket; agents still see it."""
    ticket_id = asked.path("ticket")
    try:
        asked.desk.workplace().revoke_token(ticket_id)
    except Exception as error:
        return pages.refused(asked, error)
    return Led(f"/tickets/{ticket_id}", f"revoked the token of {ticket_id}")


def ask_to_erase(asked: Asked) -> Shown:
    """Ask whether the ticket shall be erased. Raises NotAllowedError for agents who do not lead."""
    agent = asked.desk.agent()
    if not agent.leads:
        raise NotAllowedError(f"only leads erase tickets; {agent.name} is not a lead")
    return Shown("ticket_erase.html", {"ticket": _found(asked)})


def erased(asked: Asked) -> Led | Shown:
    """Erase the ticket for good, with what this machine keeps of it."""
    ticket_id, console = asked.path("ticket"), asked.console
    parts = asked.desk.parts
    try:
        erasure.erase_ticket(
            ticket_id,
            asked.desk.agent(),
            tickets=parts.tickets,
            files=parts.files,
            clock=console.clock,
        )
    except Exception as error:
        return pages.refused(asked, error)
    console.outbox.forget(ticket_id)
    console.drafts.erase(ticket_id)
    console.seen.forget(ticket_id)
    return Led("/tickets", f"erased {ticket_id}")


PAGES: dict[str, tuple[str, Page]] = {
    "GET /tickets/{ticket}/revoke": ("ask to revoke", ask_to_revoke),
    "POST /tickets/{ticket}/revoke": ("revoke", revoked),
    "GET /tickets/{ticket}/erase": ("ask to erase", ask_to_erase),
    "POST /tickets/{ticket}/erase": ("erase", erased),
}
