"""Playing pairs of messages that are or are not one case, and choosing the thresholds on them."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from helpdesk.cases import Rules, case_of

from infra.evaluating.cases import (
    DEVELOPMENT,
    Pair,
    Played,
    Side,
    chosen,
    read_pairs,
    report,
    score,
)

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def a_line(**changes: object) -> str:
    side = {"text": "Where is my parcel?", "customer": "ada@example.com", "day": 0}
    return json.dumps({"one": side, "other": side, "same": True, "kind": "x", **changes})


def played(cosine: float, *, same: bool, kind: str = "x", alone: bool = False) -> Played:
    """Return a pair of texts in other words, whose meanings have this cosine."""
    texts = (
        "The zip of my backpack broke on the second day.",
        "On day two the fastener came apart, and now?",
    )
    meanings = bytes([127, 0]), bytes([round(127 * cosine), round(127 * (1 - cosine**2) ** 0.5)])
    one, other = (
        case_of(text, ticket_id=name, at=NOON, meaning=meaning)
        for text, name, meaning in zip(texts, ("one", "other"), meanings, strict=True)
    )
    sides = (Side(text, "ada@example.com", NOON) for text in texts)
    return Played(Pair(*sides, same, kind), None if alone else (one, other))


def test_pairs_are_read_with_their_days(tmp_path: Path) -> None:
    file = tmp_path / "pairs.jsonl"
    other = {"text": "Where?", "customer": "bob@example.com", "day": "2026-03-02"}
    file.write_text(f"{a_line(other=other)}\n{a_line(same=False)}\n")

    first, second = read_pairs(file)

    assert (first.same, second.same) == (True, False)
    assert first.other == Side("Where?", "bob@example.com", NOON + timedelta(days=56))
    assert second.one.at == NOON


@pytest.mark.parametrize("line", ["{", "[]", '{"one": 1}', a_line(other={"text": "?"})])
def test_a_bad_line_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "pairs.jsonl"
    file.write_text(f"{a_line()}\n{line}\n")

    with pytest.raises(ValueError, match=r"pairs\.jsonl, line 2"):
        read_pairs(file)


def test_a_score_counts_what_was_merged_and_what_should_be() -> None:
    pairs = [
        played(0.95, same=True),
        played(0.5, same=True),
        played(0.95, same=False),
        played(0.99, same=False, alone=True),
    ]

    found = score(pairs, Rules())

    assert (found.pairs, found.same, found.merged, found.right) == (4, 2, 2, 1)
    assert (found.precision, found.recall) == (0.5, 0.5)
    assert (score([], Rules()).precision, score([], Rules()).recall) == (1.0, 1.0)


def test_the_strictest_thresholds_are_chosen_that_find_the_most() -> None:
    pairs = [played(0.95, same=True), played(0.7, same=False), played(0.99, same=True)]

    assert chosen(pairs).alike < likeness(0.95)
    assert chosen(pairs).alike > likeness(0.7)
    assert chosen([*pairs, played(0.8, same=False)]).alike > likeness(0.8)


def likeness(cosine: float) -> float:
    """Return the least of the thresholds that such a pair does not reach."""
    reached = (0.5 + n / 100 for n in range(150))
    return next(each for each in reached if not played(cosine, same=True).found(Rules(alike=each)))


def test_a_graver_message_is_not_merged() -> None:
    assert played(0.95, same=True).found(Rules())
    assert not replace(played(0.95, same=True), graver=True).found(Rules())


def test_a_report_has_a_line_for_each_kind_and_one_for_all() -> None:
    text = report([played(0.95, same=True, kind="b"), played(0.5, same=True, kind="a")], Rules())

    lines = [line.split() for line in text.splitlines()[1:]]
    assert lines == [
        ["a", "1", "1", "0", "0", "1.000", "0.000"],
        ["b", "1", "1", "1", "1", "1.000", "1.000"],
        ["all", "2", "2", "1", "1", "1.000", "0.500"],
    ]


def test_the_pairs_for_development_are_many_of_every_kind() -> None:
    pairs = read_pairs(DEVELOPMENT)

    assert len(pairs) == 1102
    assert sum(pair.same for pair in pairs) == 664
    assert len({pair.kind for pair in pairs}) == 31
    assert not any(pair.same for pair in pairs if pair.kind == "other order")
