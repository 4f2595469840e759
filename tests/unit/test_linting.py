"""Each rule of `knowledge lint` on a knowledge that breaks it, and on one that does not."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from helpdesk.knowledge import Article, Golden, Variant
from helpdesk.linting import RULES, Finding, Knowledge, Limits, lint, nearest, outlook

from tests.fakes import an_article

TODAY = date(2026, 12, 1)
ANSWER = "You can send it back within 30 days. We refund you when it has reached us."


def saying(answer: str, intent: str = "refund", **more: Any) -> Article:
    return an_article(intent, title="My refund", answer=answer, **more)


def asked(*texts: str, intent: str = "refund") -> Article:
    return saying(ANSWER, intent, utterances=texts)


def found(rule: str, *articles: Article, **more: Any) -> list[tuple[str, str]]:
    """Return what one rule finds: articles and texts."""
    knowledge = Knowledge(articles=articles, today=TODAY, **more)
    return [(each.article, each.text) for each in lint(knowledge, {rule})]


def test_every_rule_says_what_it_finds_and_what_to_do() -> None:
    names = [rule.name for rule in RULES]

    assert len(set(names)) == len(names) == 18
    assert all(rule.finds and rule.advice and rule.advice[-1] != "." for rule in RULES)


def test_a_finding_says_article_rule_text_and_advice() -> None:
    advice = next(rule.advice for rule in RULES if rule.name == "opening")

    assert lint(Knowledge(articles=(saying("No problem. Done."),), today=TODAY), ["opening"]) == (
        Finding(article="refund", rule="opening", text="No problem.", advice=advice),
    )


class TestAnswers:
    def test_an_answer_is_short_and_steps_give_it_room(self) -> None:
        sixty, steps = " ".join(["word"] * 60), "\n".join(f"{n}. do it" for n in range(1, 21))

        assert found("length", saying(sixty)) == []
        assert found("length", saying(f"{sixty} more")) == [("refund", "61 words, at most 60")]
        assert found("length", saying(f"{sixty} -\n{steps[:36]}")) == []
        assert found("length", saying(f"{sixty}\n{steps}"))[0][1].endswith("at most 110")
        assert found("length", saying("one two"), limits=Limits(words=1))

    def test_an_answer_that_is_hard_to_read_is_found(self) -> None:
        hard = (
            "Notwithstanding the aforementioned stipulations, reimbursement is contingent upon "
            "administrative verification of all accompanying documentation and authorisation."
        )
        easy = "The cat sat on the mat. It was a good day, and the sun was out at last."

        assert found("reading", saying(easy)) == []
        assert "at least 60" in found("reading", saying(hard))[0][1]
        assert found("reading", saying("Administrative verification.")) == []

    def test_the_address_of_a_page_belongs_to_the_links(self) -> None:
        there = saying("Look at https://shop.example/returns or www.shop.example, please.")

        assert [text for _, text in found("links", there)] == [
            "https://shop.example/returns",
            "www.shop.example",
        ]
        assert found("links", saying("Look at the page.")) == []

    def test_the_answers_of_countries_are_read_as_well(self) -> None:
        article = saying(ANSWER, variants=(Variant(country="DE", answer="No problem. Done."),))

        assert found("opening", article) == [("refund", "No problem.")]

    @pytest.mark.parametrize(
        "opening",
        ["Happy to explain how.", "Good news: it is free.", "No problem.", "Of course, we can.",
         "I understand you want it.", "You are very welcome, anytime.", "Thank you for writing."],
    )  # fmt: skip
    def test_talk_before_the_answer_is_found(self, opening: str) -> None:
        assert [text for _, text in found("opening", saying(f"{opening} Then this."))] == [opening]
        assert found("opening", saying(f"We answer first. {opening}")) == []

    def test_a_machine_does_not_say_i(self) -> None:
        assert found("person", saying("We are sorry. I am, too.")) == [("refund", "I am, too.")]
        assert found("person", saying('Type "I agree" and it is done. Items are kept.')) == []

    @pytest.mark.parametrize(
        "promise",
        ["a photo", "attach", "senior colleague", "is looking at this", "call you back",
         "reply with your order number and a colleague will"],
    )  # fmt: skip
    def test_a_promise_that_is_not_kept_is_found(self, promise: str) -> None:
        assert found("promise", saying(f"Then {promise} and so on."))
        assert found("promise", saying("A colleague answers in this conversation.")) == []

    def test_titles_have_one_form(self) -> None:
        wrong = [replace(saying(ANSWER), title=title) for title in ("my refund", "My refund.")]

        assert [text for _, text in found("title", *wrong, saying(ANSWER))] == [
            "my refund",
            "My refund.",
        ]

    def test_a_variable_without_a_fact_is_found(self) -> None:
        article = saying("Within {period}, call {phone}.")

        assert found("variables", article, facts={"period": "9 days"}) == [("refund", "{phone}")]

    @pytest.mark.parametrize(
        "text",
        ["what do your phone plans start at", "Hi Maria, my order", "about the gold plan",
         "dear [your name]", "my order XXX", "a &amp; b", "{{Order Number}} is late"],
    )  # fmt: skip
    def test_what_was_left_of_a_template_is_found(self, text: str) -> None:
        assert found("leftovers", asked(text)) == [("refund", text)]
        assert found("leftovers", asked(text, intent="out_of_scope")) == []

    def test_a_plan_that_an_answer_knows_and_a_plain_greeting_are_none(self) -> None:
        article = asked("about the gold plan", "Hi there, my order", "Dear team, mail a@b.example")

        assert found("leftovers", article, saying("The gold plan is free.", "plans")) == []

    @pytest.mark.parametrize("text", ["the cafÃ© order", "itâ€™s late", "my parcel\ufffd"])
    def test_broken_letters_are_found(self, text: str) -> None:
        assert found("encoding", asked(text)) == [("refund", text)]
        assert found("encoding", asked("the café, £5 ñ")) == []


class TestNumbers:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("You can cancel until it is packed, normally within 2 hours.",
             "We pack within one business day and write to you."),
            ("We refund you within 5 business days.", "We refund within 5 days."),
            ("Express costs 9.95 euros.", "Express costs €12."),
            ("Members save 10 %.", "Members save 15%."),
            ("Standard delivery takes 3 to 5 days.", "Standard delivery takes two to five days."),
        ],
    )  # fmt: skip
    def test_two_numbers_for_one_matter_are_found(self, one: str, other: str) -> None:
        (finding,) = found("numbers", saying(one, "one"), saying(other, "other"))

        assert finding[0] == "one"
        assert "but other: " in finding[1]

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("We pack within 2 hours.", "We pack within two hours."),
            ("Return it within 30 days.", "We refund you within 5 days."),
            ("Gift cards last 3 years.", "Large items take 3 weeks."),
            ("We pack within 2 hours.", "Express costs 9 euros when we pack at night."),
            ("We pack within {packing}.", "We pack within 2 hours."),
        ],
    )
    def test_other_matters_have_other_numbers(self, one: str, other: str) -> None:
        assert found("numbers", saying(one, "one"), saying(other, "other")) == []


class TestPhrases:
    def test_a_phrase_stands_once(self) -> None:
        one, other = asked("My money, back!", "late"), asked("my money back", "Late", intent="late")
        late = asked("late", "LATE?", intent="order")

        assert found("doubles", one, other, late) == [
            ("late", "'my money back', also in refund"),
            ("late", "'Late', also in refund"),
            ("order", "'late', also in refund"),
            ("order", "'LATE?', also in refund"),
        ]
        assert found("doubles", asked("late", "Late.")) == [("refund", "'Late.', twice")]

    def test_nearly_the_same_phrase_stands_in_one_article(self) -> None:
        one = asked("please cancel the order of my blue shoes")
        other = asked("I want to cancel order of my blue shoe", intent="cancel_order")
        apart = asked("please change the order of my blue shoes", intent="change_order")

        assert [each for each, _ in found("near doubles", one, other, apart)] == ["refund"]
        assert found("near doubles", one, apart) == []
        assert found("near doubles", one, replace(other, intent="out_of_scope")) == []
        assert found("near doubles", one, apart, limits=Limits(likeness=0.6))

    def test_a_golden_case_is_no_phrase(self) -> None:
        golden = (Golden("May I send it BACK?", ("refund",)), Golden("sing", ()))

        assert found("golden copies", asked("may i send it back"), golden=golden) == [
            ("refund", "'may i send it back' is the golden case 'May I send it BACK?'")
        ]

    STYLES = (
        ("fragments", ("refund pls", "money?", "refund", "send it back", "my money back")),
        ("angry", ("this is ridiculous", "WHERE is my MONEY", "money now!!", "you thieves")),
        ("typos", ("i want teh money", "cant refund", "refnud this thing now", "pls recieve it")),
        ("long", (*(f"{' '.join(['word'] * 24)} {n}" for n in "abc"),)),
        ("non-native", ("how i can get the money", "explain me the refund", "i no have money")),
    )

    @pytest.mark.parametrize(("style", "phrases"), STYLES)
    def test_every_style_is_told_and_counted(self, style: str, phrases: tuple[str, ...]) -> None:
        plain = tuple(f"please give me a refund for number {n}" for n in range(6))
        least = len(phrases)

        missing = [text for _, text in found("coverage", asked(*plain, *phrases))]
        assert not any(text.startswith(style) for text in missing)
        missing = [text for _, text in found("coverage", asked(*plain, *phrases[1:]))]
        assert f"{style}: {least - 1}, at least {least}" in missing

    def test_what_is_not_for_the_desk_needs_no_style(self) -> None:
        assert found("coverage", asked("sing", intent="out_of_scope")) == []

    def test_an_ending_is_no_typo(self) -> None:
        plain = tuple(f"my order number {n} is here today" for n in range(6))
        missing = [t for _, t in found("coverage", asked(*plain, "all my orders are here"))]

        assert "typos: 0, at least 4" in missing

    def test_the_nearest_phrases_of_others_are_named_with_their_likeness(self) -> None:
        one = asked("cancel my order", "i changed my mind")
        others = (
            one,
            asked("cancel order 7", "sing me a song", intent="cancel_order"),
            asked("cancel the order today", intent="change_order"),
        )

        near = nearest(one, others, 2)
        assert [(each.phrase, each.other, each.intent) for each in near] == [
            ("cancel my order", "cancel order 7", "cancel_order"),
            ("cancel my order", "cancel the order today", "change_order"),
        ]
        assert 1 > near[0].likeness > near[1].likeness > 0.3
        assert nearest(one, (one,), 2) == ()


class TestDates:
    def test_a_review_is_due_on_its_day(self) -> None:
        due = saying(ANSWER, review_on=TODAY, owner="lena")

        assert found("review", due) == [("refund", "review on 2026-12-01, owner: lena")]
        assert found("review", replace(due, review_on=TODAY + timedelta(days=1))) == []

    def test_the_last_day_counts(self) -> None:
        over = saying(ANSWER, valid_until=TODAY - timedelta(days=1))

        assert found("ended", over) == [("refund", "valid until 2026-11-30")]
        assert found("ended", replace(over, valid_until=TODAY)) == []


class TestOutlook:
    CANCEL = asked("cancel my order", intent="cancel_order")
    PRESENT = Knowledge(
        articles=(asked("my money"), CANCEL),
        golden=(Golden("pay me", ("refund",)), Golden("cancel it", ("cancel_order",))),
        today=TODAY,
    )

    def test_new_phrases_are_held_against_those_of_others(self) -> None:
        after = asked("my money", "cancel an order", "Cancel it!")
        found = outlook(asked("my money"), after, self.PRESENT)

        assert {each.other for each in found.near} == {"cancel my order"}
        assert found.taught == ("cancel it",)
        assert (found.judged, found.moving) == (1, ())
        assert [each.rule for each in found.findings] == ["near doubles", "golden copies"]

    def test_golden_cases_move_when_a_person_is_needed_or_no_longer(self) -> None:
        before = asked("my money")

        by_agents = ({"automatic": False}, {"needs_person": True}, {"review": True})
        for after in (replace(before, **each) for each in by_agents):
            assert outlook(before, after, self.PRESENT).moving == ("pay me",)
            assert outlook(after, before, self.PRESENT).moving == ("pay me",)

    def test_what_was_wrong_before_is_not_told_again(self) -> None:
        before = replace(asked("my money"), answer="No problem. Done.")
        present = replace(self.PRESENT, articles=(before, self.CANCEL))
        after = replace(before, answer="No problem. I did it.")

        assert [each.rule for each in outlook(before, after, present).findings] == ["person"]
