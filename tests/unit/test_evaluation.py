"""What an evaluation counts: every case, each invention, and no label that no desk could meet."""

import json
from dataclasses import replace
from typing import Any

import pytest
from helpdesk.drafting import Fault, Severity, Usage
from helpdesk.evaluation import (
    MEASURES,
    Case,
    CasesError,
    IncomparableError,
    Named,
    Played,
    compared,
    mcnemar,
    normal,
    read,
    wilson,
    within,
)

from tests.evaluated import LABELS, RIGHT, report_of

LINE: dict[str, Any] = {
    "id": "c1",
    "messages": [{"from": "customer", "text": "Do you wrap presents?"}],
    "customer": {"email": "ada@shop.example", "verified": True},
    "expected": {
        "intent": "gift_wrap",
        "sentiment": "neutral",
        "entities": [],
        "steps": ["SCHEDULE_FOLLOW_UP"],
        "reply": "We do.",
        "evidence": ["article:gift_wrap"],
        "decision": "answered",
        "reason": "",
        "must_not_contain": [],
    },
}


def a_line(**expected: Any) -> str:
    return json.dumps({**LINE, "expected": {**LINE["expected"], **expected}})


def number_of(case: Case) -> int:
    return int(case.id.removeprefix("c"))


def worse_from(first: int) -> Any:
    """Return a play that takes the cases from a number on for another matter."""
    return lambda case: replace(RIGHT, intent="refund") if number_of(case) >= first else RIGHT


class TestReading:
    def test_a_line_is_a_case(self) -> None:
        (case,) = read(a_line(), LABELS)

        assert (case.id, case.expected.intent) == ("c1", "gift_wrap")

    def test_records_are_those_of_the_shop(self) -> None:
        order = {"number": "1", "status": "shipped", "placed_on": "2026-11-20", "items": ["lamp"]}
        line = {**LINE, "records": {"customer": {"lead_score": 40}, "orders": [order]}}

        (case,) = read(json.dumps(line), LABELS)

        assert case.record
        assert case.record.fields == (("lead_score", "40"),)
        assert [(each.number, each.items, each.open) for each in case.orders] == [
            ("1", ("lamp",), True)
        ]

    @pytest.mark.parametrize(
        ("label", "told"),
        [
            ({"intent": "unicorns"}, "no intent 'unicorns'"),
            ({"sentiment": "furious"}, "no sentiment 'furious'"),
            ({"decision": "ignored"}, "no decision 'ignored'"),
            ({"steps": ["SING"]}, "no step 'SING'"),
            ({"entities": [{"kind": "moods", "value": "x"}]}, "no kind of entity 'moods'"),
            ({"evidence": ["article:unicorns"]}, "no evidence 'article:unicorns'"),
        ],
    )
    def test_a_label_that_no_desk_can_produce_is_named_with_its_line(
        self, label: dict[str, Any], told: str
    ) -> None:
        with pytest.raises(CasesError, match=f"line 2: {told}"):
            read(f"{a_line()}\n{a_line(**label)}", LABELS)

    @pytest.mark.parametrize(
        "line",
        [
            "{",
            "[]",
            json.dumps({**LINE, "mood": "x"}),
            json.dumps({**LINE, "messages": [{"from": "desk", "text": "Hello"}]}),
            json.dumps({**LINE, "messages": []}),
            json.dumps({**LINE, "customer": {"email": "a@b.example", "verified": "no"}}),
            json.dumps({name: each for name, each in LINE.items() if name != "expected"}),
            a_line(steps="UPDATE_CRM"),
        ],
    )
    def test_what_is_no_case_is_refused_with_its_line(self, line: str) -> None:
        with pytest.raises(CasesError, match="line 1: "):
            read(line, LABELS)

    def test_two_cases_have_different_ids(self) -> None:
        with pytest.raises(CasesError, match="two cases have the id 'c1'"):
            read(f"{a_line()}\n{a_line()}", LABELS)

    def test_a_file_without_a_case_judges_nothing(self) -> None:
        with pytest.raises(CasesError, match="no case"):
            read("\n", LABELS)


class TestNormal:
    @pytest.mark.parametrize(
        ("kind", "one", "other"),
        [
            ("orders", "#48213", "48213"),
            ("orders", "order no. AB-1", "ab1"),
            ("amounts", "$25.90", "25.9 dollars"),
            ("amounts", "€ 1.299,00", "1,299.00 euros"),
            ("phones", "+49 30 1234", "(+49)301234"),
            ("products", "the Walnut  bookshelf.", "walnut bookshelf"),
            ("dates", "on Monday", "monday"),
        ],
    )
    def test_two_spellings_are_one_thing(self, kind: str, one: str, other: str) -> None:
        assert normal(Named(kind, one)) == normal(Named(kind, other))

    @pytest.mark.parametrize(
        ("kind", "one", "other"),
        [
            ("amounts", "25 euros", "25 dollars"),
            ("amounts", "25.90 euros", "2590 euros"),
            ("orders", "48213", "48214"),
            ("products", "bookshelf", "walnut bookshelf"),
        ],
    )
    def test_two_things_stay_two(self, kind: str, one: str, other: str) -> None:
        assert normal(Named(kind, one)) != normal(Named(kind, other))


class TestFigures:
    def test_a_desk_that_is_right_has_full_marks(self) -> None:
        figures = report_of().figures

        for name, figure in figures.items():
            if MEASURES[name].less and name not in {"seconds_p50", "seconds_p95"}:
                assert not figure.value
        for name in ("intent", "entity_f1", "steps_exact", "bleu", "recall_at_1", "grounded"):
            assert figures[name].value == 1

    def test_an_invented_entity_lowers_precision_and_not_recall(self) -> None:
        invented = replace(RIGHT, entities=(*RIGHT.entities, Named("products", "unicorn")))

        figures = report_of(lambda _: invented).figures

        assert figures["entity_precision"].value == 0.5
        assert figures["entity_recall"].value == 1
        assert figures["entities_invented"].value == 1

    def test_a_case_that_fails_is_wrong_and_counts(self) -> None:
        report = report_of(lambda case: Played(error="KeyError") if case.id == "c0" else RIGHT)

        assert report.errors == 1
        shares = ("intent", "sentiment", "decision", "steps_exact", "grounded", "recall_at_1")
        for name in (*shares, "bleu", "mrr"):
            assert (report.figures[name].numerator, report.figures[name].denominator) == (9, 10)
        for name in ("forbidden", "placeholders", "degraded", "wrongly_contained"):
            assert report.figures[name].value == 0.1
        assert report.figures["entity_recall"].value == 0.9

    def test_steps_outside_the_vocabulary_are_told_apart(self) -> None:
        more = replace(RIGHT, steps=RIGHT.steps | {"BOOKKEEPING"})

        figures = report_of(lambda _: more).figures

        assert (figures["step_precision"].value, figures["steps_other"].value) == (1, 1)

    def test_a_sentence_of_a_text_is_found_as_the_text(self) -> None:
        second = replace(RIGHT, found=("article:refund", "article:refund:1", "article:gift_wrap:1"))

        figures = report_of(lambda _: second).figures

        assert figures["recall_at_1"].value == 0
        assert figures["recall_at_3"].value == 1
        assert figures["mrr"].value == 0.5

    def test_what_is_admitted_for_a_case_without_evidence_is_false(self) -> None:
        figures = report_of(evidence=(), intent=None).figures

        assert figures["false_admissions"].value == 1
        assert figures["recall_at_1"].value is None
        assert not within(figures["recall_at_1"], "recall_at_1", {"recall_at_1": 0.5})

    def test_a_hard_fault_is_a_draft_and_a_soft_one_a_part(self) -> None:
        def faulty(severity: Severity) -> Played:
            fault = Fault(severity=severity, kind="number", what="3", part=0)
            return replace(RIGHT, faults=(fault,))

        hard = report_of(lambda _: faulty(Severity.HARD)).figures
        soft = report_of(lambda _: faulty(Severity.SOFT)).figures

        assert (hard["grounded"].value, soft["grounded"].value) == (0, 1)
        assert soft["parts_grounded"].value == 0.5

    @pytest.mark.parametrize(
        ("reply", "slot"),
        [
            ("Dear {name}", True),
            ("Dear {{Customer Name}}", True),
            ("By [date]", True),
            ("Dear <your name>", True),
            ("See https://shop.example/a", False),
            ("[terms](https://shop.example/a)", False),
            ("Up to 3 > 2 and 1 < 2", False),
        ],
    )
    def test_an_unfilled_slot_is_seen(self, reply: str, slot: bool) -> None:
        figures = report_of(lambda _: replace(RIGHT, reply=reply), cases=1).figures

        assert figures["placeholders"].value == float(slot)

    def test_what_must_not_stand_there_is_found_in_any_case(self) -> None:
        said = replace(RIGHT, reply="A DISCOUNT for you")

        figures = report_of(lambda _: said, must_not_contain=("discount",)).figures

        assert figures["forbidden"].value == 1

    def test_a_case_for_people_that_is_answered_is_wrongly_contained(self) -> None:
        figures = report_of(decision="handed_over").figures

        assert figures["wrongly_contained"].value == 1
        assert figures["handover_recall"].value == 0
        assert figures["handover_precision"].value is None

    def test_tokens_and_dollars_are_those_of_a_case(self) -> None:
        costly = replace(RIGHT, usage=Usage(read=100, written=20, microdollars=1500))

        figures = report_of(lambda _: costly).figures

        assert (figures["tokens"].value, figures["dollars"].value) == (120, 0.0015)

    def test_seconds_are_percentiles(self) -> None:
        figures = report_of(lambda case: replace(RIGHT, seconds=number_of(case) + 1)).figures

        assert (figures["seconds_p50"].value, figures["seconds_p95"].value) == (5, 10)

    def test_wilsons_interval_is_known(self) -> None:
        """9 of 10, by Brown, Cai and DasGupta's table of the score interval."""
        assert wilson(9, 10) == pytest.approx((0.5958, 0.9821), abs=0.0001)
        assert wilson(0, 10) == pytest.approx((0.0, 0.2775), abs=0.0001)

    def test_an_interval_holds_its_value(self) -> None:
        figures = report_of(worse_from(7)).figures

        for figure in figures.values():
            if figure.value is not None and figure.low is not None and figure.high is not None:
                assert figure.low <= figure.value <= figure.high

    def test_confidence_is_compared_with_what_is_right(self) -> None:
        report = report_of(worse_from(5))

        (only,) = report.reliability
        assert (only.confidence, only.right, only.cases) == (pytest.approx(0.9), 0.5, 10)

    def test_decisions_and_reasons_are_counted(self) -> None:
        handed = replace(RIGHT, decision="handed_over", reason="angry")
        report = report_of(lambda case: handed if case.id == "c1" else RIGHT)

        assert report.decisions == {("answered", "answered"): 9, ("answered", "handed_over"): 1}
        assert report.reasons == {"angry": (0, 1)}


class TestComparing:
    def change(self, before: Any, after: Any, name: str = "intent", cases: int = 100) -> Any:
        changes = compared(report_of(before, cases=cases).results, after)
        return next(each for each in changes if each.name == name)

    def test_a_planted_regression_is_found(self) -> None:
        after = report_of(worse_from(88), cases=100).results

        change = self.change(lambda _: RIGHT, after)

        assert change.regressed
        assert (len(change.fixed), len(change.broken)) == (0, 12)
        assert (change.before, change.after) == (1, 0.88)

    def test_two_cases_of_ten_are_no_regression(self) -> None:
        after = report_of(worse_from(8), cases=10).results

        change = self.change(lambda _: RIGHT, after, cases=10)

        assert change.broken == ("c8", "c9")
        assert not change.regressed

    def test_as_many_fixed_as_broken_is_no_regression(self) -> None:
        def other(case: Case) -> Played:
            return replace(RIGHT, intent="refund") if number_of(case) < 12 else RIGHT

        change = self.change(other, report_of(worse_from(88), cases=100).results)

        assert (len(change.fixed), len(change.broken)) == (12, 12)
        assert not change.regressed

    def test_a_small_loss_within_the_tolerance_is_none(self) -> None:
        after = report_of(worse_from(988), cases=1000).results
        before = report_of(cases=1000).results

        strict = compared(before, after, tolerance=0.01)
        lenient = compared(before, after, tolerance=0.02)

        assert [each.name for each in strict if each.regressed] == ["intent"]
        assert not [each for each in lenient if each.regressed]

    def test_worse_replies_are_found_by_resampling(self) -> None:
        worse = replace(RIGHT, reply="No.")
        after = report_of(lambda c: worse if number_of(c) % 3 == 0 else RIGHT, cases=60).results

        assert self.change(lambda _: RIGHT, after, "bleu", cases=60).regressed

    def test_more_of_what_should_be_little_is_a_regression(self) -> None:
        worse = replace(RIGHT, reply="order 99999")

        change = self.change(lambda _: RIGHT, report_of(lambda _: worse, cases=20).results,
                             "forbidden", cases=20)  # fmt: skip

        assert change.regressed
        assert len(change.broken) == 20

    def test_equal_desks_are_equal(self) -> None:
        assert not [e for e in compared(report_of().results, report_of().results) if e.chance < 1]

    def test_reports_without_a_common_case_are_not_compared(self) -> None:
        with pytest.raises(IncomparableError):
            compared((), report_of().results)

    def test_mcnemars_test_is_known(self) -> None:
        assert mcnemar(0, 0) == 1
        assert mcnemar(0, 2) == 0.5
        assert mcnemar(1, 9) == pytest.approx(22 / 1024)
