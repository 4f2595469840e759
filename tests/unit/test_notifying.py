"""Which moves leads hear of, what they are told, and that a notice leaves once."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from helpdesk import notifying, ticket
from helpdesk.knowledge import Priority
from helpdesk.notifying import (
    LATE,
    RULES,
    SILENCE,
    Audience,
    Channel,
    Name,
    Notice,
    RulesError,
    Shows,
    ShowsError,
    audience,
    content,
)
from helpdesk.ticket import Change, Conversation, Customer, Message, Source, State
from helpdesk.triage import Answer, Escalate, Reason
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import ADA, LEAD, MORNING, an_article
from tests.tickets import LEASE, UNDERSTOOD, received, submitted

ID = "1" * 16
ALL = audience("webhook")
CALM = Escalate(Reason.LOW_CONFIDENCE)
LAWSUIT = "My lawyer will sue you"
HIGH_MATTER = an_article("stolen_card", priority=Priority.HIGH, automatic=False)


def handed(text: str = "Do you sell gift wrapping?", decision: Any = CALM, **more: Any) -> Change:
    """Return the change by which people get a question."""
    return ticket.settle(received(text), _of(more), decision, now=MORNING)


def _of(more: dict[str, Any]) -> Any:
    return replace(UNDERSTOOD, **more)


def told(change: Change, heard_by: Audience = ALL) -> list[tuple[str, ...]]:
    """Return the rules of the notices that are told at once."""
    return [each.rules for each in notifying.notices(change, heard_by) if each.due_at is None]


HIGH = handed(decision=Escalate(Reason.NEEDS_PERSON, HIGH_MATTER))


class TestTheRules:
    def test_a_channel_hears_of_a_matter_of_high_priority(self) -> None:
        assert HIGH.after.priority is Priority.HIGH

        assert told(HIGH) == [(Name.HIGH,)]

    @pytest.mark.parametrize("sentiment", [0.0, -0.79])
    def test_of_a_calm_question_it_hears_nothing(self, sentiment: float) -> None:
        assert told(handed(sentiment=sentiment)) == []

    def test_of_one_that_is_surely_negative(self) -> None:
        assert told(handed(sentiment=-0.9)) == [(Name.NEGATIVE,)]

    def test_of_a_legal_threat_also_when_it_is_written_later(self) -> None:
        first = handed(LAWSUIT, Escalate(Reason.LEGAL))
        assert Name.LEGAL in told(first)[0]

        calm = handed()
        later = ticket.follow_up(calm.after, LAWSUIT, now=MORNING)
        assert told(calm) == []
        assert Name.LEGAL in told(later)[0]

    def test_of_a_level_for_management_with_its_marks(self) -> None:
        first = handed(LAWSUIT, Escalate(Reason.LEGAL))
        (notice, *_) = notifying.notices(first, ALL)

        assert Name.LEVEL in told(first)[0]
        assert (notice.level, notice.legal, notice.compensation) == (3, True, False)
        assert "Level: 3" in content(notice, Conversation(first.after, ()), Shows()).lines
        assert "Marks: legal" in content(notice, Conversation(first.after, ()), Shows()).lines

    def test_of_a_message_that_failed_for_good(self) -> None:
        rules = told(ticket.give_up(received(), now=MORNING))

        assert rules == [(Name.HIGH, Name.DEAD_LETTER)]

    def test_what_the_desk_answers_is_no_work_of_people(self) -> None:
        answered = ticket.settle(
            received(), _of({"sentiment": -0.9}), Answer(HIGH_MATTER), now=MORNING
        )

        assert told(answered) == []

    def test_once_for_a_reason(self) -> None:
        """Neither agents' moves nor further messages tell it again."""
        claimed = ticket.claim(HIGH.after, ADA, now=MORNING, length=LEASE)
        noted = ticket.note(claimed.after, ADA, "On it.", now=MORNING)
        more = ticket.follow_up(noted.after, "Are you there?", now=MORNING)

        assert [told(each) for each in (claimed, noted, more)] == [[], [], []]

    def test_again_when_people_get_the_ticket_again(self) -> None:
        claimed = ticket.claim(HIGH.after, ADA, now=MORNING, length=LEASE).after
        replied = ticket.reply(claimed, ADA, "Done.", now=MORNING)
        back = ticket.reopen(replied.after, LEAD, now=MORNING)

        assert told(replied) == []
        assert told(back) == [(Name.HIGH,)]

    def test_of_a_ticket_that_was_merged_it_hears_nothing(self) -> None:
        """Its customer's matter is told with the root."""
        other = replace(HIGH.after, id="2" * 16)
        into = ticket.merge(other, HIGH.after, LEAD, now=MORNING)
        closed = [each for each in into if each.after.state is State.CLOSED]

        assert closed
        assert [told(each) for each in closed] == [[]]

    @pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
    def test_each_rule_is_about_tickets_that_people_have(self, rule: notifying.Rule) -> None:
        closed = replace(HIGH.after, state=State.CLOSED)

        assert told(replace(HIGH, after=closed)) == []
        assert isinstance(rule.holds(closed), bool)


class TestWhoHears:
    def test_nothing_is_stored_where_no_channel_is_on(self) -> None:
        assert notifying.notices(HIGH, SILENCE) == ()
        assert audience("", "slack: legal") == SILENCE

    def test_each_channel_hears_its_rules_and_one_that_is_not_named_hears_all(self) -> None:
        heard_by = audience("webhook slack mail", "slack: urgent legal; mail: high")

        found = {each.channel for each in notifying.notices(HIGH, heard_by) if not each.due_at}
        assert found == {Channel.WEBHOOK, Channel.MAIL}
        assert heard_by.hears[Channel.WEBHOOK] == set(Name)
        assert heard_by.hears[Channel.SLACK] == {Name.URGENT, Name.LEGAL}

    @pytest.mark.parametrize(
        ("channels", "rules", "word"),
        [
            ("pigeon", "", "'pigeon' is none of webhook"),
            ("slack", "slack: often", "'often' is none of urgent"),
            ("slack", "slak: urgent", "'slak' is none of webhook"),
            ("slack", "slack urgent", "is not like"),
        ],
    )
    def test_a_word_that_is_not_known_is_named(self, channels: str, rules: str, word: str) -> None:
        with pytest.raises(RulesError, match=word):
            audience(channels, rules)


class TestOverdue:
    LATER = audience("webhook", "webhook: overdue")

    def late(self, change: Change) -> list[Notice]:
        return [each for each in notifying.notices(change, self.LATER) if each.due_at]

    def test_it_is_stored_when_people_get_the_ticket_for_when_it_is_late(self) -> None:
        change = handed()

        (late,) = self.late(change)
        assert late.due_at == change.after.urgency.due + LATE
        assert late.id == f"{ID}-2-webhook-later"
        assert notifying.still_overdue(late, change.after)

    def test_another_moment_is_another_notice_and_the_first_is_settled(self) -> None:
        change = handed()
        (first,) = self.late(change)
        more = ticket.follow_up(change.after, LAWSUIT, now=MORNING)
        (second,) = self.late(more)

        assert second.due_at < first.due_at  # type: ignore[operator]
        assert not notifying.still_overdue(first, more.after)
        assert notifying.still_overdue(second, more.after)
        assert self.late(ticket.follow_up(more.after, "Hello?", now=MORNING)) == []

    def test_a_ticket_that_an_agent_holds_or_put_aside_or_answered_is_not_late(self) -> None:
        change = handed()
        (late,) = self.late(change)
        at = late.due_at
        assert at
        held = ticket.claim(change.after, ADA, now=at - LEASE / 2, length=LEASE).after
        asleep = ticket.snooze(held, ADA, until=at + LEASE, now=at).after
        answered = ticket.reply(held, ADA, "Here it is.", now=at).after

        for now in (held, asleep, answered):
            assert not notifying.still_overdue(late, now)


SUBJECT = Shows(subject=True)


class TestTheContent:
    SAID = Conversation(
        HIGH.after,
        (
            Message(number=1, source=Source.CUSTOMER, text="First line.\nSecond.", at=MORNING),
            Message(number=2, source=Source.AUTOMATIC, text="We have it.", at=MORNING),
        ),
    )

    def notice(self, subject: str = "Where is it?") -> Notice:
        change = replace(HIGH, after=replace(HIGH.after, subject=subject, category="payments"))
        return notifying.notices(change, ALL)[0]

    def test_by_default_it_says_nothing_of_the_customer(self) -> None:
        data = content(self.notice(), self.SAID, Shows(), "https://desk.example/{id}").data

        assert data == {
            "ticket": ID,
            "why": ["high priority"],
            "priority": "high",
            "level": 0,
            "legal": False,
            "compensation": False,
            "category": "payments",
            "sentiment": 0.0,
            "confidence": 0.5,
            "link": f"https://desk.example/{ID}",
            "at": "2026-03-02T09:00:00Z",
        }

    def test_what_is_switched_on_is_shown(self) -> None:
        shows = Shows.read("subject customer preview")
        data = content(self.notice(), self.SAID, shows).data

        assert data["subject"] == "Where is it?"
        assert data["customer"] == "ada@example.com"
        assert data["preview"] == "First line."
        assert "link" not in data

    def test_what_is_switched_off_is_not(self) -> None:
        assert "subject" not in content(self.notice(), self.SAID, Shows.read("nothing")).data
        with pytest.raises(ShowsError, match="'everything' is none of"):
            Shows.read("everything")

    def test_the_subject_has_fifty_characters_and_no_address(self) -> None:
        long = content(self.notice("ab " * 30), self.SAID, SUBJECT)
        mail = content(self.notice("Write to ada@example.com, +49 170 1234567"), self.SAID, SUBJECT)

        assert long.subject is not None
        assert len(long.subject) == 50
        assert mail.subject == "Write to <email>, <number>"

    def test_what_is_masked_is_masked_before_the_rest_is_cut(self) -> None:
        found = content(self.notice(f"{'ab ' * 12}{'k' * 60}"), self.SAID, SUBJECT)

        assert found.subject == f"{'ab ' * 12}<token>"

    def test_a_mark_of_masking_is_not_cut_apart(self) -> None:
        found = content(self.notice(f"{'ab ' * 15}ada@example.com and more"), self.SAID, SUBJECT)

        assert found.subject == ("ab " * 15).strip()

    def test_signs_of_markup_stay_as_they_are(self) -> None:
        assert content(self.notice("_*[< & >"), self.SAID, SUBJECT).subject == "_*[< & >"

    def test_the_preview_is_of_the_message_that_was_the_last_then(self) -> None:
        more = Message(number=3, source=Source.CUSTOMER, text="More.", at=MORNING)
        said = replace(self.SAID, messages=(*self.SAID.messages, more))

        assert content(self.notice(), said, Shows.read("preview")).preview == "First line."

    def test_people_read_one_fact_a_line(self) -> None:
        lines = content(self.notice(), self.SAID, Shows.read("subject customer preview")).lines

        assert lines == (
            f"High ticket {ID}: Where is it?",
            "Why: high priority",
            "Customer: ada@example.com",
            "Category: payments, 50% sure",
            "Sentiment: +0.0",
            "Begins: First line.",
            "At: 2026-03-02 09:00 UTC",
            f"helpdesk ticket show {ID}",
        )

    def test_a_customer_without_an_address_is_shown_as_far_as_known(self) -> None:
        of = replace(HIGH.after, customer=Customer(name="Ada"))
        said = replace(self.SAID, ticket=of)

        assert content(self.notice(), said, Shows.read("customer")).customer == "Ada"


class TestTheId:
    @given(number=st.integers(1, 999_999), channel=st.sampled_from(Channel), later=st.booleans())
    def test_it_names_what_it_was_made_of(self, number: int, channel: Channel, later: bool) -> None:
        name = notifying.notice_id(ID, number, channel, later=later)

        assert notifying.named(name) == (ID, number, channel, later)
        assert notifying.read_message(notifying.message(name)) == name
        assert "." not in name

    @pytest.mark.parametrize(
        "body", ["{", "[]", '{"mail": "1"}', '{"notice": 1}', f'{{"notice": "{ID}-0-webhook"}}']
    )
    def test_any_other_message_is_refused(self, body: str) -> None:
        with pytest.raises(ValueError, match="names a notice"):
            notifying.read_message(body)


def test_a_new_ticket_that_people_get_at_once_is_told() -> None:
    """An agent may open one, and a split makes one."""
    opened = replace(submitted(LAWSUIT), before=None)
    after = replace(opened.after, state=State.ESCALATED, reason=Reason.LEGAL)

    assert Name.LEGAL in told(replace(opened, after=after))[0]


def test_the_moment_of_a_notice_is_its_moves() -> None:
    at = MORNING + timedelta(minutes=5)
    change = ticket.give_up(received(), now=at)

    (notice,) = [each for each in notifying.notices(change, ALL) if not each.due_at]
    assert (notice.created_at, notice.number) == (at, change.after.version)
    assert notice.expires_at == change.after.expires_at
