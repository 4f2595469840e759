"""Published models: the bytes in the bucket under their version, the choice in the knowledge table.

A model is written once and never changed. Which one is current is a single item, so that
publishing and rolling back are one write, and a worker asks for it with one read.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table
    from mypy_boto3_s3 import S3Client

_CURRENT = {"pk": "MODEL", "sk": "CURRENT"}


@dataclass(frozen=True, slots=True)
class Models:
    """Models in `bucket`, with the choice among them in the knowledge `table`."""

    s3: "S3Client"
    bucket: str
    table: "Table"

    def current(self) -> str | None:
        """Return the version in force, or None if none was ever published."""
        item = self.table.get_item(Key=_CURRENT, ConsistentRead=True).get("Item")
        return str(item["version"]) if item else None

    def load(self, version: str) -> bytes:
        """Return the bytes of a published model."""
        found = self.s3.get_object(Bucket=self.bucket, Key=_key(version))
        return found["Body"].read()

    def publish(self, version: str, data: bytes, *, at: datetime, **facts: Any) -> None:
        """Store a model and put it in force; `facts` are kept beside it."""
        self.s3.put_object(Bucket=self.bucket, Key=_key(version), Body=data)
        plain = {
            name: Decimal(str(fact)) if isinstance(fact, float) else fact
            for name, fact in facts.items()
        }
        published = {"version": version, "published_at": at.isoformat(), **plain}
        self.table.put_item(Item={**published, "pk": "MODEL", "sk": f"VERSION#{version}"})
        self.table.put_item(Item={**published, **_CURRENT})


def _key(version: str) -> str:
    return f"models/{version}.npz"
