"""What customers are told of a hand-over: once, by when, and without a word of the inside."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from helpdesk import ticket, tracking
from helpdesk.announcing import announced, promise
from helpdesk.customers import Receipt
from helpdesk.knowledge import InvalidTextError, Priority, Text, shipped
from helpdesk.ports import TextsUnavailableError
from helpdesk.stats import count, happening
from helpdesk.ticket import Change, Move, Source, State
from helpdesk.triage import Answer, Escalate, Greet, Reason
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import (
    KNOWN,
    MORNING,
    UNKNOWN,
    Clock,
    InMemoryTexts,
    Office,
    an_article,
    an_understanding,
)

DAY = timedelta(days=1)
INSIDE = re.compile(
    r"scope|confiden|ambig|intent|score|escalat|ticket|queue|model|article|automatic|process|triage"
    r"|threshold|priority|\blease",
    re.IGNORECASE,
)


def told(office: Office, receipt: Receipt) -> list[str]:
    """Return what the desk said by itself."""
    found = office.tickets.conversation(receipt.ticket_id)
    assert found
    return [each.text for each in found.messages if each.source is Source.AUTOMATIC]


class TestPromise:
    @pytest.mark.parametrize("span", [timedelta(0), timedelta(seconds=-1), -DAY])
    def test_says_nothing_of_what_is_past(self, span: timedelta) -> None:
        assert promise(MORNING + span, MORNING) is None

    @pytest.mark.parametrize(
        ("minutes", "said"),
        [(1, "09:15"), (15, "09:15"), (15.01, "09:30"), (24 * 60 - 1, "09:00"), (45, "09:45")],
    )
    def test_is_told_to_the_quarter_of_an_hour_and_never_too_early(
        self, minutes: float, said: str
    ) -> None:
        found = promise(MORNING + timedelta(minutes=minutes), MORNING)

        assert found
        assert found.endswith(f"{said} UTC")

    def test_is_in_the_time_zone_of_the_desk(self) -> None:
        desk = timezone(timedelta(hours=5, minutes=45), "NPT")

        assert promise(MORNING.astimezone(desk) + DAY, MORNING) == "2026-03-03 14:45 NPT"

    @given(
        st.timedeltas(timedelta(0), timedelta(days=9_999)).map(MORNING.__add__),
        st.timedeltas(timedelta(0), timedelta(days=9_999)).map(MORNING.__add__),
    )
    def test_never_names_a_moment_before_it_is_due(self, due: datetime, now: datetime) -> None:
        if said := promise(due, now):
            told = datetime.strptime(said, "%Y-%m-%d %H:%M UTC").replace(tzinfo=UTC)
            assert due <= told < due + timedelta(minutes=15)


class TestTexts:
    def test_there_is_one_for_every_reason_but_the_agents_own(self) -> None:
        agents = {Reason.REOPENED, Reason.SPLIT, Reason.OPENED_BY_AGENT}
        others = {"courtesy", tracking.WHICH, tracking.UNKNOWN, tracking.PARTLY}
        assert shipped().keys() == {*map(str, set(Reason) - agents), *others}

    @pytest.mark.parametrize("name", shipped())
    def test_what_the_product_brings_can_be_sent(self, name: str) -> None:
        text = Text(name=name, language="en", text=shipped()[name])

        for due in (None, "2026-03-02 09:00 UTC"):
            assert not re.search("[{}<>]", text.filled(due))
            assert not INSIDE.search(text.filled(due))

    def test_a_line_without_its_moment_is_left_out(self) -> None:
        text = Text(name="legal", language="en", text="A person reads it.\nBy {due}.\nBye.")

        assert text.filled("noon") == "A person reads it.\nBy noon.\nBye."
        assert text.filled(None) == "A person reads it.\nBye."

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("", "blank"),
            (" \n", "blank"),
            ("By {due}.", "nothing is left"),
            ("Dear {name}, wait.", "placeholder '{name}'"),
            ("Dear [Customer Name], wait.", "placeholder"),
            ("x" * 1001, "1001 characters"),
        ],
    )
    def test_what_no_customer_should_get_is_refused(self, text: str, why: str) -> None:
        with pytest.raises(InvalidTextError, match=re.escape(why)):
            Text(name="legal", language="en", text=text)

    def test_unknown_names_and_languages_are_refused(self) -> None:
        with pytest.raises(InvalidTextError, match="no text has the name 'nonsense'"):
            Text(name="nonsense", language="en", text="A person reads it.")
        with pytest.raises(InvalidTextError, match="is not a language"):
            Text(name="legal", language="English", text="A person reads it.")


class TestWhoIsTold:
    @pytest.fixture
    def office(self) -> Office:
        office = Office.open()
        office.understander.script["wo ist mein paket"] = an_understanding(language="de")
        return office

    def test_of_a_hand_over_by_the_desk(self, office: Office) -> None:
        receipt = office.submit(UNKNOWN)
        office.work_off()

        assert told(office, receipt) == [
            "Thank you for your message. A person at our desk has it and will answer you here.\n"
            "We aim to answer by 2026-03-03 02:00 UTC."
        ]

    def test_once_although_the_message_comes_again(self, office: Office) -> None:
        receipt = office.submit(UNKNOWN)
        for _ in range(3):
            office.process(receipt.ticket_id)

        assert len(told(office, receipt)) == 1

    def test_in_the_customers_language_if_a_lead_wrote_it(self, office: Office) -> None:
        def said() -> str:
            receipt = office.submit("wo ist mein paket")
            office.work_off()
            return told(office, receipt)[0]

        assert said().startswith("A person at our desk has your message")
        office.desk_texts.put_text(
            Text(name="language", language="en", text="In English, please.", version=1)
        )
        assert said() == "In English, please."
        office.desk_texts.put_text(
            Text(name="language", language="de", text="Ein Mensch antwortet.", version=1)
        )
        assert said() == "Ein Mensch antwortet."

    def test_also_if_the_texts_cannot_be_read(self, office: Office) -> None:
        class Unread(InMemoryTexts):
            def text(self, name: str, language: str) -> Text | None:
                raise TextsUnavailableError(name)

        office.desk_texts = Unread()
        receipt = office.submit(UNKNOWN)
        office.work_off()

        assert office.ticket(receipt.ticket_id).state is State.ESCALATED
        assert told(office, receipt)[0].startswith("Thank you for your message.")

    def test_no_text_is_read_for_what_is_answered(self, office: Office) -> None:
        office.submit(KNOWN)
        office.work_off()

        assert office.desk_texts.reads == 0

    def test_when_the_reply_did_not_help_and_the_rating_stays(self, office: Office) -> None:
        receipt = office.submit(KNOWN)
        office.work_off()
        after = office.rate(receipt, helpful=False)

        assert told(office, receipt)[1].startswith("We are sorry that this did not help.")
        assert after.helpful is False

    def test_when_a_question_goes_back_to_its_agent(self, office: Office) -> None:
        receipt = self.answered_by_ada(office)
        office.follow_up(receipt, "It broke again")

        assert office.texts(receipt.ticket_id)[-2] == "It broke again"
        assert office.texts(receipt.ticket_id)[-1].startswith("Thank you for your message.")

    def test_not_again_while_it_waits(self, office: Office) -> None:
        receipt = office.submit(UNKNOWN)
        office.work_off()
        office.follow_up(receipt, "Please hurry, it is urgent")

        assert len(told(office, receipt)) == 1
        assert "pressed for time" in str(office.ticket(receipt.ticket_id).urgency)

    def test_when_the_desk_cannot_process_it(self, office: Office) -> None:
        receipt = office.submit(UNKNOWN)
        office.give_up(receipt.ticket_id)

        assert len(told(office, receipt)) == 1

    def test_when_the_customer_did_not_choose(self, office: Office) -> None:
        office.articles.put(an_article("cancel_order"))
        unsure = an_understanding(("refund", 0.46), ("cancel_order", 0.44))
        office.understander.script["one of two"] = unsure
        receipt = office.submit("one of two")
        office.work_off()
        office.clock.advance(ticket.CHOICE_PATIENCE + DAY)
        office.reconcile()

        assert office.ticket(receipt.ticket_id).state is State.ESCALATED
        assert len(told(office, receipt)) == 2
        assert office.ticket(receipt.ticket_id).department == "orders"

    def test_not_when_an_agent_reopens(self, office: Office) -> None:
        receipt = self.answered_by_ada(office)
        office.at_work().reopen(receipt.ticket_id)

        assert len(told(office, receipt)) == 1

    def answered_by_ada(self, office: Office, reply: str = "Here it is.") -> Receipt:
        receipt = office.submit(UNKNOWN)
        office.work_off()
        office.take_next()
        office.reply(receipt.ticket_id, reply)
        return receipt


class TestCourtesy:
    @pytest.fixture
    def office(self) -> Office:
        return Office.open()

    @pytest.mark.parametrize("text", ["thanks", "ok", "great, bye", "\N{THUMBS UP SIGN}"])
    def test_as_first_message_is_answered_with_courtesy(self, office: Office, text: str) -> None:
        receipt = office.submit(text)
        office.work_off()

        assert office.ticket(receipt.ticket_id).state is State.ANSWERED
        assert told(office, receipt) == [shipped()["courtesy"]]
        assert office.escalations.depth() == 0

    @pytest.mark.parametrize("text", ["thanks", "ok", "great, bye", "\N{THUMBS UP SIGN}"])
    @pytest.mark.parametrize("state", ["answered", "closed", "escalated", "by an agent", "asleep"])
    def test_moves_no_ticket_and_wakes_no_agent(
        self, office: Office, state: str, text: str
    ) -> None:
        receipt = office.submit(KNOWN if state in {"answered", "closed"} else UNKNOWN)
        office.work_off()
        if state == "closed":
            office.withdraw(receipt)
        if state in {"by an agent", "asleep"}:
            office.take_next()
        if state == "by an agent":
            office.reply(receipt.ticket_id)
        if state == "asleep":
            office.at_work().snooze(receipt.ticket_id, MORNING + DAY)
        before, depths = office.ticket(receipt.ticket_id), self.depths(office)

        after = office.follow_up(receipt, text)

        assert (after.state, after.reason, after.snoozed_until, after.urgency) == (
            before.state,
            before.reason,
            before.snoozed_until,
            before.urgency,
        )
        assert self.depths(office) == depths
        assert office.texts(receipt.ticket_id)[-1] == text
        if state not in {"escalated", "asleep"}:
            assert office.rate(receipt, helpful=True).helpful is True

    def test_thanks_then_ok_stays_answered(self, office: Office) -> None:
        receipt = office.submit(KNOWN)
        office.work_off()
        for text in ("thanks", "ok"):
            office.follow_up(receipt, text)
            office.work_off()

        assert office.ticket(receipt.ticket_id).state is State.ANSWERED
        assert office.escalations.depth() == 0

    def test_thanks_that_did_not_help_is_none(self, office: Office) -> None:
        receipt = office.submit(KNOWN)
        office.work_off()

        after = office.follow_up(receipt, "thanks but that did not help")

        assert after.state is State.RECEIVED

    @pytest.mark.parametrize(
        ("reply", "state"),
        [
            ("Shall we cancel it?", State.ESCALATED),
            ("We have cancelled it.", State.ANSWERED),
            ("Done. Is there anything else?", State.ANSWERED),
        ],
    )
    def test_ok_is_an_answer_to_an_agents_question(
        self, office: Office, reply: str, state: State
    ) -> None:
        receipt = office.submit(UNKNOWN)
        office.work_off()
        office.take_next()
        office.reply(receipt.ticket_id, reply)

        assert office.follow_up(receipt, "ok").state is state

    def test_beside_a_question_it_does_not_blur_it(self, office: Office) -> None:
        """R13."""
        receipt = office.submit(KNOWN)
        office.follow_up(receipt, "thank you very much for your help and have a nice day")
        office.work_off()

        assert told(office, receipt) == [an_article("refund").answer]
        assert office.understander.texts == [KNOWN]

    def depths(self, office: Office) -> tuple[int, int]:
        return office.intake.depth(), office.escalations.depth()


class TestDanger:
    DANGER = "I want to kill myself"

    @pytest.fixture
    def office(self) -> Office:
        office = Office.open()
        office.understander.script[self.DANGER] = an_understanding(("refund", 0.99))
        return office

    def test_is_due_at_once_before_every_other_ticket(self, office: Office) -> None:
        office.submit(UNKNOWN)
        office.submit("My lawyer is urgent about fraud, and it caught fire")
        receipt = office.submit(self.DANGER)
        office.work_off()

        found = office.ticket(receipt.ticket_id)
        assert (found.state, found.reason) == (State.ESCALATED, Reason.DANGER)
        assert found.urgency.due == MORNING
        assert found.priority is Priority.URGENT
        assert told(office, receipt) == [shipped()["danger"]]
        taken = office.take_next()
        assert taken
        assert taken.ticket.id == receipt.ticket_id

    def test_a_lead_words_the_acknowledgement(self, office: Office) -> None:
        office.desk_texts.put_text(
            Text(name="danger", language="en", text="Call 000 now.", version=1)
        )
        receipt = office.submit(self.DANGER)
        office.work_off()

        assert told(office, receipt) == ["Call 000 now."]

    @pytest.mark.parametrize("state", ["received", "waiting", "asleep", "answered", "by an agent"])
    def test_is_heard_wherever_the_ticket_is(self, office: Office, state: str) -> None:
        receipt = office.submit(KNOWN if state == "answered" else UNKNOWN)
        if state != "received":
            office.work_off()
        if state in {"asleep", "by an agent"}:
            office.take_next()
        if state == "asleep":
            office.at_work().snooze(receipt.ticket_id, MORNING + DAY)
        if state == "by an agent":
            office.reply(receipt.ticket_id)
        office.follow_up(receipt, self.DANGER)
        office.work_off()

        found = office.ticket(receipt.ticket_id)
        assert found.state is State.ESCALATED
        assert found.urgency.due <= office.clock()
        assert found.snoozed_until is None
        assert told(office, receipt)[-1] == shipped()["danger"]

    def test_is_acknowledged_also_if_the_desk_fails(self, office: Office) -> None:
        receipt = office.submit(self.DANGER)
        office.give_up(receipt.ticket_id)

        assert told(office, receipt) == [shipped()["danger"]]

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("My lawyer asks where my refund is", Reason.LEGAL),
            ("I did not authorise this, refund it", Reason.FRAUD),
            ("It caught fire, refund it", Reason.INJURY),
            ("I know where you live, refund it", Reason.THREAT),
            ("Somebody is logged into my account, refund it", Reason.TAKEOVER),
            ("My mother passed away, refund it", Reason.DEATH),
            ("My son ordered it without asking me, refund it", Reason.MINOR),
            ("This is unacceptable, refund me right now", Reason.ANGRY),
        ],
    )
    def test_sure_or_not_a_person_gets_it(self, office: Office, text: str, reason: Reason) -> None:
        office.articles.put(an_article("cancel_order"))
        for ranking in ((("refund", 0.99),), (("refund", 0.46), ("cancel_order", 0.44))):
            office.understander.script[text] = an_understanding(*ranking)
            receipt = office.submit(text)
            office.work_off()

            found = office.ticket(receipt.ticket_id)
            assert (found.state, found.reason) == (State.ESCALATED, reason)
            assert (found.department, found.matter_guessed) == ("orders", True)


def test_a_question_no_one_can_read_is_asked_for_again_in_other_words() -> None:
    office = Office.open()
    office.understander.script["asdf"] = an_understanding(language="und")
    receipt = office.submit("asdf")
    office.work_off()

    assert office.ticket(receipt.ticket_id).reason is Reason.UNREADABLE
    assert told(office, receipt)[0].startswith("We could not read your message.")


@pytest.mark.parametrize(
    ("reason", "guessed"), [(Reason.LOW_CONFIDENCE, True), (Reason.NOT_AUTOMATIC, None)]
)
def test_an_unsure_ticket_has_the_department_of_its_best_candidate(
    reason: Reason, guessed: bool | None
) -> None:
    """R5: marked as a guess, and visible to every agent."""
    change = settled(Escalate(reason, likely=an_article("refund", department="refunds")))

    assert change.after.department == "refunds"
    assert change.after.matter_guessed is guessed
    assert change.after.category == "orders"


def test_a_guess_that_an_answer_makes_sure_is_marked_no_more() -> None:
    guess = settled(Escalate(Reason.LOW_CONFIDENCE, likely=an_article("refund"))).after
    again = settled(Answer(an_article("cancel_order")), state=State.RECEIVED, matter_guessed=True)

    assert guess.matter_guessed
    assert again.after.matter_guessed is None
    assert again.event.changed["matter_guessed"] is None


def test_what_a_customer_is_told_is_no_answer_in_the_figures() -> None:
    office = Office.open()
    receipt = office.submit(UNKNOWN)
    office.work_off()
    changes = office.tickets._files[receipt.ticket_id].changes

    found = count(map(happening, changes), MORNING - DAY, MORNING + DAY)

    assert (found.answered_automatically, found.escalated, found.replied) == (0, 1, 0)
    assert found.automatic_reply is None


def test_an_acknowledgement_and_the_promise_are_one_message() -> None:
    change = settled(Escalate(Reason.NEEDS_PERSON, an_article("refund", answer="We look.\n")))

    (said,) = announced(change, InMemoryTexts()).messages

    assert said.text.startswith("We look.\n\nA person at our desk")
    assert said.intent == "refund"


def test_courtesy_alone_is_told_as_an_answer() -> None:
    change = announced(settled(Greet()), InMemoryTexts())

    assert (change.event.move, change.after.state) == (Move.ANSWERED, State.ANSWERED)
    assert change.after.messages == change.event.changed["messages"] == 2


def settled(decision: Answer | Escalate | Greet, **fields: object) -> Change:
    """Return the change that a decision makes of a received ticket."""
    office = Office.open()
    received = office.ticket(office.submit(UNKNOWN).ticket_id)
    return ticket.settle(
        replace(received, **fields),  # type: ignore[arg-type]
        an_understanding(("refund", 0.4)),
        decision,
        now=Clock()(),
    )
