"""Published models with their indexes of passages.

The bytes are in the bucket, the choice among them in the knowledge table:

MODEL    CURRENT               the model in force
MODEL    VERSION#<version>     every model that ever was, with `#<edition>` from edition 1 on
REFUSAL  <moment>#<version>    every model that was not to be, with the reasons

A model is written once and never changed, and so is an index, which is named by its content. A
single item names the model in force and its index, so publishing and rolling back are one write,
and a worker needs one read to know both.
"""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from helpdesk.aws.conditions import Key
from helpdesk.aws.shapes import Shape
from helpdesk.aws.tables import Table
from helpdesk.knowledge import Golden
from helpdesk.learning import Published
from helpdesk.ports import ConflictError, NotFoundError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

GOLDEN_KEY = "golden/messages.jsonl"
"""Where an earlier version kept the golden set, one JSON object a line: text, intent, also."""

CURRENT = {"pk": "MODEL", "sk": "CURRENT"}
"""The key of the item that names the model in force."""

_PUBLISHED = Shape[Published](Published)


@dataclass(frozen=True, slots=True)
class PublishedModels:
    """Models in `bucket`, with the choice among them in the knowledge `table`."""

    s3: "S3Client"
    bucket: str
    table: Table

    def current(self) -> Published | None:
        """Return the model in force, or None if none was ever published."""
        item = self.table.get_item(Key=CURRENT, ConsistentRead=True)
        return _PUBLISHED.read(item) if item else None

    def load(self, version: str) -> bytes:
        """Return the bytes of a published model."""
        return self.s3.get_object(Bucket=self.bucket, Key=_key(version))["Body"].read()

    def holds(self, version: str) -> bool:
        """Tell whether the bytes of a model are there."""
        return self._holds(_key(version))

    def load_index(self, name: str) -> bytes:
        """Return what is stored of an index of passages."""
        return self.s3.get_object(Bucket=self.bucket, Key=_index_key(name))["Body"].read()

    def holds_index(self, name: str) -> bool:
        """Tell whether an index of passages is there."""
        return self._holds(_index_key(name))

    def keep_index(self, name: str, data: bytes) -> None:
        """Store an index of passages; the same one again is the same object."""
        if not self.holds_index(name):
            self.s3.put_object(Bucket=self.bucket, Key=_index_key(name), Body=data)

    def _holds(self, key: str) -> bool:
        try:
            self.s3.head_object(Bucket=self.bucket, Key=key)
        except ClientError as error:
            # A caller that may not list the bucket gets "forbidden" for a missing object.
            if error.response["Error"]["Code"] in {"403", "404", "NoSuchKey"}:
                return False
            raise
        return True

    def publish(self, published: Published, data: bytes) -> None:
        """Store a model and put it in force."""
        self.keep(published.version, data)
        puts = [{"TableName": self.table.name, "Item": each} for each in self.in_force(published)]
        self.table.client.transact_write_items(TransactItems=[{"Put": put} for put in puts])

    def keep(self, version: str, data: bytes) -> None:
        """Store the bytes of a model without putting it in force."""
        self.s3.put_object(Bucket=self.bucket, Key=_key(version), Body=data)

    @staticmethod
    def in_force(published: Published) -> tuple[dict[str, Any], ...]:
        """Return the items whose writing puts a stored model in force."""
        # Two editions that teach the same have the same model, each with figures of its own.
        of_edition = f"#{published.edition}" if published.edition else ""
        keys = ({"pk": "MODEL", "sk": f"VERSION#{published.version}{of_edition}"}, CURRENT)
        return tuple(_item(published) | key for key in keys)

    def refuse(self, published: Published) -> None:
        """Keep the record of a model that is not put in force."""
        key = {"pk": "REFUSAL", "sk": f"{published.at.isoformat()}#{published.version}"}
        self.table.put_item(Item=_item(published) | key)

    def history(self) -> tuple[Published, ...]:
        """Return every model that was published or refused, oldest first."""
        found = [*self.published(), *self._items("REFUSAL", "")]
        return tuple(sorted(found, key=lambda each: each.at))

    def published(self) -> tuple[Published, ...]:
        """Return every model that ever was in force, oldest first."""
        return tuple(sorted(self._items("MODEL", "VERSION#"), key=lambda each: each.at))

    def roll_back(self, version: str | None = None) -> Published:
        """Put an earlier model in force with its index, by default the one before the present one.

        Only a model of the same edition of the knowledge knows its intents. Raises NotFoundError if
        there is none, and ConflictError if another came into force meanwhile.
        """
        # In this order: a model published in between is then the present one, not an unknown one.
        every = self.published()
        current = self.current()
        known = [each for each in every if current is None or each.edition == current.edition]
        earlier = [m for m in known if current is None or _precedes(m, current)]
        found = [m for m in known if m.version == version] if version else earlier
        if not found or not self._is_whole(found[-1]):
            names = ", ".join(each.version for each in known) or "none"
            raise NotFoundError(f"there is no model to go back to; the models are: {names}")
        self._replace(current, found[-1])
        return found[-1]

    def golden(self) -> tuple[Golden, ...]:
        """Return the golden set of a stack whose knowledge table has none; empty without one."""
        try:
            found = self.s3.get_object(Bucket=self.bucket, Key=GOLDEN_KEY)
        except self.s3.exceptions.NoSuchKey:
            return ()
        lines = found["Body"].read().decode().splitlines()
        return tuple(_golden(json.loads(line)) for line in lines if line.strip())

    def _is_whole(self, model: Published) -> bool:
        return self.holds(model.version) and (not model.index or self.holds_index(model.index))

    def _replace(self, current: Published | None, chosen: Published) -> None:
        was = _item(current) if current else {}
        as_read = (
            Key("version").eq(was["version"]) & Key("at").eq(was["at"])
            if was
            else Key("pk").not_exists()
        )
        try:
            self.table.put_item(Item=_item(chosen) | CURRENT, ConditionExpression=as_read)
        except self.table.client.exceptions.ConditionalCheckFailedException as error:
            raise ConflictError(
                "another model came into force meanwhile; see `helpdesk model list`"
            ) from error

    def _items(self, pk: str, prefix: str) -> list[Published]:
        key = Key("pk").eq(pk) & Key("sk").begins_with(prefix) if prefix else Key("pk").eq(pk)
        found = self.table.query(KeyConditionExpression=key, ConsistentRead=True)
        return [_PUBLISHED.read(item) for item in found]


def _item(published: Published) -> dict[str, Any]:
    item: dict[str, Any] = _PUBLISHED.write(published, none=True)
    return item


def _precedes(model: Published, current: Published) -> bool:
    return model.at < current.at and model.version != current.version


def _golden(line: dict[str, Any]) -> Golden:
    """A message without an intent is out of scope, even if `also` would tolerate an intent."""
    intent = line["intent"]
    return Golden(line["text"], (intent, *line.get("also", ())) if intent else ())


def _key(version: str) -> str:
    return f"models/{version}.npz"


def _index_key(name: str) -> str:
    return f"indexes/{name}"
