"""Mail in the tickets table: which objects were taken, whose threads they are, what is held.

    MAIL#<digest>         MAIL               the mail in this object was taken, into which ticket
    THREAD#<digest>       THREAD             the ticket of the mail with this message id
    TICKET#<id>           LETTER#<digest>    what is kept of a mail beside its ticket
    QUARANTINE#<day>      <moment>#<digest>  a mail that was held that day

The first three are written in the transaction of the ticket's change. That an object was taken is
remembered when the ticket is erased: the queue may still bring the mail, which must stay forgotten.
"""

from collections.abc import Collection, Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

from helpdesk.aws.conditions import Key
from helpdesk.aws.items import moment, pk
from helpdesk.aws.tables import Item, Table
from helpdesk.mail import ThreadEntry
from helpdesk.ports import Letter
from helpdesk.receiving import Held, Original
from helpdesk.ticket import Ticket

_KEPT = frozenset("key sender subject standing number message_id indexed automatic files".split())
"""What is kept of a letter; how it is answered is kept once for the ticket (see `outbox`)."""

BATCH = 100
"""Items that DynamoDB reads at once."""


def writes(letter: Letter, after: Ticket) -> list[Item]:
    """Return what stores a letter with its ticket, on the condition that it was not taken.

    A mail that leaves the quarantine was taken into it; the condition is that it is still there.
    """
    expires_at = int(after.expires_at.timestamp())
    said = asdict(letter).items()
    kept = {name: value for name, value in said if name in _KEPT and value is not None}
    beside = {"pk": pk(after.id), "sk": f"LETTER#{_digest(letter.key)}", "expires_at": expires_at}
    held_at = letter.held_at
    mark = _mark(letter.key, expires_at, again=held_at)
    mark["Item"]["ticket_id"] = after.id
    found: list[Item] = [{"Put": mark}]
    if held_at:
        found.append(_leave(letter.key, held_at))
    found.append({"Put": {"Item": {**kept, **beside}}})
    if letter.indexed and letter.message_id:
        thread = {**thread_key(letter.message_id), "ticket_id": after.id, "expires_at": expires_at}
        found.append({"Put": {"Item": thread}})
    return found


def thread_of(letter: Item) -> Item | None:
    """Return the key under which the mail of a letter's item is found, if it is indexed."""
    return thread_key(letter["message_id"]) if letter.get("indexed") else None


class DynamoMailbox:
    """What became of mails, and which tickets they belong to, in the tickets table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def find(self, message_ids: Collection[str]) -> dict[str, ThreadEntry]:
        """Return what is kept under message ids; at most 100 are looked up."""
        by_pk = {thread_key(each)["pk"]: each for each in list(message_ids)[:BATCH]}
        wanted = [{"pk": each, "sk": "THREAD"} for each in by_pk]
        items = self._table.get_all(wanted, latest=True)
        return {by_pk[item["pk"]]: ThreadEntry(item["ticket_id"]) for item in items}

    def originals(self, ticket_id: str) -> Iterator[Original]:
        """Yield the mails of a ticket."""
        of_ticket = Key("pk").eq(pk(ticket_id)) & Key("sk").begins_with("LETTER#")
        for item in self._table.query(KeyConditionExpression=of_ticket):
            number = item.get("number")
            yield Original(
                key=item["key"],
                message=int(number) if number is not None else None,
                sender=item.get("sender"),
                subject=item["subject"],
            )

    def taken(self, key: str) -> bool:
        """Tell whether the mail in an object was taken."""
        marked = _taken_key(key)
        return self._table.get_item(Key=marked, ConsistentRead=True) is not None

    def placed(self, key: str) -> str | None:
        """Return the ticket that the mail in an object was taken into, if it was."""
        marked = _taken_key(key)
        found = self._table.get_item(Key=marked, ConsistentRead=True)
        return found.get("ticket_id") if found else None

    def hold(self, held: Held) -> None:
        """Put a mail into quarantine. Raises ConflictError if it was taken before."""
        expires_at = int(held.expires_at.timestamp())
        item = {
            **_place(held.key, held.at),
            "key": held.key,
            "at": held.at.isoformat(),
            "sender": held.sender,
            "subject": held.subject,
            "expires_at": expires_at,
        }
        mark = _mark(held.key, expires_at)
        mark["Item"]["at"] = item["at"]
        both = [{"Put": mark}, {"Put": {"Item": item}}]
        self._table.write_together(both, lost="the mail was taken before")

    def held_as(self, key: str) -> Held | None:
        """Return a mail that is in quarantine."""
        marked = _taken_key(key)
        mark = self._table.get_item(Key=marked, ConsistentRead=True)
        if mark is None or "at" not in mark:
            return None
        place = _place(key, datetime.fromisoformat(mark["at"]))
        item = self._table.get_item(Key=place, ConsistentRead=True)
        return _held(item) if item else None

    def forget(self, held: Held) -> None:
        """Take a mail out of the quarantine, for good."""
        self._table.delete_item(Key=_place(held.key, held.at))

    def held(self, day: date) -> Iterator[Held]:
        """Yield the mails that came into quarantine on a day (UTC), newest first."""
        for item in self._table.query(
            KeyConditionExpression=Key("pk").eq(_day(day)), ScanIndexForward=False
        ):
            yield _held(item)


def _held(item: Item) -> Held:
    return Held(
        key=item["key"],
        at=datetime.fromisoformat(item["at"]),
        expires_at=datetime.fromtimestamp(int(item["expires_at"]), UTC),
        sender=item["sender"],
        subject=item["subject"],
    )


def _place(key: str, at: datetime) -> Item:
    """Return the key of a mail in quarantine."""
    return {"pk": _day(at.astimezone(UTC).date()), "sk": f"{moment(at)}#{_digest(key)}"}


def _leave(key_of: str, held_at: datetime) -> Item:
    key = _place(key_of, held_at)
    return {"Delete": {"Key": key, "ConditionExpression": "attribute_exists(pk)"}}


def _mark(key: str, expires_at: int, *, again: datetime | None = None) -> dict[str, Any]:
    """Return what marks an object as taken: for the first time, or `again` out of quarantine."""
    item: Item = {**_taken_key(key), "expires_at": expires_at}
    if again:
        item["at"] = again.isoformat()
        return {"Item": item}
    return {"Item": item, "ConditionExpression": "attribute_not_exists(pk)"}


def thread_key(message_id: str) -> Item:
    """Return the key under which an answer to a mail, that came or left, finds its ticket."""
    return {"pk": f"THREAD#{_digest(message_id)}", "sk": "THREAD"}


def _taken_key(key: str) -> Item:
    """Return the key of what says that the mail in an object was taken."""
    return {"pk": f"MAIL#{_digest(key)}", "sk": "MAIL"}


def _day(day: date) -> str:
    return f"QUARANTINE#{day}"


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
