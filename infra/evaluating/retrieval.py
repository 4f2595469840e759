"""How well evidence is found: on the desk's golden set, and on knowledge of other shops.

    python -m infra.evaluating.retrieval

The least cosine is chosen from the desk's golden set alone. `near_replies.jsonl` and
`seven_facts.json` only judge; nothing is chosen by them.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Final

from helpdesk.evidence import Origin, Passage
from helpdesk.evidence.passages import passages_of
from helpdesk.evidence.ranking import ranked
from helpdesk.knowledge import Facts
from helpdesk.learning import Least
from helpdesk.learning.indexing import LOOKED_AT, calibrated
from helpdesk.understanding import Encoder, load_encoder
from helpdesk.understanding.indexing import AskedIndex, PassageIndexer
from helpdesk.understanding.live_evidence import MOST_READ

from infra.paths import ROOT
from infra.teaching import encoders, knowledge_files, seed

GOLDEN: Final = ROOT / "tests" / "golden"
NEAR, SEVEN = GOLDEN / "near_replies.jsonl", GOLDEN / "seven_facts.json"
AMONG: Final = (1, 3, 5)


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    hits: int
    of: int

    def __str__(self) -> str:
        return f"{self.hits} of {self.of}: {self.hits / self.of:.3f}"


@cache
def the_encoder() -> Encoder:
    """Return the encoder that ships."""
    return load_encoder(encoders.folder())


@cache
def starter() -> AskedIndex:
    """Return the index of the starter articles, with the least cosine of their golden set."""
    facts = Facts(values=knowledge_files.facts(), version=1)
    passages = passages_of(knowledge_files.read(), facts=lambda _: facts, now=datetime.now(UTC))
    index = PassageIndexer(the_encoder()).index(passages, before=None)
    chosen = calibrated(index, seed.golden(), {})
    return chosen if isinstance(chosen, AskedIndex) else index


def least() -> Least:
    """Return the least cosine that the desk's golden set asks for."""
    return starter().found.least


def articles_found() -> dict[int, Share]:
    """Return in how many golden cases a right article is among the first ones."""
    cases = [each for each in seed.golden() if each.intents]
    hits = dict.fromkeys(AMONG, 0)
    for case in cases:
        found: dict[str, None] = {}
        for each, _ in starter().nearest(case.text, b"", LOOKED_AT):
            found[each.split(":")[1]] = None
        for among in AMONG:
            hits[among] += bool(set(list(found)[:among]) & set(case.intents))
    return {among: Share(count, len(cases)) for among, count in hits.items()}


def same_direction(*, by_words: bool) -> Share:
    """Return of how many questions the first other row goes the same way.

    `by_words` ranks as drafts do; else the nearest vector is the first.
    """
    rows = [json.loads(line) for line in NEAR.read_text("utf-8").splitlines()]
    passages = _passages([row["reply"] for row in rows])
    by_id = dict(zip((each.id for each in passages), rows, strict=True))
    texts = {each.id: each for each in passages}
    index = PassageIndexer(the_encoder()).index(passages, before=None)
    hits = 0
    for row in rows:
        near = index.nearest(row["question"], b"", MOST_READ + 1)
        others = [(texts[name], cosine) for name, cosine in near if by_id[name] is not row]
        first = others[0][0]
        if by_words:
            first = ranked(row["question"], (), (), others, least=-1)[0].passage
        hits += by_id[first.id]["direction"] == row["direction"]
    return Share(hits, len(rows))


@dataclass(frozen=True, slots=True)
class Seven:
    """What becomes of the questions to seven facts: which the first one is, what is admitted."""

    first: Share
    answered: Share
    admitted: Share


def seven_facts() -> Seven:
    """Return in how many sets' questions the right fact is first, and for which one is admitted."""
    right = answered = answerable = admitted = others = 0
    for each in json.loads(SEVEN.read_text("utf-8")):
        passages = _passages(each["facts"])
        texts = {passage.id: passage for passage in passages}
        index = PassageIndexer(the_encoder()).index(passages, before=None)
        for question in each["questions"]:
            text, answer = question["text"], question["answer"]
            near = [(texts[name], cosine) for name, cosine in index.nearest(text, b"", MOST_READ)]
            first = ranked(text, (), (), near, least=-1)[0].passage
            found = ranked(text, (), (), near, least=least().value)
            if answer is None:
                others += 1
                admitted += bool(found)
            else:
                answerable += 1
                right += first == passages[answer]
                answered += bool(found) and found[0].passage == passages[answer]
    return Seven(Share(right, answerable), Share(answered, answerable), Share(admitted, others))


def _passages(texts: Sequence[str]) -> list[Passage]:
    return [
        Passage(
            id=f"document:imported:{number}",
            origin=Origin.DOCUMENT,
            version=1,
            title="",
            text=text,
        )
        for number, text in enumerate(texts, start=1)
    ]


def lines() -> Iterator[str]:
    """Measure everything in turn."""
    chosen = least()
    yield f"least cosine {chosen.value}: {_admitting(chosen)}"
    for among, share in articles_found().items():
        yield f"right article among {among}, {share}"
    yield f"same direction first, nearest alone, {same_direction(by_words=False)}"
    yield f"same direction first, as drafts rank, {same_direction(by_words=True)}"
    seven = seven_facts()
    yield f"seven facts: right one first, {seven.first}"
    yield f"seven facts: right one admitted, {seven.answered}"
    yield f"seven facts: one admitted that answers nothing, {seven.admitted}"


def _admitting(chosen: Least) -> str:
    own, strangers = Share(chosen.answered, chosen.asked), Share(chosen.admitted, chosen.strangers)
    return f"admits for the desk's {own}, for strangers {strangers}"


if __name__ == "__main__":
    print("\n".join(lines()))
