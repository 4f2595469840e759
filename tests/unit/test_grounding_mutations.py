"""The check of drafts finds what was changed in a true text, counted over whole knowledge bases.

The bars stand as counts, not as shares of a sample: each set is small and always the same.
"""

from collections.abc import Callable, Iterable, Iterator

import pytest
from helpdesk.drafting import Fault, Severity
from helpdesk.drafting.grounding import sentences
from helpdesk.evidence import Found

from tests.drafted import (
    ADDED,
    changed_numbers,
    checked,
    flipped,
    imported,
    near_replies,
    starter,
    swapped_numbers,
)

SETS: dict[str, Callable[[], tuple[Found, ...]]] = {
    "starter": starter,
    "imported": imported,
    "near replies": near_replies,
}
each_set = pytest.mark.parametrize("name", SETS)


def hard(faults: Iterable[Fault]) -> bool:
    return any(each.severity is Severity.HARD for each in faults)


def denying(faults: Iterable[Fault]) -> bool:
    return any(each.kind == "negation" for each in faults)


def missed(
    evidence: Iterable[Found],
    change: Callable[[str], Iterator[str]],
    found: Callable[[Iterable[Fault]], bool] = hard,
) -> tuple[list[str], int]:
    """Return the changed texts that were not found, and how many there were."""
    changed = [(text, each) for each in evidence for text in change(each.passage.text)]
    return [text for text, each in changed if not found(checked(text, each))], len(changed)


@each_set
def test_what_is_quoted_is_never_marked(name: str) -> None:
    marked = [each for each in SETS[name]() if checked(each.passage.text, each)]

    assert not marked


@each_set
def test_a_true_sentence_in_another_punctuation_has_no_hard_mark(name: str) -> None:
    """The way round the check, for what is quoted letter by letter, is not taken here."""
    marked = [
        sentence
        for each in SETS[name]()
        for sentence in sentences(each.passage.text)
        if hard(checked(f"{sentence.rstrip('.')} !", each))
    ]

    assert not marked


@pytest.mark.parametrize(
    ("name", "at_least"), [("starter", 130), ("imported", 30), ("near replies", 25)]
)
def test_97_of_100_changed_numbers_are_found(name: str, at_least: int) -> None:
    not_found, changes = missed(SETS[name](), changed_numbers)

    assert changes >= at_least
    assert len(not_found) <= changes * 3 // 100, not_found


@pytest.mark.parametrize(("name", "at_least"), [("starter", 150), ("imported", 35)])
def test_80_of_100_swapped_numbers_are_found(name: str, at_least: int) -> None:
    not_found, changes = missed(SETS[name](), swapped_numbers)

    assert changes >= at_least
    assert len(not_found) <= changes * 20 // 100, not_found


@pytest.mark.parametrize(
    ("name", "at_least"), [("starter", 300), ("imported", 19), ("near replies", 500)]
)
def test_92_of_100_flipped_negations_are_marked(name: str, at_least: int) -> None:
    not_found, changes = missed(SETS[name](), flipped, denying)

    assert changes >= at_least
    assert len(not_found) <= changes * 8 // 100, not_found


@each_set
@pytest.mark.parametrize("added", ADDED)
def test_every_addition_that_nothing_bears_is_found(name: str, added: str) -> None:
    not_found, changes = missed(SETS[name](), lambda text: iter([f"{text} {ADDED[added]}"]))

    assert changes >= 10
    assert not not_found
