"""Evidence and changed drafts for the tests of drafts: what each change must be found by."""

import csv
import json
import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

from helpdesk.drafting import Fault, Part
from helpdesk.drafting.grounding import faults, sentences
from helpdesk.evidence import Found, Origin, Passage
from helpdesk.knowledge import filled

from infra.teaching import knowledge_files


def passage(
    text: str,
    *,
    number: int = 1,
    title: str = "",
    origin: Origin = Origin.ARTICLE,
    score: float = 0.9,
) -> Found:
    """Return a passage that was found."""
    return Found(
        number=number,
        passage=Passage(
            id=f"{origin}:{number}", origin=origin, version=1, title=title or "A text", text=text
        ),
        score=score,
    )


def starter() -> tuple[Found, ...]:
    """Return every article of the starter knowledge as a customer gets it."""
    facts = knowledge_files.facts()
    return tuple(
        passage(filled(each, facts).answer, title=each.title) for each in knowledge_files.read()
    )


GOLDEN = Path(__file__).parent / "golden"


def imported() -> tuple[Found, ...]:
    """Return the passages of a table and of a page, as an import makes them."""
    rows = csv.DictReader((GOLDEN / "imported.csv").read_text().splitlines())
    found = [passage(row["answer"], title=row["question"], origin=Origin.DOCUMENT) for row in rows]
    for section in (GOLDEN / "imported.md").read_text().split("# ")[1:]:
        title, _, text = section.partition("\n")
        found.append(passage(text.strip(), title=title, origin=Origin.DOCUMENT))
    return tuple(found)


def near_replies(step: int = 5) -> tuple[Found, ...]:
    """Return replies that differ in the direction of the wish: each fifth of a thousand."""
    lines = (GOLDEN / "near_replies.jsonl").read_text("utf-8").splitlines()[::step]
    rows = [json.loads(line) for line in lines]
    return tuple(
        passage(row["reply"], title=row["question"], origin=Origin.DOCUMENT) for row in rows
    )


def checked(text: str, evidence: Found) -> tuple[Fault, ...]:
    """Return the faults of a draft that rests on one passage."""
    return faults([Part(text=text, rests_on=(evidence.number,))], [evidence])


_WORDS = "two three four five six seven eight nine ten eleven twelve".split()
_SPELLED = re.compile(
    r"(?<![\w#-])(?:\d+:\d{2}|\d+(?:[.,]\d+)?)(?![\d:])"
    rf"|\b(?:{'|'.join(_WORDS)})\b|\bone(?= (?:business )?(?:day|month|week|year|hour)\b)",
    re.IGNORECASE,
)


def _spans(text: str) -> list[re.Match[str]]:
    return list(_SPELLED.finditer(text))


def _other(spelling: str) -> str:
    """Return another number in the same way of writing."""
    low = spelling.casefold()
    if low == "one":
        return "four"
    if low in _WORDS:
        return _WORDS[(_WORDS.index(low) + 3) % len(_WORDS)]
    if ":" in spelling:
        hours, minutes = spelling.split(":")
        return f"{(int(hours) + 3) % 24}:{minutes}"
    if "." in spelling:
        return f"{float(spelling) + 2:.2f}"
    return str(int(spelling) * 2 + 1)


def _value(spelling: str) -> str:
    low = spelling.casefold()
    return str([*_WORDS, low].index(low) + 2) if low in _WORDS else low.replace("one", "1")


def changed_numbers(text: str) -> Iterator[str]:
    """Yield a text once for each of its numbers, with that one changed."""
    for found in _spans(text):
        yield text[: found.start()] + _other(found[0]) + text[found.end() :]


def swapped_numbers(text: str) -> Iterator[str]:
    """Yield a text once for each two different numbers of it, with those exchanged."""
    for one, other in combinations(_spans(text), 2):
        if _value(one[0]) != _value(other[0]):
            yield (
                text[: one.start()]
                + other[0]
                + text[one.end() : other.start()]
                + one[0]
                + text[other.end() :]
            )


_FLIPS = (
    (re.compile(r"\bcannot\b"), "can"),
    (re.compile(r"\b(do|does|did|is|are|was|were|will|must|should|has|have) not "), r"\1 "),
    (re.compile(r"\bnever\b"), "always"),
    (re.compile(r"\bNever\b"), "Always"),
    (re.compile(r"\b(is|are) no\b"), r"\1 a"),
    (re.compile(r"\bwithout\b"), "with"),
    (re.compile(r"\bno "), "a "),
    (re.compile(r"\bnot "), ""),
    (re.compile(r"\bcan\b"), "cannot"),
    (re.compile(r"\b(is|are|was|were|will|must|may|has|have)\b"), r"\1 not"),
    (
        re.compile(
            r"^(?:Please )?(Open|Look|Choose|Tell|Type|Use|Keep|Stop|Change|Call|Write|Enter|Check"
            r"|Hand|Ask|Search|Tick|Measure|Refuse|Allow|Add|Bring)\b"
        ),
        r"Do not \1",
    ),
    (re.compile(r"\b(You|We|you|we|They|people) (?=[a-z]{3,})"), r"\1 do not "),
    (re.compile(r"\b([Ii]t) ([a-z]{3,}s)\b"), r"\1 never \2"),
)  # fmt: skip


def flipped(text: str) -> Iterator[str]:
    """Yield a text once for each of its sentences, with that one saying the opposite."""
    for sentence in sentences(text):
        for pattern, instead in _FLIPS:
            turned, count = pattern.subn(instead, sentence, count=1)
            if count:
                yield turned
                break


ADDED = {
    "amount": "You also get 25 euros for the trouble.",
    "link": "See https://shop-help.example/offer for more.",
    "discount": "We give you 20 % off your next order.",
    "product": "The Aurora X200 is included as well.",
    "guarantee": "Our Platinum Guarantee covers it for three years.",
    "phone": "Call us at +44 20 7946 0000.",
    "weekday": "It arrives on Thursday.",
    "date": "It is valid until 24 December 2026.",
}
"""A sentence that no evidence bears, by what it adds."""
