"""What each channel gets: signed webhooks, and chats in which nothing of a customer is markup."""

import json
from datetime import timedelta
from typing import Any

import pytest
from helpdesk.mail import Address
from helpdesk.notifying import (
    PAUSES,
    ByMail,
    Content,
    GoneError,
    LaterError,
    RefusedError,
    Reply,
    Slack,
    Telegram,
    Webhook,
    judge,
    pause,
    sample,
    signature,
)
from helpdesk.outbox import RefusedError as MailRefusedError
from helpdesk.outbox import UnavailableError

from tests.fakes import MORNING
from tests.mailing import Wire

NEW = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OLD = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
ODD = "_*[< & > <!channel> `x`"
CONTENT = Content(
    ticket_id="1" * 16, why=("urgent",), priority="urgent", at=MORNING, subject=ODD, preview=ODD
)


class TestWebhooks:
    def test_the_signature_is_that_of_standard_webhooks(self) -> None:
        """The values are those of the specification's own libraries."""
        signed = b'msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}'

        assert signature(NEW, signed) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

    def test_id_and_body_stay_the_same_and_the_moment_is_that_of_the_attempt(self) -> None:
        webhook = Webhook("https://shop.example/in", (NEW,))
        first = webhook.request(CONTENT, message_id="m-1", now=MORNING)
        again = webhook.request(CONTENT, message_id="m-1", now=MORNING + timedelta(seconds=5))

        assert first.body == again.body
        assert first.headers["webhook-id"] == again.headers["webhook-id"] == "m-1"
        moments = [int(each.headers["webhook-timestamp"]) for each in (first, again)]
        assert moments[1] - moments[0] == 5
        assert first.headers["webhook-signature"] != again.headers["webhook-signature"]

    def test_while_the_secret_changes_both_sign(self) -> None:
        request = Webhook("https://shop.example/in", (NEW, OLD)).request(
            CONTENT, message_id="m-1", now=MORNING
        )
        signed = f"m-1.{request.headers['webhook-timestamp']}.".encode() + request.body

        both = request.headers["webhook-signature"].split(" ")
        assert both == [signature(NEW, signed), signature(OLD, signed)]

    def test_the_body_is_json_with_type_moment_and_data(self) -> None:
        request = Webhook("https://shop.example/in", (NEW,)).request(
            CONTENT, message_id="m-1", now=MORNING
        )

        body = json.loads(request.body)
        assert body["type"] == "ticket.notified"
        assert body["timestamp"] == "2026-03-02T09:00:00Z"
        assert body["data"]["subject"] == ODD

    @pytest.mark.parametrize(
        "secret", ["", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_?"]
    )
    def test_a_secret_that_cannot_be_read_signs_nothing(self, secret: str) -> None:
        with pytest.raises(RefusedError, match="secret of the webhook") as caught:
            signature(secret, b"x")

        assert "MfKQ" not in str(caught.value)

    def test_neither_address_nor_secret_is_in_what_is_logged(self) -> None:
        webhook = Webhook("https://shop.example/in?key=k", (NEW,))
        told = repr((webhook, webhook.request(CONTENT, message_id="m", now=MORNING)))

        assert "shop.example" not in told
        assert NEW not in told


class TestChats:
    def slack(self, content: Content = CONTENT) -> Any:
        slack = Slack("https://hooks.example/T/B/x")
        return json.loads(slack.request(content, message_id="m", now=MORNING).body)

    def telegram(self, content: Content = CONTENT) -> Any:
        telegram = Telegram("https://bots.example/", "12:abc", "-100")
        request = telegram.request(content, message_id="m", now=MORNING)
        assert request.url == "https://bots.example/bot12:abc/sendMessage"
        return json.loads(request.body)

    def test_slack_gets_plain_text_in_which_only_three_signs_are_escaped(self) -> None:
        body = self.slack()
        (block,) = body["blocks"]

        assert block["text"]["type"] == "plain_text"
        assert "_*[&lt; &amp; &gt; &lt;!channel&gt; `x`" in block["text"]["text"]
        assert "<" not in body["text"] + block["text"]["text"]

    def test_telegram_gets_the_text_as_it_is(self) -> None:
        body = self.telegram()

        assert "parse_mode" not in body
        assert ODD in body["text"]
        assert body["chat_id"] == "-100"

    @pytest.mark.parametrize("sign", ["x", "&", "\U0001f600"])
    def test_a_long_text_is_cut_to_what_the_chat_takes(self, sign: str) -> None:
        long = Content(
            ticket_id="1" * 16, why=("w",), priority="low", at=MORNING, preview=sign * 9_000
        )
        telegram = self.telegram(long)["text"]
        slack = self.slack(long)["blocks"][0]["text"]["text"]

        assert 4_000 < len(telegram.encode("utf-16-le")) / 2 <= 4_096
        assert 2_900 < len(slack) <= 3_000
        assert sign != "&" or slack.endswith("&amp;")

    def test_half_a_character_is_replaced(self) -> None:
        odd = Content(ticket_id="1" * 16, why=("w",), priority="low", at=MORNING, subject="\ud83d")

        assert "?" in self.telegram(odd)["text"]


class TestMails:
    BY = ("support@shop.example", "The shop")

    def test_a_lead_gets_a_mail_of_its_own_thread_that_no_machine_answers(self) -> None:
        wire = Wire()
        mail = ByMail(wire, Address(*self.BY), "lead@shop.example")

        mail.post(CONTENT, message_id="m-1", now=MORNING)

        read = wire.read()
        assert read["Subject"] == f"Urgent ticket {'1' * 16}: {ODD}"
        assert (read["To"], read["Message-ID"]) == ("lead@shop.example", "<m-1@shop.example>")
        assert read["Auto-Submitted"] == "auto-replied"
        assert wire.paths == [("support@shop.example", "lead@shop.example")]

    @pytest.mark.parametrize(
        ("fault", "becomes"),
        [(MailRefusedError("550 no"), RefusedError), (UnavailableError("451"), LaterError)],
    )
    def test_what_the_mail_server_says_counts(
        self, fault: Exception, becomes: type[Exception]
    ) -> None:
        mail = ByMail(Wire(fault=fault), Address(*self.BY), "lead@shop.example")

        with pytest.raises(becomes):
            mail.post(CONTENT, message_id="m-1", now=MORNING)

    def test_an_address_that_is_none_is_refused(self) -> None:
        with pytest.raises(RefusedError):
            ByMail(Wire(), Address(*self.BY), "no one").post(CONTENT, message_id="m", now=MORNING)


class TestAnswers:
    @pytest.mark.parametrize("status", [200, 201, 204, 299])
    def test_two_hundred_is_done(self, status: int) -> None:
        judge(Reply(status), MORNING)

    def test_410_is_gone(self) -> None:
        with pytest.raises(GoneError):
            judge(Reply(410), MORNING)

    @pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 401, 403, 404, 409, 413, 422])
    def test_a_refusal_is_for_good(self, status: int) -> None:
        with pytest.raises(RefusedError, match=str(status)):
            judge(Reply(status), MORNING)

    @pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 599])
    def test_the_rest_is_tried_again(self, status: int) -> None:
        with pytest.raises(LaterError, match=str(status)):
            judge(Reply(status), MORNING)

    @pytest.mark.parametrize(
        ("reply", "seconds"),
        [
            (Reply(429, "17"), 17),
            (Reply(503, " 90 "), 90),
            (Reply(429, "Mon, 02 Mar 2026 09:01:00 GMT"), 60),
            (Reply(429, "Mon, 02 Mar 2026 09:01:00"), 60),
            (Reply(429, None, b'{"ok": false, "parameters": {"retry_after": 31}}'), 31),
            (Reply(429, "soon"), None),
            (Reply(429, "9" * 20), None),
            (Reply(429, None, b"[1]"), None),
            (Reply(429, None, b'{"parameters": {"retry_after": "31"}}'), None),
            (Reply(500), None),
        ],
    )
    def test_a_receiver_may_ask_to_be_left_alone(self, reply: Reply, seconds: int | None) -> None:
        with pytest.raises(LaterError) as caught:
            judge(reply, MORNING)

        assert caught.value.after == (None if seconds is None else timedelta(seconds=seconds))


class TestPauses:
    def test_they_grow_and_differ_a_little(self) -> None:
        assert [each.total_seconds() for each in PAUSES] == [5, 30, 120, 600, 3600]
        for attempt, planned in enumerate(PAUSES, 1):
            assert pause(attempt, None, 0) == planned
            assert planned < pause(attempt, None, 1) <= 1.2 * planned

    def test_what_a_receiver_asks_for_is_the_least_but_not_more_than_an_hour(self) -> None:
        minute, day = timedelta(minutes=1), timedelta(days=1)

        assert pause(1, minute, 0) == minute
        assert pause(3, minute, 0) == PAUSES[2]
        assert pause(1, day, 0) == timedelta(hours=1)
        assert pause(1, -day, 0) == PAUSES[0]
        assert pause(99, None, 0) == PAUSES[-1]


def test_a_sample_says_that_it_is_one() -> None:
    assert sample(MORNING).lines[1] == "Why: a test: no ticket needs you"
