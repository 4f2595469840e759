"""Triage as one table: both sides of every boundary, in the order the boundaries are met."""

from typing import Any

import pytest
from helpdesk.triage import Answer, Ask, Decision, Escalate, Policy, RankedIntent, Reason, decide
from helpdesk.wording import Kind
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import an_article, an_understanding

# Binary fractions, so that "exactly at the boundary" is exact.
REFUND = an_article("refund")
PERSON = an_article("speak_to_human", needs_person=True)
LEGAL = an_article("legal_threat", needs_person=True, automatic=False)
DRAFT = an_article("newsletter", automatic=False)
ARTICLES = {article.intent: article for article in (REFUND, PERSON, LEGAL, DRAFT)}


def ranked(*probabilities: float, required: float = 0.5) -> dict[str, Any]:
    names = ("refund", "cancel_order", "track_order")
    pairs = zip(names, probabilities, strict=False)
    return {"ranking": tuple(RankedIntent(name, p, required) for name, p in pairs)}


SURE = ranked(0.75, 0.25)


@pytest.mark.parametrize(
    ("understood", "policy", "decision"),
    [
        pytest.param(SURE, {}, Answer(REFUND), id="everything speaks for the answer"),
        pytest.param(ranked(0.75), {}, Answer(REFUND), id="no runner-up"),
        pytest.param(SURE | {"language": "de"}, {}, Escalate(Reason.LANGUAGE), id="language"),
        pytest.param(
            SURE | {"language": "und"}, {}, Escalate(Reason.LANGUAGE), id="unsure language"
        ),
        pytest.param(
            {"ranking": (), "language": "und"}, {}, Escalate(Reason.UNREADABLE), id="no language"
        ),
        pytest.param(SURE | {"contrary": 0.5}, {}, Escalate(Reason.CONTRARY), id="contrary"),
        pytest.param(SURE | {"contrary": 0.24}, {}, Answer(REFUND), id="hardly contrary"),
        pytest.param(
            SURE | {"language": "de"},
            {"languages": frozenset({"en", "de"})},
            Answer(REFUND),
            id="allowed language",
        ),
        pytest.param({"ranking": ()}, {}, Escalate(Reason.OUT_OF_SCOPE), id="no candidate"),
        pytest.param(
            SURE | {"scope": 0.49, "scope_required": 0.5},
            {},
            Escalate(Reason.OUT_OF_SCOPE),
            id="below the scope",
        ),
        pytest.param(
            SURE | {"scope": 0.5, "scope_required": 0.5}, {}, Answer(REFUND), id="at the scope"
        ),
        pytest.param(
            ranked(0.74, 0.25, required=0.75),
            {},
            Escalate(Reason.LOW_CONFIDENCE),
            id="below what the intent requires",
        ),
        pytest.param(
            ranked(0.75, 0.25, required=0.75),
            {},
            Answer(REFUND),
            id="at what the intent requires",
        ),
        pytest.param(
            SURE, {"floor": 0.76}, Escalate(Reason.LOW_CONFIDENCE), id="below the floor (F4)"
        ),
        pytest.param(SURE, {"floor": 0.75}, Answer(REFUND), id="at the floor (F4)"),
        pytest.param(
            ranked(0.75, 0.25, required=0.875),
            {"floor": 0.5},
            Escalate(Reason.LOW_CONFIDENCE),
            id="a low floor does not lower what the intent requires",
        ),
        pytest.param(
            ranked(0.75, 0.51),
            {"margin": 0.25},
            Escalate(Reason.AMBIGUOUS),
            id="inside the margin",
        ),
        pytest.param(ranked(0.75, 0.5), {"margin": 0.25}, Answer(REFUND), id="at the margin"),
        pytest.param(
            ranked(0.75, 0.75), {"margin": 0.0}, Answer(REFUND), id="no margin, no ambiguity"
        ),
        pytest.param(
            {"ranking": (RankedIntent("unheard_of", 0.9, 0.5),)},
            {},
            Escalate(Reason.NO_ARTICLE),
            id="no article (F7)",
        ),
        pytest.param(
            {"ranking": (RankedIntent("speak_to_human", 0.9, 0.5),)},
            {},
            Escalate(Reason.ASKED_FOR_PERSON, PERSON),
            id="asked for a person (T6)",
        ),
        pytest.param(
            {"ranking": (RankedIntent("legal_threat", 0.9, 0.5),)},
            {},
            Escalate(Reason.NEEDS_PERSON, LEGAL),
            id="needs a person",
        ),
        pytest.param(
            {"ranking": (RankedIntent("newsletter", 0.9, 0.5),)},
            {},
            Escalate(Reason.NOT_AUTOMATIC),
            id="not to be sent without a person",
        ),
    ],
)
def test_decision(understood: dict[str, Any], policy: dict[str, Any], decision: Decision) -> None:
    assert decide(an_understanding(**understood), ARTICLES, Policy(**policy)) == decision


PROBABILITY = st.floats(0, 1)


@given(
    st.lists(
        st.builds(
            RankedIntent,
            st.sampled_from([*ARTICLES, "unheard_of"]),
            PROBABILITY,
            PROBABILITY,
        ),
        max_size=4,
    ),
    PROBABILITY,
    PROBABILITY,
    st.sampled_from(["en", "de", "und", ""]),
)
def test_nothing_is_answered_that_does_not_meet_every_condition(
    ranking: list[RankedIntent], scope: float, scope_required: float, language: str
) -> None:
    """Total: any understanding gets a decision, and an answer only with good reason."""
    understanding = an_understanding(
        ranking=tuple(sorted(ranking, key=lambda r: -r.probability)),
        scope=scope,
        scope_required=scope_required,
        language=language,
    )

    decision = decide(understanding, ARTICLES, Policy(margin=0.1))

    if isinstance(decision, Answer):
        best, *others = understanding.ranking
        assert decision.article is ARTICLES[best.name]
        assert decision.article.automatic
        assert not decision.article.needs_person
        assert language == "en"
        assert scope >= scope_required
        assert best.probability >= best.required
        assert all(best.probability - other.probability >= 0.1 for other in others)


FOR_PEOPLE = {
    Kind.DANGER: Reason.DANGER,
    Kind.INJURY: Reason.INJURY,
    Kind.THREAT: Reason.THREAT,
    Kind.TAKEOVER: Reason.TAKEOVER,
    Kind.LEGAL: Reason.LEGAL,
    Kind.FRAUD: Reason.FRAUD,
    Kind.DEATH: Reason.DEATH,
    Kind.MINOR: Reason.MINOR,
}


@given(
    st.lists(
        st.builds(
            RankedIntent, st.sampled_from([*ARTICLES, "unheard_of"]), PROBABILITY, PROBABILITY
        ),
        max_size=4,
    ),
    st.sampled_from(["en", "de", "und"]),
    st.sets(st.sampled_from(Kind), min_size=1),
    st.booleans(),
)
def test_grave_wording_is_for_people_however_sure_the_intent_is(
    ranking: list[RankedIntent], language: str, wording: set[Kind], may_ask: bool
) -> None:
    """Total: the gravest kind gives the reason; no article is sent with it."""
    understanding = an_understanding(ranking=tuple(ranking), language=language)

    decision = decide(understanding, ARTICLES, wording=frozenset(wording), may_ask=may_ask)

    gravest = next((FOR_PEOPLE[kind] for kind in FOR_PEOPLE if kind in wording), None)
    if gravest:
        assert decision == Escalate(gravest)


@pytest.mark.parametrize(
    ("wording", "sentiment", "decision"),
    [
        ({Kind.DEMAND, Kind.ANGER}, 0.0, Escalate(Reason.ANGRY)),
        ({Kind.DEMAND}, -0.35, Escalate(Reason.ANGRY)),
        ({Kind.DEMAND}, -0.34, Answer(REFUND)),
        ({Kind.ANGER}, -1.0, Answer(REFUND)),
        ({Kind.AGAIN, Kind.HASTE}, -1.0, Answer(REFUND)),
    ],
)
def test_an_angry_demand_is_for_people(
    wording: set[Kind], sentiment: float, decision: Decision
) -> None:
    understanding = an_understanding(**SURE, sentiment=sentiment)

    assert decide(understanding, ARTICLES, wording=frozenset(wording)) == decision


def test_an_angry_demand_gets_no_menu() -> None:
    articles = ARTICLES | {"cancel_order": an_article("cancel_order")}
    understanding = an_understanding(**ranked(0.5, 0.4375))

    assert isinstance(decide(understanding, articles), Ask)
    wording = frozenset({Kind.DEMAND, Kind.ANGER})
    assert decide(understanding, articles, wording=wording) == Escalate(Reason.ANGRY)


def test_an_angry_customer_who_wants_a_person_still_gets_the_acknowledgement() -> None:
    understanding = an_understanding(("speak_to_human", 0.9))
    wording = frozenset({Kind.DEMAND, Kind.ANGER})

    decision = decide(understanding, ARTICLES, wording=wording)

    assert decision == Escalate(Reason.ASKED_FOR_PERSON, PERSON)
