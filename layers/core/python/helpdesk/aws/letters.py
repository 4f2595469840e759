"""Mail in the tickets table: which objects were taken, whose threads they are, what is held.

    MAIL#<digest>         MAIL               the mail in this object was taken; it names no person
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

from helpdesk.aws.conditions import Key
from helpdesk.aws.items import moment, pk
from helpdesk.aws.tables import Item, Table
from helpdesk.mail import ThreadEntry
from helpdesk.ports import Letter
from helpdesk.receiving import Held
from helpdesk.ticket import Ticket

BATCH = 100
"""Items that DynamoDB reads at once."""


def puts(letter: Letter, after: Ticket) -> list[Item]:
    """Return what stores a letter with its ticket, on the condition that it was not taken."""
    expires_at = int(after.expires_at.timestamp())
    kept = {name: value for name, value in asdict(letter).items() if value is not None}
    beside = {"pk": pk(after.id), "sk": f"LETTER#{_digest(letter.key)}", "expires_at": expires_at}
    found = [_mark(letter.key, expires_at), {"Item": {**kept, **beside}}]
    if letter.indexed and letter.message_id:
        thread = {**_thread(letter.message_id), "ticket_id": after.id, "expires_at": expires_at}
        found.append({"Item": thread})
    return found


def threads_of(table: Table, ticket_id: str) -> Iterator[Item]:
    """Yield the keys under which mails of a ticket are found."""
    letters = table.query(
        KeyConditionExpression=Key("pk").eq(pk(ticket_id))
        & Key("sk").between("LETTER#", "LETTER$"),
        ConsistentRead=True,
    )
    for each in letters:
        if each["indexed"]:
            yield _thread(each["message_id"])


class DynamoMailbox:
    """What became of mails, and which tickets they belong to, in the tickets table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def find(self, message_ids: Collection[str]) -> dict[str, ThreadEntry]:
        """Return what is kept under message ids; at most 100 are looked up."""
        by_pk = {_thread(each)["pk"]: each for each in list(message_ids)[:BATCH]}
        wanted = [{"pk": each, "sk": "THREAD"} for each in by_pk]
        found: dict[str, ThreadEntry] = {}
        while wanted:
            request = {self._table.name: {"Keys": wanted, "ConsistentRead": True}}
            answer = self._table.client.batch_get_item(RequestItems=request)
            for item in answer["Responses"].get(self._table.name, []):
                found[by_pk[item["pk"]]] = ThreadEntry(item["ticket_id"])
            wanted = answer.get("UnprocessedKeys", {}).get(self._table.name, {}).get("Keys", [])
        return found

    def taken(self, key: str) -> bool:
        """Tell whether the mail in an object was taken."""
        marked = {"pk": f"MAIL#{_digest(key)}", "sk": "MAIL"}
        return self._table.get_item(Key=marked, ConsistentRead=True) is not None

    def hold(self, held: Held) -> None:
        """Put a mail into quarantine. Raises ConflictError if it was taken before."""
        expires_at = int(held.expires_at.timestamp())
        item = {
            "pk": _day(held.at.astimezone(UTC).date()),
            "sk": f"{moment(held.at)}#{_digest(held.key)}",
            "key": held.key,
            "at": held.at.isoformat(),
            "sender": held.sender,
            "subject": held.subject,
            "expires_at": expires_at,
        }
        writes = [{"Put": _mark(held.key, expires_at)}, {"Put": {"Item": item}}]
        self._table.write_together(writes, lost="the mail was taken before")

    def held(self, day: date) -> Iterator[Held]:
        """Yield the mails that came into quarantine on a day (UTC), newest first."""
        for item in self._table.query(
            KeyConditionExpression=Key("pk").eq(_day(day)), ScanIndexForward=False
        ):
            yield Held(
                key=item["key"],
                at=datetime.fromisoformat(item["at"]),
                expires_at=datetime.fromtimestamp(int(item["expires_at"]), UTC),
                sender=item["sender"],
                subject=item["subject"],
            )


def _mark(key: str, expires_at: int) -> Item:
    return {
        "Item": {"pk": f"MAIL#{_digest(key)}", "sk": "MAIL", "expires_at": expires_at},
        "ConditionExpression": "attribute_not_exists(pk)",
    }


def _thread(message_id: str) -> Item:
    return {"pk": f"THREAD#{_digest(message_id)}", "sk": "THREAD"}


def _day(day: date) -> str:
    return f"QUARANTINE#{day}"


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
