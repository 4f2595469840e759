"""Figures in the tickets table: the counts of days, and what is counted as it happens.

    FIGURES  <day>         what a day's events come to, written by the reconciler
    COUNTED  <day>         mails, files and notices of a day, each added by the function that did it
    COUNTED  FAULTS#mail   the latest faults of mails, in places that are used in turn

One query reads many days of each. Nothing here is of a ticket, but the ids of the largest families
(see `figures.counting`); so nothing is erased with one. A day's items end as records of erasures
do.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from botocore.exceptions import ClientError

from helpdesk.aws import items
from helpdesk.aws.conditions import Key
from helpdesk.aws.items import Item
from helpdesk.aws.races import lost_race
from helpdesk.aws.tables import Table
from helpdesk.erasure import RECORD_LIFE
from helpdesk.figures import FAILED, LATEST_FAULTS, Counted, Course, Day, Fault, Kind

DAYS, COUNTED = "FIGURES", "COUNTED"
_FAULTS = {"pk": COUNTED, "sk": "FAULTS#mail"}
_COUNTS = ("flow", "came", "moved", "families")


class DynamoFigures:
    """The counts of days, of mails, of files and of notices in the DynamoDB table `table`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def day(self, of: date) -> Day | None:
        """Return what is kept of a day."""
        item = self._table.get_item(Key={"pk": DAYS, "sk": str(of)}, ConsistentRead=True)
        return _day(item) if item else None

    def days(self, since: date) -> Iterator[Day]:
        """Yield what is kept of the days from one on, the earliest first; may be seconds old."""
        return map(_day, self._since(DAYS, since))

    def keep(self, day: Day) -> None:
        """Keep the counts of a day. Counts that are later stay, and these are dropped."""
        told = asdict(day)
        counts = {name: each for name, each in told.items() if name in _COUNTS}
        try:
            self._table.put_item(
                Item={
                    "pk": DAYS,
                    "sk": str(day.day),
                    "counted_at": items.moment(day.counted_at),
                    "looked_at": items.moment(day.looked_at),
                    "events": day.events,
                    "whole": day.whole,
                    "counts": items.packed(counts),
                    # Beside the counts: terminals of an earlier version read those as they are.
                    "course": items.packed(told["course"]),
                    "expires_at": _end_of_life(day.day),
                },
                ConditionExpression="attribute_not_exists(pk) OR counted_at <= :counted_at",
                ExpressionAttributeValues={":counted_at": items.moment(day.counted_at)},
            )
        except ClientError as error:
            if not lost_race(error):
                raise

    def add(self, kind: Kind, outcome: str, at: datetime) -> None:
        """Count an outcome."""
        self._table.update_item(**adding(kind, outcome, at))

    def fault(self, fault: Fault) -> None:
        """Remember why a mail was not taken, in the place of the oldest of LATEST_FAULTS."""
        said = self._table.update_item(
            Key=_FAULTS,
            UpdateExpression="ADD taken :one",
            ExpressionAttributeValues={":one": 1},
            ReturnValues="UPDATED_NEW",
        )
        self._table.update_item(
            Key=_FAULTS,
            UpdateExpression="SET #place = :fault",
            ExpressionAttributeNames={"#place": f"fault{int(said['taken']) % LATEST_FAULTS}"},
            ExpressionAttributeValues={
                ":fault": {"at": items.moment(fault.at), "fault": fault.fault}
            },
        )

    def counts(self, since: date) -> tuple[Iterable[Counted], Iterable[Fault]]:
        """Return what was counted from a day on, the earliest first, and the latest faults."""
        found = list(self._since(COUNTED, since))
        counted = [_counted(each) for each in found if each["sk"] != _FAULTS["sk"]]
        return counted, [each for item in found for each in _faults(item)]

    def _since(self, pk: str, since: date) -> Iterator[Item]:
        return self._table.query(
            KeyConditionExpression=Key("pk").eq(pk) & Key("sk").gte(str(since))
        )


def adding(kind: Kind, outcome: str, at: datetime) -> Item:
    """Return the update that counts an outcome, for a call of its own or a transaction."""
    day = at.astimezone(UTC).date()
    change = "SET expires_at = :expires_at"
    names = {"#outcome": f"{kind}#{outcome}"}
    values: Item = {":one": 1, ":expires_at": _end_of_life(day)}
    if outcome != FAILED:
        change += ", #last = :last"
        names["#last"] = f"{kind}_at"
        values[":last"] = items.moment(at)
    return {
        "Key": {"pk": COUNTED, "sk": str(day)},
        "UpdateExpression": f"{change} ADD #outcome :one",
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": values,
    }


def _end_of_life(day: date) -> int:
    ends = datetime.combine(day, time(), UTC) + timedelta(days=1) + RECORD_LIFE
    return int(ends.timestamp())


def _day(item: Item) -> Day:
    counts: dict[str, Any] = items.unpacked(bytes(item["counts"]))
    course = items.unpacked(bytes(item["course"])) if "course" in item else {}
    return Day(
        day=date.fromisoformat(item["sk"]),
        counted_at=datetime.fromisoformat(item["counted_at"]),
        looked_at=datetime.fromisoformat(item["looked_at"]),
        events=int(item["events"]),
        whole=item["whole"],
        course=Course(**course),
        **counts,
    )


def _counted(item: Item) -> Counted:
    found = Counted(day=date.fromisoformat(item["sk"]))
    for name, value in item.items():
        kind, sign, outcome = name.partition("#")
        if sign:
            found.outcomes.setdefault(kind, {})[outcome] = int(value)
    for each in Kind:
        if last := item.get(f"{each}_at"):
            found.last[each] = datetime.fromisoformat(last)
    return found


def _faults(item: Item) -> Iterator[Fault]:
    for name, value in item.items():
        if name.startswith("fault"):
            yield Fault(datetime.fromisoformat(value["at"]), value["fault"])
