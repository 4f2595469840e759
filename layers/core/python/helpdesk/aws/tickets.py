"""The tickets port over one DynamoDB table.

A ticket's items share the partition key `TICKET#<id>`; the sort keys are `TICKET` (the ticket as
it is now), `MESSAGE#<number>` (a message with the event that brought it) and `EVENT#<number>` (an
event without a message), so that one range holds the ticket with its messages and another its
history. `DRAFT#<number>` is a draft of a reply. The ticket item carries the keys of three indexes:

    by-state      listing, order            tickets for agents, by due time, in four partitions
    of-customer   customer_key, created_at  one customer's tickets, keys only
    by-awaiting   awaiting, due             what tickets wait for, keys only, in eight partitions

The ticket item names the most pressing thing that the ticket waits for. Each further thing is an
item `AWAITING#<what>` with the same keys.

An event carries the keys of a fourth index, which holds only what statistics need:

    happened      day, moment               events, in eight partitions a day

Mails and notices that are to leave are items beside the ticket too (see `outbox`, `notices`).

An idempotency key is an item of its own, written in the same transaction as its ticket. So is
`OVERRIDE#<id>`, the record of a lead's move on a ticket that another agent holds: only the leads'
IAM policy allows to write it. `ERASURE#<id>` is all that is left of an erased ticket;
`RATE#<digest>` counts requests (see `buckets`). Which keys are one customer is kept beside the
tickets (see `bonds`), and so is what came by mail (see `letters`) and what is known of their files
(see `attachments`). `RECENT#<digest>` holds a customer's recent cases (see `cases`), `FIGURES` and
`COUNTED` hold counts of days (see `figures`), `ANALYSIS#<digest>` what was said of messages in the
last hour (see `analyses`), `CONVERSATION#<id>` what a person was assisted in (see `conversations`).
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from heapq import merge
from itertools import batched
from operator import itemgetter

from botocore.exceptions import ClientError

from helpdesk import belonging
from helpdesk.aws import attachments, cases, erasing, items, letters, repeats
from helpdesk.aws.bonds import DynamoBonds
from helpdesk.aws.conditions import Condition, Key
from helpdesk.aws.items import Item
from helpdesk.aws.notices import DynamoNotices
from helpdesk.aws.outbox import DynamoOutbox
from helpdesk.aws.pages import SMALL_PAGE, TicketPages
from helpdesk.aws.races import lost_race
from helpdesk.aws.tables import Table
from helpdesk.cases import Recent
from helpdesk.drafting import Draft
from helpdesk.erasure import Erasure
from helpdesk.files import Expected
from helpdesk.notifying import SILENCE, Audience
from helpdesk.ports import (
    ConflictError,
    Letter,
    QueueUnavailableError,
    Remembered,
    Repeat,
    Submission,
)
from helpdesk.reconciling import Overdue
from helpdesk.stats import Happening
from helpdesk.ticket import (
    Await,
    Awaiting,
    Change,
    Conversation,
    Customer,
    CustomerKey,
    Event,
    Ticket,
    awaits,
)

PATIENCE = timedelta(minutes=2)
"""How long a queue message may take before the reconciler looks for it."""

PAGE = 25
"""Tickets read at once from a list: an agent rarely needs more than the first few."""


class DynamoTickets(TicketPages):
    """Tickets in the DynamoDB table `table`; `patience` is how long a queue may take.

    `rule` says what a ticket waits for. `post` gets the id of each mail that a move brings, and
    `notify` that of each notice for those who are told (`heard_by`); the reconciler finds what they
    lose. `forget_raw` deletes the object in which a mail came.
    """

    def __init__(
        self,
        table: Table,
        *,
        patience: timedelta = PATIENCE,
        rule: Callable[[Ticket, timedelta], tuple[Await, ...]] = awaits,
        post: Callable[[str], None] | None = None,
        heard_by: Audience = SILENCE,
        notify: Callable[[str], None] | None = None,
        forget_raw: Callable[[str], None] | None = None,
    ) -> None:
        super().__init__(table)
        self._patience = patience
        self._rule = rule
        self.bonds = DynamoBonds(table)
        self.outbox = DynamoOutbox(table, patience=patience)
        self.notices = DynamoNotices(table, patience=patience, heard_by=heard_by)
        self._post = post or (lambda _: None)
        self._notify = notify or (lambda _: None)
        self._forget_raw = forget_raw or (lambda _: None)

    def commit(
        self,
        change: Change,
        remembered: Remembered | None = None,
        *,
        also: Change | None = None,
        expected: Collection[Expected] = (),
        recent: Recent | None = None,
    ) -> None:
        """Store a change whole or not at all, with the change `also` of another ticket.

        What is remembered of its request or its mail is stored with it, and so is which files are
        `expected` with it, and which are its customer's `recent` cases.

        Before a new ticket, the bonds that it shows are stored.

        Raises ConflictError if a ticket moved, the submission's key is taken and in force, or the
        mail was taken before, the number of a file is taken, or another ticket changed the recent
        cases.
        """
        letter = remembered if isinstance(remembered, Letter) else None
        mails, writes = self.outbox.leaving(change, letter)
        writes = [{"Put": put} for put in self._puts(change, remembered)] + writes
        if letter:
            writes += letters.writes(letter, change.after)
        notices, told = self.notices.leaving(change)
        writes += [*attachments.writes(expected), *told]
        if recent:
            writes.append({"Put": cases.put(recent)})
        if also:
            more, beside = self.outbox.leaving(also)
            mails += more
            of_other, told = self.notices.leaving(also)
            notices += of_other
            writes += [*({"Put": put} for put in self._puts(also)), *beside, *told]
        lost = f"ticket {change.after.id} was changed by someone else first"
        self._table.write_together(writes, lost=lost)
        for each in mails:
            with suppress(QueueUnavailableError):
                self._post(each.id)
        for notice in notices:
            if notice.due_at is None:  # the clock posts the others when they are due
                with suppress(QueueUnavailableError):
                    self._notify(notice.id)

    def _puts(self, change: Change, remembered: Remembered | None = None) -> list[Item]:
        """Return what stores a change, each with its condition."""
        after = change.after
        if change.before is None:
            self.bonds.note(belonging.shown_by(after), needed_until=after.expires_at)
        awaited = self._rule(after, self._patience)
        beside = {each.what for each in awaited[1:]}
        before = self._rule(change.before, self._patience)[1:] if change.before else ()
        ended = [each.what for each in before if each.what not in beside]
        item, event, *others = items.written(change, awaited, ended)
        ticket_put: Item = {"Item": item}
        if change.before is None:
            ticket_put["ConditionExpression"] = "attribute_not_exists(pk)"
        else:
            ticket_put["ConditionExpression"] = "version = :version"
            ticket_put["ExpressionAttributeValues"] = {":version": change.before.version}
        if isinstance(remembered, Submission):
            event["submission"] = remembered.key_id  # for the erasure of the ticket
        elif isinstance(remembered, Repeat):
            event |= repeats.beside_an_event(remembered)
        puts = [ticket_put, {"Item": event}, *({"Item": other} for other in others)]
        if change.overrides:
            puts.append({"Item": items.override_item(change)})
        if isinstance(remembered, Submission):
            puts.append(_submission_put(remembered, after.created_at))
        return puts

    def submission(self, key_id: str, now: datetime) -> Submission | None:
        """Return what is remembered under an idempotency key and still in force."""
        item = self._item(f"IDEMPOTENCY#{key_id}", "IDEMPOTENCY")
        found = items.submission(key_id, item) if item else None
        return found if found and now < found.expires_at else None

    def repeat(self, ticket_id: str, key_id: str, since: datetime) -> Repeat | None:
        """Return what is remembered of a move of a ticket since a moment, under its key."""
        return repeats.found(self._table, items.pk(ticket_id), key_id, items.moment(since))

    def recent(self, key: str) -> Recent:
        """Return the recent cases of the customer with this key."""
        return cases.read(self._table, key)

    def get(self, ticket_id: str) -> Ticket | None:
        """Return the ticket without its messages."""
        item = self._item(items.pk(ticket_id), "TICKET")
        return items.ticket(item) if item else None

    def latest(self, ticket_id: str) -> Conversation | None:
        """Return the ticket with its latest message only: the last two items of its range."""
        pages = self._table.query_pages(
            KeyConditionExpression=Key("pk").eq(items.pk(ticket_id)) & Key("sk").gte("MESSAGE#"),
            ConsistentRead=True,
            ScanIndexForward=False,
            page_size=2,
        )
        return items.conversation(next(pages)["Items"])

    def conversation(self, ticket_id: str, *, latest: bool = True) -> Conversation | None:
        """Return the ticket with all its messages; without `latest`, it may be some moments old."""
        found = self._query(ticket_id, Key("sk").gte("MESSAGE#"), consistent=latest)
        return items.conversation(found)

    def draft(self, ticket_id: str, number: int) -> Draft | None:
        """Return the draft of a ticket with this number; None if there is none."""
        item = self._item(items.pk(ticket_id), items.draft_sk(number))
        return items.draft(item) if item else None

    def events(self, ticket_id: str) -> tuple[Event, ...]:
        """Return the ticket's history, oldest first."""
        found = self._query(ticket_id, Key("sk").between("EVENT#", "MESSAGE$"))
        events = map(items.event, filter(items.has_event, found))
        return tuple(sorted(events, key=lambda each: each.number))

    def of_customer(self, customer: Customer, *, until: datetime | None = None) -> Iterator[Ticket]:
        """Yield the tickets listed under a customer's key, newest first; none without a key.

        With `until`, later tickets are left out, and not read.
        """
        earlier = Key("created_at").lte(until.astimezone(UTC).isoformat()) if until else None
        lists = [
            self._table.query(
                IndexName="of-customer",
                KeyConditionExpression=of_key & earlier if earlier else of_key,
                ScanIndexForward=False,
            )
            for of_key in (Key("customer_key").eq(each) for each in customer.spellings)
        ]
        keys = merge(*lists, key=itemgetter("created_at"), reverse=True)
        yield from self._tickets(keys, lambda found: found.customer.key == customer.key)

    def happened(self, since: datetime, until: datetime) -> tuple[Happening, ...]:
        """Return every event from `since` to before `until`, oldest first; may be seconds old."""
        found = self.happenings(since, until)
        return tuple(sorted(found, key=lambda each: (each.at, each.ticket_id, each.number)))

    def happenings(self, since: datetime, until: datetime) -> Iterator[Happening]:
        """Yield every event from `since` to before `until`, as they are read, in no order."""
        last = until - timedelta(milliseconds=1)
        span = Key("moment").between(items.moment(since), items.moment(last))
        days = (last.date() - since.date()).days + 1
        for number in range(days):
            for shard in items.shards_of(since.date() + timedelta(days=number)):
                condition = Key("day").eq(shard) & span
                found = self._table.query(IndexName="happened", KeyConditionExpression=condition)
                yield from map(items.happening, found)

    def _merged(
        self,
        index: str,
        name: str,
        shards: Iterable[str],
        order: str,
    ) -> Iterator[Item]:
        """Yield what several partitions of an index hold, in one order, a few at a time."""
        parts = [
            self._table.query(
                IndexName=index,
                KeyConditionExpression=Key(name).eq(shard),
                page_size=SMALL_PAGE,
            )
            for shard in shards
        ]
        yield from merge(*parts, key=itemgetter(order))

    def _tickets(self, keys: Iterable[Item], wanted: Callable[[Ticket], bool]) -> Iterator[Ticket]:
        """Yield the tickets that an index names, each once and in that order, if still wanted."""
        seen: set[str] = set()
        for some in batched(keys, PAGE, strict=False):
            fresh = [each for each in dict.fromkeys(key["pk"] for key in some) if each not in seen]
            seen.update(fresh)
            found = self._batch([{"pk": each, "sk": "TICKET"} for each in fresh])
            for each in fresh:
                if each in found and wanted(here := items.ticket(found[each])):
                    yield here

    def overdue(self, awaiting: Awaiting, now: datetime) -> Iterator[Overdue]:
        """Yield the tickets for which this should have come by now, the oldest first.

        The index may be out of date, so each ticket is read again from the table.
        """
        shards = items.shards(awaiting)
        for key in self._merged("by-awaiting", "awaiting", shards, "due"):
            if key["due"] > items.moment(now):
                return
            item = self._item(key["pk"], key["sk"])
            if item is None or item.get("awaiting") not in shards:
                continue
            if item["due"] > items.moment(now):
                continue
            whole = item if key["sk"] == "TICKET" else self._item(key["pk"], "TICKET")
            if whole:
                yield items.overdue(items.ticket(whole), awaiting, item)

    def waiting(self, awaiting: Awaiting) -> int:
        """Count the tickets that wait for this."""
        return sum(
            page["Count"]
            for shard in items.shards(awaiting)
            for page in self._table.query_pages(
                IndexName="by-awaiting",
                Select="COUNT",
                KeyConditionExpression=Key("awaiting").eq(shard),
            )
        )

    def nudge(self, overdue: Overdue, now: datetime) -> None:
        """Count a nudge and put off the next one. Raises ConflictError if the ticket moved."""
        first = self._rule(overdue.ticket, self._patience)[0].what
        sk = "TICKET" if overdue.awaiting is first else items.awaiting_sk(overdue.awaiting)
        try:
            self._table.update_item(
                Key={"pk": items.pk(overdue.ticket.id), "sk": sk},
                UpdateExpression="SET due = :due ADD nudges :one",
                ConditionExpression="version = :version AND nudges = :nudges",
                ExpressionAttributeValues={
                    ":due": items.moment(now + self._patience),
                    ":one": 1,
                    ":version": overdue.ticket.version,
                    ":nudges": overdue.nudges,
                },
            )
        except ClientError as error:
            if lost_race(error):
                raise ConflictError(f"ticket {overdue.ticket.id} changed meanwhile") from error
            raise

    def erased(self, ticket_id: str) -> bool:
        """Tell whether a ticket with this id was erased."""
        return self._item(f"ERASURE#{ticket_id}", "ERASURE") is not None

    def erased_with(self, ticket_id: str, key_id: str) -> bool:
        """Tell whether a ticket was erased by a request with this idempotency key."""
        record = self._item(f"ERASURE#{ticket_id}", "ERASURE")
        return record is not None and record.get("key_id") == key_id

    def erase(self, ticket: Ticket, erasure: Erasure) -> None:
        """Delete every item that belongs to a ticket and keep the record; see `erasing`.

        Raises ConflictError if the ticket moved.
        """
        erasing.erase(self._table, ticket, erasure, bonds=self.bonds, forget_raw=self._forget_raw)

    def forget(self, keys: Iterable[CustomerKey]) -> None:
        """Delete the analyses of messages of the customer with these keys."""
        erasing.forget(self._table, keys)

    def _item(self, pk: str, sk: str) -> Item | None:
        return self._table.get_item(Key={"pk": pk, "sk": sk}, ConsistentRead=True)

    def _query(self, ticket_id: str, sk: Condition, *, consistent: bool = True) -> Iterator[Item]:
        return self._table.query(
            KeyConditionExpression=Key("pk").eq(items.pk(ticket_id)) & sk,
            ConsistentRead=consistent,
        )


def _submission_put(submission: Submission, now: datetime) -> Item:
    """The key may be taken again once it has expired: DynamoDB deletes expired items late."""
    return {
        "Item": items.submission_item(submission),
        "ConditionExpression": "attribute_not_exists(pk) OR expires_at <= :now",
        "ExpressionAttributeValues": {":now": int(now.timestamp())},
    }
