"""How much one caller may ask: a token bucket for each application, address and customer. Pure.

A gateway's usage plan is best effort and knows applications only. These limits hold over all
processes together, and one customer's flood does not slow other customers. At first a process draws
tokens from the store one by one. A busy process borrows growing blocks, so that a shared bucket is
not written for every request. What all processes hold in advance together is counted in the store,
and is never more than a quarter of the burst. So over any span of time a caller gets at most

    burst + refill of the span + a quarter of the burst (MOST_LENT)

A block is at most a tenth of what is left in the bucket. A bucket with fewer than FEW tokens lends
nothing, so a small limit, and each limit when it is nearly reached, is exact. Unused tokens of a
block lapse with the minute; only that caller loses them.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address
from typing import Protocol

LENDING = 60.0
"""Seconds after which everything that was lent has lapsed, by the clock: the minutes of UTC."""

CLOCKS = 1.0
"""Seconds by which the clocks of two processes may differ. So long before its end no block is used
any more."""

MOST_LENT = 0.25
"""The share of a bucket that all processes together may hold in advance."""

LARGEST_BLOCK = 0.1
"""The share of what is left in a bucket that one process may draw at once."""

FEW = 50
"""A bucket with fewer tokens than this lends none: they are drawn one by one."""

MOST_REMEMBERED = 1_000
"""Buckets an environment remembers."""


class LimitedError(Exception):
    """A caller asks too much. `kind` says by which limit, `wait` when to try again."""

    def __init__(self, kind: str, wait: timedelta) -> None:
        super().__init__(f"the limit of this {kind} is reached")
        self.kind = kind
        self.wait = wait


class BucketsUnavailableError(Exception):
    """The store of the buckets does not answer."""


@dataclass(frozen=True, slots=True)
class Level:
    """What the store knows of a bucket: when it will be full again (seconds since 1970), how many
    tokens are lent, and in which minute they were lent; later minutes count none of them."""

    full_at: float = 0.0
    lent: int = 0
    minute: int = 0


@dataclass(frozen=True, slots=True)
class Wish:
    """What a process asks of a bucket: up to so many tokens.

    `returned` of the tokens that were lent to it in this minute are used up.
    """

    tokens: int
    returned: int = 0


ONE = Wish(1)


@dataclass(frozen=True, slots=True)
class Limit:
    """A token bucket: `burst` requests at once, refilled at `per_second`."""

    per_second: float
    burst: int

    @property
    def most_lent(self) -> int:
        """How many tokens all processes together may hold in advance."""
        return int(self.burst * MOST_LENT)

    @property
    def largest_block(self) -> int:
        """How many tokens may be drawn at once: one, unless the bucket is large."""
        return block(self.burst)

    def draw(self, full_at: float | None, tokens: float, now: float) -> float:
        """Return when the bucket will be full again after drawing `tokens`; all times in seconds.

        A bucket is the one moment at which it is full again (the theoretical arrival time of the
        generic cell rate algorithm, ITU-T I.371). Raises NotEnoughError, which says how long to
        wait.
        """
        after = max(full_at or now, now) + tokens / self.per_second
        if (missing := after - now - self.burst / self.per_second) > 1e-6:
            raise NotEnoughError(timedelta(seconds=missing))
        return after

    def share(self, full_at: float, wanted: float, now: float) -> float:
        """Return how many of the wanted tokens to give so that all who want some get a part.

        That is the share of the bucket that is left; all times are in seconds.
        """
        left = self.burst - max(0.0, full_at - now) * self.per_second
        return wanted * max(0.0, left) / self.burst

    def lendable(self, level: Level, wish: Wish, now: float) -> int:
        """Return how many of the wished tokens the bucket gives at once, at least one.

        All but one of them are lent. `now` is in seconds.
        """
        minute = minute_of(now)
        if level.minute > minute:
            return 1
        left = self.burst - max(0.0, level.full_at - now) * self.per_second
        lent = level.lent - wish.returned if level.minute == minute else 0
        return max(1, min(wish.tokens, block(left), self.most_lent - lent + 1))


def block(left: float) -> int:
    """Return how many tokens a bucket that holds `left` tokens gives at once at most."""
    return int(left * LARGEST_BLOCK + 1e-6) if left + 1e-6 >= FEW else 1


def minute_of(now: float) -> int:
    """Return the number of the minute in which tokens are lent."""
    return int(now // LENDING)


class NotEnoughError(Exception):
    """A bucket holds fewer tokens than were asked for; `wait` until it holds them."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"{wait.total_seconds():.3f} s too early")
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Bucket:
    """A caller, whose requests count together: `kind` is for people to read, `name` for us."""

    kind: str
    name: str
    limit: Limit

    @property
    def id(self) -> str:
        """What is stored of the caller."""
        return bucket_id(self.kind, self.name)


def bucket_id(kind: str, name: str) -> str:
    """Return what is stored of a caller: a digest, so that the store does not show who asked."""
    return sha256(f"{kind}\0{name}".encode()).hexdigest()


def mailed(address: str) -> tuple[str, str]:
    """Return the kind and the name under which automatic mails to an address are counted."""
    return "mailed", address.strip().casefold()


def writing(address: str) -> tuple[str, str]:
    """Return the kind and the name under which the mails of an address are counted."""
    return "writing", address.strip().casefold()


def network(address: str) -> str:
    """Return the name under which an address counts: an IPv4 address, or the /64 of an IPv6 host.

    A text that is not an address is returned unchanged.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or IPv6Address(int(parsed) >> 64 << 64))
    return str(parsed)


class Buckets(Protocol):
    """Where the buckets are kept."""

    def draw(self, bucket: Bucket, wish: Wish, now: datetime) -> int:
        """Draw tokens and return how many, from one to those wished for; `Limit.lendable` says.

        Raises NotEnoughError if there is none, or BucketsUnavailableError.
        """


class OwnBuckets:
    """Buckets in the memory of one process, which counts by itself; nothing is written."""

    def __init__(self) -> None:
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def draw(self, bucket: Bucket, wish: Wish, now: datetime) -> int:
        """Draw one token: to borrow from itself saves a process nothing. Raises NotEnoughError."""
        before, tokens = self._full_at.get(bucket.id), min(wish.tokens, 1)
        self._full_at[bucket.id] = bucket.limit.draw(before, tokens, now.timestamp())
        self._full_at.move_to_end(bucket.id)
        if len(self._full_at) > MOST_REMEMBERED:
            self._full_at.popitem(last=False)
        return tokens


@dataclass(slots=True)
class _Stock:
    """What a process knows of a bucket.

    `left` of the tokens it drew last can be used until the minute is nearly over. `lent` is what
    the store counts as lent to this process in that minute. `cut` says that it got fewer tokens in
    that minute than it wished for.
    """

    drawn: int
    left: int
    minute: int
    lent: int
    cut: bool = False
    empty_until: datetime | None = None

    def wish(self, now: datetime, largest: int) -> Wish:
        """Return what to ask for now: twice as much as last time, half of it in a new minute.

        What was cut is not wished for again in the same minute: each vain attempt costs a write.
        """
        minute = minute_of(now.timestamp())
        same = self.minute == minute
        returned = self.lent if same and not self.left else 0
        if _nearly_over(now):
            return ONE
        if same:
            more = self.drawn if self.cut else 2 * self.drawn
            return Wish(max(1, min(more, largest)), returned)
        return Wish(max(1, self.drawn // 2)) if self.minute == minute - 1 else ONE


class Gate:
    """Lets requests in that stay within their limits.

    If the store does not answer, no caller is refused: `failed` is called, and the request goes on.
    """

    def __init__(self, buckets: Buckets, failed: Callable[[Exception], None]) -> None:
        self._buckets = buckets
        self._failed = failed
        self._stocks: OrderedDict[str, _Stock] = OrderedDict()

    def admit(self, *buckets: Bucket, now: datetime) -> None:
        """Count one request against each bucket in turn. Raises LimitedError.

        Put the narrowest bucket first: a request that it refuses does not count against the others.
        """
        for bucket in buckets:
            try:
                self._take(bucket, now)
            except NotEnoughError as short:
                raise LimitedError(bucket.kind, short.wait) from short
            except BucketsUnavailableError as error:
                self._failed(error)
                return

    def _take(self, bucket: Bucket, now: datetime) -> None:
        stock = self._stocks.get(bucket.id)
        minute = minute_of(now.timestamp())
        if stock and stock.empty_until and now < stock.empty_until:
            raise NotEnoughError(stock.empty_until - now)
        if stock and stock.left and stock.minute == minute and not _nearly_over(now):
            stock.left -= 1
            return
        wish = stock.wish(now, bucket.limit.largest_block) if stock else ONE
        lent = stock.lent if stock and stock.minute == minute else 0
        try:
            drawn = self._buckets.draw(bucket, wish, now)
        except NotEnoughError as short:
            refused = _Stock(1, 0, minute, lent, cut=True, empty_until=now + short.wait)
            self._remember(bucket.id, refused)
            raise
        except BucketsUnavailableError:
            # The draw may have been counted. What is not given back lapses with the minute.
            self._stocks.pop(bucket.id, None)
            raise
        cut = drawn < wish.tokens or bool(stock and stock.cut and stock.minute == minute)
        taken = _Stock(drawn, drawn - 1, minute, drawn - 1 if drawn > 1 else lent, cut)
        if stock and _nearly_over(now):
            taken.drawn = stock.drawn  # the pace goes on in the next minute
        self._remember(bucket.id, taken)

    def _remember(self, bucket_id: str, stock: _Stock) -> None:
        self._stocks[bucket_id] = stock
        self._stocks.move_to_end(bucket_id)
        if len(self._stocks) > MOST_REMEMBERED:
            self._stocks.popitem(last=False)


def _nearly_over(now: datetime) -> bool:
    return now.timestamp() % LENDING >= LENDING - CLOCKS
