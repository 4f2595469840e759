"""What is said of the channels by which leads are told."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Self

from helpdesk.figures import Notifications
from helpdesk.notifying import Line, Name

type State = Literal["on", "off", "gone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelView:
    """A channel: `gone` is one whose receiver said so. `sent` and `failed` count its notices."""

    channel: str
    state: State
    hears: tuple[str, ...]
    sent: int
    sent_at: datetime | None
    failed: int
    failed_at: datetime | None
    fault: str | None
    gone_at: datetime | None

    @property
    def told(self) -> str:
        """What the channel hears, in few words."""
        return "everything" if len(self.hears) == len(Name) else ", ".join(self.hears) or "-"

    @classmethod
    def of(cls, line: Line) -> Self:
        """Return the view of a channel; its rules are in the order in which they are told."""
        record, hears = line.record, line.hears
        gone = record.off_at is not None
        state: State = "off" if hears is None else "gone" if gone else "on"
        return cls(
            channel=line.channel.value,
            state=state,
            hears=tuple(each.value for each in Name if each in (hears or ())),
            sent=record.sent,
            sent_at=record.sent_at,
            failed=record.failed,
            failed_at=record.failed_at,
            fault=record.fault,
            gone_at=record.off_at,
        )


def counted(notifications: Notifications) -> str:
    """Return how many notices channels took, in few words."""
    return f"{notifications.sent} sent, {notifications.failed} failed"
