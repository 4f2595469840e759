"""One customer: which addresses and references belong together, the tickets, what leads decided.

A customer is named in addresses of pages by the id of any ticket, never by a key: keys are
personal, and addresses stay in the browser's history.
"""

from helpdesk import belonging
from helpdesk.belonging import Holdings
from helpdesk.ports import NotFoundError
from helpdesk.ticket import CustomerKey, TextError

from agent_cli.one_customer import found, view_of
from agent_cli.web.asking import Asked, Led, Page, Shown

PLACE = "/customers"


def asked_for(asked: Asked) -> Shown:
    """Show the form that finds a customer."""
    return Shown("customers.html", {"key": asked.text("key")})


def find(asked: Asked) -> Shown | Led:
    """Lead to a customer by a key. One without tickets has no address, and is shown at once."""
    if not (key := asked.text("key")):
        raise TextError("write an address, a reference or a name")
    holdings = found(key, asked.desk.parts.tickets)
    every = [*holdings.tickets, *holdings.unverified]
    return Led(f"{PLACE}/{every[0].id}") if every else _shown(asked, holdings, "")


def of_ticket(asked: Asked) -> Shown:
    """Show the customer of a ticket."""
    ticket_id, tickets = asked.path("ticket"), asked.desk.parts.tickets
    ticket = tickets.get(ticket_id)
    if ticket is None:
        raise NotFoundError(f"no ticket {ticket_id}; find the customer by another key")
    if not ticket.customer.key:
        raise NotFoundError(
            f"the customer of {ticket_id} gave neither an address nor a reference, "
            "so nothing else is known"
        )
    return _shown(asked, found(str(ticket.customer.keys[0]), tickets), ticket_id)


def join(asked: Asked) -> Led:
    """Make two customers one, by a key of each."""
    one, other = _typed(asked, "one"), _typed(asked, "other")
    person = belonging.join(
        one,
        other,
        lead=asked.desk.agent(),
        reason=asked.text("reason"),
        tickets=asked.desk.parts.tickets,
        now=asked.now,
    )
    return Led(_back(asked), f"one customer: {person}")


def separate(asked: Asked) -> Led:
    """Take a key away from the customer that another one belongs to."""
    one, other = _typed(asked, "one"), _typed(asked, "other")
    persons = belonging.separate(
        one,
        other,
        lead=asked.desk.agent(),
        reason=asked.text("reason"),
        tickets=asked.desk.parts.tickets,
        now=asked.now,
    )
    return Led(_back(asked), f"two customers: {persons[0]}; and {persons[1]}")


def _shown(asked: Asked, holdings: Holdings, ticket_id: str) -> Shown:
    values = {
        "view": view_of(holdings, asked.desk.parts.tickets, asked.now),
        "unverified": len(holdings.unverified),
        "lead": asked.desk.agent().leads,
        "ticket_id": ticket_id,
    }
    return Shown("customer.html", values)


def _typed(asked: Asked, name: str) -> CustomerKey:
    if not (text := asked.text(name)):
        raise TextError("name both keys")
    return CustomerKey.typed(text)


def _back(asked: Asked) -> str:
    """Return where the lead came from: the page of a ticket's customer, or the form."""
    ticket_id = asked.text("ticket")
    return f"{PLACE}/{ticket_id}" if ticket_id.isalnum() else PLACE


PAGES: dict[str, tuple[str, Page]] = {
    f"GET {PLACE}": ("customers", asked_for),
    f"POST {PLACE}": ("customers-find", find),
    f"POST {PLACE}/join": ("customers-join", join),
    f"POST {PLACE}/separate": ("customers-separate", separate),
    f"GET {PLACE}/{{ticket}}": ("customer", of_ticket),
}
