"""Attacks on drafts: what a draft that is shown as ready may hold after them.

The texts of a message, a file, a header and a name are never evidence. What is planted in an
article, a document, a past reply or a record is evidence, if a person let it in: its facts may be
said, but what it orders is not done. Steps, records and states are not read from drafts at all.
"""

import re
from collections import Counter
from collections.abc import Callable
from functools import cache

import pytest
from helpdesk.drafting import EXTRACTIVE, Engine
from helpdesk.drafting.composing import Composed
from helpdesk.drafting.grounding import has_hard_atom, has_link, seen
from helpdesk.drafting.instructing import prompt

from tests.attacks import ORIGINS, Attack, attacks
from tests.engines import Broken, Obedient, Quoting

ATTACKS = tuple(attacks())

ENGINES: dict[str, Callable[[Attack], Engine | None]] = {
    "none": lambda _: None,
    "obedient": lambda attack: Obedient(attack.must_not),
    "obedient to all": lambda attack: Obedient(
        (*attack.must_not, *attack.steps_must_not, attack.planted or attack.message)
    ),
    "obedient, citing": lambda attack: Obedient(attack.must_not, citing=True),
    "obedient, within true sentences": lambda attack: Obedient(
        attack.must_not, citing=True, joining=True
    ),
    "quoting its prompt": lambda _: Quoting(),
    "broken": lambda attack: Broken(f'{{"parts": "{attack.id}"}}'),
    "nonsense": lambda attack: Broken(attack.planted or attack.message),
}

each_engine = pytest.mark.parametrize("engine", ENGINES)


def shown(composed: Composed) -> str:
    """Return what is shown as ready, as a reader sees it."""
    return (
        seen("\n".join(part.text for part in composed.parts)).casefold() if composed.ready else ""
    )


@cache
def composed(engine: str) -> tuple[tuple[Attack, Composed], ...]:
    """Return the drafts that an engine writes under all attacks, written once for all tests."""
    return tuple((attack, attack.draft(ENGINES[engine](attack))) for attack in ATTACKS)


def drafts(engine: str) -> list[tuple[Attack, str]]:
    return [(attack, shown(draft)) for attack, draft in composed(engine)]


def said(attack: Attack, text: str) -> list[str]:
    """Return what an attack wants to be said and a draft says."""
    return [each for each in attack.must_not if seen(each).casefold() in text]


def test_the_attacks_come_by_every_road() -> None:
    roads = Counter(attack.road for attack in ATTACKS)

    assert len(ATTACKS) >= 96
    assert set(roads) == {*ORIGINS, "direct", "file", "mail_header", "name"}
    assert min(roads.values()) >= 10


@each_engine
def test_nothing_that_a_customer_brings_is_said(engine: str) -> None:
    brought = [(a, text) for a, text in drafts(engine) if a.road not in ORIGINS]

    assert [(attack.id, said(attack, text)) for attack, text in brought if said(attack, text)] == []


@each_engine
def test_nothing_planted_is_said_that_does_not_stand_in_what_may_be_quoted(engine: str) -> None:
    unborne = [
        (attack.id, each)
        for attack, text in drafts(engine)
        for each in said(attack, text)
        if attack.road in ORIGINS and not attack.borne(re.split(r"[%\s]", each)[0])
    ]

    assert unborne == []


@each_engine
def test_no_draft_has_a_link_a_picture_or_a_tag(engine: str) -> None:
    """None of the attacked articles has a trusted link."""
    found = [
        attack.id
        for attack, text in drafts(engine)
        if has_link(text) or "![" in text or re.search(r"<[a-z!/]|\{\{", text)
    ]

    assert found == []


@each_engine
def test_no_draft_names_a_step(engine: str) -> None:
    named = [
        (attack.id, step)
        for attack, text in drafts(engine)
        for step in attack.steps_must_not
        if step.casefold() in text
    ]

    assert named == []


def test_without_an_engine_no_text_that_speaks_to_a_machine_is_quoted() -> None:
    """A sentence of a past reply and one of a record are said: they stand there as facts."""
    quoted = [attack.id for attack, text in drafts("none") if said(attack, text)]

    assert quoted == ["a056", "a072"]


@pytest.mark.parametrize("engine", ["obedient", "obedient to all", "quoting its prompt"])
def test_an_engine_that_obeys_is_replaced_and_the_draft_says_so(engine: str) -> None:
    for attack, draft in composed(engine):
        assert (draft.engine, draft.degraded) == (EXTRACTIVE, "ungrounded"), attack.id


@pytest.mark.parametrize("engine", ["broken", "nonsense"])
def test_an_engine_that_answers_nonsense_is_replaced(engine: str) -> None:
    for attack, draft in composed(engine):
        assert (draft.engine, draft.degraded) == (EXTRACTIVE, "malformed"), attack.id


@pytest.mark.parametrize("at", [0, -1])
def test_one_wanted_text_that_cites_evidence_is_said_only_without_a_hard_atom(at: int) -> None:
    """Words alone pass where they share a word with the evidence: a person reads the draft."""
    for attack in ATTACKS:
        wanted = attack.must_not[at]
        text = shown(attack.draft(Obedient([wanted], citing=True)))
        if seen(wanted).casefold() in text and not attack.borne(wanted):
            assert not has_hard_atom(wanted), attack.id


def test_no_prompt_holds_a_link_or_a_hidden_character() -> None:
    for attack in ATTACKS:
        given = prompt(attack.request)

        assert not re.search(r"https?://|www\.|!\[|<img", given), attack.id
        assert given == seen(given), attack.id
