"""Reading a list page by page: each page costs the same, and says what was looked at. Pure.

A list has parts: one for the tickets of each open state, one for the tickets that were done on each
day. A search begins with what the words name exactly: a ticket, a customer. The store reads a part
from any position, so that a page begins where the page before it ended.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from itertools import chain, dropwhile, islice

from helpdesk import access, belonging
from helpdesk.agents import cursor as cursors
from helpdesk.agents import query as queries
from helpdesk.agents.cursor import Cursor, CursorError
from helpdesk.agents.ports import Count, Entry, Exactness, Part, Positions, TicketLists
from helpdesk.agents.query import Query
from helpdesk.belonging import AmbiguousCustomerError
from helpdesk.ticket import Ticket, place

EXAMINED = 2_000
"""Entries that one page looks at if few of them match; a page with a greater limit looks at more.

The page says how far it came, and its cursor goes on.
"""

COUNTED = 10_000
"""Entries of an index that are counted to say how many tickets there are."""

COUNTED_DAYS = 7
"""Days of done tickets that are counted at most: each day is a call for each of its partitions."""

PRICE_OF_A_PART = 10
"""How many entries the look into a part counts as, even if it is empty."""

KNOWN = 1_000
"""How many tickets of the customer whom a search names are kept apart from the rest."""

_DONE = "done "
"""Begins the name of the part of a day."""

MOST_DAYS = 400
"""How many days back done tickets are listed at most, counting today."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some tickets of a list.

    `cursor` gets the next page; it is None if this is the last one. `before` counts the tickets of
    the pages before it. `total` says how many tickets the list has. `examined` counts the entries
    that this page looked at, and `examined_before` those of the pages before; `candidates` says how
    many entries there are to look at, or None if that cannot be told. `stopped` is true if the
    reader asked to stop before the page was full.
    """

    tickets: tuple[Ticket, ...]
    cursor: str | None
    before: int
    total: Count
    examined: int
    examined_before: int
    candidates: Count | None
    stopped: bool = False


type Watch = Callable[[int, int], bool]
"""Gets how many entries were examined and how many tickets were found; False ends the reading."""


def unwatched(_examined: int, _found: int) -> bool:
    """Let the reading go on."""
    return True


def read(
    query: Query,
    tickets: TicketLists,
    now: datetime,
    *,
    cursor: str | None = None,
    watch: Watch = unwatched,
    count_to: int = COUNTED,
) -> Page:
    """Return a page of the tickets that match, the first one or the one at `cursor`.

    Open tickets come first due first, done tickets newest first. `count_to` bounds the counting.
    Raises CursorError.
    """
    begin = cursors.read(cursor, query) if cursor else None
    reading = _Reading(query, tickets, now)
    bound = max(EXAMINED, 2 * query.limit)
    found: list[Ticket] = []
    here, examined, opened = begin, 0, 0
    stopped, ended = False, True
    for part, entry, opens in reading.entries(begin):
        if entry.ticket and reading.wants(part, entry.ticket):
            if len(found) == query.limit:
                ended = False
                break
            found.append(entry.ticket)
        opened += opens
        examined += not opens
        here = Cursor(part.name, entry.after, 0, 0)
        stopped = not watch(examined, len(found))
        spent = examined + PRICE_OF_A_PART * opened >= bound
        if stopped or (spent and (examined or opened > 1)):  # each page comes further
            ended = False
            break
    before, examined_before = (begin.found, begin.examined) if begin else (0, 0)
    candidates = None if ended else reading.counted(count_to)
    if here:
        here = replace(here, found=before + len(found), examined=examined_before + examined)
    return Page(
        tickets=tuple(found),
        cursor=None if ended or here is None else cursors.written(here, query),
        before=before,
        total=_total(before + len(found), None if query.narrows else candidates, ended=ended),
        examined=examined,
        examined_before=examined_before,
        candidates=candidates,
        stopped=stopped,
    )


@dataclass(frozen=True, slots=True)
class _Source:
    """A part of a list by name, and how it is read from a position.

    `part` is None if the words of the query name its tickets exactly.
    """

    name: str
    entries: Callable[[Positions], Iterable[Entry]]
    part: Part | None = None


class _Reading:
    """The parts of a query's list, and which tickets in them are wanted."""

    def __init__(self, query: Query, tickets: TicketLists, now: datetime) -> None:
        self._query, self._tickets, self._now = query, tickets, now
        self._words = queries.words(query.search or "")

    def entries(self, begin: Cursor | None) -> Iterator[tuple[_Source, Entry, bool]]:
        """Yield the entries from a position on, and whether an entry only opens a part."""
        after: Positions = begin.after if begin else {}
        for source in self._from(begin):
            yield source, Entry(None, after), True
            for entry in source.entries(after):
                yield source, entry, False
            after = {}

    def wants(self, source: _Source, found: Ticket) -> bool:
        """Tell whether a ticket belongs into the list, and was not in an earlier part of it."""
        query = self._query
        if place(found).listing not in query.listings:
            return False
        if not queries.matches(found, query, self._now):
            return False
        if not self._words:
            return True
        if source.part is None and not query.customer:
            return True
        if not self._says(found):
            return False
        return found.id not in self._named

    def counted(self, count_to: int) -> Count | None:
        """Count the entries of all parts that the store can count."""
        parts = [source.part for source in self._sources(None) if source.part]
        days = sum(part.day is not None for part in parts)
        if not parts or not count_to or days > COUNTED_DAYS:
            return None
        total, kinds = 0, set()
        for part in parts:
            counted = self._tickets.count(part, count_to - total)
            total += counted.number
            kinds.add(counted.exactness)
            if total >= count_to:
                break
        kinds.discard(Exactness.EXACTLY)
        if len(kinds) > 1:
            return None
        return Count(total, kinds.pop() if kinds else Exactness.EXACTLY)

    @cached_property
    def _named(self) -> frozenset[str]:
        """The tickets that the words name exactly; these are in parts of their own."""
        query = self._query
        if query.customer or not query.search:
            return frozenset()
        hers = self._of_person(query.search.strip(), ambiguous=True)
        return frozenset([query.search.strip(), *(each.id for each in islice(hers, KNOWN))])

    def _says(self, found: Ticket) -> bool:
        if queries.mentions(found, self._words):
            return True
        if not self._query.full_text:
            return False
        conversation = self._tickets.conversation(found.id)
        messages = conversation.messages if conversation else ()
        return queries.mentions(found, self._words, (said.text for said in messages))

    def _from(self, begin: Cursor | None) -> Iterator[_Source]:
        """Yield the parts from the one at the cursor on. Raises CursorError if there is none."""
        sources = self._sources(begin)
        if begin is None:
            return sources
        left = dropwhile(lambda source: source.name != begin.part, sources)
        first = next(left, None)
        if first is None:
            raise CursorError
        return chain([first], left)

    def _sources(self, begin: Cursor | None) -> Iterator[_Source]:
        query = self._query
        if query.customer:
            yield _Source("customer", self._of_customer(query.customer))
            return
        if asked := (query.search or "").strip():
            if access.is_ticket_id(asked):
                yield _Source("ticket", lambda _: self._of_id(asked))
            yield _Source("customer", self._of_customer(asked, ambiguous=True))
        for listing in query.listings:
            if listing.is_open:
                yield self._stored(listing, Part((listing,)))
        done = tuple(listing for listing in query.listings if not listing.is_open)
        for day in self._days(begin) if done else ():
            yield self._stored(f"{_DONE}{day}", Part(done, day))

    def _stored(self, name: str, part: Part) -> _Source:
        limit = self._query.limit
        return _Source(name, lambda after: self._tickets.entries(part, after, limit), part)

    def _days(self, begin: Cursor | None) -> Iterator[date]:
        """Yield the days of done tickets, the latest first.

        A ticket that came at `since` was done on that day or later. A list that was begun before
        midnight keeps its earliest day.
        """
        today, query = self._now.astimezone(UTC).date(), self._query
        first = today - timedelta(days=query.days - 1)
        if query.since:
            first = min(first, query.since.astimezone(UTC).date())
        if begin and begin.part.startswith(_DONE):
            first = min(first, date.fromisoformat(begin.part.removeprefix(_DONE)))
        span = min((today - first).days + 1, MOST_DAYS)
        return (today - timedelta(days=back) for back in range(span))

    def _of_id(self, ticket_id: str) -> Iterator[Entry]:
        if found := self._tickets.get(ticket_id):
            yield Entry(found, {"id": ticket_id})

    def _of_person(
        self, name: str, *, until: datetime | None = None, ambiguous: bool = False
    ) -> Iterator[Ticket]:
        """Yield the tickets of the customer who is meant, newest first.

        If several customers are meant, raises AmbiguousCustomerError, or yields nothing if words
        may be `ambiguous`.
        """
        try:
            person = belonging.whose(name, self._tickets)
        except AmbiguousCustomerError:
            if ambiguous:
                return
            raise
        yield from belonging.tickets_of(person, self._tickets, unverified=True, until=until)

    def _of_customer(
        self, name: str, *, ambiguous: bool = False
    ) -> Callable[[Positions], Iterator[Entry]]:
        """Return how a customer's tickets are read, the newest first."""

        def entries(after: Positions) -> Iterator[Entry]:
            until = datetime.fromisoformat(after["until"]) if after else None
            seen = set(after["seen"].split()) if after else set()
            for each in self._of_person(name, until=until, ambiguous=ambiguous):
                if each.created_at == until and each.id in seen:
                    continue
                seen = {each.id} | (seen if each.created_at == until else set())
                until = each.created_at
                stands = {"until": until.isoformat(), "seen": " ".join(sorted(seen))}
                yield Entry(each, stands)

        return entries


def _total(found: int, entries: Count | None, *, ended: bool) -> Count:
    """Return how many tickets a list has, of which `found` were seen so far."""
    if ended:
        return Count(found, Exactness.EXACTLY)
    if entries and (entries.exactness is not Exactness.AT_LEAST or entries.number > found):
        return entries
    return Count(found, Exactness.AT_LEAST)
