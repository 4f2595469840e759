"""Many customers, the same matter within hours: who they are, and one reply of a lead to all."""

from helpdesk.incidents import Incident, holding, reply_to_all

from agent_cli.moments import HOURS, MOST_HOURS
from agent_cli.web.asking import Asked, Led, Page, Shown
from agent_cli.words.incidents import (
    IncidentsView,
    IncidentTicketsView,
    RepliedView,
    summed_up,
)

PLACE = "/incidents"


def listed(asked: Asked) -> Shown:
    """Show what may be incidents of the last hours."""
    hours = _hours(asked.query("hours"))
    view = IncidentsView.of(asked.desk.incidents(hours), hours)
    return Shown("incidents.html", {"view": view, "most": MOST_HOURS})


def one(asked: Asked) -> Shown:
    """Show an incident with its tickets, the oldest first."""
    hours = _hours(asked.query("hours"))
    incident = _held(asked, hours)
    values = {
        "view": IncidentTicketsView.of(incident, asked.now),
        "hours": hours,
        "lead": asked.desk.agent().leads,
        "text": "",
    }
    return Shown("incident.html", values)


def reply(asked: Asked) -> Shown | Led:
    """Show which tickets would get the reply; when the lead agrees, send it.

    If the incident has other tickets by then, the lead is asked again.
    """
    hours, text = _hours(asked.text("hours")), asked.text("text")
    incident, here = _held(asked, hours), asked.desk.workplace()
    ids = " ".join(each.id for each in incident.voices)
    if asked.text("agreed") != ids:
        steps = reply_to_all(incident, text, here, dry_run=True)
        values = {
            "view": IncidentTicketsView.of(incident, asked.now),
            "steps": [RepliedView.of(each) for each in steps],
            "ids": ids,
            "text": text,
            "hours": hours,
            "changed": bool(asked.text("agreed")),
        }
        return Shown("incident_reply.html", values)
    done = [RepliedView.of(each) for each in reply_to_all(incident, text, here)]
    left = "".join(f"; {each.id}: {each.told}" for each in done if each.why)
    return Led(f"{PLACE}/{incident.id}?hours={hours}", f"{summed_up(done)}{left}")


def _hours(said: str) -> int:
    """Return the hours that are looked at; the usual ones for what is no such number."""
    asked = int(said) if said.isdecimal() and len(said) < 4 else HOURS
    return min(max(asked, 1), MOST_HOURS)


def _held(asked: Asked, hours: int) -> Incident:
    return holding(asked.path("ticket"), asked.desk.incidents(hours).incidents)


PAGES: dict[str, tuple[str, Page]] = {
    f"GET {PLACE}": ("incidents", listed),
    f"GET {PLACE}/{{ticket}}": ("incident", one),
    f"POST {PLACE}/{{ticket}}": ("incident-reply", reply),
}
