"""`helpdesk agent`: who works at the desk, in which roles, for which departments."""

import click

from agent_cli import output
from agent_cli.verbs import Noun, Terminal

ROLES = ("agent", "lead", "auditor")

name_argument = click.argument("name")


@click.group("agent", cls=Noun)
def command() -> None:
    """The roster: roles and departments of agents.

    An agent who is not on the roster may do what the agent's IAM policies allow, for every
    department.

    \b
    helpdesk agent list
    helpdesk agent set bea --role agent --department billing
    """


@command.command("list")
@click.pass_obj
def list_(at: Terminal) -> None:
    """List the agents on the roster.

    \b
    helpdesk agent list
    """
    from agent_cli import render
    from agent_cli.words.views import AgentView

    found = [AgentView.of(agent) for agent in at.desk.parts.knowledge.agents()]
    columns: list[render.Column[AgentView]] = [
        ("agent", lambda row: row.name),
        ("roles", lambda row: ", ".join(row.roles)),
        ("departments", lambda row: ", ".join(row.departments) or "all"),
    ]
    output.listed(
        at,
        found,
        lambda: render.table(found, columns, flexible="departments"),
        one="agent",
        more="agents",
    )


@command.command("set")
@name_argument
@click.option(
    "--role",
    "roles",
    type=click.Choice(ROLES),
    multiple=True,
    default=("agent",),
    help="May be repeated.  [default: agent]",
)
@click.option("--department", "departments", multiple=True, help="May be repeated; none means all.")
@click.pass_obj
def set_(at: Terminal, name: str, roles: tuple[str, ...], departments: tuple[str, ...]) -> None:
    """Put an agent on the roster, or change its entry. Only leads may do this.

    NAME is the agent's IAM name, as `helpdesk doctor` shows it. `ticket next` then takes tickets of
    the agent's departments only.

    \b
    helpdesk agent set bea --department billing --department orders
    helpdesk agent set lena --role agent --role lead
    """
    from helpdesk import roster
    from helpdesk.ticket import Agent, Role

    from agent_cli.words.views import AgentView

    if not name.strip():
        raise click.UsageError("the name is blank")
    agent = Agent(name.strip(), frozenset(map(Role, roles)), frozenset(departments))
    roster.enlist(agent, lead=at.session.agent, roster=at.desk.parts.knowledge)
    output.done(at, AgentView.of(agent), f"{agent.name} is on the roster")


@command.command()
@name_argument
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def remove(at: Terminal, name: str, yes: bool) -> None:
    """Take an agent off the roster. Only leads may do this.

    Tickets of the agent stay as they are. To lock a person out, take away the IAM policy.

    \b
    helpdesk agent remove bea
    """
    from helpdesk import roster

    from agent_cli.words.views import AgentView

    at.confirm(f"Take {name} off the roster?", yes=yes)
    struck = roster.strike(name, lead=at.session.agent, roster=at.desk.parts.knowledge)
    output.done(at, AgentView.of(struck), f"{name} is off the roster")
