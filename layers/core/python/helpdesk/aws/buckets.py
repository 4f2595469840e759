"""Token buckets in the tickets table: `RATE#<digest>`, gone soon after they are full again."""

from datetime import datetime
from decimal import Decimal

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from helpdesk.aws.tables import Table
from helpdesk.limits import Bucket, BucketsUnavailableError

BRISK = Config(connect_timeout=0.5, read_timeout=0.5, retries={"total_max_attempts": 1})
"""Seconds for one call. A slow limiter is worse than no limiter, so the request goes on."""

ATTEMPTS = 2
"""How often a draw is repeated after another caller drew at the same moment."""


class DynamoBuckets:
    """Buckets in a DynamoDB table. A draw is one conditional write, two where the bucket is busy.

    The first write expects a full bucket, the second one expects a bucket that is not full. Each
    write states this in its condition, so that all environments together never draw more tokens
    than the bucket has.
    """

    def __init__(self, table: Table) -> None:
        self._table = table

    def draw(self, bucket: Bucket, tokens: int, now: datetime) -> None:
        """Draw tokens, all or none. Raises NotEnoughError or BucketsUnavailableError."""
        limit, moment = bucket.limit, now.timestamp()
        cost = tokens / limit.per_second
        latest = moment + limit.burst / limit.per_second - cost
        try:
            full_at = self._put(
                bucket,
                "SET full_at = :now + :cost, expires_at = :expires",
                "attribute_not_exists(full_at) OR full_at <= :now",
                {":now": moment, ":cost": cost, ":expires": int(latest + cost) + 60},
            )
            for _ in range(ATTEMPTS):
                if full_at is None:
                    return
                limit.draw(full_at, tokens, moment)  # refuses
                full_at = self._put(
                    bucket,
                    "SET full_at = full_at + :cost, expires_at = :expires",
                    "full_at <= :latest",
                    {":latest": latest + 1e-6, ":cost": cost, ":expires": int(latest + cost) + 60},
                )
        except (BotoCoreError, ClientError) as error:
            raise BucketsUnavailableError(type(error).__name__) from error
        if full_at is not None:
            limit.draw(full_at, tokens, moment)

    def _put(
        self, bucket: Bucket, update: str, condition: str, values: dict[str, float]
    ) -> float | None:
        """Write if the condition holds and return None; else return when the bucket is full."""
        try:
            self._table.update_item(
                Key={"pk": f"RATE#{bucket.id}", "sk": "RATE"},
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeValues={
                    name: Decimal(repr(round(value, 6))) for name, value in values.items()
                },
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            # The low-level form: the client leaves the items of errors as they are.
            return float(error.response["Item"]["full_at"]["N"])  # type: ignore[typeddict-item]
        return None
