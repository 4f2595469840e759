"""`helpdesk notify`: where leads are told what must not wait."""

from typing import TYPE_CHECKING

import click

from agent_cli import output
from agent_cli.verbs import Noun, Terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from agent_cli.words.channels import ChannelView

channel_argument = click.argument(
    "channel", type=click.Choice(["webhook", "slack", "telegram", "mail"]), metavar="CHANNEL"
)


@click.group("notify", cls=Noun)
def command() -> None:
    """Where leads are told what must not wait: webhook, Slack, Telegram, mail.

    The stack's parameters say which channels are on and what each hears. A channel whose receiver
    answers that it is gone for good is switched off until a lead switches it on, or until it has
    another address. What could not be posted is a dead letter: `helpdesk deadletter list`.

    \b
    helpdesk notify list
    helpdesk notify test slack
    """


@command.command("list")
@click.pass_obj
def list_(at: Terminal) -> None:
    """List the channels: what each hears, and what became of its notices.

    \b
    helpdesk notify list
    """
    from agent_cli.words.channels import ChannelView

    views = [ChannelView.of(each) for each in at.desk.switchboard.lines()]
    output.listed(at, views, lambda: _channels(views), one="channel", more="channels")


@command.command()
@channel_argument
@click.pass_obj
def test(at: Terminal, channel: str) -> None:
    """Post a sample to a channel, at once. Only leads may do this.

    It says that it is a test, and names no customer.

    \b
    helpdesk notify test webhook
    """
    from helpdesk.notifying import Channel

    from agent_cli.words.channels import ChannelView

    line = at.desk.switchboard.test(Channel(channel))
    output.done(at, ChannelView.of(line), f"{channel} took a sample")


@command.command("on")
@channel_argument
@click.pass_obj
def on_(at: Terminal, channel: str) -> None:
    """Post again to a channel whose receiver said that it is gone. Only leads may do this.

    Doing this twice does no harm. What was not told meanwhile is not told later.

    \b
    helpdesk notify on webhook
    """
    from helpdesk.notifying import Channel

    from agent_cli.words.channels import ChannelView

    line = at.desk.switchboard.switch_on(Channel(channel))
    output.done(at, ChannelView.of(line), f"{channel} is on")


def _channels(views: "Sequence[ChannelView]") -> "Table":
    from agent_cli import render
    from agent_cli.words import times

    columns: list[render.Column[ChannelView]] = [
        ("channel", lambda row: row.channel),
        ("state", lambda row: row.state),
        ("hears", lambda row: row.told),
        ("sent", lambda row: str(row.sent)),
        ("last", lambda row: times.minute(row.sent_at) if row.sent_at else "-"),
        ("failed", lambda row: str(row.failed)),
        ("last fault", lambda row: row.fault or "-"),
    ]
    return render.table(views, columns, flexible="last fault")
