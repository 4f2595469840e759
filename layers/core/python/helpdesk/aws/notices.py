"""The notices to leads over the tickets table. A ticket's notices are items of its own partition:

    TICKET#<id>     DISPATCH#<channel>#<event>[#later]  what a channel is to hear of this event
    CHANNEL#<name>  CHANNEL                             what became of a channel's notices

So they are erased with the ticket. The record of a channel has nothing of a ticket, nor have the
counts of a day (see `figures`).
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from helpdesk import notifying
from helpdesk.aws import items
from helpdesk.aws.dispatches import Dispatches
from helpdesk.aws.figures import adding
from helpdesk.aws.items import Item
from helpdesk.aws.shapes import Shape
from helpdesk.aws.tables import Table
from helpdesk.figures import FAILED, Kind
from helpdesk.notifying import Audience, Channel, Notice, Overdue, Record
from helpdesk.ticket import Change

AWAITING = "notice"

_NOTICE = Shape[Notice](Notice)
_RECORD = Shape[Record](Record)
_ENDS = ("sent_at", "silent", "failed", "ended_at")


class DynamoNotices:
    """Notices in the DynamoDB table `table`; `heard_by` says which channels hear of what.

    `patience` is how long the queue may take.
    """

    def __init__(
        self, table: Table, *, patience: timedelta, heard_by: Audience = notifying.SILENCE
    ) -> None:
        self._table = table
        self._patience = patience
        self._heard_by = heard_by
        self._dispatches = Dispatches(table, AWAITING, patience=patience)

    def leaving(self, change: Change) -> tuple[list[Notice], list[Item]]:
        """Return the notices that a change brings, and what must be written with it."""
        found = list(notifying.notices(change, self._heard_by))
        return found, [{"Put": {"Item": self._fresh(each)}} for each in found]

    def _fresh(self, notice: Notice) -> Item:
        return self._dispatches.fresh(
            {**_NOTICE.write(notice), **_key(notice)},
            notice.ticket_id,
            at=notice.due_at or notice.created_at + self._patience,
            expires_at=notice.expires_at,
        )

    def notice(self, notice_id: str) -> Notice | None:
        """Return a notice; None if its ticket was erased. Raises ValueError for no id of one."""
        name = notifying.named(notice_id)
        if name is None:
            raise ValueError("this is not the id of a notice")
        item = self._table.get_item(Key=_key_of(*name), ConsistentRead=True)
        return _NOTICE.read(item) if item else None

    def begin(self, notice: Notice, now: datetime) -> Notice:
        """Count an attempt, and keep others off for its time. A failed notice waits again.

        Raises ConflictError if another courier has the notice or has ended it.
        """
        self._dispatches.begin(_key(notice), notice.ticket_id, now)
        return replace(notice, attempts=notice.attempts + 1, failed=None)

    def put_off(self, notice: Notice, until: datetime) -> None:
        """Let a notice wait for its next attempt. Raises ConflictError if it ended, or is gone."""
        self._dispatches.put_off(_key(notice), until)

    def end(self, notice: Notice) -> None:
        """Store how a notice ended, and count it. Raises ConflictError if it ended, or is gone."""
        written = _NOTICE.write(notice)
        told = {name: written[name] for name in _ENDS if written.get(name) is not None}
        writes: list[Item] = [{"Update": self._dispatches.mark(_key(notice), told)}]
        if notice.sent_at:
            writes.append({"Update": _counted(notice.channel, "sent", notice.sent_at)})
            writes.append({"Update": adding(Kind.NOTICES, "sent", notice.sent_at)})
        self._table.write_together(writes, lost=f"notice {notice.id} moved on")

    def fail(self, notice: Notice, now: datetime) -> None:
        """Store that a notice failed, and count it. Raises ConflictError if it ended, or is gone.

        Its dead letter can still be sent again.
        """
        fault = notice.failed or ""
        mark = self._dispatches.mark(_key(notice), {"failed": fault})
        counted = _counted(notice.channel, "failed", now, fault=fault)
        of_day = adding(Kind.NOTICES, FAILED, now)
        writes: list[Item] = [{"Update": each} for each in (mark, counted, of_day)]
        self._table.write_together(writes, lost=f"notice {notice.id} moved on")

    def record(self, channel: Channel) -> Record:
        """Return a channel's record; an empty one if nothing was ever sent."""
        item = self._table.get_item(Key=_record_key(channel), ConsistentRead=True)
        return _RECORD.read({**(item or {}), "channel": channel.value})

    def switch_off(self, channel: Channel, place: str, now: datetime) -> None:
        """Remember that the receiver of a channel is gone."""
        self._table.update_item(
            Key=_record_key(channel),
            UpdateExpression="SET off_at = :at, place = :place",
            ExpressionAttributeValues={":at": items.moment(now), ":place": place},
        )

    def switch_on(self, channel: Channel) -> None:
        """Forget that a channel's receiver is gone."""
        self._table.update_item(Key=_record_key(channel), UpdateExpression="REMOVE off_at, place")

    def overdue(self, now: datetime) -> Iterator[Overdue]:
        """Yield the notices that should have left by now, the oldest first."""
        for item in self._dispatches.overdue(now):
            due = datetime.fromisoformat(item["due"])
            yield Overdue(_NOTICE.read(item), due, int(item["nudges"]))

    def oldest(self) -> datetime | None:
        """Return since when the first notice should be told, or when it is to be; may be old."""
        found = (_NOTICE.read(item) for item in self._dispatches.waiting())
        return min((each.due_at or each.created_at for each in found), default=None)

    def nudge(self, overdue: Overdue, now: datetime) -> None:
        """Count a nudge and put off the next one. Raises ConflictError if the notice moved on."""
        self._dispatches.nudge(_key(overdue.notice), overdue.nudges, now)


def _key(notice: Notice) -> Item:
    return _key_of(notice.ticket_id, notice.number, notice.channel, notice.due_at is not None)


def _key_of(ticket_id: str, number: int, channel: Channel, later: bool) -> Item:
    """Return the key of a notice; it sorts before events and messages, which are read as ranges."""
    sk = f"DISPATCH#{channel}#{number:06}{'#later' if later else ''}"
    return {"pk": items.pk(ticket_id), "sk": sk}


def _record_key(channel: Channel) -> Item:
    return {"pk": f"CHANNEL#{channel}", "sk": "CHANNEL"}


def _counted(channel: Channel, what: str, at: datetime, **told: str) -> Item:
    sets = {f"{what}_at": items.moment(at), **told}
    return {
        "Key": _record_key(channel),
        "UpdateExpression": f"SET {', '.join(f'{name} = :{name}' for name in sets)} ADD #what :one",
        "ExpressionAttributeNames": {"#what": what},
        "ExpressionAttributeValues": {":one": 1, **{f":{k}": v for k, v in sets.items()}},
    }
