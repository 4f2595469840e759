"""`helpdesk knowledge reply`: replies of agents that drafts may repeat."""

import click

from agent_cli import output
from agent_cli.commands.knowledge.exchanging import dry_run_option
from agent_cli.commands.knowledge.one_article import yes_option
from agent_cli.verbs import Noun, Terminal

ticket_argument = click.argument("ticket_id", metavar="TICKET")


@click.group("reply", cls=Noun)
def command() -> None:
    """The replies of agents that drafts may repeat: good answers that no article gives.

    They are weaker than articles and documents, and shown as past replies. Drafts repeat no
    sentence with an amount, a date or personal data. A reply ends with its ticket: when that
    expires, or is erased.

    \b
    helpdesk knowledge reply adopt 0123456789abcdef
    helpdesk knowledge reply list
    """


@command.command()
@ticket_argument
@click.option("--message", type=int, help="Its number.  [default: the last reply of an agent]")
@click.option(
    "--harmless", multiple=True, metavar="WORD", help="Looks like a name and is none; repeatable."
)
@dry_run_option
@yes_option
@click.pass_obj
def adopt(
    at: Terminal,
    ticket_id: str,
    message: int | None,
    harmless: tuple[str, ...],
    *,
    dry_run: bool,
    yes: bool,
) -> None:
    """Let drafts repeat an agent's reply. Only leads may do this.

    What its ticket names is masked, and greeting, signature and quotes are left out. Words that may
    name a person are listed and must be named with --harmless, or the reply is refused.

    \b
    helpdesk knowledge reply adopt 0123456789abcdef --dry-run
    helpdesk knowledge reply adopt 0123456789abcdef --message 3 --harmless Lumen
    """
    from agent_cli import render
    from agent_cli.words.documents import AdoptionView

    adopter = at.desk.adopter
    plan = adopter.plan(ticket_id, message, harmless=harmless)
    for each in plan.cut.dropped:
        output.tell(f"left out, because it holds {each.what}: {each.text}")
    if not dry_run:
        at.confirm(f"Let drafts repeat {len(plan.cut.passages)} passages of it?", yes=yes)
        adopter.carry_out(plan)
    view = AdoptionView.of(plan, done=not dry_run)
    output.show(at, view, lambda: render.paragraph(plan.reply.text))
    output.tell(
        f"{'would be' if dry_run else 'is'} repeated as message {plan.reply.message} "
        f"of {ticket_id}, about {plan.reply.title or 'nothing that is known'}"
    )


@command.command("list")
@click.pass_obj
def list_(at: Terminal) -> None:
    """List the replies that drafts may repeat.

    \b
    helpdesk knowledge reply list
    """
    from agent_cli import render
    from agent_cli.words.documents import ReplyView
    from agent_cli.words.times import minute

    now = at.session.clock()
    found = [
        ReplyView.of(each) for each in at.desk.parts.replies.replies() if each.expires_at > now
    ]
    columns: list[render.Column[ReplyView]] = [
        ("ticket", lambda row: row.ticket),
        ("message", lambda row: str(row.message)),
        ("about", lambda row: row.title),
        ("text", lambda row: " ".join(row.text.split())),
        ("by", lambda row: row.by),
        ("until", lambda row: minute(row.expires_at)),
    ]
    output.listed(
        at,
        found,
        lambda: render.table(found, columns, flexible="text"),
        one="reply",
        more="replies",
    )


@command.command()
@ticket_argument
@click.option("--message", type=int, help="Its number.  [default: all of the ticket]")
@yes_option
@click.pass_obj
def drop(at: Terminal, ticket_id: str, message: int | None, *, yes: bool) -> None:
    """Let drafts repeat a reply no more. Only leads may do this. The ticket keeps it.

    \b
    helpdesk knowledge reply drop 0123456789abcdef
    """
    from agent_cli.words.documents import ReplyView

    at.confirm(f"Let drafts repeat no reply of {ticket_id}?", yes=yes)
    going = at.desk.adopter.drop(ticket_id, message)
    output.done(at, [ReplyView.of(each) for each in going], f"dropped {len(going)} of {ticket_id}")
