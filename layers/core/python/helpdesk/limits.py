"""How much one caller may ask: a token bucket for each application, address and customer. Pure.

A gateway's usage plan is best effort and knows applications only. These limits hold exactly, and
one customer's flood does not slow other customers. At first an environment draws tokens from the
store one by one. A busy environment draws growing blocks, so that a shared bucket is not written
for every request. The unused tokens of a block lapse within a second; only that caller loses them.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address
from typing import Protocol

STOCK_LIFE = timedelta(seconds=1)
"""How long tokens that were drawn in advance can be used."""

LARGEST_BLOCK = 0.05
"""The share of a bucket that may be drawn in advance at once."""

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
class Limit:
    """A token bucket: `burst` requests at once, refilled at `per_second`."""

    per_second: float
    burst: int

    @property
    def block(self) -> int:
        """How many tokens may be drawn in advance at most."""
        return max(1, int(self.burst * LARGEST_BLOCK))

    def draw(self, full_at: float | None, tokens: int, now: float) -> float:
        """Return when the bucket will be full again after drawing `tokens`; all times in seconds.

        A bucket is the one moment at which it is full again (the theoretical arrival time of the
        generic cell rate algorithm, ITU-T I.371). Raises NotEnoughError, which says how long to
        wait.
        """
        after = max(full_at or now, now) + tokens / self.per_second
        if (missing := after - now - self.burst / self.per_second) > 1e-6:
            raise NotEnoughError(timedelta(seconds=missing))
        return after


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

    def draw(self, bucket: Bucket, tokens: int, now: datetime) -> None:
        """Draw tokens, all or none. Raises NotEnoughError or BucketsUnavailableError."""


@dataclass(slots=True)
class _Stock:
    """What an environment knows of a bucket: tokens in hand, or how long it is empty."""

    drawn: int
    left: int
    until: datetime
    empty_until: datetime | None = None


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
        if stock and stock.empty_until and now < stock.empty_until:
            raise NotEnoughError(stock.empty_until - now)
        if stock and stock.left and now < stock.until:
            stock.left -= 1
            return
        busy = stock and now < stock.until
        tokens = min(bucket.limit.block, 2 * stock.drawn) if stock and busy else 1
        try:
            drawn = self._draw(bucket, tokens, now)
        except NotEnoughError as short:
            self._remember(bucket.id, _Stock(1, 0, now, now + short.wait))
            raise
        self._remember(bucket.id, _Stock(drawn, drawn - 1, now + STOCK_LIFE))

    def _draw(self, bucket: Bucket, tokens: int, now: datetime) -> int:
        """Return how many tokens were drawn: the wished number, or else one."""
        try:
            self._buckets.draw(bucket, tokens, now)
        except NotEnoughError:
            if tokens == 1:
                raise
            self._buckets.draw(bucket, 1, now)
            return 1
        return tokens

    def _remember(self, bucket_id: str, stock: _Stock) -> None:
        self._stocks[bucket_id] = stock
        self._stocks.move_to_end(bucket_id)
        if len(self._stocks) > MOST_REMEMBERED:
            self._stocks.popitem(last=False)
