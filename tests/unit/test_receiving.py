"""What becomes of a mail: a ticket, a message, a note, or a place in quarantine."""

from dataclasses import replace
from datetime import timedelta

import pytest
from helpdesk import mail, ticket
from helpdesk.mail import Sign, Standing, reply_address, return_path
from helpdesk.moving import ATTEMPTS
from helpdesk.outbox import Correspondence
from helpdesk.ports import ConflictError
from helpdesk.receiving import CUT, NO_TEXT, Outcome, Taken, opening, sender_of
from helpdesk.ticket import MAX_TEXT, Move, Source, State

from tests.fakes import ADA, KNOWN, UNKNOWN, Office
from tests.mailroom import (
    AN_HOUR,
    DENIED,
    HONEST,
    KEY,
    MAILBOX,
    PERIOD,
    SPAM,
    VIRUS,
    Room,
    asked,
    bounce,
    event_of,
    from_bob,
    open_room,
    replied,
)
from tests.mails import BLOCK, PDF, part, parts, whole


@pytest.fixture
def room(office: Office) -> Room:
    return open_room(office)


class TestNewTickets:
    def test_a_mail_becomes_a_ticket_that_waits_for_the_worker(self, room: Room) -> None:
        ticket_id = room.submitted(asked())

        found = room.conversation(ticket_id)
        assert (found.ticket.state, found.ticket.channel) == (State.RECEIVED, "mail")
        assert found.ticket.subject == "Order"
        assert [each.text for each in found.messages] == ["Order\n\nWhere is my order 12345?"]
        assert room.office.intake.ticket_ids == [ticket_id]

    def test_only_the_senders_own_domain_makes_a_customer_verified(self, room: Room) -> None:
        proven, honest, denied = (
            room.ticket(room.submitted(asked(block=block))) for block in (BLOCK, HONEST, DENIED)
        )

        assert (proven.customer.email, proven.customer.name) == ("ada@example.com", "Ada")
        assert [each.customer.verified for each in (proven, honest, denied)] == [True, False, False]
        assert honest.customer.key != proven.customer.key
        assert "Its sender is not proven." in (room.last(honest.id).note or "")
        assert room.last(proven.id).note is None

    def test_a_mail_of_which_nothing_can_be_read_is_a_ticket_too(self, room: Room) -> None:
        found = room.conversation(room.submitted(b"\x00\xff"))

        assert found.ticket.customer.key is None
        assert not found.ticket.customer.verified
        assert "no_sender" in (room.last(found.ticket.id).note or "")

    def test_files_are_named_to_people(self, room: Room) -> None:
        raw = BLOCK + whole(parts("mixed", part("text/plain", b"see"), PDF))

        assert "It has 1 file: bill.pdf." in (room.last(room.submitted(raw)).note or "")

    def test_a_virus_makes_a_ticket_whose_files_are_withheld(self, room: Room) -> None:
        ticket_id = room.submitted(asked(block=VIRUS))

        assert "A virus was found" in (room.last(ticket_id).note or "")
        ((_, letter),) = room.office.tickets.letters.values()
        assert letter.standing == "infected"

    def test_an_automatic_mail_is_marked(self, room: Room) -> None:
        ticket_id = room.submitted(asked(b"Precedence: list"))

        ((of, letter),) = room.office.tickets.letters.values()
        assert (of, letter.automatic, letter.number) == (ticket_id, "precedence", 1)
        assert "No machine may answer it (precedence)." in (room.last(ticket_id).note or "")

    def test_the_queue_may_be_down(self, room: Room) -> None:
        room.office.intake.down = True

        assert room.ticket(room.submitted(asked())).state is State.RECEIVED


class TestTexts:
    @pytest.mark.parametrize(
        ("subject", "body", "expected"),
        [
            ("Order", "Where is it?", "Order\n\nWhere is it?"),
            ("Where", "Where is it?", "Where is it?"),
            ("", "Where is it?", "Where is it?"),
            ("Order", " \u200b", "Order"),
            ("\u200b", "", NO_TEXT),
        ],
    )
    def test_the_subject_opens_a_ticket(self, subject: str, body: str, expected: str) -> None:
        assert opening(mail.Mail(subject=subject, text=body)) == expected

    def test_a_long_text_is_cut_to_what_a_message_holds(self, room: Room) -> None:
        ticket_id = room.submitted(asked(body=b"word " * 2_000))

        text = room.conversation(ticket_id).messages[0].text
        assert len(text) <= MAX_TEXT
        assert text.endswith(CUT)
        assert "longer than what is shown" in (room.last(ticket_id).note or "")

    def test_a_name_that_steers_what_shows_it_is_left_out(self) -> None:
        named = mail.Mail(sender=mail.Address("ada@example.com", "A\u202eda"))

        assert sender_of(named).name is None


class TestThreads:
    def test_a_signed_address_finds_the_ticket(self, room: Room) -> None:
        ticket_id = room.submitted(asked())
        room.office.work_off()

        assert room.take(replied(ticket_id)) == Taken(Outcome.APPENDED, ticket_id)
        said = room.conversation(ticket_id).messages[-1]
        assert said.source is not Source.AGENT
        texts = [each.text for each in room.conversation(ticket_id).messages]
        assert "And now?" in texts

    def test_the_id_of_an_earlier_mail_finds_the_own_customers_ticket(self, room: Room) -> None:
        ticket_id = room.submitted(asked(b"Message-ID: <1@mail.example.com>"))

        answer = asked(b"In-Reply-To: <1@mail.example.com>", b"Message-ID: <2@mail.example.com>")
        assert room.take(answer) == Taken(Outcome.APPENDED, ticket_id)
        further = asked(b"References: <9@x.example> <2@mail.example.com>")
        assert room.take(further) == Taken(Outcome.APPENDED, ticket_id)

    @pytest.mark.parametrize("block", [HONEST, DENIED])
    def test_an_unproven_sender_gets_a_new_ticket(self, room: Room, block: bytes) -> None:
        ticket_id = room.submitted(asked(b"Message-ID: <1@mail.example.com>"))

        other = room.submitted(asked(b"In-Reply-To: <1@mail.example.com>", block=block))
        assert other != ticket_id

    def test_a_stranger_with_the_id_gets_a_new_ticket(self, room: Room) -> None:
        ticket_id = room.submitted(asked(b"Message-ID: <1@mail.example.com>"))

        assert room.submitted(from_bob(b"In-Reply-To: <1@mail.example.com>")) != ticket_id

    def test_a_stranger_with_the_signed_address_writes_as_that_person(self, room: Room) -> None:
        ticket_id = room.submitted(asked())

        taken = room.take(from_bob(to=reply_address(MAILBOX, ticket_id, KEY)))

        assert taken == Taken(Outcome.APPENDED, ticket_id)
        found = room.conversation(ticket_id)
        assert [each.author for each in found.messages] == [None, "bob@example.org"]
        assert found.ticket.customer.email == "ada@example.com"
        assert "bob@example.org" in (room.last(ticket_id).note or "")

    def test_a_wrongly_signed_address_is_nothing(self, room: Room) -> None:
        ticket_id = room.submitted(asked())

        assert room.submitted(from_bob(to=reply_address(MAILBOX, ticket_id, "x" * 32))) != ticket_id

    def test_an_id_that_is_taken_stays_with_its_ticket(self, room: Room) -> None:
        """Two objects with one id are two mails; a stranger cannot take over an id."""
        first = room.submitted(asked(b"Message-ID: <1@mail.example.com>"))
        room.submitted(from_bob(b"Message-ID: <1@mail.example.com>"))

        answer = asked(b"In-Reply-To: <1@mail.example.com>")
        assert room.take(answer) == Taken(Outcome.APPENDED, first)

    @pytest.mark.parametrize("block", [HONEST, DENIED])
    def test_an_unproven_sender_claims_no_id(self, room: Room, block: bytes) -> None:
        """A newsletter's id in a forged mail does not draw replies onto the forged ticket."""
        forged = room.submitted(asked(b"Message-ID: <1@news.example>", block=block))

        assert room.submitted(asked(b"In-Reply-To: <1@news.example>")) != forged

    def test_a_merged_ticket_goes_on_in_its_root(self, room: Room) -> None:
        root, other = room.submitted(asked()), room.submitted(asked())
        merged, gone = ticket.merge(
            room.ticket(root), room.ticket(other), ADA, now=room.office.clock()
        )
        room.office.tickets.commit(merged, also=gone)

        assert room.take(replied(other)) == Taken(Outcome.APPENDED, root)

    def test_an_agents_answer_goes_on_with_the_agent(self, room: Room) -> None:
        ticket_id = room.submitted(asked(body=b"What is the meaning of life?"))
        room.office.work_off()
        waiting = room.ticket(ticket_id)
        now = room.office.clock()
        held = ticket.claim(waiting, ADA, now=now, length=timedelta(minutes=15))
        room.office.tickets.commit(held)
        room.office.tickets.commit(ticket.reply(held.after, ADA, "42.", now=now))
        room.office.escalations.lose_everything()

        room.take(replied(ticket_id))

        assert room.ticket(ticket_id).state is State.ESCALATED
        assert room.office.escalations.ticket_ids == [ticket_id]


class TestClosedTickets:
    def closed(self, room: Room) -> str:
        ticket_id = room.submitted(asked())
        room.close(ticket_id)
        room.office.intake.lose_everything()
        return ticket_id

    def test_within_the_period_it_opens_again(self, room: Room) -> None:
        ticket_id = self.closed(room)
        room.office.clock.advance(PERIOD)

        assert room.take(replied(ticket_id)) == Taken(Outcome.APPENDED, ticket_id)
        assert room.ticket(ticket_id).state is State.RECEIVED
        assert room.office.intake.ticket_ids == [ticket_id]

    def test_later_a_new_one_points_back(self, room: Room) -> None:
        ticket_id = self.closed(room)
        room.office.clock.advance(PERIOD + timedelta(seconds=1))

        other = room.submitted(replied(ticket_id))

        assert ticket_id in (room.last(other).note or "")
        assert room.ticket(ticket_id).state is State.CLOSED

    def test_an_absence_note_opens_nothing(self, room: Room) -> None:
        ticket_id = self.closed(room)

        taken = room.take(replied(ticket_id, b"Auto-Submitted: auto-replied", body=b"Away."))

        assert taken == Taken(Outcome.NOTED, ticket_id)
        assert room.ticket(ticket_id).state is State.CLOSED
        event = room.last(ticket_id)
        assert (event.move, event.actor) == (Move.NOTED, "helpdesk")
        assert (event.note or "").endswith("Away.")
        assert room.office.intake.ticket_ids == []


class TestOnce:
    @pytest.mark.parametrize("block", [BLOCK, SPAM])
    def test_an_object_that_comes_again_does_nothing(self, room: Room, block: bytes) -> None:
        room.take(asked(block=block), key="inbound/a")
        before = len(room.office.tickets)

        assert room.take(asked(block=block), key="inbound/a") == Taken(Outcome.REPEATED)
        assert len(room.office.tickets) == before

    def test_an_object_that_comes_ten_times_is_one_ticket(self, room: Room) -> None:
        outcomes = [room.take(asked(), key="inbound/a").outcome for _ in range(10)]

        assert outcomes.count(Outcome.REPEATED) == 9
        assert len(room.office.tickets) == 1

    def test_a_message_that_comes_again_is_not_added_twice(self, room: Room) -> None:
        ticket_id = room.submitted(asked())
        for _ in range(2):
            room.take(replied(ticket_id), key="inbound/a")

        assert room.ticket(ticket_id).messages == 2

    def test_two_deliveries_at_once_make_one_ticket(
        self, room: Room, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = iter([False])
        monkeypatch.setattr(room.mailbox, "taken", lambda key: next(first, True))
        room.office.tickets.taken["inbound/a"] = None

        assert room.take(asked(), key="inbound/a") == Taken(Outcome.REPEATED)
        assert len(room.office.tickets) == 0

    def test_the_same_mail_in_two_objects_is_two_mails(self, room: Room) -> None:
        raw = asked(b"Message-ID: <1@mail.example.com>")

        assert room.submitted(raw) != room.submitted(raw)

    def test_a_ticket_that_keeps_changing_is_told(
        self, room: Room, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tries = []

        def refuse(*given: object, **_: object) -> None:
            tries.append(given)
            raise ConflictError("first")

        monkeypatch.setattr(room.office.tickets, "commit", refuse)
        with pytest.raises(ConflictError, match="kept changing"):
            room.take(asked())
        assert len(tries) == ATTEMPTS


class TestQuarantine:
    def test_spam_is_held_and_makes_no_ticket(self, room: Room) -> None:
        assert room.take(asked(block=SPAM)) == Taken(Outcome.QUARANTINED)

        now = room.office.clock()
        (held,) = room.mailbox.held(now.date())
        assert (held.key, held.sender, held.subject) == ("inbound/1", "ada@example.com", "Order")
        assert held.expires_at == now + timedelta(days=30)
        assert len(room.office.tickets) == 0
        assert room.office.intake.ticket_ids == []

    def test_a_signed_address_does_not_free_spam(self, room: Room) -> None:
        ticket_id = room.submitted(asked())

        assert room.take(replied(ticket_id, block=SPAM)).outcome is Outcome.QUARANTINED

    def test_neither_does_a_virus(self, room: Room) -> None:
        both = SPAM.replace(b"Virus-Verdict: PASS", b"Virus-Verdict: FAIL")

        assert room.take(asked(block=both)).outcome is Outcome.QUARANTINED


class TestBounces:
    def complaint(self, ticket_id: str) -> bytes:
        """Return what a mail service passes on, with the mail that its reader calls spam."""
        address = reply_address(MAILBOX, ticket_id, KEY).encode()
        ours = b"From: support@shop.example\r\nReply-To: " + address + b"\r\n\r\nHello."
        feedback = b"Feedback-Type: abuse\r\nVersion: 1\r\n"
        said = parts(
            'report; report-type="feedback-report"',
            part("text/plain", b"abuse"),
            part("message/feedback-report", feedback),
            part("message/rfc822", ours),
        )
        head = b"From: abuse@example.com\r\nTo: support@shop.example\r\n"
        return BLOCK + head + said

    def test_it_becomes_a_note_and_people_get_the_ticket(self, room: Room) -> None:
        ticket_id = room.submitted(asked())
        room.office.work_off()
        room.office.take_next()
        room.office.reply(ticket_id)
        raw = bounce(return_path(MAILBOX, ticket_id, 1, KEY))

        assert room.take(raw, "inbound/b") == Taken(Outcome.BOUNCED, ticket_id)
        last = room.last(ticket_id)
        assert last.note == "A mail to ada@example.com did not arrive (5.1.1)."
        assert room.ticket(ticket_id).state is State.ESCALATED
        assert room.take(raw, "inbound/b") == Taken(Outcome.REPEATED)
        assert room.last(ticket_id) == last

    def test_one_of_no_known_mail_makes_no_ticket(self, room: Room) -> None:
        assert room.take(bounce(MAILBOX)) == Taken(Outcome.BOUNCED_UNKNOWN)
        assert len(room.office.tickets) == 0

    def test_after_a_complaint_by_mail_nothing_leaves(self, room: Room) -> None:
        ticket_id = room.submitted(asked())

        assert room.take(self.complaint(ticket_id)) == Taken(Outcome.BOUNCED, ticket_id)
        assert "called it spam" in (room.last(ticket_id).note or "")
        known = room.office.tickets.outbox.correspondence(ticket_id)
        assert known
        assert known.suppressed

    @pytest.mark.parametrize("kind", ["Bounce", "Complaint"])
    def test_what_the_service_says_is_noted_once(self, room: Room, kind: str) -> None:
        ticket_id = room.submitted(asked())
        event = event_of(ticket_id, kind)

        assert room.hear("a", event) == Taken(Outcome.BOUNCED, ticket_id)
        last = room.last(ticket_id)
        assert last.note
        assert room.hear("a", event) == Taken(Outcome.REPEATED)
        assert room.last(ticket_id) == last

    @pytest.mark.parametrize("event", ["", "{}", '{"eventType": "Delivery", "mail": {}}'])
    def test_other_events_are_nothing(self, room: Room, event: str) -> None:
        assert room.hear("a", event) == Taken(Outcome.BOUNCED_UNKNOWN)


class TestReplies:
    """What leaves, once a mail came."""

    def known(self, room: Room, ticket_id: str) -> Correspondence:
        found = room.office.tickets.outbox.correspondence(ticket_id)
        assert found
        return found

    def leaving(self, room: Room) -> list[str]:
        return list(room.office.tickets.outbox.mails)

    def test_the_last_mail_of_the_customer_is_what_is_answered(self, room: Room) -> None:
        ids = (b"Message-ID: <1@mail.example.com>", b"References: <0@x.example>")
        ticket_id = room.submitted(asked(*ids))
        first = self.known(room, ticket_id)
        assert (first.message_id, first.references) == ("1@mail.example.com", ("0@x.example",))
        assert (first.customer.address, first.standing) == ("ada@example.com", Standing.PROVEN)

        room.take(replied(ticket_id, b"Message-ID: <2@mail.example.com>"))
        assert self.known(room, ticket_id).message_id == "2@mail.example.com"
        room.take(from_bob(to=reply_address(MAILBOX, ticket_id, KEY)))
        assert self.known(room, ticket_id).message_id == "2@mail.example.com"
        assert self.known(room, ticket_id).customer.address == "ada@example.com"

    def test_every_word_of_the_desk_leaves(self, room: Room) -> None:
        ticket_id = room.submitted(asked(body=UNKNOWN.encode()))
        room.office.work_off()
        room.office.take_next()
        room.office.reply(ticket_id)
        room.take(replied(ticket_id))  # told at once that a person has it

        conversation = room.conversation(ticket_id)
        ours = [m.number for m in conversation.messages if m.source is not Source.CUSTOMER]
        assert self.leaving(room) == [f"{ticket_id}.{number}" for number in ours]
        assert len(ours) >= 3

    def test_an_answer_to_a_mail_that_left_finds_its_ticket(self, room: Room) -> None:
        ticket_id = room.submitted(asked(body=UNKNOWN.encode()))
        room.office.work_off()
        box = room.office.tickets.outbox
        mail = box.mails[f"{ticket_id}.2"]
        box.end(replace(mail, sent_as="9@eu.mail.example", ended_at=room.office.clock()))

        taken = room.take(asked(b"In-Reply-To: <9@eu.mail.example>", body=b"And now?"))
        assert taken == Taken(Outcome.APPENDED, ticket_id)
        stranger = from_bob(b"In-Reply-To: <9@eu.mail.example>")
        assert room.take(stranger).ticket_id != ticket_id

    def test_a_machine_is_answered_by_people_alone(self, room: Room) -> None:
        ticket_id = room.submitted(asked(b"Auto-Submitted: auto-generated", body=KNOWN.encode()))
        room.office.work_off()

        (mail,) = room.office.tickets.outbox.mails.values()
        assert mail.silent == "automatic"
        assert self.known(room, ticket_id).automatic is Sign.AUTO_SUBMITTED
        room.take(replied(ticket_id))
        assert self.known(room, ticket_id).automatic is None, "a person wrote then"

    def test_a_ticket_merged_into_one_from_the_web_is_answered_by_mail(self, room: Room) -> None:
        ticket_id = room.submitted(asked(body=UNKNOWN.encode()))
        root = room.office.submit(UNKNOWN).ticket_id
        room.office.work_off()
        before = self.leaving(room)
        room.office.at_work().merge(root, ticket_id)
        room.office.take_next()
        room.office.reply(root)

        (mail,) = (each for each in self.leaving(room) if each not in before)
        assert mail.startswith(root)
        assert self.known(room, root).customer.address == "ada@example.com"


class TestOften:
    def test_who_writes_very_often_is_not_answered_by_a_machine(self, room: Room) -> None:
        ids = [room.submitted(asked()) for _ in range(AN_HOUR + 1)]
        *those, last = [room.office.tickets.outbox.known[each].automatic for each in ids]

        assert (set(those), last) == ({None}, Sign.FREQUENT)
        assert "No machine may answer it (frequent)" in (room.last(ids[-1]).note or "")
        other = room.submitted(from_bob())
        assert room.office.tickets.outbox.known[other].automatic is None
        room.office.clock.advance(timedelta(hours=1))
        assert room.office.tickets.outbox.known[room.submitted(asked())].automatic is None

    def test_one_that_comes_again_is_counted_once(self, room: Room) -> None:
        for _ in range(AN_HOUR + 1):
            room.take(asked(), "inbound/a")
        assert room.office.tickets.outbox.known[room.submitted(asked())].automatic is None


class TestRelease:
    def test_a_lead_releases_a_mail_once(self, room: Room) -> None:
        raw = asked(block=SPAM)
        room.take(raw, "inbound/a")
        assert room.mailbox.held_as("inbound/a")

        taken = room.release("inbound/a", raw)
        assert taken.outcome is Outcome.SUBMITTED
        assert "lena released it from quarantine." in (room.last(taken.ticket_id or "").note or "")
        assert list(room.mailbox.held(room.office.clock().date())) == []
        for again in (room.release("inbound/a", raw), room.take(raw, "inbound/a")):
            assert again == Taken(Outcome.REPEATED)
        assert len(room.office.tickets) == 1

    def test_it_is_then_trusted_as_far_as_its_domain_vouches_for_it(self, room: Room) -> None:
        raw = asked(block=SPAM)
        room.take(raw, "inbound/a")
        ticket_id = room.release("inbound/a", raw).ticket_id or ""

        assert room.office.tickets.outbox.known[ticket_id].standing is Standing.PROVEN
        assert room.ticket(ticket_id).customer.verified

    def test_what_is_not_held_is_not_released(self, room: Room) -> None:
        assert room.release("inbound/a", asked()) == Taken(Outcome.REPEATED)
        room.take(asked(), "inbound/b")
        assert room.release("inbound/b", asked()) == Taken(Outcome.REPEATED)
