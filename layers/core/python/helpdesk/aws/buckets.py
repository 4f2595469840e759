"""Token buckets in the tickets table: `RATE#<digest>`, gone soon after they are full again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from helpdesk.aws.tables import Table
from helpdesk.holding import AHEAD, LEAST
from helpdesk.limits import (
    FEW,
    LARGEST_BLOCK,
    LENDING,
    Bucket,
    BucketsUnavailableError,
    Level,
    Limit,
    Wish,
    minute_of,
)

BRISK = Config(connect_timeout=0.5, read_timeout=0.5, retries={"total_max_attempts": 1})
"""Seconds for one call. A slow limiter is worse than no limiter, so the request goes on."""

ATTEMPTS = 2
"""How often a draw is repeated after another caller drew at the same moment."""


@dataclass(frozen=True, slots=True)
class _Write:
    """A part of a conditional write: what it sets, what it expects, and the values of both."""

    sets: tuple[str, ...]
    expects: str
    values: Mapping[str, float]


class DynamoBuckets:
    """Buckets in a DynamoDB table. A draw is one conditional write, two where the bucket is busy.

    The first write expects a full bucket, the second one expects the level that the first one was
    told. Each write states in its condition what it expects, so that all processes together never
    draw more tokens than the bucket has, and never hold more in advance than it lends. An item
    holds `full_at`, and where tokens are lent `lent` and `lent_in`, the minute.
    """

    def __init__(self, table: Table) -> None:
        self._table = table

    def draw(self, bucket: Bucket, wish: Wish, now: datetime) -> int:
        """Draw tokens and return how many, from one to those wished for.

        Raises NotEnoughError if there is none, or BucketsUnavailableError.
        """
        moment = now.timestamp()
        try:
            if wish.tokens > 1:
                return self._lend(bucket, wish, moment)
            self._draw_one(bucket, Level(), moment)
        except (BotoCoreError, ClientError) as error:
            raise BucketsUnavailableError(type(error).__name__) from error
        return 1

    def share(self, bucket: Bucket, wanted: float, least: float, now: datetime) -> float:
        """Draw the share of the wanted tokens that is left in the bucket, if it is `least` or more.

        Returns how many were drawn. Raises BucketsUnavailableError.
        """
        limit, level, moment = bucket.limit, Level(), now.timestamp()
        try:
            for _ in range(ATTEMPTS + 1):
                if (share := limit.share(level.full_at, wanted, moment)) < min(least, wanted):
                    break
                found = self._put(bucket, _drawing(limit, level, share, moment, left=share))
                if found is None:
                    return share
                level = found
        except (BotoCoreError, ClientError) as error:
            raise BucketsUnavailableError(type(error).__name__) from error
        return 0.0

    def _lend(self, bucket: Bucket, wish: Wish, moment: float) -> int:
        limit, minute = bucket.limit, minute_of(moment)
        # Where this process has borrowed in this minute, the minute's loans are being counted.
        level = Level(0.0, wish.returned, minute if wish.returned else 0)
        for _ in range(ATTEMPTS + 1):
            if (tokens := limit.lendable(level, wish, moment)) == 1:
                break
            found = self._put(
                bucket,
                _drawing(limit, level, tokens, moment, left=max(FEW, tokens / LARGEST_BLOCK)),
                _lending(limit, level, tokens - 1, wish.returned, minute),
            )
            if found is None:
                return tokens
            level = found
        self._draw_one(bucket, level, moment)
        return 1

    def _draw_one(self, bucket: Bucket, level: Level, moment: float) -> None:
        limit = bucket.limit
        for _ in range(ATTEMPTS + 1):
            limit.draw(level.full_at, 1, moment)  # refuses
            found = self._put(bucket, _drawing(limit, level, 1, moment, left=1))
            if found is None:
                return
            level = found
        limit.draw(level.full_at, 1, moment)

    def _put(self, bucket: Bucket, *parts: _Write) -> Level | None:
        """Write if the conditions hold and return None; else return the level of the bucket."""
        values = {name: value for part in parts for name, value in part.values.items()}
        try:
            self._table.update_item(
                Key={"pk": f"RATE#{bucket.id}", "sk": "RATE"},
                UpdateExpression="SET " + ", ".join(each for part in parts for each in part.sets),
                ConditionExpression=" AND ".join(f"({part.expects})" for part in parts),
                ExpressionAttributeValues={
                    name: Decimal(repr(round(value, 6))) for name, value in values.items()
                },
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            found: Any = error.response.get("Item", {})
            return _level(found)
        return None


def _drawing(limit: Limit, level: Level, tokens: float, moment: float, *, left: float) -> _Write:
    """Return the write that draws tokens if the bucket holds at least `left` of them."""
    cost, whole = tokens / limit.per_second, limit.burst / limit.per_second
    values = {":cost": cost, ":expires": int(moment + whole + LENDING)}
    if level.full_at <= moment:
        return _Write(
            ("full_at = :now + :cost", "expires_at = :expires"),
            "attribute_not_exists(full_at) OR full_at <= :now",
            {**values, ":now": moment},
        )
    return _Write(
        ("full_at = full_at + :cost", "expires_at = :expires"),
        "full_at <= :latest",
        {**values, ":latest": moment + whole - left / limit.per_second + 1e-6},
    )


def _lending(limit: Limit, level: Level, ahead: int, returned: int, minute: int) -> _Write:
    """Return the write that counts tokens as lent and others as returned, unless too many are."""
    if level.minute < minute:
        return _Write(
            ("lent = :more", "lent_in = :minute"),
            "attribute_not_exists(lent_in) OR lent_in < :minute",
            {":more": ahead, ":minute": minute},
        )
    more = ahead - returned
    return _Write(
        ("lent = lent + :more",),
        "lent_in = :minute AND lent <= :room",
        {":more": more, ":minute": minute, ":room": limit.most_lent - more},
    )


def _level(item: Mapping[str, Any]) -> Level:
    """Return the level of an item in its wire form: the client leaves those of errors like that."""
    stored = {
        name: float(item[name]["N"]) for name in ("full_at", "lent", "lent_in") if name in item
    }
    return Level(
        stored.get("full_at", 0.0), int(stored.get("lent", 0)), int(stored.get("lent_in", 0))
    )


@dataclass(frozen=True, slots=True)
class HeldSeconds:
    """The meter of the seconds that requests are held: one bucket for the whole stack."""

    buckets: DynamoBuckets
    at_once: int

    def take(self, wanted: float, now: datetime) -> float:
        """Take the share of the wanted seconds that is left. Raises BucketsUnavailableError."""
        bucket = Bucket("held", "", Limit(self.at_once, AHEAD * self.at_once))
        return self.buckets.share(bucket, wanted, LEAST, now)
