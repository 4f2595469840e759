"""What engines take, in the tickets table, counted by conditional updates.

    SPENT#<day>  DAY        microdollars, tokens and calls of a day (UTC)
    SPENT#<day>  <digest>   tokens and calls of one ticket in that day

A ticket is named by a digest of its id alone, so that nothing of it is left to be erased.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

from botocore.exceptions import ClientError

from helpdesk.aws.races import lost_race
from helpdesk.aws.tables import Item, Table
from helpdesk.redrafting import Limits, OverBudgetError, Spending, Spent

KEPT = timedelta(days=40)
"""How long after its day an item is kept, so that a month can be added up."""


@dataclass(frozen=True, slots=True)
class DynamoPurse:
    """The spending of engines in the DynamoDB table `table`."""

    table: Table

    def set_aside(self, ticket_id: str, spending: Spending, limits: Limits, now: datetime) -> None:
        """Count a spending. Raises OverBudgetError, and then nothing is counted.

        The ticket is asked first: what it was refused leaves the day as it was.
        """
        day = now.astimezone(UTC).date()
        of_ticket = {"tokens": limits.tokens, "calls": limits.calls}
        if not self._add(_ticket(day, ticket_id), spending, of_ticket, day):
            raise OverBudgetError("the tokens or calls of the ticket are used up")
        if not self._add(_day(day), spending, {"microdollars": limits.microdollars}, day):
            self._add(_ticket(day, ticket_id), _negative(spending), {}, day)
            raise OverBudgetError("what the engine may cost in a day is used up")

    def correct(self, ticket_id: str, difference: Spending, now: datetime) -> None:
        """Add to what was counted for the day of a moment and for a ticket."""
        day = now.astimezone(UTC).date()
        for key in (_ticket(day, ticket_id), _day(day)):
            self._add(key, difference, {}, day)

    def spent(self, day: date) -> Spent:
        """Return what a day took until now."""
        found = self.table.get_item(Key=_day(day), ConsistentRead=True) or {}
        counts = {name: int(found.get(name, 0)) for name in ("microdollars", "tokens", "calls")}
        return Spent(day=day, **counts)

    def _add(self, key: Item, spending: Spending, most: dict[str, int], day: date) -> bool:
        """Add a spending to an item; tell whether every count stays within what `most` says."""
        added = {
            "microdollars": spending.microdollars,
            "tokens": spending.tokens,
            "calls": spending.calls,
        }
        room = {name: limit - added[name] for name, limit in most.items()}
        if any(each < 0 for each in room.values()):
            return False
        values: Item = {f":{name}": value for name, value in added.items()}
        values |= {f":room_{name}": value for name, value in room.items()}
        ends = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1) + KEPT
        condition = " AND ".join(
            f"(attribute_not_exists({name}) OR {name} <= :room_{name})" for name in room
        )
        try:
            self.table.update_item(
                Key=key,
                UpdateExpression="SET expires_at = :ends "
                "ADD microdollars :microdollars, tokens :tokens, calls :calls",
                ExpressionAttributeValues=values | {":ends": int(ends.timestamp())},
                **({"ConditionExpression": condition} if condition else {}),
            )
        except ClientError as error:
            if not lost_race(error):
                raise
            return False
        return True


def _day(day: date) -> Item:
    return {"pk": f"SPENT#{day}", "sk": "DAY"}


def _ticket(day: date, ticket_id: str) -> Item:
    return {"pk": f"SPENT#{day}", "sk": sha256(ticket_id.encode()).hexdigest()[:32]}


def _negative(spending: Spending) -> Spending:
    return Spending(
        microdollars=-spending.microdollars, tokens=-spending.tokens, calls=-spending.calls
    )
