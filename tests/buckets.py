"""The store of the token buckets, in memory."""

from datetime import datetime

from helpdesk.limits import Bucket, BucketsUnavailableError, Level, Wish, minute_of


class InMemoryBuckets:
    """Buckets in a dictionary; `draws` lists what was drawn, 0 if refused; `down` refuses all."""

    def __init__(self) -> None:
        self.levels: dict[str, Level] = {}
        self.draws: list[int] = []
        self.asked = 0
        self.down = False

    def draw(self, bucket: Bucket, wish: Wish, now: datetime) -> int:
        self.asked += 1
        if self.down:
            raise BucketsUnavailableError("down")
        moment, level = now.timestamp(), self.levels.get(bucket.id, Level())
        tokens = bucket.limit.lendable(level, wish, moment)
        self.draws.append(0)
        full_at = bucket.limit.draw(level.full_at, tokens, moment)
        self.draws[-1] = tokens
        lent, minute = level.lent, level.minute
        if tokens > 1:
            lent = (lent - wish.returned if minute == minute_of(moment) else 0) + tokens - 1
            minute = minute_of(moment)
        self.levels[bucket.id] = Level(full_at, lent, minute)
        return tokens
