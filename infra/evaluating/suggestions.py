"""How well the nearest public articles are found from a question, and what finding them takes.

    python -m infra.evaluating.suggestions

`--choose` prints the same on phrases of the articles that the index was not made of: by them the
figures of `helpdesk.helpcenter.nearest` were chosen. The golden set and the paraphrases only judge.
"""

import json
import sys
import time
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from helpdesk.helpcenter import Entry, PublicArticle, index, nearest, shown, slug, written
from helpdesk.knowledge import ANY_LANGUAGE

from infra.paths import ROOT
from infra.teaching import knowledge_files

GOLDEN: Final = ROOT / "tests" / "golden"
FOLDS: Final = 4


@dataclass(frozen=True, slots=True)
class Case:
    """A question, with the articles that are right for it."""

    text: str
    right: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """How many questions had a right article first, among three, and none shown at all."""

    cases: int
    first: int
    among: int
    nothing: int

    def __str__(self) -> str:
        first, among, nothing = (
            f"{each / self.cases:.3f}" for each in (self.first, self.among, self.nothing)
        )
        return f"{self.cases} questions: recall@1 {first}, recall@3 {among}, nothing {nothing}"


def articles() -> tuple[PublicArticle, ...]:
    """Return the public articles of the starter knowledge."""
    return shown(knowledge_files.read(), knowledge_files.facts(), datetime.now(UTC))


def judged(entries: Iterable[Entry], cases: Iterable[Case]) -> Found:
    """Find the articles nearest to each question."""
    entries = tuple(entries)
    number = first = among = nothing = 0
    for case in cases:
        names = [each.slug for each in nearest(entries, case.text)]
        number += 1
        first += bool(case.right & set(names[:1]))
        among += bool(case.right & set(names))
        nothing += not names
    return Found(cases=number, first=first, among=among, nothing=nothing)


def labelled(name: str, there: Iterable[PublicArticle]) -> Iterator[Case]:
    """Yield the questions of a file for which a public article is right."""
    known = {each.intent for each in there}
    for line in (GOLDEN / name).read_text("utf-8").splitlines():
        row = json.loads(line)
        right = known & {row["intent"], *row.get("also", [])}
        if row["intent"] in known and row.get("kind") != "other_language":
            yield Case(row["text"], frozenset(map(slug, right)))


def held_out(there: Iterable[PublicArticle], fold: int) -> tuple[tuple[Entry, ...], list[Case]]:
    """Return an index without every fourth phrase, and the phrases that it lacks."""
    kept, cases = [], []
    for each in there:
        texts = each.utterances
        kept.append(replace(each, utterances=tuple(_but(texts, fold))))
        cases += [Case(text, frozenset({each.slug})) for text in texts[fold::FOLDS]]
    return index(kept, ANY_LANGUAGE), cases


def _but(texts: tuple[str, ...], fold: int) -> Iterator[str]:
    return (text for at, text in enumerate(texts) if at % FOLDS != fold)


def main() -> None:
    """Print the figures."""
    there = articles()
    if "--choose" in sys.argv:
        for fold in range(FOLDS):
            print(f"phrases left out, fold {fold}:", judged(*held_out(there, fold)))
        return
    entries = index(there, ANY_LANGUAGE)
    for name in ("messages.jsonl", "paraphrases.jsonl"):
        cases = list(labelled(name, there))
        began = time.perf_counter()
        print(f"{name}:", judged(entries, cases))
        print(f"  {(time.perf_counter() - began) / len(cases) * 1_000:.2f} ms a question")
    said = written(entries).encode()
    print(f"{len(there)} articles, {len(said):,} bytes, {len(zlib.compress(said, 6)):,} compressed")


if __name__ == "__main__":
    main()
