"""The editions of the knowledge in the knowledge table, and which one is in force.

EDITION         CURRENT       the number in force, and the one it replaced
EDITION         <number>      who made an edition, when, and whether it ever was in force
GOLDEN#<n>      <digest>      a golden case of edition n; `GOLDEN` for edition 0
FACTS#<n>       ALL           the facts of edition n; `FACTS` for edition 0

The articles of an edition are in `knowledge`. Which edition is in force is a single item, written
together with the choice of the model, so that a replacement is one write and so is its undoing.
"""

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from helpdesk.aws.conditions import Key
from helpdesk.aws.models import PublishedModels
from helpdesk.aws.shapes import Shape
from helpdesk.aws.tables import Table
from helpdesk.curation import EditionRecord, InForce
from helpdesk.knowledge import Article, Edition, Facts, Golden, Retired
from helpdesk.learning import Published
from helpdesk.ports import ConflictError

_CURRENT = {"pk": "EDITION", "sk": "CURRENT"}
_IN_FORCE = Shape[InForce](InForce)
_RECORD = Shape[EditionRecord](EditionRecord)
_ARTICLE = Shape[Article](Article)
_RETIRED = Shape[Retired](Retired)
_GOLDEN = Shape[Golden](Golden)
_FACTS = Shape[Facts](Facts)


def partition(kind: str, number: int) -> str:
    """Return the partition of a kind of item in an edition; the first goes without its number."""
    return f"{kind}#{number}" if number else kind


def items(table: Table, pk: str) -> Iterator[dict[str, Any]]:
    """Yield the items of a partition, by their sort key."""
    return table.query(KeyConditionExpression=Key("pk").eq(pk), ConsistentRead=True)


def article_item(pk: str, article: Article) -> dict[str, Any]:
    """Return the item of an article in a partition."""
    return {**_ARTICLE.write(article, none=True), "pk": pk, "sk": article.intent}


def facts_key(number: int) -> dict[str, str]:
    """Return the key of an edition's facts, which are one item."""
    return {"pk": partition("FACTS", number), "sk": "ALL"}


def read_facts(table: Table, number: int) -> Facts:
    """Return the facts of an edition; an edition without their item has none."""
    item = table.get_item(Key=facts_key(number), ConsistentRead=True)
    return _FACTS.read(item) if item else Facts()


def facts_put(number: int, facts: Facts, *, instead_of: Facts) -> dict[str, Any]:
    """Return the parameters of a write of facts that fails if they changed meanwhile."""
    put: dict[str, Any] = {"Item": {**_FACTS.write(facts, none=True), **facts_key(number)}}
    if not instead_of.version:
        return {**put, "ConditionExpression": "attribute_not_exists(pk)"}
    return {
        **put,
        "ConditionExpression": "#version = :version",
        "ExpressionAttributeNames": {"#version": "version"},
        "ExpressionAttributeValues": {":version": instead_of.version},
    }


class EditionPointer:
    """Which edition is in force, as of at most `lag` ago."""

    def __init__(
        self,
        table: Table,
        *,
        lag: timedelta = timedelta(0),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._table = table
        self._lag = lag.total_seconds()
        self._clock = clock
        self._seen: InForce | None = None
        self._looked_at = 0.0

    def look(self) -> InForce:
        """Return which edition is in force."""
        now = self._clock()
        if self._seen is None or now - self._looked_at >= self._lag:
            item = self._table.get_item(Key=_CURRENT, ConsistentRead=True)
            self._seen = _IN_FORCE.read(item) if item else InForce(number=0, replaced=None)
            self._looked_at = now
        return self._seen

    @property
    def number(self) -> int:
        """The edition that the last read was made from."""
        return (self._seen or self.look()).number

    def still(self, number: int) -> dict[str, Any]:
        """Return the part of a transaction that fails it if another edition is in force."""
        return {"ConditionCheck": {"Key": _CURRENT, **_unmoved(number)}}


class DynamoEditions:
    """Editions in the knowledge table `table`, with their models."""

    def __init__(self, table: Table, models: PublishedModels) -> None:
        self._table = table
        self._models = models
        self._pointer = EditionPointer(table)

    def in_force(self) -> InForce:
        """Return which edition is in force; 0 if none was ever replaced."""
        return self._pointer.look()

    def edition(self, number: int) -> Edition:
        """Return all that an edition holds."""
        return Edition(
            number=number,
            articles=tuple(map(_ARTICLE.read, self._of("ARTICLE", number))),
            golden=tuple(map(_GOLDEN.read, self._of("GOLDEN", number))),
            retired=tuple(map(_RETIRED.read, self._of("RETIRED", number))),
            facts=read_facts(self._table, number),
        )

    def to_learn(self, number: int | None = None) -> Edition:
        """Return an edition as the trainer learns it, by default the one in force.

        The golden set of a stack that was never loaded again is still the object in the bucket.
        """
        found = self.edition(self.in_force().number if number is None else number)
        if found.number == 0 and not found.golden:
            return replace(found, golden=self._models.golden())
        return found

    def load_golden(self, cases: Iterable[Golden]) -> None:
        """Store a golden set in place of that of the edition in force."""
        pk = partition("GOLDEN", self.in_force().number)
        wanted = {item["sk"]: item for item in (case_item(pk, each) for each in cases)}
        gone = [each["sk"] for each in items(self._table, pk) if each["sk"] not in wanted]
        self._table.put_all(wanted.values())
        self._table.delete_all({"pk": pk, "sk": name} for name in gone)

    def records(self) -> tuple[EditionRecord, ...]:
        """Return the record of every edition but the first, oldest first."""
        found = (each for each in items(self._table, "EDITION") if each["sk"] != _CURRENT["sk"])
        return tuple(map(_RECORD.read, found))

    def prepare(self, record: EditionRecord, edition: Edition) -> None:
        """Write an edition that is not in force yet. Raises ConflictError for a number taken."""
        try:
            self._table.put_item(
                Item=_recorded(record), ConditionExpression="attribute_not_exists(pk)"
            )
        except self._table.client.exceptions.ConditionalCheckFailedException as error:
            raise ConflictError(
                f"another lead prepared edition {record.number} meanwhile; run it again"
            ) from error
        articles, golden = (partition(kind, edition.number) for kind in ("ARTICLE", "GOLDEN"))
        self._table.put_all(article_item(articles, each) for each in edition.articles)
        self._table.put_all(case_item(golden, each) for each in edition.golden)
        if edition.facts.version:
            self._table.put_item(**facts_put(edition.number, edition.facts, instead_of=Facts()))

    def load_facts(self, facts: Facts) -> None:
        """Store facts in the place of those of the edition in force."""
        number = self.in_force().number
        present = read_facts(self._table, number)
        self._table.put_item(**facts_put(number, facts, instead_of=present))

    def put_in_force(
        self, number: int, *, instead_of: int, at: datetime, by: str, model: Published | None
    ) -> None:
        """Put an edition in force, with its model if there is one, in one write.

        Raises ConflictError if `instead_of` is not the edition in force any more.
        """
        item = {
            **_CURRENT,
            "number": number,
            "replaced": instead_of,
            "at": at.isoformat(),
            "by": by,
        }
        puts: list[dict[str, Any]] = [{"Item": item, **_unmoved(instead_of)}]
        puts += [
            {"Item": _recorded(replace(each, put_in_force=True))}
            for each in self.records()
            if each.number == number
        ]
        puts += [{"Item": each} for each in (self._models.in_force(model) if model else ())]
        lost = "another lead replaced the knowledge meanwhile"
        self._table.write_together(({"Put": put} for put in puts), lost=lost)

    def model_of(self, number: int) -> Published | None:
        """Return the model that was published last for an edition, if its bytes are still there."""
        found = [each for each in self._models.published() if each.edition == number]
        return found[-1] if found and self._models.holds(found[-1].version) else None

    def _of(self, kind: str, number: int) -> Iterator[dict[str, Any]]:
        return items(self._table, partition(kind, number))


def _unmoved(number: int) -> dict[str, Any]:
    """Return the condition under which an edition is still in force; the first has no item."""
    is_it = "#number = :number"
    return {
        "ConditionExpression": is_it if number else f"attribute_not_exists(pk) OR {is_it}",
        "ExpressionAttributeNames": {"#number": "number"},
        "ExpressionAttributeValues": {":number": number},
    }


def _recorded(record: EditionRecord) -> dict[str, Any]:
    return {**_RECORD.write(record, none=True), "pk": "EDITION", "sk": f"{record.number:06}"}


def case_item(pk: str, case: Golden) -> dict[str, Any]:
    """Return a case as an item of its own: a golden set outgrows the 400 kB that one item takes."""
    name = hashlib.sha256(case.text.encode()).hexdigest()[:32]
    return {**_GOLDEN.write(case, none=True), "pk": pk, "sk": name}
