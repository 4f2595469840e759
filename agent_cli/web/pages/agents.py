"""The roster: who works at the desk, in which roles, for which departments."""

from helpdesk import roster
from helpdesk.ticket import Agent, Role, TextError

from agent_cli.web.asking import Asked, Led, Page, Shown
from agent_cli.words.views import AgentView

PLACE = "/operations/roster"


def listed(asked: Asked) -> Shown:
    """Show the agents on the roster."""
    views = [AgentView.of(each) for each in asked.desk.parts.knowledge.agents()]
    values = {"agents": views, "roles": list(Role), "lead": asked.desk.agent().leads}
    return Shown("roster.html", values)


def enlist(asked: Asked) -> Led:
    """Put an agent on the roster, or change the entry of one who is."""
    name = asked.text("name")
    if not name:
        raise TextError("the name is blank; write the agent's IAM name")
    roles = frozenset(Role(each) for each in asked.all("role") if each in set(Role))
    if not roles:
        raise TextError("choose a role for the agent at least")
    departments = asked.text("departments").replace(",", "\n").splitlines()
    named = frozenset(each.strip() for each in departments if each.strip())
    agent = Agent(name, roles, named)
    roster.enlist(agent, lead=asked.desk.agent(), roster=asked.desk.parts.knowledge)
    return Led(PLACE, f"{agent.name} is on the roster")


def strike(asked: Asked) -> Shown | Led:
    """Take an agent off the roster, after the lead has agreed to it."""
    name = asked.text("name")
    if asked.text("agreed") != "yes":
        return Shown("roster_strike.html", {"name": name})
    lead = asked.desk.agent()
    struck = roster.strike(name, lead=lead, roster=asked.desk.parts.knowledge)
    return Led(PLACE, f"{struck.name} is off the roster")


PAGES: dict[str, tuple[str, Page]] = {
    f"GET {PLACE}": ("roster", listed),
    f"POST {PLACE}": ("roster-set", enlist),
    f"POST {PLACE}/remove": ("roster-remove", strike),
}
