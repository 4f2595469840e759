"""Many customers, the same matter within hours: what is an incident, and one reply to all."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from helpdesk import incidents, ticket
from helpdesk.incidents import Incident, Outcome, Rules, Step, reply_to_all, suspected
from helpdesk.incidents.looking import DAYS, MOST_LOOKED_AT
from helpdesk.ports import ConflictError, NotFoundError
from helpdesk.stats import Happening
from helpdesk.ticket import Agent, Change, Customer, NotAllowedError, Role, State, TextError
from helpdesk.triage import Answer, Escalate, Reason

from tests.fakes import LEAD, InMemoryTickets, Office, an_article, an_understanding

RULES = Rules()
DOWN = (
    "Your shop shows error 502 since this morning",
    "I cannot open the shop, it says error 502",
    "Error 502 when I try to pay",
    "what does error code 502 mean, nothing loads",
    "The site only says Error 502!!",
)
OTHERS = (
    "Would you sponsor our school's chess team? The tournament is in May.",
    "Do you sell gift wrapping for large boxes",
    "My lamp hums at night and the shade is loose",
    "Can I pick up the chair on Saturday in Ulm",
    "Which oil is best for a walnut table",
)
LATE = "Where is my parcel, it should have been here on Tuesday and the tracking page is empty"
SORRY = "Our shop is back since 10:15. We are sorry."


class Shop:
    """An office to which customers write; each text is escalated about an intent."""

    def __init__(self) -> None:
        self.office = Office.open()
        self.count = 0

    def ask(
        self, text: str, *, intent: str = "speak_to_human", by: str = "", decision: object = None
    ) -> str:
        self.count += 1
        customer = Customer(email=by or f"c{self.count}@x.example")
        ticket_id = self.office.submit(text, customer=customer).ticket_id
        found = self.office.ticket(ticket_id)
        change = ticket.settle(
            found,
            an_understanding((intent, 0.9)),
            decision or Escalate(Reason.OUT_OF_SCOPE),  # type: ignore[arg-type]
            now=self.office.clock(),
            said=text,
        )
        self.office.tickets.commit(change)
        self.office.clock.advance(timedelta(minutes=1))
        return ticket_id

    def found(self, rules: Rules = RULES) -> tuple[Incident, ...]:
        return suspected(self.office.tickets, self.office.clock(), rules).incidents

    def reply(self, incident: Incident, text: str = SORRY, *, dry_run: bool = False) -> list[Step]:
        lead = replace(self.office.at_work(), agent=LEAD)
        return list(reply_to_all(incident, text, lead, dry_run=dry_run))

    def said(self, ticket_id: str) -> list[str]:
        found = self.office.tickets.conversation(ticket_id)
        assert found
        return [each.text for each in found.messages if each.author == LEAD.name]


@pytest.fixture
def shop() -> Shop:
    return Shop()


class TestWhatIsOne:
    def test_many_customers_with_one_error(self, shop: Shop) -> None:
        ids = [shop.ask(text) for text in DOWN]
        for text in OTHERS:
            shop.ask(text)

        (found,) = shop.found()

        assert [each.id for each in found.voices] == ids
        assert (found.id, found.customers, found.waiting, found.usual) == (ids[0], 5, 5, None)
        assert found.told == "5 customers ask about the same within 4 min"

    def test_another_error_is_another_matter(self, shop: Shop) -> None:
        for number in range(6):
            shop.ask(f"Your shop only shows error E{number}7 when I pay")

        assert shop.found(replace(RULES, customers=2)) == ()

    def test_the_same_words_with_other_numbers(self, shop: Shop) -> None:
        ids = [shop.ask(f"{LATE}, order {40_000 + n}", intent="track_order") for n in range(6)]

        (found,) = shop.found()

        assert len(found.voices) == len(ids)

    def test_who_writes_again_is_one_customer(self, shop: Shop) -> None:
        for text in DOWN:
            shop.ask(text, by="ada@x.example")
        for text in DOWN[:3]:
            shop.ask(text)

        assert shop.found() == (), "eight tickets of four customers"

    def test_who_cannot_be_told_apart_is_one_customer(self, shop: Shop) -> None:
        for text in DOWN:
            ticket_id = shop.office.submit(text, customer=Customer()).ticket_id
            assert shop.office.ticket(ticket_id).customer.key is None

        assert shop.found() == ()

    def test_different_matters_are_none(self, shop: Shop) -> None:
        for text in OTHERS:
            shop.ask(text)

        assert shop.found(replace(RULES, customers=2)) == ()

    def test_one_intent_alone_is_none(self, shop: Shop) -> None:
        for text in OTHERS:
            shop.ask(text, intent="track_order")

        assert shop.found(replace(RULES, customers=2)) == ()

    def test_only_the_last_hours_count(self, shop: Shop) -> None:
        for text in DOWN[:2]:
            shop.ask(text)
        shop.office.clock.advance(timedelta(hours=6))
        for text in DOWN[2:]:
            shop.ask(text)

        assert shop.found() == ()
        assert len(shop.found(replace(RULES, span=timedelta(hours=7)))) == 1

    def test_spam_and_merged_tickets_are_left_out(self, shop: Shop) -> None:
        ids = [shop.ask(text) for text in DOWN]
        shop.office.at_work().claim(ids[0])
        shop.office.at_work().spam(ids[0])

        assert shop.found() == ()

    def test_two_incidents_at_once_the_larger_one_first(self, shop: Shop) -> None:
        for number in range(7):
            shop.ask(f"{LATE} {number}", intent="track_order")
        for text in DOWN:
            shop.ask(text)

        assert [each.customers for each in shop.found()] == [7, 5]

    def test_no_chain_of_likenesses_joins_what_is_not_alike(self, shop: Shop) -> None:
        words = [f"word{number}" for number in range(40)]
        for start in range(0, 25, 4):  # each is like the next one, and no other
            shop.ask(" ".join(words[start : start + 10]), intent=f"intent {start}")

        assert shop.found(replace(RULES, customers=4)) == ()


class TestWhatIsUsual:
    def week(self, shop: Shop, a_day: int) -> None:
        """Let a week pass in which so many customers a day ask where their parcels are."""
        for _ in range(DAYS):
            for number in range(a_day):
                shop.ask(f"{LATE} {number}", intent="track_order")
            shop.office.clock.advance(timedelta(days=1) - a_day * timedelta(minutes=1))

    @pytest.mark.parametrize(("a_day", "expected"), [(4, 1), (8, 0)])
    def test_clearly_more_than_usual(self, shop: Shop, a_day: int, expected: int) -> None:
        """Six in six hours: three times two is as many, three times one is fewer."""
        self.week(shop, a_day)
        for number in range(6):
            shop.ask(f"{LATE} {number}", intent="track_order")

        assert len(shop.found()) == expected

    def test_the_usual_number_is_told(self, shop: Shop) -> None:
        self.week(shop, 4)
        for number in range(6):
            shop.ask(f"{LATE} {number}", intent="track_order")

        (found,) = shop.found()
        assert found.usual == pytest.approx(1.0, abs=0.15)

    def test_each_day_of_the_week_before_counts_once(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        spans = list[tuple[datetime, datetime]]()
        happened = InMemoryTickets.happened

        def noted(self: InMemoryTickets, *span: datetime) -> tuple[Happening, ...]:
            spans.append((span[0], span[1]))
            return happened(self, *span)

        monkeypatch.setattr(InMemoryTickets, "happened", noted)
        for text in DOWN:
            shop.ask(text)
        shop.found()

        (since, _), *days = spans
        assert [until - since for since, until in days] == [timedelta(days=1)] * 7
        assert [since - until for _, until in days] == [timedelta(days=n) for n in range(7)]

    def test_the_week_is_read_only_if_enough_are_about_the_same(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        spans: list[timedelta] = []
        happened = InMemoryTickets.happened

        def counted(
            self: InMemoryTickets, since: datetime, until: datetime
        ) -> tuple[Happening, ...]:
            spans.append(until - since)
            return happened(self, since, until)

        monkeypatch.setattr(InMemoryTickets, "happened", counted)
        for text in OTHERS:
            shop.ask(text)
        shop.found()
        assert len(spans) == 1
        for text in DOWN:
            shop.ask(text)
        shop.found()
        assert len(spans) == 1 + 1 + DAYS

    def test_the_newest_are_looked_at(self, shop: Shop) -> None:
        for number in range(MOST_LOOKED_AT + 5):
            shop.ask(f"{OTHERS[number % 5]}")

        found = suspected(shop.office.tickets, shop.office.clock(), RULES)

        assert (found.came, found.looked_at) == (MOST_LOOKED_AT + 5, MOST_LOOKED_AT)


class TestOneReplyToAll:
    @pytest.fixture
    def down(self, shop: Shop) -> Incident:
        for text in (*DOWN, "Error 502 again and again"):
            shop.ask(text)
        (found,) = shop.found()
        return found

    def test_each_gets_it_once(self, shop: Shop, down: Incident) -> None:
        steps = shop.reply(down)

        assert [each.outcome for each in steps] == [Outcome.REPLIED] * 6
        for each in down.voices:
            assert shop.said(each.id) == [SORRY]
            assert shop.office.ticket(each.id).state is State.ANSWERED
        assert shop.office.escalations.depth() == 0
        again = shop.reply(down)
        assert [each.outcome for each in again] == [Outcome.HAS_IT] * 6
        (found,) = shop.found()
        assert (found.id, found.waiting) == (down.id, 0)
        assert [each.outcome for each in shop.reply(found)] == [Outcome.HAS_IT] * 6

    @pytest.mark.parametrize("done", range(6))
    def test_broken_off_it_is_made_again(self, shop: Shop, down: Incident, done: int) -> None:
        lead = replace(shop.office.at_work(), agent=LEAD)
        steps = reply_to_all(down, SORRY, lead)
        for _ in range(done):
            next(steps)
        lead.claim(down.voices[done].id)  # it ended between taking and replying

        (found,) = shop.found()
        shop.reply(found)

        assert [shop.said(each.id) for each in down.voices] == [[SORRY]] * 6

    def test_who_wrote_again_after_the_reply_does_not_get_it_twice(
        self, shop: Shop, down: Incident
    ) -> None:
        shop.reply(down)
        first = down.voices[0].id
        move = ticket.follow_up(
            shop.office.ticket(first), "Still broken here.", now=shop.office.clock()
        )
        shop.office.tickets.commit(move)
        (found,) = shop.found()

        assert shop.reply(found)[0] == Step(first, Outcome.HAS_IT)
        assert shop.office.ticket(first).state.is_open, "a person answers that"

    def test_what_moved_meanwhile_is_skipped_and_named(self, shop: Shop, down: Incident) -> None:
        held, closed, wrote, graver, gone, last = (each.id for each in down.voices)
        bob = shop.office.at_work("bob")
        bob.claim(held)
        bob.claim(closed)
        bob.close(closed)
        now = shop.office.clock()
        shop.office.tickets.commit(
            ticket.follow_up(shop.office.ticket(wrote), "And my order?", now=now)
        )
        severity = ticket.follow_up(shop.office.ticket(graver), "My lawyer will sue you", now=now)
        shop.office.tickets.commit(severity)
        del shop.office.tickets._files[gone]

        steps = shop.reply(down)

        assert steps == [
            Step(held, Outcome.SKIPPED, "bob holds it"),
            Step(closed, Outcome.SKIPPED, "it is closed"),
            Step(wrote, Outcome.SKIPPED, "more was said on it since you looked"),
            Step(graver, Outcome.SKIPPED, "level 3 needs an answer of its own"),
            Step(gone, Outcome.SKIPPED, "it was erased"),
            Step(last, Outcome.REPLIED),
        ]
        assert sum(len(shop.said(each)) for each in (held, closed, wrote, graver)) == 0

    @pytest.mark.parametrize("text", ["A word.", "Zebras."])
    def test_another_reply_of_an_agent_is_not_this_one(
        self, shop: Shop, down: Incident, text: str
    ) -> None:
        first = down.voices[0].id
        bob = shop.office.at_work("bob")
        bob.claim(first)
        bob.reply(first, text)

        assert shop.reply(down)[0] == Step(first, Outcome.SKIPPED, "it is answered")

    def test_one_that_waits_for_the_desk_again_is_left_to_it(
        self, shop: Shop, down: Incident
    ) -> None:
        first, now, bob = down.voices[0].id, shop.office.clock(), shop.office.at_work("bob")
        bob.claim(first)
        bob.close(first)
        again = ticket.follow_up(shop.office.ticket(first), "Hello?", now=now)
        shop.office.tickets.commit(again)
        assert again.after.state is State.RECEIVED

        assert shop.reply(down)[0] == Step(first, Outcome.SKIPPED, "it is received")

    def test_one_that_is_erased_in_the_last_moment_is_skipped(
        self, shop: Shop, down: Incident, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def erase(before: ticket.Ticket, *_: object, **__: object) -> Change:
            del shop.office.tickets._files[before.id]
            raise ConflictError(f"{before.id} is gone")

        monkeypatch.setattr(ticket, "reply", erase)

        assert {each.outcome for each in shop.reply(down)} == {Outcome.SKIPPED}

    def test_what_was_answered_automatically_is_left_alone(self, shop: Shop) -> None:
        for text in DOWN:
            shop.ask(text, decision=Answer(an_article("refund")))

        (found,) = shop.found()

        assert (found.waiting, {each.outcome for each in shop.reply(found)}) == (
            0, {Outcome.SKIPPED},
        )  # fmt: skip

    def test_a_move_in_the_last_moment_skips_it_and_gives_it_back(
        self, shop: Shop, down: Incident, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(before: ticket.Ticket, *_: object, **__: object) -> Change:
            raise ConflictError(f"{before.id} keeps changing")

        monkeypatch.setattr(ticket, "reply", refuse)

        steps = shop.reply(down)

        assert {each.outcome for each in steps} == {Outcome.SKIPPED}
        assert all("keeps changing" in str(each.why) for each in steps)
        assert not any(shop.office.ticket(each.id).lease for each in down.voices)

    def test_a_dry_run_moves_nothing(self, shop: Shop, down: Incident) -> None:
        shop.office.at_work("bob").claim(down.voices[0].id)
        before = [shop.office.ticket(each.id) for each in down.voices]

        steps = shop.reply(down, dry_run=True)

        assert [each.outcome for each in steps] == [Outcome.SKIPPED, *[Outcome.REPLIED] * 5]
        assert [shop.office.ticket(each.id) for each in down.voices] == before

    @pytest.mark.parametrize("roles", [{Role.AGENT}, {Role.AUDITOR}])
    def test_only_leads_may(self, shop: Shop, down: Incident, roles: set[Role]) -> None:
        agent = replace(shop.office.at_work(), agent=Agent("bea", frozenset(roles)))

        with pytest.raises(NotAllowedError, match="only leads"):
            reply_to_all(down, SORRY, agent)

    def test_an_empty_text_is_refused_before_the_first(self, shop: Shop, down: Incident) -> None:
        with pytest.raises(TextError):
            reply_to_all(down, " \u200b", replace(shop.office.at_work(), agent=LEAD))


def test_any_ticket_names_its_incident(shop: Shop) -> None:
    ids = [shop.ask(text) for text in DOWN]
    other = shop.ask(OTHERS[0])
    found = shop.found()

    assert all(incidents.holding(each, found) is found[0] for each in ids)
    with pytest.raises(NotFoundError, match="belongs to no incident now"):
        incidents.holding(other, found)
