"""The outbox over the tickets table. A ticket's mails are items of its own partition:

    TICKET#<id>  DISPATCH#<number>   the mail that carries this message, written with its move
    TICKET#<id>  CORRESPONDENCE      what is kept of the mails that came
    THREAD#<digest>  THREAD          the ticket of a mail that left, by the id it has out there

So they are erased with the ticket. How a mail waits is told in `dispatches`. How many automatic
mails an address got today is kept like other rates, under a digest (`RATE#<digest>`); so is an
address that complained (`SUPPRESSED#<digest>`).
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from helpdesk import limits, outbox
from helpdesk.aws import items, letters
from helpdesk.aws.dispatches import Dispatches
from helpdesk.aws.items import Item
from helpdesk.aws.shapes import Shape
from helpdesk.aws.tables import Table
from helpdesk.outbox import Correspondence, Outbound, Overdue
from helpdesk.ports import Letter
from helpdesk.ticket import Change, Ticket

AWAITING = "mail"

_MAIL = Shape[Outbound](Outbound)
_KNOWN = Shape[Correspondence](Correspondence)
_ENDS = ("sent_at", "sent_as", "silent", "failed", "ended_at")


def kept(known: Correspondence, *, expires_at: datetime) -> Item:
    """Return the update that keeps what a mail says, for a call or within a transaction.

    The count of automatic answers stays as it is.
    """
    written = _KNOWN.write(known, none=True).items()
    stored = {name: value for name, value in written if name != "answered"}
    stored |= {"expires_at": int(expires_at.timestamp()), "schema": items.SCHEMA}
    sets = ", ".join(f"#{name} = :{name}" for name in stored)
    return {
        "Key": _known_key(known.ticket_id),
        "UpdateExpression": f"SET {sets}, answered = if_not_exists(answered, :none)",
        "ExpressionAttributeNames": {f"#{name}": name for name in stored},
        "ExpressionAttributeValues": {
            ":none": 0,
            **{f":{name}": value for name, value in stored.items()},
        },
    }


def thread_of(mail: Item) -> Item | None:
    """Return the key under which answers to a mail find its ticket, if it has left."""
    return letters.thread_key(mail["sent_as"]) if "sent_as" in mail else None


class DynamoOutbox:
    """Mails in the DynamoDB table `table`; `patience` is how long the queue may take."""

    def __init__(self, table: Table, *, patience: timedelta) -> None:
        self._table = table
        self._patience = patience
        self._dispatches = Dispatches(table, AWAITING, patience=patience)

    def leaving(
        self, change: Change, letter: Letter | None = None
    ) -> tuple[list[Outbound], list[Item]]:
        """Return the mails of a change, and what must be written with it.

        A `letter` that came with it is what they answer. Otherwise what is kept of the ticket's
        mails is read, if there may be any: also of those that were merged into it. Who gave an
        address on a page is written to there before any mail of theirs came.
        """
        after, speaks = change.after, outbox.speaks(change)
        fresh = outbox.heard(letter, after) if letter else None
        known = fresh
        if fresh and speaks:
            known = self._told(fresh)
        elif speaks and outbox.may_correspond(after):
            known = self.correspondence(after.id)
            if known is None:
                known = fresh = self._first_of(after)
        mails = list(outbox.outbound(change, known))
        writes: list[Item] = [{"Put": {"Item": self._mail_item(each)}} for each in mails]
        if fresh and letter:
            writes.append({"Update": kept(fresh, expires_at=after.expires_at)})
        elif fresh:
            writes.append({"Put": _first(fresh, expires_at=after.expires_at)})
        return mails, writes

    def _mail_item(self, mail: Outbound) -> Item:
        """Return the item of a mail that is stored with its move."""
        return self._dispatches.fresh(
            {**_MAIL.write(mail), **_key(mail.ticket_id, mail.number)},
            mail.ticket_id,
            at=mail.created_at + self._patience,
            expires_at=mail.expires_at,
        )

    def _first_of(self, root: Ticket) -> Correspondence | None:
        """Return what a first mail goes by: the page, or what is kept of a merged ticket."""
        if beside := outbox.beside_a_page(root):
            return self._told(beside)
        found = filter(None, map(self.correspondence, sorted(root.merged)))
        known = next(found, None)
        return replace(known, ticket_id=root.id, answered=0) if known else None

    def mail(self, ticket_id: str, number: int) -> Outbound | None:
        """Return a mail; None if its ticket was erased."""
        item = self._item(**_key(ticket_id, number))
        return _MAIL.read(item) if item else None

    def correspondence(self, ticket_id: str) -> Correspondence | None:
        """Return what is kept of a ticket's mails."""
        item = self._item(**_known_key(ticket_id))
        if item is None:
            return None
        return self._told(_KNOWN.read(item))

    def _told(self, known: Correspondence) -> Correspondence:
        """Return what is kept, with whether its customer complained."""
        gone = self._item(**_suppressed_key(known.customer.address)) is not None
        return replace(known, suppressed=known.suppressed or gone)

    def correspond(self, known: Correspondence, *, expires_at: datetime) -> None:
        """Keep what a mail that came says; the count of automatic answers stays as it is."""
        self._table.update_item(**kept(known, expires_at=expires_at))

    def begin(self, mail: Outbound, now: datetime) -> Outbound:
        """Count an attempt, and keep others off for its time. A failed mail waits again.

        Raises ConflictError if another courier has the mail or has ended it.
        """
        self._dispatches.begin(_key(mail.ticket_id, mail.number), mail.ticket_id, now)
        return replace(mail, attempts=mail.attempts + 1, failed=None)

    def take_place(self, mail: Outbound, known: Correspondence | None, now: datetime) -> str | None:
        """Count an automatic mail, once for all its attempts; return why it must not leave.

        Mail, ticket and sender are counted in one step, each on the condition that it is as it was
        read. Raises ConflictError if another mail was counted meanwhile.
        """
        stored = self.mail(mail.ticket_id, mail.number)
        if stored is None or stored.counted:
            return None
        day = now.astimezone(UTC).date().isoformat()
        key = _rate_key(mail.recipient or "")
        found = self._item(**key) or {}
        today = int(found["mails"]) if found.get("mailed_on") == day else 0
        why = outbox.why_silent(
            mail.recipient,
            known,
            on_ticket=known.answered if known else 0,
            to_sender_today=today,
        )
        if why or known is None:
            return why
        as_read = "mailed_on = :day AND mails = :before" if today else "mailed_on <> :day"
        values = {":day": day} | ({":before": today} if today else {})
        counted = {
            **key,
            "mailed_on": day,
            "mails": today + 1,
            "expires_at": int((now + timedelta(days=2)).timestamp()),
        }
        self._table.write_together(
            [
                {
                    "Update": {
                        "Key": _key(mail.ticket_id, mail.number),
                        "UpdateExpression": "SET counted = :yes",
                        "ConditionExpression": "counted = :no",
                        "ExpressionAttributeValues": {":yes": True, ":no": False},
                    }
                },
                {
                    "Update": {
                        "Key": _known_key(mail.ticket_id),
                        "UpdateExpression": "SET answered = :after",
                        "ConditionExpression": "answered = :before",
                        "ExpressionAttributeValues": {
                            ":after": known.answered + 1,
                            ":before": known.answered,
                        },
                    }
                },
                {
                    "Put": {
                        "Item": counted,
                        "ConditionExpression": as_read
                        if today
                        else f"attribute_not_exists(pk) OR {as_read}",
                        "ExpressionAttributeValues": values,
                    }
                },
            ],
            lost=f"another mail was counted before {mail.id}",
        )
        return None

    def end(self, mail: Outbound) -> None:
        """Store how a mail ended, and by which id answers to it will name it.

        Raises ConflictError if it ended before, or is gone.
        """
        written = _MAIL.write(mail)
        told = {name: written[name] for name in _ENDS if written.get(name) is not None}
        mark = self._dispatches.mark(_key(mail.ticket_id, mail.number), told)
        writes: list[Item] = [{"Update": mark}]
        if mail.sent_as:
            expires_at = int(mail.expires_at.timestamp())
            thread = {**letters.thread_key(mail.sent_as), "ticket_id": mail.ticket_id}
            writes.append({"Put": {"Item": {**thread, "expires_at": expires_at}}})
        self._table.write_together(writes, lost=f"mail {mail.id} moved on")

    def suppress(self, address: str, now: datetime) -> None:
        """Let no further mail go to an address."""
        self._table.put_item(Item={**_suppressed_key(address), "at": items.moment(now)})

    def overdue(self, now: datetime) -> Iterator[Overdue]:
        """Yield the mails that should have been sent by now, the oldest first."""
        for item in self._dispatches.overdue(now):
            due = datetime.fromisoformat(item["due"])
            yield Overdue(_MAIL.read(item), due, int(item["nudges"]))

    def oldest(self) -> datetime | None:
        """Return since when the first mail waits to leave; may be moments old."""
        waits = (_MAIL.read(item).created_at for item in self._dispatches.waiting())
        return min(waits, default=None)

    def nudge(self, overdue: Overdue, now: datetime) -> None:
        """Count a nudge and put off the next one. Raises ConflictError if the mail moved on."""
        mail = overdue.mail
        self._dispatches.nudge(_key(mail.ticket_id, mail.number), overdue.nudges, now)

    def _item(self, pk: str, sk: str) -> Item | None:
        return self._table.get_item(Key={"pk": pk, "sk": sk}, ConsistentRead=True)


def _key(ticket_id: str, number: int) -> dict[str, Any]:
    """Return the key of a mail; it sorts before events and messages, which are read as ranges."""
    return {"pk": items.pk(ticket_id), "sk": f"DISPATCH#{number:06}"}


def _first(known: Correspondence, *, expires_at: datetime) -> Item:
    """Return the put that keeps what a mail says, of a ticket of which nothing is kept yet."""
    stored = {"expires_at": int(expires_at.timestamp()), "schema": items.SCHEMA}
    return {
        "Item": {**_KNOWN.write(known), **stored, **_known_key(known.ticket_id)},
        "ConditionExpression": "attribute_not_exists(pk)",
    }


def _known_key(ticket_id: str) -> dict[str, Any]:
    return {"pk": items.pk(ticket_id), "sk": "CORRESPONDENCE"}


def _rate_key(address: str) -> dict[str, Any]:
    return {"pk": f"RATE#{limits.bucket_id(*limits.mailed(address))}", "sk": "RATE"}


def _suppressed_key(address: str) -> dict[str, Any]:
    return {"pk": f"SUPPRESSED#{limits.bucket_id('suppressed', address)}", "sk": "SUPPRESSED"}
