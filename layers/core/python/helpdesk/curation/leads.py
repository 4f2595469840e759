"""Who may change the knowledge."""

from helpdesk.ticket import Agent, NotAllowedError


def check_lead(agent: Agent) -> None:
    """Raise NotAllowedError for an agent who is not a lead."""
    if not agent.leads:
        raise NotAllowedError(f"only leads change the knowledge; {agent.name} is not a lead")
