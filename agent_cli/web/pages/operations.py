"""How the desk's parts fare: health, queues, what engines took, channels, mails, files."""

from collections.abc import Callable
from dataclasses import dataclass

from helpdesk.notifying import Channel
from helpdesk.ports import NotFoundError

from agent_cli import credentials, health
from agent_cli.web.asking import Asked, Led, Page, Shown
from agent_cli.words import channels, faults, files, mails
from agent_cli.words.channels import ChannelView
from agent_cli.words.spending import SpentView, dollars

DAYS = 7
"""The days of which figures are shown."""


@dataclass(frozen=True, slots=True)
class Part[T]:
    """A part of the page: what it shows, or why that cannot be read."""

    shown: T | None
    fault: str = ""


def overview(asked: Asked) -> Shown:
    """Show how each part fares. A part that cannot be read does not hide the others."""
    desk, most = asked.desk, asked.desk.dollars_a_day
    values = {
        "lead": desk.agent().leads,
        "days": DAYS,
        "dollars": dollars,
        "health": _part(asked, lambda: health.of_stack(lambda: desk, asked.console.where)),
        "queues": _part(asked, desk.fares),
        "spent": _part(asked, lambda: [SpentView.of(each, most) for each in desk.spent(DAYS)]),
        "channels": _part(asked, lambda: [ChannelView.of(e) for e in desk.switchboard.lines()]),
        "figures": _part(asked, lambda: desk.figures(DAYS)),
        "mails_counted": mails.counted,
        "files_counted": files.counted,
        "notices_counted": channels.counted,
    }
    return Shown("operations.html", values)


def post_sample(asked: Asked) -> Led:
    """Have a sample posted to a channel."""
    line = asked.desk.switchboard.test(_channel(asked))
    return Led("/operations#channels", f"{line.channel} took a sample")


def switch_on(asked: Asked) -> Led:
    """Post to a channel again whose receiver said that it is gone."""
    line = asked.desk.switchboard.switch_on(_channel(asked))
    return Led("/operations#channels", f"{line.channel} is on")


def _channel(asked: Asked) -> Channel:
    name = asked.path("channel")
    if name not in set(Channel):
        raise NotFoundError(f"there is no channel {name}")
    return Channel(name)


def _part[T](asked: Asked, read: Callable[[], T]) -> Part[T]:
    """Return what a part shows. What is wrong with it alone stands in its place."""
    try:
        return Part(read())
    except Exception as error:
        fault = faults.explained(error, asked.console.where)
        if fault is None or credentials.over(error):
            raise
        return Part(None, fault.text)


PAGES: dict[str, tuple[str, Page]] = {
    "GET /operations": ("operations", overview),
    "POST /operations/channels/{channel}/test": ("channel-test", post_sample),
    "POST /operations/channels/{channel}/on": ("channel-on", switch_on),
}
