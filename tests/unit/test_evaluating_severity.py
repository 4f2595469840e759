"""The evaluation of severity: what becomes of a text, and labels that the desk cannot give."""

from pathlib import Path

import pytest

from infra.evaluating.severity import figures, judge, judged, read
from tests.fakes import ScriptedUnderstander, an_article, an_understanding

LINES = (
    '{"text": "I will sue you", "level": 3, "legal": true, "compensation": false, '
    '"category": "other", "kind": "legal"}',
    '{"text": "where is my parcel", "level": 0, "legal": false, "compensation": false, '
    '"category": "delivery", "kind": "question"}',
    '{"text": "I want my money back", "level": 2, "legal": false, "compensation": true, '
    '"category": "ORDER", "kind": "compensation"}',
)


def test_shares_are_those_of_tickets(tmp_path: Path) -> None:
    path = tmp_path / "severity.jsonl"
    path.write_text("\n".join(LINES))
    understander = ScriptedUnderstander(
        {
            "I will sue you": an_understanding(("refund", 0.1)),
            "where is my parcel": an_understanding(("refund", 0.1)),
            "I want my money back": an_understanding(("refund", 0.99)),
        }
    )
    refund = an_article("refund", category="ORDER")

    made = judged(judge(understander, [refund]), read(path, ["ORDER"]))

    assert [each.found.level for each in made] == [3, 0, 1]
    shares = {each.name: (each.share, each.messages) for each in figures(made)}
    assert shares["level right"] == (pytest.approx(2 / 3), 3)
    assert shares["level 3 found"] == (1.0, 1)
    assert shares["level 3 where it is none"] == (0.0, 2)
    assert shares["compensation right"] == (1.0, 3)
    assert shares["category right"] == (1.0, 3)
    assert shares["level right, compensation"] == (0.0, 1)


@pytest.mark.parametrize(
    ("old", "new"),
    [('"level": 3', '"level": 4'), ('"other"', '"unheard-of"'), ('"kind"', '"sort"'), ("{", "")],
)
def test_a_label_that_the_desk_cannot_give_is_refused(tmp_path: Path, old: str, new: str) -> None:
    path = tmp_path / "severity.jsonl"
    path.write_text(LINES[0].replace(old, new))

    with pytest.raises(ValueError, match=r"severity\.jsonl, line 1"):
        read(path, ["ORDER"])
