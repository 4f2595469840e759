"""The channels as people see them: which are on, and what a lead tries out or switches on. Pure."""

from collections.abc import Callable
from dataclasses import dataclass

from helpdesk.notifying.notices import Channel
from helpdesk.notifying.ports import Record, Records
from helpdesk.notifying.rules import Audience, Name
from helpdesk.ports import NotFoundError
from helpdesk.ticket import Agent, NotAllowedError


class TrialError(Exception):
    """A channel did not take what was posted to try it out; the message says why."""


@dataclass(frozen=True, slots=True)
class Line:
    """A channel: which rules it hears if it is on, and what became of its notices."""

    channel: Channel
    hears: frozenset[Name] | None
    record: Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Switchboard:
    """An agent who looks at the channels; only leads may try them out and switch them on.

    `try_out` has the courier post a sample and returns why it was not taken, if it was not.
    """

    agent: Agent
    heard_by: Audience
    records: Records
    try_out: Callable[[Channel], str | None]

    def lines(self) -> tuple[Line, ...]:
        """Return every channel."""
        hears = self.heard_by.hears
        return tuple(Line(each, hears.get(each), self.records.record(each)) for each in Channel)

    def test(self, channel: Channel) -> Line:
        """Post a sample to a channel. Raises NotAllowedError, NotFoundError or TrialError."""
        self._expect_lead("try channels out")
        line = self._on(channel)
        if fault := self.try_out(channel):
            raise TrialError(f"{channel} did not take it: {fault}")
        return line

    def switch_on(self, channel: Channel) -> Line:
        """Post again to a channel whose receiver said that it is gone. Twice is as once.

        Raises NotAllowedError, or NotFoundError for one that has no address.
        """
        self._expect_lead("switch channels on")
        self._on(channel)
        self.records.switch_on(channel)
        return self._on(channel)

    def _on(self, channel: Channel) -> Line:
        hears = self.heard_by.hears.get(channel)
        if hears is None:
            raise NotFoundError(f"{channel} is off: the stack has no address for it")
        return Line(channel, hears, self.records.record(channel))

    def _expect_lead(self, what: str) -> None:
        if not self.agent.leads:
            raise NotAllowedError(f"only leads {what}; {self.agent.name} is not a lead")
