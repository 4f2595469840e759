"""Which mails of a folder are taken, how far it was taken, and that none is lost or doubled."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from helpdesk import mail
from helpdesk.collecting import (
    LARGEST,
    MOST,
    WITHIN,
    Collected,
    MailboxError,
    Place,
    Rules,
    Trouble,
    Weight,
    begun,
    collect,
    name_of,
    passed,
    wanted,
)
from helpdesk.mail import Standing, Verdict
from helpdesk.ports import ConflictError
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import Clock
from tests.mails import BLOCK
from tests.mails import mail as ada_writes

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
TODAY = NOON.date()
DAY = timedelta(days=1)
RULES = Rules(mailbox="support@shop.example", host="imap.shop.example:993")


def a_mail(number: int) -> bytes:
    return ada_writes(body=b"mail %d" % number)


class DiedError(Exception):
    """The function dies here."""


@dataclass
class MemoryFolder:
    """A folder in memory: its mails by their numbers, each with the moment it came."""

    validity: int = 7
    mails: dict[int, tuple[bytes, datetime]] = field(default_factory=dict)
    sizes: dict[int, int] = field(default_factory=dict)
    unreadable: frozenset[int] = frozenset()

    @property
    def uid_next(self) -> int:
        return max(self.mails, default=0) + 1

    def add(self, number: int, came: datetime = NOON) -> None:
        self.mails[self.uid_next] = (a_mail(number), came)

    def renumbered(self, validity: int) -> "MemoryFolder":
        return MemoryFolder(validity, dict(enumerate(self.mails.values(), start=1)))

    def numbers(self, least: int, below: int | None, since: date | None) -> set[int]:
        last = max(self.mails, default=0)
        found = {uid for uid in self.mails if least <= uid and (below is None or uid < below)}
        found = {uid for uid in found if since is None or self.mails[uid][1].date() >= since}
        return found | ({last} if below is None and last else set())

    def weigh(self, uid: int) -> Weight | None:
        if uid not in self.mails:
            return None
        raw, came = self.mails[uid]
        return Weight(self.sizes.get(uid, len(raw)), came)

    def fetch(self, uid: int) -> bytes | None:
        return None if uid in self.unreadable or uid not in self.mails else self.mails[uid][0]


@dataclass
class MemoryPlaces:
    """A place in memory, moved on condition."""

    place: Place | None = None

    def get(self) -> Place | None:
        return self.place

    def move(self, before: Place | None, after: Place) -> None:
        if self.place != before:
            raise ConflictError("moved")
        self.place = after


@dataclass
class Desk:
    """Runs the use case; `objects` is what the bucket holds, `left` what was too large."""

    folder: MemoryFolder = field(default_factory=MemoryFolder)
    places: MemoryPlaces = field(default_factory=MemoryPlaces)
    objects: dict[str, bytes] = field(default_factory=dict)
    left: list[tuple[int, int]] = field(default_factory=list)
    clock: Callable[[], datetime] = lambda: NOON

    def run(self, rules: Rules = RULES, **others: Any) -> Collected:
        done = Collected()
        given = {"places": self.places, "store": self.objects.__setitem__, **others}
        collect(
            self.folder,
            rules=rules,
            left=lambda uid, size: self.left.append((uid, size)),
            clock=self.clock,
            done=done,
            **given,
        )
        return done

    def texts(self) -> list[str]:
        return sorted(mail.read(raw).text.strip() for raw in self.objects.values())


@pytest.fixture
def desk() -> Desk:
    """Return a desk that has looked at its empty folder once."""
    found = Desk()
    assert found.run() == Collected()
    return found


class TestWhichMails:
    def test_new_ones_in_their_order_and_each_once(self, desk: Desk) -> None:
        for number in range(3):
            desk.folder.add(number)

        assert (desk.run().fetched, desk.run().fetched) == (3, 0)
        assert desk.texts() == ["mail 0", "mail 1", "mail 2"]
        assert desk.places.place == Place(7, 3, TODAY, below=1)

    def test_a_first_look_takes_what_came_since_the_day_before(self) -> None:
        desk = Desk()
        for number, days in enumerate((400, 2, 1, 0)):
            desk.folder.add(number, NOON - days * DAY)

        assert desk.run() == Collected(fetched=2)
        assert desk.texts() == ["mail 2", "mail 3"]

    def test_an_old_mail_that_is_moved_into_the_folder_later_is_taken(self, desk: Desk) -> None:
        desk.folder.add(1, NOON - 300 * DAY)

        assert desk.run().fetched == 1
        assert desk.places.place
        assert desk.places.place.since == TODAY

    def test_no_more_than_a_run_may(self, desk: Desk) -> None:
        for number in range(MOST + 5):
            desk.folder.add(number)

        assert [desk.run().fetched for _ in range(3)] == [MOST, 5, 0]

    def test_none_is_begun_when_the_time_is_up(self, desk: Desk) -> None:
        clock = Clock(NOON)
        desk.clock = clock
        for number in range(3):
            desk.folder.add(number)

        def slow(name: str, raw: bytes) -> None:
            clock.advance(WITHIN)
            desk.objects[name] = raw

        assert [desk.run(store=slow).fetched for _ in range(4)] == [1, 1, 1, 0]

    def test_one_that_is_too_large_is_left_and_named(self, desk: Desk) -> None:
        for number in range(2):
            desk.folder.add(number)
        desk.folder.sizes[1] = LARGEST + 1

        assert desk.run() == Collected(fetched=1, too_large=1)
        assert (desk.left, desk.texts()) == ([(1, LARGEST + 1)], ["mail 1"])

    def test_one_whose_size_was_a_lie_is_left_too(self, desk: Desk) -> None:
        desk.folder.mails[1] = (b"x" * (LARGEST + 1), NOON)
        desk.folder.sizes[1] = 10

        assert desk.run() == Collected(too_large=1)
        assert desk.left == [(1, LARGEST + 1)]

    def test_one_that_is_gone_is_passed(self, desk: Desk) -> None:
        for number in range(2):
            desk.folder.add(number)

        class Fleeting(MemoryFolder):
            def fetch(self, uid: int) -> bytes | None:
                return self.mails.pop(uid)[0] if uid == 2 else self.mails.pop(uid, None) and None

        desk.folder = Fleeting(7, desk.folder.mails)
        assert desk.run().fetched == 1
        assert desk.texts() == ["mail 1"]

    def test_one_that_is_there_and_not_given_is_never_passed(self, desk: Desk) -> None:
        desk.folder.add(1)
        desk.folder.unreadable = frozenset({1})

        for _ in range(2):
            with pytest.raises(MailboxError) as caught:
                desk.run()
            assert caught.value.trouble is Trouble.ANSWER
        desk.folder.unreadable = frozenset()
        assert desk.run().fetched == 1


class TestAnotherNumbering:
    def test_it_goes_on_at_the_day_of_the_last_mail_and_doubles_none(self, desk: Desk) -> None:
        desk.folder.add(1, NOON - 5 * DAY)
        desk.folder.add(2, NOON)
        desk.run()
        desk.folder.add(3, NOON + timedelta(hours=1))
        desk.folder = desk.folder.renumbered(8)
        before = dict(desk.objects)

        assert desk.run() == Collected(fetched=2, restarted=True)
        assert set(desk.objects) > set(before)
        assert desk.texts() == ["mail 1", "mail 2", "mail 3"]
        assert desk.run() == Collected()

    def test_what_comes_later_is_taken_however_old_it_is(self, desk: Desk) -> None:
        desk.folder.add(1)
        desk.run()
        desk.folder = desk.folder.renumbered(8)
        desk.run()
        desk.folder.add(2, NOON - 100 * DAY)

        assert desk.run().fetched == 1

    def test_mails_that_wait_keep_the_day_while_the_older_ones_are_taken(self) -> None:
        """Numbers need not be in the order of days: the newest first would hide the others."""
        place = Place(8, 0, TODAY, below=10)

        assert passed(place, 3, TODAY + DAY, TODAY + DAY).since == TODAY
        assert passed(place, 10, TODAY + DAY, TODAY + DAY).since == TODAY + DAY

    def test_a_wrong_clock_of_the_server_hides_no_later_mail(self) -> None:
        assert passed(Place(7, 0, TODAY), 1, TODAY + 900 * DAY, TODAY).since == TODAY

    def test_the_same_numbering_goes_on(self) -> None:
        place = Place(7, 4, TODAY)
        assert begun(place, 7, 9, TODAY + DAY) is place


@given(
    st.sets(st.integers(1, 40)),
    st.integers(0, 45),
    st.integers(0, 45),
    st.sets(st.integers(1, 40)),
)
def test_what_is_wanted(there: set[int], uid: int, below: int, old: set[int]) -> None:
    came = {each: (b"", NOON - (9 * DAY if each in old else 0 * DAY)) for each in there}
    place = Place(7, uid, TODAY, below)

    found = wanted(place, MemoryFolder(7, came))

    assert found == [n for n in sorted(there) if n > uid and (n >= below or n not in old)]


class TestDying:
    """A run that dies between any two steps loses none and doubles none."""

    @pytest.mark.parametrize("after", [False, True])
    @pytest.mark.parametrize("at", range(5))
    @pytest.mark.parametrize("step", ["store", "move"])
    def test_at_each_step(self, step: str, at: int, *, after: bool) -> None:
        desk, count = Desk(), 0
        for number in range(4):
            desk.folder.add(number)

        def dying[**P](call: Callable[P, object]) -> Callable[P, None]:
            def made(*args: P.args, **kwargs: P.kwargs) -> None:
                nonlocal count
                dies, count = count == at, count + 1
                if dies and not after:
                    raise DiedError
                call(*args, **kwargs)
                if dies:
                    raise DiedError

            return made

        places, store = desk.places, desk.objects.__setitem__
        if step == "move":
            mortal = MemoryPlaces()
            mortal.get, mortal.move = places.get, dying(places.move)  # type: ignore[method-assign]
            given: dict[str, Any] = {"places": mortal}
        else:
            given = {"store": dying(store)}
        for _ in range(3):
            try:
                desk.run(**given)
            except DiedError:
                continue

        assert desk.texts() == ["mail 0", "mail 1", "mail 2", "mail 3"]
        assert desk.places.place
        assert desk.places.place.uid == 4

    def test_two_runs_at_once(self, desk: Desk) -> None:
        """The second takes all while the first stores its first mail."""
        for number in range(3):
            desk.folder.add(number)
        other: list[Collected] = []

        def slow(name: str, raw: bytes) -> None:
            other.append(desk.run())
            desk.objects[name] = raw

        assert desk.run(store=slow) == Collected(overtaken=True)
        assert other == [Collected(fetched=3)]
        assert desk.texts() == ["mail 0", "mail 1", "mail 2"]
        assert desk.run() == Collected()


class TestTrust:
    def stored(self, raw: bytes, authority: str = "") -> mail.Mail:
        desk = Desk()
        desk.folder.mails[1] = (raw, NOON)
        desk.run(replace(RULES, authority=authority))
        (found,) = desk.objects.values()
        assert found.endswith(raw)
        return mail.read(found)

    def results(self, server: str, said: str = "dmarc=pass header.from=example.com") -> bytes:
        return f"Authentication-Results: {server}; {said}".encode()

    def test_no_sender_is_proven_even_by_headers_of_the_mail_service(self) -> None:
        """A folder's server may write nothing on top, and then a sender's headers would be."""
        found = self.stored(BLOCK + ada_writes(body=b"x"))

        assert found.standing is Standing.UNPROVEN
        assert found.verdicts.spam is Verdict.GRAY
        assert found.recipients[0] == "support@shop.example"
        assert found.automatic is None

    def test_results_are_not_believed_unless_their_server_is_named(self) -> None:
        raw = ada_writes(self.results("mx.shop.example"), body=b"x")

        assert self.stored(raw).standing is Standing.UNPROVEN
        assert self.stored(raw, "mx.other.example").standing is Standing.UNPROVEN
        assert self.stored(raw, "MX.shop.example").standing is Standing.PROVEN

    @pytest.mark.parametrize("said", ["dmarc=fail", "none", "spf=pass; dkim=pass"])
    def test_only_the_topmost_results_count(self, said: str) -> None:
        raw = ada_writes(
            self.results("mx.shop.example", said), self.results("mx.shop.example"), body=b"x"
        )

        assert self.stored(raw, "mx.shop.example").standing is Standing.UNPROVEN

    def test_a_report_is_still_a_machines(self) -> None:
        found = self.stored(b"Return-Path: <>\r\n" + ada_writes(body=b"x"))

        assert found.automatic
        assert found.automatic.by_machine


def test_a_name_is_of_the_bytes_and_of_nothing_else() -> None:
    assert name_of(b"a") == name_of(b"a") != name_of(b"b")
    assert name_of(b"a").startswith("imap-")
