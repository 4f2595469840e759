"""What the worker makes of a message that is not the first: a choice, a follow-up, a repetition."""

import pytest
from helpdesk import processing
from helpdesk.customers import Receipt
from helpdesk.ticket import State
from helpdesk.triage import Answer, Ask, Decision, Escalate, Reason

from tests.fakes import KNOWN, MORNING, UNKNOWN, Office, an_article, an_understanding, announced

WHICH = "something about my order"
CHOICES = ("refund", "cancel_order", "track_order")
UNSURE = an_understanding(("refund", 0.4), ("cancel_order", 0.35), ("track_order", 0.2))


@pytest.fixture
def office() -> Office:
    """Return a desk that knows three matters, and cannot tell them apart in `WHICH`."""
    office = Office.open()
    for intent in CHOICES:
        office.articles.put(an_article(intent))
    office.understander.script[WHICH] = UNSURE
    return office


@pytest.fixture
def asked(office: Office) -> Receipt:
    """Return the receipt of a ticket whose customer was asked which matter it is."""
    receipt = office.submit(WHICH)
    office.work_off()
    assert office.ticket(receipt.ticket_id).choices == CHOICES
    return receipt


def say(office: Office, receipt: Receipt, *texts: str) -> None:
    """Let the customer write, and then the worker read it."""
    for text in texts:
        office.follow_up(receipt, text)
    office.work_off()


def said(office: Office, receipt: Receipt, since: int) -> list[str]:
    """Return what was said from the message of this number on."""
    return office.texts(receipt.ticket_id)[since - 1 :]


def told(office: Office, receipt: Receipt) -> str:
    """Return what the customer is told of the hand-over; a level brings points."""
    found = office.ticket(receipt.ticket_id)
    return announced(found, f"2026-03-03 {'00' if found.level else '02'}:00 UTC")


def outcome(office: Office, receipt: Receipt) -> tuple[State, Reason | None]:
    """Return where the ticket is now, and why."""
    found = office.ticket(receipt.ticket_id)
    return found.state, found.reason


class TestChoosing:
    @pytest.mark.parametrize(("reply", "intent"), list(zip("123", CHOICES, strict=True)))
    def test_a_number_gets_the_article_of_that_number(
        self, office: Office, asked: Receipt, reply: str, intent: str
    ) -> None:
        say(office, asked, reply)

        assert said(office, asked, 3) == [reply, an_article(intent).answer]
        assert outcome(office, asked) == (State.ANSWERED, None)

    def test_the_number_after_the_last_is_something_else_and_a_person_looks(
        self, office: Office, asked: Receipt
    ) -> None:
        say(office, asked, "4")

        assert said(office, asked, 3) == ["4", told(office, asked)]
        assert outcome(office, asked) == (State.ESCALATED, Reason.AMBIGUOUS)

    def test_other_words_are_understood_as_any_question_is(
        self, office: Office, asked: Receipt
    ) -> None:
        say(office, asked, KNOWN)

        assert said(office, asked, 3) == [KNOWN, an_article("refund").answer]

    def test_a_customer_is_asked_once_only(self, office: Office, asked: Receipt) -> None:
        office.understander.script["one of them"] = UNSURE
        say(office, asked, "one of them")

        assert said(office, asked, 3) == ["one of them", told(office, asked)]
        assert outcome(office, asked) == (State.ESCALATED, Reason.AMBIGUOUS)

    @pytest.mark.parametrize("gone", CHOICES)
    def test_numbers_mean_nothing_once_an_offered_article_has_vanished(
        self, office: Office, asked: Receipt, gone: str
    ) -> None:
        office.articles.remove(gone)
        say(office, asked, "1")

        assert said(office, asked, 3) == ["1", told(office, asked)]
        assert outcome(office, asked) == (State.ESCALATED, Reason.OUT_OF_SCOPE)

    def test_an_article_that_needs_a_person_by_now_is_acknowledged_and_escalated(
        self, office: Office, asked: Receipt
    ) -> None:
        office.articles.put(an_article("refund", needs_person=True, automatic=False))
        say(office, asked, "1")

        answer = f"{an_article('refund').answer}\n\n{told(office, asked)}"
        assert said(office, asked, 3) == ["1", answer]
        assert outcome(office, asked) == (State.ESCALATED, Reason.NEEDS_PERSON)

    def test_a_number_is_no_choice_where_none_was_offered(self, office: Office) -> None:
        receipt = office.submit("something else")
        office.work_off()

        assert outcome(office, receipt) == (State.ESCALATED, Reason.OUT_OF_SCOPE)

    def test_a_trial_of_the_knowledge_shows_what_would_be_asked(self, office: Office) -> None:
        understood, decision = processing.predict(
            WHICH,
            articles=office.articles,
            understander=office.understander,
            policy=office.policy,
            now=MORNING,
        )

        assert understood == UNSURE
        assert decision == Ask(tuple(an_article(intent) for intent in CHOICES))
        assert len(office.tickets) == 0

    def test_a_trial_of_what_says_too_little_is_helped_by_what_was_said_before(
        self, office: Office
    ) -> None:
        office.understander.script[f"{KNOWN}\nAnd today?"] = an_understanding(("refund", 0.9))

        def tried(before: str) -> Decision:
            return processing.predict(
                "And today?",
                articles=office.articles,
                understander=office.understander,
                policy=office.policy,
                now=MORNING,
                before=before,
            )[1]

        assert tried(KNOWN) == Answer(an_article("refund"))
        assert isinstance(tried(UNKNOWN), Escalate)
        assert isinstance(tried(""), Escalate)

    def test_a_trial_of_the_knowledge_tells_what_it_does_not_cover(self, office: Office) -> None:
        _, decision = processing.predict(
            UNKNOWN,
            articles=office.articles,
            understander=office.understander,
            policy=office.policy,
            now=MORNING,
        )

        assert decision == Escalate(Reason.OUT_OF_SCOPE, likely=an_article("refund"))


class TestFollowingUp:
    @pytest.fixture
    def answered(self, office: Office) -> Receipt:
        """Return the receipt of a ticket that got the article on refunds."""
        receipt = office.submit(KNOWN)
        office.work_off()
        office.understander.texts.clear()
        return receipt

    def test_what_is_clear_by_itself_is_not_read_again(
        self, office: Office, answered: Receipt
    ) -> None:
        office.understander.script["where is it"] = an_understanding(("track_order", 0.9))
        say(office, answered, "where is it")

        assert office.understander.texts == ["where is it"]
        assert said(office, answered, 3) == ["where is it", an_article("track_order").answer]

    def test_what_is_not_clear_is_read_in_the_light_of_what_the_customer_said_before(
        self, office: Office, answered: Receipt
    ) -> None:
        in_light = an_understanding(("track_order", 0.9))
        office.understander.script[f"{KNOWN}\nand where is it?"] = in_light
        say(office, answered, "and where is it?")

        assert said(office, answered, 4) == [an_article("track_order").answer]
        assert office.ticket(answered.ticket_id).understanding == in_light

    def test_what_the_light_does_not_make_clear_stays_what_it_was_by_itself(
        self, office: Office, answered: Receipt
    ) -> None:
        alone = an_understanding(("track_order", 0.3))
        office.understander.script["hm"] = alone
        say(office, answered, "hm")

        assert office.understander.texts == ["hm", f"{KNOWN}\nhm"]
        assert outcome(office, answered) == (State.ESCALATED, Reason.LOW_CONFIDENCE)
        assert office.ticket(answered.ticket_id).understanding == alone

    def test_a_first_question_has_no_light_to_be_read_in(self, office: Office) -> None:
        office.submit(UNKNOWN)
        office.work_off()

        assert office.understander.texts == [UNKNOWN]

    def test_all_messages_since_the_last_reply_are_read_as_one(
        self, office: Office, answered: Receipt
    ) -> None:
        office.understander.script["where is\nmy order"] = an_understanding(("track_order", 0.9))
        say(office, answered, "where is", "my order")
        office.understander.script["now\ncancel it"] = an_understanding(("cancel_order", 0.9))
        say(office, answered, "now", "cancel it")

        whole = [text for text in office.understander.texts if "\n" in text]
        assert whole == ["where is\nmy order", "now\ncancel it"]
        assert said(office, answered, 8) == [an_article("cancel_order").answer]

    def test_messages_before_any_reply_are_read_as_one(self, office: Office) -> None:
        receipt = office.submit("I want")
        say(office, receipt, "my money")

        assert office.understander.texts == ["I want\nmy money"]

    def test_the_same_article_is_not_sent_twice(self, office: Office, answered: Receipt) -> None:
        say(office, answered, KNOWN)

        assert said(office, answered, 3) == [KNOWN, told(office, answered)]
        assert outcome(office, answered) == (State.ESCALATED, Reason.REPEATED)
        assert office.escalations.ticket_ids == [answered.ticket_id]

    def test_the_same_article_is_not_sent_twice_by_choice(
        self, office: Office, answered: Receipt
    ) -> None:
        say(office, answered, WHICH)
        say(office, answered, "1")

        assert said(office, answered, 5) == ["1", told(office, answered)]
        assert outcome(office, answered) == (State.ESCALATED, Reason.REPEATED)
