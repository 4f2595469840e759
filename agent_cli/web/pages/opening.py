"""The form with which an agent opens a ticket for a customer who called or wrote elsewhere."""

from collections.abc import Mapping
from http import HTTPStatus

from helpdesk.agents import Opening
from helpdesk.ticket import Customer

from agent_cli import credentials
from agent_cli.fields import country_of, span_of
from agent_cli.moments import moment
from agent_cli.wanted import WantedError
from agent_cli.web.asking import STATUS, Asked, Led, Page, Shown
from agent_cli.words import faults

FIELDS = ("text", "name", "email", "reference", "country", "channel", "received")
PHONE = "phone"
"""How most questions come that no customer typed."""


def asked_for(asked: Asked) -> Shown:
    """Show the form."""
    return _form({"channel": PHONE}, works=asked.desk.agent().works)


def _form(
    written: Mapping[str, str], *, works: bool, fault: str = "", status: int = HTTPStatus.OK
) -> Shown:
    fields = {name: written.get(name, "") for name in FIELDS}
    return Shown("ticket_new.html", {"written": fields, "fault": fault, "works": works}, status)


def opened(asked: Asked) -> Led | Shown:
    """Open the ticket. If a field is wrong, the form says so and has all that was written."""
    try:
        made, token = asked.desk.workplace().open(_opening(asked), asked.desk.kept)
    except Exception as error:
        fault = faults.explained(error, asked.console.where)
        if fault is None or credentials.over(error):
            raise
        written = {name: asked.text(name) for name in FIELDS}
        works = asked.desk.agent().works
        return _form(written, works=works, fault=fault.text, status=STATUS[fault.code])
    said = f"opened {made.id}; its customer's token is {token}"
    return Led(f"/tickets/{made.id}", said)


def _opening(asked: Asked) -> Opening:
    """Return what the form describes. Raises MomentError or WantedError."""
    country, received = asked.text("country"), asked.text("received")
    try:
        code = country_of(country) if country else None
    except ValueError as error:
        raise WantedError(str(error)) from error
    return Opening(
        text=asked.text("text"),
        customer=Customer(
            name=asked.text("name") or None,
            email=asked.text("email") or None,
            reference=asked.text("reference") or None,
            country=code,
        ),
        channel=asked.text("channel") or PHONE,
        received=moment(received, asked.now, span=span_of) if received else asked.now,
    )


PAGES: dict[str, tuple[str, Page]] = {
    "GET /tickets/new": ("new", asked_for),
    "POST /tickets/new": ("open", opened),
}
