"""A draft by an engine: shown if its evidence bears it, and the quoting draft where not."""

from collections.abc import Mapping, Sequence

import pytest
from helpdesk.drafting import EXTRACTIVE, Engine, Failure, Part, Said, Severity, Usage
from helpdesk.drafting.composing import Composed, written
from helpdesk.drafting.instructing import request_for
from helpdesk.evidence import Found
from helpdesk.knowledge import Link

from tests.drafted import passage
from tests.engines import USAGE, Scripted

EVIDENCE = (passage("Students get 10 percent off. See the page of offers.", title="Discounts"),)
FALLBACK = (
    Part(text="Hello,"),
    Part(text="Students get 10 percent off.", rests_on=(1,)),
)
TRUE = (Part(text="As a student, you get 10 % off.", rests_on=(1,)),)
FALSE = (Part(text="As a student, you get 90 % off.", rests_on=(1,)),)
ASKED = (Said(by_customer=True, text="Is there a discount? You said 90 %. Order 48213."),)


def compose(
    engine: Engine | None,
    evidence: tuple[Found, ...] = EVIDENCE,
    links: Mapping[int, Sequence[Link]] | None = None,
    known: tuple[str, ...] = (),
    calls: int = 2,
) -> Composed:
    request = request_for(ASKED, evidence)
    return written(engine, request, FALLBACK, evidence, links=links, known=known, calls=calls)


def test_without_an_engine_the_draft_quotes_and_is_not_degraded() -> None:
    assert compose(None) == Composed(
        parts=FALLBACK, faults=(), engine=EXTRACTIVE, degraded=None, usage=Usage()
    )


def test_what_an_engine_wrote_is_the_draft_if_its_evidence_bears_it() -> None:
    engine = Scripted([TRUE])

    assert compose(engine) == Composed(
        parts=TRUE, faults=(), engine="test:scripted", degraded=None, usage=USAGE
    )
    assert len(engine.asked) == 1
    assert engine.asked[0].faults == ()


def test_an_engine_is_told_once_what_had_no_evidence() -> None:
    engine = Scripted([FALSE, TRUE])

    composed = compose(engine)

    assert composed.parts == TRUE
    assert composed.usage == USAGE + USAGE
    assert [(each.kind, each.what) for each in engine.asked[1].faults] == [("percentage", "90 %")]


def test_a_draft_that_stays_without_evidence_gives_way_to_the_one_that_quotes() -> None:
    engine = Scripted([FALSE])

    composed = compose(engine)

    assert (composed.parts, composed.engine) == (FALLBACK, EXTRACTIVE)
    assert composed.degraded == "ungrounded"
    assert composed.faults == ()
    assert (len(engine.asked), composed.usage) == (2, USAGE + USAGE)


@pytest.mark.parametrize("failure", Failure)
def test_a_failure_gives_the_draft_that_quotes_and_names_the_failure(failure: Failure) -> None:
    engine = Scripted([failure])

    composed = compose(engine)

    assert (composed.parts, composed.degraded) == (FALLBACK, failure.value)
    assert (len(engine.asked), composed.usage) == (1, USAGE)


def test_a_failure_of_the_second_call_counts_both() -> None:
    composed = compose(Scripted([FALSE, Failure.THROTTLED]))

    assert (composed.degraded, composed.usage) == ("throttled", USAGE + USAGE)


@pytest.mark.parametrize("calls", [0, 1, 3])
def test_an_engine_is_asked_no_more_than_allowed(calls: int) -> None:
    engine = Scripted([FALSE])

    assert compose(engine, calls=calls).parts == FALLBACK
    assert len(engine.asked) == calls


def test_without_evidence_an_engine_is_not_asked() -> None:
    engine = Scripted([TRUE])

    composed = compose(engine, evidence=())

    assert (composed.engine, composed.degraded, engine.asked) == (EXTRACTIVE, None, [])


@pytest.mark.parametrize(
    "parts",
    [
        (),
        (Part(text="  "),),
        (Part(text="Students.", rests_on=(9,)),),
        (Part(text="x" * 2_001, rests_on=(1,)),),
        (Part(text="Students get it. " * 100, rests_on=(1,)),) * 3,
        (Part(text="Students.", rests_on=(1,)),) * 13,
        (Part(text="![a](https://evil.example/x.png)"),),
    ],
)
def test_parts_out_of_bounds_are_malformed(parts: tuple[Part, ...]) -> None:
    composed = compose(Scripted([parts]))

    assert (composed.parts, composed.degraded) == (FALLBACK, "malformed")
    assert composed.usage == USAGE


def test_soft_faults_mark_and_do_not_block() -> None:
    composed = compose(Scripted([(Part(text="Students do not get 10 % off.", rests_on=(1,)),)]))

    assert composed.degraded is None
    assert composed.ready
    assert {each.severity for each in composed.faults} == {Severity.SOFT}


def test_code_puts_trusted_links_below() -> None:
    links = {1: (Link(title="Offers", url="https://shop.example/offers"),)}

    assert compose(Scripted([TRUE]), links=links).parts[0].text == (
        "As a student, you get 10 % off.\nOffers: https://shop.example/offers"
    )
    assert compose(None, links=links).parts[1].text.endswith("https://shop.example/offers")


def test_a_link_of_an_engine_is_a_hard_fault_even_if_it_stands_in_a_passage() -> None:
    evidence = (passage("Students get 10 percent off, see https://shop.example/offers."),)
    parts = (Part(text="Students get 10 % off: https://shop.example/offers", rests_on=(1,)),)

    assert compose(Scripted([parts]), evidence).degraded == "ungrounded"


def test_the_customers_words_bear_an_order_number_only() -> None:
    number = (Part(text="Thank you for writing about order 48213."), *TRUE)

    assert compose(Scripted([number])).parts == number
    assert compose(Scripted([FALSE])).parts == FALLBACK


def test_a_known_name_may_be_greeted() -> None:
    greeting = (Part(text="Dear Ada Example,"), *TRUE)

    assert compose(Scripted([greeting]), known=("Ada Example",)).parts == greeting
    assert compose(Scripted([greeting])).parts == FALLBACK


def test_a_quoting_draft_with_a_hard_fault_is_not_ready() -> None:
    composed = written(
        None, request_for(ASKED, EVIDENCE), (Part(text="You get 5 euros."),), EVIDENCE
    )

    assert not composed.ready
