"""How serious a ticket is: tables, rules and what follows from them."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from helpdesk import priority, severity, ticket
from helpdesk.considering import considered
from helpdesk.severity import About, Severity, TablesError, judging, likeness
from helpdesk.severity.tables import phrases
from helpdesk.ticket import NotAllowedError, Ticket
from helpdesk.triage import Answer, Escalate, Policy, Reason
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import (
    ADA,
    LEAD,
    MORNING,
    ScriptedUnderstander,
    an_article,
    an_understanding,
)
from tests.tickets import LATER, LEASE, UNDERSTOOD, claimed, received, settled

TABLES = severity.read("")
DEVELOPMENT = Path(__file__).parents[1] / "golden" / "severity_dev.jsonl"
HELD = DEVELOPMENT.with_name("severity_held.jsonl")
SECOND = DEVELOPMENT.with_name("severity_second.jsonl")
ORDINARY = Escalate(Reason.LOW_CONFIDENCE)
LEGAL = "My lawyer will sue you"


def labelled(path: Path = DEVELOPMENT) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def of(text: str) -> Severity:
    return severity.of_text(text, "message 1", TABLES) or severity.ORDINARY


class TestTables:
    def test_every_value_is_one_that_another_table_has(self) -> None:
        assert [each.name for each in TABLES.levels] == ["ordinary", "lead", "management", "legal"]
        points = [each.points for each in TABLES.levels]
        assert points == sorted(points)
        assert points[-1] <= priority.BANDS[priority.Priority.URGENT]
        for matter in TABLES.matters.values():
            assert matter.effort in TABLES.efforts
        for rule in TABLES.rules.values():
            assert 0 <= rule.level <= severity.HIGHEST
            assert rule.legal == (rule.level == severity.HIGHEST)
        levels = [each.level for each in TABLES.rules.values()]
        assert levels == sorted(levels, reverse=True), "the gravest first"

    def test_the_hours_are_those_that_were_agreed(self) -> None:
        assert TABLES.efforts == {"simple": (2, 8), "medium": (8, 24), "complex": (24, 72)}

    def test_no_category_and_no_intent_is_of_two_matters(self) -> None:
        for field in ("categories", "intents"):
            named = [n for each in TABLES.matters.values() for n in getattr(each, field)]
            assert max(Counter(named).values()) == 1

    def test_a_desk_changes_single_values(self) -> None:
        tables = severity.read(
            "rules.violence.level=3; levels.1.needs=lead;levels.1.points=20; "
            "matters.returns.team=berlin; efforts.complex=24-96; matters.other.effort=medium; "
            "matters.billing.categories=LOAN CARD"
        )

        assert tables.rules["violence"].level == 3
        assert (tables.levels[1].needs, tables.levels[1].points) == ("lead", 20)
        assert tables.matters["returns"].team == "berlin"
        assert tables.matters["billing"].categories == {"LOAN", "CARD"}
        assert (tables.efforts["complex"], tables.matters["other"].effort) == ((24, 96), "medium")
        assert TABLES.rules["violence"].level == 2, "what ships stays as it is"

    @pytest.mark.parametrize(
        ("line", "fault"),
        [
            ("levels.1.needs=nobody-knows", "one of agent, lead"),
            ("levels.9.points=1", "no such value"),
            ("levels.1.points=81", "0 to 80"),
            ("levels.1.points=²", "0 to 80"),
            ("rules.violence.level=4", "0 to 3"),
            ("rules.violence.why=x", "no such value"),
            ("rules.unknown.level=1", "no such value"),
            ("efforts.complex=72-24", "from fewer to more"),
            ("efforts.complex=72", "as in 24-72"),
            ("matters.returns.effort=huge", "one of simple"),
            ("matters.returns", "as in levels"),
            ("matters.returns.team=", "as in levels"),
        ],
    )
    def test_a_line_that_changes_something_else_is_refused(self, line: str, fault: str) -> None:
        with pytest.raises(TablesError, match=fault):
            severity.read(line)


class TestWords:
    def test_the_development_set_is_large_and_of_every_kind(self) -> None:
        messages = labelled()

        assert len(messages) >= 500
        assert len({each["text"] for each in messages}) == len(messages)
        kinds = Counter(each["kind"] for each in messages)
        grave = ("question", "legal", "compensation", "threat in public", "safety", "repeated")
        assert min(kinds[kind] for kind in grave) >= 20
        assert {each["category"] for each in messages} == set(TABLES.matters)

    def test_what_was_held_out_is_in_no_other_set(self) -> None:
        held = {each["text"] for each in labelled(HELD)}

        assert len(held) >= 140
        assert held.isdisjoint(each["text"] for each in labelled())

    @pytest.mark.parametrize("path", [DEVELOPMENT, HELD, SECOND], ids=lambda path: path.stem)
    def test_words_alone_miss_no_legal_threat(self, path: Path) -> None:
        legal = [each["text"] for each in labelled(path) if each["level"] == 3]

        assert [text for text in legal if of(text).level < 3] == []

    @pytest.mark.parametrize("path", [DEVELOPMENT, HELD], ids=lambda path: path.stem)
    def test_words_alone_tell_most_levels(self, path: Path) -> None:
        messages = labelled(path)
        right = [of(each["text"]).level == each["level"] for each in messages]

        assert sum(right) >= 0.85 * len(messages)

    @pytest.mark.parametrize(
        "text",
        [
            "My son studies law and needs a bag",
            "is it legal to use it outdoors",
            "Hello, this is Sue. Where is my order?",
            "Kind regards, Sue",
            "Please thank Sue for me",
            "my brother-in-law wants one too",
            "The tennis court is next to the shop",
            "Do you have a lawyer costume in size M?",
            "do your shoes run small",
            "what do you think of the prime minister",
            "This mail is confidential and may be legally privileged.",
        ],
    )
    def test_harmless_look_alikes_are_ordinary(self, text: str) -> None:
        assert of(text).level == 0

    @pytest.mark.parametrize(
        "text",
        [
            "Is it legal to sell this? I will see you in court.",
            "My son studies law and says I should sue you",
            "MY LAWYER!!!",
            "l'avocat est prévenu, avocat",
            "I\u200b will s\u200bue you",
            "Sue here. My solicitor writes to you tomorrow.",
        ],
    )
    def test_a_harmless_word_hides_no_other(self, text: str) -> None:
        assert of(text).level == 3

    @given(st.text(max_size=300))
    def test_every_text_has_a_level(self, text: str) -> None:
        assert 0 <= of(text).level <= severity.HIGHEST

    def test_no_phrase_is_only_a_word_that_may_be_missing(self) -> None:
        """Such a phrase would be found in many texts: "small claims?" in "too small"."""
        for first in phrases()._by_first.values():
            for phrase, label in first:
                needed = [part for part in phrase if not part.optional]
                short = {"small", "passed", "my", "the", "your", "i"}
                assert not (len(needed) == 1 and needed[0].words & short), (label, phrase)


class TestJudging:
    def test_each_finding_says_its_reason_and_where(self) -> None:
        found = severity.heard(of("I want my money back"), LEGAL, "message 3", TABLES)

        assert found
        assert [(each.rule, each.level, each.where) for each in found.findings] == [
            ("law", 3, "message 3"), ("law_named", 3, "message 3"),
            ("law_meant", 3, "message 3"), ("money_back", 1, "message 1"),
        ]  # fmt: skip
        assert found.explained == (
            "3 legal: threatens with the law (message 3), law, courts or authorities (message 3), "
            "demands money back (message 1)"
        )
        assert (found.legal, found.compensation, found.needs) == (True, True, "lead")

    def test_nothing_takes_a_finding_away_and_none_counts_twice(self) -> None:
        legal = of(LEGAL)

        assert severity.heard(legal, "Thank you!", "message 2", TABLES) is legal
        assert severity.heard(legal, LEGAL, "message 2", TABLES) is legal
        assert severity.heard(None, "Where is it?", "message 1", TABLES) is None

    def test_what_was_understood_counts_from_its_probability_on(self) -> None:
        def level(intent: str, probability: float, sentiment: float = 0.0) -> int:
            meant = an_understanding((intent, probability), sentiment=sentiment)
            return (severity.understood(None, "", meant, "message 1", TABLES) or Severity()).level

        assert (level("legal_threat", 0.5), level("legal_threat", 0.49)) == (3, 0)
        assert (level("safety_incident", 0.9), level("refund", 0.99)) == (2, 0)
        assert (level("refund", 0.9, -0.75), level("refund", 0.9, -0.74)) == (1, 0)

    @pytest.mark.parametrize(
        ("text", "intent", "category", "team", "hours"),
        [
            ("Where is my order?", "track_order", "ORDER", "logistics_team", (8, 24)),
            ("I want my money back", "get_refund", "REFUND", "returns_team", (8, 24)),
            ("The mug arrived broken", "damaged_item", "RETURN", "quality_team", (8, 24)),
            ("How do I pay?", "check_payment_methods", "PAYMENT", "billing_team", (8, 24)),
            ("It caught fire", "safety_incident", "SAFETY", "quality_team", (24, 72)),
            ("Hello", "unheard_of", None, "customer_service", (2, 8)),
            ("Hello, my lawyer writes", "unheard_of", "TALK", "customer_service", (24, 72)),
        ],
    )
    def test_team_and_hours_follow_from_matter_and_level(
        self, text: str, intent: str, category: str, team: str, hours: tuple[int, int]
    ) -> None:
        about = About(intent, category, sure=True, text=text)
        found = severity.estimated(of(text), about, TABLES)

        assert (found.team, (found.least, found.most)) == (team, hours)

    @pytest.mark.parametrize(
        ("text", "sure", "matter"),
        [
            ("my lawyer asks where the parcel is", False, "delivery"),
            ("my lawyer asks where the parcel is", True, "returns"),
            ("my lawyer asks you", False, "returns"),
            ("the invoice for the return of the invoice", False, "billing"),
        ],
    )
    def test_where_no_article_surely_fits_words_come_before_a_guess(
        self, text: str, *, sure: bool, matter: str
    ) -> None:
        about = About("get_refund", "REFUND", sure=sure, text=text)

        assert severity.matter_of(about, TABLES) == matter

    def test_a_level_that_rises_later_takes_longer(self) -> None:
        asked = severity.estimated(None, About(None, None, sure=False, text=""), TABLES)
        legal = severity.heard(asked, LEGAL, "message 2", TABLES)

        assert legal
        assert (asked.effort, legal.effort, legal.least) == ("simple", "complex", 24)
        assert legal.team == asked.team


class TestLearnedHours:
    def test_what_tickets_took_comes_instead_of_the_middle(self) -> None:
        about = About(None, "PAYMENT", sure=True, text="")
        learned = severity.read("hours.billing.0=14/34")

        guessed = severity.estimated(None, about, TABLES)
        known = severity.estimated(None, about, learned)

        assert (guessed.expected, guessed.expected_by) == (16, "the middle of medium")
        assert (known.expected, known.expected_by) == (14, "by 34 tickets of billing, level 0")
        assert (known.least, known.most) == (guessed.least, guessed.most) == (8, 24)

    def test_a_level_that_rises_has_other_hours(self) -> None:
        about = About(None, "PAYMENT", sure=True, text="")
        learned = severity.read("hours.billing.0=14/34; hours.billing.3=60/21")
        risen = severity.heard(
            severity.estimated(None, about, learned), LEGAL, "message 2", learned
        )

        assert risen
        assert (risen.expected, risen.expected_by) == (60, "by 21 tickets of billing, level 3")

    @pytest.mark.parametrize(
        "line",
        ["hours.unknown.1=14/34", "hours.billing.4=14/34", "hours.billing.1=14",
         "hours.billing.1=0/34", "hours.billing.1=14/0", "hours.billing.1=99999/34"],
    )  # fmt: skip
    def test_hours_that_are_none_are_refused(self, line: str) -> None:
        with pytest.raises(TablesError):
            severity.read(line)


class TestLikeness:
    """What a message is like, with a reader's probabilities made up for the test."""

    HARMLESS = "I collect old newspapers"

    def understood(
        self, monkeypatch: pytest.MonkeyPatch, text: str, language: str = "en", **likely: float
    ) -> tuple[int, list[str]]:
        found = dict.fromkeys(severity.LEVELS_OF, 0.0) | likely
        monkeypatch.setattr(judging, "levels_like", lambda *_: found)
        meant = an_understanding(("refund", 0.9), language=language)
        known = severity.understood(None, text, meant, "message 1", TABLES)
        return (known.level, [each.rule for each in known.findings]) if known else (0, [])

    def test_words_do_not_count_in_a_message_that_is_like_an_ordinary_one(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert self.understood(monkeypatch, self.HARMLESS, ordinary=0.6) == (0, [])
        assert self.understood(monkeypatch, self.HARMLESS, ordinary=0.59) == (2, ["public"])

    def test_words_of_the_law_count_with_any_likeness(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        text = "My parcel lies at the police, they say"

        assert self.understood(monkeypatch, LEGAL, ordinary=1.0) == (3, ["law", "law_named"])
        assert self.understood(monkeypatch, text, ordinary=1.0) == (3, ["law_named"])

    def test_what_it_is_like_counts_without_a_word(self, monkeypatch: pytest.MonkeyPatch) -> None:
        text = "you leave me no other way"

        assert self.understood(monkeypatch, text, law=0.5, ordinary=0.5) == (3, ["law"])
        assert self.understood(monkeypatch, text, public=0.3, law=0.2, ordinary=0.35) == (
            2, ["public"],
        )  # fmt: skip
        assert self.understood(monkeypatch, text, public=0.3, ordinary=0.7) == (0, [])

    def test_in_another_language_words_count_as_they_stand(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        text = "Das melde ich der Polizei"

        assert self.understood(monkeypatch, text, "de", ordinary=1.0)[0] == 3

    def test_the_door_leaves_what_may_be_harmless_to_the_worker(self) -> None:
        assert received(self.HARMLESS).level == 0
        assert received(LEGAL).level == 3
        settled = ticket.settle(
            received(self.HARMLESS), UNDERSTOOD, ORDINARY, now=MORNING, said=self.HARMLESS
        )
        assert settled.after.level == 2, "there is no vector to compare: in doubt, the higher"

    def test_without_a_vector_nothing_is_compared(self) -> None:
        assert likeness.levels_like("I will sue you", b"") is None
        assert likeness.matters_like("Where is my parcel?", b"") is None

    def test_the_reader_knows_every_class_and_sign(self) -> None:
        meaning = bytes(likeness.WIDTH)

        levels = likeness.levels_like("See you in court!", meaning)
        matters = likeness.matters_like("Where is my parcel?", meaning)

        assert levels
        assert matters
        assert tuple(levels) == tuple(severity.LEVELS_OF)
        assert tuple(matters) == tuple(TABLES.matters)
        assert sum(levels.values()) == pytest.approx(1)
        assert sum(matters.values()) == pytest.approx(1)
        for reader, seen in (
            ("levels", likeness.signs("Hello?", meaning)),
            ("matters", likeness.topics("Hello?", meaning)),
        ):
            assert {len(each) for each in likeness.reader(reader).weights} == {len(seen) + 1}

    def test_every_rule_is_like_a_class_of_its_level(self) -> None:
        for rule in TABLES.rules.values():
            assert {severity.LEVELS_OF[name] for name in rule.likeness} <= {rule.level}


class TestPoints:
    @pytest.mark.parametrize(
        ("text", "score"),
        [("Where is it?", 0), ("I want my money back", 10), (LEGAL, 80), ("it is unlawful", 80)],
    )
    def test_a_level_brings_at_least_its_points(self, text: str, score: int) -> None:
        assert received(text).urgency.score == score

    def test_points_of_a_level_count_once_and_never_make_it_due_at_once(self) -> None:
        urgency = received("it is unlawful").urgency
        low = priority.judged(urgency, matter=priority.Priority.LOW)
        lifted = priority.lifted(low, of("it is unlawful"), TABLES)

        assert sum("level" in each.why for each in lifted.points) == 1
        assert not lifted.at_once
        assert priority.lifted(lifted, of("it is unlawful"), TABLES) == lifted
        assert "for the level legal +80" in lifted.explained(MORNING)


class TestTickets:
    def test_an_ordinary_question_carries_nothing_until_people_get_it(self) -> None:
        assert received().severity is None
        assert settled(Answer(an_article("refund"))).severity is None
        escalated = settled(ORDINARY).severity
        assert escalated
        assert (escalated.level, escalated.team) == (0, "customer_service")

    def test_a_message_raises_a_ticket_that_waits_and_one_that_was_answered(self) -> None:
        for before in (settled(ORDINARY), settled(Answer(an_article("refund")))):
            change = ticket.follow_up(before, LEGAL, now=LATER)

            assert change.event.changed["severity"] == change.after.severity
            assert (before.level, change.after.level) == (0, 3)
            assert change.after.urgency.score == 80
            quiet = ticket.follow_up(change.after, "Hello?", now=LATER)
            assert "severity" not in quiet.event.changed
            assert quiet.after.level == 3

    def test_the_scale_of_the_desk_counts(self) -> None:
        scale = "rules.money_back.level=0"

        assert ticket.follow_up(received(), "my money back", now=LATER).after.level == 1
        after = ticket.follow_up(received(), "my money back", now=LATER, scale=scale).after
        assert (after.level, after.severity and after.severity.compensation) == (0, True)

    def test_what_sounds_like_the_law_is_not_answered(self) -> None:
        refund = an_article("refund")
        text = "I want my money, it is unlawful to keep it"
        understander = ScriptedUnderstander({text: an_understanding(("refund", 0.99))})

        _, decision = considered(
            text, articles=lambda _: refund, understander=understander, policy=Policy()
        )

        assert decision == Escalate(Reason.LEGAL, likely=refund)


class TestTaking:
    def waits(self, text: str) -> Ticket:
        return ticket.settle(received(text), UNDERSTOOD, ORDINARY, now=MORNING, said=text).after

    def test_only_a_lead_takes_level_3(self) -> None:
        grave = self.waits(LEGAL)

        with pytest.raises(NotAllowedError, match=r"level 3 \(legal\) is for leads"):
            ticket.claim(grave, ADA, now=MORNING, length=LEASE)
        assert ticket.claim(grave, LEAD, now=MORNING, length=LEASE).after.lease

    def test_an_agent_takes_what_a_lead_gave_and_what_is_due_at_once(self) -> None:
        held = ticket.claim(self.waits(LEGAL), LEAD, now=MORNING, length=LEASE).after
        given = ticket.transfer(held, LEAD, to=ADA.name, now=MORNING).after
        danger = self.waits("I want to kill myself, and my lawyer knows")

        assert ticket.claim(given, ADA, now=MORNING, length=LEASE).after.lease
        assert danger.level == 3
        assert ticket.claim(danger, ADA, now=MORNING, length=LEASE).after.lease

    def test_an_agent_keeps_what_becomes_grave_meanwhile(self) -> None:
        graver = ticket.follow_up(claimed(), LEGAL, now=MORNING).after

        assert graver.level == 3
        assert ticket.reply(graver, ADA, "We look into it.", now=MORNING).after.version > 0

    def test_every_other_level_is_for_every_agent(self) -> None:
        for text in ("Where is it?", "I want my money back", "It caught fire and burned me"):
            assert ticket.claim(self.waits(text), ADA, now=MORNING, length=LEASE).after.lease
