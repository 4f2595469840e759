"""Who works at the desk: the roles and departments of agents, as leads set them. Pure.

The roster limits what an agent may do and says which departments the agent serves. An agent who is
not on it may do what the identity's IAM policies allow. IAM is the real border; the roster only
refuses earlier, with a clear message.
"""

from typing import Protocol

from helpdesk.ports import NotFoundError
from helpdesk.ticket import Agent, NotAllowedError, Role

UNLISTED = frozenset({Role.AGENT, Role.LEAD})
"""The roles of an agent who is not on the roster."""


class Roster(Protocol):
    """Where the agents' roles and departments are kept."""

    def agent(self, name: str) -> Agent | None:
        """Return the agent of this name, or None if the agent is not on the roster."""

    def agents(self) -> tuple[Agent, ...]:
        """Return every agent on the roster, by name."""

    def put_agent(self, agent: Agent) -> None:
        """Store an agent in place of the one of that name."""

    def remove_agent(self, name: str) -> None:
        """Delete the agent of this name, if there is one."""


def at_work(name: str, roster: Roster) -> Agent:
    """Return the agent of this name with the roles and departments that apply."""
    return roster.agent(name) or Agent(name, UNLISTED)


def enlist(agent: Agent, *, lead: Agent, roster: Roster) -> None:
    """Put an agent on the roster, or replace its entry. Raises NotAllowedError."""
    _expect_lead(lead)
    roster.put_agent(agent)


def strike(name: str, *, lead: Agent, roster: Roster) -> Agent:
    """Take an agent off the roster. Raises NotAllowedError or NotFoundError."""
    _expect_lead(lead)
    found = roster.agent(name)
    if found is None:
        raise NotFoundError(f"{name} is not on the roster")
    roster.remove_agent(name)
    return found


def _expect_lead(lead: Agent) -> None:
    if not lead.leads:
        raise NotAllowedError(f"only leads change the roster; {lead.name} is not a lead")
