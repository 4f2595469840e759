"""The drafter: an engine's draft takes the place of one that quotes, or leaves it with a mark."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from helpdesk import ticket
from helpdesk.drafting import (
    Draft,
    EngineError,
    Failure,
    Part,
    Prices,
    Request,
    Said,
    Usage,
    Written,
)
from helpdesk.evidence import Found, Origin, Passage
from helpdesk.knowledge import Link
from helpdesk.redrafting import (
    AgainError,
    Budgeted,
    Limits,
    Outcome,
    Result,
    redraft,
)
from helpdesk.ticket import Ticket

from tests.fakes import ADA, MORNING, InMemoryTickets
from tests.purses import InMemoryPurse
from tests.tickets import LATER, a_draft, handed_over, received, submitted

NAME = "openai:some-model"
NEW = "You can send it back within 45 days."
USAGE = Usage(read=500, written=60, calls=1, microdollars=2_400)
ID = received().id


@dataclass
class ScriptedEngine:
    """Writes NEW, or fails as it is told to."""

    failure: Failure | None = None
    usage: Usage = USAGE
    text: str = NEW
    meanwhile: Callable[[], object] = lambda: None
    asked: list[Request] = field(default_factory=list)
    name: str = NAME

    def write(self, request: Request) -> Written:
        self.asked.append(request)
        self.meanwhile()
        if self.failure:
            raise EngineError(self.failure, "it did not", self.usage)
        return Written(parts=(Part(text=self.text, rests_on=(1,)),), usage=self.usage)


@dataclass
class Shelf:
    """The desk's texts as they are now."""

    texts: dict[str, Passage] = field(default_factory=dict)
    below: tuple[Link, ...] = ()

    def links(self, passage_id: str) -> tuple[Link, ...]:
        return self.below

    def read(self, ids: Collection[str]) -> Mapping[str, Passage]:
        return {each: self.texts[each] for each in ids if each in self.texts}


PASSAGE = Passage(
    id="article:refund:1",
    origin=Origin.ARTICLE,
    version=4,
    title="Refunds",
    text="You can send it back within 45 days.",
)


@dataclass
class Desk:
    """A desk with one ticket that waits with a draft, and what a run of the drafter finds."""

    engine: ScriptedEngine = field(default_factory=ScriptedEngine)
    tickets: InMemoryTickets = field(default_factory=InMemoryTickets)
    shelf: Shelf = field(default_factory=lambda: Shelf({PASSAGE.id: PASSAGE}))

    def __post_init__(self) -> None:
        self.tickets.commit(submitted())
        self.tickets.commit(handed_over())

    def run(self, *, last: bool = False) -> Result:
        return redraft(
            ID,
            tickets=self.tickets,
            shelf=self.shelf,
            engine=self.engine,
            last=last,
            now=LATER,
        )

    @property
    def ticket(self) -> Ticket:
        found = self.tickets.get(ID)
        assert found
        return found

    @property
    def draft(self) -> Draft:
        assert self.ticket.draft
        found = self.tickets.draft(ID, self.ticket.draft.number)
        assert found
        return found


def test_the_draft_of_the_engine_takes_the_place_of_the_one_that_quotes() -> None:
    desk = Desk()
    before = desk.draft
    result = desk.run()

    assert result == Result(outcome=Outcome.DRAFTED, usage=USAGE)
    assert (desk.draft.text, desk.draft.engine, desk.draft.degraded) == (NEW, NAME, None)
    assert desk.draft.number == desk.ticket.version == before.number + 1
    assert desk.draft.basis == before.basis
    assert desk.ticket.draft
    assert (desk.ticket.draft.tokens, desk.ticket.draft.microdollars) == (560, 2_400)


def test_the_evidence_is_what_the_texts_say_now_under_the_same_numbers() -> None:
    desk = Desk()
    desk.run()

    (asked,) = desk.engine.asked
    assert asked.evidence == (Found(number=1, passage=PASSAGE, score=0.8),)
    assert asked.conversation == (Said(by_customer=True, text="Where is my order?"),)
    (cited,) = desk.draft.evidence
    assert (cited.number, cited.version, cited.quote) == (1, 4, PASSAGE.text)


def test_links_are_those_of_the_articles_and_the_engine_sees_none() -> None:
    link = Link(title="Returns", url="https://shop.example/returns")
    desk = Desk(shelf=Shelf({PASSAGE.id: PASSAGE}, (link,)))
    desk.run()

    assert link.url in desk.draft.text
    assert "https" not in str(desk.engine.asked)


def test_a_draft_that_its_evidence_does_not_bear_is_asked_for_once_more_and_then_dropped() -> None:
    desk = Desk(engine=ScriptedEngine(text="You can send it back within 90 days."))
    result = desk.run()

    assert (result.outcome, result.failure) == (Outcome.DEGRADED, Failure.UNGROUNDED)
    assert [bool(each.faults) for each in desk.engine.asked] == [False, True]
    assert desk.draft.text == a_draft().text
    assert desk.draft.usage == USAGE + USAGE


def test_without_any_evidence_that_is_left_the_engine_is_not_asked() -> None:
    desk = Desk(shelf=Shelf())

    assert desk.run().outcome is Outcome.NO_EVIDENCE
    assert desk.engine.asked == []
    assert desk.draft.engine != NAME


def test_what_records_said_is_taken_from_the_draft() -> None:
    """No text of the desk has it, and the drafter asks no records."""
    desk = Desk(shelf=Shelf())
    (cited,) = a_draft().evidence
    of_record = replace(cited, id="record:order", origin=Origin.RECORD, quote=PASSAGE.text)
    draft = replace(desk.draft, evidence=(of_record,))
    desk.tickets.commit(ticket.redraft(desk.ticket, draft, instead_of=draft.number, now=LATER))

    assert desk.run().outcome is Outcome.DRAFTED
    (found,) = desk.engine.asked[0].evidence
    assert found.passage.origin is Origin.RECORD
    assert found.passage.text == "You can send it back within 45 days."


def test_a_message_that_comes_twice_asks_the_engine_once() -> None:
    desk = Desk()
    desk.run()

    assert desk.run().outcome is Outcome.REPEATED
    assert len(desk.engine.asked) == 1


@pytest.mark.parametrize("failure", [Failure.UNAVAILABLE, Failure.THROTTLED, Failure.TOO_SLOW])
def test_a_failure_that_may_pass_is_left_to_the_queue_until_the_last_attempt(
    failure: Failure,
) -> None:
    desk = Desk(engine=ScriptedEngine(failure))
    with pytest.raises(AgainError, match=failure.value):
        desk.run()
    assert desk.draft.degraded is None

    result = desk.run(last=True)
    assert (result.outcome, result.failure) == (Outcome.DEGRADED, failure)
    assert desk.draft.degraded == failure
    assert desk.draft.text == a_draft().text


@pytest.mark.parametrize(
    "failure", [Failure.REFUSED, Failure.CUT_OFF, Failure.MALFORMED, Failure.OVER_BUDGET]
)
def test_a_failure_that_stays_marks_the_draft_at_once(failure: Failure) -> None:
    desk = Desk(engine=ScriptedEngine(failure))

    assert desk.run().outcome is Outcome.DEGRADED
    assert desk.run().outcome is Outcome.REPEATED
    assert len(desk.engine.asked) == 1
    assert desk.ticket.in_review


def test_a_draft_is_not_stored_once_the_customer_wrote_again() -> None:
    """A run that became stale while the engine wrote ends for good."""
    desk = Desk()
    desk.engine.meanwhile = lambda: desk.tickets.commit(
        ticket.follow_up(desk.ticket, "And now?", now=LATER)
    )

    assert desk.run() == Result(outcome=Outcome.STALE, usage=USAGE)
    assert desk.ticket.draft is None
    assert desk.run().outcome is Outcome.STALE
    assert len(desk.engine.asked) == 1


def test_a_draft_that_an_agent_dismissed_meanwhile_does_not_come_back() -> None:
    desk = Desk()
    taken = ticket.claim(desk.ticket, ADA, now=LATER, length=timedelta(minutes=5))
    desk.tickets.commit(taken)

    def dismiss() -> None:
        number = desk.draft.number
        desk.tickets.commit(ticket.dismiss(desk.ticket, ADA, number, now=LATER))

    desk.engine.meanwhile = dismiss
    assert desk.run().outcome is Outcome.STALE
    assert not desk.ticket.in_review


def test_an_agent_who_took_the_ticket_meanwhile_gets_the_draft() -> None:
    desk = Desk()
    desk.engine.meanwhile = lambda: desk.tickets.commit(
        ticket.claim(desk.ticket, ADA, now=LATER, length=timedelta(minutes=5))
    )

    assert desk.run().outcome is Outcome.DRAFTED
    assert desk.draft.text == NEW


def test_a_ticket_that_is_gone_is_no_failure() -> None:
    result = redraft(
        "9" * 16,
        tickets=InMemoryTickets(),
        shelf=Shelf(),
        engine=ScriptedEngine(),
        last=False,
        now=LATER,
    )

    assert result == Result(outcome=Outcome.STALE)


PRICES = Prices(read=3_000_000, written=15_000_000)
ASKED = Request(conversation=(), evidence=(), instructions="Write.", most=100)
LIMITS = Limits(microdollars=10_000, tokens=5_000)


def budgeted(purse: InMemoryPurse, engine: ScriptedEngine, **limits: int) -> Budgeted:
    return Budgeted(
        engine=engine,
        ticket_id=ID,
        purse=purse,
        limits=replace(LIMITS, **limits),
        prices=PRICES,
        weigh=lambda _: 1_000,
        clock=lambda: MORNING,
    )


def test_what_a_call_really_took_is_what_counts_in_the_end() -> None:
    purse = InMemoryPurse()
    written = budgeted(purse, ScriptedEngine()).write(ASKED)

    spent = purse.spent(MORNING.date())
    assert written.usage == USAGE
    assert [kind for kind, _ in purse.log] == ["set aside", "correct"]
    assert (purse.log[0][1].microdollars, purse.log[0][1].tokens) == (4_500, 1_100)
    assert (spent.microdollars, spent.tokens, spent.calls) == (2_400, 560, 1)


@pytest.mark.parametrize("limits", [{"microdollars": 4_499}, {"tokens": 1_099}, {"calls": 0}])
def test_over_the_budget_the_engine_is_not_asked(limits: dict[str, int]) -> None:
    purse, engine = InMemoryPurse(), ScriptedEngine()
    with pytest.raises(EngineError) as caught:
        budgeted(purse, engine, **limits).write(ASKED)

    assert caught.value.failure is Failure.OVER_BUDGET
    assert engine.asked == []
    assert purse.spent(MORNING.date()).microdollars == 0


def test_the_most_that_fits_exactly_is_within_the_budget() -> None:
    made = budgeted(InMemoryPurse(), ScriptedEngine(), microdollars=4_500, tokens=1_100, calls=1)

    assert made.write(ASKED).usage == USAGE


@pytest.mark.parametrize(
    ("failure", "usage", "tokens"),
    [
        (Failure.UNAVAILABLE, Usage(calls=1), 0),
        (Failure.THROTTLED, Usage(calls=1), 0),
        (Failure.CUT_OFF, USAGE, 560),
        (Failure.REFUSED, USAGE, 560),
        (Failure.MALFORMED, USAGE, 560),
        (Failure.MALFORMED, Usage(calls=1), 1_100),
        (Failure.TOO_SLOW, Usage(calls=1), 1_100),
    ],
)
def test_a_failed_call_counts_as_what_it_may_have_taken(
    failure: Failure, usage: Usage, tokens: int
) -> None:
    """An engine that was left too early may have written, and is paid for it."""
    purse = InMemoryPurse()
    with pytest.raises(EngineError):
        budgeted(purse, ScriptedEngine(failure, usage)).write(ASKED)

    assert purse.spent(MORNING.date()).tokens == tokens
    assert purse.spent(MORNING.date()).calls == 1


def test_a_run_that_dies_within_a_call_has_spent_the_most_it_may() -> None:
    purse = InMemoryPurse()

    class Dying(ScriptedEngine):
        def write(self, request: Request) -> Written:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        budgeted(purse, Dying()).write(ASKED)

    assert purse.spent(MORNING.date()).tokens == 1_100


def test_a_budget_bears_the_name_of_its_engine() -> None:
    assert budgeted(InMemoryPurse(), ScriptedEngine()).name == NAME
