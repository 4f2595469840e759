"""What others do to a desk by mail, over the mail function itself: nothing that they wish for."""

import json
from datetime import UTC, datetime

import pytest
from helpdesk.mail import reply_address, return_path
from helpdesk.ticket import Move, State

from tests.integration.test_mail_function import (  # noqa: F401 -- fixtures
    MAILBOX,
    QUESTION,
    SECRET,
    Mails,
    TestAnswering,
    function,
    mails,
)
from tests.mailroom import DENIED, SPAM, bounce, from_bob
from tests.mails import BLOCK
from tests.mails import mail as ada_writes

PASSED = BLOCK.partition(b"X-SES-Spam")[1] + BLOCK.partition(b"X-SES-Spam")[2]
"""What the service writes of a mail that it likes, as a sender may write it, too."""


def tickets_of(at: Mails) -> list[str]:
    found: list[str] = []
    while some := at.queued():
        found += some
    return found


def first(at: Mails) -> str:
    at.take("first", QUESTION)
    (ticket_id,) = at.queued()
    return ticket_id


class TestForgedVerdicts:
    @pytest.mark.parametrize("forged", [BLOCK, PASSED, PASSED.replace(b"amazonses", b"AMAZONSES")])
    def test_a_sender_who_vouches_for_himself_is_not_proven(
        self,
        mails: Mails,  # noqa: F811
        forged: bytes,
    ) -> None:
        mails.take("a", DENIED + forged + ada_writes(body=b"Where is order 12345?"))

        (ticket_id,) = tickets_of(mails)
        assert not mails.conversation(ticket_id).ticket.customer.verified
        assert "Its sender is not proven" in (mails.tickets.events(ticket_id)[0].note or "")

    @pytest.mark.parametrize("forged", [BLOCK, PASSED])
    def test_spam_that_says_it_is_none_is_held(
        self,
        mails: Mails,  # noqa: F811
        forged: bytes,
    ) -> None:
        mails.take("a", SPAM + forged + ada_writes(body=b"Win!"))

        assert tickets_of(mails) == []
        assert len(list(mails.mailbox.held(datetime.now(UTC).date()))) == 1

    def test_who_forges_them_gets_on_no_ticket_of_the_customer(
        self,
        mails: Mails,  # noqa: F811
    ) -> None:
        ticket_id = first(mails)
        head = b"In-Reply-To: <1@mail.example.com>"
        mails.take("a", DENIED + PASSED + ada_writes(head, body=b"Cancel it."))

        assert len(mails.conversation(ticket_id).messages) == 1
        (other,) = tickets_of(mails)
        assert other != ticket_id


class TestForeignSenders:
    @pytest.mark.parametrize(
        "head",
        [
            (),
            (b"In-Reply-To: <1@mail.example.com>",),
            (b"References: <0@mail.example.com> <1@mail.example.com>",),
        ],
    )
    def test_the_right_subject_and_even_the_id_make_a_ticket_of_their_own(
        self,
        mails: Mails,  # noqa: F811
        head: tuple[bytes, ...],
    ) -> None:
        """Bob is proven to be Bob. His subject is that of Ada's ticket."""
        ticket_id = first(mails)
        mails.take("b", from_bob(*head))

        assert len(mails.conversation(ticket_id).messages) == 1
        (his,) = tickets_of(mails)
        assert mails.conversation(his).ticket.customer.email == "bob@example.org"

    def test_with_the_signed_address_he_writes_as_himself(
        self,
        mails: Mails,  # noqa: F811
    ) -> None:
        ticket_id = first(mails)
        mails.take("b", from_bob(to=reply_address(MAILBOX, ticket_id, SECRET)))

        found = mails.conversation(ticket_id)
        assert found.messages[1].author == "bob@example.org"
        assert found.ticket.customer.email == "ada@example.com"


class TestAlteredAddresses:
    @pytest.mark.parametrize("place", range(2, 60, 7))
    def test_a_letter_that_was_changed_makes_it_an_ordinary_address(
        self,
        mails: Mails,  # noqa: F811
        place: int,
    ) -> None:
        ticket_id = first(mails)
        local, at, domain = reply_address(MAILBOX, ticket_id, SECRET).partition("@")
        begin = len("support+") + place % (len(local) - len("support+"))
        letter = "x" if local[begin] != "x" else "y"
        altered = local[:begin] + letter + local[begin + 1 :] + at + domain
        mails.take("b", from_bob(to=altered))

        assert len(mails.conversation(ticket_id).messages) == 1
        assert len(tickets_of(mails)) == 1

    def test_the_signature_of_one_ticket_opens_no_other(
        self,
        mails: Mails,  # noqa: F811
    ) -> None:
        mine = first(mails)
        mails.take("second", QUESTION)
        (theirs,) = tickets_of(mails)
        address = reply_address(MAILBOX, mine, SECRET).replace(mine, theirs)
        mails.take("b", from_bob(to=address))

        assert [len(mails.conversation(each).messages) for each in (mine, theirs)] == [1, 1]
        assert len(tickets_of(mails)) == 1


class TestMailsThatComeBack:
    def test_a_signed_report_reopens_its_ticket_and_is_no_message(
        self,
        mails: Mails,  # noqa: F811
    ) -> None:
        ticket_id = TestAnswering().answered(mails)
        raw = bounce(return_path(MAILBOX, ticket_id, 2, SECRET))
        for _ in range(2):
            mails.take("back", raw)

        found = mails.conversation(ticket_id)
        assert found.ticket.state is State.ESCALATED
        assert [each.text for each in found.messages if each.source == "customer"] == [
            "Order\n\nWhere is order 12345?"
        ]
        moves = [each.move for each in mails.tickets.events(ticket_id)]
        assert moves == [Move.SUBMITTED, Move.ANSWERED, Move.REOPENED]
        assert tickets_of(mails) == []

    def test_one_that_another_signed_is_no_ticket(self, mails: Mails) -> None:  # noqa: F811
        ticket_id = TestAnswering().answered(mails)
        mails.take("back", bounce(return_path(MAILBOX, ticket_id, 2, "f" * 32)))

        assert mails.conversation(ticket_id).ticket.state is State.ANSWERED
        assert tickets_of(mails) == []

    def test_a_complaint_that_another_made_up_is_none(self, mails: Mails) -> None:  # noqa: F811
        ticket_id = TestAnswering().answered(mails)
        event = {
            "eventType": "Complaint",
            "mail": {"source": return_path(MAILBOX, ticket_id, 2, "f" * 32), "messageId": "0100"},
            "complaint": {"complainedRecipients": [{"emailAddress": "ada@example.com"}]},
        }
        notice = {"Type": "Notification", "MessageId": "m-9", "Message": json.dumps(event)}
        assert mails.deliver(json.dumps(notice)) == set()

        known = mails.tickets.outbox.correspondence(ticket_id)
        assert known
        assert not known.suppressed
        assert mails.conversation(ticket_id).ticket.state is State.ANSWERED
