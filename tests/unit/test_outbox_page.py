"""A customer who gave an address on a page: what the desk says there is mailed to it as well."""

from dataclasses import replace
from datetime import timedelta

import pytest
from helpdesk import outbox, ticket
from helpdesk.customers import Question
from helpdesk.mail import A_SENDER_A_DAY, Bounce, BounceKind, Standing
from helpdesk.outbox import Outcome, Part, RefusedError
from helpdesk.ticket import Customer, Move, State, Ticket
from helpdesk.triage import Answer

from tests.fakes import MORNING, an_article, an_understanding
from tests.mailing import ADDRESS, Post

ID = "1" * 16
TYPED = "Buy at http://evil.example"


@pytest.fixture
def post() -> Post:
    return Post()


def asked(post: Post, customer: Customer | None = None, ticket_id: str = ID) -> Ticket:
    """Ask on a page, with a text and a name that a stranger must not get from the desk."""
    change = ticket.submit(
        ticket_id=ticket_id,
        text=TYPED,
        customer=customer or Customer(email=ADDRESS, name=TYPED, verified=False, mailed=True),
        channel="web",
        token_hash="hash",
        now=MORNING,
        token_life=timedelta(days=90),
        retention=timedelta(days=400),
    )
    return post.move(change)


def answered(post: Post, of: Ticket) -> Ticket:
    settled = ticket.settle(of, an_understanding(), Answer(an_article("refund")), now=MORNING)
    return post.move(settled)


def by_a_person(post: Post, of: Ticket) -> Ticket:
    """Write again after the answer, and get a reply."""
    return post.reply(post.move(ticket.follow_up(of, "I need a person.", now=MORNING)))


def test_the_answer_and_a_persons_reply_leave(post: Post) -> None:
    of = by_a_person(post, answered(post, asked(post)))

    assert post.deliver(f"{ID}.2") is Outcome.SENT
    assert post.deliver(f"{ID}.{of.messages}") is Outcome.SENT
    assert [to for _, to in post.wire.paths] == [ADDRESS, ADDRESS]


def test_nothing_that_was_typed_goes_to_an_address_that_nobody_proved(post: Post) -> None:
    """Else anyone could write to anyone in the desk's name."""
    of = by_a_person(post, answered(post, asked(post)))
    for number in (2, of.messages):
        post.deliver(f"{ID}.{number}")

    assert len(post.wire.mails) == 2
    for raw, number in zip(post.wire.mails, range(2), strict=True):
        assert b"evil" not in raw
        assert post.wire.read(number)["Subject"] == "Your message"
        assert post.wire.read(number)["In-Reply-To"] is None
        assert str(post.wire.read(number)["To"]) == ADDRESS


def test_whom_the_shop_vouches_for_sees_what_was_said(post: Post) -> None:
    customer = Customer(email=ADDRESS, name="Ada", mailed=True)
    by_a_person(post, answered(post, asked(post, customer)))
    post.deliver(f"{ID}.4")

    read = post.wire.read()
    assert (read["Subject"], str(read["To"])) == (TYPED, f"Ada <{ADDRESS}>")
    assert b"evil" in post.wire.mails[0], "the history is quoted"


def test_an_answer_to_the_mail_comes_back_to_the_ticket(post: Post) -> None:
    post.reply(asked(post), "It is on its way.")
    post.deliver(f"{ID}.2")

    assert f"+{ID}." in post.wire.read()["Reply-To"]


@pytest.mark.parametrize(
    "customer",
    [
        Customer(email=ADDRESS, verified=False),
        Customer(reference="C-1", mailed=True),
        Customer(mailed=True),
    ],
)
def test_without_a_wish_or_an_address_nothing_leaves(post: Post, customer: Customer) -> None:
    by_a_person(post, answered(post, asked(post, customer)))

    assert post.outbox.mails == {}
    assert post.outbox.known == {}


def test_a_stranger_gets_three_automatic_mails_a_day_whatever_is_asked(post: Post) -> None:
    outcomes = []
    for number in range(A_SENDER_A_DAY + 2):
        ticket_id = f"{number}" * 16
        answered(post, asked(post, ticket_id=ticket_id))
        outcomes.append(post.deliver(f"{ticket_id}.2"))
        assert post.now(ticket_id).state is State.ANSWERED, "it was read on the page"

    silent = [Outcome.SILENT] * 2
    assert outcomes == [Outcome.SENT] * A_SENDER_A_DAY + silent


def test_an_answer_is_no_debt_for_who_reads_the_page(post: Post) -> None:
    answered(post, asked(post))

    assert post.outbox.mails[f"{ID}.2"].part is Part.NEWS


def test_a_reply_that_is_refused_is_noted_and_opens_nothing(post: Post) -> None:
    of = by_a_person(post, answered(post, asked(post)))
    post.wire.fault = RefusedError("no such mailbox")

    assert post.deliver(f"{ID}.{of.messages}") is Outcome.REFUSED
    last = post.tickets.events(ID)[-1]
    assert (last.move, post.now().state) == (Move.NOTED, State.ANSWERED)
    assert "no such mailbox" in (last.note or "")
    assert post.escalations.ticket_ids == []


def test_a_reply_that_comes_back_is_noted_and_opens_nothing(post: Post) -> None:
    by_a_person(post, answered(post, asked(post)))
    bounce = Bounce(kind=BounceKind.PERMANENT, status="5.1.1", ticket_id=ID)
    outbox.came_back(
        [bounce],
        outbox=post.outbox,
        tickets=post.tickets,
        escalations=post.escalations,
        now=post.clock(),
    )

    last = post.tickets.events(ID)[-1]
    assert (last.move, last.note) == (Move.NOTED, "A mail did not arrive (5.1.1).")
    assert post.now().state is State.ANSWERED


def test_who_answers_the_mail_is_a_customer_by_mail_from_then_on(post: Post) -> None:
    of = answered(post, asked(post))
    known = post.outbox.known[ID]
    assert (known.standing, known.on_a_page) == (Standing.UNPROVEN, True)
    post.outbox.correspond(replace(known, on_a_page=False, message_id="a@example.com"))
    of = by_a_person(post, of)
    post.deliver(f"{ID}.{of.messages}")

    assert post.wire.read()["In-Reply-To"] == "<a@example.com>"


def test_a_key_that_was_used_before_the_desk_had_mail_still_fits() -> None:
    said = Question(text="Where is it?", customer=Customer(email=ADDRESS), channel="web")
    mailed = replace(said, customer=replace(said.customer, mailed=True))

    assert said.fingerprint == mailed.fingerprint
