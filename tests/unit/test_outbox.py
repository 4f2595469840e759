"""What leaves of a change, how it is written, sent once, marked, and told of if it stays."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest
from helpdesk import mail, outbox, ticket
from helpdesk.mail import (
    A_SENDER_A_DAY,
    Address,
    Bounce,
    BounceKind,
    Keys,
    Sign,
    Standing,
    bounced,
    compose,
    ticket_of,
)
from helpdesk.outbox import Correspondence, Outcome, Part, RefusedError, UnavailableError
from helpdesk.ports import ConflictError
from helpdesk.ticket import Change, Move, Source, State, Ticket
from helpdesk.triage import Answer, Ask, Escalate, Reason
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import ADA, MORNING, an_article
from tests.mailing import ADDRESS, DESK, Post, by_mail, known
from tests.outboxes import HOLD
from tests.tickets import ARTICLES, UNDERSTOOD, submitted

LEASE = timedelta(minutes=15)
ID = "1" * 16
REFUND = Answer(an_article("refund"))
ESCALATED = Escalate(Reason.LOW_CONFIDENCE)


@pytest.fixture
def post() -> Post:
    return Post()


def settle(of: Ticket, decision: object = REFUND) -> Change:
    return ticket.settle(of, UNDERSTOOD, decision, now=MORNING)  # type: ignore[arg-type]


def replied(of: Ticket, text: str = "It is on its way.") -> Change:
    escalated = of if of.state is State.ESCALATED else settle(of, ESCALATED).after
    held = ticket.claim(escalated, ADA, now=MORNING, length=LEASE).after
    return ticket.reply(held, ADA, text, now=MORNING)


def told(of: Ticket) -> Change:
    return ticket.tell(settle(of, ESCALATED), "A person has your question.")


CHANGES = {
    Part.ANSWER: settle(by_mail().after),
    Part.QUESTION: settle(by_mail().after, Ask(ARTICLES)),
    Part.NEWS: told(by_mail().after),
    Part.REPLY: replied(by_mail().after),
}


class TestWhatLeaves:
    @pytest.mark.parametrize("part", Part)
    def test_each_message_that_the_customer_did_not_write(self, part: Part) -> None:
        (mail,) = outbox.outbound(CHANGES[part], known())

        assert (mail.id, mail.part, mail.recipient) == (f"{ID}.2", part, ADDRESS)
        assert (mail.silent, mail.attempts, mail.waits) == (None, 0, True)
        assert outbox.named(mail.id) == (ID, 2)
        assert mail.is_automatic is (part is not Part.REPLY)

    @pytest.mark.parametrize("part", Part)
    def test_nothing_of_tickets_of_which_no_mail_is_kept(self, part: Part) -> None:
        """A program that submits a question may call its channel as it likes."""
        assert outbox.outbound(CHANGES[part], None) == ()

    def test_nothing_of_what_the_customer_wrote_or_no_one_said(self) -> None:
        claimed = ticket.claim(
            settle(by_mail().after, ESCALATED).after, ADA, now=MORNING, length=LEASE
        )

        assert outbox.outbound(by_mail(), known()) == ()
        assert outbox.outbound(claimed, known()) == ()

    @given(
        part=st.sampled_from(Part),
        standing=st.sampled_from(Standing),
        sign=st.none() | st.sampled_from(Sign),
        suppressed=st.booleans(),
        address=st.sampled_from([ADDRESS, "not an address", "ü@example.com", ""]),
    )
    def test_any_change_has_one_mail_or_a_reason(
        self,
        *,
        part: Part,
        standing: Standing,
        sign: Sign | None,
        suppressed: bool,
        address: str,
    ) -> None:
        change = CHANGES[part]
        what = Correspondence(
            ticket_id=ID,
            customer=Address(address),
            standing=standing,
            automatic=sign,
            suppressed=suppressed,
        )

        (mail,) = outbox.outbound(change, what)

        reachable = address == ADDRESS
        by_machine = part is not Part.REPLY
        if not reachable or suppressed:
            assert mail.silent
        elif by_machine:
            bad = sign or standing in {Standing.INFECTED, Standing.SPAM}
            assert bool(mail.silent) is bool(bad)
        else:
            assert mail.silent is None

    @pytest.mark.parametrize("said", ["", "1.2", f"{ID}", f"{ID}.0", f"{ID}.12345", f"{ID}.2 "])
    def test_other_texts_name_no_mail(self, said: str) -> None:
        assert outbox.named(said) is None

    def test_a_queue_message_names_a_mail_and_has_no_text(self) -> None:
        assert outbox.message(f"{ID}.2") == f'{{"mail": "{ID}.2"}}'
        assert outbox.read_message(outbox.message(f"{ID}.2")) == f"{ID}.2"

    @given(st.text() | st.sampled_from(['{"mail": 1}', '{"ticket": "1"}', "[" * 9_999, "[1]"]))
    def test_no_other_message_names_one(self, body: str) -> None:
        with pytest.raises(ValueError, match="no message that names a mail"):
            outbox.read_message(body)


class TestWriting:
    def test_it_answers_the_last_mail_in_its_thread(self, post: Post) -> None:
        post.reply(post.came())
        assert post.deliver(f"{ID}.2") is Outcome.SENT

        mail = post.wire.read()
        assert mail["Subject"] == "Re: Order 12345"
        assert mail["In-Reply-To"] == "<last@example.com>"
        assert mail["References"].split() == [
            "<first@example.com>",
            "<desk@shop.example>",
            "<last@example.com>",
        ]
        assert mail["Message-ID"] == f"<{ID}.2@shop.example>"
        assert mail["From"] == '"The shop" <support@shop.example>' or "The shop" in mail["From"]
        keys = Keys(DESK.key)
        assert ticket_of([mail["Reply-To"]], DESK.mailbox, keys) == ID
        ((return_path, to),) = post.wire.paths
        returned = bounced([return_path], DESK.mailbox, keys)
        assert (returned and (returned.ticket_id, returned.number), to) == ((ID, 2), ADDRESS)
        assert mail["Auto-Submitted"] is None

    def test_text_and_html_say_the_same_and_history_is_short(self, post: Post) -> None:
        here = post.reply(post.came())
        for number in range(3):
            here = post.move(ticket.follow_up(here, f"Question {number}?", now=MORNING))
        post.reply(here, "The answer.")
        assert post.deliver(f"{ID}.6") is Outcome.SENT

        for kind in ("plain", "html"):
            body = post.wire.read().get_body((kind,))
            assert body is not None
            text = body.get_content()
            assert text.index("The answer.") < text.index("Question 2?") < text.index("Question 1?")
            assert "Question 0?" not in text

    def test_an_automatic_mail_says_so_and_quotes_no_one_who_is_not_proven(self) -> None:
        change = settle(by_mail(text="My secret order").after)
        said = ticket.Conversation(
            change.after, (*by_mail(text="My secret order").messages, *change.messages)
        )
        (mail,) = outbox.outbound(change, known())

        proven, unproven = (
            compose(outbox.written(mail, said, replace(known(), standing=standing), DESK))
            for standing in (Standing.PROVEN, Standing.UNPROVEN)
        )

        assert b"Auto-Submitted: auto-replied" in proven
        assert b"Auto-Submitted: auto-replied" in unproven
        assert b"My secret order" in proven
        assert b"My secret order" not in unproven

    def test_without_a_key_answers_come_to_the_mailbox_itself(self) -> None:
        change = CHANGES[Part.REPLY]
        (mail,) = outbox.outbound(change, known())
        desk = outbox.Desk("support@shop.example", "")

        said = ticket.Conversation(change.after, change.messages)
        assert outbox.written(mail, said, known(), desk).reply_to == desk.mailbox
        assert desk.return_path(mail) == desk.mailbox


class TestDelivering:
    def test_a_second_delivery_finds_the_mark(self, post: Post) -> None:
        post.reply(post.came())

        assert [post.deliver(f"{ID}.2") for _ in range(3)] == [
            Outcome.SENT,
            Outcome.ALREADY,
            Outcome.ALREADY,
        ]
        mail = post.outbox.mails[f"{ID}.2"]
        assert (len(post.wire.mails), mail.attempts) == (1, 1)
        assert (mail.sent_as, mail.sent_at) == ("1@mail.example", MORNING)

    def test_a_courier_that_dies_before_the_mark_sends_again(self, post: Post) -> None:
        """At least once: the same mail, byte for byte, with the same id."""
        post.reply(post.came())
        post.wire.then = KeyboardInterrupt()
        with pytest.raises(KeyboardInterrupt):
            post.deliver(f"{ID}.2")
        post.wire.then = None
        with pytest.raises(ConflictError):  # another may still be at it
            post.deliver(f"{ID}.2")
        post.clock.advance(HOLD)

        assert post.deliver(f"{ID}.2") is Outcome.SENT
        assert len(post.wire.mails) == 2
        assert post.wire.mails[0] == post.wire.mails[1]
        assert post.outbox.mails[f"{ID}.2"].attempts == 2
        assert post.deliver(f"{ID}.2") is Outcome.ALREADY

    def test_a_mail_that_is_refused_becomes_a_note_for_people(self, post: Post) -> None:
        post.reply(post.came())
        post.wire.fault = RefusedError("the address is not verified")

        assert post.deliver(f"{ID}.2") is Outcome.REFUSED

        here, last = post.now(), post.tickets.events(ID)[-1]
        assert (here.state, here.reason) == (State.ESCALATED, Reason.REOPENED)
        assert last.note == (
            "The reply in message 2 could not be sent by mail: the address is not verified"
        )
        assert post.escalations.ticket_ids == [ID]
        assert post.deliver(f"{ID}.2") is Outcome.ALREADY

    def test_a_mail_that_fails_for_now_is_tried_again(self, post: Post) -> None:
        post.reply(post.came())
        post.wire.fault = UnavailableError("slow down")
        with pytest.raises(UnavailableError):
            post.deliver(f"{ID}.2")

        outbox.give_up(
            f"{ID}.2",
            outbox=post.outbox,
            tickets=post.tickets,
            escalations=post.escalations,
            clock=post.clock,
        )

        assert post.now().state is State.ESCALATED
        post.clock.advance(timedelta(days=1))
        assert post.outbox.overdue(post.clock()) == [], "its dead letter is what is left"
        post.wire.fault = None
        assert post.deliver(f"{ID}.2") is Outcome.SENT, "a dead letter that is sent again"

    def test_an_answer_that_must_not_leave_goes_to_people(self, post: Post) -> None:
        post.move(settle(post.came(mail=replace(known(), automatic=Sign.AUTO_SUBMITTED))))

        assert post.deliver(f"{ID}.2") is Outcome.SILENT
        assert post.now().state is State.ESCALATED
        assert post.wire.mails == []
        assert post.deliver(f"{ID}.2") is Outcome.ALREADY

    def test_news_that_must_not_leave_is_no_matter(self, post: Post) -> None:
        here = post.move(told(post.came(mail=replace(known(), automatic=Sign.LIST))))

        assert post.deliver(f"{ID}.2") is Outcome.SILENT
        assert post.now() == here

    def test_an_erased_ticket_has_no_mail(self, post: Post) -> None:
        assert post.deliver(f"{ID}.2") is Outcome.GONE
        with pytest.raises(ValueError, match="not the id of a mail"):
            post.deliver("something")


class TestNoLoops:
    def test_a_ticket_gets_one_automatic_mail(self, post: Post) -> None:
        """A desk that answers in the thread, without saying that it is a machine."""
        here = post.move(settle(post.came()))
        assert post.deliver(f"{ID}.2") is Outcome.SENT
        here = post.move(ticket.follow_up(here, "Your ticket was received.", now=MORNING))
        post.move(settle(here))

        assert post.deliver(f"{ID}.4") is Outcome.SILENT
        assert post.outbox.mails[f"{ID}.4"].silent == "ticket_has_one"
        assert post.now().state is State.ESCALATED
        assert len(post.wire.mails) == 1

    def test_a_sender_gets_three_a_day(self, post: Post) -> None:
        """A desk that opens a ticket of its own for every mail."""
        ids = [str(number) * 16 for number in range(6)]
        for each in ids:
            post.move(settle(post.came(each)))

        outcomes = [post.deliver(f"{each}.2") for each in ids]

        assert outcomes == [Outcome.SENT] * A_SENDER_A_DAY + [Outcome.SILENT] * 3
        assert post.outbox.mails[f"{ids[-1]}.2"].silent == "sender_has_several"
        post.clock.advance(timedelta(days=1))
        post.move(settle(post.came("a" * 16)))
        assert post.deliver(f"{'a' * 16}.2") is Outcome.SENT

    def test_two_desks_that_answer_each_other_stop_after_two_mails(self) -> None:
        one, other = Post(), Post()
        for desk in (one, other):
            desk.came()
        sent = 0
        for desk, back in product(range(5), (False, True)):
            here = other if back else one
            now = here.now()
            if now.state is not State.RECEIVED:
                now = here.move(ticket.follow_up(now, f"Is order {desk} there?", now=MORNING))
            if now.state is State.RECEIVED:
                change = settle(now)
                here.move(change)
                sent += here.deliver(f"{ID}.{change.after.messages}") is Outcome.SENT

        assert sent == 2

    def test_another_desk_sees_that_a_machine_wrote(self, post: Post) -> None:
        """And so the other one does not even begin."""
        post.move(settle(post.came()))
        post.deliver(f"{ID}.2")

        read = mail.read(post.wire.mails[0])
        assert read.automatic
        assert read.automatic.sign is Sign.AUTO_SUBMITTED
        there = replace(known(), automatic=read.automatic.sign)
        (answer,) = outbox.outbound(CHANGES[Part.ANSWER], there)
        assert answer.silent == "automatic"

    def test_attempts_do_not_count(self, post: Post) -> None:
        post.move(settle(post.came()))
        post.wire.fault = UnavailableError("slow down")
        for _ in range(5):
            with pytest.raises(UnavailableError):
                post.deliver(f"{ID}.2")
            post.clock.advance(HOLD)
        post.wire.fault = None

        assert post.deliver(f"{ID}.2") is Outcome.SENT

    def test_agents_are_not_counted(self, post: Post) -> None:
        here = post.came()
        for number in range(5):
            here = post.reply(here)
            assert post.deliver(f"{ID}.{2 * number + 2}") is Outcome.SENT
            here = post.move(ticket.follow_up(here, f"And order {number}?", now=MORNING))


class TestComingBack:
    def came_back(self, post: Post, *bounces: Bounce) -> str | None:
        return outbox.came_back(
            bounces,
            outbox=post.outbox,
            tickets=post.tickets,
            escalations=post.escalations,
            now=post.clock(),
        )

    def test_a_bounce_is_a_note_and_people_get_the_ticket(self, post: Post) -> None:
        post.reply(post.came())
        bounce = Bounce(kind=BounceKind.PERMANENT, status="5.1.1", ticket_id=ID)

        assert self.came_back(post, bounce) == ID
        last = post.tickets.events(ID)[-1]
        assert (last.move, last.note) == (Move.REOPENED, "A mail did not arrive (5.1.1).")
        assert post.now().state is State.ESCALATED
        assert post.escalations.ticket_ids == [ID]
        assert self.came_back(post, replace(bounce, status=None, recipient=ADDRESS)) == ID
        last = post.tickets.events(ID)[-1]
        assert (last.move, last.note) == (
            Move.NOTED,
            f"A mail to {ADDRESS} did not arrive.",
        ), "it waits already"
        assert post.escalations.ticket_ids == [ID]

    def test_what_names_no_ticket_is_nothing(self, post: Post) -> None:
        post.reply(post.came())

        for other in (None, "2" * 16):
            assert not self.came_back(post, Bounce(kind=BounceKind.PERMANENT, ticket_id=other))
        assert not self.came_back(post)
        assert post.now().state is State.ANSWERED

    def test_what_may_still_arrive_is_only_noted(self, post: Post) -> None:
        post.reply(post.came())
        late = Bounce(kind=BounceKind.TRANSIENT, status="4.4.1", ticket_id=ID, final=False)

        assert self.came_back(post, late) == ID
        told = "A mail is late (4.4.1). It may still arrive."
        assert post.tickets.events(ID)[-1].note == told
        assert post.now().state is State.ANSWERED

    def test_the_note_is_at_the_root_of_a_merged_ticket(self, post: Post) -> None:
        root = post.reply(post.came("2" * 16))
        own = post.reply(post.came())
        merged = ticket.merge(root, own, ADA, now=MORNING)
        post.tickets.commit(merged[0], also=merged[1])

        assert self.came_back(post, Bounce(kind=BounceKind.PERMANENT, ticket_id=ID)) == root.id
        assert post.now(root.id).state is State.ESCALATED

    def test_after_a_complaint_nothing_more_goes_there(self, post: Post) -> None:
        here = post.reply(post.came())
        self.came_back(post, Bounce(kind=BounceKind.COMPLAINT, ticket_id=ID))
        post.reply(post.now())

        assert post.deliver(f"{ID}.3") is Outcome.SILENT
        assert post.outbox.mails[f"{ID}.3"].silent == "suppressed"
        assert post.deliver(f"{ID}.{here.messages}") is Outcome.SILENT, "stored before"
        assert post.wire.mails == []


class TestUndelivered:
    def test_merged_tickets_and_spam_stay_closed(self) -> None:
        spam = ticket.spam(settle(by_mail().after).after, ADA, now=MORNING).after
        merged = replace(spam, tags=frozenset(), merged_into="2" * 16)

        for each in (spam, merged):
            change = ticket.undelivered(each, "Not there.", now=MORNING)
            assert (change.event.move, change.after.state) == (Move.NOTED, State.CLOSED)

    def test_a_web_ticket_says_nothing_by_mail(self) -> None:
        change = settle(submitted().after)

        assert change.messages[0].source is Source.AUTOMATIC
        assert outbox.outbound(change, None) == ()
