"""What a file says counts where the message says too little; and how long a ticket waits."""

from datetime import timedelta

import pytest
from helpdesk import processing
from helpdesk.files import NO_FILES, State, Why, weighing
from helpdesk.processing import Outcome
from helpdesk.ticket import MAX_TEXT, Ticket
from helpdesk.ticket import State as TicketState
from helpdesk.triage import Answer, Ask, Decision, Escalate, Greet, Reason

from tests.fakes import KNOWN, MORNING, UNKNOWN, Office, an_article, an_understanding
from tests.filing import InMemoryRegister, an_attachment

PATIENCE = timedelta(seconds=60)
REFUND, CANCEL = an_article("refund"), an_article("cancel_order")
FEARED = an_article("gas_leak")
UNCLEAR = Escalate(Reason.OUT_OF_SCOPE)


@pytest.mark.parametrize(
    ("decision", "enough"),
    [
        (Answer(REFUND), True),
        (Ask((REFUND, CANCEL)), True),
        (Greet(), True),
        (Escalate(Reason.DANGER), True),
        (Escalate(Reason.ASKED_FOR_PERSON), True),
        (Escalate(Reason.AMBIGUOUS), True),
        (Escalate(Reason.OUT_OF_SCOPE), False),
        (Escalate(Reason.LOW_CONFIDENCE), False),
        (Escalate(Reason.UNREADABLE), False),
        (Escalate(Reason.LANGUAGE), False),
    ],
)
def test_a_message_that_says_enough_needs_no_file(decision: Decision, enough: bool) -> None:
    assert weighing.says_enough(decision) == enough


@pytest.mark.parametrize(
    ("of_file", "weighed"),
    [
        (Answer(REFUND), Escalate(Reason.OUT_OF_SCOPE, likely=REFUND)),
        (Ask((CANCEL, REFUND)), Escalate(Reason.OUT_OF_SCOPE, likely=CANCEL)),
        (Greet(), UNCLEAR),
        (Escalate(Reason.LOW_CONFIDENCE, likely=CANCEL), UNCLEAR),
        (Escalate(Reason.LANGUAGE, feared=FEARED), Escalate(Reason.OUT_OF_SCOPE, feared=FEARED)),
        (Escalate(Reason.DANGER), Escalate(Reason.DANGER)),
        (
            Escalate(Reason.NEEDS_PERSON, acknowledgement=CANCEL),
            Escalate(Reason.NEEDS_PERSON, acknowledgement=CANCEL),
        ),
    ],
)
def test_a_file_says_what_a_ticket_is_about_and_is_never_answered(
    of_file: Decision, weighed: Escalate
) -> None:
    assert weighing.weighed(UNCLEAR, of_file) == weighed


class TestWaiting:
    @pytest.mark.parametrize(
        ("state", "age", "use"),
        [
            (State.EXPECTED, 0, "wait"),
            (State.EXPECTED, 59, "wait"),
            (State.EXPECTED, 60, "none"),
            (State.CHECKED, 59, "wait"),
            (State.CHECKED, 60, "none"),
            (State.READY, 0, "read"),
            (State.READY, 60, "read"),
            (State.REFUSED, 0, "none"),
            (State.ERASED, 0, "none"),
        ],
    )
    def test_a_file_on_its_way_is_waited_for_no_longer_than_the_patience(
        self, state: State, age: int, use: str
    ) -> None:
        now = MORNING + timedelta(seconds=age)
        file = an_attachment(state=state)

        assert weighing.use_of([file], since=MORNING, now=now, patience=PATIENCE) == use

    def test_a_file_whose_link_has_ended_is_not_waited_for(self) -> None:
        late = an_attachment(upload_until=MORNING)

        use = weighing.use_of([late], since=MORNING, now=MORNING, patience=PATIENCE)
        assert use is weighing.Use.NONE

    def test_one_file_on_its_way_is_enough_to_wait(self) -> None:
        both = [an_attachment(number=1, state=State.READY), an_attachment(number=2)]

        assert weighing.use_of(both, since=MORNING, now=MORNING, patience=PATIENCE) == "wait"
        later = MORNING + PATIENCE
        assert weighing.use_of(both, since=MORNING, now=later, patience=PATIENCE) == "read"

    def test_a_few_files_with_a_text_are_asked(self) -> None:
        many = [an_attachment(number=n, state=State.READY) for n in range(2, 9)]
        unread = an_attachment(number=1, state=State.READY, why=Why.ENCRYPTED)

        assert weighing.looked_at([unread, *many]) == (2, 3, 4)


class Desk:
    """A worker's desk with a ticket that has files."""

    def __init__(self, text: str = UNKNOWN, **file: object) -> None:
        self.office = Office.open()
        self.office.understander.script[UNKNOWN] = an_understanding(("nothing", 0.1), scope=0.0)
        self.id = self.office.submit(text).ticket_id
        self.register = InMemoryRegister(an_attachment(self.id, **file)) if file else None

    def process(self) -> tuple[Outcome, Ticket]:
        office = self.office
        return processing.process(
            self.id,
            tickets=office.tickets,
            articles=office.articles,
            texts=office.desk_texts,
            understander=office.understander,
            escalations=office.escalations,
            policy=office.policy,
            clock=office.clock,
            files=self.register or NO_FILES,
            file_wait=PATIENCE,
        )

    def says(self, text: str) -> None:
        assert self.register
        self.register.texts[self.id, 1] = text


def test_a_request_that_stands_in_the_file_alone_gives_the_ticket_its_category() -> None:
    desk = Desk(state=State.READY)
    desk.says(KNOWN)

    outcome, after = desk.process()

    assert (outcome, after.state) == (Outcome.ESCALATED, TicketState.ESCALATED)
    assert (after.category, after.department) == (REFUND.category, REFUND.department)
    assert after.matter_guessed
    assert after.understanding
    assert after.understanding.ranking[0].name == "refund"
    assert after.reason is Reason.OUT_OF_SCOPE, "why a person has it is the message's"


def test_a_message_that_is_clear_is_answered_and_its_file_is_not_asked() -> None:
    desk = Desk(KNOWN, state=State.READY)
    desk.says(UNKNOWN)

    outcome, after = desk.process()

    assert (outcome, after.state) == (Outcome.ANSWERED, TicketState.ANSWERED)
    assert after.understanding
    assert after.understanding.ranking[0].name == "refund"


LETTER = "Dear Sirs, we act for Ms Lovelace. Unless you pay, we will issue court proceedings."


class TestLevel:
    """What a file says may make its ticket more serious."""

    def test_a_clear_message_with_a_lawyers_letter_goes_to_people(self) -> None:
        desk = Desk(KNOWN, state=State.READY)
        desk.says(LETTER)

        outcome, after = desk.process()

        assert (outcome, after.reason) == (Outcome.ESCALATED, Reason.LEGAL)
        assert after.severity
        assert (after.level, after.severity.legal, after.severity.needs) == (3, True, "lead")
        assert "file 1" in [each.where for each in after.severity.findings]
        assert after.severity.team == "returns_team", "by the words: money back"

    def test_a_letter_that_is_read_after_the_answer_brings_the_ticket_to_people(self) -> None:
        desk = Desk(KNOWN, state=State.EXPECTED)
        assert desk.process()[0] is Outcome.ANSWERED
        assert desk.process()[0] is Outcome.ALREADY_DONE
        desk.register = InMemoryRegister(an_attachment(desk.id, state=State.READY))
        desk.says(LETTER)

        outcome, after = desk.process()

        assert (outcome, after.state, after.level) == (
            Outcome.ESCALATED, TicketState.ESCALATED, 3,
        )  # fmt: skip
        assert desk.office.escalations.ticket_ids == [desk.id]
        assert desk.process()[0] is Outcome.ALREADY_DONE

    def test_people_who_have_the_ticket_find_a_note(self) -> None:
        desk = Desk(UNKNOWN, state=State.REFUSED)
        first = desk.process()[1]
        desk.register = InMemoryRegister(an_attachment(desk.id, state=State.READY))
        desk.says(LETTER)

        outcome, after = desk.process()

        assert (outcome, after.state) == (Outcome.RAISED, TicketState.ESCALATED)
        assert (first.level, after.level) == (0, 3)
        assert after.urgency.score > first.urgency.score
        note = desk.office.tickets.events(desk.id)[-1].note
        assert note
        assert "level 3" in note

    def test_every_file_with_a_text_is_looked_at(self) -> None:
        desk = Desk(KNOWN, state=State.READY)
        files = [an_attachment(desk.id, number=n, state=State.READY) for n in range(1, 7)]
        desk.register = InMemoryRegister(*files)
        desk.register.texts[desk.id, 6] = LETTER

        assert desk.process()[1].level == 3


def test_a_ticket_waits_for_its_file_and_is_settled_when_it_is_read() -> None:
    desk = Desk(state=State.EXPECTED)

    outcome, after = desk.process()
    assert (outcome, after.state, after.version) == (Outcome.WAITING, TicketState.RECEIVED, 1)
    assert not desk.office.escalations.ticket_ids
    known = desk.register.get(desk.id, 1) if desk.register else None
    assert known
    assert desk.register
    desk.register.change(known, an_attachment(desk.id, state=State.READY, version=2), text=KNOWN)

    outcome, after = desk.process()
    assert (outcome, after.category) == (Outcome.ESCALATED, REFUND.category)


def test_a_file_that_does_not_come_keeps_no_ticket() -> None:
    """The message comes again by the reconciler, and the ticket goes to people without the file."""
    desk = Desk(state=State.EXPECTED)
    desk.office.intake.lose_everything()
    assert desk.process()[0] is Outcome.WAITING
    desk.office.clock.advance(timedelta(minutes=3))
    desk.office.reconcile()
    assert desk.office.intake.ticket_ids == [desk.id]

    outcome, after = desk.process()
    assert (outcome, after.reason) == (Outcome.ESCALATED, Reason.OUT_OF_SCOPE)
    assert after.category is None


def test_mood_and_language_stay_the_customers() -> None:
    desk = Desk("ich will das nicht", state=State.READY)
    desk.says(KNOWN)
    angry = an_understanding(("refund", 0.1), scope=0.0, language="de", sentiment=-0.9)
    desk.office.understander.script["ich will das nicht"] = angry

    after = desk.process()[1]

    assert after.understanding
    assert (after.understanding.language, after.understanding.sentiment) == ("de", -0.9)
    assert after.understanding.ranking[0].name == "refund"


def test_danger_in_a_file_is_danger() -> None:
    desk = Desk(state=State.READY)
    desk.says("There is a gas leak in my kitchen and my child cannot breathe")

    after = desk.process()[1]

    assert after.reason is Reason.DANGER


def test_a_long_file_is_asked_no_more_than_a_long_message() -> None:
    desk = Desk(state=State.READY)
    desk.says("x" * (2 * MAX_TEXT))

    desk.process()

    assert max(map(len, desk.office.understander.texts)) <= MAX_TEXT


def test_a_file_that_says_nothing_changes_nothing() -> None:
    with_file, without = Desk(state=State.READY), Desk()
    with_file.says("lorem ipsum")

    with_file.office.understander.script["lorem ipsum"] = an_understanding(("x", 0.1), scope=0.0)
    (one, first), (other, second) = with_file.process(), without.process()

    assert (one, first.reason, first.category) == (other, second.reason, None)
