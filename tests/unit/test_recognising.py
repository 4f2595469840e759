"""A ticket whose case the desk has already: it joins the other, and what it then gets."""

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from helpdesk import belonging, customers, erasure, processing
from helpdesk.cases import Rules
from helpdesk.customers import Question, Receipt
from helpdesk.files import Attachment, NoFiles
from helpdesk.files.model import State as FileState
from helpdesk.outbox import CHANNEL
from helpdesk.processing import Outcome
from helpdesk.recognising import MOST_KEYS, level_of
from helpdesk.ticket import Customer, Move, Source, State, replay
from helpdesk.triage import Entity, Understanding

from tests.fakes import KNOWN, LEAD, MORNING, Office, an_understanding
from tests.filing import an_attachment

ADA = Customer(email="ada@example.com")
UNPROVEN = Customer(email="x@example.com", verified=False)
COMPLAINT = "The zip of my backpack broke on the second day and I would like my money back."
CUT = "The zip of my backpack broke on the second day."
OTHER = "When does the shop in the station open on the first of May this year?"


@pytest.fixture
def office(office: Office) -> Office:
    """Return a desk that compares each ticket with the customer's others."""
    return replace(office, rules=Rules())


def asked(office: Office, text: str = COMPLAINT, *, customer: Customer = ADA) -> Receipt:
    """Return the receipt of a question that was processed."""
    receipt = office.submit(text, customer=customer)
    office.work_off()
    return receipt


def root_of(office: Office, receipt: Receipt) -> str | None:
    return office.ticket(receipt.ticket_id).merged_into


def seen(office: Office, receipt: Receipt) -> customers.Conversation:
    return customers.fetch(
        receipt.ticket_id, receipt.token, tickets=office.tickets, now=office.clock()
    )


def test_the_same_complaint_again_joins_the_first(office: Office) -> None:
    first = asked(office)
    waiting = office.escalations.depth()

    second, third = asked(office), asked(office, CUT)

    assert [root_of(office, each) for each in (first, second, third)] == [
        None,
        first.ticket_id,
        first.ticket_id,
    ]
    root = office.ticket(first.ticket_id)
    assert root.merged == {second.ticket_id, third.ticket_id}
    assert office.escalations.depth() == waiting
    joined = office.ticket(second.ticket_id)
    assert (joined.state, joined.merged_at) == (State.CLOSED, office.clock())
    assert joined.understanding
    for ticket_id in (first.ticket_id, second.ticket_id):
        events = office.tickets.events(ticket_id)
        assert replay(events) == office.ticket(ticket_id)
        assert events[-1].move is Move.MERGED
        assert "Taken for the same case" in (events[-1].note or "")


def test_it_gets_what_was_answered_and_what_is_answered_later(office: Office) -> None:
    first = asked(office)
    second = asked(office)
    said = seen(office, second).messages
    assert [each.source for each in said] == [Source.CUSTOMER, Source.AUTOMATIC]
    assert said[1].text == office.texts(first.ticket_id)[1]
    office.clock.advance(timedelta(minutes=1))

    assert office.take_next()
    office.reply(first.ticket_id, "A new one is on its way.")

    found = seen(office, second)
    assert found.messages[-1].text == "A new one is on its way."
    assert (found.ticket.id, found.ticket.state) == (second.ticket_id, State.ANSWERED)
    late = asked(office)
    assert seen(office, late).messages[-1].text == "A new one is on its way."
    assert office.ticket(late.ticket_id).messages == 2
    assert seen(office, late).messages[-1].source is Source.AUTOMATIC


def test_what_the_desk_answered_by_itself_is_answered_again(office: Office) -> None:
    office.understander.script[COMPLAINT] = office.understander.script[KNOWN]
    first, second = asked(office), asked(office)

    assert root_of(office, second) == first.ticket_id
    assert office.texts(second.ticket_id)[1] == office.texts(first.ticket_id)[1]
    assert office.tickets.conversation(second.ticket_id).messages[1].intent == "refund"


def test_what_its_customer_writes_later_goes_to_the_first(office: Office) -> None:
    first, second = asked(office), asked(office)

    office.follow_up(second, "Is there any news of it?")

    assert office.texts(first.ticket_id)[-1] == "Is there any news of it?"


@pytest.mark.parametrize(
    "customer",
    [
        Customer(email="bob@example.com"),
        Customer(),
        Customer(email=ADA.email, verified=False),
    ],
)
def test_another_customers_ticket_is_another_case(office: Office, customer: Customer) -> None:
    asked(office)

    assert root_of(office, asked(office, customer=customer)) is None
    again = asked(office, customer=customer)
    assert root_of(office, again) is None or customer.email == "bob@example.com"


def test_the_letter_case_of_an_address_does_not_matter(office: Office) -> None:
    first = asked(office)

    second = asked(office, customer=Customer(email="Ada@EXAMPLE.com"))

    assert root_of(office, second) == first.ticket_id


REFERENCE = "C-1"
AT_HOME = Customer(email="ada@example.com", reference=REFERENCE)
AT_WORK = Customer(email="lovelace@work.example", reference=REFERENCE)


def test_a_customers_other_addresses_count_where_bonds_show_them(office: Office) -> None:
    first = asked(office, customer=AT_HOME)

    second = asked(office, customer=AT_WORK)
    third = asked(office, customer=Customer(email="LOVELACE@work.example"))
    stranger = asked(office, customer=Customer(email="bob@work.example"))

    found = [root_of(office, each) for each in (second, third, stranger)]
    assert found == [first.ticket_id, first.ticket_id, None]
    assert office.tickets.recent(AT_WORK.key or "").version == 0


def test_addresses_that_a_lead_took_apart_are_two_customers(office: Office) -> None:
    asked(office, customer=AT_HOME)
    asked(office, OTHER, customer=AT_WORK)
    home, work = AT_HOME.keys[0], AT_WORK.keys[0]
    belonging.separate(
        home, work, lead=LEAD, reason="Two people.", tickets=office.tickets, now=office.clock()
    )

    assert root_of(office, asked(office, customer=AT_WORK)) is None


def test_addresses_that_a_lead_joined_are_one_customer(office: Office) -> None:
    first = asked(office)
    other = Customer(email="lovelace@work.example")
    asked(office, OTHER, customer=other)
    belonging.join(
        ADA.keys[0],
        other.keys[0],
        lead=LEAD,
        reason="She said so.",
        tickets=office.tickets,
        now=office.clock(),
    )

    assert root_of(office, asked(office, customer=other)) == first.ticket_id


@pytest.mark.parametrize(("addresses", "one"), [(MOST_KEYS - 1, True), (MOST_KEYS, False)])
def test_a_reference_of_many_addresses_joins_none(
    office: Office, addresses: int, *, one: bool
) -> None:
    """With the reference they are one key more."""
    customers = [Customer(email=f"{n}@work.example", reference=REFERENCE) for n in range(addresses)]
    for each in customers[1:-1]:
        asked(office, OTHER, customer=each)
    first = asked(office, customer=customers[0])

    found = root_of(office, asked(office, customer=customers[-1]))

    assert found == (first.ticket_id if one else None)


def test_who_types_an_address_gets_nothing_of_those_that_belong_to_it(office: Office) -> None:
    asked(office, customer=AT_HOME)
    asked(office, OTHER, customer=AT_WORK)

    assert root_of(office, by_mail(office, customer=replace(AT_WORK, verified=False))) is None


ORDERED = "Order 48213 came with a broken cup, it is in four pieces. What happens now?"


def test_a_graver_ticket_is_a_ticket_of_its_own(office: Office) -> None:
    """M6: it is read, although the desk has its case."""
    first = asked(office, ORDERED)

    second = asked(office, f"{ORDERED} My lawyer will sue you.")
    third = asked(office, f"{ORDERED} My lawyer will sue you.")

    assert root_of(office, second) is None
    threat = office.ticket(second.ticket_id)
    assert (threat.state, threat.severity and threat.severity.level) == (State.ESCALATED, 3)
    assert root_of(office, third) == second.ticket_id
    assert root_of(office, asked(office, ORDERED)) == first.ticket_id


@pytest.mark.parametrize(
    ("more", "same"),
    [
        ("I will tell the press.", False),
        ("I want to speak to your manager.", False),
        ("I want compensation for this.", False),
        ("I have written twice already.", True),
        ("Thank you for your help.", True),
    ],
)
def test_each_higher_level_counts_but_for_having_written_before(
    office: Office, more: str, *, same: bool
) -> None:
    first = asked(office, ORDERED)

    found = root_of(office, asked(office, f"{ORDERED} {more}"))

    assert found == (first.ticket_id if same else None)


def test_the_level_is_that_of_what_is_said_by_the_tables_of_the_desk() -> None:
    said = f"{ORDERED} I want to speak to your manager."
    meant = an_understanding(("refund", 0.3))

    assert level_of(said, meant) == 1
    assert level_of(said, meant, "rules.supervisor.level=3") == 3
    assert level_of("I have written twice already.", meant) == 0


def test_what_a_mail_carries_makes_no_matter_graver(office: Office) -> None:
    first = asked(office, ORDERED)
    footer = "This e-mail is confidential and may be legally privileged."
    quote = "> Our lawyer reads your formal complaint.\n> Your team"

    mail = f"Complaint\n\nDear Sirs,\n\n{ORDERED}\n\nKind regards\nAda\n\n{footer}\n\n{quote}"

    assert root_of(office, asked(office, mail)) == first.ticket_id


REMINDER = "I still have no answer about the zip of my backpack."


def test_a_reminder_joins_the_open_ticket_of_which_it_reminds(office: Office) -> None:
    first = asked(office)
    waiting = office.escalations.depth()

    assert root_of(office, asked(office, REMINDER)) == first.ticket_id
    assert office.escalations.depth() == waiting
    assert "of which it reminds" in (office.tickets.events(first.ticket_id)[-1].note or "")


def test_a_reminder_of_an_answered_ticket_is_read_by_people(office: Office) -> None:
    first = asked(office)
    office.take_next()
    office.reply(first.ticket_id)

    again = asked(office, REMINDER)

    assert root_of(office, again) is None
    assert office.ticket(again.ticket_id).state is State.ESCALATED


def test_a_reminder_that_names_nothing_joins_the_only_open_ticket(office: Office) -> None:
    first, second = asked(office), asked(office, OTHER)
    office.withdraw(second)

    assert root_of(office, asked(office, "Still no reply.")) == first.ticket_id
    asked(office, OTHER)
    assert root_of(office, asked(office, "Still no reply from you.")) is None


def test_a_mail_is_understood_again_without_its_subject(office: Office) -> None:
    heard: list[str] = []
    understand = office.understander.understand

    def listen(text: str) -> Understanding:
        heard.append(text)
        return replace(understand(text), meaning=bytes([100, 10]))

    office.understander.understand = listen  # type: ignore[method-assign]
    asked(office, f"My backpack\n\nHello,\n\n{COMPLAINT}\n\nKind regards\nAda")
    assert COMPLAINT.removesuffix(".") in {each.removesuffix(".") for each in heard}

    heard.clear()
    asked(office, OTHER)
    assert len([each for each in heard if each == OTHER]) == 1


@pytest.mark.parametrize(
    "text",
    [
        ORDERED.replace("48213", "48214"),
        ORDERED.replace("cup", "kettle"),
        "Which sizes does the cup of order 48213 come in?",
    ],
)
def test_another_order_good_or_question_is_another_case(office: Office, text: str) -> None:
    found = {
        each: an_understanding(("refund", 0.3), entities=entities_in(each))
        for each in (ORDERED, text)
    }
    office.understander.script.update(found)
    asked(office, ORDERED)

    assert root_of(office, asked(office, text)) is None


def entities_in(text: str) -> tuple[Entity, ...]:
    number = next(each for each in text.split() if each.isdigit())
    return (Entity("order_number", number, text.index(number), text.index(number) + 5),)


def by_mail(office: Office, text: str = COMPLAINT, *, customer: Customer = UNPROVEN) -> Receipt:
    receipt = customers.submit(
        Question(text=text, customer=customer, channel=CHANNEL),
        key=None,
        tickets=office.tickets,
        intake=office.intake,
        terms=office.terms,
        now=office.clock(),
    )
    office.work_off()
    return receipt


def test_mails_are_compared_although_no_one_vouches_for_the_sender(office: Office) -> None:
    first, second = by_mail(office), by_mail(office)

    assert root_of(office, second) == first.ticket_id
    page = asked(office, customer=UNPROVEN)
    assert root_of(office, page) is None


def test_thanks_are_no_case(office: Office) -> None:
    first, second = asked(office, "thank you!"), asked(office, "thank you!")

    assert root_of(office, second) is None
    assert office.ticket(first.ticket_id).state is State.ANSWERED
    assert not office.tickets.recent_cases


def test_the_eighth_day_begins_a_new_case(office: Office) -> None:
    first = asked(office)
    office.clock.advance(timedelta(days=6))
    assert root_of(office, asked(office)) == first.ticket_id
    office.clock.advance(timedelta(days=1))

    assert root_of(office, asked(office)) is None


def test_without_a_window_nothing_is_compared_or_kept(office: Office) -> None:
    office = replace(office, rules=processing.EACH_ITS_OWN)
    asked(office)

    assert root_of(office, asked(office)) is None
    assert not office.tickets.recent_cases


def test_a_closed_first_takes_none_and_the_next_does(office: Office) -> None:
    first = asked(office)
    office.withdraw(first)

    second, third = asked(office), asked(office)

    assert root_of(office, second) is None
    assert root_of(office, third) == second.ticket_id


def test_a_case_that_agents_merged_leads_to_the_ticket_that_holds_it(office: Office) -> None:
    first, other = asked(office), asked(office, OTHER)
    office.at_work().merge(other.ticket_id, first.ticket_id)

    assert root_of(office, asked(office)) == other.ticket_id


def test_what_agents_take_apart_stays_apart(office: Office) -> None:
    first, second = asked(office), asked(office)

    office.at_work().split(second.ticket_id)

    assert office.ticket(second.ticket_id).state is State.ESCALATED
    assert office.process(second.ticket_id)[0] is Outcome.ALREADY_DONE
    assert office.ticket(first.ticket_id).merged == set()


def test_a_message_that_comes_again_never_finds_its_own_ticket(office: Office) -> None:
    first = asked(office)

    assert office.process(first.ticket_id)[0] is Outcome.ALREADY_DONE
    second = asked(office)
    assert office.process(second.ticket_id)[0] is Outcome.ALREADY_DONE
    assert len(office.ticket(first.ticket_id).merged) == 1


def test_an_answered_ticket_that_its_customer_takes_up_stays_itself(office: Office) -> None:
    first = asked(office)
    office.take_next()
    office.reply(first.ticket_id)
    second = asked(office, OTHER)
    office.follow_up(first, COMPLAINT)
    office.work_off()

    assert root_of(office, first) is None
    assert root_of(office, second) is None


def test_thirty_at_once_are_one_case_with_twenty_nine_duplicates(office: Office) -> None:
    receipts = [office.submit(COMPLAINT, customer=ADA) for _ in range(30)]
    start = threading.Barrier(len(receipts))

    def work(ticket_id: str) -> None:
        start.wait()
        office.process(ticket_id)

    workers = [threading.Thread(target=work, args=(each.ticket_id,)) for each in receipts]
    for each in workers:
        each.start()
    for each in workers:
        each.join()

    roots = [each for each in receipts if root_of(office, each) is None]
    assert len(roots) == 1
    assert len(office.ticket(roots[0].ticket_id).merged) == 29
    assert office.escalations.depth() == 1


def test_the_clock_finds_nothing_that_waits_for_a_duplicate(office: Office) -> None:
    asked(office), asked(office)
    office.clock.advance(timedelta(days=2))

    assert office.reconcile().overdue == 1  # the first, whose message no one took


def test_erasing_a_ticket_forgets_the_recent_cases_of_its_customer(office: Office) -> None:
    first, second = asked(office), asked(office)
    other = asked(office, OTHER)
    assert len(office.tickets.recent_cases) == 1

    erasure.erase_ticket(second.ticket_id, LEAD, tickets=office.tickets, clock=office.clock)

    assert office.tickets.get(first.ticket_id) is None
    assert not office.tickets.recent_cases
    assert office.ticket(other.ticket_id)
    assert root_of(office, asked(office)) is None


def test_danger_that_was_answered_before_is_read_again(office: Office) -> None:
    grave = "I want to kill myself"
    first = asked(office, grave)
    assert root_of(office, asked(office, grave)) == first.ticket_id
    office.take_next()
    office.reply(first.ticket_id)

    again = asked(office, grave)

    assert root_of(office, again) is None
    assert office.ticket(again.ticket_id).state is State.ESCALATED


class SomeFiles(NoFiles):
    """Files by ticket: a name and a size each."""

    def __init__(self) -> None:
        self.sent: dict[str, list[tuple[str, int]]] = {}

    def of(self, ticket_id: str) -> tuple[Attachment, ...]:
        """Return the files of a ticket."""
        more: dict[str, Any] = {
            "version": 1,
            "media_type": "application/pdf",
            "state": FileState.READY,
            "announced_at": MORNING,
            "upload_until": MORNING,
            "expires_at": MORNING,
        }
        return tuple(
            Attachment(ticket_id=ticket_id, number=number, name=name, size=size, **more)
            for number, (name, size) in enumerate(self.sent.get(ticket_id, ()), start=1)
        )


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ([], [("a.pdf", 9)], False),
        ([("a.pdf", 9)], [("a.pdf", 9)], True),
        ([("a.pdf", 9)], [("a.pdf", 8)], False),
        ([("a.pdf", 9), ("b.pdf", 9)], [("a.pdf", 9)], True),
        ([("a.pdf", 9)], [], True),
    ],
)
def test_a_file_that_the_first_has_not_makes_another_case(
    office: Office, first: list[tuple[str, int]], second: list[tuple[str, int]], *, same: bool
) -> None:
    files = SomeFiles()
    receipts = [office.submit(COMPLAINT, customer=ADA) for _ in range(2)]
    for receipt, sent in zip(receipts, (first, second), strict=True):
        files.sent[receipt.ticket_id] = sent
        outcome, _ = replace(office, files=files).process(receipt.ticket_id)
    assert (outcome is Outcome.DUPLICATE) is same


def test_what_a_file_says_counts_for_a_ticket_that_joins_another(office: Office) -> None:
    first, second = (office.submit(COMPLAINT, customer=ADA) for _ in range(2))
    for each in (first, second):
        file = an_attachment(each.ticket_id)
        office.tickets.register.add(file)
        ready = replace(file, state=FileState.READY)
        office.tickets.register.change(file, ready, text="My lawyer will sue.")
        office.process(each.ticket_id)

    joined = office.ticket(second.ticket_id)

    assert joined.merged_into == first.ticket_id
    assert joined.severity
    assert "threatens with the law (file 1)" in joined.severity.explained
