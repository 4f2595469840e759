"""The outbox over the template's own table: one step with the move, one mark, counters, erasure."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from helpdesk import erasure, outbox, reconciling, ticket
from helpdesk.aws import clients
from helpdesk.aws.dispatches import HIDDEN, HOLD
from helpdesk.aws.outbox import DynamoOutbox
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.mail import A_SENDER_A_DAY
from helpdesk.outbox import Correspondence, Outbound
from helpdesk.ports import ConflictError, QueueUnavailableError
from helpdesk.ticket import Change, Customer, State
from helpdesk.triage import Answer, Escalate, Reason

from tests.fakes import ADA, LEAD, MORNING, PATIENCE, Clock, an_article, an_understanding
from tests.integration.conftest import Stack
from tests.mailing import ADDRESS, by_mail, known

if TYPE_CHECKING:
    from collections.abc import Callable

ID = "1" * 16
LEASE = timedelta(minutes=15)
SECOND = timedelta(seconds=1)


class Post:
    """Tickets with their outbox, over the stack."""

    def __init__(self, stack: Stack) -> None:
        self.posted: list[str] = []
        self.table = clients.table(stack.outputs["TicketsTable"])
        self.tickets = DynamoTickets(self.table, patience=PATIENCE, post=self.posted.append)
        self.outbox: DynamoOutbox = self.tickets.outbox
        self.whole = boto3.resource("dynamodb").Table(stack.outputs["TicketsTable"])

    def came(self, ticket_id: str = ID, what: Correspondence | None = None) -> Change:
        change = by_mail(ticket_id)
        expires_at = change.after.expires_at
        self.outbox.correspond(what or known(ticket_id), expires_at=expires_at)
        self.tickets.commit(change)
        return change

    def answered(self, ticket_id: str = ID, what: Correspondence | None = None) -> Outbound:
        """Take a mail in, answer it, and return the mail that is to leave."""
        change = self.came(ticket_id, what)
        self.tickets.commit(answer(change.after))
        return self.mail(ticket_id)

    def mail(self, ticket_id: str = ID, number: int = 2) -> Outbound:
        found = self.outbox.mail(ticket_id, number)
        assert found is not None
        return found

    def left(self) -> list[dict[str, Any]]:
        return list(self.whole.scan()["Items"])


def answer(of: ticket.Ticket) -> Change:
    return ticket.settle(of, an_understanding(), Answer(an_article("refund")), now=MORNING)


@pytest.fixture
def post(stack: Stack) -> Post:
    return Post(stack)


class TestTheTransaction:
    def test_the_mail_is_stored_with_its_move_as_it_was_decided(self, post: Post) -> None:
        change = post.came()
        settled = answer(change.after)
        post.tickets.commit(settled)

        (decided,) = outbox.outbound(settled, known())
        assert replace(post.mail(), expires_at=decided.expires_at) == decided
        assert post.posted == [f"{ID}.2"]
        conversation = post.tickets.conversation(ID)
        assert conversation
        assert [each.number for each in conversation.messages] == [1, 2]
        assert len(post.tickets.events(ID)) == 2

    def test_a_move_that_lost_the_race_brings_no_mail(self, post: Post) -> None:
        change = post.came()
        post.tickets.commit(ticket.follow_up(change.after, "Hello?", now=MORNING))

        with pytest.raises(ConflictError):
            post.tickets.commit(answer(change.after))

        assert post.outbox.mail(ID, 2) is None
        assert post.posted == []

    def test_a_queue_that_is_down_does_not_undo_the_move(self, stack: Stack) -> None:
        def down(_: str) -> None:
            raise QueueUnavailableError("down")

        post = Post(stack)
        post.tickets = DynamoTickets(post.table, patience=PATIENCE, post=down)
        assert post.answered().waits

    def test_a_ticket_from_the_web_costs_nothing_more(self, post: Post) -> None:
        change = by_mail()
        change = replace(change, after=replace(change.after, channel="web"))
        post.tickets.commit(change)
        post.tickets.commit(answer(change.after))

        assert not [each for each in post.left() if each["sk"].startswith("DISPATCH#")]

    def test_an_address_from_a_page_is_written_to_from_its_first_answer_on(
        self, post: Post
    ) -> None:
        change = by_mail()
        asked = replace(
            change.after,
            channel="web",
            customer=Customer(email=ADDRESS, verified=False, mailed=True),
        )
        post.tickets.commit(replace(change, after=asked))
        assert post.outbox.correspondence(ID) is None, "asking costs nothing more"
        found = post.tickets.get(ID)
        assert found is not None
        assert found.customer.mailed
        post.tickets.commit(answer(found))

        kept = post.outbox.correspondence(ID)
        assert kept == outbox.beside_a_page(found)
        assert post.outbox.take_place(post.mail(), kept, MORNING) is None

    def test_what_is_kept_of_mails_is_renewed_but_not_the_count(self, post: Post) -> None:
        mail = post.answered()
        assert post.outbox.take_place(mail, post.outbox.correspondence(ID), MORNING) is None
        newer = replace(known(), subject="Another", references=(), message_id=None)
        post.outbox.correspond(newer, expires_at=MORNING + timedelta(days=400))

        found = post.outbox.correspondence(ID)
        assert found
        assert (found.subject, found.answered, found.customer) == ("Another", 1, newer.customer)


class TestTheMark:
    def test_a_mail_ends_once(self, post: Post) -> None:
        mail = post.outbox.begin(post.answered(), MORNING)
        ended = replace(mail, sent_at=MORNING, sent_as="1@mail.example", ended_at=MORNING)
        post.outbox.end(ended)

        assert replace(post.mail(), expires_at=ended.expires_at) == ended
        for again in (lambda: post.outbox.end(ended), lambda: post.outbox.begin(mail, MORNING)):
            with pytest.raises(ConflictError):
                again()
        assert list(post.outbox.overdue(MORNING + timedelta(days=9))) == []

    def test_one_courier_has_a_mail_at_a_time(self, post: Post) -> None:
        mail = post.answered()

        def begin(_: int) -> bool:
            at = DynamoOutbox(clients.table(post.table.name), patience=PATIENCE)
            try:
                at.begin(mail, MORNING)
            except ConflictError:
                return False
            return True

        with ThreadPoolExecutor(5) as pool:
            assert sum(pool.map(begin, range(5))) == 1
        assert post.outbox.begin(post.mail(), MORNING + HOLD).attempts == 2

    def test_a_mail_that_failed_leaves_the_list_until_it_begins_again(self, post: Post) -> None:
        mail = post.outbox.begin(post.answered(), MORNING)
        post.outbox.end(replace(mail, failed="no attempt succeeded"))
        later = MORNING + timedelta(days=1)

        assert list(post.outbox.overdue(later)) == []
        assert post.mail().failed
        post.outbox.begin(post.mail(), later)
        assert post.mail().failed is None
        assert list(post.outbox.overdue(later + HIDDEN + PATIENCE))

    def test_a_mail_that_is_gone_does_not_come_back(self, post: Post) -> None:
        mail = post.answered()
        here = post.tickets.get(ID)
        assert here
        post.tickets.erase(here, erasure.Erasure(ticket_id=ID, by="lena", at=MORNING))

        ended = replace(mail, ended_at=MORNING)
        with pytest.raises(ConflictError):
            post.outbox.end(ended)
        with pytest.raises(ConflictError):
            post.outbox.begin(mail, MORNING)
        assert post.outbox.mail(ID, 2) is None


class TestTheClock:
    def test_a_mail_that_is_not_sent_in_time_is_found(self, post: Post) -> None:
        post.answered()
        post.posted.clear()
        due = MORNING + PATIENCE

        def run(at: datetime) -> int:
            return reconciling.post_again(post.outbox, post=post.posted.append, clock=lambda: at)

        assert run(due - SECOND) == 0
        assert run(due) == 1
        assert run(due) == 0, "it was put off"
        assert run(due + PATIENCE) == 1
        assert run(due + 2 * PATIENCE) == 0, "the pauses double"
        assert run(due + 3 * PATIENCE) == 1
        assert post.posted == [f"{ID}.2"] * 3

    def test_a_mail_in_work_is_not_sent_again(self, post: Post) -> None:
        post.outbox.begin(post.answered(), MORNING)

        assert not list(post.outbox.overdue(MORNING + HIDDEN + PATIENCE - SECOND))
        assert list(post.outbox.overdue(MORNING + HIDDEN + PATIENCE))

    def test_the_oldest_that_waits_is_known_however_often_it_was_named_or_begun(
        self, post: Post
    ) -> None:
        assert post.outbox.oldest() is None
        mail = post.answered()
        assert post.outbox.oldest() == MORNING
        late = MORNING + timedelta(hours=9)
        for _ in range(3):
            reconciling.post_again(post.outbox, post=post.posted.append, clock=lambda: late)
        assert post.outbox.oldest() == MORNING
        begun = post.outbox.begin(mail, late)
        assert post.outbox.oldest() == MORNING
        post.outbox.end(replace(begun, ended_at=late))
        assert post.outbox.oldest() is None

    def test_a_nudge_for_what_moved_on_is_lost(self, post: Post) -> None:
        mail = post.answered()
        (late,) = post.outbox.overdue(MORNING + PATIENCE)
        post.outbox.end(replace(mail, ended_at=MORNING))

        with pytest.raises(ConflictError):
            post.outbox.nudge(late, MORNING)


class TestCounters:
    def test_a_ticket_gets_one_and_a_sender_three_a_day(self, post: Post) -> None:
        ids = [str(number) * 16 for number in range(5)]
        mails = [post.answered(each) for each in ids]

        def take(mail: Outbound, at: datetime = MORNING) -> str | None:
            return post.outbox.take_place(mail, post.outbox.correspondence(mail.ticket_id), at)

        assert [take(each) for each in mails] == [None] * A_SENDER_A_DAY + [
            "sender_has_several"
        ] * 2
        assert [take(post.mail(each)) for each in ids[:3]] == [None] * 3, "counted once"
        assert take(mails[3], MORNING + timedelta(days=1)) is None
        found = post.outbox.correspondence(ids[0])
        assert found
        other = replace(mails[0], number=3)
        stored = {"Item": {**post.whole.get_item(Key=key(mails[0]))["Item"], **key(other)}}
        post.whole.put_item(Item={**stored["Item"], "number": 3, "counted": False})
        assert take(other) == "ticket_has_one"

    def test_racing_couriers_keep_the_limit(self, post: Post) -> None:
        mails = [post.answered(f"{number:016}") for number in range(8)]

        def take(mail: Outbound) -> bool:
            at = DynamoOutbox(clients.table(post.table.name), patience=PATIENCE)
            while True:
                try:
                    why = at.take_place(mail, at.correspondence(mail.ticket_id), MORNING)
                except ConflictError:
                    continue
                return why is None

        with ThreadPoolExecutor(4) as pool:
            assert sum(pool.map(take, mails)) == A_SENDER_A_DAY


def key(mail: Outbound) -> dict[str, str]:
    return {"pk": f"TICKET#{mail.ticket_id}", "sk": f"DISPATCH#{mail.number:06}"}


class TestErasure:
    def test_nothing_of_the_mails_is_left(self, post: Post) -> None:
        mail = post.answered()
        post.outbox.take_place(mail, post.outbox.correspondence(ID), datetime.now(UTC))
        ended = replace(mail, sent_at=MORNING, sent_as="1@mail.example", ended_at=MORNING)
        post.outbox.end(ended)
        (thread,) = (each for each in post.left() if each["pk"].startswith("THREAD#"))
        assert thread["ticket_id"] == ID

        erasure.erase_ticket(ID, LEAD, tickets=post.tickets, clock=Clock(MORNING))

        assert {each["pk"] for each in post.left() if "CUSTOMER#" not in each["pk"]} == {
            f"ERASURE#{ID}"
        }
        assert ADDRESS not in str(post.left())

    def test_an_address_that_complained_stays_suppressed_without_being_shown(
        self, post: Post
    ) -> None:
        post.came()
        post.outbox.suppress(ADDRESS, MORNING)

        found = post.outbox.correspondence(ID)
        assert found
        assert found.suppressed
        erasure.erase_ticket(ID, LEAD, tickets=post.tickets, clock=Clock(MORNING))
        assert any(each["sk"] == "SUPPRESSED" for each in post.left())
        assert ADDRESS not in str(post.left())


def test_an_agents_reply_leaves_too(post: Post) -> None:
    here = post.came().after
    moves: list[Callable[[ticket.Ticket], Change]] = [
        lambda of: ticket.settle(
            of, an_understanding(), Escalate(Reason.OUT_OF_SCOPE), now=MORNING
        ),
        lambda of: ticket.claim(of, ADA, now=MORNING, length=LEASE),
        lambda of: ticket.reply(of, ADA, "On its way.", now=MORNING),
    ]
    for move in moves:
        change = move(here)
        post.tickets.commit(change)
        here = change.after

    assert here.state is State.ANSWERED
    assert post.mail().part is outbox.Part.REPLY
